-- Records of every type that needs no columns of its own: `body` is the record as it is answered, `present` what
-- it says on the days from `present_from` up to `present_until`. They are found by their names, facets and ties, and
-- by `spans`: what is true of a record for some days.
CREATE TABLE records (
    id uuid NOT NULL,
    type text NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    exists_from date,
    ends_before date,
    CONSTRAINT records_pkey PRIMARY KEY (id)
);
CREATE INDEX records_type_idx ON records (type, id);

CREATE TABLE spans (
    type text NOT NULL,
    facet text NOT NULL,
    value text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    position bigint NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT spans_pkey PRIMARY KEY (type, facet, value, id, position)
);
CREATE INDEX spans_id_idx ON spans (id);

-- What belongs to something was all that a role over it reached, with all its rights. Some things are only to be seen.
ALTER TABLE ties ADD COLUMN full_sway boolean NOT NULL DEFAULT true;
