//! Wholes and parts, day by day.

use std::collections::BTreeMap;

use super::{OrganisationFields, OrganisationId, Refusal};
use crate::values::{Date, Faults, Pointer, Since, ValueError};

/// What being part of others depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wholes {
    /// The organisations named as wholes that exist.
    pub existing: Vec<Whole>,
    /// Everything that these, and what they are part of in turn, are part of.
    pub links: Vec<Link>,
    /// How many levels of parts are below the organisation itself.
    pub levels_below: usize,
    /// Those named as wholes that were folded into another record, and that record.
    pub folded: Vec<(OrganisationId, OrganisationId)>,
}

/// The most levels of wholes and parts there may be, one above the other.
pub const MOST_LEVELS: usize = 12;

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
    /// Refused when a whole does not exist or ended too early, when the organisation `id` would be
    /// part of itself on some day, or at the end of too long a chain.
    pub(super) fn allow(
        &self,
        id: OrganisationId,
        fields: &OrganisationFields,
    ) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        for (i, part_of) in fields.part_of.iter().enumerate() {
            if !self.existing.iter().any(|whole| whole.id == part_of.whole) {
                let pointer = Pointer::root().join("part_of").join(i).join("whole");
                faults.push(pointer, self.why_not_there(part_of.whole));
            }
        }
        faults.into_result()?;
        for part_of in &fields.part_of {
            let whole = self.existing.iter().find(|whole| whole.id == part_of.whole);
            if let Some(end) = whole.and_then(|whole| whole.ends_before)
                && part_of.ends_before.is_none_or(|leaves| end < leaves)
            {
                return Err(Refusal::WholeEnded {
                    whole: part_of.whole,
                    ends_before: end,
                });
            }
            self.allow_link(id, part_of.whole, part_of.since())?;
        }
        Ok(())
    }

    /// Refused when being part of the `whole` would make the organisation part of itself on some
    /// day, or close too long a chain.
    pub(super) fn allow_link(
        &self,
        id: OrganisationId,
        whole: OrganisationId,
        since: Since,
    ) -> Result<(), Refusal> {
        if let Some(through) = self.way_up(whole, id, since, &[]) {
            return Err(Refusal::PartOfItself {
                through: through.into(),
            });
        }
        let above = self.levels_above(whole, since, MOST_LEVELS);
        let levels = above.saturating_add(self.levels_below);
        if levels >= MOST_LEVELS {
            return Err(Refusal::TooManyLevels { max: MOST_LEVELS });
        }
        Ok(())
    }

    fn why_not_there(&self, whole: OrganisationId) -> ValueError {
        let folded = self.folded.iter().find(|(folded, _)| *folded == whole);
        folded.map_or(ValueError::UnknownReference, |(_, into)| {
            ValueError::Folded {
                into: into.to_string(),
            }
        })
    }

    /// How many levels are above an organisation on the day within `since` on which they are most,
    /// counted no further than the most there may be.
    fn levels_above(&self, from: OrganisationId, since: Since, most: usize) -> usize {
        if most == 0 {
            return 0;
        }
        let above = self.links.iter().filter(|link| link.part == from);
        let shared = above.filter_map(|link| Some((link, link.since.intersection(since)?)));
        shared
            .map(|(link, shared)| {
                let higher = self.levels_above(link.whole, shared, most.saturating_sub(1));
                higher.saturating_add(1)
            })
            .max()
            .unwrap_or(0)
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
        // Longer chains are refused, so none is there to be walked.
        if passed.len() > MOST_LEVELS {
            return None;
        }
        self.links
            .iter()
            .filter(|link| link.part == from && !passed.contains(&link.whole))
            .filter_map(|link| Some((link, link.since.intersection(since)?)))
            .find_map(|(link, shared)| self.way_up(link.whole, to, shared, &passed))
    }
}

/// How many levels of parts are below some organisations on the day on which they are most, counted
/// no further than the most there may be. `links` are all that is below them, on whatever day: two
/// may have changed places over time, which is no chain.
#[must_use]
pub fn levels_below(of: &[OrganisationId], links: &[Link]) -> usize {
    let mut below: BTreeMap<OrganisationId, Vec<Link>> = BTreeMap::new();
    for link in links {
        below.entry(link.whole).or_default().push(*link);
    }
    let always = Since {
        starts_on: None,
        ends_before: None,
    };
    let heights = of
        .iter()
        .map(|whole| height(*whole, always, &below, MOST_LEVELS));
    heights.max().unwrap_or(0)
}

fn height(
    whole: OrganisationId,
    since: Since,
    below: &BTreeMap<OrganisationId, Vec<Link>>,
    most: usize,
) -> usize {
    if most == 0 {
        return 0;
    }
    let parts = below.get(&whole).into_iter().flatten();
    let shared = parts.filter_map(|link| Some((link, link.since.intersection(since)?)));
    shared
        .map(|(link, shared)| {
            height(link.part, shared, below, most.saturating_sub(1)).saturating_add(1)
        })
        .max()
        .unwrap_or(0)
}

/// What is part of an organisation on or after a day.
pub(super) fn lasting_from(day: Date, parts: &[Link]) -> Vec<OrganisationId> {
    let lasting = |link: &&Link| link.since.ends_before.is_none_or(|leaves| day < leaves);
    parts.iter().filter(lasting).map(|link| link.part).collect()
}
