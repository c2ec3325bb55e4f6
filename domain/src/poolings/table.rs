//! A pooling as one row of a table.

use super::Pooling;
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Pooling {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kept_by_type",
        "kept_by",
        "form",
        "title",
        "participants",
        "shares",
        "seat_in",
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
        let keeper = fields.kept_by.record();
        let participants = fields.participants.iter();
        vec![
            Cell::text(&self.id),
            Cell::text(&keeper.resource_type),
            Cell::text(&keeper.id),
            Cell::text(&fields.form),
            Cell::text(&fields.title),
            Cell::several(participants.map(|one| one.record().id)),
            Cell::several(&fields.shares),
            Cell::known(fields.seat_in.as_ref()),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
