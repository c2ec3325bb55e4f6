DROP INDEX audit_at_idx;
DROP INDEX audit_caller_idx;
DROP TABLE scope_members;
DROP TABLE belongings;
DROP TABLE sessions;
DROP TABLE held;
DROP TABLE grants;
DELETE FROM callers WHERE kind <> 'client';
ALTER TABLE callers
    ADD COLUMN role text,
    DROP COLUMN expires_at,
    DROP COLUMN last_used_at,
    DROP CONSTRAINT callers_kind_check,
    ADD CONSTRAINT callers_kind_check CHECK (kind IN ('client'));
UPDATE callers SET
    name = coalesce(name, ''),
    role = CASE rights WHEN 'administrator@everything' THEN 'administrator' ELSE 'reader' END;
ALTER TABLE callers
    ALTER COLUMN name SET NOT NULL,
    ALTER COLUMN role SET NOT NULL,
    DROP COLUMN rights;
ALTER TABLE base DROP COLUMN turned_on;
