DROP INDEX audit_at_idx;
DROP INDEX audit_caller_idx;
DROP TABLE scope_members;
DROP TABLE belongings;
DROP TABLE sessions;
DROP TABLE held;
DROP TABLE grants;
CREATE TABLE old_callers (
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
INSERT INTO old_callers
    SELECT id, kind, coalesce(name, ''), iif(rights = 'administrator@everything', 'administrator', 'reader'),
        rights_version, created_at, revoked_at
    FROM callers WHERE kind = 'client';
CREATE TABLE old_client_secrets (
    client BLOB NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT client_secrets_pkey PRIMARY KEY (client),
    CONSTRAINT client_secrets_client_fkey FOREIGN KEY (client) REFERENCES old_callers (id)
) STRICT, WITHOUT ROWID;
INSERT INTO old_client_secrets SELECT client, hash, created_at FROM client_secrets;
DROP TABLE client_secrets;
DROP TABLE callers;
ALTER TABLE old_callers RENAME TO callers;
ALTER TABLE old_client_secrets RENAME TO client_secrets;
ALTER TABLE base DROP COLUMN turned_on;
