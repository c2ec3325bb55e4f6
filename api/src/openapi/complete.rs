//! What is true of every operation, said once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::PartialSchema;
use utoipa::openapi::extensions::{Extensions, ExtensionsBuilder};
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Content, ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Schema,
};

use super::bounds;
use super::schemas::{ProblemErrorView, ProblemView, flatten};
use super::shared::{self, Shared};
use crate::http::format::Format;

/// Tags of states separated by commas, or `*`.
const TAGS: &str = r#"^(\*|(W/)?"[!#-+\--~]*"(, ?(W/)?"[!#-+\--~]*")*)$"#;

/// Visible characters, not quotes alone.
const KEY: &str = r"^[!-~]*[!#-~][!-~]*$";

/// The schemas of the formats that are one long text.
const TEXTS: [(&str, &str); 2] = [("text/csv", "Table"), ("application/x-ndjson", "Lines")];

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Completes what the handlers said with what is true of every operation.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_with(Default::default);
    components
        .schemas
        .insert("Problem".to_owned(), with_facts(ProblemView::schema()));
    components.schemas.insert(
        "ProblemError".to_owned(),
        with_facts(ProblemErrorView::schema()),
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token from `POST /v1/auth/token`, or one of the issuer (OpenID Connect) that this server \
             is set to believe. Tokens are made and checked by the practices of RFC8725: one algorithm for \
             each key, issuer, audience and age compared.",
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
    for (name, description) in [
        (
            "Table",
            "A table as CSV (RFC 4180), names of columns first. Of a list: all of it, without `limit`, `after`, \
             `count`, `expand`.",
        ),
        (
            "Lines",
            "On each line one item in JSON. Of a list: all of it, without `limit`, `after`, `count`.",
        ),
    ] {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description));
        components.schemas.insert(name.to_owned(), text.into());
    }
    shared::add_to(components);
    let known: Vec<_> = components.schemas.clone().into_iter().collect();
    for schema in components.schemas.values_mut() {
        make_one(schema, &known);
    }
    let schemas = components.schemas.clone();
    let known = named(&mut api);
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, method, operation, &schemas);
            let below = format!("{path}/{{id}}");
            let of_one = known.iter().filter(|one| one.path.starts_with(&below));
            link(operation, of_one);
        }
    }
    forget_unused(&mut api);
    bounds::fill(&mut api);
    api
}

/// Forgets the schemas that nothing refers to.
fn forget_unused(api: &mut OpenApi) {
    let text = json!(api).to_string();
    if let Some(components) = &mut api.components {
        let used = |name: &String| text.contains(&format!("#/components/schemas/{name}\""));
        components.schemas.retain(|name, _| used(name));
    }
}

/// Makes one object of those that a schema is composed of, which refuses what all of them refuse:
/// each by itself would refuse the members of the others.
fn make_one(schema: &mut RefOr<Schema>, known: &[(String, RefOr<Schema>)]) {
    let RefOr::T(Schema::AllOf(composed)) = &*schema else {
        return;
    };
    let text = json!(composed).to_string();
    let mut referred = known
        .iter()
        .filter(|(name, _)| text.contains(&format!("schemas/{name}\"")));
    let closed =
        referred.any(|(_, part)| json!(part).get("additionalProperties") == Some(&json!(false)));
    let mut one = flatten(schema, known);
    if closed {
        one.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
    *schema = Schema::Object(one).into();
}

/// The schema of an object beside whose members stand facts, by name.
fn with_facts(mut schema: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
    schema
}

/// An operation, as links name it.
struct Named {
    path: String,
    method: &'static str,
    id: String,
}

/// Every operation that has a name.
fn named(api: &mut OpenApi) -> Vec<Named> {
    let mut known = Vec::new();
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            known.extend(operation.operation_id.clone().map(|id| Named {
                path: path.clone(),
                method,
                id,
            }));
        }
    }
    known
}

