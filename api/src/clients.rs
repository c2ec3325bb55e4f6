//! `/v1/clients`: scripts and other servers that call the API.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use domain::access::{
    Action, Client, ClientFields, ClientId, NewClient, RotationOfSecret, Visibility,
};
use domain::values::Date;
use persistence::clients::{self, Filter};
use persistence::{Db, Fault};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::access::{logins, secrets};
use crate::accounts::{give, ids_for};
use crate::app::App;
use crate::http::asked::{Reading, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{Asked, ListParams, Listing};
use crate::http::query::{Nothing, Query, truth};
use crate::http::records::{self, Moment};
use crate::openapi::{Listed, MergePatch, Recorded, WriteParams};
use crate::problem::Problem;

type ClientAnswer = Recorded<Client>;
type ClientPage = Listed<Client>;
type ClientPatch = MergePatch<ClientFields>;

/// Which clients, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClientQuery {
    /// Withdrawn or not.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    revoked: Option<bool>,
}

/// List clients.
#[utoipa::path(tag = "access", params(ClientQuery, ListParams), security(("bearer" = ["administer"])),
    responses((status = 200, description = "A page of clients.", body = ClientPage)))]
#[get("/clients")]
pub(crate) async fn list_clients(
    app: Data<App>,
    asked: Asked<ClientQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let filter = Filter {
        revoked: query.revoked,
        on: None,
    };
    list.answer(&app, filter).await
}

impl Listing for Filter {
    type Record = Client;
    type Filter = Self;

    fn filter(&self) -> &Self {
        self
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[Client]) -> Result<(), Fault> {
        Ok(())
    }
}

/// Read a client.
#[utoipa::path(tag = "access", params(("id" = ClientId, Path, description = "The client.")), security(("bearer" = ["administer"])),
    responses((status = 200, description = "The client.", body = ClientAnswer)))]
#[get("/clients/{id}")]
pub(crate) async fn read_client(
    app: Data<App>,
    reading: Reading,
    id: Path<ClientId>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, Moment::default(), clients::read).await
}

/// Give a script its access.
///
/// The answer shows its secret, this once. A repeated request answers without it: make another by
/// `rotate`.
#[utoipa::path(tag = "access", params(WriteParams), request_body = NewClient, security(("bearer" = ["administer"])),
    responses((status = 201, description = "The client, with its secret.", body = ClientAnswer)))]
#[post("/clients")]
pub(crate) async fn create_client(
    app: Data<App>,
    writing: Writing,
    new: Body<NewClient>,
) -> Result<HttpResponse, Problem> {
    let id = ClientId::new(app.new_id());
    let grant_ids = ids_for(&app, &new.value.grants);
    let (secret, kept) = new_secret(&app).await?;
    let now = logins::instant(&app)?;
    app.create::<Client, _>(
        writing,
        Action::CreateClient,
        id,
        new,
        |_| Vec::new(),
        move |tx, permit, new: &NewClient| {
            let client = Client::create(id, new.fields(), now);
            let mut document = clients::insert(tx, permit, &client, &kept)?;
            give(tx, permit, client.caller(), &new.grants, &grant_ids)?;
            document
                .joined
                .once
                .push(("client_secret", json!(secret).to_string()));
            Ok(document)
        },
    )
    .await
}

/// Change a client.
///
/// What its tokens may be for is narrowed from the next request on, and so is its expiry.
#[utoipa::path(tag = "access", params(("id" = ClientId, Path, description = "The client."), WriteParams),
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The client as changed.", body = ClientAnswer)))]
#[patch("/clients/{id}")]
pub(crate) async fn change_client(
    app: Data<App>,
    writing: Writing,
    id: Path<ClientId>,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ChangeClient, clients::for_change);
    app.change(
        writing,
        action,
        *id,
        find,
        patch.into(),
        |tx, permit, present: Client, patch: &Patch| {
            let fields = patch.apply(&present.fields)?;
            let changed = present.change(fields)?;
            Ok(clients::update(tx, permit, &changed)?)
        },
    )
    .await
}

/// Give a client another secret.
///
/// The answer shows it, this once. The present one is good no longer, or until `old_good_until`.
#[utoipa::path(tag = "access", params(("id" = ClientId, Path, description = "The client."), WriteParams),
    request_body = RotationOfSecret, security(("bearer" = ["administer"])),
    responses((status = 200, description = "The client, with its new secret.", body = ClientAnswer)))]
#[post("/clients/{id}/rotate")]
pub(crate) async fn rotate_client_secret(
    app: Data<App>,
    writing: Writing,
    id: Path<ClientId>,
    asked: Body<RotationOfSecret>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ChangeClient, clients::for_change);
    let (secret, kept) = new_secret(&app).await?;
    let now = logins::instant(&app)?;
    app.change(
        writing,
        action,
        *id,
        find,
        asked,
        move |tx, permit, present: Client, asked: &RotationOfSecret| {
            let client = present.rotate(asked, now)?;
            let mut document = clients::rotate(tx, permit, &client, &kept)?;
            document
                .joined
                .once
                .push(("client_secret", json!(secret).to_string()));
            Ok(document)
        },
    )
    .await
}

/// Withdraw a client's access.
///
/// For good, and from the next request on.
#[utoipa::path(tag = "access", params(("id" = ClientId, Path, description = "The client."), WriteParams),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The client, revoked.", body = ClientAnswer)))]
#[post("/clients/{id}/revoke")]
pub(crate) async fn revoke_client(
    app: Data<App>,
    writing: Writing,
    id: Path<ClientId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::RevokeClient, clients::for_change);
    let now = logins::instant(&app)?;
    app.change(
        writing,
        action,
        *id,
        find,
        Body::none(),
        move |tx, permit, present: Client, ()| {
            let revoked = present.revoke(now)?;
            Ok(clients::revoke(tx, permit, &revoked)?)
        },
    )
    .await
}

/// A new secret, and as it is kept.
async fn new_secret(app: &App) -> Result<(String, clients::HashedSecret), Problem> {
    let secret = secrets::new_secret().map_err(Fault::from)?;
    let made = secret.clone();
    let kept = app.in_turn(move || secrets::kept(&made)).await?;
    Ok((secret, kept.map_err(Fault::from)?))
}
