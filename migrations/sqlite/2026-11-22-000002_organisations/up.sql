-- Organisations. `body` is the record as it is answered; `present` is what it says on the days from
-- `present_from` up to `present_until`; the other columns and tables only find it.
CREATE TABLE organisations (
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    present TEXT NOT NULL CHECK (json_valid(present)),
    present_from TEXT,
    present_until TEXT,
    acts TEXT NOT NULL,
    kind TEXT NOT NULL,
    fictitious INTEGER NOT NULL CHECK (fictitious IN (0, 1)),
    exists_from TEXT,
    ends_before TEXT,
    CONSTRAINT organisations_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX organisations_kind_idx ON organisations (kind, id);

CREATE TABLE organisation_parts (
    whole BLOB NOT NULL,
    part BLOB NOT NULL,
    position INTEGER NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT organisation_parts_pkey PRIMARY KEY (whole, part, position),
    CONSTRAINT organisation_parts_whole_fkey FOREIGN KEY (whole) REFERENCES organisations (id),
    CONSTRAINT organisation_parts_part_fkey FOREIGN KEY (part) REFERENCES organisations (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX organisation_parts_part_idx ON organisation_parts (part);
