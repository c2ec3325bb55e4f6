-- The one row that holds who a professional is; once that was erased, a pseudonym and nothing else. What else is
-- recorded of a person is in `records` and `versions`, and says who it is nowhere.
-- `swept_at` is when the engine was made to forget it too.
CREATE TABLE identities (
    id BLOB NOT NULL,
    family_name TEXT NOT NULL,
    given_name TEXT,
    rpps TEXT,
    email TEXT,
    phone TEXT,
    erased_at INTEGER,
    swept_at INTEGER,
    CONSTRAINT identities_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
