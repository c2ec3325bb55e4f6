//! `/v1/grants`: roles given to callers, over something, for some time.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use domain::access::{
    Action, CallerId, EndOfGrant, Grant, GrantId, NewGrant, Role, Scope, Visibility,
};
use domain::records::ChangeKind;
use domain::values::Date;
use persistence::grants::{self, Filter};
use persistence::{Db, Fault};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::asked::{Reading, Writing};
use crate::http::body::Body;
use crate::http::list::{Asked, ListParams, Listing};
use crate::http::query::{Query, parsed};
use crate::http::records::{self, MomentQuery};
use crate::openapi::{Listed, Recorded, WriteParams};
use crate::problem::Problem;

type GrantAnswer = Recorded<Grant>;
type GrantPage = Listed<Grant>;

/// Which grants, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantQuery {
    /// Given to this caller.
    caller: Option<CallerId>,
    /// Of this role.
    role: Option<Role>,
    /// Over this: `everything`, or `organisation:` and an id.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "everything", pattern = "^(everything|organisation:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    scope: Option<Scope>,
    /// Only those held on this day.
    as_of: Option<Date>,
}

/// List the roles given.
#[utoipa::path(tag = "access", params(GrantQuery, ListParams), security(("bearer" = ["administer"])),
    responses((status = 200, description = "A page of grants.", body = GrantPage)))]
#[get("/grants")]
pub(crate) async fn list_grants(
    app: Data<App>,
    asked: Asked<GrantQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let filter = Filter {
        caller: query.caller,
        role: query.role,
        scope: query.scope,
        on: query.as_of,
    };
    list.answer(&app, filter).await
}

impl Listing for Filter {
    type Record = Grant;
    type Filter = Self;

    fn filter(&self) -> &Self {
        self
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[Grant]) -> Result<(), Fault> {
        Ok(())
    }
}

/// Read a grant.
#[utoipa::path(tag = "access", params(("id" = GrantId, Path, description = "The grant."), MomentQuery),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The grant.", body = GrantAnswer)))]
#[get("/grants/{id}")]
pub(crate) async fn read_grant(
    app: Data<App>,
    reading: Reading,
    id: Path<GrantId>,
    query: Query<MomentQuery>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, query.0, grants::read).await
}

/// Give a role.
///
/// Held from its first day on, or at once; the caller's next request finds it.
#[utoipa::path(tag = "access", params(WriteParams), request_body = NewGrant, security(("bearer" = ["administer"])),
    responses((status = 201, description = "The grant as recorded.", body = GrantAnswer)))]
#[post("/grants")]
pub(crate) async fn give_grant(
    app: Data<App>,
    writing: Writing,
    new: Body<NewGrant>,
) -> Result<HttpResponse, Problem> {
    let id = GrantId::new(app.new_id());
    app.create::<Grant, _>(
        writing,
        Action::GiveGrant,
        id,
        new,
        |_| Vec::new(),
        move |tx, permit, NewGrant { caller, fields }| {
            grants::named(tx, *caller, fields.scope)?.check()?;
            let grant = Grant::give(id, *caller, fields.clone())?;
            Ok(grants::insert(tx, permit, &grant)?)
        },
    )
    .await
}

/// Say until when a role is held.
///
/// With today's date it is held no longer from the next request on. One that begins today was never
/// held a whole day: delete it.
#[utoipa::path(tag = "access", params(("id" = GrantId, Path, description = "The grant."), WriteParams),
    request_body = EndOfGrant, security(("bearer" = ["administer"])),
    responses((status = 200, description = "The grant, with its end.", body = GrantAnswer)))]
#[post("/grants/{id}/end")]
pub(crate) async fn end_grant(
    app: Data<App>,
    writing: Writing,
    id: Path<GrantId>,
    end: Body<EndOfGrant>,
) -> Result<HttpResponse, Problem> {
    app.change(
        writing,
        Action::EndGrant,
        *id,
        grants::for_change,
        end,
        |tx, permit, present: Grant, end| {
            let ended = present.end(end, tx.today())?;
            Ok(grants::update(tx, permit, ChangeKind::Ended, &ended)?)
        },
    )
    .await
}

/// Take back a role given by mistake.
#[utoipa::path(tag = "access", params(("id" = GrantId, Path, description = "The grant."), WriteParams),
    security(("bearer" = ["administer"])),
    responses((status = 204, description = "It is deleted.")))]
#[delete("/grants/{id}")]
pub(crate) async fn delete_grant(
    app: Data<App>,
    writing: Writing,
    id: Path<GrantId>,
) -> Result<HttpResponse, Problem> {
    app.delete(
        writing,
        Action::DeleteGrant,
        *id,
        grants::for_change,
        |tx, permit, present: &Grant| Ok(grants::delete(tx, permit, present)?),
    )
    .await
}
