DROP TABLE territory_parts;
DROP TABLE territories;
