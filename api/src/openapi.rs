//! The published contract: what the handlers say of themselves, and what is true of all of them.

use std::borrow::Cow;
use std::marker::PhantomData;

use domain::records::{ChangeKind, Resource};
use domain::values::Date;
use serde_json::json;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, Schema, SchemaType, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder, OpenApi, Ref,
    RefOr, Required, ResponseBuilder, SchemaFormat, ServerBuilder,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A record as it is answered: the record itself, and what depends on the day and on the reader.
pub struct Recorded<R>(PhantomData<R>);

/// A page of records.
pub struct Listed<R>(PhantomData<R>);

/// A page of a record's history.
pub struct Past<R>(PhantomData<R>);

/// The members to change of an `F`, `null` for those to clear.
pub struct MergePatch<F>(PhantomData<F>);

/// What every write may carry.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "read through `Writing`; here only to be documented"
)]
pub struct WriteParams {
    /// `true` to check everything, keep nothing, and see what the answer would be.
    #[param(value_type = Option<bool>)]
    dry_run: Option<bool>,
}

impl<R: Resource + ToSchema> PartialSchema for Recorded<R>
where
    R::Present: ToSchema,
{
    fn schema() -> RefOr<Schema> {
        let mut known = Schemas::new();
        R::schemas(&mut known);
        let mut flat = flatten(&R::schema(), &known);
        let present = flatten(&R::Present::schema(), &known);
        flat.properties.extend(present.properties);
        flat.required.extend(present.required);
        let strings = |description: &str| {
            ArrayBuilder::new()
                .items(ObjectBuilder::new().schema_type(Type::String))
                .description(Some(description))
        };
        let mut add =
            |name: &str, schema: RefOr<Schema>| flat.properties.insert(name.to_owned(), schema);
        add(
            "as_of",
            day("The day for which the members that depend on the day answer."),
        );
        add(
            "acts",
            strings("The acts that the record's state and the caller's rights now allow.").into(),
        );
        add(
            "warnings",
            ArrayBuilder::new()
                .items(Ref::from_schema_name("Warning"))
                .description(Some(
                    "What is odd without being refused; in answers to writes only.",
                ))
                .into(),
        );
        add(
            "expanded",
            ObjectBuilder::new()
                .description(Some("What `expand` joined, by name."))
                .additional_properties(Some(AdditionalProperties::FreeForm(true)))
                .into(),
        );
        flat.required
            .extend(["as_of".to_owned(), "acts".to_owned()]);
        Schema::Object(flat).into()
    }
}

fn day(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples([Date::EXAMPLE])
        .description(Some(description))
        .into()
}

impl<R: Resource + ToSchema> ToSchema for Recorded<R>
where
    R::Present: ToSchema,
{
    fn name() -> Cow<'static, str> {
        R::name()
    }

    fn schemas(schemas: &mut Schemas) {
        R::schemas(schemas);
        R::Present::schemas(schemas);
        schemas.push(("Warning".to_owned(), WarningView::schema()));
    }
}

impl<R: Resource + ToSchema> PartialSchema for Listed<R>
where
    R::Present: ToSchema,
{
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(Ref::from_schema_name(R::name()))
            .description(Some("The records."));
        page_of(items)
            .property(
                "count",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .description(Some(
                        "How many there are in all, when `count=exact` asked for it.",
                    )),
            )
            .into()
    }
}

fn page_of(items: ArrayBuilder) -> ObjectBuilder {
    let next = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The cursor to give as `after` for the next page; `null` on the last.",
        ));
    ObjectBuilder::new()
        .property("items", items)
        .property("next", next)
        .required("items")
        .required("next")
}

impl<R: Resource + ToSchema> ToSchema for Listed<R>
where
    R::Present: ToSchema,
{
    fn name() -> Cow<'static, str> {
        format!("{}Page", R::name()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((R::name().into(), Recorded::<R>::schema()));
        Recorded::<R>::schemas(schemas);
    }
}

