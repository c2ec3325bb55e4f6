//! The body of a request.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header;
use actix_web::mime::{self, Mime};
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpRequest, dev};
use domain::values::Pointer;
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use validator::Validate;

use super::reading;
use crate::app::App;
use crate::problem::Problem;
use crate::words::Request;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The deepest nesting of a JSON body.
const DEEPEST: usize = 32;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body, read and checked as a `T`.
#[derive(Clone, Debug)]
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// A digest of its bytes.
    pub digest: Vec<u8>,
}

impl Body<()> {
    /// No body at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            value: (),
            digest: Vec::new(),
        }
    }
}

impl From<Patch> for Body<Patch> {
    /// A patch needs no digest: only a `POST` may come again by its key.
    fn from(value: Patch) -> Self {
        Self {
            value,
            digest: Vec::new(),
        }
    }
}

/// A merge patch (RFC 7396): the members to change, `null` for those to clear.
#[derive(Clone, Debug)]
pub struct Patch {
    changes: Value,
}

impl Patch {
    /// Whether it says something of this member.
    #[must_use]
    pub fn names(&self, member: &str) -> bool {
        self.changes.get(member).is_some()
    }

    /// The state after the change, read and checked like a new one.
    pub fn apply<T>(&self, present: &T) -> Result<T, Problem>
    where
        T: DeserializeOwned + Serialize + Validate,
    {
        let mut document = serde_json::to_value(present).map_err(|error| {
            persistence::Fault::Schema(format!("a record does not serialise: {error}"))
        })?;
        let mut absent = Vec::new();
        cleared_in_vain(&document, &self.changes, &Pointer::root(), &mut absent);
        merge(&mut document, &self.changes);
        for pointer in &absent {
            reading::put(&mut document, pointer, Value::Null);
        }
        Ok(reading::read(document)?)
    }
}

impl<T: DeserializeOwned + Serialize + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let document = document(request, payload.take(), &[JSON]);
        Box::pin(async move {
            let (document, digest) = document.await?;
            Ok(Self {
                value: reading::read(document)?,
                digest,
            })
        })
    }
}

impl FromRequest for Patch {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let document = document(request, payload.take(), &[MERGE_PATCH, JSON]);
        Box::pin(async move {
            match document.await? {
                (changes @ Value::Object(_), _) => Ok(Self { changes }),
                _ => Err(not_an_object().into()),
            }
        })
    }
}

fn not_an_object() -> Request {
    let error = domain::values::ValueError::Format {
        expected: "object".to_owned(),
    };
    Request::WrongType {
        fault: domain::values::Fault {
            pointer: Pointer::root(),
            error,
        },
    }
}

/// The body as JSON, with a digest of its bytes.
fn document(
    request: &HttpRequest,
    payload: dev::Payload,
    accepted: &'static [&'static str],
) -> impl Future<Output = Result<(Value, Vec<u8>), Problem>> + use<> {
    let limits = request.app_data::<Data<App>>().map(|app| app.limits());
    let typed = accepts(request, accepted);
    let encoded = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity");
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    async move {
        let limits = limits.unwrap_or_default();
        if !typed || encoded {
            return Err(Request::UnsupportedMediaType {
                expected: accepted.first().copied().unwrap_or(JSON),
            }
            .into());
        }
        let max_bytes = limits.body_bytes;
        // Whoever says how much is coming need not send it to hear that it is too much.
        if length.is_some_and(|length| length > max_bytes) {
            return Err(Request::TooLarge { max_bytes }.into());
        }
        let bytes = collect(payload, max_bytes, limits.body_patience).await?;
        if depth(&bytes) > DEEPEST {
            return Err(Request::TooDeep { max: DEEPEST }.into());
        }
        let document = serde_json::from_slice(&bytes).map_err(|error| Request::MalformedJson {
            line: error.line(),
            column: error.column(),
        })?;
        Ok((document, Sha256::digest(&bytes).to_vec()))
    }
}

/// Whether the body says that it is in one of these formats, in UTF-8.
pub(crate) fn accepts(request: &HttpRequest, accepted: &[&str]) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE);
    let given = given.and_then(|given| given.to_str().ok()?.parse::<Mime>().ok());
    given.is_some_and(|given| {
        let charset = given.get_param(mime::CHARSET);
        accepted.contains(&given.essence_str())
            && charset.is_none_or(|charset| charset == mime::UTF_8)
    })
}

/// The whole body, unless it is too large or too slow.
pub(crate) async fn collect(
    mut payload: dev::Payload,
    max_bytes: usize,
    patience: Duration,
) -> Result<BytesMut, Problem> {
    let all = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| match error {
                actix_web::error::PayloadError::Overflow => Request::TooLarge { max_bytes },
                _ => Request::BadRequest,
            })?;
            if bytes.len().saturating_add(chunk.len()) > max_bytes {
                return Err(Request::TooLarge { max_bytes });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    match tokio::time::timeout(patience, all).await {
        Ok(bytes) => Ok(bytes?),
        Err(_) => Err(Request::TooSlow.into()),
    }
}

/// How deep the brackets of a JSON text nest, without reading it.
fn depth(json: &[u8]) -> usize {
    let (mut deepest, mut depth, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What a patch clears that is not there. No record may have such a member: so it is put back as
/// `null` for the reader, who refuses it then.
fn cleared_in_vain(present: &Value, patch: &Value, at: &Pointer, found: &mut Vec<Pointer>) {
    for (name, change) in patch.as_object().into_iter().flatten() {
        let (member, at) = (present.get(name), at.join(name));
        if change.is_null() && member.is_none() {
            found.push(at);
        } else {
            cleared_in_vain(member.unwrap_or(&Value::Null), change, &at, found);
        }
    }
}

/// Applies a merge patch as RFC 7396 says, word for word.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_rfc_7396_hold() {
        for (target, patch, expected) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, &patch);

            assert_eq!(merged, expected, "{target} + {patch}");
        }
    }

    #[test]
    fn brackets_within_texts_do_not_nest() {
        assert_eq!(depth(br#"{"a":["[[[\"[[",{}]}"#), 3);
    }
}
