//! A relation as recorded, and the acts on it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{AllOfBuilder, Schema};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{Peer, Stated};
use crate::access::Action;
use crate::records::{
    Facet, Kept, Known, OnDay, RecordRef, Resource, ResourceType, Tie, read_stored,
};
use crate::values::{Date, Faults, Id, Pointer, Since, Text, ValueError, Version, code_list};

/// The most levels of relations there may be, one above the other.
pub(crate) const MOST_LEVELS: usize = 12;

/// A relation as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relation<F> {
    /// Its name for ever.
    pub id: Id<Relation<F>>,
    /// How many times it was written.
    pub version: Version,
    /// What is said of it.
    #[serde(flatten)]
    pub fields: F,
}

impl<'de, F: Stated> Deserialize<'de> for Relation<F> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (Kept { id, version }, fields) = read_stored(from)?;
        Ok(Self {
            id: Id::new(id),
            version,
            fields,
        })
    }
}

/// What is said when a relation ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_before": "2027-01-01", "reason": "Dissolution." }))]
pub struct EndOfRelation {
    /// The first day on which it no longer holds: "until 31 December 2026" is 2027-01-01.
    pub ends_before: Date,
    /// Why it ended.
    #[serde(default)]
    pub reason: Option<Text>,
}

code_list! {
    /// Where a relation stands on a day.
    pub enum RelationState in "relation_states" {
        /// It does not hold yet.
        Expected = "expected",
        /// It holds.
        Current = "current",
        /// It holds no longer.
        Ended = "ended",
    }
}

/// What is true of a relation on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RelationPresent {
    /// Where it stands that day.
    pub state: RelationState,
}

/// Another relation that shares with one what no two may share on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Which.
    pub id: Uuid,
    /// When it holds.
    pub since: Since,
}

/// One record being part of another for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The part.
    pub part: Uuid,
    /// The whole.
    pub whole: Uuid,
    /// When.
    pub since: Since,
}

/// What the laws of a relation depend on beside what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// What is known of the records that it names.
    pub known: Known,
    /// The others that share what no two may share on one day.
    pub rivals: Vec<Rival>,
    /// Everything that the whole, and what that is part of in turn, is part of.
    pub above: Vec<Link>,
    /// The relations that it names.
    pub peers: BTreeMap<Uuid, Peer>,
    /// The days on which its condition is met, if it has one.
    pub met: Vec<Since>,
}

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// On some day others hold that share what no two may share.
    #[error("overlapping")]
    Overlapping {
        /// These.
        with: Vec<Uuid>,
    },
    /// Something would be part of itself on some day.
    #[error("part of itself")]
    PartOfItself {
        /// Through how many others.
        through: usize,
    },
    /// On some day it would hold without what it is conditional on.
    #[error("its condition is not met on all its days")]
    ConditionNotMet {
        /// The days on which that is so.
        met: Vec<Since>,
    },
    /// It cannot be deleted as a mistake: others are or were tied to it.
    #[error("others are tied to it")]
    Tied {
        /// How many.
        count: usize,
    },
    /// It ends already by the day that is said.
    #[error("already ended")]
    AlreadyEnded {
        /// The first day on which it no longer holds.
        ends_before: Date,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}

impl<F: Stated> Relation<F> {
    /// Records a relation.
    ///
    /// Refused when values contradict one another, when it names what is not there, when it would hold
    /// on a day on which another holds that shares what no two may share, or on which its condition is not
    /// met, and when something would be part of itself.
    pub fn create(id: Id<Self>, fields: F, around: &Around) -> Result<Self, Refusal> {
        Self {
            id,
            version: Version::FIRST,
            fields,
        }
        .allowed(around)
    }

    /// Changes what is said of it. Refused as when recording, and when it would be of something else.
    pub fn change(self, fields: F, around: &Around) -> Result<Self, Refusal> {
        let mut faults = Faults::default();
        let both = self.fields.fixed().into_iter().zip(fields.fixed());
        for ((member, present), (_, said)) in both {
            if said != present {
                faults.push(Pointer::root().join(member), ValueError::Fixed);
            }
        }
        faults.into_result()?;
        Self {
            version: self.version.next(),
            fields,
            ..self
        }
        .allowed(around)
    }

    /// Says that it ends; an end that was foreseen may be brought forward.
    ///
    /// Refused when it would have held on no day (one recorded by mistake is deleted), and when it already
    /// ends by that day.
    pub fn end(self, end: &EndOfRelation) -> Result<Self, Refusal> {
        let since = self.fields.since();
        if let Some(ends_before) = since.ends_before
            && ends_before <= end.ends_before
        {
            return Err(Refusal::AlreadyEnded { ends_before });
        }
        let mut faults = Faults::default();
        if since
            .starts_on
            .is_some_and(|starts| end.ends_before <= starts)
        {
            faults.push(Pointer::root().join("ends_before"), ValueError::NotInOrder);
        }
        faults.into_result()?;
        Ok(Self {
            version: self.version.next(),
            fields: self.fields.ended(end.ends_before, end.reason.clone()),
            ..self
        })
    }

