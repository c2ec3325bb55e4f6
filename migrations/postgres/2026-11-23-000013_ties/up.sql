-- What ties one record to another, and when, as a record says it: one of the two, or a third. It takes
-- the place of two tables that said the same: what is part of an organisation, and what belongs to what.
-- Records of any type are tied, so no foreign key can stand here; `maillage check` looks instead.
CREATE TABLE ties (
    source uuid NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    tied_type text NOT NULL,
    tied uuid NOT NULL,
    target_type text NOT NULL,
    target uuid NOT NULL,
    belongs boolean NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT ties_pkey PRIMARY KEY (source, position)
);
CREATE INDEX ties_tied_idx ON ties (tied, kind);
CREATE INDEX ties_target_idx ON ties (target, kind, tied);
CREATE INDEX ties_starts_on_idx ON ties (starts_on) WHERE belongs;
CREATE INDEX ties_ends_before_idx ON ties (ends_before) WHERE belongs;
INSERT INTO ties (source, position, kind, tied_type, tied, target_type, target, belongs, starts_on, ends_before)
    SELECT part, position, 'part', type, part, 'organisation', whole, true, starts_on, ends_before
    FROM belongings;
DROP TABLE organisation_parts;
DROP TABLE belongings;
