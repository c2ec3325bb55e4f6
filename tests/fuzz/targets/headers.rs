//! Headers, as what watches over every request reads them, and as writes and reads do. An input is
//! lines, each the name of a header, a colon and its value.
#![no_main]

use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use api::access::tokens::TokenRequest;
use api::app::App;
use api::http::asked::{Reading, Writing};
use api::http::format::Form;
use api::http::guard;
use api::problem::Problem;
use fuzz::signed::GIVEN;
use fuzz::{done, program};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: SERVER.with(|_| ()), |input: &[u8]| {
    let mut request = TestRequest::post()
        .uri("/v1/some")
        .peer_addr("127.0.0.1:1".parse().unwrap());
    let mut authorised = Vec::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        let (Ok(name), Ok(value)) = (name, value) else {
            return;
        };
        if name == header::AUTHORIZATION {
            authorised.push(value.as_bytes().to_vec());
        }
        request = request.append_header((name, value));
    }
    let answer = SERVER.with(|server| server(request));
    assert!(!answer.status().is_server_error(), "{}", answer.status());
    assert!(answer.headers().contains_key("x-request-id"));
    if answer.status() == StatusCode::NO_CONTENT {
        assert!(authorised.first().is_some_and(|given| is_known(given)));
    }
});

/// Whether a token that was given stands there.
fn is_known(authorisation: &[u8]) -> bool {
    let ends = |token: &String| authorisation.ends_with(token.as_bytes());
    authorisation[..7].eq_ignore_ascii_case(b"bearer ") && GIVEN.iter().any(ends)
}

async fn all_conditions(
    request: HttpRequest,
    _: Writing,
    _: Reading,
) -> Result<HttpResponse, Problem> {
    drop(Form::asked(&request, None));
    drop(TokenRequest::read(b"grant_type=client_credentials")?.credentials(&request));
    Ok(HttpResponse::NoContent().finish())
}

type Asked = dyn Fn(TestRequest) -> ServiceResponse;

// One server, never dropped: it outlives what it runs on.
thread_local!(static SERVER: &'static Asked = {
    let app: Data<App> = program();
    let some = web::scope("/v1")
        .route("/some", web::post().to(all_conditions))
        .wrap(from_fn(guard::admit));
    let routed = actix_web::App::new()
        .app_data(app)
        .service(some)
        .wrap(from_fn(guard::watch));
    let service = done(init_service(routed));
    Box::leak(Box::new(move |request: TestRequest| {
        done(service.call(request.to_request())).unwrap()
    }))
});
