//! A person as recorded, and the acts on the record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CapacityHeld, Identity, Occupation, PersonCapacity, PersonSaid, Refusal, Work};
use crate::access::{Action, Sway};
use crate::organisations::OrganisationId;
use crate::records::{
    Card, Carded, Facet, Known, OnDay, Resource, ResourceType, Tie, TieKind, Warning,
};
use crate::values::{CodeList, Date, Id, Names, Pointer, Since, Version};

/// The id of a person.
pub type PersonId = Id<Person>;

/// A person as recorded. What it serialises to says nothing of who it is: that is `identity`, kept apart in a row
/// that can be erased.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Person {
    /// Its name for ever.
    pub id: PersonId,
    /// How many times it was written.
    pub version: Version,
    /// What the person does.
    #[serde(flatten)]
    pub occupation: Occupation,
    /// Whether who it is was erased: the name is then a pseudonym, and nothing else is known.
    #[serde(default)]
    pub erased: bool,
    /// Who it is, where that was put back.
    #[serde(skip)]
    pub identity: Option<Identity>,
}

/// What is true of a person on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PersonPresent {
    /// As what the person takes part that day.
    #[schema(max_items = 20)]
    pub takes_part_as: Vec<PersonCapacity>,
    /// For whom the person works that day.
    #[schema(max_items = 100)]
    pub works_that_day_for: Vec<OrganisationId>,
}

impl Person {
    /// Records a person. `known` is what is known of the organisations named.
    ///
    /// Refused when values contradict one another, and when an organisation named is not known.
    pub fn create(id: PersonId, said: PersonSaid, known: &Known) -> Result<Self, Refusal> {
        Self::stated(id, Version::FIRST, said, known)
    }

    /// Changes what is said of the person. Refused as when recording, and once the person was erased.
    pub fn change(self, said: PersonSaid, known: &Known) -> Result<Self, Refusal> {
        if self.erased {
            return Err(Refusal::Erased);
        }
        Self::stated(self.id, self.version.next(), said, known)
    }

    /// What is recorded of the person, as it would be said.
    ///
    /// Refused once the person was erased.
    pub fn said(&self) -> Result<PersonSaid, Refusal> {
        let said = PersonSaid::of(self).filter(|_| !self.erased);
        said.ok_or(Refusal::Erased)
    }

    /// Forgets who the person is: a pseudonym stands for the name from now on, in every state there ever was.
    /// What the person did, without a name, stays.
    ///
    /// Refused when that was done already.
    pub fn erase(self) -> Result<Self, Refusal> {
        if self.erased {
            return Err(Refusal::Erased);
        }
        Ok(Self {
            version: self.version.next(),
            erased: true,
            identity: Some(Identity::pseudonym(self.id)),
            ..self
        })
    }

    /// Whether it may be deleted as a mistake. Refused once others are or were tied to it: that person is erased.
    pub fn delete(&self, tied: usize) -> Result<(), Refusal> {
        match tied {
            0 => Ok(()),
            count => Err(Refusal::Tied { count }),
        }
    }

    fn stated(
        id: PersonId,
        version: Version,
        said: PersonSaid,
        known: &Known,
    ) -> Result<Self, Refusal> {
        said.faults().into_result()?;
        known.faults(said.named()).into_result()?;
        Ok(Self::as_said(id, version, said))
    }

    /// A person as said, allowed or not.
    #[must_use]
    pub fn as_said(id: PersonId, version: Version, said: PersonSaid) -> Self {
        let (identity, occupation) = said.parted();
        Self {
            id,
            version,
            occupation,
            erased: false,
            identity: Some(identity),
        }
    }
}

impl Resource for Person {
    const TYPE: ResourceType = ResourceType::Person;

    const READ: Action = Action::ReadPeople;

    type Present = PersonPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn identify(&mut self, identity: Identity) {
        self.identity = Some(identity);
    }

    fn names(&self) -> Option<&Names> {
        self.identity.as_ref().map(|identity| &identity.names)
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let professions = self.occupation.professions.iter();
        let professions =
            professions.map(|one| (Facet::Profession, format!("{}:{}", one.system, one.code)));
        let rpps = self
            .identity
            .iter()
            .flat_map(|identity| identity.rpps.iter());
        let rpps = rpps.map(|rpps| (Facet::Identifier, rpps.to_string()));
        let fictitious = (Facet::Fictitious, self.occupation.fictitious.to_string());
        professions.chain(rpps).chain([fictitious]).collect()
    }

    const HAS_SPANS: bool = true;

    fn spans(&self) -> Vec<(Facet, String, Since)> {
        let capacities = self.occupation.capacities.iter();
        let spans = capacities.map(|one| (Facet::Capacity, one.capacity.to_string(), one.since()));
        spans.collect()
    }

    /// Whom a person works for keeps the record while that lasts.
    fn ties(&self) -> Vec<Tie> {
        let works = self.occupation.works_for.iter();
        let ties = works.map(|work| Tie {
            kind: TieKind::WorksFor,
            tied: self.itself(),
            target: work.organisation.into(),
            since: work.since(),
            sway: Some(Sway::Full),
        });
        ties.collect()
    }

    fn acts(&self) -> Vec<Action> {
        if self.erased {
            return vec![Action::DeletePerson];
        }
        vec![
            Action::ChangePerson,
            Action::ErasePerson,
            Action::DeletePerson,
        ]
    }

    fn warnings(&self) -> Vec<Warning> {
        let professions = self.occupation.professions.iter().enumerate();
        professions
            .filter(|(_, one)| !crate::nomenclatures::may_hold(one))
            .map(|(i, _)| Warning::UnlistedCode {
                pointer: Pointer::root().join("professions").join(i).join("code"),
            })
            .collect()
    }

    fn on(&self, day: Date) -> OnDay<PersonPresent> {
        let Occupation {
            capacities,
            works_for,
            ..
        } = &self.occupation;
        let as_what = capacities.iter().filter(|one| one.since().contains(day));
        let for_whom = works_for.iter().filter(|one| one.since().contains(day));
        let answer = PersonPresent {
            takes_part_as: as_what.map(|one| one.capacity).collect(),
            works_that_day_for: for_whom.map(|one| one.organisation).collect(),
        };
        let capacities = capacities.iter().map(CapacityHeld::since);
        let dated = capacities.chain(works_for.iter().map(Work::since));
        let ends = |since: Since| since.starts_on.into_iter().chain(since.ends_before);
        OnDay::between(dated.flat_map(ends), day, answer)
    }
}

/// The name alone, and nothing of it once nobody knows who it is.
impl Carded for Person {
    fn card(&self, _: Date) -> Card {
        let pseudonym = || Identity::pseudonym(self.id);
        let identity = self.identity.clone().unwrap_or_else(pseudonym);
        Card {
            resource_type: Self::TYPE,
            id: self.uuid(),
            kind: Self::TYPE.code().to_owned(),
            name: identity.name(),
            short_name: None,
            state: None,
            website: None,
            fictitious: self.occupation.fictitious,
        }
    }
}
