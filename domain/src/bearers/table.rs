//! A bearer as one row of a table.

use super::Bearer;
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Bearer {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "network",
        "function",
        "organisation",
        "autonomous",
        "interim",
        "review_on",
        "reason",
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
        vec![
            Cell::text(&self.id),
            Cell::text(&fields.network),
            Cell::text(&fields.function),
            Cell::known(fields.organisation),
            Cell::Truth(fields.autonomous),
            Cell::Truth(fields.interim),
            Cell::known(fields.review_on),
            Cell::known(fields.reason.as_ref()),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
