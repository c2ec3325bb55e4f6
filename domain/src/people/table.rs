//! A person as one row of a table.

use super::{Identity, Person};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Person {
    /// Neither the RPPS number nor the contact: a table leaves the house, and no erasure follows it.
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "family_name",
        "given_name",
        "capacities",
        "professions",
        "organisations",
        "fictitious",
        "erased",
        "version",
    ];

    type Around = ();

    /// Capacities and organisations are those of the day.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let present = self.on(day).answer;
        let professions = self.occupation.professions.iter();
        let professions = professions.map(|one| format!("{}:{}", one.system, one.code));
        let identity = self.identity.as_ref();
        vec![
            Cell::text(&self.id),
            Cell::known(identity.map(Identity::family_name)),
            Cell::known(identity.and_then(Identity::given_name)),
            Cell::several(present.takes_part_as),
            Cell::several(professions),
            Cell::several(present.works_that_day_for),
            Cell::Truth(self.occupation.fictitious),
            Cell::Truth(self.erased),
            Cell::Whole(self.version.number()),
        ]
    }
}
