//! What the published document promises, held against every answer of the stories.
//!
//! An answer to an operation must have a status, a content type and a body that the document tells.
//! More than the document asks of clients: no answer has a member that it does not name, but for the
//! facts of problems.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::Answer;
use super::exercised;

/// The name under which schemas refer to the document.
const DOCUMENT: &str = "urn:maillage:openapi";

static SCHEMAS: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let mut document = exercised::document().clone();
    close(&mut document);
    let registry = Registry::new().add(DOCUMENT, document).unwrap();
    registry.prepare().unwrap()
});

/// By the pointer of each schema in the document, what checks a value against it.
static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Holds an answer against the document.
#[track_caller]
pub fn check(answer: &Answer) {
    let method = match answer.method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let Some((template, operation)) = exercised::operation_at(method, &answer.path) else {
        return;
    };
    let told = format!(
        "/paths/{}/{}/responses/{}",
        escaped(template),
        method.to_lowercase(),
        answer.status
    );
    let Some(response) = operation["responses"].get(answer.status.to_string()) else {
        broken("a status that openapi.yaml does not tell", answer);
    };
    // Answers that many operations have stand among the components.
    let (told, response) = match response["$ref"].as_str() {
        Some(reference) => {
            let at = reference.trim_start_matches('#');
            (at.to_owned(), exercised::document().pointer(at).unwrap())
        }
        None => (told, response),
    };
    let essence = answer.header("content-type").split(';').next().unwrap();
    let Some(content) = response.get("content") else {
        if !essence.is_empty() || !answer.bytes.is_empty() {
            broken("a body that openapi.yaml does not tell", answer);
        }
        return;
    };
    let Some(media) = content.get(essence) else {
        broken("a content type that openapi.yaml does not tell", answer);
    };
    if answer.method == "HEAD" {
        return;
    }
    let told = format!("{told}/content/{}", escaped(essence));
    match essence {
        "application/x-ndjson" if media.get("x-item-schema").is_none() => {
            answer.lines();
        }
        "application/x-ndjson" => {
            for line in answer.text().lines() {
                let line = serde_json::from_str(line).unwrap();
                fits(&format!("{told}/x-item-schema"), &line, answer);
            }
        }
        _ if essence.ends_with("json") => fits(&format!("{told}/schema"), &answer.json(), answer),
        // A text: that it is of its format is what stories of formats tell.
        _ => {}
    }
}

#[track_caller]
fn broken(how: &str, answer: &Answer) -> ! {
    panic!("{how}: {answer}")
}

/// A value fits the schema at this place of the document.
fn fits(at: &str, value: &Value, answer: &Answer) {
    let validator = validator(at);
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if !errors.is_empty() {
        let how = format!(
            "not what openapi.yaml tells at {at}:\n{}\n",
            errors.join("\n")
        );
        broken(&how, answer);
    }
}

fn validator(at: &str) -> Arc<Validator> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let schema = json!({ "$ref": format!("{DOCUMENT}#{at}") });
        let built = jsonschema::draft202012::options()
            .with_registry(&SCHEMAS)
            .should_validate_formats(true)
            .build(&schema);
        Arc::new(built.unwrap_or_else(|error| panic!("{at}: {error}")))
    };
    compiled
        .entry(at.to_owned())
        .or_insert_with(compile)
        .clone()
}

/// Says of every object whose members are told that it has no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let told =
                members.get("type") == Some(&json!("object")) && members.contains_key("properties");
            if told && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// A step of a JSON pointer in a URI.
fn escaped(step: &str) -> String {
    let step = step.replace('~', "~0").replace('/', "~1");
    step.replace('{', "%7B").replace('}', "%7D")
}
