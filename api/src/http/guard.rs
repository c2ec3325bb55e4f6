//! What is true of every request and every answer: an id, a log line, a measure, a language, the
//! rate limit, the headers that browsers heed, and problems told in one form.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use domain::access::CallerId;
use uuid::Uuid;

use crate::access::{self, Unproven};
use crate::app::App;
use crate::http::asked::Caller;
use crate::http::format::{Format, Offered, preferred};
use crate::http::source;
use crate::problem::Problem;
use crate::words::{Failed, Language, Request};

const REQUEST_ID: &str = "x-request-id";

/// The id of the request, as the caller gave it or as we made it.
#[derive(Clone)]
struct RequestId(String);

/// Marks a request for the head of an answer only.
struct HeadOnly;

/// Whether only the head of the answer is wanted.
#[must_use]
pub fn is_head(request: &HttpRequest) -> bool {
    request.extensions().contains::<HeadOnly>()
}

/// The id of the request.
#[must_use]
pub fn request_id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// The language that the caller prefers.
#[must_use]
pub fn language(request: &HttpRequest) -> Language {
    let header = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|header| header.to_str().ok());
    header.map_or(Language::French, Language::preferred)
}

/// Watches over one request from its first byte to the last header of its answer.
pub async fn watch(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let app = request.app_data::<Data<App>>().cloned();
    let id = given_id(&request).unwrap_or_else(|| Uuid::now_v7().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    // HEAD is GET whose body the encoder leaves out.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadOnly);
    }
    let language = language(request.request());
    let trace = trace_id(&request);
    if let Some(app) = &app {
        let proved: Option<Result<Caller, Problem>> = match bearer(&request) {
            None => app.public().map(Ok),
            Some(Err(unproven)) => Some(Err(unproven.into())),
            Some(Ok(token)) => {
                let proved = access::prove(app, token, &id).await;
                let open = app.public().is_some();
                Some(proved.map(|caller| Caller { open, ..caller }))
            }
        };
        if let Some(proved) = proved {
            request.extensions_mut().insert(proved);
        }
    }

    // The router needs the request to itself, so it can only be looked at again afterwards.
    let answered = next.call(request).await?.map_into_boxed_body();
    let (inner, response) = answered.into_parts();
    let problem = problem_of(&response);
    let mut response = match &problem {
        Some(problem) => {
            let mut told = problem.render(language, &id);
            keep_headers(&response, &mut told);
            let instead = problem.instead_of(inner.path(), inner.query_string());
            if let Some(Ok(location)) = instead.map(HeaderValue::try_from) {
                told.headers_mut().insert(header::LOCATION, location);
            }
            told
        }
        None => response,
    };
    let operation = inner
        .match_pattern()
        .unwrap_or_else(|| "unknown".to_owned());
    dress(&mut response, &id, &operation);
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let caller = caller_of(&inner).map(|caller| caller.id.to_string());
    if let Some(app) = &app {
        app.metrics()
            .observe(method.as_str(), &operation, status, elapsed);
    }
    let cause = problem.as_ref().and_then(Problem::cause);
    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let code = problem.as_ref().map(Problem::code);
    if let Some(cause) = cause {
        tracing::error!(request_id = id, %cause, "fault");
    }
    tracing::info!(
        request_id = id,
        trace_id = trace,
        method = %method,
        operation,
        status,
        duration_ms,
        caller,
        code,
        "request"
    );
    Ok(ServiceResponse::new(inner, response))
}

/// Keeps to the rate limit, and refuses formats we do not speak.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(app) = request.app_data::<Data<App>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let known = caller_of(request.request()).filter(|caller| caller.id != CallerId::PUBLIC);
    let client = match known {
        Some(caller) => caller.id.to_string(),
        None => source::place(request.request(), app.proxies()),
    };
    let (allowance, verdict) = app.limits_of_rate().check(&client);
    let admitted = match verdict {
        Err(too_many) => Err(too_many),
        Ok(()) => speaks(&request),
    };
    let mut answered = match admitted {
        Err(refusal) => refused(request, refusal),
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
    };
    for (name, value) in allowance.headers() {
        answered
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    Ok(answered)
}

