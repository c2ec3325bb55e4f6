DROP TABLE lineage_changes;
