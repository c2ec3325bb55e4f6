-- Imports of records from files, one row each, written outside the import's own transaction.
-- `process` names the one that works on it; when that is gone, so is the import.
CREATE TABLE imports (
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    source TEXT NOT NULL,
    file TEXT,
    caller BLOB,
    key TEXT,
    request BLOB NOT NULL,
    process BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    expected_at INTEGER,
    progress TEXT NOT NULL CHECK (json_valid(progress)),
    forgotten INTEGER NOT NULL CHECK (forgotten IN (0, 1)),
    CONSTRAINT imports_pkey PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX imports_key_idx ON imports (caller, key);
CREATE INDEX imports_state_idx ON imports (state, id);

-- What is reported of the rows of a file: forgotten after a while, for they hold its values.
CREATE TABLE import_rows (
    import BLOB NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    column_name TEXT,
    value TEXT,
    error TEXT NOT NULL CHECK (json_valid(error)),
    cells TEXT CHECK (json_valid(cells)),
    CONSTRAINT import_rows_pkey PRIMARY KEY (import, number),
    CONSTRAINT import_rows_import_fkey FOREIGN KEY (import) REFERENCES imports (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Which record each key of a source stands for, with a digest of its row as last taken.
CREATE TABLE imported (
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    id BLOB NOT NULL,
    digest BLOB NOT NULL,
    file TEXT,
    line INTEGER NOT NULL,
    import BLOB NOT NULL,
    CONSTRAINT imported_pkey PRIMARY KEY (type, source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_id_idx ON imported (id);
