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
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| Fault::Schema(format!("cannot make {}: {error}", folder.display())))?;
        }
        drop(Db::open_sqlite(path, settings.patience)?);
    }
    migrate(location, settings)
}

/// Runs the migrations that have not run yet, and returns their names.
pub fn migrate(location: &Location, settings: &crate::Settings) -> Result<Vec<String>, Fault> {
    let mut db = Db::open(location, settings.patience)?;
    let ran = match &mut db.engine {
        // The file's own lock is taken by the first statement of each migration.
        Engine::Sqlite(conn) => {
            conn.batch_execute("PRAGMA busy_timeout = 60000")?;
            run(conn, SQLITE)
        }
        Engine::Postgres(conn) => {
            conn.batch_execute(&format!(
                "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({TURN})"
            ))?;
            let ran = run(conn.as_mut(), POSTGRES);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({TURN})"))?;
            ran
        }
    };
    ran.map_err(|error| Fault::Schema(error.to_string()))
}

/// The names of the migrations that have not run yet.
pub fn pending(db: &mut Db) -> Result<Vec<String>, Fault> {
    let postgres = db.is_postgres();
    let pending = on_engine!(db, |conn| {
        conn.pending_migrations(if postgres { POSTGRES } else { SQLITE })
            .map(|pending| pending.iter().map(|migration| migration.name().to_string()).collect())
    });
    pending.map_err(|error| Fault::Schema(error.to_string()))
}

type Ran = diesel::migration::Result<Vec<String>>;

fn run<DB: diesel::backend::Backend>(conn: &mut impl MigrationHarness<DB>, migrations: EmbeddedMigrations) -> Ran {
    let ran = conn.run_pending_migrations(migrations)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}
