//! A network as recorded, and the acts on it.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Financing, FinancingState, LegalBasis, NetworkFields, NetworkLegalBasis, NetworkState, Phase,
    Refusal,
};
use crate::access::Action;
use crate::lineage::Lineage;
use crate::records::{
    Card, Carded, Facet, Known, OnDay, Resource, ResourceType, Tie, TieKind, Warning, read_stored,
};
use crate::values::{Date, Faults, Id, Label, Names, Pointer, Since, ValueError, Version};

/// The id of a network.
pub type NetworkId = Id<Network>;

/// A network as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Network {
    /// Its name for ever.
    pub id: NetworkId,
    /// How many times it was written.
    pub version: Version,
    /// What is said of it.
    #[serde(flatten)]
    pub fields: NetworkFields,
    /// What it comes from and what became of it.
    #[serde(flatten)]
    pub lineage: Lineage,
}

/// What the server keeps of a network.
#[derive(Deserialize)]
struct KeptOfNetwork {
    id: NetworkId,
    version: Version,
    #[serde(flatten)]
    lineage: Lineage,
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (kept, fields): (KeptOfNetwork, _) = read_stored(from)?;
        Ok(Self {
            id: kept.id,
            version: kept.version,
            fields,
            lineage: kept.lineage,
        })
    }
}

/// What is true of a network on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NetworkPresent {
    /// The name it bears that day; before its first name, that one.
    pub name: Label,
    /// The acronym or usual short name it bears that day.
    pub short_name: Option<Label>,
    /// Where it stands in its life that day; `null` before it began.
    pub state: Option<NetworkState>,
    /// The article of law under which it works that day; `null` when that is not known.
    pub legal_basis: Option<LegalBasis>,
    /// Whether it is funded that day; `null` when that is not known.
    pub financing_state: Option<FinancingState>,
}

impl Network {
    /// Records a network. `known` is what is known of the records that it names.
    ///
    /// Refused when values contradict one another: a main theme that is none of its themes, two legal
    /// bases or two states of financing on one day, a funder of what is not funded; when it would
    /// work under an article beyond its repeal; when something named is not known.
    pub fn create(id: NetworkId, fields: NetworkFields, known: &Known) -> Result<Self, Refusal> {
        Self {
            id,
            version: Version::FIRST,
            fields,
            lineage: Lineage::default(),
        }
        .allowed(known)
    }

    /// Changes what is said of it. `texts` is when its founding texts are in force.
    ///
    /// Refused as when recording, and when a founding text would be in force on a day on which it does not
    /// work under L6321-1.
    pub fn change(
        self,
        fields: NetworkFields,
        known: &Known,
        texts: &[Since],
    ) -> Result<Self, Refusal> {
        let article = fields.legal_bases.iter();
        let article = article.filter(|one| one.basis == LegalBasis::L6321_1);
        let article: Vec<Since> = article.map(NetworkLegalBasis::since).collect();
        let bare = texts.iter().filter(|text| !text.is_within(&article));
        match bare.count() {
            0 => {}
            count => return Err(Refusal::TextsInForce { count }),
        }
        Self {
            version: self.version.next(),
            fields,
            ..self
        }
        .allowed(known)
    }

    /// Says that a phase of its life begins.
    ///
    /// Refused when it does not begin after the last one, when no such phase may follow that one, and
    /// when there are too many.
    pub fn enter(self, phase: Phase) -> Result<Self, Refusal> {
        let life = self.fields.life.followed_by(phase).map_err(|misread| {
            let member = match misread.error {
                ValueError::Required | ValueError::NotInOrder => "starts_on",
                _ => "state",
            };
            let mut faults = Faults::default();
            faults.push(Pointer::root().join(member), misread.error);
            faults
        })?;
        Ok(Self {
            version: self.version.next(),
            fields: NetworkFields {
                life,
                ..self.fields
            },
            ..self
        })
    }

    /// Whether it may be deleted as a mistake. Refused once others are or were tied to it.
    pub fn delete(&self, tied: usize) -> Result<(), Refusal> {
        match tied {
            0 => Ok(()),
            count => Err(Refusal::Tied { count }),
        }
    }

    /// The same with other kin, one version later.
    #[must_use]
    pub fn with_lineage(self, lineage: Lineage) -> Self {
        Self {
            version: self.version.next(),
            lineage,
            ..self
        }
    }

    /// Where it stands on a day; nothing before it began.
    fn state_on(&self, day: Date) -> Option<NetworkState> {
        match self.lineage.merged_on() {
            Some(merged_on) if merged_on <= day => Some(NetworkState::Merged),
            _ => self.fields.life.on(day).map(|phase| phase.state),
        }
    }

    fn allowed(self, known: &Known) -> Result<Self, Refusal> {
        self.fields.check()?;
        known.faults(self.fields.named()).into_result()?;
        Ok(self)
    }

