//! How callers prove who they are: secrets, and tokens that stand for them for a while.

mod keys;
pub mod secrets;
pub mod tokens;

pub use keys::{Keys, WeakKey};

/// Why we do not know who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// No token was given.
    NoToken,
    /// It is not one that we gave, or it was altered.
    BadToken,
    /// It is too old.
    ExpiredToken,
    /// The caller's access was withdrawn, or the caller is no longer known.
    Revoked,
    /// No such client, or not its secret.
    BadClient,
    /// The request for a token is not one that we serve.
    BadGrant {
        /// The code of OAuth 2.0 (RFC 6749, 5.2).
        error: &'static str,
    },
}
