DROP TABLE lanes;
DROP TABLE devices;
DROP TABLE refresh_tokens;
ALTER TABLE sessions DROP COLUMN last_used_at, DROP COLUMN scopes;
DROP TABLE one_time_codes;
DROP TABLE passwords;
DROP TABLE accounts;
DROP TABLE persons;
DROP TABLE clients;
ALTER TABLE client_secrets
    DROP COLUMN old_good_until, DROP COLUMN old_tag, DROP COLUMN old_hash, DROP COLUMN tag;
ALTER TABLE callers DROP COLUMN token_scopes;
