-- What this base is. The floor is the last feed entry that was trimmed away (or, at first, the
-- beginning): a cursor below it, or one whose fingerprint differs, belongs to another past.
CREATE TABLE base (
    only_row INTEGER PRIMARY KEY NOT NULL DEFAULT 1,
    floor_position INTEGER NOT NULL,
    floor_fingerprint INTEGER NOT NULL,
    floor_at INTEGER,
    signing_key BLOB,
    CONSTRAINT base_only_row_check CHECK (only_row)
) STRICT;
INSERT INTO base (floor_position, floor_fingerprint) VALUES (0, random());

-- Every state of every resource, for ever. `body` is null once deleted.
CREATE TABLE versions (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    change TEXT NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT CHECK (json_valid(body)),
    CONSTRAINT versions_pkey PRIMARY KEY (id, version)
) STRICT;

-- What changed, in the order of commits: pointers into versions.
CREATE TABLE feed (
    position INTEGER PRIMARY KEY NOT NULL,
    fingerprint INTEGER NOT NULL,
    at INTEGER NOT NULL,
    change TEXT NOT NULL,
    type TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE INDEX feed_at_idx ON feed (at);

-- Who did what to what, and why.
CREATE TABLE audit (
    line INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    caller BLOB,
    action TEXT NOT NULL,
    type TEXT NOT NULL,
    id BLOB NOT NULL,
    version_before INTEGER,
    version_after INTEGER,
    request_id TEXT NOT NULL,
    reason TEXT
) STRICT;
CREATE INDEX audit_id_idx ON audit (id, line);

-- Who calls: scripts now, people later. `rights_version` grows with every change of rights.
CREATE TABLE callers (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    rights_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CONSTRAINT callers_pkey PRIMARY KEY (id),
    CONSTRAINT callers_kind_check CHECK (kind IN ('client'))
) STRICT, WITHOUT ROWID;
CREATE TABLE client_secrets (
    client BLOB NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT client_secrets_pkey PRIMARY KEY (client),
    CONSTRAINT client_secrets_client_fkey FOREIGN KEY (client) REFERENCES callers (id)
) STRICT, WITHOUT ROWID;

-- The first success of a request that carried an Idempotency-Key, not its body.
CREATE TABLE idempotent_answers (
    caller BLOB NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    at INTEGER NOT NULL,
    action TEXT,
    status INTEGER,
    type TEXT,
    id BLOB,
    version INTEGER,
    CONSTRAINT idempotent_answers_pkey PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotent_answers_at_idx ON idempotent_answers (at);

-- The names of every record that bears some, one row for each, with the days between which it is
-- the one borne; nothing where there is no bound.
CREATE TABLE names (
    type TEXT NOT NULL,
    id BLOB NOT NULL,
    sort_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    borne_from TEXT,
    borne_before TEXT,
    CONSTRAINT names_pkey PRIMARY KEY (id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX names_sort_key_idx ON names (type, sort_key, id);

-- What else records are found by: the folded words of their names, their sectors, their numbers…
-- Never unique: several establishments share a SIRET.
CREATE TABLE facets (
    type TEXT NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    id BLOB NOT NULL,
    CONSTRAINT facets_pkey PRIMARY KEY (type, facet, value, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX facets_id_idx ON facets (id);