/// Links the answer of a creation to every operation on what it made.
fn link<'a>(operation: &mut Operation, targets: impl Iterator<Item = &'a Named>) {
    let Some(RefOr::T(created)) = operation.responses.responses.get_mut("201") else {
        return;
    };
    for Named { method, id, .. } in targets {
        let mut link = LinkBuilder::new()
            .operation_id(id)
            .parameter("path.id", "$response.body#/id")
            .description("The record just made.");
        if *method != "get" {
            link = link.parameter("header.If-Match", "$response.header.ETag");
        }
        created.links.insert(id.clone(), link.build().into());
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

fn complete_operation(path: &str, method: &str, operation: &mut Operation, schemas: &Schemas) {
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
            (TAGS, "\"3\""),
        ));
    }
    // What people do with their own sessions shows secrets or answers nothing: no replay serves it.
    let of_oneself = path.starts_with("/v1/auth/") || path.starts_with("/v1/me/");
    if method == "post" && secured && !of_oneself {
        parameters.push(header(
            "Idempotency-Key",
            "A key of the caller's by which the same request may come again within 7 days and be done once.",
            false,
            (KEY, "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ));
    }
    if method == "get" && one && secured && is_tagged(path) {
        parameters.push(header(
            "If-None-Match",
            "The `ETag` already held; 304 when it still stands.",
            false,
            (TAGS, "\"3\""),
        ));
    }
    let named: Vec<String> = parameters.iter().filter_map(name_of).collect();
    let asks = |name: &str| named.iter().any(|known| known == name);
    let mut problem = |shared: Shared| {
        operation
            .responses
            .responses
            .entry(shared.status().to_owned())
            .or_insert_with(|| shared.reference().into());
    };
    problem(Shared::Unreadable);
    problem(Shared::Internal);
    if path.starts_with("/v1/") {
        problem(Shared::NotAcceptable);
        problem(Shared::TooManyRequests);
        problem(Shared::Unavailable);
    }
    if secured || path.starts_with("/v1/auth/") {
        problem(Shared::Unauthorised);
    }
    if secured {
        problem(Shared::Forbidden);
    }
    if path.contains('{') {
        problem(Shared::NotFound);
    }
    if one && (is_tagged(path) || is_put_together(path)) {
        problem(Shared::Gone);
    }
    if has_body {
        problem(Shared::TooSlow);
        problem(Shared::TooLarge);
        problem(Shared::UnsupportedMediaType);
    }
    if writes {
        problem(Shared::Conflict);
    }
    let contradictory =
        asks("csv") || asks("q") || path == "/v1/mesh" || (asks("expand") && asks("known_at"));
    if writes || has_body || contradictory {
        problem(Shared::BadValues);
    }
    if versioned {
        problem(Shared::Stale);
        problem(Shared::Unconditional);
    }
    if path.starts_with("/v1/organisations/{id}") && !path.ends_with("/history") {
        problem(Shared::Folded);
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(file)) = body.content.get_mut(Format::Csv.essence())
    {
        // Any bytes are a file; what is wrong with them is told by the report.
        file.schema = None;
    }
    complete_successes(path, method, operation);
    complete_list(operation, schemas);
}

/// Says of a list that may be asked for as CSV that it also comes whole, in two more formats.
fn complete_list(operation: &mut Operation, schemas: &Schemas) {
    let mut names = operation.parameters.iter().flatten().filter_map(name_of);
    if !names.any(|name| name == "csv") {
        return;
    }
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    let page = answer.content.get(Format::Json.essence());
    let line = page.and_then(|page| item_of(page, schemas)).map(line_of);
    for (essence, name) in TEXTS {
        let text = Ref::from_schema_name(name);
        let line = line.clone().filter(|_| name == "Lines");
        let content = ContentBuilder::new().schema(Some(text)).extensions(line);
        answer
            .content
            .insert(essence.to_owned(), content.build().into());
    }
    let disposition = shared::header_reference("Content-Disposition");
    answer
        .headers
        .insert("Content-Disposition".to_owned(), disposition);
}

/// The name of a parameter.
fn name_of(parameter: &RefOr<Parameter>) -> Option<String> {
    match parameter {
        RefOr::T(parameter) => Some(parameter.name.clone()),
        RefOr::Ref(_) => None,
    }
}

/// The schema of one of the items of a page, which is the one list among its members.
fn item_of(page: &RefOr<Content>, schemas: &Schemas) -> Option<Value> {
    let RefOr::T(page) = page else { return None };
    let page = json!(page.schema);
    let name = page.get("$ref")?.as_str()?.rsplit('/').next()?;
    let page = json!(schemas.get(name)?);
    let lists = page.get("properties")?.as_object()?.values();
    let list = lists
        .into_iter()
        .find(|member| member.get("type") == Some(&json!("array")))?;
    list.get("items").cloned()
}

/// What each line of NDJSON is, told beside its media type: OpenAPI has a word for it from 3.2 on.
fn line_of(schema: Value) -> Extensions {
    ExtensionsBuilder::new()
        .add("x-item-schema", schema)
        .build()
}

/// Whether what is at this address has a version and a tag: a history has many, an import none.
fn is_tagged(path: &str) -> bool {
    !path.ends_with("/history") && !path.starts_with("/v1/imports") && !is_put_together(path)
}

/// Whether what is at this address is put together from what is recorded around one record.
fn is_put_together(path: &str) -> bool {
    let ends = ["/expertise", "/neighbours", "/lineage", "/missing"];
    ends.iter().any(|end| path.ends_with(end))
}

fn complete_successes(path: &str, method: &str, operation: &mut Operation) {
    let one = path.contains("{id}") && is_tagged(path);
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(mut tried)) = responses.get("201").cloned() {
        "With `dry_run=true`: what would be recorded.".clone_into(&mut tried.description);
        tried.links.clear();
        responses.entry("200".to_owned()).or_insert(tried.into());
    }
    if one && method == "get" {
        let same = ResponseBuilder::new().description("The caller's state still stands.");
        responses
            .entry("304".to_owned())
            .or_insert_with(|| same.build().into());
    }
    let created = responses.contains_key("201");
    for (status, response) in responses {
        let RefOr::T(response) = response else {
            continue;
        };
        for (essence, name) in TEXTS {
            if let Some(RefOr::T(content)) = response.content.get_mut(essence) {
                content.schema = Some(Ref::from_schema_name(name).into());
            }
        }
        let mut add = |name: &str| {
            let header = shared::header_reference(name);
            response.headers.insert(name.to_owned(), header);
        };
        for name in shared::ON_EVERY_ANSWER {
            add(name);
        }
        if path.starts_with("/v1/") {
            for name in shared::OF_RATE {
                add(name);
            }
        }
        if (one || created) && matches!(status.as_str(), "200" | "201" | "304") {
            add("ETag");
        }
        if status == "201" {
            add("Location");
        }
    }
}

fn header(
    name: &str,
    description: &str,
    required: bool,
    (pattern, example): (&str, &str),
) -> RefOr<Parameter> {
    utoipa::openapi::path::ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required {
            Required::True
        } else {
            Required::False
        })
        .description(Some(description))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(pattern))
                .max_length(Some(255)),
        ))
        .example(Some(json!(example)))
        .build()
        .into()
}
