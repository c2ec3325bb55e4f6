-- The records that a lineage event wrote, with the version it left each: it may be taken back while they still
-- stand so. What each was before is in `versions`.
CREATE TABLE lineage_changes (
    event BLOB NOT NULL,
    type TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    change TEXT NOT NULL,
    CONSTRAINT lineage_changes_pkey PRIMARY KEY (event, id)
) STRICT, WITHOUT ROWID;