fn refused(request: ServiceRequest, refusal: Request) -> ServiceResponse<BoxBody> {
    ServiceResponse::from_err(Problem::from(refusal), request.into_parts().0)
}

fn caller_of(request: &HttpRequest) -> Option<Caller> {
    request
        .extensions()
        .get::<Result<Caller, Problem>>()
        .and_then(|proved| proved.clone().ok())
}

/// The token, when one is given; an authorisation in another form is a bad token.
fn bearer(request: &ServiceRequest) -> Option<Result<&str, Unproven>> {
    let header = request.headers().get(header::AUTHORIZATION)?;
    let token = header.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    // The token end-point has its own form of authorisation.
    match token {
        None if request.path().ends_with("/auth/token") => None,
        None => Some(Err(Unproven::BadToken)),
        Some(token) => Some(Ok(token)),
    }
}

/// Refuses a request that accepts no format in which its address answers.
fn speaks(request: &ServiceRequest) -> Result<(), Request> {
    let accepted = request.headers().get(header::ACCEPT);
    if accepted.is_none_or(|accepted| accepted == "*/*") {
        return Ok(());
    }
    let reads = request.method() == Method::GET;
    let pattern = request.match_pattern().filter(|_| reads);
    let offered = request.app_data::<Data<Offered>>();
    let offered = offered.map_or(&[Format::Json][..], |all| all.at(pattern.as_deref()));
    preferred(request, offered).map(drop)
}

/// An id that the caller gave, if it is one that may stand in a log.
fn given_id(request: &ServiceRequest) -> Option<String> {
    let given = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=100).contains(&given.len())
        && given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    fits.then(|| given.to_owned())
}

/// The trace that the caller belongs to (W3C trace context).
fn trace_id(request: &ServiceRequest) -> Option<String> {
    let parent = request.headers().get("traceparent")?.to_str().ok()?;
    let id = parent.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}

/// The problem behind an answer, ours or the framework's own.
fn problem_of(response: &actix_web::HttpResponse) -> Option<Problem> {
    if let Some(problem) = response
        .error()
        .and_then(actix_web::Error::as_error::<Problem>)
    {
        return Some(problem.clone());
    }
    let status = response.status();
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t == "application/problem+json");
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Request::UnknownAddress.into(),
        StatusCode::REQUEST_TIMEOUT => Request::TooSlow.into(),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = response.headers().get(header::ALLOW);
            let allowed = allowed
                .and_then(|allowed| allowed.to_str().ok())
                .unwrap_or_default();
            let allowed = allowed
                .split(',')
                .map(|method| method.trim().to_owned())
                .collect();
            Request::MethodNotAllowed { allowed }.into()
        }
        StatusCode::PAYLOAD_TOO_LARGE => Request::TooLarge { max_bytes: 0 }.into(),
        status if status.is_client_error() => Request::BadRequest.into(),
        _ => Failed::Internal.into(),
    })
}

/// Headers that inner middlewares gave and a problem keeps.
fn keep_headers(from: &actix_web::HttpResponse, to: &mut actix_web::HttpResponse) {
    for (name, value) in from.headers() {
        let kept =
            name.as_str().starts_with("access-control-") || name.as_str().starts_with("ratelimit");
        if kept || name == header::ALLOW {
            to.headers_mut().insert(name.clone(), value.clone());
        }
    }
}

fn dress(response: &mut actix_web::HttpResponse, id: &str, operation: &str) {
    let docs = operation.starts_with("/docs");
    // The documentation page brings its own scripts and styles, and sends requests to us alone.
    let policy = if docs {
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    let asks_for = match operation {
        "/v1/auth/token" => "Basic realm=\"maillage\", charset=\"UTF-8\"",
        _ => "Bearer realm=\"maillage\"",
    };
    let unauthorised = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    set("content-security-policy", policy);
    if unauthorised {
        set("www-authenticate", asks_for);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
}
