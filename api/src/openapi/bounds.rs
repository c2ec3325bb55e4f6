//! How long texts, lists and numbers are, where it follows from their format or from what an answer
//! is. What a value of the field may be is told by its type, in `domain`.

use domain::values::{Date, Instant};
use utoipa::Number;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, Schema, SchemaType, Type};
use utoipa::openapi::{Header, KnownFormat, OpenApi, RefOr, SchemaFormat};

/// The greatest whole number that every reader of JSON takes exactly: 2⁵³ − 1.
const EXACT: i64 = 9_007_199_254_740_991;

/// The longest text of all: cursors, tokens, what is told in words. Every text of the field is shorter
/// by its own type.
const LONGEST: usize = 65_536;

/// The longest parameter: an address of more than some kilobytes is refused by the HTTP parser.
const LONGEST_PARAMETER: usize = 2_000;

/// Fills the bounds in of everything in the document that tells none.
pub(super) fn fill(api: &mut OpenApi) {
    let components = api.components.iter_mut();
    for schema in components.flat_map(|all| all.schemas.values_mut()) {
        of_schema(schema);
    }
    for item in api.paths.paths.values_mut() {
        for (_, operation) in super::complete::operations(item) {
            for answer in operation.responses.responses.values_mut() {
                if let RefOr::T(answer) = answer {
                    answer.headers.values_mut().for_each(of_header);
                }
            }
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(Parameter {
                    schema: Some(schema),
                    ..
                }) = parameter
                {
                    of_parameter(schema);
                }
            }
        }
    }
}

fn of_parameter(schema: &mut RefOr<Schema>) {
    of_schema(schema);
    if let RefOr::T(Schema::Object(object)) = schema {
        let shorter = object.max_length.map(|most| most.min(LONGEST_PARAMETER));
        object.max_length = shorter;
    }
}

fn of_header(header: &mut RefOr<Header>) {
    if let RefOr::T(Header {
        schema: Some(schema),
        ..
    }) = header
    {
        of_schema(schema);
    }
}

fn of_schema(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => of_object(object),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                of_schema(items);
            }
        }
        Schema::OneOf(of) => of.items.iter_mut().for_each(of_schema),
        Schema::AllOf(of) => of.items.iter_mut().for_each(of_schema),
        Schema::AnyOf(of) => of.items.iter_mut().for_each(of_schema),
        _ => {}
    }
}

fn of_object(object: &mut Object) {
    if is(object, &Type::String) && object.enum_values.is_none() && object.max_length.is_none() {
        object.max_length = Some(length_of(object.format.as_ref()));
    }
    if object.pattern.is_none() {
        object.pattern = pattern_of(object.format.as_ref()).map(str::to_owned);
    }
    if is(object, &Type::Integer) {
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        object.format.get_or_insert(format);
        object.minimum.get_or_insert(Number::Int(0));
        object
            .maximum
            .get_or_insert(Number::Int(isize::try_from(EXACT).unwrap_or(isize::MAX)));
    }
    object.properties.values_mut().for_each(of_schema);
    if let Some(AdditionalProperties::RefOr(others)) = object.additional_properties.as_deref_mut() {
        of_schema(others);
    }
}

fn is(object: &Object, kind: &Type) -> bool {
    match &object.schema_type {
        SchemaType::Type(one) => one == kind,
        SchemaType::Array(several) => several.contains(kind),
        SchemaType::AnyValue => false,
    }
}

/// How a text of a format is written, where ours is narrower than the format.
fn pattern_of(format: Option<&SchemaFormat>) -> Option<&'static str> {
    match format? {
        SchemaFormat::KnownFormat(KnownFormat::Date) => Some(Date::PATTERN),
        SchemaFormat::KnownFormat(KnownFormat::DateTime) => Some(Instant::PATTERN),
        _ => None,
    }
}

/// How long a text of a format is at most.
fn length_of(format: Option<&SchemaFormat>) -> usize {
    match format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)) => 36,
        Some(SchemaFormat::KnownFormat(KnownFormat::Date)) => 10,
        // `2026-11-22T14:10:00.938542+01:00`
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => 35,
        _ => LONGEST,
    }
}
