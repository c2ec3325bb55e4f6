-- Records of the same thing. `folded` says into which record another one went; what that one was, and
-- what it became, is in `versions`. `fold_changes` are the records that a fold changed, with the version
-- it left each: it may be taken back while they still stand so. `told_apart` are pairs that somebody
-- looked at and judged to be two, so that they are not proposed again.
CREATE TABLE folded (
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    survivor BLOB NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT folded_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fold_changes (
    folded BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT fold_changes_pkey PRIMARY KEY (folded, id),
    CONSTRAINT fold_changes_folded_fkey FOREIGN KEY (folded) REFERENCES folded (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE told_apart (
    one BLOB NOT NULL,
    other BLOB NOT NULL,
    CONSTRAINT told_apart_pkey PRIMARY KEY (one, other),
    CONSTRAINT told_apart_order_check CHECK (one < other)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_apart_other_idx ON told_apart (other);

-- The marks by which likely duplicates are found, for the organisations that are there: their numbers…
INSERT INTO facets (type, facet, value, id)
SELECT type, 'likeness', value, id FROM facets
WHERE type = 'organisation' AND facet = 'identifier'
    AND (value LIKE 'siret:%' OR value LIKE 'finess_et:%' OR value LIKE 'rna:%');
-- … those of their legal entity, apart where an establishment is told by a number of its own …
INSERT INTO facets (type, facet, value, id)
SELECT DISTINCT
    number.type,
    CASE WHEN EXISTS (
        SELECT 1 FROM facets AS own
        WHERE own.id = number.id AND own.facet = 'identifier'
            AND (own.value LIKE 'siret:%' OR own.value LIKE 'finess_et:%')
    ) THEN 'of_entity' ELSE 'likeness' END,
    CASE WHEN number.value LIKE 'siret:%' THEN 'siren:' || substr(number.value, 7, 9) ELSE number.value END,
    number.id
FROM facets AS number
WHERE number.type = 'organisation' AND number.facet = 'identifier'
    AND (number.value LIKE 'siren:%' OR number.value LIKE 'finess_ej:%' OR number.value LIKE 'siret:%');
-- … and the words of their official names in each of their communes. Short names, and names of
-- nothing but common words, get theirs when the record is next written.
INSERT INTO facets (type, facet, value, id)
SELECT DISTINCT 'organisation', 'likeness', 'name:' || substr(told.words, 1, 150) || '@' || told.commune, told.id
FROM (
    SELECT names.id AS id, commune.value AS commune, (
        SELECT group_concat(word, ' ') FROM (
            SELECT DISTINCT value AS word FROM json_each('["' || replace(names.sort_key, ' ', '","') || '"]')
            WHERE value NOT IN ('a', 'association', 'au', 'aux', 'd', 'dans', 'de', 'des', 'du', 'en', 'et', 'l', 'la', 'le', 'les', 'pour',
            'sur')
            ORDER BY value
        )
    ) AS words
    FROM names
    JOIN facets AS commune ON commune.id = names.id AND commune.facet = 'commune'
    WHERE names.type = 'organisation'
) AS told
WHERE told.words <> '';
