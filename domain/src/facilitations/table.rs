//! A facilitation as one row of a table.

use super::Facilitation;
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Facilitation {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "of_type",
        "of",
        "by_type",
        "by",
        "mandate_giver",
        "mandate_reference",
        "phase",
        "arrangement",
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
        let (of, by) = (fields.of.record(), fields.by.record());
        let mandate = fields.mandate.as_ref();
        let reference = mandate.and_then(|mandate| mandate.reference.as_ref());
        vec![
            Cell::text(&self.id),
            Cell::text(&of.resource_type),
            Cell::text(&of.id),
            Cell::text(&by.resource_type),
            Cell::text(&by.id),
            Cell::known(mandate.map(|mandate| mandate.giver)),
            Cell::known(reference),
            Cell::known(fields.phase),
            Cell::known(fields.arrangement),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
