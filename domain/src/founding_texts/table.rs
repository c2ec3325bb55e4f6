//! A founding text as one row of a table.

use super::{FoundingText, ItemState};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for FoundingText {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "network",
        "text",
        "settled_items",
        "signatories",
        "starts_on",
        "ends_before",
        "end_reason",
        "state",
        "fictitious",
        "version",
    ];

    type Around = ();

    /// Its state is that of the day; signatories are those who have signed by then.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let settled = fields.items.iter();
        let settled = settled.filter(|one| one.state == ItemState::Settled);
        let signed = fields.signatures.iter();
        let signed = signed.filter(|one| one.signed_on.is_some_and(|on| on <= day));
        vec![
            Cell::text(&self.id),
            Cell::text(&fields.network),
            Cell::text(&fields.text),
            Cell::several(settled.map(|one| one.item)),
            Cell::several(signed.map(|one| one.signatory.record().id)),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
