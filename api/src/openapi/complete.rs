//! What is true of every operation, said once.

use serde_json::json;
use utoipa::PartialSchema;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder,
};

use super::schemas::{ProblemErrorView, ProblemView};
use crate::http::format::Format;

/// Completes what the handlers said with what is true of every operation.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_with(Default::default);
    components
        .schemas
        .insert("Problem".to_owned(), ProblemView::schema());
    components
        .schemas
        .insert("ProblemError".to_owned(), ProblemErrorView::schema());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token from `POST /v1/auth/token`, or one of the issuer (OpenID Connect) that this server \
             is set to believe.",
        ));
    components.security_schemes.insert(
        "bearer".to_owned(),
        SecurityScheme::Http(bearer.build()).into(),
    );
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("A client's id and secret."));
    components.security_schemes.insert(
        "basic".to_owned(),
        SecurityScheme::Http(basic.build()).into(),
    );
    let known = addressed_by_id(&mut api);
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, method, operation);
            let below = format!("{path}/{{id}}");
            link(
                operation,
                known.iter().filter(|(path, _)| path.starts_with(&below)),
            );
        }
    }
    api
}

/// The operations on one record, with their paths.
fn addressed_by_id(api: &mut OpenApi) -> Vec<(String, String)> {
    let mut known = Vec::new();
    for (path, item) in &mut api.paths.paths {
        for (_, operation) in operations(item) {
            known.extend(operation.operation_id.clone().map(|id| (path.clone(), id)));
        }
    }
    known
}

/// Links the answer of a creation to every operation on what it made.
fn link<'a>(operation: &mut Operation, targets: impl Iterator<Item = &'a (String, String)>) {
    let Some(RefOr::T(created)) = operation.responses.responses.get_mut("201") else {
        return;
    };
    for (_, target) in targets {
        let link = LinkBuilder::new()
            .operation_id(target)
            .parameter("id", "$response.body#/id")
            .description("The record just made.")
            .build();
        created.links.insert(target.clone(), link.into());
    }
}

/// The operations of a path, with their methods.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation?)))
}

fn complete_operation(path: &str, method: &str, operation: &mut Operation) {
    let secured = operation
        .security
        .as_ref()
        .is_some_and(|needs| json!(needs).to_string().contains("bearer"));
    let one = path.contains("{id}");
    let versioned = one && method != "get";
    let has_body = operation.request_body.is_some();
    let writes = method != "get" && secured;
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    if versioned {
        parameters.push(header(
            "If-Match",
            "The `ETag` of the state that is changed; required.",
            true,
            "\"3\"",
        ));
    }
    // What people do with their own sessions shows secrets or answers nothing: no replay serves it.
    let of_oneself = path.starts_with("/v1/auth/") || path.starts_with("/v1/me/");
    if method == "post" && secured && !of_oneself {
        parameters.push(header(
            "Idempotency-Key",
            "A key of the caller's by which the same request may come again within 7 days and be done once.",
            false,
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ));
    }
    if method == "get" && one && secured && is_tagged(path) {
        parameters.push(header(
            "If-None-Match",
            "The `ETag` already held; 304 when it still stands.",
            false,
            "\"3\"",
        ));
    }
    let mut problem = |status: &str, when: &str| {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| problem_response(when).into());
    };
    problem("400", "The request cannot be read.");
    if path.starts_with("/v1/") {
        problem("406", "No accepted format is spoken here.");
        problem("429", "Too many requests.");
        problem(
            "503",
            "Unavailable for now; nothing was done unless the code says otherwise.",
        );
    }
    if secured || path.starts_with("/v1/auth/") {
        problem("401", "Nobody we know.");
    }
    if secured {
        problem("403", "Not allowed.");
    }
    if one || path.contains("{list}") || path.contains("{type}") {
        problem("404", "No such record, or not for this caller's eyes.");
    }
    if one && is_tagged(path) {
        problem("410", "It was deleted.");
    }
    if has_body {
        problem("408", "The body did not come in time.");
        problem("413", "The body is too large.");
        problem("415", "The body is in another format.");
    }
    if writes {
        problem(
            "409",
            "A rule of the field forbids it in the present state.",
        );
        problem("422", "Values are refused; all of them are listed.");
    }
    if versioned {
        problem(
            "412",
            "`If-Match` names another version; the present state is joined.",
        );
        problem("428", "`If-Match` is missing.");
    }
    if path.starts_with("/v1/organisations/{id}") && !path.ends_with("/history") {
        let moved = operation.responses.responses.entry("307".to_owned());
        moved.or_insert_with(|| folded_response().into());
    }
    complete_successes(path, method, operation);
    complete_list(operation);
}

/// Says of a list that may be asked for as CSV that it also comes whole, in two more formats.
fn complete_list(operation: &mut Operation) {
    let mut parameters = operation.parameters.iter().flatten();
    let as_table = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == "csv",
        RefOr::Ref(_) => false,
    };
    if !parameters.any(as_table) {
        return;
    }
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    for (format, description) in [
        (
            Format::Csv,
            "The whole list as CSV (RFC 4180), names of columns first; without `limit`, `after`, `count`, `expand`.",
        ),
        (
            Format::Ndjson,
            "The whole list, on each line one of `items` in JSON; without `limit`, `after`, `count`.",
        ),
    ] {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description));
        let content = ContentBuilder::new().schema(Some(text)).build();
        answer
            .content
            .insert(format.essence().to_owned(), content.into());
    }
    answer.headers.insert(
        "Content-Disposition".to_owned(),
        text_header("In CSV and NDJSON, the name of the file."),
    );
}

/// Whether what is at this address has a version and a tag: a history has many, an import none.
fn is_tagged(path: &str) -> bool {
    !path.ends_with("/history") && !path.starts_with("/v1/imports")
}

fn complete_successes(path: &str, method: &str, operation: &mut Operation) {
    let one = path.contains("{id}") && is_tagged(path);
    let created = operation.responses.responses.contains_key("201");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if (one || created) && matches!(status.as_str(), "200" | "201") {
            response.headers.insert(
                "ETag".to_owned(),
                text_header("The tag of this state, to give in `If-Match`."),
            );
        }
        if status == "201" {
            response.headers.insert(
                "Location".to_owned(),
                text_header("The address of the new record."),
            );
        }
    }
    if one && method == "get" {
        let same = ResponseBuilder::new()
            .description("The caller's state still stands.")
            .build();
        operation
            .responses
            .responses
            .entry("304".to_owned())
            .or_insert_with(|| same.into());
    }
}

fn text_header(description: &str) -> RefOr<Header> {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    utoipa::openapi::HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
        .into()
}

fn header(name: &str, description: &str, required: bool, example: &str) -> RefOr<Parameter> {
    utoipa::openapi::path::ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required {
            Required::True
        } else {
            Required::False
        })
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(json!(example)))
        .build()
        .into()
}

fn folded_response() -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description("It was recorded twice: ask at the address of the record that stands for it.")
        .content("application/json", content)
        .header(
            "Location",
            utoipa::openapi::HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some(
                    "The same address of that record, with the same query.",
                ))
                .build(),
        )
        .build()
}

fn problem_response(when: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(when)
        .content("application/problem+json", content)
        .build()
}
