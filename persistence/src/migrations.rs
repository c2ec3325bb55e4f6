//! Bringing a base to the shape this program needs.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
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
    // Asked without the library, which would first make its own table: a replica takes none.
    let known = if db.is_postgres() {
        "SELECT count(*) AS n FROM pg_tables WHERE tablename = '__diesel_schema_migrations'"
    } else {
        "SELECT count(*) AS n FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
    };
    let is_known: Counted = on_engine!(db, |conn| diesel::sql_query(known).get_result(conn))?;
    let ran: Vec<Ran> = if is_known.n == 0 {
        Vec::new()
    } else {
        let ran = "SELECT version FROM __diesel_schema_migrations";
        on_engine!(db, |conn| diesel::sql_query(ran).load(conn))?
    };
    let all: Result<Vec<String>, _> = if db.is_postgres() {
        names::<Pg>(&POSTGRES, &ran)
    } else {
        names::<Sqlite>(&SQLITE, &ran)
    };
    all.map_err(|error| Fault::Schema(error.to_string()))
}

/// The names of the migrations that are not among those that ran, in their order.
fn names<DB: Backend>(
    all: &EmbeddedMigrations,
    ran: &[Ran],
) -> diesel::migration::Result<Vec<String>> {
    let all = MigrationSource::<DB>::migrations(all)?;
    let missing = all.iter().filter(|one| {
        let version = one.name().version().to_string();
        !ran.iter().any(|ran| ran.version == version)
    });
    let mut names: Vec<String> = missing
        .map(|migration| migration.name().to_string())
        .collect();
    names.sort_unstable();
    Ok(names)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A migration that ran.
#[derive(QueryableByName)]
struct Ran {
    #[diesel(sql_type = Text)]
    version: String,
}

/// A migration that failed, in a form that a transaction can carry.
struct Halted(Box<dyn std::error::Error + Send + Sync>);

impl From<diesel::result::Error> for Halted {
    fn from(error: diesel::result::Error) -> Self {
        Self(Box::new(error))
    }
}

type Names = diesel::migration::Result<Vec<String>>;

fn run<DB: Backend>(conn: &mut impl MigrationHarness<DB>, migrations: EmbeddedMigrations) -> Names {
    let ran = conn.run_pending_migrations(migrations)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}
