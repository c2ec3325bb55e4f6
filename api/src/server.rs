//! The server: routes, what watches over them, and its start and stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;
use crate::http::format::Offered;
use crate::http::guard;
use crate::problem::Problem;
use crate::words::Request;
use crate::{BESIDE, document, v1};

/// What the server needs beside the program's shared state.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Threads that speak HTTP.
    pub workers: usize,
    /// The origins whose pages may call us from a browser.
    pub origins: Vec<String>,
    /// How long to wait for requests to end when stopping.
    pub farewell: Duration,
    /// Whether signals stop the server; a test stops its own.
    pub heed_signals: bool,
}

/// The document in its two spellings, and the addresses it knows.
struct Published {
    json: String,
    yaml: String,
    routes: Vec<(Vec<String>, Vec<String>)>,
}

/// Starts to listen. The server runs once awaited.
pub fn start(
    app: Data<App>,
    serving: &Serving,
    listener: TcpListener,
) -> std::io::Result<(Server, SocketAddr)> {
    let address = listener.local_addr()?;
    let document = document();
    let published = Data::new(Published::of(&document)?);
    let offered = Data::new(Offered::of(&document));
    let origins = Arc::new(serving.origins.clone());
    let factory = move || {
        let (routed, _) = actix_web::App::new()
            .into_utoipa_app()
            .service(utoipa_actix_web::scope("/v1").configure(v1).map(|scope| {
                scope
                    .wrap(from_fn(guard::admit))
                    .default_service(web::route().to(unknown))
            }))
            .configure(BESIDE.routes)
            .split_for_parts();
        routed
            .app_data(app.clone())
            .app_data(published.clone())
            .app_data(offered.clone())
            .app_data(
                web::PathConfig::default().error_handler(|_, request| misread(request).into()),
            )
            .app_data(web::PayloadConfig::new(app.limits().body_bytes))
            .service(web::resource("/openapi.json").route(web::get().to(openapi_json)))
            .service(web::resource("/openapi.yaml").route(web::get().to(openapi_yaml)))
            .service(web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
            .default_service(web::route().to(unknown))
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(guard::watch))
    };
    let seconds = serving.farewell.as_secs();
    let mut server = HttpServer::new(factory)
        .workers(serving.workers)
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(seconds);
    if !serving.heed_signals {
        server = server.disable_signals();
    }
    Ok((server.listen(listener)?.run(), address))
}

fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
        ])
        .allowed_header("idempotency-key")
        .allowed_header("x-request-id")
        .allowed_header("traceparent")
        .expose_headers([
            "changes-cursor",
            "content-disposition",
            "dry-run",
            "etag",
            "idempotent-replayed",
            "link",
            "location",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "x-request-id",
        ])
        .max_age(3600)
}

/// What a path cannot be read as: no id, or an address of its own that another route took for one
/// because it does not know the method.
fn misread(request: &HttpRequest) -> Problem {
    let published = request.app_data::<Data<Published>>();
    let literal = published.and_then(|published| {
        let steps: Vec<&str> = request.path().split('/').collect();
        let own = published
            .routes
            .iter()
            .find(|(template, _)| *template == steps);
        own.map(|(_, methods)| methods.clone())
    });
    match literal {
        Some(allowed)
            if !allowed
                .iter()
                .any(|method| request.method() == method.as_str()) =>
        {
            let joined = allowed.join(", ");
            Problem::from(Request::MethodNotAllowed { allowed }).with_header(header::ALLOW, joined)
        }
        _ => Request::NotFound.into(),
    }
}

/// What no route took: an address nobody knows, or a method it does not know.
async fn unknown(
    request: HttpRequest,
    published: Data<Published>,
) -> Result<HttpResponse, Problem> {
    let Some(allowed) = published.methods(request.path()) else {
        return Err(Request::UnknownAddress.into());
    };
    let joined = allowed.join(", ");
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::build(StatusCode::NO_CONTENT)
            .insert_header((header::ALLOW, joined))
            .finish());
    }
    Err(Problem::from(Request::MethodNotAllowed { allowed }).with_header(header::ALLOW, joined))
}

async fn openapi_json(published: Data<Published>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(published.json.clone())
}

async fn openapi_yaml(published: Data<Published>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/yaml")
        .body(published.yaml.clone())
}

impl Published {
    fn of(api: &OpenApi) -> std::io::Result<Self> {
        let json = api.to_pretty_json().map_err(std::io::Error::other)?;
        let yaml = api.to_yaml().map_err(std::io::Error::other)?;
        let mut routes = Vec::new();
        for (path, item) in &api.paths.paths {
            let mut methods = Vec::new();
            for (method, operation) in crate::openapi::operations(&mut item.clone()) {
                let _ = operation;
                methods.push(method.to_uppercase());
            }
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.push("OPTIONS".to_owned());
            routes.push((path.split('/').map(str::to_owned).collect(), methods));
        }
        Ok(Self { json, yaml, routes })
    }

    /// The methods of the address, if it is one of the document's.
    fn methods(&self, path: &str) -> Option<Vec<String>> {
        let steps: Vec<&str> = path.split('/').collect();
        let fits = |template: &[String]| {
            template.len() == steps.len()
                && template.iter().zip(&steps).all(|(known, step)| {
                    known == step || (known.starts_with('{') && !step.is_empty())
                })
        };
        self.routes
            .iter()
            .find(|(template, _)| fits(template))
            .map(|(_, methods)| methods.clone())
    }
}
