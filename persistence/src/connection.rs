//! Two engines behind one connection type.
//!
//! [`on_engine!`] compiles one body for both: a query is written once, its signature too.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::R2D2Connection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::Fault;

/// Rows or keys in one statement: both engines limit the values that one may bind.
pub(crate) const AT_ONCE: usize = 1_000;

/// One connection to the base.
pub struct Db {
    pub(crate) engine: Engine,
    /// Set when the connection failed in a way its driver does not remember.
    pub(crate) broken: bool,
}

pub(crate) enum Engine {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
}

/// Runs one body on whichever engine the connection has, with the connection under `$conn`.
macro_rules! on_engine {
    ($db:expr, |$conn:ident| $body:expr) => {
        match &mut $db.engine {
            $crate::connection::Engine::Sqlite($conn) => $body,
            $crate::connection::Engine::Postgres(boxed) => {
                let $conn = boxed.as_mut();
                $body
            }
        }
    };
    ($db:expr, |$conn:ident: $backend:ident| $body:expr) => {
        match &mut $db.engine {
            $crate::connection::Engine::Sqlite($conn) => {
                type $backend = diesel::sqlite::Sqlite;
                $body
            }
            $crate::connection::Engine::Postgres(boxed) => {
                type $backend = diesel::pg::Pg;
                let $conn = boxed.as_mut();
                $body
            }
        }
    };
}
pub(crate) use on_engine;

/// Where a base is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file. Only migrating creates it.
    Sqlite(PathBuf),
    /// A server, as libpq reads its address.
    Postgres(String),
}

impl Location {
    /// The file beside an SQLite base that bears this name.
    #[must_use]
    pub fn beside(&self, extension: &str) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension(extension)),
            Self::Postgres(_) => None,
        }
    }
}

/// A text that names no base.
#[derive(Debug, thiserror::Error)]
#[error("a database URL is sqlite://PATH or postgres://…")]
pub struct BadLocation;

impl FromStr for Location {
    type Err = BadLocation;

    fn from_str(url: &str) -> Result<Self, BadLocation> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() || path.starts_with(':') || path.contains('?') {
                return Err(BadLocation);
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        let server = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"));
        match server {
            Some(rest) if !rest.is_empty() => Ok(Self::Postgres(url.to_owned())),
            _ => Err(BadLocation),
        }
    }
}

/// Without the password, so that it may be printed.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                // A password may also stand among the parameters after the question mark.
                let rest = rest.split_once('?').map_or(rest, |(address, _)| address);
                match rest.rsplit_once('@') {
                    Some((user, host)) => {
                        let user = user.split_once(':').map_or(user, |(user, _)| user);
                        write!(f, "{scheme}://{user}:***@{host}")
                    }
                    None => write!(f, "{scheme}://{rest}"),
                }
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a transaction begins.
#[derive(Clone, Copy)]
pub(crate) enum Begin {
    /// Everything read belongs to one moment; nothing is written.
    Snapshot,
    /// SQLite: the one writer. PostgreSQL: read committed, with locks on what is decided.
    Write,
}

impl Db {
    /// Opens a connection and sets it up.
    pub(crate) fn open(location: &Location, patience: Duration) -> Result<Self, Fault> {
        match location {
            Location::Sqlite(path) if !path.exists() => Err(Fault::Schema(format!(
                "there is no base at {}; `maillage migrate` makes one",
                path.display()
            ))),
            Location::Sqlite(path) => Self::open_sqlite(path, patience),
            Location::Postgres(url) => Self::open_postgres(url, patience),
        }
    }

