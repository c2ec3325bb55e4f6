-- Up to which day everything that the calendar alone does to rights and scopes was done.
ALTER TABLE base ADD COLUMN turned_on TEXT;

-- Who calls. `rights` are the roles held today as `role@scope` words, made from the grants;
-- `rights_version` grows with every change of them. One caller stands for anybody at all.
CREATE TABLE new_callers (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    rights TEXT NOT NULL,
    rights_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER,
    CONSTRAINT callers_pkey PRIMARY KEY (id),
    CONSTRAINT callers_kind_check CHECK (kind IN ('client', 'account', 'subject', 'public'))
) STRICT, WITHOUT ROWID;
INSERT INTO new_callers (id, kind, name, rights, rights_version, created_at, revoked_at)
    SELECT id, kind, name, role || '@everything', rights_version, created_at, revoked_at FROM callers;
INSERT INTO new_callers (id, kind, rights, rights_version, created_at)
    VALUES (zeroblob(16), 'public', 'public@everything', 1, unixepoch() * 1000000);

-- Roles given to callers.
CREATE TABLE grants (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    caller BLOB NOT NULL,
    role TEXT NOT NULL,
    scope TEXT NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT grants_pkey PRIMARY KEY (id),
    CONSTRAINT grants_caller_fkey FOREIGN KEY (caller) REFERENCES new_callers (id)
) STRICT;
CREATE INDEX grants_caller_idx ON grants (caller, id);
CREATE INDEX grants_starts_on_idx ON grants (starts_on);
CREATE INDEX grants_ends_before_idx ON grants (ends_before);

-- Clients had one role over everything. It becomes a grant.
CREATE TEMPORARY TABLE given AS
    SELECT id AS caller, role, randomblob(16) AS id FROM callers;
INSERT INTO grants (id, version, body, present, acts, caller, role, scope)
    SELECT
        id, 1,
        json_object(
            'id', lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)),
            'version', 1,
            'caller', lower(substr(hex(caller), 1, 8) || '-' || substr(hex(caller), 9, 4) || '-' || substr(hex(caller), 13, 4) || '-' || substr(hex(caller), 17, 4) || '-' || substr(hex(caller), 21)),
            'role', role,
            'scope', json_object('kind', 'everything')
        ),
        '{"state":"held"}', 'end_grant delete_grant', caller, role, 'everything'
    FROM given;
DROP TABLE given;

CREATE TABLE new_client_secrets (
    client BLOB NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT client_secrets_pkey PRIMARY KEY (client),
    CONSTRAINT client_secrets_client_fkey FOREIGN KEY (client) REFERENCES new_callers (id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_client_secrets SELECT client, hash, created_at FROM client_secrets;
DROP TABLE client_secrets;
DROP TABLE callers;
ALTER TABLE new_callers RENAME TO callers;
ALTER TABLE new_client_secrets RENAME TO client_secrets;

-- Which role a caller held, as one of those words, from which version of its rights on and until which.
CREATE TABLE held (
    caller BLOB NOT NULL,
    word TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    until_version INTEGER,
    CONSTRAINT held_pkey PRIMARY KEY (caller, word, from_version),
    CONSTRAINT held_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
) STRICT, WITHOUT ROWID;
INSERT INTO held (caller, word, from_version) SELECT id, rights, rights_version FROM callers;

-- Log-ins of persons. A token of a session is good until the session ends.
CREATE TABLE sessions (
    id BLOB NOT NULL,
    caller BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_caller_idx ON sessions (caller);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- What belongs to what, as each record says of itself.
CREATE TABLE belongings (
    part BLOB NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    whole BLOB NOT NULL,
    scope TEXT NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT belongings_pkey PRIMARY KEY (part, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX belongings_whole_idx ON belongings (whole, part);
CREATE INDEX belongings_starts_on_idx ON belongings (starts_on);
CREATE INDEX belongings_ends_before_idx ON belongings (ends_before);
INSERT INTO belongings (part, position, type, whole, scope, starts_on, ends_before)
    SELECT part, position, 'organisation', whole,
        'organisation:' || lower(substr(hex(whole), 1, 8) || '-' || substr(hex(whole), 9, 4) || '-' || substr(hex(whole), 13, 4) || '-' || substr(hex(whole), 17, 4) || '-' || substr(hex(whole), 21)),
        starts_on, ends_before
    FROM organisation_parts;

-- Which scopes reach a record beside its own, from which position of the feed on and until which.
CREATE TABLE scope_members (
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    from_position INTEGER NOT NULL,
    until_position INTEGER,
    CONSTRAINT scope_members_pkey PRIMARY KEY (id, scope, from_position)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_members_scope_idx ON scope_members (scope, id);

CREATE INDEX audit_caller_idx ON audit (caller, line);
CREATE INDEX audit_at_idx ON audit (at, line);
