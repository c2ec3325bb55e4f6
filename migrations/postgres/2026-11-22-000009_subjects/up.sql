-- Whom another issuer of tokens vouches for. `held` are the roles that its newest word gives, as
-- `role@scope` words; they count beside the grants given here. The subject is the issuer's own name
-- for somebody: it stands in this row and nowhere else.
CREATE TABLE subjects (
    caller uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    said_at timestamptz NOT NULL,
    held text NOT NULL,
    CONSTRAINT subjects_pkey PRIMARY KEY (caller),
    CONSTRAINT subjects_caller_fkey FOREIGN KEY (caller) REFERENCES callers (id)
);
CREATE UNIQUE INDEX subjects_issuer_subject_idx ON subjects (issuer, subject);
