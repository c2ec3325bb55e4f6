-- The one row that holds who a professional is; once that was erased, a pseudonym and nothing else. What else is
-- recorded of a person is in `records` and `versions`, and says who it is nowhere.
-- `swept_at` is when the engine was made to forget it too.
CREATE TABLE identities (
    id uuid NOT NULL,
    family_name text NOT NULL,
    given_name text,
    rpps text,
    email text,
    phone text,
    erased_at timestamptz,
    swept_at timestamptz,
    CONSTRAINT identities_pkey PRIMARY KEY (id)
);
