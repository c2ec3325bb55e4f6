//! Records from files: the same work for the command and for `POST /v1/imports`.
//!
//! - [`table`] reads CSV as spreadsheets write it, [`mapping`] makes our columns of any.
//! - [`rows`] is what every kind of file shares; [`organisations`] and [`records`], which has networks and memberships,
//!   take some hundred rows within a transaction.
//! - [`run`] carries an import through and keeps [`findings`] on disk until they are reported.
//! - [`register`] is what the rest of the process sees of it; [`resource`] is what clients see, and
//!   [`sheets`] the files they get; [`command`] is `maillage import`.

pub mod command;
pub mod findings;
pub mod mapping;
pub mod organisations;
pub mod records;
pub mod register;
pub mod resource;
pub mod rows;
pub mod run;
pub mod sheets;
pub mod table;
pub mod view;

use domain::imports::{ImportMode, ImportState};

use crate::code_lists::ours;
use crate::room::Room;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "imports",
        "Records from CSV files, and what became of their rows.",
    ),
    routes: |v1| {
        v1.service(resource::create_import)
            .service(resource::list_imports)
            .service(resource::read_import)
            .service(resource::read_import_report)
            .service(resource::read_refused_rows);
    },
    code_lists: || vec![ours::<ImportMode>(), ours::<ImportState>()],
};
