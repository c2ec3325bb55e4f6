-- A code is of few territories, one of each kind: those of one code are read in the order of a page.
DROP INDEX territories_code_idx;
CREATE INDEX territories_code_idx ON territories (code, id);