    /// The days on which something said of it begins or ceases to be true.
    fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        let bases = self.fields.legal_bases.iter().map(NetworkLegalBasis::since);
        let money = self.fields.financing.iter().map(Financing::since);
        let ends = |since: Since| since.starts_on.into_iter().chain(since.ends_before);
        self.fields
            .names
            .turning_days()
            .chain(self.fields.life.turning_days())
            .chain(self.lineage.merged_on())
            .chain(bases.chain(money).flat_map(ends))
    }
}

impl Resource for Network {
    const TYPE: ResourceType = ResourceType::Network;

    const READ: Action = Action::ReadNetworks;

    type Present = NetworkPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn names(&self) -> Option<&Names> {
        Some(&self.fields.names)
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let themes = self.fields.themes.iter();
        let themes = themes.map(|theme| (Facet::Theme, theme.to_string()));
        let populations = self.fields.populations.iter();
        let populations = populations.map(|one| (Facet::Population, one.to_string()));
        let family = self.fields.family.iter();
        let family = family.map(|one| (Facet::Family, one.to_string()));
        let reach = self.fields.reach.iter();
        let reach = reach.map(|one| (Facet::Reach, one.to_string()));
        let own = [
            (Facet::Kind, self.fields.kind.to_string()),
            (Facet::Fictitious, self.fields.fictitious.to_string()),
        ];
        let coded = themes.chain(populations).chain(family).chain(reach);
        coded.chain(own).collect()
    }

    const HAS_SPANS: bool = true;

    fn spans(&self) -> Vec<(Facet, String, Since)> {
        let merged = self.lineage.merged_on().map(|merged_on| Since {
            starts_on: Some(merged_on),
            ends_before: None,
        });
        let phases = self.fields.life.spans().flat_map(|(state, since)| {
            let left = merged.map_or(vec![since], |merged| since.without(merged));
            left.into_iter().map(move |since| (state, since))
        });
        let merged = merged.map(|since| (NetworkState::Merged, since));
        let phases = phases.chain(merged);
        let phases = phases.map(|(state, since)| (Facet::State, state.to_string(), since));
        let bases = self.fields.legal_bases.iter();
        let bases = bases.map(|one| (Facet::LegalBasis, one.basis.to_string(), one.since()));
        let money = self.fields.financing.iter();
        let money = money.map(|one| (Facet::Financing, one.state.to_string(), one.since()));
        phases.chain(bases).chain(money).collect()
    }

    /// From the first phase of its life until it is closed or merged.
    fn exists(&self) -> Since {
        self.lineage.until_merged(self.fields.life.lasts())
    }

    fn ties(&self) -> Vec<Tie> {
        let tie = |kind, target, since| Tie {
            kind,
            tied: self.itself(),
            target,
            since,
            sway: None,
        };
        let territories = self.fields.territories.iter();
        let territories =
            territories.map(|one| tie(TieKind::WorksIn, one.territory.into(), one.since()));
        let funders = self.fields.financing.iter();
        let funders =
            funders.filter_map(|one| Some(tie(TieKind::FundedBy, one.funder?.into(), one.since())));
        territories.chain(funders).collect()
    }

    fn acts(&self) -> Vec<Action> {
        let mut acts = vec![Action::ChangeNetwork, Action::DeleteNetwork];
        let goes_on = self.lineage.successors.is_empty();
        if goes_on && !self.fields.life.last().state.next().is_empty() {
            acts.push(Action::EnterPhase);
        }
        acts
    }

    fn warnings(&self) -> Vec<Warning> {
        let lists = [
            ("pathologies", &self.fields.pathologies),
            ("activities", &self.fields.activities),
        ];
        let coded = lists
            .into_iter()
            .flat_map(|(list, coded)| coded.iter().enumerate().map(move |(i, one)| (list, i, one)));
        coded
            .filter(|(_, _, one)| !crate::nomenclatures::may_hold(one))
            .map(|(list, i, _)| Warning::UnlistedCode {
                pointer: Pointer::root().join(list).join(i).join("code"),
            })
            .collect()
    }

    fn on(&self, day: Date) -> OnDay<Self::Present> {
        let fields = &self.fields;
        let borne = fields.names.on(day);
        let basis = fields
            .legal_bases
            .iter()
            .find(|one| one.since().contains(day));
        let money = fields
            .financing
            .iter()
            .find(|one| one.since().contains(day));
        let answer = NetworkPresent {
            name: borne.name.clone(),
            short_name: borne.short_name.clone(),
            state: self.state_on(day),
            legal_basis: basis.map(|one| one.basis),
            financing_state: money.map(|one| one.state),
        };
        OnDay::between(self.turning_days(), day, answer)
    }
}

impl Carded for Network {
    fn card(&self, day: Date) -> Card {
        let present = self.on(day).answer;
        Card {
            resource_type: Self::TYPE,
            id: self.uuid(),
            kind: self.fields.kind.to_string(),
            name: present.name,
            short_name: present.short_name,
            state: present.state.map(|state| state.to_string()),
            website: self.fields.contact.website.clone(),
            fictitious: self.fields.fictitious,
        }
    }
}
