DROP INDEX territories_code_idx;
CREATE INDEX territories_code_idx ON territories (code, kind, id);
