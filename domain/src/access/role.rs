//! Roles.

use crate::values::code_list;

code_list! {
    /// What a caller is here for. The rights of each role are in [`super::RIGHTS`].
    pub enum Role in "roles" {
        /// Keeps the installation: may do everything that the rules of the field allow.
        Administrator = "administrator",
        /// Reads what is recorded and follows its changes; writes nothing.
        Reader = "reader",
    }
}
