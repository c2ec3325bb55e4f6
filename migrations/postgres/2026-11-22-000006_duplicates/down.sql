DROP TABLE told_apart;
DROP TABLE fold_changes;
DROP TABLE folded;
DELETE FROM facets WHERE facet IN ('likeness', 'of_entity');
