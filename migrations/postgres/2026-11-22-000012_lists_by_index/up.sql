-- Lists are read in the order of ids under each of their filters; what imports left is forgotten by age; who holds
-- a role over a record that is folded now is found by the word of that role.
CREATE INDEX accounts_state_idx ON accounts (state, id);
CREATE INDEX clients_revoked_idx ON clients (revoked, id);
CREATE INDEX grants_role_idx ON grants (role, id);
CREATE INDEX grants_scope_idx ON grants (scope, id);
CREATE INDEX imports_caller_idx ON imports (caller, id);
CREATE INDEX imports_forgotten_idx ON imports (forgotten, ended_at);
CREATE INDEX held_word_idx ON held (word, caller) WHERE until_version IS NULL;
CREATE INDEX organisations_fictitious_idx ON organisations (id) WHERE fictitious;
