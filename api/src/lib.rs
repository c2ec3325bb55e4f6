//! What maillage speaks: a JSON API over HTTP, and its document.
//!
//! This file is the table of contents: every route there is, in the order they are documented.

pub mod access;
pub mod accounts;
pub mod app;
pub mod audit;
pub mod changes;
pub mod clients;
pub mod code_lists;
mod commands;
pub mod demo;
pub mod duplicates;
pub mod exports;
pub mod http;
pub mod imports;
mod manage;
pub mod metrics;
pub mod openapi;
pub mod operations;
pub mod organisations;
pub mod problem;
mod program;
pub mod rate;
pub mod server;
pub mod settings;
pub mod territories;
pub mod words;

pub use program::main;

use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes under `/v1`.
fn v1(routes: &mut ServiceConfig) {
    routes
        .service(access::tokens::create_token)
        .service(access::me::read_me)
        .service(access::grants::list_grants)
        .service(access::grants::give_grant)
        .service(access::grants::read_grant)
        .service(access::grants::delete_grant)
        .service(access::grants::end_grant)
        .service(audit::read_audit)
        .service(access::logins::activate_account)
        .service(access::logins::log_out)
        .service(access::logins::change_my_password)
        .service(access::logins::list_my_sessions)
        .service(access::logins::end_my_session)
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
        .service(clients::revoke_client)
        .service(organisations::list_organisations)
        .service(organisations::create_organisation)
        .service(duplicates::list_duplicates)
        .service(organisations::read_organisation)
        .service(organisations::change_organisation)
        .service(organisations::delete_organisation)
        .service(organisations::read_organisation_history)
        .service(organisations::end_organisation)
        .service(organisations::reopen_organisation)
        .service(duplicates::fold_organisation)
        .service(duplicates::unfold_organisation)
        .service(duplicates::tell_organisations_apart)
        .service(duplicates::propose_organisations_again)
        .service(imports::resource::create_import)
        .service(imports::resource::list_imports)
        .service(imports::resource::read_import)
        .service(imports::resource::read_import_report)
        .service(imports::resource::read_refused_rows)
        .service(territories::list_territories)
        .service(territories::create_territory)
        .service(territories::read_territory)
        .service(territories::change_territory)
        .service(territories::delete_territory)
        .service(territories::read_territory_history)
        .service(territories::end_territory)
        .service(code_lists::list_code_lists)
        .service(code_lists::read_code_list)
        .service(changes::read_changes)
        .service(exports::export_records);
}

/// The routes beside `/v1`.
fn beside(routes: &mut ServiceConfig) {
    routes
        .service(operations::read_liveness)
        .service(operations::read_readiness)
        .service(operations::read_metrics);
}

/// The document of every route, complete.
#[must_use]
pub fn document() -> OpenApi {
    let (_, api) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(utoipa_actix_web::scope("/v1").configure(v1))
        .configure(beside)
        .split_for_parts();
    openapi::complete(api)
}
