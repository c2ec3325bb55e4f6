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

CREATE TABLE organisation_sectors (
    sector text NOT NULL,
    organisation uuid NOT NULL,
    CONSTRAINT organisation_sectors_pkey PRIMARY KEY (sector, organisation),
    CONSTRAINT organisation_sectors_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisations (id) ON DELETE CASCADE
);
CREATE INDEX organisation_sectors_organisation_idx ON organisation_sectors (organisation);

-- Never unique by number: several establishments share a SIRET.
CREATE TABLE organisation_identifiers (
    system text NOT NULL,
    value text NOT NULL,
    organisation uuid NOT NULL,
    CONSTRAINT organisation_identifiers_pkey PRIMARY KEY (system, value, organisation),
    CONSTRAINT organisation_identifiers_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisations (id) ON DELETE CASCADE
);
CREATE INDEX organisation_identifiers_organisation_idx ON organisation_identifiers (organisation);

CREATE TABLE organisation_communes (
    commune text NOT NULL,
    organisation uuid NOT NULL,
    CONSTRAINT organisation_communes_pkey PRIMARY KEY (commune, organisation),
    CONSTRAINT organisation_communes_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisations (id) ON DELETE CASCADE
);
CREATE INDEX organisation_communes_organisation_idx ON organisation_communes (organisation);

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
