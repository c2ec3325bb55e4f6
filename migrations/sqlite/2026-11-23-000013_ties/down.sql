CREATE TABLE belongings (
    part BLOB NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    whole BLOB NOT NULL,
    scope TEXT NOT NULL,
    starts_on TEXT,
    ends_before TEXT,
    CONSTRAINT belongings_pkey PRIMARY KEY (part, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX belongings_whole_idx ON belongings (whole, part);
CREATE INDEX belongings_starts_on_idx ON belongings (starts_on);
CREATE INDEX belongings_ends_before_idx ON belongings (ends_before);
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
INSERT INTO organisation_parts (whole, part, position, starts_on, ends_before)
    SELECT target, tied, position, starts_on, ends_before FROM ties WHERE kind = 'part';
INSERT INTO belongings (part, position, type, whole, scope, starts_on, ends_before)
    SELECT tied, position, tied_type, target, 'organisation:' || lower(substr(hex(target), 1, 8) || '-' || substr(hex(target), 9, 4) || '-' || substr(hex(target), 13, 4) || '-' || substr(hex(target), 17, 4) || '-' || substr(hex(target), 21)), starts_on, ends_before
    FROM ties WHERE kind = 'part';
DROP TABLE ties;
