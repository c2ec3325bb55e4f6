//! The running server: health and measures.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::access::Action;
use persistence::changes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::query::{Nothing, Query};
use crate::problem::Problem;
use crate::room::Room;
use crate::words::Failed;

/// What stands beside `/v1`.
pub(crate) const ROOM: Room = Room {
    tag: ("operations", "The running server."),
    routes: |beside| {
        beside
            .service(read_liveness)
            .service(read_readiness)
            .service(read_metrics);
    },
    code_lists: Vec::new,
};

/// How the server is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Tell whether the server runs.
#[utoipa::path(tag = "operations", security(()),
    responses((status = 200, description = "It runs.", body = Health)))]
#[get("/health/live")]
pub(crate) async fn read_liveness(_: Query<Nothing>) -> HttpResponse {
    answer::json(StatusCode::OK)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Health { status: "ok" })
}

/// Tell whether the server can serve: its base answers.
#[utoipa::path(tag = "operations", security(()),
    responses((status = 200, description = "It can.", body = Health),
        (status = 503, description = "Its base does not answer.", content_type = "application/problem+json", body = crate::openapi::ProblemView)))]
#[get("/health/ready")]
pub(crate) async fn read_readiness(
    app: Data<App>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    app.within_patience(
        app.database()
            .read(|db| Ok::<_, Problem>(changes::floor(db)?)),
        Failed::TimedOut,
    )
    .await?;
    Ok(answer::json(StatusCode::OK)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Health { status: "ok" }))
}

/// Read the measures, as Prometheus does.
#[utoipa::path(tag = "operations", security(("bearer" = ["administer"])),
    responses((status = 200, description = "The measures.", content_type = "text/plain", body = String)))]
#[get("/metrics")]
pub(crate) async fn read_metrics(
    app: Data<App>,
    caller: Caller,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    app.read(&caller, Action::ReadMetrics, |_, _, _| Ok(()))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(app.metrics().text(app.database().waiting())))
}
