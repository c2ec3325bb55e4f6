//! What the law asks a founding text to say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::{CodeList, Text, code_list};

code_list! {
    /// Which of the two texts.
    pub enum FoundingTextKind in "founding_text_kinds" {
        /// Charter, signed by each member: article D6321-4.
        Charter = "charter",
        /// Constitutive convention, signed by each new member: article D6321-5.
        ConstitutiveConvention = "constitutive_convention",
    }
}

code_list! {
    /// What a founding text must say or have annexed.
    pub enum RequiredItem in "founding_text_items" {
        /// How one enters and leaves (D6321-4).
        AccessAndExit = "access_and_exit",
        /// The part of each, coordination and steering (D6321-4).
        RolesAndSteering = "roles_and_steering",
        /// Quality of care and training of those who take part (D6321-4).
        QualityAndTraining = "quality_and_training",
        /// How information is shared within professional secrecy (D6321-4).
        InformationSharing = "information_sharing",
        /// Nobody uses taking part for promotion or advertising; money depends on it (D6321-4).
        NoAdvertising = "no_advertising",
        /// Annexed: the protocols of care (D6321-4).
        Protocols = "protocols",
        /// Annexed: the document that informs users (D6321-4).
        UsersInformation = "users_information",
        /// Object and aims (D6321-5, 1°).
        ObjectAndAims = "object_and_aims",
        /// Geographic area and population (D6321-5, 2°).
        AreaAndPopulation = "area_and_population",
        /// Seat, promoters, who is in charge of the information system (D6321-5, 3°).
        SeatAndPromoters = "seat_and_promoters",
        /// The persons who compose it and their fields (D6321-5, 4°).
        Composition = "composition",
        /// How one enters and leaves, and others take part (D6321-5, 5°).
        EntryAndExit = "entry_and_exit",
        /// How users are represented (D6321-5, 6°).
        UsersRepresentation = "users_representation",
        /// Legal structure and statutes (D6321-5, 7°).
        LegalStructure = "legal_structure",
        /// Coordination, steering, continuity of care (D6321-5, 8°).
        CoordinationAndContinuity = "coordination_and_continuity",
        /// Information system (D6321-5, 9°).
        InformationSystem = "information_system",
        /// Evaluation (D6321-5, 10°).
        Evaluation = "evaluation",
        /// Duration and renewal (D6321-5, 11°).
        DurationAndRenewal = "duration_and_renewal",
        /// Planned calendar (D6321-5, 12°).
        Calendar = "calendar",
        /// Dissolution (D6321-5, 13°).
        Dissolution = "dissolution",
    }
}

impl RequiredItem {
    /// Of which text the law asks it.
    #[must_use]
    pub fn text(self) -> FoundingTextKind {
        match self {
            Self::AccessAndExit
            | Self::RolesAndSteering
            | Self::QualityAndTraining
            | Self::InformationSharing
            | Self::NoAdvertising
            | Self::Protocols
            | Self::UsersInformation => FoundingTextKind::Charter,
            Self::ObjectAndAims
            | Self::AreaAndPopulation
            | Self::SeatAndPromoters
            | Self::Composition
            | Self::EntryAndExit
            | Self::UsersRepresentation
            | Self::LegalStructure
            | Self::CoordinationAndContinuity
            | Self::InformationSystem
            | Self::Evaluation
            | Self::DurationAndRenewal
            | Self::Calendar
            | Self::Dissolution => FoundingTextKind::ConstitutiveConvention,
        }
    }

    /// All that the law asks of a text, in its order.
    pub fn of(text: FoundingTextKind) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |item| item.text() == text)
    }
}

code_list! {
    /// How far an item of a text is.
    pub enum ItemState in "founding_text_item_states" {
        /// It is in the text as signed.
        Settled = "settled",
        /// It is being written.
        Drafted = "drafted",
        /// It is not there.
        Missing = "missing",
    }
}

/// How far an item of a text is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextItem {
    /// Which.
    pub item: RequiredItem,
    /// How far it is.
    pub state: ItemState,
    /// What is to be known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}
