//! Wholes and parts, day by day.

use super::{OrganisationFields, OrganisationId, Refusal};
use crate::values::{Date, Faults, Pointer, Since, ValueError};

/// What being part of others depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wholes {
    /// The organisations named as wholes that exist.
    pub existing: Vec<Whole>,
    /// Everything that these, and what they are part of in turn, are part of.
    pub links: Vec<Link>,
}

/// An organisation named as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Which.
    pub id: OrganisationId,
    /// Its end, if it ended.
    pub ends_before: Option<Date>,
}

/// One organisation being part of another for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The part.
    pub part: OrganisationId,
    /// The whole.
    pub whole: OrganisationId,
    /// When.
    pub since: Since,
}

impl Wholes {
    /// Refused when a whole does not exist or ended too early, or when the organisation `id` would
    /// be part of itself on some day.
    pub(super) fn allow(
        &self,
        id: OrganisationId,
        fields: &OrganisationFields,
    ) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        for (i, part_of) in fields.part_of.iter().enumerate() {
            let Some(whole) = self.existing.iter().find(|whole| whole.id == part_of.whole) else {
                let pointer = Pointer::root().join("part_of").join(i).join("whole");
                faults.push(pointer, ValueError::UnknownReference);
                continue;
            };
            if let Some(end) = whole.ends_before
                && part_of.ends_before.is_none_or(|leaves| end < leaves)
            {
                return Err(Refusal::WholeEnded {
                    whole: whole.id,
                    ends_before: end,
                });
            }
            if let Some(through) = self.way_up(part_of.whole, id, part_of.since(), &[]) {
                return Err(Refusal::PartOfItself { through });
            }
        }
        Ok(faults.into_result()?)
    }

    /// The way up from one organisation to another along links that share a day within `since`.
    fn way_up(
        &self,
        from: OrganisationId,
        to: OrganisationId,
        since: Since,
        passed: &[OrganisationId],
    ) -> Option<Vec<OrganisationId>> {
        let passed = [passed, &[from]].concat();
        if from == to {
            return Some(passed);
        }
        self.links
            .iter()
            .filter(|link| link.part == from && !passed.contains(&link.whole))
            .filter_map(|link| Some((link, link.since.intersection(since)?)))
            .find_map(|(link, shared)| self.way_up(link.whole, to, shared, &passed))
    }
}

/// What is part of an organisation on or after a day.
pub(super) fn lasting_from(day: Date, parts: &[Link]) -> Vec<OrganisationId> {
    let lasting = |link: &&Link| link.since.ends_before.is_none_or(|leaves| day < leaves);
    parts.iter().filter(lasting).map(|link| link.part).collect()
}
