//! An action as one row of a table.

use super::{Partner, PlannedAction};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for PlannedAction {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "owner_type",
        "owner",
        "title",
        "objectives",
        "themes",
        "populations",
        "determinants",
        "territories",
        "partners",
        "partner_roles",
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

    /// Its state is that of the day. The roles of its partners stand in the order of these.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let owner = fields.owner.record();
        let partners = fields.partners.iter();
        let roles = partners.clone().map(|Partner { role, .. }| role);
        vec![
            Cell::text(&self.id),
            Cell::text(&owner.resource_type),
            Cell::text(&owner.id),
            Cell::text(&fields.title),
            Cell::several(&fields.objectives),
            Cell::several(&fields.themes),
            Cell::several(&fields.populations),
            Cell::several(&fields.determinants),
            Cell::several(&fields.territories),
            Cell::several(partners.map(|one| one.organisation)),
            Cell::several(roles),
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
