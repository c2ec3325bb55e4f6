//! A membership as one row of a table.

use super::{Expertise, Membership};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Membership {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "member_type",
        "member",
        "of_type",
        "of",
        "category",
        "college",
        "role",
        "expertise",
        "starts_on",
        "ends_before",
        "end_reason",
        "state",
        "fictitious",
        "version",
        "representative",
    ];

    type Around = ();

    /// Its state is that of the day.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let (member, of) = (fields.member.record(), fields.of.record());
        let expertise = fields.expertise.iter();
        let expertise = expertise.map(|Expertise { name, .. }| name);
        vec![
            Cell::text(&self.id),
            Cell::text(&member.resource_type),
            Cell::text(&member.id),
            Cell::text(&of.resource_type),
            Cell::text(&of.id),
            Cell::text(&fields.category),
            Cell::known(fields.college.as_ref()),
            Cell::known(fields.role.as_ref()),
            Cell::several(expertise),
            Cell::known(fields.starts_on),
            Cell::known(fields.ends_before),
            Cell::known(fields.end_reason.as_ref()),
            Cell::text(&self.on(day).answer.state),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
            Cell::known(fields.representative),
        ]
    }
}
