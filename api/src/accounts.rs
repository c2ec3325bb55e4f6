//! `/v1/accounts`: the accounts of people. What is known of the person is joined when answered.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use domain::access::{
    Account, AccountId, AccountRefusal, AccountState, Action, Grant, GrantFields, GrantId,
    NewAccount, Permit, PersonFields, PersonId, Target, Visibility,
};
use domain::values::{Date, Label, Pointer};
use persistence::accounts::{self, Filter};
use persistence::{Db, Fault, Tx, grants};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::access::{logins, secrets};
use crate::app::App;
use crate::http::asked::{Reading, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{self, Asked, ListParams, Listing};
use crate::http::query::{Nothing, Query};
use crate::http::records::{self, Moment};
use crate::openapi::{Listed, MergePatch, Recorded, WriteParams};
use crate::problem::Problem;

type AccountAnswer = Recorded<Account>;
type AccountPage = Listed<Account>;
type AccountPatch = MergePatch<PersonFields>;

/// Which accounts, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// In this state.
    #[param(inline)]
    state: Option<AccountState>,
    /// Words that begin words of the name or the e-mail address. Accents and case do not matter.
    q: Option<Label>,
}

/// List accounts.
#[utoipa::path(tag = "access", params(AccountQuery, ListParams), security(("bearer" = ["administer"])),
    responses((status = 200, description = "A page of accounts.", body = AccountPage)))]
#[get("/accounts")]
pub(crate) async fn list_accounts(
    app: Data<App>,
    asked: Asked<AccountQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let filter = Filter {
        state: query.state,
        on: None,
        words: list::words_of(query.q.as_ref())?,
    };
    list.answer(&app, filter).await
}

impl Listing for Filter {
    type Record = Account;
    type Filter = Self;

    fn filter(&self) -> &Self {
        self
    }

    fn around(
        &self,
        db: &mut Db,
        _: Visibility,
        _: Date,
        records: &[Account],
    ) -> Result<BTreeMap<AccountId, PersonFields>, Fault> {
        accounts::people_of(db, records)
    }
}

/// Read an account.
#[utoipa::path(tag = "access", params(("id" = AccountId, Path, description = "The account.")), security(("bearer" = ["administer"])),
    responses((status = 200, description = "The account.", body = AccountAnswer)))]
#[get("/accounts/{id}")]
pub(crate) async fn read_account(
    app: Data<App>,
    reading: Reading,
    id: Path<AccountId>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, Moment::default(), accounts::read).await
}

/// Give a person an account.
///
/// The answer shows a one-time code, this once, for the person to set a password with at
/// `/v1/auth/activate`. Nothing is sent: hand it over yourself. A repeated request answers without it.
#[utoipa::path(tag = "access", params(WriteParams), request_body = NewAccount, security(("bearer" = ["administer"])),
    responses((status = 201, description = "The account, with its one-time code.", body = AccountAnswer)))]
#[post("/accounts")]
pub(crate) async fn create_account(
    app: Data<App>,
    writing: Writing,
    new: Body<NewAccount>,
) -> Result<HttpResponse, Problem> {
    let (id, person) = (AccountId::new(app.new_id()), PersonId::new(app.new_id()));
    let grant_ids = ids_for(&app, &new.value.grants);
    let code = secrets::new_code().map_err(Fault::from)?;
    let until = logins::code_until(&app)?;
    app.create::<Account, _>(
        writing,
        Action::CreateAccount,
        id,
        new,
        |_| Vec::new(),
        move |tx, permit, new: &NewAccount| {
            let account = Account::invite(id, person, until);
            let digest = secrets::digest_of_code(&code);
            let mut document = accounts::insert(tx, permit, &account, &new.person(), &digest)??;
            give(tx, permit, account.caller(), &new.grants, &grant_ids)?;
            document.joined.once.push(("code", json!(code).to_string()));
            Ok(document)
        },
    )
    .await
}

/// Change the name or the e-mail address of the person.
#[utoipa::path(tag = "access", params(("id" = AccountId, Path, description = "The account."), WriteParams),
    request_body(content = AccountPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The account as changed.", body = AccountAnswer)))]
#[patch("/accounts/{id}")]
pub(crate) async fn change_account(
    app: Data<App>,
    writing: Writing,
    id: Path<AccountId>,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ChangeAccount, accounts::for_change);
    app.change(
        writing,
        action,
        *id,
        find,
        patch.into(),
        |tx, permit, present: Account, patch: &Patch| {
            let id = present.id;
            let changed = present.change()?;
            // One that was erased is known no more, and there is nothing to change.
            let known = accounts::person_of(tx, id)?.ok_or(AccountRefusal::Revoked)?;
            let fields = patch.apply(&known)?;
            Ok(accounts::update_person(tx, permit, &changed, &fields)??)
        },
    )
    .await
}

/// Give a person another one-time code.
///
/// For one who lost the first, or forgot the password. The code before is good no longer; the
/// password is, until the new code is used.
#[utoipa::path(tag = "access", params(("id" = AccountId, Path, description = "The account."), WriteParams),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The account, with its one-time code.", body = AccountAnswer)))]
#[post("/accounts/{id}/code")]
pub(crate) async fn give_account_code(
    app: Data<App>,
    writing: Writing,
    id: Path<AccountId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ChangeAccount, accounts::for_change);
    let code = secrets::new_code().map_err(Fault::from)?;
    let until = logins::code_until(&app)?;
    app.change(
        writing,
        action,
        *id,
        find,
        Body::none(),
        move |tx, permit, present: Account, ()| {
            let account = present.give_code(until)?;
            let digest = secrets::digest_of_code(&code);
            let mut document = accounts::give_code(tx, permit, &account, &digest)?;
            document.joined.once.push(("code", json!(code).to_string()));
            Ok(document)
        },
    )
    .await
}

/// Withdraw a person's access.
///
/// For good, and from the next request on: every session ends.
#[utoipa::path(tag = "access", params(("id" = AccountId, Path, description = "The account."), WriteParams),
    security(("bearer" = ["administer"])),
    responses((status = 200, description = "The account, revoked.", body = AccountAnswer)))]
#[post("/accounts/{id}/revoke")]
pub(crate) async fn revoke_account(
    app: Data<App>,
    writing: Writing,
    id: Path<AccountId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::RevokeAccount, accounts::for_change);
    let now = logins::instant(&app)?;
    app.change(
        writing,
        action,
        *id,
        find,
        Body::none(),
        move |tx, permit, present: Account, ()| {
            let revoked = present.revoke(now)?;
            Ok(accounts::revoke(tx, permit, &revoked)?)
        },
    )
    .await
}

/// An id for each of some grants.
pub(crate) fn ids_for(app: &App, grants: &[GrantFields]) -> Vec<GrantId> {
    grants.iter().map(|_| GrantId::new(app.new_id())).collect()
}

/// Gives a new caller its first roles.
pub(crate) fn give(
    tx: &mut Tx,
    permit: &Permit,
    caller: domain::access::CallerId,
    fields: &[GrantFields],
    ids: &[GrantId],
) -> Result<(), Problem> {
    for (place, (fields, id)) in fields.iter().zip(ids).enumerate() {
        let at = Pointer::from("grants").join(place);
        grants::named(tx, caller, fields.scope)?.check_at(&at)?;
        let giving = permit.and(Action::GiveGrant, Target::Everything)?;
        let grant = Grant::give(*id, caller, fields.clone())?;
        grants::insert(tx, &giving, &grant)?;
    }
    Ok(())
}
