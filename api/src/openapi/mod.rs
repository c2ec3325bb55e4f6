//! The published contract: what the handlers say of themselves, and what is true of all of them.
//!
//! - [`schemas`]: what no single type says of an answer.
//! - [`complete`]: parameters, problems, headers and links that follow from what an operation is.

mod complete;
mod schemas;

pub use complete::{complete, operations};
pub use schemas::{Listed, MergePatch, Past, ProblemView, Recorded, WaryParams, WriteParams};

use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};

/// The document before any operation is added.
#[must_use]
pub fn base() -> OpenApi {
    let mut base = OpenApi::default();
    base.info = InfoBuilder::new()
        .title("maillage")
        .version("1")
        .description(Some(include_str!("description.md")))
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
        "imports",
        "Records from CSV files, and what became of their rows.",
    ),
    (
        "code lists",
        "Every enumeration and nomenclature, with French and English labels.",
    ),
    ("changes", "What changed, in the order it was committed."),
    ("operations", "The running server."),
];
