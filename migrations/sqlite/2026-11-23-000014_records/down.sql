ALTER TABLE ties DROP COLUMN full_sway;
DROP TABLE spans;
DROP TABLE records;
