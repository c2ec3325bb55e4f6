//! What a caller says of a founding text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{FoundingTextKind, TextItem};
use crate::access::{Action, Sway};
use crate::memberships::Member;
use crate::networks::{LegalBasis, NetworkId};
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind};
use crate::relations::{Acts, Condition, Stated};
use crate::values::{Date, Faults, Pointer, Since, Text, ValueError};

/// Somebody who signed a text, or is to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who.
    pub signatory: Member,
    /// When; absent while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<Date>,
}

/// What is said of a founding text, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "network": "0198f1c2-7a00-7000-8000-000000000002",
    "text": "charter",
    "items": [
        { "item": "access_and_exit", "state": "settled" },
        { "item": "information_sharing", "state": "drafted" },
    ],
    "signatures": [{
        "signatory": { "type": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
        "signed_on": "2004-06-15",
    }],
    "starts_on": "2004-06-15",
    "ends_before": "2022-07-26",
}))]
pub struct FoundingTextFields {
    /// Whose text it is.
    pub network: NetworkId,
    /// Which of the two.
    pub text: FoundingTextKind,
    /// How far what the law asks of that text is, each item once. What is not told is missing.
    #[serde(default)]
    #[validate(length(max = 13))]
    #[schema(max_items = 13)]
    pub items: Vec<TextItem>,
    /// Who signed, each once.
    #[serde(default)]
    #[validate(length(max = 1000))]
    #[schema(max_items = 1000)]
    pub signatures: Vec<Signature>,
    /// The first day on which it is in force; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

/// That a network works under article L6321-1.
#[must_use]
pub fn under_the_article(network: NetworkId) -> Condition {
    Condition {
        of: network.into(),
        facet: Facet::LegalBasis,
        value: LegalBasis::L6321_1.to_string(),
    }
}

impl Stated for FoundingTextFields {
    const TYPE: ResourceType = ResourceType::FoundingText;

    const NAME: &'static str = "FoundingText";

    const ACTS: Acts = Acts {
        read: Action::ReadFoundingTexts,
        create: Action::CreateFoundingText,
        change: Action::ChangeFoundingText,
        end: Action::EndFoundingText,
        delete: Action::DeleteFoundingText,
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
        let network = (Pointer::root().join("network"), self.network.into());
        let signatories = self.signatures.iter().enumerate().map(|(i, one)| {
            let at = Pointer::root().join("signatures").join(i);
            (at.join("signatory").join("id"), one.signatory.record())
        });
        [network].into_iter().chain(signatories).collect()
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("network", self.network.to_string()),
            ("text", self.text.to_string()),
        ]
    }

    /// The network keeps it, and who signed it sees it.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let network = self.network.into();
        let kept = Tie::always(TieKind::OwnedBy, itself, network, Some(Sway::Full));
        let signatories = self.signatures.iter().map(|one| {
            let one = one.signatory.record();
            Tie::always(TieKind::Signatory, itself, one, Some(Sway::Sight))
        });
        [kept].into_iter().chain(signatories).collect()
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        vec![
            (Facet::Kind, self.text.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ]
    }

    /// A network has one charter and one convention on a day.
    fn alone_in(&self) -> Option<String> {
        Some(format!("{} {}", self.network, self.text))
    }

    /// Articles D6321-4 and D6321-5 speak of réseaux of article L6321-1, and of no others.
    fn condition(&self) -> Option<Condition> {
        Some(under_the_article(self.network))
    }

    fn check(&self, faults: &mut Faults) {
        let items = Pointer::root().join("items");
        for (i, one) in self.items.iter().enumerate() {
            if one.item.text() != self.text {
                let with = Pointer::root().join("text");
                let here = items.join(i).join("item");
                faults.push(here, ValueError::Contradicts { with });
            }
        }
        faults.contradicting("items", &self.items, |one, other| one.item == other.item);
        faults.contradicting("signatures", &self.signatures, |one, other| {
            one.signatory == other.signatory
        });
        for (i, one) in self.signatures.iter().enumerate() {
            let here = Pointer::root().join("signatures").join(i);
            let is_over = |signed: Date| self.ends_before.is_some_and(|end| end <= signed);
            if one.signed_on.is_some_and(is_over) {
                let with = Pointer::root().join("ends_before");
                faults.push(here.join("signed_on"), ValueError::Contradicts { with });
            }
        }
    }
}
