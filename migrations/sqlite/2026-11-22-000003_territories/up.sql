-- Territories, stored as organisations are.
CREATE TABLE territories (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    CONSTRAINT territories_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX territories_code_idx ON territories (code, kind, id);
CREATE INDEX territories_kind_idx ON territories (kind, id);

CREATE TABLE territory_parts (
    whole BLOB NOT NULL,
    part BLOB NOT NULL,
    position INTEGER NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT territory_parts_pkey PRIMARY KEY (whole, part, position),
    CONSTRAINT territory_parts_whole_fkey FOREIGN KEY (whole) REFERENCES territories (id),
    CONSTRAINT territory_parts_part_fkey FOREIGN KEY (part) REFERENCES territories (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX territory_parts_part_idx ON territory_parts (part);
