//! The sessions of a person, as the person sees and ends them.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::SessionId;
use domain::values::Instant;
use persistence::sessions;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::logins::{done, session_of};
use crate::app::App;
use crate::http::asked::Caller;
use crate::http::query::{Nothing, Query, truth};
use crate::http::{answer, guard};
use crate::problem::Problem;
use crate::words::Request;

/// Which sessions end.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogOutQuery {
    /// `true` to log out everywhere.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    everywhere: Option<bool>,
}

/// The sessions of a person that go on, the latest log-in first.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    /// The sessions.
    items: Vec<SessionView>,
}

/// One log-in of a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    /// When the person logged in.
    #[schema(value_type = Instant)]
    created_at: String,
    /// When it last got a token.
    #[schema(value_type = Instant)]
    last_used_at: String,
    /// When it ends unless a token is got before.
    #[schema(value_type = Instant)]
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// Log out.
///
/// The session ends, and its tokens are refused from the next request on, by every process.
#[utoipa::path(tag = "access", params(LogOutQuery), security(("bearer" = [])),
    responses((status = 204, description = "The session ended.")))]
#[post("/auth/logout")]
pub(crate) async fn log_out(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    query: Query<LogOutQuery>,
) -> Result<HttpResponse, Problem> {
    let everywhere = query.0.everywhere.unwrap_or(false);
    app.act(guard::request_id(&request), move |tx| {
        let session = session_of(tx, &caller)?;
        if everywhere {
            sessions::end_all(tx, caller.id, None)?;
        } else {
            sessions::end(tx, caller.id, session)?;
        }
        Ok(())
    })
    .await?;
    Ok(done())
}

/// List one's own sessions.
#[utoipa::path(tag = "access", security(("bearer" = [])),
    responses((status = 200, description = "The sessions that go on.", body = Sessions),
        (status = 409, description = "The token is not of a session.", content_type = "application/problem+json", body = crate::openapi::ProblemView)))]
#[get("/me/sessions")]
pub(crate) async fn list_my_sessions(
    app: Data<App>,
    caller: Caller,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let now = app.now();
    let sessions = app
        .read_with_rights(move |db| {
            let current = session_of(db, &caller)?;
            let view = |session: sessions::Session| SessionView {
                id: session.id,
                created_at: session.created_at.to_string(),
                last_used_at: session.last_used_at.to_string(),
                expires_at: session.expires_at.to_string(),
                current: session.id == current,
            };
            let all = sessions::list(db, caller.id, now)?;
            Ok(all.into_iter().map(view).collect())
        })
        .await?;
    let mut found = answer::json(StatusCode::OK);
    found.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(found.json(Sessions { items: sessions }))
}

/// End one of one's own sessions.
#[utoipa::path(tag = "access", security(("bearer" = [])),
    params(("session" = String, Path, description = "The session.", format = Uuid)),
    responses((status = 204, description = "It ended.")))]
#[post("/me/sessions/{session}/end")]
pub(crate) async fn end_my_session(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    session: Path<SessionId>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    app.act(guard::request_id(&request), move |tx| {
        session_of(tx, &caller)?;
        if sessions::end(tx, caller.id, *session)? {
            Ok(())
        } else {
            Err(Request::NotFound.into())
        }
    })
    .await?;
    Ok(done())
}
