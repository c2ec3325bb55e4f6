//! Schemas that no single type says: what is joined to a record when it is answered, pages, patches.

use std::borrow::Cow;
use std::marker::PhantomData;

use domain::access::Action;
use domain::organisations::{LookAlike, OnDuplicate};
use domain::records::{AlsoWritten, ChangeKind, Resource, ResourceType};
use domain::values::{CodeList, Date, Text};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, Schema, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// How many items a page has at most.
const PAGE: usize = 200;

/// How many warnings an answer has at most: each list of a record is bounded by its type.
const WARNINGS: usize = 1_000;

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
    /// Why, in your own words; kept in the audit. Name no person in it.
    #[param(schema_with = reason, required = false)]
    reason: Option<String>,
}

fn reason() -> RefOr<Schema> {
    let mut text = Text::schema();
    if let RefOr::T(Schema::Object(text)) = &mut text {
        text.max_length = Some(500);
    }
    text
}

/// What a write of something that may be there already may carry.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read through `Wary`; here only to be documented")]
pub struct WaryParams {
    /// `refuse` to refuse what looks like a record that is there; `warn` to keep it and be told.
    #[param(value_type = Option<OnDuplicate>, inline)]
    on_duplicate: Option<OnDuplicate>,
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
        let mut add =
            |name: &str, schema: RefOr<Schema>| flat.properties.insert(name.to_owned(), schema);
        add(
            "as_of",
            day("The day for which the members that depend on the day answer."),
        );
        add(
            "acts",
            ArrayBuilder::new()
                .items(Ref::from_schema_name(Action::name()))
                .max_items(Some(Action::ALL.len()))
                .description(Some(
                    "The acts that the record's state and the caller's rights now allow.",
                ))
                .into(),
        );
        add(
            "warnings",
            ArrayBuilder::new()
                .items(Ref::from_schema_name("Warning"))
                .max_items(Some(WARNINGS))
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
        flat.properties
            .extend(joined(R::TYPE).map(|(name, schema)| (name.to_owned(), schema)));
        Schema::Object(flat).into()
    }
}

/// The members that are joined to records of a type, and are not in what is kept of them.
fn joined(of: ResourceType) -> impl Iterator<Item = (&'static str, RefOr<Schema>)> {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(description))
    };
    let secret = |description: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some(description))
    };
    let last_use = || {
        text("When it last got a token, to the hour; `null` when never.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
    };
    let members: Vec<(&'static str, ObjectBuilder)> = match of {
        ResourceType::Account => vec![
            ("name", text("The name of the person; `null` once erased.")),
            (
                "email",
                text("The e-mail address of the person; `null` once erased."),
            ),
            ("last_used_at", last_use()),
            (
                "code",
                secret("The one-time code, in the one answer that gives it."),
            ),
        ],
        ResourceType::Client => vec![
            ("last_used_at", last_use()),
            (
                "client_secret",
                secret("The secret, in the one answer that gives it."),
            ),
        ],
        ResourceType::Person => vec![
            (
                "name",
                text("The name as it is said; a pseudonym once erased."),
            ),
            (
                "family_name",
                text("The family name; a pseudonym once erased."),
            ),
            ("given_name", text("The given name; `null` once erased.")),
            (
                "rpps",
                text("The number of a health professional; only for those who need it."),
            ),
            (
                "email",
                text("The e-mail address at work; only for those who need it."),
            ),
            (
                "phone",
                text("The telephone at work; only for those who need it."),
            ),
        ],
        _ => Vec::new(),
    };
    members
        .into_iter()
        .map(|(name, schema)| (name, schema.into()))
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
        schemas.push((Action::name().into(), Action::schema()));
        schemas.push((LookAlike::name().into(), LookAlike::schema()));
        LookAlike::schemas(schemas);
        schemas.push((AlsoWritten::name().into(), AlsoWritten::schema()));
        AlsoWritten::schemas(schemas);
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
    let items = items.max_items(Some(PAGE));
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
            .property("op", ChangeKind::schema())
            .property(
                "body",
                utoipa::openapi::schema::OneOfBuilder::new()
                    .item(ObjectBuilder::new().schema_type(Type::Null))
                    .item(Ref::from_schema_name(R::name()))
                    .description(Some("The record as it then was; `null` once deleted.")),
            )
            .required("version")
            .required("at")
            .required("op")
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
        patch.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
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
pub(super) fn flatten(schema: &RefOr<Schema>, known: &[(String, RefOr<Schema>)]) -> Object {
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
            flat.example.clone_from(&all.example);
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
pub(super) struct WarningView {
    /// Where it stands in the record, as a JSON pointer.
    #[schema(example = "/identifiers/0/value")]
    pointer: String,
    /// The stable code of the warning.
    #[schema(example = "wrong_key")]
    code: String,
    /// The same in words.
    detail: String,
    /// The records that it looks like, with `likely_duplicate`: those the caller may see, the first
    /// ones by id when they are many.
    #[schema(required = false, max_items = 20)]
    candidates: Vec<LookAlike>,
    /// What the same act wrote beside the record, with `also_written`: of that, what the caller may see.
    #[schema(required = false, max_items = 200_000)]
    written: Vec<AlsoWritten>,
}

/// A problem (RFC 9457). Beside these members stand the facts of the problem, by name.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "answered from the catalogue; here only to be documented"
)]
pub struct ProblemView {
    /// The code as a URI.
    #[schema(format = "uri", example = "urn:maillage:problem:request.not_found")]
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
    #[schema(required = false, max_items = 20)]
    errors: Vec<ProblemErrorView>,
}

/// A bad value.
#[derive(ToSchema)]
#[schema(as = ProblemError)]
#[expect(
    dead_code,
    reason = "answered from the catalogue; here only to be documented"
)]
pub(super) struct ProblemErrorView {
    /// Where it stands in the request, as a JSON pointer.
    #[schema(example = "/identifiers/0/value")]
    pointer: String,
    /// The stable code.
    #[schema(example = "check_digit")]
    code: String,
    /// The same in words.
    detail: String,
}
