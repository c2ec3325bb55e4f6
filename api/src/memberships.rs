//! `/v1/memberships`.

use domain::concerns::Theme;
use domain::memberships::{MembershipCategory, MembershipFields};
use domain::people::PersonId;
use domain::records::{Facet, TieKind};
use domain::relations::RelationState;
use domain::values::{Date, Label};
use persistence::records::Filter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::code_lists::ours;
use crate::expertise;
use crate::http::list;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "memberships",
        "Who belongs to which network or organisation, as what, since when, and what the other members may call \
         on it for.",
    ),
    routes: |v1| {
        routes(v1);
        v1.service(expertise::list_expertise);
    },
    code_lists: || vec![ours::<MembershipCategory>(), ours::<RelationState>()],
};

/// Which memberships, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MembershipQuery {
    /// Of this organisation, network or person.
    member: Option<Uuid>,
    /// Represented by this person.
    representative: Option<PersonId>,
    /// In this network or organisation.
    of: Option<Uuid>,
    /// In this category.
    category: Option<MembershipCategory>,
    /// In a college whose name has words that begin with these.
    college: Option<Label>,
    /// With an expertise on this theme.
    theme: Option<Theme>,
    /// Words that begin words of an expertise. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that held on this day, as far as is known.
    as_of: Option<Date>,
    /// `member`, `of` or `representative` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// Who is a member.
    Member,
    /// Of what.
    Of,
    /// Who speaks for the member.
    Representative,
}

impl Wanted<MembershipFields> for MembershipQuery {
    fn listed(self, today: Date) -> Result<Related<MembershipFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::Member, self.member)
            .tied_to(TieKind::Representative, self.representative)
            .tied_to(TieKind::Whole, self.of)
            .with(Facet::Kind, self.category)
            .with(Facet::Theme, self.theme)
            .with(Facet::Fictitious, self.fictitious)
            .with_words(Facet::College, list::words_of(self.college.as_ref())?)
            .with_words(Facet::Word, list::words_of(self.q.as_ref())?);
        let expand = self.expand.map(|expand| match expand {
            Expand::Member => "member",
            Expand::Of => "of",
            Expand::Representative => "representative",
        });
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "memberships", MembershipFields, "The membership.", "A page of memberships.";
    "/memberships",
    fn list_memberships(MembershipQuery) "List memberships.",
    fn create_membership() "Record a membership.";
    "/memberships/{id}",
    fn read_membership() "Read a membership.",
    fn change_membership() "Change a membership.",
    fn delete_membership() "Delete a membership recorded by mistake.";
    "/memberships/{id}/history",
    fn read_membership_history() "Read the history of a membership.";
    "/memberships/{id}/end",
    fn end_membership() "Say that a membership ended.";
}
