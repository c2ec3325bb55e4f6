-- Accounts of people, and clients as records. Who a person is stands in one row that can be erased;
-- everything else only points to it.

-- The most that a caller's tokens may be for, as words; no limit where there is none.
ALTER TABLE callers ADD COLUMN token_scopes text;

-- `tag` tells which of two hashes a secret is to be compared with, so that only one comparison is
-- ever made. It is 32 bits of a digest of 256 random bits.
ALTER TABLE client_secrets
    ADD COLUMN tag bytea,
    ADD COLUMN old_hash text,
    ADD COLUMN old_tag bytea,
    ADD COLUMN old_good_until timestamptz;

CREATE TABLE clients (
    id uuid NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    revoked boolean NOT NULL,
    CONSTRAINT clients_pkey PRIMARY KEY (id),
    CONSTRAINT clients_id_fkey FOREIGN KEY (id) REFERENCES callers (id)
);
INSERT INTO clients (id, version, body, present, acts, revoked)
    SELECT
        id, 1,
        json_strip_nulls(json_build_object(
            'id', id,
            'version', 1,
            'name', name,
            'token_scopes', json_build_array('read', 'write', 'administer'),
            'secret_since', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'revoked_at', to_char(revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )),
        '{}', CASE WHEN revoked_at IS NULL THEN 'change_client revoke_client' ELSE '' END,
        revoked_at IS NOT NULL
    FROM callers WHERE kind = 'client';

-- The one row that holds who somebody is. `email_key` is the address as two are compared, and only
-- while an account that is not withdrawn has it; `words` is what a search looks in.
CREATE TABLE persons (
    id uuid NOT NULL,
    name text,
    email text,
    email_key text,
    words text NOT NULL,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    CONSTRAINT persons_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX persons_email_key_key ON persons (email_key);

CREATE TABLE accounts (
    id uuid NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    state text NOT NULL,
    person uuid NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_id_fkey FOREIGN KEY (id) REFERENCES callers (id),
    CONSTRAINT accounts_person_fkey FOREIGN KEY (person) REFERENCES persons (id)
);
CREATE INDEX accounts_person_idx ON accounts (person);

CREATE TABLE passwords (
    account uuid NOT NULL,
    hash text NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT passwords_pkey PRIMARY KEY (account),
    CONSTRAINT passwords_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
);

-- The code by which a person sets a password: the last one given, until it is used.
CREATE TABLE one_time_codes (
    account uuid NOT NULL,
    hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT one_time_codes_pkey PRIMARY KEY (account),
    CONSTRAINT one_time_codes_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
);

-- What the tokens of a session may be for, and when it last got one.
ALTER TABLE sessions
    ADD COLUMN scopes text NOT NULL DEFAULT '',
    ADD COLUMN last_used_at timestamptz;

-- Every refresh token of a session that goes on; only the one that was not used is good, and one
-- that is used again ends the session.
CREATE TABLE refresh_tokens (
    hash bytea NOT NULL,
    session uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (session) REFERENCES sessions (id)
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session);

-- Where a person logged in before, by the digest of a secret that the device keeps.
CREATE TABLE devices (
    hash bytea NOT NULL,
    account uuid NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT devices_pkey PRIMARY KEY (hash),
    CONSTRAINT devices_account_fkey FOREIGN KEY (account) REFERENCES accounts (id)
);
CREATE INDEX devices_account_idx ON devices (account, last_used_at);

-- Tries of passwords. Subject and lane are keyed digests: no address can be read from them.
CREATE TABLE lanes (
    subject text NOT NULL,
    lane text NOT NULL,
    tries bigint NOT NULL,
    since timestamptz NOT NULL,
    succeeded_at timestamptz,
    CONSTRAINT lanes_pkey PRIMARY KEY (subject, lane)
);
CREATE INDEX lanes_since_idx ON lanes (since);