    /// Opens an SQLite file, making it when there is none.
    pub(crate) fn open_sqlite(path: &Path, patience: Duration) -> Result<Self, Fault> {
        let path = path
            .to_str()
            .ok_or_else(|| Fault::Schema("the path of the base is not valid UTF-8".to_owned()))?;
        let mut conn = SqliteConnection::establish(path).map_err(|error| unreachable(&error))?;
        // FULL: what was acknowledged survives a loss of power, not only of the process.
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; PRAGMA mmap_size = 1099511627776; \
             PRAGMA temp_store = MEMORY;",
            patience.as_millis()
        ))?;
        Ok(Self {
            engine: Engine::Sqlite(conn),
            broken: false,
        })
    }

    fn open_postgres(url: &str, patience: Duration) -> Result<Self, Fault> {
        let mut conn = PgConnection::establish(url).map_err(|error| unreachable(&error))?;
        conn.batch_execute(&format!(
            "SET lc_messages = 'C'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; \
             SET statement_timeout = '30s'; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = '60s';",
            patience.as_millis()
        ))?;
        Ok(Self {
            engine: Engine::Postgres(Box::new(conn)),
            broken: false,
        })
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether it is a copy that follows another base: only that one is written to.
    pub(crate) fn is_replica(&mut self) -> Result<bool, Fault> {
        match &mut self.engine {
            Engine::Sqlite(_) => Ok(false),
            Engine::Postgres(conn) => {
                let follows = diesel::select(pg_is_in_recovery());
                Ok(diesel::RunQueryDsl::get_result(follows, conn.as_mut())?)
            }
        }
    }

    pub(crate) fn begin(&mut self, how: Begin) -> Result<(), Fault> {
        let sql = match (&self.engine, how) {
            (Engine::Sqlite(_), Begin::Snapshot) => "BEGIN DEFERRED",
            (Engine::Sqlite(_), Begin::Write) => "BEGIN IMMEDIATE",
            (Engine::Postgres(_), Begin::Snapshot) => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
            (Engine::Postgres(_), Begin::Write) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        Ok(on_engine!(self, |conn| {
            AnsiTransactionManager::begin_transaction_sql(conn, sql)
        })?)
    }

    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        let done = on_engine!(self, |conn| AnsiTransactionManager::commit_transaction(
            conn
        ));
        // Only a conflict, or any word of SQLite's, is sure to mean that nothing was kept.
        let certain = !self.is_postgres();
        done.map_err(|error| match Fault::from(error) {
            fault if certain || fault.is_transient() => fault,
            fault => Fault::OutcomeUnknown(fault.to_string()),
        })
    }

    pub(crate) fn roll_back(&mut self) -> Result<(), Fault> {
        Ok(on_engine!(self, |conn| {
            AnsiTransactionManager::rollback_transaction(conn)
        })?)
    }

    pub(crate) fn is_broken(&mut self) -> bool {
        self.broken || on_engine!(self, |conn| conn.is_broken())
    }

    /// Keeps whoever writes organisations waiting until this transaction ends; readers go on.
    ///
    /// For a transaction so large that it takes its turn in the feed long before its end: one that
    /// waited for that turn while holding a row would be waited for in return.
    pub(crate) fn write_organisations_alone(&mut self) -> Result<(), Fault> {
        self.take_turn(Turn::Parts)?;
        if let Engine::Postgres(conn) = &mut self.engine {
            conn.batch_execute("LOCK TABLE organisations IN EXCLUSIVE MODE")?;
        }
        self.take_turn(Turn::Feed)
    }

    /// Lets the engine look at tables that this transaction fills. PostgreSQL knows nothing yet of
    /// rows that are not committed, and would read such a table from end to end for each key.
    pub(crate) fn look_at(&mut self, tables: &str) -> Result<(), Fault> {
        match &mut self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(conn) => Ok(conn.batch_execute(&format!("ANALYZE {tables}"))?),
        }
    }

    /// Waits for this transaction's turn on a named matter, until it ends. SQLite has one writer.
    pub(crate) fn take_turn(&mut self, turn: Turn) -> Result<(), Fault> {
        if let Engine::Postgres(conn) = &mut self.engine {
            let turn = diesel::select(advisory_xact_lock(turn.key()));
            diesel::RunQueryDsl::execute(turn, conn.as_mut())?;
        }
        Ok(())
    }

    /// The same on the matter of this key.
    pub(crate) fn take_turn_at(&mut self, key: &str) -> Result<(), Fault> {
        if let Engine::Postgres(conn) = &mut self.engine {
            let turn = diesel::select(advisory_xact_lock(hashtextextended(key, 0)));
            diesel::RunQueryDsl::execute(turn, conn.as_mut())?;
        }
        Ok(())
    }
}

diesel::define_sql_function! {
    fn pg_is_in_recovery() -> diesel::sql_types::Bool;
}

diesel::define_sql_function! {
    #[sql_name = "pg_advisory_xact_lock"]
    fn advisory_xact_lock(key: diesel::sql_types::BigInt);
}

diesel::define_sql_function! {
    fn hashtextextended(key: diesel::sql_types::Text, seed: diesel::sql_types::BigInt) -> diesel::sql_types::BigInt;
}

/// A matter on which transactions go one after the other.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    /// Giving feed positions: what is committed next stands next in the feed.
    Feed,
    /// Making an organisation part of another: a ring could be closed by two at once.
    Parts,
    /// Comparing reference lists with what is recorded: two would both record what is new.
    Vintages,
    /// Giving an account its e-mail address: no two have the same.
    Addresses,
}

impl Turn {
    fn key(self) -> i64 {
        match self {
            Self::Feed => 7_041_001,
            Self::Parts => 7_041_002,
            Self::Vintages => 7_041_008,
            Self::Addresses => 7_041_005,
        }
    }
}

fn unreachable(error: &diesel::ConnectionError) -> Fault {
    Fault::Unavailable(error.to_string())
}

/// Makes and checks connections for the pool.
pub(crate) struct Manager {
    pub(crate) location: Location,
    pub(crate) patience: Duration,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = Fault;

    fn connect(&self) -> Result<Db, Fault> {
        Db::open(&self.location, self.patience)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Fault> {
        Ok(on_engine!(db, |conn| conn.ping())?)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        std::thread::panicking() || db.is_broken()
    }
}
