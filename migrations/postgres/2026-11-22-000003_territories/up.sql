-- Territories, stored as organisations are.
CREATE TABLE territories (
    id uuid NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    CONSTRAINT territories_pkey PRIMARY KEY (id)
);
CREATE INDEX territories_code_idx ON territories (code, kind, id);
CREATE INDEX territories_kind_idx ON territories (kind, id);

CREATE TABLE territory_parts (
    whole uuid NOT NULL,
    part uuid NOT NULL,
    position bigint NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT territory_parts_pkey PRIMARY KEY (whole, part, position),
    CONSTRAINT territory_parts_whole_fkey FOREIGN KEY (whole) REFERENCES territories (id),
    CONSTRAINT territory_parts_part_fkey FOREIGN KEY (part) REFERENCES territories (id) ON DELETE CASCADE
);
CREATE INDEX territory_parts_part_idx ON territory_parts (part);
