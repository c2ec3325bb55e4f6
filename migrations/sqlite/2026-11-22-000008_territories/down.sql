DROP TABLE territory_members;
ALTER TABLE territories DROP COLUMN ends_before;
ALTER TABLE territories DROP COLUMN exists_from;
