//! Reading a value out of JSON, and every bad value of it at once.
//!
//! A value that cannot be read says so with a [`Misread`], which takes along a valid example of
//! the same type. The reader notes the fault, puts the example in its place and reads again, until
//! all is read. The document so mended is only used to look for more faults.

use domain::values::{Faults, Misread, Pointer, ValueError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::words::Request;

/// A request with more bad values than this is refused with the first ones.
const MOST_FAULTS: usize = 20;

/// Values tried in turn in the place of a missing member, to find what else is wrong.
const STAND_INS: usize = 5;

/// Reads a request out of a JSON document.
pub fn read<T>(document: Value) -> Result<T, Request>
where
    T: DeserializeOwned + Serialize + Validate,
{
    let given = document.clone();
    let value: T = read_values(document)?;
    match serde_json::to_value(&value) {
        Ok(understood) => match array_for_object(&given, &understood, &Pointer::root()) {
            None => Ok(value),
            Some(pointer) => Err(wrong_type(pointer, "object")),
        },
        Err(_) => Ok(value),
    }
}

/// Where the document gives an array that was understood as an object: serde reads both.
fn array_for_object(given: &Value, understood: &Value, at: &Pointer) -> Option<Pointer> {
    match (given, understood) {
        (Value::Array(_), Value::Object(_)) => Some(at.clone()),
        (Value::Array(given), Value::Array(understood)) => {
            let pairs = given.iter().zip(understood).enumerate();
            pairs.into_iter().find_map(|(i, (given, understood))| {
                array_for_object(given, understood, &at.join(i))
            })
        }
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().find_map(|(name, given)| {
                array_for_object(given, understood.get(name)?, &at.join(name))
            })
        }
        _ => None,
    }
}

fn read_values<T: DeserializeOwned + Validate>(mut document: Value) -> Result<T, Request> {
    let mut faults = Faults::default();
    let mut stood_in: Vec<(Pointer, usize)> = Vec::new();
    for _ in 0..MOST_FAULTS.saturating_mul(STAND_INS) {
        match serde_path_to_error::deserialize::<_, T>(&document) {
            Ok(value) => {
                if let Err(errors) = value.validate() {
                    let given = |pointer: &Pointer| {
                        !stood_in
                            .iter()
                            .any(|(missing, _)| pointer.is_within(missing))
                    };
                    shape_faults(&mut faults, &Pointer::root(), &errors, &given);
                }
                return if faults.iter().next().is_some() {
                    Err(Request::BadValues(faults))
                } else {
                    Ok(value)
                };
            }
            Err(error) => {
                let at = pointer(error.path());
                let message = error.inner().to_string();
                if !mend(&mut document, &mut faults, &mut stood_in, &at, &message) {
                    return Err(refusal(at, &message));
                }
            }
        }
        if faults.iter().count() >= MOST_FAULTS {
            break;
        }
    }
    Err(Request::BadValues(faults))
}

/// Notes what one error says and mends the document so that reading can go on; `false` when it
/// cannot.
fn mend(
    document: &mut Value,
    faults: &mut Faults,
    stood_in: &mut Vec<(Pointer, usize)>,
    at: &Pointer,
    message: &str,
) -> bool {
    let invented =
        |stood_in: &[(Pointer, usize)]| stood_in.iter().any(|(missing, _)| at.is_within(missing));
    if let Some(member) = named(message, "unknown field `") {
        // The path of an unknown member ends with its name.
        faults.push(at.clone(), ValueError::UnknownMember);
        return remove(document, at, member);
    }
    if let Some(member) = named(message, "missing field `") {
        let missing = at.join(member);
        if !invented(stood_in) {
            faults.push(missing.clone(), ValueError::Required);
        }
        stood_in.push((missing.clone(), 0));
        return put(document, &missing, stand_in(0));
    }
    if let Some(misread) = Misread::find_in(message) {
        if !invented(stood_in) {
            faults.push(at.followed_by(&misread.at), misread.error);
        }
        return put(document, at, misread.example);
    }
    // A stand-in of the wrong type: try the next.
    if let Some((missing, tried)) = stood_in.iter_mut().find(|(missing, _)| missing == at) {
        *tried = tried.saturating_add(1);
        return *tried < STAND_INS && put(document, &missing.clone(), stand_in(*tried));
    }
    false
}

fn stand_in(turn: usize) -> Value {
    match turn {
        0 => Value::String(String::new()),
        1 => Value::Array(Vec::new()),
        2 => Value::Object(serde_json::Map::new()),
        3 => Value::from(1),
        _ => Value::Bool(false),
    }
}

/// What is left to say when reading cannot go on: the JSON type is another one.
fn refusal(at: Pointer, message: &str) -> Request {
    let expected = message
        .rsplit_once("expected ")
        .map_or("", |(_, expected)| expected);
    let types = [
        ("struct", "object"),
        ("map", "object"),
        ("sequence", "array"),
        ("array", "array"),
        ("boolean", "boolean"),
        ("string", "string"),
        ("integer", "integer"),
        ("i64", "integer"),
        ("i32", "integer"),
        ("u64", "integer"),
        ("u32", "integer"),
        ("i16", "integer"),
    ];
    let named = types.iter().find(|(told, _)| expected.contains(told));
    wrong_type(at, named.map_or("another JSON type", |(_, name)| name))
}

fn wrong_type(pointer: Pointer, expected: &str) -> Request {
    let error = ValueError::Format {
        expected: expected.to_owned(),
    };
    Request::WrongType {
        fault: domain::values::Fault { pointer, error },
    }
}

