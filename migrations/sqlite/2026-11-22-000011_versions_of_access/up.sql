-- Clients and grants that earlier migrations made (000004, 000005) get what every record has: a version that is kept,
-- and the line of the audit that tells of it.
INSERT INTO audit (at, action, type, id, version_after, request_id)
SELECT callers.created_at, 'create_client', 'client', clients.id, 1, 'migration-000011'
FROM clients JOIN callers ON callers.id = clients.id
WHERE clients.version = 1 AND NOT EXISTS (SELECT 1 FROM versions WHERE versions.id = clients.id);
INSERT INTO audit (at, action, type, id, version_after, request_id)
SELECT callers.created_at, 'give_grant', 'grant', grants.id, 1, 'migration-000011'
FROM grants JOIN callers ON callers.id = grants.caller
WHERE grants.version = 1 AND NOT EXISTS (SELECT 1 FROM versions WHERE versions.id = grants.id);
INSERT INTO versions (id, version, type, change, position, at, body)
SELECT clients.id, 1, 'client', 'created', 0, audit.at, clients.body
FROM clients JOIN audit ON audit.id = clients.id AND audit.request_id = 'migration-000011';
INSERT INTO versions (id, version, type, change, position, at, body)
SELECT grants.id, 1, 'grant', 'created', 0, audit.at, grants.body
FROM grants JOIN audit ON audit.id = grants.id AND audit.request_id = 'migration-000011';
