-- Records of every type that needs no columns of its own: `body` is the record as it is answered, `present` what
-- it says on the days from `present_from` up to `present_until`. They are found by their names, facets and ties, and
-- by `spans`: what is true of a record for some days.
CREATE TABLE records (
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    exists_from TEXT,
    ends_before TEXT,
    CONSTRAINT records_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX records_type_idx ON records (type, id);

CREATE TABLE spans (
    type TEXT NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    id BLOB NOT NULL,
    position INTEGER NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT spans_pkey PRIMARY KEY (type, facet, value, id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX spans_id_idx ON spans (id);

-- What belongs to something was all that a role over it reached, with all its rights. Some things are only to be seen.
ALTER TABLE ties ADD COLUMN full_sway INTEGER NOT NULL DEFAULT 1 CHECK (full_sway IN (0, 1));
