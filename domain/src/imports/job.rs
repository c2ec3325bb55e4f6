//! What an import may be asked to do, and where it stands.

use crate::access::{Actor, CallerId, Held, Role, Scope};
use crate::values::code_list;

code_list! {
    /// What becomes of the good rows of a file that has bad ones.
    pub enum ImportMode in "import_modes" {
        /// Nothing is kept unless everything is.
        Atomic = "atomic",
        /// The good rows are kept, the bad ones given back.
        Partial = "partial",
    }
}

code_list! {
    /// Where an import stands.
    pub enum ImportState in "import_states" {
        /// The file was received; others are before it.
        Waiting = "waiting",
        /// It is being read.
        Running = "running",
        /// It ended; under `partial`, some rows may have been refused.
        Done = "done",
        /// Nothing was kept: the file or some of its rows were refused.
        Refused = "refused",
        /// It broke off, and what was not kept yet was not kept.
        Failed = "failed",
    }
}

/// Whether an actor may see an import: who asked for it, and who keeps the installation.
#[must_use]
pub fn may_see(actor: &Actor, asked_by: Option<CallerId>) -> bool {
    let keeper = Held {
        role: Role::Administrator,
        scope: Scope::Everything,
    };
    actor.held.contains(&keeper) || (asked_by.is_some() && asked_by == actor.caller())
}
