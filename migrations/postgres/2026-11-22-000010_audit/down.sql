DROP INDEX audit_caller_idx;
CREATE INDEX audit_caller_idx ON audit (caller, line);
DROP INDEX audit_id_idx;
CREATE INDEX audit_id_idx ON audit (id, line);
DROP INDEX audit_operator_idx;
DROP INDEX audit_type_idx;
DROP INDEX audit_action_idx;
