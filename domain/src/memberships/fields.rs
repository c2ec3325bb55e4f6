//! What a caller says of a membership.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::Expertise;
use crate::access::{Action, Sway};
use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::people::PersonId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind, one_of};
use crate::relations::{Acts, Stated};
use crate::values::{Date, Faults, Label, Pointer, Since, Text, ValueError, code_list, words};

code_list! {
    /// As what somebody is a member. Statutes have words of their own: these are what they come to.
    pub enum MembershipCategory in "membership_categories" {
        /// It joined: adhérent, membre actif.
        Adherent = "adherent",
        /// It founded the whole.
        Founder = "founder",
        /// By right: de droit, without having asked.
        OfRight = "of_right",
        /// It takes part without a vote: associé, partenaire.
        Associate = "associate",
        /// It advises: expert, personne qualifiée.
        Expert = "expert",
        /// It is asked to come: invité, observateur.
        Guest = "guest",
        /// It helped: bienfaiteur, honneur.
        Honorary = "honorary",
    }
}

one_of! {
    /// Who may be a member.
    pub enum Member {
        /// An organisation.
        Organisation(OrganisationId),
        /// A network.
        Network(NetworkId),
        /// A person, in its own name.
        Person(PersonId),
    }
}

one_of! {
    /// What has members.
    pub enum Whole {
        /// A network.
        Network(NetworkId),
        /// An organisation, such as a federation.
        Organisation(OrganisationId),
    }
}

/// What is said of a membership, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "type": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
    "of": { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
    "category": "adherent",
    "college": "Établissements de santé",
    "expertise": [{ "name": "Sevrage tabagique", "theme": "addictions" }],
    "starts_on": "2019-01-01",
}))]
pub struct MembershipFields {
    /// Who.
    pub member: Member,
    /// Of what.
    pub of: Whole,
    /// As what.
    pub category: MembershipCategory,
    /// The college in which it sits, as the statutes name it.
    #[serde(default)]
    pub college: Option<Label>,
    /// What it does there, in a few words.
    #[serde(default)]
    pub role: Option<Label>,
    /// Who speaks for the member there; absent when nobody was named, or for a person, who speaks for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<PersonId>,
    /// What the other members may call on it for.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub expertise: Vec<Expertise>,
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

impl Stated for MembershipFields {
    const TYPE: ResourceType = ResourceType::Membership;

    const NAME: &'static str = "Membership";

    const ACTS: Acts = Acts {
        read: Action::ReadMemberships,
        create: Action::CreateMembership,
        change: Action::ChangeMembership,
        end: Action::EndMembership,
        delete: Action::DeleteMembership,
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
        let at = |member: &str| Pointer::root().join(member).join("id");
        let mut named = vec![
            (at("member"), self.member.record()),
            (at("of"), self.of.record()),
        ];
        let pointer = Pointer::root().join("representative");
        named.extend(self.representative.map(|who| (pointer, who.into())));
        named
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        let (member, of) = (self.member.record().id, self.of.record().id);
        vec![("member", member.to_string()), ("of", of.to_string())]
    }

    /// The whole keeps it and the member sees it, on any day; but no role is held over a person. A network that
    /// joins another, or a federation, is seen from there while it is a member, and stays its own; so are a person
    /// who joins, and one who represents a member.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let (member, of) = (self.member.record(), self.of.record());
        let sight = Some(Sway::Sight);
        let (to_member, to_whole) = match self.member {
            Member::Organisation(_) => (sight, None),
            Member::Network(_) => (sight, sight),
            Member::Person(_) => (None, sight),
        };
        let while_it_is = |kind, tied, sway| Tie {
            kind,
            tied,
            target: of,
            since: self.since(),
            sway,
        };
        let mut ties = vec![
            Tie::always(TieKind::Whole, itself, of, Some(Sway::Full)),
            Tie::always(TieKind::Member, itself, member, to_member),
            while_it_is(TieKind::MemberOf, member, to_whole),
        ];
        if let Some(who) = self.representative.map(RecordRef::from) {
            ties.push(Tie::always(TieKind::Representative, itself, who, None));
            ties.push(while_it_is(TieKind::RepresentsIn, who, sight));
        }
        ties
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let named = self
            .expertise
            .iter()
            .flat_map(|one| words(one.name.as_str()));
        let named = named.map(|word| (Facet::Word, word));
        let themes = self.expertise.iter().filter_map(|one| one.theme);
        let themes = themes.map(|theme| (Facet::Theme, theme.to_string()));
        let college = self
            .college
            .iter()
            .flat_map(|college| words(college.as_str()));
        let college = college.map(|word| (Facet::College, word));
        let own = [
            (Facet::Kind, self.category.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ];
        named.chain(themes).chain(college).chain(own).collect()
    }

    fn check(&self, faults: &mut Faults) {
        if self.representative.is_some() && matches!(self.member, Member::Person(_)) {
            let with = Pointer::root().join("member");
            let error = ValueError::Contradicts { with };
            faults.push(Pointer::root().join("representative"), error);
        }
    }

    /// One member in one category of one whole.
    fn alone_in(&self) -> Option<String> {
        let (member, of) = (self.member.record().id, self.of.record().id);
        Some(format!("{member} {of} {}", self.category))
    }

    fn link(&self) -> Option<(RecordRef, RecordRef)> {
        Some((self.member.record(), self.of.record()))
    }
}
