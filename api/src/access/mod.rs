//! How callers prove who they are: secrets, and tokens that stand for them for a while.

pub mod grants;
pub mod issuer;
mod keys;
pub mod logins;
pub mod me;
mod passwords;
pub mod secrets;
pub mod sessions;
pub mod tokens;

use domain::access::{
    AccountState, Action, CallerKind, GrantState, Role, ScopeKind, TokenScope, TooManyTries,
    Weakness,
};

use crate::app::App;
use crate::code_lists::ours;
use crate::http::asked::Caller;
use crate::problem::Problem;
use crate::room::Room;
use crate::{accounts, audit, clients};

pub use issuer::Issuer;
pub use keys::{Keys, SEAL_BYTES, WeakKey};

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: ("access", "Tokens, and who may do what."),
    routes: |v1| {
        v1.service(tokens::create_token)
            .service(me::read_me)
            .service(grants::list_grants)
            .service(grants::give_grant)
            .service(grants::read_grant)
            .service(grants::delete_grant)
            .service(grants::end_grant)
            .service(audit::read_audit)
            .service(logins::activate_account)
            .service(sessions::log_out)
            .service(logins::change_my_password)
            .service(sessions::list_my_sessions)
            .service(sessions::end_my_session)
            .service(accounts::list_accounts)
            .service(accounts::create_account)
            .service(accounts::read_account)
            .service(accounts::change_account)
            .service(accounts::give_account_code)
            .service(accounts::revoke_account)
            .service(clients::list_clients)
            .service(clients::create_client)
            .service(clients::read_client)
            .service(clients::change_client)
            .service(clients::rotate_client_secret)
            .service(clients::revoke_client);
    },
    code_lists: || {
        vec![
            ours::<Role>(),
            ours::<ScopeKind>(),
            ours::<GrantState>(),
            ours::<AccountState>(),
            ours::<Weakness>(),
            ours::<CallerKind>(),
            ours::<TokenScope>(),
            ours::<Action>(),
        ]
    },
};

/// The caller that a token stands for: one of ours, or of the issuer that is believed beside us.
///
/// Ours are signed with a shared secret and the issuer's never are, so that no key of either can be
/// taken for one of the other.
pub async fn prove(app: &App, token: &str, request_id: &str) -> Result<Caller, Problem> {
    match app.issuer().filter(|issuer| issuer.signs_like(token)) {
        Some(issuer) => issuer.caller(app, token, request_id).await,
        None => Ok(app.keys().verify(token, app.now())?),
    }
}

/// Why we do not know who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// No token was given.
    NoToken,
    /// It is not one that we gave, or it was altered.
    BadToken,
    /// It is too old.
    ExpiredToken,
    /// The keys that would prove it cannot be had from its issuer.
    NoKeys,
    /// The caller's access was withdrawn, or the caller is no longer known.
    Revoked,
    /// No such client, or not its secret.
    BadClient,
    /// No such person, or not the password.
    BadPassword,
    /// A refresh token that is not good, or no longer.
    BadRefresh,
    /// No such person, or not a code that is good.
    BadCode,
    /// The caller is not a person who logged in.
    NoSession,
    /// Too many tries failed.
    TooManyTries {
        /// For how many seconds more none is let through.
        retry_after_seconds: i64,
    },
    /// The request for a token is not one that we serve.
    BadGrant {
        /// The code of OAuth 2.0 (RFC 6749, 5.2).
        error: &'static str,
    },
}

impl From<TooManyTries> for Unproven {
    fn from(refused: TooManyTries) -> Self {
        Self::TooManyTries {
            retry_after_seconds: refused.retry_after_seconds,
        }
    }
}
