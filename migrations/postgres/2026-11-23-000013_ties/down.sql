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
INSERT INTO organisation_parts (whole, part, position, starts_on, ends_before)
    SELECT target, tied, position, starts_on, ends_before FROM ties WHERE kind = 'part';
INSERT INTO belongings (part, position, type, whole, scope, starts_on, ends_before)
    SELECT tied, position, tied_type, target, 'organisation:' || target, starts_on, ends_before
    FROM ties WHERE kind = 'part';
DROP TABLE ties;
