//! `/v1/exports`: every record of a type as it is stored, and from where to follow its changes.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use clap::ValueEnum;
use domain::access::Action;
use domain::actions::PlannedAction;
use domain::bearers::Bearer;
use domain::facilitations::Facilitation;
use domain::founding_texts::FoundingText;
use domain::lineage::LineageEvent;
use domain::memberships::Membership;
use domain::networks::Network;
use domain::objectives::Objective;
use domain::people::Person;
use domain::poolings::Pooling;
use domain::records::{Resource, ResourceType};
use domain::values::Date;
use persistence::page::After;
use persistence::{Database, changes, records, territories};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::asked::Caller;
use crate::http::cursor::{self, Standing};
use crate::http::format::Whole;
use crate::http::list::{self, Listing};
use crate::http::query::{Nothing, Query};
use crate::http::stream::{Long, Reader};
use crate::organisations::Organisations;
use crate::problem::Problem;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Exported {
    /// Every organisation.
    Organisations,
    /// Every network.
    Networks,
    /// Every person.
    People,
    /// Every membership.
    Memberships,
    /// Every bearer.
    Bearers,
    /// Every facilitation.
    Facilitations,
    /// Every objective.
    Objectives,
    /// Every action.
    Actions,
    /// Every pooling.
    Poolings,
    /// Every founding text.
    FoundingTexts,
    /// Every merger, split and succession.
    LineageEvents,
    /// Every territory.
    Territories,
}

/// Export every record of a type.
///
/// One JSON object on each line: the record as it is stored, as `body` in the change feed has it.
/// `Changes-Cursor` was taken before the first record was read: who follows the feed from there
/// misses nothing, and is told again of some of what is here already. An answer that breaks off is
/// not the whole.
#[utoipa::path(tag = "changes", params(("type" = inline(Exported), Path, description = "The type.", example = "organisations")),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "Every record of the type that the caller may see.", body = String, content_type = "application/x-ndjson",
        headers(("Changes-Cursor" = String, description = "To give as `after` to `/v1/changes`."), ("Link" = String, description = "Where to go on.")))))]
#[get("/exports/{type}")]
pub(crate) async fn export_records(
    app: Data<App>,
    caller: Caller,
    exported: Path<Exported>,
    _: Query<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let state = app.clone();
    let cursor = app
        .read(&caller, Action::ExportRecords, move |db, actor, _| {
            let standing = Standing {
                place: changes::end(db)?,
                rights: actor.rights_version,
                turning: None,
            };
            Ok(cursor::of_feed(standing, state.keys())?)
        })
        .await?;
    let reader = Reader::Caller(app.clone(), caller);
    let (resource_type, long) = exported.whole(reader, Whole::Stored, app.today());
    let mut head = list::head_of(resource_type, Whole::Stored, app.today());
    let next = format!("</v1/changes?after={cursor}>; rel=\"next\"");
    head.insert_header((header::LINK, next));
    head.insert_header(("Changes-Cursor", cursor));
    long.answer(&request, head).await
}

impl Exported {
    /// Every record of the type, for one who may export it.
    fn whole(self, reader: Reader, form: Whole, today: Date) -> (ResourceType, Long<After>) {
        match self {
            Self::Organisations => all(reader, Organisations::default(), form, today),
            Self::Networks => all(reader, of::<Network>(), form, today),
            Self::People => all(reader, of::<Person>(), form, today),
            Self::Memberships => all(reader, of::<Membership>(), form, today),
            Self::Bearers => all(reader, of::<Bearer>(), form, today),
            Self::Facilitations => all(reader, of::<Facilitation>(), form, today),
            Self::Objectives => all(reader, of::<Objective>(), form, today),
            Self::Actions => all(reader, of::<PlannedAction>(), form, today),
            Self::Poolings => all(reader, of::<Pooling>(), form, today),
            Self::FoundingTexts => all(reader, of::<FoundingText>(), form, today),
            Self::LineageEvents => all(reader, of::<LineageEvent>(), form, today),
            Self::Territories => all(reader, territories::Filter::default(), form, today),
        }
    }
}

/// Every record of the type, for the one who runs the program.
#[must_use]
pub fn by_operator(
    database: Database,
    exported: Exported,
    form: Whole,
    today: Date,
) -> Long<After> {
    let (_, long) = exported.whole(Reader::Operator(database), form, today);
    long
}

/// Everything that a room lists, for one who may export it, and of which type.
fn all<L: Listing>(
    reader: Reader,
    listing: L,
    form: Whole,
    today: Date,
) -> (ResourceType, Long<After>) {
    let read = list::everything(listing, form, today);
    let action = <L::Record as Resource>::READ;
    let long = Long::new(reader, action, move |db, actor, _, after| {
        actor.entitle(Action::ExportRecords)?;
        let exporting = actor.holding(Action::ExportRecords);
        read(db, &exporting, exporting.visibility(action)?, after)
    });
    (L::Record::TYPE, long)
}

/// Every record of a type.
fn of<R>() -> records::Filter<R> {
    records::Filter::default()
}
