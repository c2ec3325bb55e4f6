-- The audit is read the latest first, by instant and then by line, under any of its filters.
CREATE INDEX audit_action_idx ON audit (action, at, line);
CREATE INDEX audit_type_idx ON audit (type, at, line);
CREATE INDEX audit_operator_idx ON audit (at, line) WHERE caller IS NULL;
DROP INDEX audit_id_idx;
CREATE INDEX audit_id_idx ON audit (id, at, line);
DROP INDEX audit_caller_idx;
CREATE INDEX audit_caller_idx ON audit (caller, at, line) WHERE caller IS NOT NULL;
