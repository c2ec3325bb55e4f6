-- The records that a lineage event wrote, with the version it left each: it may be taken back while they still
-- stand so. What each was before is in `versions`.
CREATE TABLE lineage_changes (
    event uuid NOT NULL,
    type text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    change text NOT NULL,
    CONSTRAINT lineage_changes_pkey PRIMARY KEY (event, id)
);
