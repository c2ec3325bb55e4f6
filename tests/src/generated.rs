//! Files that are written from the code, and must not lag behind it.
//!
//! `MAILLAGE_REGENERATE=1 cargo test -p tests generated` writes them again.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use api::words::Language;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn is_up_to_date(file: &str, expected: &str) {
    let path = root().join(file);
    if std::env::var_os("MAILLAGE_REGENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept == expected {
        return;
    }
    let line = kept
        .lines()
        .zip(expected.lines())
        .position(|(kept, expected)| kept != expected);
    let line = line.unwrap_or_else(|| kept.lines().count().min(expected.lines().count()));
    panic!(
        "{file} is stale from line {}: `{}` should be `{}`. Run `make openapi docs`.",
        line + 1,
        kept.lines().nth(line).unwrap_or_default(),
        expected.lines().nth(line).unwrap_or_default()
    );
}

/// One line for each problem, in the order of codes.
fn problems() -> String {
    let mut catalogue = api::words::catalogue();
    catalogue.sort_by_key(|told| told.code());
    let mut page = "# Problems\n\nWritten from the code by `make docs`. Every problem is \
        `application/problem+json` (RFC 9457); clients decide by `code`, which never changes \
        its meaning.\n\n| code | status | français | English |\n|---|---|---|---|\n"
        .to_owned();
    for told in catalogue {
        writeln!(
            page,
            "| <a id=\"{0}\"></a>`{0}` | {1} | {2} | {3} |",
            told.code(),
            told.status().as_u16(),
            told.title(Language::French),
            told.title(Language::English)
        )
        .unwrap();
    }
    page
}

#[test]
fn the_openapi_document_is_up_to_date() {
    is_up_to_date("openapi.yaml", &api::document().to_yaml().unwrap());
}

#[test]
fn the_list_of_problems_is_up_to_date() {
    is_up_to_date("docs/problems.md", &problems());
}

#[test]
fn the_table_of_permissions_is_up_to_date() {
    is_up_to_date("docs/permissions.txt", &domain::access::matrix());
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(members) => {
                found.extend(members.get("$ref").and_then(serde_json::Value::as_str));
                for value in members.values() {
                    references(value, found);
                }
            }
            serde_json::Value::Array(items) => {
                for value in items {
                    references(value, found);
                }
            }
            _ => {}
        }
    }
    let document = serde_json::to_value(api::document()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);

    let lost = found
        .iter()
        .find(|at| document.pointer(at.trim_start_matches('#')).is_none());

    assert!(found.len() > 50);
    assert_eq!(lost, None);
}
