//! What a caller says of a bearer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::access::{Action, Sway};
use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind};
use crate::relations::{Acts, Stated};
use crate::values::{Date, Faults, Pointer, Since, Text, ValueError, code_list};

code_list! {
    /// What is held for a network.
    pub enum BearerFunction in "bearer_functions" {
        /// It signs for it, answers for it, employs for it.
        LegalRepresentation = "legal_representation",
        /// It receives and spends its money.
        FinancialManagement = "financial_management",
        /// It keeps its papers and its premises.
        AdministrativeManagement = "administrative_management",
    }
}

/// What is said of a bearer, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "network": "0198f1c2-7a00-7000-8000-000000000002",
    "function": "financial_management",
    "organisation": "0198f1c2-7a00-7000-8000-000000000001",
    "interim": true,
    "starts_on": "2012-01-01",
    "review_on": "2027-01-01",
}))]
pub struct BearerFields {
    /// For which network.
    pub network: NetworkId,
    /// What is held.
    pub function: BearerFunction,
    /// Who holds it; absent when the network itself does.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// Whether the network itself holds it. Said, never guessed: a function of which nothing is said is not
    /// known.
    #[serde(default)]
    pub autonomous: bool,
    /// Whether it is held only until a local structure can.
    #[serde(default)]
    pub interim: bool,
    /// When it is to be looked at again.
    #[serde(default)]
    pub review_on: Option<Date>,
    /// Why it is held so.
    #[serde(default)]
    pub reason: Option<Text>,
    /// The first day; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it is no longer held; absent while it is.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

impl Stated for BearerFields {
    const TYPE: ResourceType = ResourceType::Bearer;

    const NAME: &'static str = "Bearer";

    const ACTS: Acts = Acts {
        read: Action::ReadBearers,
        create: Action::CreateBearer,
        change: Action::ChangeBearer,
        end: Action::EndBearer,
        delete: Action::DeleteBearer,
    };

    fn more_acts() -> Vec<Action> {
        vec![Action::HandOverBearer]
    }

    fn since(&self) -> Since {
        Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        }
    }

    fn ended(self, ends_before: Date, reason: Option<Text>) -> Self {
        Self {
            ends_before: Some(ends_before),
            end_reason: reason.or(self.end_reason),
            ..self
        }
    }

    fn end_reason(&self) -> Option<&Text> {
        self.end_reason.as_ref()
    }

    fn named(&self) -> Vec<(Pointer, RecordRef)> {
        let mut named = vec![(Pointer::root().join("network"), self.network.into())];
        let organisation = self.organisation.map(RecordRef::from);
        named.extend(organisation.map(|one| (Pointer::root().join("organisation"), one)));
        named
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        let function = ("function", self.function.to_string());
        vec![("network", self.network.to_string()), function]
    }

    /// The network keeps it; who bears the network sees it, and the network while it bears it.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let network = RecordRef::from(self.network);
        let mut ties = vec![Tie::always(
            TieKind::Network,
            itself,
            network,
            Some(Sway::Full),
        )];
        if let Some(bearer) = self.organisation.map(RecordRef::from) {
            let sight = Some(Sway::Sight);
            ties.push(Tie::always(TieKind::Organisation, itself, bearer, sight));
            ties.push(Tie {
                kind: TieKind::BorneBy,
                tied: network,
                target: bearer,
                since: self.since(),
                sway: sight,
            });
        }
        ties
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        vec![
            (Facet::Kind, self.function.to_string()),
            (Facet::Autonomous, self.autonomous.to_string()),
            (Facet::Interim, self.interim.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ]
    }

    /// Due from the day of its review on, while it is held.
    fn spans(&self) -> Vec<(Facet, String, Since)> {
        let due = self.review_on.map(|review_on| {
            let since = Since {
                starts_on: Some(review_on),
                ends_before: self.ends_before,
            };
            (Facet::Review, "due".to_owned(), since)
        });
        due.into_iter().collect()
    }

    /// One function of one network: nobody holds it beside another.
    fn alone_in(&self) -> Option<String> {
        Some(format!("{} {}", self.network, self.function))
    }

    fn check(&self, faults: &mut Faults) {
        let autonomous = Pointer::root().join("autonomous");
        match (self.organisation, self.autonomous) {
            (Some(_), true) => {
                let with = Pointer::root().join("organisation");
                faults.push(autonomous, ValueError::Contradicts { with });
            }
            (None, false) => {
                faults.push(Pointer::root().join("organisation"), ValueError::Required);
            }
            _ => {}
        }
        if self.autonomous && self.interim {
            let with = Pointer::root().join("autonomous");
            faults.push(
                Pointer::root().join("interim"),
                ValueError::Contradicts { with },
            );
        }
        if let (Some(starts_on), Some(review_on)) = (self.starts_on, self.review_on)
            && review_on < starts_on
        {
            faults.push(Pointer::root().join("review_on"), ValueError::NotInOrder);
        }
    }
}
