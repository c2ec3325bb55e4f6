-- Accounts of people, and clients as records. Who a person is stands in one row that can be erased;
-- everything else only points to it.

-- The most that a caller's tokens may be for, as words; no limit where there is none.
ALTER TABLE callers ADD COLUMN token_scopes TEXT;

-- `tag` tells which of two hashes a secret is to be compared with, so that only one comparison is
-- ever made. It is 32 bits of a digest of 256 random bits.
ALTER TABLE client_secrets ADD COLUMN tag BLOB;
ALTER TABLE client_secrets ADD COLUMN old_hash TEXT;
ALTER TABLE client_secrets ADD COLUMN old_tag BLOB;
ALTER TABLE client_secrets ADD COLUMN old_good_until INTEGER;

CREATE TABLE clients (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    CONSTRAINT clients_pkey PRIMARY KEY (id),
    CONSTRAINT clients_id_fkey FOREIGN KEY (id) REFERENCES callers (id)
) STRICT;
INSERT INTO clients (id, version, body, present, acts, revoked)
    SELECT
        id, 1,
        json_patch('{}', json_object(
            'id', lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)),
            'version', 1,
            'name', name,
            'token_scopes', json_array('read', 'write', 'administer'),
            'secret_since', strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000000, 'unixepoch'),
            'revoked_at', strftime('%Y-%m-%dT%H:%M:%SZ', revoked_at / 1000000, 'unixepoch')
        )),
        '{}', iif(revoked_at IS NULL, 'change_client revoke_client', ''),
        revoked_at IS NOT NULL
    FROM callers WHERE kind = 'client';

-- The one row that holds who somebody is. `email_key` is the address as two are compared, and only
-- while an account that is not withdrawn has it; `words` is what a search looks in.
CREATE TABLE persons (
    id BLOB NOT NULL,
    name TEXT,
    email TEXT,
    email_key TEXT,
    words TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    erased_at INTEGER,
    CONSTRAINT persons_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX persons_email_key_key ON persons (email_key);

CREATE TABLE accounts (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    state TEXT NOT NULL,
    person BLOB NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_id_fkey FOREIGN KEY (id) REFERENCES callers (id),
    CONSTRAINT accounts_person_fkey FOREIGN KEY (person) REFERENCES persons (id)
) STRICT;
CREATE INDEX accounts_person_idx ON accounts (person);

CREATE TABLE passwords (
    account BLOB NOT NULL,
    hash TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    CONSTRAINT passwords_pkey PRIMARY KEY (account),
    CONSTRAINT passwords_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- The code by which a person sets a password: the last one given, until it is used.
CREATE TABLE one_time_codes (
    account BLOB NOT NULL,
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT one_time_codes_pkey PRIMARY KEY (account),
    CONSTRAINT one_time_codes_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- What the tokens of a session may be for, and when it last got one.
ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER;

-- Every refresh token of a session that goes on; only the one that was not used is good, and one
-- that is used again ends the session.
CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL,
    session BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (session) REFERENCES sessions (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session);

-- Where a person logged in before, by the digest of a secret that the device keeps.
CREATE TABLE devices (
    hash BLOB NOT NULL,
    account BLOB NOT NULL,
    last_used_at INTEGER NOT NULL,
    CONSTRAINT devices_pkey PRIMARY KEY (hash),
    CONSTRAINT devices_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_account_idx ON devices (account, last_used_at);

-- Tries of passwords. Subject and lane are keyed digests: no address can be read from them.
CREATE TABLE lanes (
    subject TEXT NOT NULL,
    lane TEXT NOT NULL,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL,
    succeeded_at INTEGER,
    CONSTRAINT lanes_pkey PRIMARY KEY (subject, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_since_idx ON lanes (since);