impl<R: Resource + ToSchema> PartialSchema for Past<R>
where
    R::Present: ToSchema,
{
    fn schema() -> RefOr<Schema> {
        let state = ObjectBuilder::new()
            .property(
                "version",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .description(Some("The version.")),
            )
            .property(
                "at",
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                    .description(Some("When it was recorded.")),
            )
            .property("change", ChangeKind::schema())
            .property(
                "body",
                utoipa::openapi::schema::OneOfBuilder::new()
                    .item(ObjectBuilder::new().schema_type(Type::Null))
                    .item(Ref::from_schema_name(R::name()))
                    .description(Some("The record as it then was; `null` once deleted.")),
            )
            .required("version")
            .required("at")
            .required("change")
            .required("body");
        page_of(
            ArrayBuilder::new()
                .items(state)
                .description(Some("The states, from the first.")),
        )
        .into()
    }
}

impl<R: Resource + ToSchema> ToSchema for Past<R>
where
    R::Present: ToSchema,
{
    fn name() -> Cow<'static, str> {
        format!("{}History", R::name()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        Listed::<R>::schemas(schemas);
    }
}

impl<F: ToSchema> PartialSchema for MergePatch<F> {
    fn schema() -> RefOr<Schema> {
        let mut patch = flatten(&F::schema(), &[]);
        patch.required.clear();
        patch.description = Some(
            "The members to change; a list replaces the whole list, `null` clears.".to_owned(),
        );
        Schema::Object(patch).into()
    }
}

impl<F: ToSchema> ToSchema for MergePatch<F> {
    fn name() -> Cow<'static, str> {
        format!("{}Patch", F::name()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        F::schemas(schemas);
    }
}

/// One object with every property of a schema and of those it is composed of: generators digest
/// that better than compositions.
fn flatten(schema: &RefOr<Schema>, known: &[(String, RefOr<Schema>)]) -> Object {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference
                .ref_location
                .rsplit('/')
                .next()
                .unwrap_or_default();
            known
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, schema)| flatten(schema, known))
                .unwrap_or_default()
        }
        RefOr::T(Schema::AllOf(all)) => {
            let mut flat = Object::default();
            flat.description.clone_from(&all.description);
            for part in &all.items {
                let part = flatten(part, known);
                flat.properties.extend(part.properties);
                flat.required.extend(part.required);
            }
            flat
        }
        RefOr::T(Schema::Object(object)) => {
            let mut flat = object.clone();
            flat.additional_properties = None;
            flat
        }
        RefOr::T(_) => Object::default(),
    }
}

/// Something odd that was recorded all the same.
#[derive(ToSchema)]
#[schema(as = Warning)]
#[expect(
    dead_code,
    reason = "answered as joined JSON; here only to be documented"
)]
pub struct WarningView {
    /// Where it stands in the record, as a JSON pointer.
    #[schema(example = "/identifiers/0/value")]
    pointer: String,
    /// The stable code of the warning.
    #[schema(example = "wrong_key")]
    code: String,
    /// The same in words.
    detail: String,
}

/// A problem (RFC 9457). Beside these members stand the facts of the problem, by name.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "answered from the catalogue; here only to be documented"
)]
pub struct ProblemView {
    /// Where the meaning of the code is written.
    #[schema(
        format = "uri",
        example = "https://maillage.example/problems/request.not_found"
    )]
    r#type: String,
    /// What kind of problem it is.
    #[schema(example = "Introuvable")]
    title: String,
    /// The status of the answer.
    #[schema(example = 404)]
    status: u16,
    /// What happened this time.
    #[schema(example = "Aucune fiche visible ne porte cet identifiant.")]
    detail: String,
    /// The request.
    #[schema(example = "urn:request:0198f1c2-7a00-7000-8000-000000000001")]
    instance: String,
    /// The stable code.
    #[schema(example = "request.not_found")]
    code: String,
    /// The bad values.
    #[schema(required = false)]
    errors: Vec<ProblemErrorView>,
}