/// The name between backquotes after `prefix`, when the message begins so: further on it may quote
/// what the caller wrote.
fn named<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    let (name, _) = message
        .strip_prefix(prefix)?
        .rsplit_once("`, expected")
        .or_else(|| message.strip_prefix(prefix)?.rsplit_once('`'))?;
    Some(name)
}

fn pointer(path: &Path) -> Pointer {
    path.iter()
        .fold(Pointer::root(), |pointer, segment| match segment {
            Segment::Seq { index } => pointer.join(index),
            Segment::Map { key } => pointer.join(key),
            Segment::Enum { variant } => pointer.join(variant),
            Segment::Unknown => pointer,
        })
}

/// Puts a value in the place of another, or as a new member of an object.
pub(super) fn put(document: &mut Value, at: &Pointer, value: Value) -> bool {
    if let Some(place) = document.pointer_mut(at.as_str()) {
        *place = value;
        return true;
    }
    let Some((parent, name)) = at.as_str().rsplit_once('/') else {
        return false;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.replace("~1", "/").replace("~0", "~"), value);
            true
        }
        _ => false,
    }
}

/// Removes a member; `at` leads to it, or to the object that holds it.
fn remove(document: &mut Value, at: &Pointer, member: &str) -> bool {
    let parent = at
        .as_str()
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    [parent, at.as_str()].iter().any(|holder| {
        document
            .pointer_mut(holder)
            .and_then(Value::as_object_mut)
            .is_some_and(|o| o.remove(member).is_some())
    })
}

/// What `validator` says of the shape: counts of items, mostly.
fn shape_faults(
    faults: &mut Faults,
    at: &Pointer,
    errors: &ValidationErrors,
    given: &impl Fn(&Pointer) -> bool,
) {
    for (member, kind) in errors.errors() {
        let pointer = at.join(member);
        match kind {
            ValidationErrorsKind::Field(found) if given(&pointer) => {
                for error in found {
                    let bound = |name: &str| error.params.get(name).and_then(Value::as_u64);
                    let bound = |name| bound(name).and_then(|bound| usize::try_from(bound).ok());
                    let (min, max) = (
                        bound("min").unwrap_or(0),
                        bound("max").unwrap_or(usize::MAX),
                    );
                    faults.push(pointer.clone(), ValueError::Count { min, max });
                }
            }
            ValidationErrorsKind::Field(_) => {}
            ValidationErrorsKind::Struct(inner) => shape_faults(faults, &pointer, inner, given),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    shape_faults(faults, &pointer.join(index), inner, given);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::organisations::OrganisationFields;
    use serde_json::json;

    use super::*;

    fn faults(document: Value) -> Vec<(String, &'static str)> {
        match read::<OrganisationFields>(document) {
            Err(Request::BadValues(faults)) => faults
                .iter()
                .map(|fault| (fault.pointer.to_string(), fault.error.code()))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn five_bad_values_give_five_pointers() {
        let found = faults(json!({
            "kind": "club",
            "names": [{ "name": "  ", "starts_on": "2026-02-30" }],
            "identifiers": [{ "system": "siren", "value": "732829321" }],
            "contact": { "email": "nobody" },
        }));

        assert_eq!(
            found,
            [
                ("/contact/email".to_owned(), "email"),
                ("/identifiers/0/value".to_owned(), "check_digit"),
                ("/kind".to_owned(), "unknown_code"),
                ("/names/0/name".to_owned(), "empty"),
                ("/names/0/starts_on".to_owned(), "format"),
            ]
        );
    }

    #[test]
    fn what_is_missing_or_unknown_does_not_hide_the_rest() {
        let found = faults(
            json!({ "colour": "red", "names": [{}], "sectors": ["magic"], "part_of": [{ "as": "antenna" }] }),
        );

        let mut codes: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(
            codes,
            [
                "/colour",
                "/kind",
                "/names/0/name",
                "/part_of/0/whole",
                "/sectors/0"
            ]
        );
    }

    #[test]
    fn a_wrong_json_type_is_told_where_it_stands() {
        let refused = read::<OrganisationFields>(json!({ "kind": 3, "names": [] }));

        let Err(Request::WrongType { fault }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(fault.pointer.as_str(), "/kind");
    }

    #[test]
    fn an_array_is_no_object_even_where_its_items_would_fit() {
        for document in [
            json!(["association", [], [["Reseda"]]]),
            json!({ "kind": "association", "names": [["Reseda"]] }),
            json!({ "kind": "association", "names": [{ "name": "A" }], "contact": ["https://example.org"] }),
        ] {
            let refused = read::<OrganisationFields>(document);

            assert!(
                matches!(refused, Err(Request::WrongType { .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_member_cannot_pretend_to_be_a_fault_of_another() {
        let forged = domain::values::Misread::new(ValueError::CheckDigit, "x").to_string();

        let found = faults(json!({ "kind": "association", "names": [{ "name": "A" }], forged: 1 }));

        assert!(
            found.iter().all(|(_, code)| *code == "unknown_member"),
            "{found:?}"
        );
    }

    #[test]
    fn too_many_items_are_counted_beside_bad_values() {
        let address = json!({ "use": "seat", "lines": vec!["rue"; 7] });
        let found =
            faults(json!({ "kind": "club", "names": [{ "name": "A" }], "addresses": [address] }));

        assert_eq!(
            found,
            [
                ("/kind".to_owned(), "unknown_code"),
                ("/addresses/0/lines".to_owned(), "count")
            ]
        );
    }
}
