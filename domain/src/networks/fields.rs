//! What a caller says of a network.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{FinancingState, LegalBasis, Life, NetworkFamily, NetworkKind, Reach, Refusal};
use crate::concerns::{Population, Theme};
use crate::organisations::{Contact, OrganisationId};
use crate::records::RecordRef;
use crate::territories::TerritoryId;
use crate::values::{Coded, Faults, Names, Pointer, Since, Text, ValueError, dated};

/// What is said of a network, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "reseau",
    "family": "proximity",
    "names": [{ "name": "Réseau d'exemple" }],
    "themes": ["addictions", "youth_health"],
    "main_theme": "addictions",
    "reach": "territorial",
    "life": [{ "state": "active", "starts_on": "2004-06" }],
    "legal_bases": [{ "basis": "l6321_1", "ends_before": "2022-07-26" }],
    "fictitious": true,
}))]
pub struct NetworkFields {
    /// Its nature.
    pub kind: NetworkKind,
    /// Which of the four families it is of; absent when not known, or when it is no réseau.
    #[serde(default)]
    pub family: Option<NetworkFamily>,
    /// Its names in the order it bore them.
    pub names: Names,
    /// What it is there for, in a few words.
    #[serde(default)]
    pub summary: Option<Text>,
    /// How to reach it, never a person in it.
    #[serde(default)]
    pub contact: Contact,
    /// What it works on, each once.
    #[serde(default)]
    #[validate(length(max = 23))]
    #[schema(max_items = 23)]
    pub themes: Vec<Theme>,
    /// The one of its themes that comes first; there is one as soon as there are themes.
    #[serde(default)]
    pub main_theme: Option<Theme>,
    /// For whom, each once.
    #[serde(default)]
    #[validate(length(max = 14))]
    #[schema(max_items = 14)]
    pub populations: Vec<Population>,
    /// The illnesses it is about, in others' nomenclatures.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub pathologies: Vec<Coded>,
    /// What it does, in others' nomenclatures.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub activities: Vec<Coded>,
    /// How far it reaches.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// Where it works.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub territories: Vec<NetworkTerritory>,
    /// Under which law, at most one on any day.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub legal_bases: Vec<NetworkLegalBasis>,
    /// The phases of its life.
    pub life: Life,
    /// With what money: one state on any day, which several may fund.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub financing: Vec<Financing>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

dated! {
    /// A territory in which a network works for some time.
    pub struct NetworkTerritory {
        /// The territory.
        pub territory: TerritoryId,
    }
}

dated! {
    /// An article of law under which a network works for some time.
    pub struct NetworkLegalBasis {
        /// The article.
        pub basis: LegalBasis,
    }
}

dated! {
    /// Whether a network is funded for some time, and by whom.
    pub struct Financing {
        /// Whether it is.
        pub state: FinancingState,
        /// By whom; only when it is, and absent when that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub funder: Option<OrganisationId>,
    }
}

impl NetworkFields {
    /// The records that it names, and where.
    #[must_use]
    pub fn named(&self) -> Vec<(Pointer, RecordRef)> {
        let territories = self.territories.iter().enumerate();
        let territories = territories.map(|(i, one)| {
            let pointer = Pointer::root().join("territories").join(i);
            (pointer.join("territory"), one.territory.into())
        });
        let funders = self.financing.iter().enumerate();
        let funders = funders.filter_map(|(i, one)| {
            let pointer = Pointer::root().join("financing").join(i);
            Some((pointer.join("funder"), one.funder?.into()))
        });
        territories.chain(funders).collect()
    }

    /// Refused when what is said of it contradicts itself or the law.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        self.check_themes(&mut faults);
        faults.repeated("populations", &self.populations);
        faults.repeated("pathologies", &self.pathologies);
        faults.repeated("activities", &self.activities);
        faults.contradicting("territories", &self.territories, |one, other| {
            one.territory == other.territory && one.since().overlaps(other.since())
        });
        faults.contradicting("legal_bases", &self.legal_bases, |one, other| {
            one.since().overlaps(other.since())
        });
        self.check_financing(&mut faults);
        faults.into_result()?;
        self.check_law()
    }

    fn check_themes(&self, faults: &mut Faults) {
        faults.repeated("themes", &self.themes);
        let pointer = Pointer::root().join("main_theme");
        match self.main_theme {
            None if !self.themes.is_empty() => faults.push(pointer, ValueError::Required),
            Some(main) if !self.themes.contains(&main) => {
                let with = Pointer::root().join("themes");
                faults.push(pointer, ValueError::Contradicts { with });
            }
            _ => {}
        }
    }

    fn check_financing(&self, faults: &mut Faults) {
        for (i, one) in self.financing.iter().enumerate() {
            if one.funder.is_some() && one.state != FinancingState::Funded {
                let here = Pointer::root().join("financing").join(i);
                let with = here.join("state");
                faults.push(here.join("funder"), ValueError::Contradicts { with });
            }
        }
        faults.contradicting("financing", &self.financing, |one, other| {
            let together = one.since().overlaps(other.since());
            together && (one.state != other.state || one.funder == other.funder)
        });
    }

    /// Refused when it would work under an article beyond its repeal.
    fn check_law(&self) -> Result<(), Refusal> {
        for one in &self.legal_bases {
            let Some(over_from) = one.basis.over_from() else {
                continue;
            };
            let afterwards = Since {
                starts_on: Some(over_from),
                ends_before: None,
            };
            if one.since().overlaps(afterwards) {
                return Err(Refusal::Repealed {
                    basis: one.basis,
                    over_from,
                });
            }
        }
        Ok(())
    }
}
