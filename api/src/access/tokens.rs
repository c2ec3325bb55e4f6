//! Tokens for scripts: OAuth 2.0 client credentials (RFC 6749, 4.4).

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::access::{CallerId, TokenScope};
use domain::values::CodeList;
use persistence::callers::{self, Asker};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Unproven, secrets};
use crate::app::App;
use crate::http::body::collect;
use crate::http::query::{Nothing, Query};
use crate::problem::Problem;
use crate::words::{Failed, Request};

/// How long a request for a token waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request for a token, as a form. The client gives its id and secret here or by HTTP Basic.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "grant_type": "client_credentials", "scope": "read write" }))]
pub struct TokenRequest {
    /// `client_credentials`.
    #[schema(example = "client_credentials")]
    grant_type: Option<String>,
    /// The client's id.
    client_id: Option<String>,
    /// The client's secret.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// What the token is for: some of `read`, `write`, `administer`; all of them when left out. It
    /// never widens the client's rights.
    #[schema(example = "read write")]
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The token, to give as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds it is good.
    #[schema(example = 900)]
    expires_in: i64,
    /// What it is for.
    #[schema(example = "read write administer")]
    scope: String,
}

/// Get a token for a script.
///
/// An unknown client and a wrong secret answer alike, after the same work.
#[utoipa::path(
    tag = "access",
    operation_id = "create_token",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token.", body = TokenAnswer)),
    security((), ("basic" = [])),
)]
#[post("/auth/token")]
pub(crate) async fn create_token(
    app: Data<App>,
    request: HttpRequest,
    _: Query<Nothing>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = form(&app, &request, payload).await?;
    if form.grant_type.as_deref() != Some("client_credentials") {
        let error = if form.grant_type.is_some() {
            "unsupported_grant_type"
        } else {
            "invalid_request"
        };
        return Err(Unproven::BadGrant { error }.into());
    }
    let scopes = scopes(form.scope.as_deref())?;
    let (id, secret) = credentials(&request, &form)?;
    let caller = id.parse::<CallerId>().ok();
    app.limits_of_rate()
        .check_secrets(caller, request.peer_addr())?;
    let at = app.now();
    let asker = |id, at| Asker {
        id,
        session: None,
        at,
    };
    let known = match caller {
        Some(caller) => app
            .database()
            .read(move |db| callers::client_secret(db, asker(caller, at)))
            .await
            .map_err(Problem::from)?,
        None => None,
    };
    let hash = known.as_ref().map(|(hash, _)| hash.clone());
    let place = tokio::time::timeout(PATIENCE, app.proving().acquire()).await;
    let Ok(Ok(_place)) = place else {
        return Err(Failed::Unavailable.into());
    };
    let proved = actix_web::web::block(move || secrets::matches(&secret, hash.as_deref())).await;
    match (proved, caller, known) {
        (Ok(true), Some(caller), Some((_, rights))) if rights.valid => {
            let (access_token, expires_in) =
                app.keys()
                    .sign(caller, None, &scopes, app.new_id(), app.now())?;
            let scope = scopes
                .iter()
                .map(|scope| scope.code())
                .collect::<Vec<_>>()
                .join(" ");
            let answer = TokenAnswer {
                access_token,
                token_type: "Bearer",
                expires_in,
                scope,
            };
            Ok(HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::PRAGMA, "no-cache"))
                .json(answer))
        }
        _ => Err(Unproven::BadClient.into()),
    }
}

async fn form(app: &App, request: &HttpRequest, payload: Payload) -> Result<TokenRequest, Problem> {
    const FORM: &str = "application/x-www-form-urlencoded";
    if !crate::http::body::accepts(request, &[FORM]) {
        return Err(Request::UnsupportedMediaType { expected: FORM }.into());
    }
    let limits = app.limits();
    let bytes = collect(
        payload.into_inner(),
        limits.body_bytes,
        limits.body_patience,
    )
    .await?;
    let unreadable = Unproven::BadGrant {
        error: "invalid_request",
    };
    let text = std::str::from_utf8(&bytes).or(Err(unreadable.clone()))?;
    let form = actix_web::web::Query::<TokenRequest>::from_query(text).or(Err(unreadable))?;
    Ok(form.into_inner())
}

fn scopes(asked: Option<&str>) -> Result<Vec<TokenScope>, Unproven> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
        return Ok(TokenScope::ALL.to_vec());
    };
    let known = |scope: &str| {
        scope.parse::<TokenScope>().or(Err(Unproven::BadGrant {
            error: "invalid_scope",
        }))
    };
    let asked = asked
        .split_ascii_whitespace()
        .map(known)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(TokenScope::ALL
        .iter()
        .copied()
        .filter(|scope| asked.contains(scope))
        .collect())
}

/// The id and secret, by HTTP Basic or in the form, not both.
fn credentials(request: &HttpRequest, form: &TokenRequest) -> Result<(String, String), Unproven> {
    let in_form = form.client_id.clone().zip(form.client_secret.clone());
    match (request.headers().get(header::AUTHORIZATION), in_form) {
        (Some(_), Some(_)) => Err(Unproven::BadGrant {
            error: "invalid_request",
        }),
        (None, Some(given)) => Ok(given),
        (None, None) => Err(Unproven::BadClient),
        (Some(basic), None) => {
            let decoded = basic.to_str().ok().and_then(|header| {
                let (scheme, encoded) = header.split_once(' ')?;
                let bytes = STANDARD.decode(encoded.trim()).ok()?;
                scheme
                    .eq_ignore_ascii_case("basic")
                    .then_some(String::from_utf8(bytes).ok()?)
            });
            let pair = decoded
                .as_deref()
                .and_then(|decoded| decoded.split_once(':'));
            pair.map(|(id, secret)| (id.to_owned(), secret.to_owned()))
                .ok_or(Unproven::BadClient)
        }
    }
}
