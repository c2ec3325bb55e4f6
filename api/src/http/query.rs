//! The query string of a request, every parameter known.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::values::{Misread, ValueError};
use futures_util::future::{Ready, ready};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::words::Request;

/// The query string, read as a `T`. Unknown and repeated parameters are refused by `T` itself.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

/// No parameter at all.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            members(request.query_string())
                .and_then(read)
                .map(Self)
                .map_err(Problem::from),
        )
    }
}

/// The parameters of a query string, by name.
pub(super) fn members(query: &str) -> Result<Map<String, Value>, Request> {
    let pairs: actix_web::web::Query<Vec<(String, String)>> =
        actix_web::web::Query::from_query(query).or(Err(Request::BadQuery {
            parameter: None,
            error: None,
        }))?;
    let mut members = Map::new();
    for (name, value) in pairs.into_inner() {
        // What was not UTF-8 has been replaced by this character.
        let unreadable = value.contains('\u{FFFD}');
        if unreadable || members.insert(name.clone(), value.into()).is_some() {
            return Err(Request::BadQuery {
                parameter: Some(name),
                error: None,
            });
        }
    }
    Ok(members)
}

/// Reads parameters as a `T`, which refuses those that it does not know.
pub(super) fn read<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Request> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let message = error.inner().to_string();
        let parameter = error.path().iter().next().map(ToString::to_string);
        Request::BadQuery {
            parameter,
            error: Misread::find_in(&message).map(|misread| misread.error),
        }
    })
}

/// Reads a parameter by its `FromStr`, for use with `deserialize_with`.
pub fn parsed<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: std::str::FromStr<Err = ValueError>,
    D: serde::Deserializer<'de>,
{
    let text = <String as serde::Deserialize>::deserialize(from)?;
    let refused = |error| serde::de::Error::custom(Misread::new(error, text.clone()));
    text.parse().map(Some).map_err(refused)
}

/// Reads a parameter that is `true` or `false`, for use with `deserialize_with`.
pub fn truth<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match <String as serde::Deserialize>::deserialize(from)?.as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        text => {
            let error = ValueError::Format {
                expected: "true | false".to_owned(),
            };
            Err(serde::de::Error::custom(Misread::new(error, text)))
        }
    }
}
