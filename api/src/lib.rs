//! What maillage speaks: a JSON API over HTTP, and its document.
//!
//! This file is the table of contents: every room there is, in the order they are documented. Each says
//! its routes in its own file.

pub mod access;
pub mod accounts;
pub mod actions;
pub mod activities;
pub mod app;
pub mod audit;
pub mod bearers;
pub mod changes;
pub mod chores;
pub mod clients;
pub mod code_lists;
mod commands;
pub mod demo;
pub mod directory;
pub mod duplicates;
pub mod expertise;
pub mod exports;
pub mod facilitations;
pub mod founding_texts;
pub mod http;
pub mod imports;
pub mod lineage;
mod manage;
pub mod memberships;
pub mod mesh;
pub mod metrics;
pub mod networks;
pub mod objectives;
pub mod openapi;
pub mod operations;
pub mod organisations;
pub mod people;
pub mod poolings;
pub mod problem;
mod program;
pub mod rate;
mod relations;
mod room;
pub mod server;
pub mod settings;
pub mod territories;
mod upkeep;
pub mod words;

pub use program::main;

use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use room::Room;

/// The rooms, under `/v1`.
const ROOMS: &[Room] = &[
    access::ROOM,
    organisations::ROOM,
    networks::ROOM,
    people::ROOM,
    memberships::ROOM,
    bearers::ROOM,
    facilitations::ROOM,
    objectives::ROOM,
    actions::ROOM,
    poolings::ROOM,
    founding_texts::ROOM,
    lineage::ROOM,
    directory::ROOM,
    imports::ROOM,
    territories::ROOM,
    code_lists::ROOM,
    changes::ROOM,
];

/// What stands beside `/v1`.
const BESIDE: Room = operations::ROOM;

fn v1(routes: &mut ServiceConfig) {
    for room in ROOMS {
        (room.routes)(routes);
    }
}

/// The document of every route, complete.
#[must_use]
pub fn document() -> OpenApi {
    let (_, api) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(utoipa_actix_web::scope("/v1").configure(v1))
        .configure(BESIDE.routes)
        .split_for_parts();
    openapi::complete(api)
}
