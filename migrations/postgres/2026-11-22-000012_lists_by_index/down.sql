DROP INDEX organisations_fictitious_idx;
DROP INDEX held_word_idx;
DROP INDEX imports_forgotten_idx;
DROP INDEX imports_caller_idx;
DROP INDEX grants_scope_idx;
DROP INDEX grants_role_idx;
DROP INDEX clients_revoked_idx;
DROP INDEX accounts_state_idx;
