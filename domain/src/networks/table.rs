//! A network as one row of a table.

use super::Network;
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Network {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "family",
        "name",
        "short_name",
        "main_theme",
        "themes",
        "populations",
        "reach",
        "territories",
        "state",
        "state_since",
        "legal_basis",
        "financing_state",
        "funders",
        "website",
        "email",
        "phone",
        "fictitious",
        "version",
    ];

    type Around = ();

    /// Its name, state, legal basis, territories and money are those of the day.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let present = self.on(day).answer;
        let territories = fields.territories.iter();
        let territories = territories.filter(|one| one.since().contains(day));
        let financing = fields.financing.iter();
        let financing = financing.filter(|one| one.since().contains(day));
        let since = fields.life.on(day).and_then(|phase| phase.starts_on);
        vec![
            Cell::text(&self.id),
            Cell::text(&fields.kind),
            Cell::known(fields.family),
            Cell::text(&present.name),
            Cell::known(present.short_name),
            Cell::known(fields.main_theme),
            Cell::several(&fields.themes),
            Cell::several(&fields.populations),
            Cell::known(fields.reach),
            Cell::several(territories.map(|one| one.territory)),
            Cell::known(present.state),
            Cell::known(since),
            Cell::known(present.legal_basis),
            Cell::known(present.financing_state),
            Cell::several(financing.filter_map(|one| one.funder)),
            Cell::known(fields.contact.website.as_ref()),
            Cell::known(fields.contact.email.as_ref()),
            Cell::known(fields.contact.phone.as_ref()),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
        ]
    }
}
