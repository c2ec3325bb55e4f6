-- What this base is. The floor is the last feed entry that was trimmed away (or, at first, the
-- beginning): a cursor below it, or one whose fingerprint differs, belongs to another past.
CREATE TABLE base (
    only_row boolean PRIMARY KEY DEFAULT true,
    floor_position bigint NOT NULL,
    floor_fingerprint bigint NOT NULL,
    floor_at timestamptz,
    signing_key bytea,
    CONSTRAINT base_only_row_check CHECK (only_row)
);
INSERT INTO base (floor_position, floor_fingerprint)
VALUES (0, ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16))::bit(64)::bigint);

-- Every state of every resource, for ever. `body` is null once deleted.
CREATE TABLE versions (
    id uuid NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    body json,
    CONSTRAINT versions_pkey PRIMARY KEY (id, version)
);

-- What changed, in the order of commits: pointers into versions.
CREATE TABLE feed (
    position bigint NOT NULL,
    fingerprint bigint NOT NULL,
    at timestamptz NOT NULL,
    change text NOT NULL,
    type text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    request_id text NOT NULL,
    CONSTRAINT feed_pkey PRIMARY KEY (position)
);
CREATE INDEX feed_at_idx ON feed (at);

-- Who did what to what, and why.
CREATE TABLE audit (
    line bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    caller uuid,
    action text NOT NULL,
    type text NOT NULL,
    id uuid NOT NULL,
    version_before bigint,
    version_after bigint,
    request_id text NOT NULL,
    reason text,
    CONSTRAINT audit_pkey PRIMARY KEY (line)
);
CREATE INDEX audit_id_idx ON audit (id, line);

-- Who calls: scripts now, people later. `rights_version` grows with every change of rights.
CREATE TABLE callers (
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    rights_version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT callers_pkey PRIMARY KEY (id),
    CONSTRAINT callers_kind_check CHECK (kind IN ('client'))
);
CREATE TABLE client_secrets (
    client uuid NOT NULL,
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT client_secrets_pkey PRIMARY KEY (client),
    CONSTRAINT client_secrets_client_fkey FOREIGN KEY (client) REFERENCES callers (id)
);

-- The first success of a request that carried an Idempotency-Key, not its body.
CREATE TABLE idempotent_answers (
    caller uuid NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    at timestamptz NOT NULL,
    action text,
    status bigint,
    type text,
    id uuid,
    version bigint,
    CONSTRAINT idempotent_answers_pkey PRIMARY KEY (caller, key)
);
CREATE INDEX idempotent_answers_at_idx ON idempotent_answers (at);

-- The names of every record that bears some, one row for each, with the days between which it is
-- the one borne; nothing where there is no bound.
CREATE TABLE names (
    type text NOT NULL,
    id uuid NOT NULL,
    sort_key text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    borne_from date,
    borne_before date,
    CONSTRAINT names_pkey PRIMARY KEY (id, position)
);
CREATE INDEX names_sort_key_idx ON names (type, sort_key, id);

-- What else records are found by: the folded words of their names, their sectors, their numbers…
-- Never unique: several establishments share a SIRET.
CREATE TABLE facets (
    type text NOT NULL,
    facet text NOT NULL,
    value text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT facets_pkey PRIMARY KEY (type, facet, value, id)
);
CREATE INDEX facets_id_idx ON facets (id);