    /// Whether it may be deleted as a mistake. Refused when so many others are or were `tied` to it.
    pub fn delete(&self, tied: usize) -> Result<(), Refusal> {
        match tied {
            0 => Ok(()),
            count => Err(Refusal::Tied { count }),
        }
    }

    fn allowed(self, around: &Around) -> Result<Self, Refusal> {
        let since = self.fields.since();
        let mut faults = around.known.faults(self.fields.named());
        if let Err(error) = Since::new(since.starts_on, since.ends_before) {
            faults.push(Pointer::root().join("ends_before"), error);
        }
        if self.fields.end_reason().is_some() && since.ends_before.is_none() {
            let with = Pointer::root().join("ends_before");
            faults.push(
                Pointer::root().join("end_reason"),
                ValueError::Contradicts { with },
            );
        }
        for law in self.fields.peers() {
            let peer = around.peers.get(&law.id);
            let is_known = |peer: &&Peer| peer.owner == Some(law.owner.id);
            match peer.filter(is_known) {
                // One of somebody else is not there for this owner.
                None => faults.push(law.at, ValueError::UnknownReference),
                Some(peer) if law.kind.is_some() && peer.kind != law.kind => {
                    let with = law.at.clone();
                    faults.push(law.at, ValueError::Contradicts { with });
                }
                Some(_) => {}
            }
        }
        self.fields.check(&mut faults);
        faults.into_result()?;
        let rivals = around.rivals.iter();
        let rivals = rivals.filter(|one| one.id != self.id.uuid() && one.since.overlaps(since));
        let with: Vec<Uuid> = rivals.map(|one| one.id).collect();
        if !with.is_empty() {
            return Err(Refusal::Overlapping { with });
        }
        if let Some((part, whole)) = self.fields.link()
            && let Some(through) = levels_up(&around.above, whole.id, part.id, since, MOST_LEVELS)
        {
            return Err(Refusal::PartOfItself { through });
        }
        if self.fields.condition().is_some() && !since.is_within(&around.met) {
            let met = around.met.clone();
            return Err(Refusal::ConditionNotMet { met });
        }
        Ok(self)
    }
}

/// Over how many levels one record is part of another on some day within `since`; none when it is not.
pub(crate) fn levels_up(
    links: &[Link],
    from: Uuid,
    to: Uuid,
    since: Since,
    most: usize,
) -> Option<usize> {
    if from == to {
        return Some(0);
    }
    let most = most.checked_sub(1)?;
    let above = links.iter().filter(|link| link.part == from);
    let ways = above.filter_map(|link| {
        let shared = link.since.intersection(since)?;
        levels_up(links, link.whole, to, shared, most)
    });
    ways.min().map(|levels| levels.saturating_add(1))
}

impl<F: Stated> Resource for Relation<F> {
    const TYPE: ResourceType = F::TYPE;

    const READ: Action = F::ACTS.read;

    type Present = RelationPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let mut facets = self.fields.facets();
        let alone_in = self.fields.alone_in();
        facets.extend(alone_in.map(|key| (Facet::AloneIn, key)));
        facets
    }

    const HAS_SPANS: bool = true;

    fn spans(&self) -> Vec<(Facet, String, Since)> {
        self.fields.spans()
    }

    fn exists(&self) -> Since {
        self.fields.since()
    }

    fn ties(&self) -> Vec<Tie> {
        self.fields.ties(RecordRef {
            resource_type: F::TYPE,
            id: self.id.uuid(),
        })
    }

    fn acts(&self) -> Vec<Action> {
        let mut acts = vec![F::ACTS.change, F::ACTS.end];
        acts.extend(F::more_acts());
        acts.push(F::ACTS.delete);
        acts
    }

    fn on(&self, day: Date) -> OnDay<RelationPresent> {
        let Since {
            starts_on,
            ends_before,
        } = self.fields.since();
        let state = match (starts_on, ends_before) {
            (_, Some(end)) if end <= day => RelationState::Ended,
            (Some(start), _) if day < start => RelationState::Expected,
            _ => RelationState::Current,
        };
        let turns = starts_on.into_iter().chain(ends_before);
        OnDay::between(turns, day, RelationPresent { state })
    }
}

impl<F: Stated> PartialSchema for Relation<F> {
    fn schema() -> RefOr<Schema> {
        let own = ObjectBuilder::new()
            .property("id", Id::<Self>::schema())
            .required("id")
            .property("version", Version::schema())
            .required("version");
        AllOfBuilder::new()
            .item(Ref::from_schema_name(F::name()))
            .item(own)
            .into()
    }
}

impl<F: Stated> ToSchema for Relation<F> {
    fn name() -> Cow<'static, str> {
        F::NAME.into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((F::name().into(), F::schema()));
        F::schemas(schemas);
    }
}
