//! What a caller says of a pooling.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::access::{Action, Sway};
use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind, one_of};
use crate::relations::{Acts, Stated};
use crate::values::{Date, Faults, Label, Pointer, Since, Text, ValueError, code_list, words};

code_list! {
    /// The four forms of pooling (Centre de soutien aux réseaux de santé, CHU de Nice).
    pub enum PoolingForm in "pooling_forms" {
        /// Structures with one theme become one, territory by territory.
        Merger = "merger",
        /// A maison des réseaux: premises and logistics are shared, each stays its own.
        MaisonDesReseaux = "maison_des_reseaux",
        /// Actions or services in common: prevention, education, training, protocols, a shared record.
        SharedActions = "shared_actions",
        /// Joint events, federations, seats in the decision bodies of others.
        JointRepresentation = "joint_representation",
    }
}

code_list! {
    /// What is shared.
    pub enum Shared in "shared_things" {
        /// Premises.
        Premises = "premises",
        /// Logistics: reception, telephone, vehicles, accounts.
        Logistics = "logistics",
        /// Staff.
        Staff = "staff",
        /// Training.
        Training = "training",
        /// Protocols of care.
        Protocols = "protocols",
        /// A shared record.
        Record = "record",
        /// Prevention.
        Prevention = "prevention",
        /// Patient education.
        PatientEducation = "patient_education",
        /// Information systems.
        InformationSystems = "information_systems",
        /// Communication and events.
        Events = "events",
        /// Purchases.
        Purchases = "purchases",
        /// Anything else.
        Other = "other",
    }
}

one_of! {
    /// Who takes part in a pooling.
    pub enum Participant {
        /// A network.
        Network(NetworkId),
        /// An organisation.
        Organisation(OrganisationId),
    }
}

/// What is said of a pooling, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kept_by": { "type": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
    "form": "maison_des_reseaux",
    "title": "Maison des réseaux",
    "participants": [
        { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
        { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000003" },
    ],
    "shares": ["premises", "logistics"],
    "starts_on": "2015-01-01",
}))]
pub struct PoolingFields {
    /// Who keeps this record: a participant, or whoever houses them.
    pub kept_by: Participant,
    /// In which form.
    pub form: PoolingForm,
    /// What it is called.
    pub title: Label,
    /// Who takes part: two at least, each once.
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub participants: Vec<Participant>,
    /// What is shared, each once.
    #[serde(default)]
    #[validate(length(max = 12))]
    #[schema(max_items = 12)]
    pub shares: Vec<Shared>,
    /// The decision body of others in which they sit together; of a joint representation only.
    #[serde(default)]
    pub seat_in: Option<Label>,
    /// More about it.
    #[serde(default)]
    pub description: Option<Text>,
    /// The first day; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is; absent while it is.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

impl Stated for PoolingFields {
    const TYPE: ResourceType = ResourceType::Pooling;

    const NAME: &'static str = "Pooling";

    const ACTS: Acts = Acts {
        read: Action::ReadPoolings,
        create: Action::CreatePooling,
        change: Action::ChangePooling,
        end: Action::EndPooling,
        delete: Action::DeletePooling,
    };

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
        let keeper = (
            Pointer::root().join("kept_by").join("id"),
            self.kept_by.record(),
        );
        let participants = self.participants.iter().enumerate().map(|(i, one)| {
            let at = Pointer::root().join("participants").join(i).join("id");
            (at, one.record())
        });
        [keeper].into_iter().chain(participants).collect()
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        vec![("kept_by", self.kept_by.record().id.to_string())]
    }

    /// Who keeps it keeps it, who takes part sees it.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let keeper = self.kept_by.record();
        let keeper = Tie::always(TieKind::OwnedBy, itself, keeper, Some(Sway::Full));
        let participants = self.participants.iter().map(|one| {
            let one = one.record();
            Tie::always(TieKind::Participant, itself, one, Some(Sway::Sight))
        });
        [keeper].into_iter().chain(participants).collect()
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let words = words(self.title.as_str()).into_iter();
        let words = words.map(|word| (Facet::Word, word));
        let shares = self
            .shares
            .iter()
            .map(|one| (Facet::Shared, one.to_string()));
        let own = [
            (Facet::Kind, self.form.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ];
        words.chain(shares).chain(own).collect()
    }

    fn ties_to_itself(&self) -> bool {
        self.participants.len() < 2
    }

    fn check(&self, faults: &mut Faults) {
        faults.repeated("participants", &self.participants);
        faults.repeated("shares", &self.shares);
        let participants = Pointer::root().join("participants");
        if self.participants.len() < 2 {
            faults.push(participants, ValueError::Count { min: 2, max: 200 });
        }
        if self.seat_in.is_some() && self.form != PoolingForm::JointRepresentation {
            let with = Pointer::root().join("form");
            faults.push(
                Pointer::root().join("seat_in"),
                ValueError::Contradicts { with },
            );
        }
    }
}
