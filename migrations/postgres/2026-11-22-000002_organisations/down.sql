DROP TABLE organisation_parts;
DROP TABLE organisations;
