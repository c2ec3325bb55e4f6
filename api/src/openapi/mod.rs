//! The published contract: what the handlers say of themselves, and what is true of all of them.
//!
//! - [`schemas`]: what no single type says of an answer.
//! - [`complete`]: parameters, problems, headers and links that follow from what an operation is.
//! - [`shared`]: problems and headers that many operations have.
//! - [`bounds`]: lengths and ranges that follow from formats.

mod bounds;
mod complete;
mod schemas;
mod shared;

pub use complete::{complete, operations};
pub use schemas::{Listed, MergePatch, Past, ProblemView, Recorded, WaryParams, WriteParams};

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};

use crate::{BESIDE, ROOMS};

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
            .description(Some(
                "This server: the production one, or one for tests, as its keepers say.",
            ))
            .extensions(Some(
                ExtensionsBuilder::new().add("x-internal", false).build(),
            ))
            .build(),
    ]);
    base.tags = Some(
        ROOMS
            .iter()
            .chain([&BESIDE])
            .map(|room| {
                let (name, description) = room.tag;
                utoipa::openapi::tag::TagBuilder::new()
                    .name(name)
                    .description(Some(description))
                    .build()
            })
            .collect(),
    );
    base
}
