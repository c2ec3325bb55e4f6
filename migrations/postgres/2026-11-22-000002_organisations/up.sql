-- Organisations. `body` is the record as it is answered; `present` is what it says on the days from
-- `present_from` up to `present_until`; the other columns and tables only find it.
CREATE TABLE organisations (
    id uuid NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    present json NOT NULL,
    present_from date,
    present_until date,
    acts text NOT NULL,
    kind text NOT NULL,
    fictitious boolean NOT NULL,
    exists_from date,
    ends_before date,
    CONSTRAINT organisations_pkey PRIMARY KEY (id)
);
CREATE INDEX organisations_kind_idx ON organisations (kind, id);

CREATE TABLE organisation_parts (
    whole uuid NOT NULL,
    part uuid NOT NULL,
    position bigint NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT organisation_parts_pkey PRIMARY KEY (whole, part, position),
    CONSTRAINT organisation_parts_whole_fkey FOREIGN KEY (whole) REFERENCES organisations (id),
    CONSTRAINT organisation_parts_part_fkey FOREIGN KEY (part) REFERENCES organisations (id) ON DELETE CASCADE
);
CREATE INDEX organisation_parts_part_idx ON organisation_parts (part);
