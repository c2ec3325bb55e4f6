DROP TABLE territory_parts;
DROP TABLE territory_words;
DROP TABLE territory_names;
DROP TABLE territories;
