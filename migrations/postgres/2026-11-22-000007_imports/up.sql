-- Imports of records from files, one row each, written outside the import's own transaction.
-- `process` names the one that works on it; when that is gone, so is the import.
CREATE TABLE imports (
    id uuid NOT NULL,
    type text NOT NULL,
    state text NOT NULL,
    mode text NOT NULL,
    dry_run boolean NOT NULL,
    source text NOT NULL,
    file text,
    caller uuid,
    key text,
    request bytea NOT NULL,
    process uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    expected_at timestamptz,
    progress json NOT NULL,
    forgotten boolean NOT NULL,
    CONSTRAINT imports_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX imports_key_idx ON imports (caller, key);
CREATE INDEX imports_state_idx ON imports (state, id);

-- What is reported of the rows of a file: forgotten after a while, for they hold its values.
CREATE TABLE import_rows (
    import uuid NOT NULL,
    number bigint NOT NULL,
    line bigint NOT NULL,
    column_name text,
    value text,
    error json NOT NULL,
    cells json,
    CONSTRAINT import_rows_pkey PRIMARY KEY (import, number),
    CONSTRAINT import_rows_import_fkey FOREIGN KEY (import) REFERENCES imports (id) ON DELETE CASCADE
);

-- Which record each key of a source stands for, with a digest of its row as last taken.
CREATE TABLE imported (
    type text NOT NULL,
    source text NOT NULL,
    key text NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    file text,
    line bigint NOT NULL,
    import uuid NOT NULL,
    CONSTRAINT imported_pkey PRIMARY KEY (type, source, key)
);
CREATE INDEX imported_id_idx ON imported (id);
