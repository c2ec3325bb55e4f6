-- Territories that begin and end, and those that people draw. Where a day is only known to lie
-- between two others, the widest run of days stands here; the record says which days are sure.
ALTER TABLE territories ADD COLUMN exists_from date;
ALTER TABLE territories ADD COLUMN ends_before date;

-- The communes and EPCI of a drawn territory, in the order it says.
CREATE TABLE territory_members (
    whole uuid NOT NULL,
    member uuid NOT NULL,
    position bigint NOT NULL,
    starts_on date,
    ends_before date,
    CONSTRAINT territory_members_pkey PRIMARY KEY (whole, member, position),
    CONSTRAINT territory_members_whole_fkey FOREIGN KEY (whole) REFERENCES territories (id) ON DELETE CASCADE,
    CONSTRAINT territory_members_member_fkey FOREIGN KEY (member) REFERENCES territories (id)
);
CREATE INDEX territory_members_member_idx ON territory_members (member);
