DROP TABLE imported;
DROP TABLE import_rows;
DROP TABLE imports;
