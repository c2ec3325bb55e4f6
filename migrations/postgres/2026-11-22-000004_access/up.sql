-- Up to which day everything that the calendar alone does to rights and scopes was done.
ALTER TABLE base ADD COLUMN turned_on date;

-- Who calls. `rights` are the roles held today as `role@scope` words, made from the grants;
-- `rights_version` grows with every change of them. One caller stands for anybody at all.
ALTER TABLE callers
    ALTER COLUMN name DROP NOT NULL,
    ADD COLUMN rights text,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    DROP CONSTRAINT callers_kind_check,
    ADD CONSTRAINT callers_kind_check CHECK (kind IN ('client', 'account', 'subject', 'public'));
UPDATE callers SET rights = role || '@everything';
ALTER TABLE callers ALTER COLUMN rights SET NOT NULL;

-- Roles given to callers.
CREATE TABLE grants (
    id uuid NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    caller uuid NOT NULL,
    role text NOT NULL,
    scope text NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT grants_pkey PRIMARY KEY (id),
    CONSTRAINT grants_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
);
CREATE INDEX grants_caller_idx ON grants (caller, id);
CREATE INDEX grants_starts_on_idx ON grants (starts_on);
CREATE INDEX grants_ends_before_idx ON grants (ends_before);

-- Clients had one role over everything. It becomes a grant.
INSERT INTO grants (id, version, body, present, acts, caller, role, scope)
    SELECT
        given.id, 1,
        json_build_object(
            'id', given.id,
            'version', 1,
            'caller', callers.id,
            'role', callers.role,
            'scope', json_build_object('kind', 'everything')
        ),
        '{"state":"held"}', 'end_grant delete_grant', callers.id, callers.role, 'everything'
    FROM callers JOIN (SELECT id AS caller, gen_random_uuid() AS id FROM callers) AS given
        ON given.caller = callers.id;
ALTER TABLE callers DROP COLUMN role;
INSERT INTO callers (id, kind, rights, rights_version, created_at)
    VALUES ('00000000-0000-0000-0000-000000000000', 'public', 'public@everything', 1, now());

-- Which role a caller held, as one of those words, from which version of its rights on and until which.
CREATE TABLE held (
    caller uuid NOT NULL,
    word text NOT NULL,
    from_version bigint NOT NULL,
    until_version bigint,
    CONSTRAINT held_pkey PRIMARY KEY (caller, word, from_version),
    CONSTRAINT held_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
);
INSERT INTO held (caller, word, from_version) SELECT id, rights, rights_version FROM callers;

-- Log-ins of persons. A token of a session is good until the session ends.
CREATE TABLE sessions (
    id uuid NOT NULL,
    caller uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
);
CREATE INDEX sessions_caller_idx ON sessions (caller);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- What belongs to what, as each record says of itself.
CREATE TABLE belongings (
    part uuid NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    whole uuid NOT NULL,
    scope text NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT belongings_pkey PRIMARY KEY (part, position)
);
CREATE INDEX belongings_whole_idx ON belongings (whole, part);
CREATE INDEX belongings_starts_on_idx ON belongings (starts_on);
CREATE INDEX belongings_ends_before_idx ON belongings (ends_before);
INSERT INTO belongings (part, position, type, whole, scope, starts_on, ends_before)
    SELECT part, position, 'organisation', whole, 'organisation:' || whole, starts_on, ends_before
    FROM organisation_parts;

-- Which scopes reach a record beside its own, from which position of the feed on and until which.
CREATE TABLE scope_members (
    id uuid NOT NULL,
    type text NOT NULL,
    scope text NOT NULL,
    from_position bigint NOT NULL,
    until_position bigint,
    CONSTRAINT scope_members_pkey PRIMARY KEY (id, scope, from_position)
);
CREATE INDEX scope_members_scope_idx ON scope_members (scope, id);

CREATE INDEX audit_caller_idx ON audit (caller, line);
CREATE INDEX audit_at_idx ON audit (at, line);
