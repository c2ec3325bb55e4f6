//! Bringing a base to the shape this program needs.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{Engine, on_engine};
use crate::{Db, Fault, Location};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Held on PostgreSQL while migrating, so that several processes may start at once.
const TURN: i64 = 7_041_000;

/// Makes the SQLite file when there is none, and migrates.
pub fn create(location: &Location, settings: &crate::Settings) -> Result<Vec<String>, Fault> {
    if let Location::Sqlite(path) = location {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|error| {
                Fault::Schema(format!("cannot make {}: {error}", folder.display()))
            })?;
        }
        drop(Db::open_sqlite(path, settings.patience)?);
    }
    migrate(location, settings)
}

/// Runs the migrations that have not run yet, and returns their names.
pub fn migrate(location: &Location, settings: &crate::Settings) -> Result<Vec<String>, Fault> {
    let mut db = Db::open(location, settings.patience)?;
    let ran = match &mut db.engine {
        // The whole run holds the file, so that several processes may start at once.
        Engine::Sqlite(conn) => {
            conn.batch_execute("PRAGMA busy_timeout = 60000")?;
            conn.exclusive_transaction(|conn| run(conn, SQLITE).map_err(Halted))
        }
        Engine::Postgres(conn) => {
            conn.batch_execute(&format!(
                "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({TURN})"
            ))?;
            let ran = run(conn.as_mut(), POSTGRES).map_err(Halted);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({TURN})"))?;
            ran
        }
    };
    ran.map_err(|Halted(error)| Fault::Schema(error.to_string()))
}

/// The names of the migrations that have not run yet. Fails at once when the base cannot be reached.
pub fn pending(location: &Location, settings: &crate::Settings) -> Result<Vec<String>, Fault> {
    let mut db = Db::open(location, settings.patience)?;
    let postgres = db.is_postgres();
    let pending = on_engine!(db, |conn| {
        conn.pending_migrations(if postgres { POSTGRES } else { SQLITE })
            .map(|pending| {
                pending
                    .iter()
                    .map(|migration| migration.name().to_string())
                    .collect()
            })
    });
    pending.map_err(|error| Fault::Schema(error.to_string()))
}

/// A migration that failed, in a form that a transaction can carry.
struct Halted(Box<dyn std::error::Error + Send + Sync>);

impl From<diesel::result::Error> for Halted {
    fn from(error: diesel::result::Error) -> Self {
        Self(Box::new(error))
    }
}

type Ran = diesel::migration::Result<Vec<String>>;

fn run<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Ran {
    let ran = conn.run_pending_migrations(migrations)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}
