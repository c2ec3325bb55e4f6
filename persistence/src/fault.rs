//! Our own failures, never the caller's.

use diesel::result::{DatabaseErrorKind, Error};

/// Something that went wrong on our side. Its text is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The base cannot be reached, or every thread and every place in the queue is taken.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The connection broke while committing: the write may or may not have been kept.
    #[error("the outcome of the commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// This process, or its base, only reads.
    #[error("nothing may be written here")]
    ReadOnly,
    /// Another request with the same idempotency key did not end in time.
    #[error("a request with the same idempotency key is still running")]
    KeyInFlight,
    /// Waited for another transaction, or worked, longer than we allow.
    #[error("waited too long: {0}")]
    Waited(String),
    /// Another transaction was chosen to go first; running again will do.
    #[error("conflict between transactions: {0}")]
    Transient(String),
    /// A row holds what it must not.
    #[error("{table}.{column} of {id}: {reason}")]
    CorruptRow {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The base has not the shape this program needs.
    #[error("{0}")]
    Schema(String),
    /// Any other failure of the engine.
    #[error("database: {0}")]
    Database(Error),
    /// Work panicked; the thread went on.
    #[error("panic: {0}")]
    Panic(String),
}

impl Fault {
    /// Whether running the same work again may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }

    /// The same for others who ask at this moment, when it is the base that fails and no one record.
    #[must_use]
    pub(crate) fn for_others(&self) -> Option<Self> {
        match self {
            Self::Unavailable(why) => Some(Self::Unavailable(why.clone())),
            Self::Waited(why) => Some(Self::Waited(why.clone())),
            Self::Transient(why) => Some(Self::Transient(why.clone())),
            _ => None,
        }
    }

    /// Whether the connection is of no further use.
    #[must_use]
    pub fn breaks_connection(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::OutcomeUnknown(_) | Self::Panic(_)
        )
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match &error {
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                Self::Transient(text)
            }
            Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Self::ReadOnly,
            Error::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )
            | Error::BrokenTransactionManager => Self::Unavailable(text),
            // Neither engine's driver tells these apart by kind; on PostgreSQL `lc_messages` is
            // set to C on every connection so that the words are these.
            Error::DatabaseError(_, told) => match told.message() {
                m if m.contains("deadlock detected") || m.contains("database is locked") => {
                    Self::Transient(text)
                }
                m if m.contains("due to lock timeout")
                    || m.contains("due to statement timeout") =>
                {
                    Self::Waited(text)
                }
                m if m.contains("attempt to write a readonly database") => Self::ReadOnly,
                // A full disk, in the words of SQLite and of the system; or one that fails.
                m if m.contains("database or disk is full")
                    || m.contains("disk I/O error")
                    || m.contains("No space left on device")
                    || m.contains("could not extend file") =>
                {
                    Self::Unavailable(text)
                }
                m if m.contains("server closed the connection")
                    || m.contains("terminating connection")
                    || m.contains("no connection to the server")
                    || m.contains("the database system is") =>
                {
                    Self::Unavailable(text)
                }
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

impl From<r2d2::Error> for Fault {
    fn from(error: r2d2::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