/// A bad value.
#[derive(ToSchema)]
#[schema(as = ProblemError)]
#[expect(
    dead_code,
    reason = "answered from the catalogue; here only to be documented"
)]
pub struct ProblemErrorView {
    /// Where it stands in the request, as a JSON pointer.
    #[schema(example = "/identifiers/0/value")]
    pointer: String,
    /// The stable code.
    #[schema(example = "check_digit")]
    code: String,
    /// The same in words.
    detail: String,
}

/// The document before any operation is added.
#[must_use]
pub fn base() -> OpenApi {
    let mut base = OpenApi::default();
    base.info = InfoBuilder::new()
        .title("maillage")
        .version("1")
        .description(Some(include_str!("openapi.md")))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT OR Apache-2.0")
                .identifier(Some("MIT OR Apache-2.0"))
                .build(),
        ))
        .build();
    base.servers = Some(vec![
        ServerBuilder::new()
            .url("/")
            .description(Some("This server."))
            .build(),
    ]);
    base.tags = Some(
        TAGS.iter()
            .map(|(name, description)| {
                utoipa::openapi::tag::TagBuilder::new()
                    .name(*name)
                    .description(Some(*description))
                    .build()
            })
            .collect(),
    );
    base
}

const TAGS: &[(&str, &str)] = &[
    ("access", "Tokens, and who may do what."),
    (
        "organisations",
        "Who exists, under which names and numbers, where, and as part of whom.",
    ),
    (
        "territories",
        "Communes, EPCI, départements and régions, and who holds whom at a date.",
    ),
    (
        "code lists",
        "Every enumeration and nomenclature, with French and English labels.",
    ),
    ("changes", "What changed, in the order it was committed."),
    ("operations", "The running server."),
];

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
        .description(Some("A token from `POST /v1/auth/token`."));
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
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, method, operation);
        }
    }
    api
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
    if method == "post" && secured {
        parameters.push(header(
            "Idempotency-Key",
            "A key of the caller's by which the same request may come again within 7 days and be done once.",
            false,
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ));
    }
    if method == "get" && one && secured && !path.ends_with("/history") {
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
    if path.starts_with("/v1/") {
        problem("400", "The request cannot be read.");
        problem("406", "No accepted format is spoken here.");
        problem("429", "Too many requests.");
        problem(
            "503",
            "Unavailable for now; nothing was done unless the code says otherwise.",
        );
    }
    if secured || path.ends_with("/token") {
        problem("401", "Nobody we know.");
    }
    if secured {
        problem("403", "Not allowed.");
    }
    if one || path.contains("{list}") {
        problem("404", "No such record, or not for this caller's eyes.");
    }
    if one && !path.ends_with("/history") {
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
    complete_successes(path, method, operation);
}

fn complete_successes(path: &str, method: &str, operation: &mut Operation) {
    let one = path.contains("{id}") && !path.ends_with("/history");
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
            for (name, target) in LINKS
                .iter()
                .filter(|(_, target)| target.starts_with(path))
                .map(|(n, t)| (*n, *t))
            {
                let _ = target;
                let link = LinkBuilder::new()
                    .operation_id(name)
                    .parameter("id", "$response.body#/id")
                    .description("The record just made.")
                    .build();
                response.links.insert(name.to_owned(), link.into());
            }
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

/// From each creation to the operations on what it made: operation, and its path.
const LINKS: &[(&str, &str)] = &[
    ("read_organisation", "/v1/organisations/{id}"),
    (
        "read_organisation_history",
        "/v1/organisations/{id}/history",
    ),
    ("change_organisation", "/v1/organisations/{id}"),
    ("end_organisation", "/v1/organisations/{id}/end"),
    ("reopen_organisation", "/v1/organisations/{id}/reopen"),
    ("delete_organisation", "/v1/organisations/{id}"),
];

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

fn problem_response(when: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(when)
        .content("application/problem+json", content)
        .build()
}
