//! `/v1/me`: who I am, which roles I hold, and what I may do where.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::access::{
    AccountId, Action, Actor, CallerId, CallerKind, Held, Role, Scope, Target, TokenScope,
};
use domain::values::CodeList;
use persistence::{Db, accounts, callers};
use serde::Serialize;
use utoipa::ToSchema;

use super::Unproven;
use crate::app::{App, actor};
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::query::{Nothing, Query};
use crate::problem::Problem;

/// Who asks, and what that one may do.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The caller's id.
    id: CallerId,
    /// What the caller is.
    kind: CallerKind,
    /// What it is called.
    name: Option<String>,
    /// What the token was asked for; it narrows what follows.
    #[schema(max_items = 3)]
    token_scopes: Vec<TokenScope>,
    /// The roles held today.
    roles: Vec<RoleHeld>,
    /// What may be done with this token, where.
    may: Vec<May>,
}

/// A role held today.
#[derive(Serialize, ToSchema)]
pub struct RoleHeld {
    /// The role.
    role: Role,
    /// Over what: that record and all that is part of it today.
    scope: Scope,
}

/// What may be done over one scope.
#[derive(Serialize, ToSchema)]
pub struct May {
    /// Over what: that record and all that is part of it today.
    scope: Scope,
    /// The actions.
    #[schema(max_items = 100)]
    actions: Vec<Action>,
}

/// Read who I am.
///
/// A front-end shows what these actions allow; a record says in `acts` which of them its present
/// state allows.
#[utoipa::path(tag = "access", security((), ("bearer" = [])),
    responses((status = 200, description = "Who asks, and what that one may do.", body = Me)))]
#[get("/me")]
pub(crate) async fn read_me(
    app: Data<App>,
    caller: Caller,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let me = app
        .read_with_rights(move |db: &mut Db| {
            let actor = actor(db, &caller)?;
            let known = callers::known(db, caller.id)?;
            let (kind, name) = known.ok_or(Unproven::Revoked)?;
            let name = match kind {
                CallerKind::Account => {
                    let person = accounts::person_of(db, AccountId::new(caller.id.uuid()))?;
                    person.map(|person| person.name.to_string())
                }
                _ => name,
            };
            Ok(Me {
                id: caller.id,
                kind,
                name,
                token_scopes: actor.scopes.clone(),
                roles: actor.held.iter().map(RoleHeld::from).collect(),
                may: may(&actor),
            })
        })
        .await?;
    Ok(answer::json(StatusCode::OK).json(me))
}

impl From<&Held> for RoleHeld {
    fn from(held: &Held) -> Self {
        Self {
            role: held.role,
            scope: held.scope,
        }
    }
}

/// What an actor may do over each scope on which it holds a role.
fn may(actor: &Actor) -> Vec<May> {
    let mut scopes: Vec<Scope> = actor.held.iter().map(|held| held.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let over = |scope: Scope| {
        let target = match scope.root() {
            None => Target::Everything,
            Some(_) => Target::One {
                own: scope,
                within: &[],
            },
        };
        let actions = Action::ALL.iter().copied();
        let actions = actions.filter(|action| !action.is_of_the_program());
        let actions = actions.filter(|action| actor.may(*action, target));
        May {
            scope,
            actions: actions.collect(),
        }
    };
    scopes.into_iter().map(over).collect()
}
