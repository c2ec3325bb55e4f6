//! `/v1/founding-texts`.

use actix_web::http::StatusCode;
use domain::founding_texts::{
    FoundingText, FoundingTextFields, FoundingTextId, FoundingTextKind, ItemState, RequiredItem,
    missing,
};
use domain::memberships::MembershipFields;
use domain::records::{Card, Facet, TieKind};
use domain::values::Date;
use persistence::records::Filter;
use persistence::relations;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::code_lists::ours;
use crate::http::answer;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "founding_texts",
        "The charter (D6321-4) and the constitutive convention (D6321-5) of a réseau de santé of article L6321-1: how \
         far each item is, who signed, what is missing.",
    ),
    routes: |v1| {
        routes(v1);
        v1.service(read_missing);
    },
    code_lists: || {
        vec![
            ours::<FoundingTextKind>(),
            ours::<RequiredItem>(),
            ours::<ItemState>(),
        ]
    },
};

/// Which founding texts, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FoundingTextQuery {
    /// Of this network.
    network: Option<Uuid>,
    /// Signed, or to be signed, by this one.
    signatory: Option<Uuid>,
    /// Which of the two.
    text: Option<FoundingTextKind>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those in force on this day, as far as is known.
    as_of: Option<Date>,
    /// `network` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to a founding text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// The network.
    Network,
}

impl Wanted<FoundingTextFields> for FoundingTextQuery {
    fn listed(self, today: Date) -> Result<Related<FoundingTextFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::OwnedBy, self.network)
            .tied_to(TieKind::Signatory, self.signatory)
            .with(Facet::Kind, self.text)
            .with(Facet::Fictitious, self.fictitious);
        let expand = self.expand.map(|Expand::Network| "network");
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "founding_texts", FoundingTextFields, "The founding text.", "A page of founding texts.";
    "/founding-texts",
    fn list_founding_texts(FoundingTextQuery) "List founding texts.",
    fn create_founding_text() "Record a founding text.";
    "/founding-texts/{id}",
    fn read_founding_text() "Read a founding text.",
    fn change_founding_text() "Change a founding text.",
    fn delete_founding_text() "Delete a founding text recorded by mistake.";
    "/founding-texts/{id}/history",
    fn read_founding_text_history() "Read the history of a founding text.";
    "/founding-texts/{id}/end",
    fn end_founding_text() "Say that a founding text is no longer in force.";
}

/// What a founding text lacks on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingFromText {
    /// The day of which this is true.
    as_of: Date,
    /// Whether it is in force that day; when it is not, the law asks nothing of it.
    in_force: bool,
    /// What the law asks of it and is not settled, in the order of the law.
    #[schema(max_items = 20)]
    items: Vec<RequiredItem>,
    /// The members of the network that day who have not signed it, as far as the reader may see.
    #[schema(max_items = 200_000)]
    unsigned: Vec<Card>,
}

/// For which day.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MissingQuery {
    /// The day; today when left out.
    as_of: Option<Date>,
}

/// Say what a founding text lacks.
///
/// Of what D6321-4 or D6321-5 asks of it, and of the signatures of the members.
#[utoipa::path(tag = "founding_texts",
    params(("id" = FoundingTextId, Path, description = "The founding text."), MissingQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "What it lacks.", body = MissingFromText)))]
#[get("/founding-texts/{id}/missing")]
pub(crate) async fn read_missing(
    app: Data<App>,
    caller: Caller,
    id: Path<FoundingTextId>,
    query: Query<MissingQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, day) = (*id, query.0.as_of.unwrap_or(app.today()));
    let lacking = app
        .snapshot(&caller, ACTS.read, move |db, actor, visible| {
            let found = store::with_ids::<FoundingText>(db, visible, &[id.uuid()])?;
            let Some(document) = found.first() else {
                return Err(answer::absent(db, visible, FoundingText::TYPE, id.uuid())?);
            };
            let text: FoundingText = document.resource()?;
            let members = actor.visibility(MembershipFields::ACTS.read)?;
            let members = relations::members_on(db, members, text.fields.network, day)?;
            let lacking = missing(&text.fields, &members, day);
            let in_force = lacking.is_some();
            let (items, unsigned) = lacking
                .map(|it| (it.items, it.unsigned))
                .unwrap_or_default();
            let unsigned = store::cards(db, &unsigned, day)?.into_values().collect();
            Ok(MissingFromText {
                as_of: day,
                in_force,
                items,
                unsigned,
            })
        })
        .await?;
    Ok(answer::json(StatusCode::OK).json(lacking))
}
