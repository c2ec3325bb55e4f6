DROP TABLE organisation_parts;
DROP TABLE organisation_communes;
DROP TABLE organisation_identifiers;
DROP TABLE organisation_sectors;
DROP TABLE organisations;
