//! An objective as one row of a table.

use super::Objective;
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Objective {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "owner_type",
        "owner",
        "level",
        "under",
        "title",
        "themes",
        "populations",
        "status",
        "validity",
        "starts_on",
        "ends_before",
        "end_reason",
        "state",
        "fictitious",
        "version",
    ];

    type Around = ();

    /// Its state is that of the day.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let owner = fields.owner.record();
        vec![
            Cell::text(&self.id),
            Cell::text(&owner.resource_type),
            Cell::text(&owner.id),
            Cell::text(&fields.level),
            Cell::known(fields.under),
            Cell::text(&fields.title),
            Cell::several(&fields.themes),
            Cell::several(&fields.populations),
            Cell::text(&fields.status),
            Cell::text(&fields.validity),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
