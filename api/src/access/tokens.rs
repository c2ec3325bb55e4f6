//! `POST /v1/auth/token`: OAuth 2.0 (RFC 6749) for scripts, by their secret, and for people of this
//! installation, by their password and then by refresh tokens.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::access::{CallerId, SessionId, TokenScope};
use domain::values::CodeList;
use persistence::callers::{self, Asker};
use persistence::{Fault, clients};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Unproven, logins, secrets};
use crate::app::App;
use crate::http::body::collect;
use crate::http::query::{Nothing, Query};
use crate::http::{guard, source};
use crate::problem::Problem;
use crate::words::Request;

/// A request for a token, as a form. A client gives its id and secret here or by HTTP Basic.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "grant_type": "client_credentials", "scope": "read write" }))]
pub struct TokenRequest {
    /// `client_credentials` for scripts, `password` and then `refresh_token` for people.
    #[schema(example = "client_credentials")]
    grant_type: Option<String>,
    /// The client's id.
    client_id: Option<String>,
    /// The client's secret.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// The person's e-mail address.
    pub(super) username: Option<String>,
    /// The person's password.
    #[schema(format = Password)]
    pub(super) password: Option<String>,
    /// What an earlier log-in from this device gave: nobody else's failures then keep its person out.
    #[schema(format = Password)]
    pub(super) device_token: Option<String>,
    /// The refresh token that came with the last token. It serves once.
    #[schema(format = Password)]
    pub(super) refresh_token: Option<String>,
    /// What the token is for: some of `read`, `write`, `administer`; as much as there may be when left
    /// out. It never widens the caller's rights, nor those of the session.
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
    /// For a person: what gets the next token. It serves once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    refresh_token: Option<String>,
    /// For a person who logs in: what to give at later log-ins from this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    device_token: Option<String>,
}

impl TokenRequest {
    /// Reads the form. Refused when it is none, or says what we do not know.
    pub fn read(form: &[u8]) -> Result<Self, Problem> {
        let unreadable = || refused("invalid_request");
        let text = std::str::from_utf8(form).or(Err(unreadable()))?;
        let form = actix_web::web::Query::<Self>::from_query(text).or(Err(unreadable()))?;
        Ok(form.into_inner())
    }

    /// The client's id and secret, by HTTP Basic or in the form, not both.
    pub fn credentials(&self, request: &HttpRequest) -> Result<(String, String), Problem> {
        let in_form = self.client_id.clone().zip(self.client_secret.clone());
        match (request.headers().get(header::AUTHORIZATION), in_form) {
            (Some(_), Some(_)) => Err(refused("invalid_request")),
            (None, Some(given)) => Ok(given),
            (None, None) => Err(Unproven::BadClient.into()),
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
                Ok(pair
                    .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
                    .ok_or(Unproven::BadClient)?)
            }
        }
    }
}

/// What a token is given for, and what comes with it.
pub(super) struct Given<'a> {
    pub(super) caller: CallerId,
    pub(super) session: Option<SessionId>,
    pub(super) scopes: &'a [TokenScope],
    pub(super) refresh_token: Option<String>,
    pub(super) device_token: Option<String>,
}

/// Get a token.
///
/// An unknown client or person and a wrong secret or password answer alike, after the same work.
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
    let scopes = scopes(form.scope.as_deref())?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => by_secret(&app, &request, form, scopes).await,
        Some("password") => logins::by_password(&app, &request, form, scopes).await,
        Some("refresh_token") => logins::by_refresh_token(&app, &request, form, scopes).await,
        Some(_) => Err(refused("unsupported_grant_type")),
        None => Err(refused("invalid_request")),
    }
}

/// A request that is not served, by the code of OAuth 2.0 (RFC 6749, 5.2).
pub(super) fn refused(error: &'static str) -> Problem {
    Unproven::BadGrant { error }.into()
}

/// A token for a script.
async fn by_secret(
    app: &Data<App>,
    request: &HttpRequest,
    form: TokenRequest,
    asked: Option<Vec<TokenScope>>,
) -> Result<HttpResponse, Problem> {
    let (id, secret) = form.credentials(request)?;
    let caller = id.parse::<CallerId>().ok();
    let place = source::place(request, app.proxies());
    app.limits_of_rate().check_secrets(caller, &place)?;
    let at = app.now();
    let tag = secrets::tag(&secret);
    let known = match caller {
        Some(id) => {
            let client = Asker {
                id,
                session: None,
                at,
            };
            app.read_with_rights(move |db| Ok(clients::known(db, client, &tag)?))
                .await?
        }
        None => None,
    };
    let hash = known.as_ref().map(|known| known.hash.clone());
    let proved = app.prove(secret, hash).await?;
    let (Some(caller), Some(known)) = (caller, known.filter(|known| proved && known.rights.valid))
    else {
        return Err(Unproven::BadClient.into());
    };
    let mut scopes = asked.unwrap_or_else(|| TokenScope::ALL.to_vec());
    scopes.retain(|scope| known.rights.allow(*scope));
    if scopes.is_empty() {
        return Err(refused("invalid_scope"));
    }
    if callers::is_to_note(known.last_used_at, at) {
        let noted = app.act(guard::request_id(request), move |tx| {
            Ok(callers::note_use(tx, caller)?)
        });
        if let Err(problem) = noted.await
            && !matches!(problem.cause(), Some(Fault::ReadOnly))
        {
            tracing::warn!(%problem, "the last use of a client is not noted");
        }
    }
    let given = Given {
        caller,
        session: None,
        scopes: &scopes,
        refresh_token: None,
        device_token: None,
    };
    answer(app, given)
}

/// The answer that gives a token.
pub(super) fn answer(app: &App, given: Given<'_>) -> Result<HttpResponse, Problem> {
    let (access_token, expires_in) = app.keys().sign(
        given.caller,
        given.session,
        given.scopes,
        app.new_id(),
        app.now(),
    )?;
    let scopes = given.scopes.iter().map(|scope| scope.code());
    let answer = TokenAnswer {
        access_token,
        token_type: "Bearer",
        expires_in,
        scope: scopes.collect::<Vec<_>>().join(" "),
        refresh_token: given.refresh_token,
        device_token: given.device_token,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(answer))
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
    TokenRequest::read(&bytes)
}

/// The scopes that are asked for, in the order of their list; nothing when none is named.
fn scopes(asked: Option<&str>) -> Result<Option<Vec<TokenScope>>, Problem> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
        return Ok(None);
    };
    let known = |scope: &str| {
        scope
            .parse::<TokenScope>()
            .or(Err(refused("invalid_scope")))
    };
    let asked = asked
        .split_ascii_whitespace()
        .map(known)
        .collect::<Result<Vec<_>, _>>()?;
    let in_order = TokenScope::ALL.iter().copied();
    Ok(Some(
        in_order.filter(|scope| asked.contains(scope)).collect(),
    ))
}
