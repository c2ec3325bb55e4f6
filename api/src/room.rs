//! What a room adds to the API: said in its own file, gathered in `ROOMS`.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::code_lists::CodeList;

/// A room of the API.
pub(crate) struct Room {
    /// The tag of its operations in the document, and what they are about.
    pub tag: (&'static str, &'static str),
    /// Its operations, in the order they are documented.
    pub routes: fn(&mut ServiceConfig),
    /// The enumerations that it publishes.
    pub code_lists: fn() -> Vec<CodeList>,
}
