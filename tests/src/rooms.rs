//! What no room may forget, seen from its code and from the document.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::records::ResourceType;
use domain::values::CodeList;

use crate::story::{App, exercised, story};

/// Code lists that nothing outside the program is told in: how records are found in the base, and
/// the columns of a file, which bear their own headings.
const NOT_PUBLISHED: &[&str] = &[
    "facets",
    "membership_columns",
    "network_columns",
    "organisation_columns",
    "ties",
];

/// The Rust sources of a crate.
fn sources(of: &str) -> Vec<String> {
    fn below(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    below(&workspace.join(of).join("src"), &mut files);
    let read = |file| std::fs::read_to_string(file).unwrap();
    files.into_iter().map(read).collect()
}

#[test]
fn every_handler_is_routed() {
    let mut written = BTreeSet::new();
    for source in sources("api") {
        for described in source.split("#[utoipa::path(").skip(1) {
            let name = described.split(" fn ").nth(1).unwrap();
            written.insert(name.split('(').next().unwrap().to_owned());
        }
        for declared in source.split("\nrelation_handlers! {").skip(1) {
            let declared = declared.split("\n}").next().unwrap();
            let names = declared.split("fn ").skip(1);
            written.extend(names.map(|name| name.split('(').next().unwrap().to_owned()));
        }
    }

    let routed: BTreeSet<String> = exercised::documented()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();

    written.retain(|name| !name.starts_with('$'));
    assert!(written.len() > 40, "{written:?}");
    assert_eq!(written, routed);
}

#[test]
fn every_operation_has_a_tag_that_the_document_explains() {
    let tags = exercised::document()["tags"].as_array().unwrap();
    let explained: BTreeSet<&str> = tags
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();

    for (method, path, operation) in exercised::documented() {
        let tags = operation["tags"].as_array().unwrap();

        assert_eq!(tags.len(), 1, "{method} {path}");
        assert!(
            explained.contains(tags[0].as_str().unwrap()),
            "{method} {path}: {tags:?}"
        );
    }
    assert_eq!(tags.len(), explained.len());
}

#[test]
fn every_type_that_the_feed_tells_of_can_be_exported() {
    let exports = &exercised::document()["paths"]["/v1/exports/{type}"]["get"];
    let exported: BTreeSet<&str> = exports["parameters"][0]["schema"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();

    let told = ResourceType::ALL.iter().filter(|of| of.is_in_feed());

    assert_eq!(exported, told.map(|of| of.collection()).collect());
}

/// The names of the code lists that a source declares.
fn lists_in(source: &str) -> Vec<String> {
    let lines = source.lines().map(str::trim);
    let declared = lines.filter_map(|line| line.strip_prefix("pub enum ")?.split_once(" in \""));
    declared
        .map(|(_, list)| list.split('"').next().unwrap().to_owned())
        .collect()
}

story! {
    fn every_enumeration_is_published(app) {
        let lists = app.nobody().get("/v1/code-lists").is(200).items();
        let published: BTreeSet<String> =
            lists.iter().map(|list| list["list"].as_str().unwrap().to_owned()).collect();

        let mut declared: BTreeSet<String> = sources("domain").iter().flat_map(|source| lists_in(source)).collect();

        assert!(declared.len() > 20, "{declared:?}");
        for list in NOT_PUBLISHED {
            assert!(declared.remove(*list), "{list}");
        }
        assert_eq!(&declared - &published, BTreeSet::new());
    }
}
