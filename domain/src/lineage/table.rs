//! A lineage event as one row of a table.

use super::{LineageEvent, Subject};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for LineageEvent {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "predecessors",
        "successors",
        "effective_on",
        "reason",
        "source",
        "state",
        "fictitious",
        "version",
    ];

    type Around = ();

    /// Its state is that of the day.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let ids = |all: &[Subject]| Cell::several(all.iter().map(|one| one.record().id));
        vec![
            Cell::text(&self.id),
            Cell::text(&fields.kind),
            ids(&fields.predecessors),
            ids(&fields.successors),
            Cell::text(&fields.effective_on),
            Cell::known(fields.reason.as_ref()),
            Cell::known(fields.source.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
