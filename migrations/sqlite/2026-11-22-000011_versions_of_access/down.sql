DELETE FROM versions WHERE version = 1 AND id IN (SELECT id FROM audit WHERE request_id = 'migration-000011');
DELETE FROM audit WHERE request_id = 'migration-000011';
