//! What maillage remembers: one source of queries, on SQLite and on PostgreSQL.
//!
//! - [`connection`]: the two engines behind one [`Db`]; the only place, with its neighbours
//!   [`columns`] and [`migrations`], that knows there are two.
//! - [`database`]: the threads that run the work, [`Database::read`] and [`Database::write`].
//! - [`transaction`]: [`Tx`], the only door for writing. It alone keeps versions, the feed, the
//!   audit and idempotent answers; a room only says what it touched.
//! - [`gathered`]: records asked for by id while others are read, which are read together.
//! - [`records`]: every room whose records need no table of their own. [`relations`]: what the laws of those that
//!   tie others depend on.
//! - [`finding`], [`idempotency`]: what the door keeps so that records are found, and requests that
//!   come again are answered alike.
//! - [`scopes`]: what belongs to what, which scopes reach a record, what is in sight, and the turn of
//!   the day.
//! - [`folds`]: records folded into others, and where their ids lead.
//! - [`documents`], [`page`], [`changes`], [`history`], [`audit`]: what the kernel reads back.
//! - [`callers`], [`grants`], [`subjects`]: who calls, and with which rights.
//! - [`clients`], [`accounts`], [`sessions`], [`lanes`]: what proves who calls, as digests and hashes, and
//!   how often that may be tried. [`joined`]: what is answered beside the stored bytes.
//! - [`checking`]: whether a base agrees with itself. [`tending`]: copies of it, and what engines want done.
//! - [`places`]: where territories lie. [`directory`]: who works on what, where, as anybody may know.
//!   [`activities`]: which actions look like one. [`mesh`]: what networks share.
//! - One file per room: [`organisations`], with [`duplicates`] of them, [`territories`].
//!
//! Deliberately not here: rules of the field, status codes, words.

pub mod accounts;
pub mod activities;
pub mod audit;
pub mod callers;
pub mod changes;
pub mod checking;
pub mod clients;
mod columns;
mod connection;
mod database;
pub mod directory;
pub mod documents;
pub mod duplicates;
pub mod erasures;
mod fault;
mod finding;
pub mod folds;
pub mod gathered;
pub mod grants;
pub mod history;
pub mod idempotency;
pub mod imports;
pub mod joined;
pub mod lanes;
pub mod lineage;
pub mod mesh;
mod migrations;
pub mod organisations;
pub mod page;
pub mod people;
pub mod places;
pub mod records;
pub mod relations;
mod schema;
pub mod scopes;
pub mod sessions;
pub mod subjects;
pub mod tending;
pub mod territories;
mod ties;
mod transaction;

pub use connection::{BadLocation, Db, Location};
pub use database::{Database, Failure, Settings};
pub use documents::{Document, Joined};
pub use fault::Fault;
pub use idempotency::{Replay, Retried};
pub use migrations::{create, migrate, pending};
pub use transaction::{Clock, Origin, Tx, Written};
