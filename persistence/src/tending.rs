//! What keeps a base well beside its rows: copies of it, and what the engine wants done from time to time.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::connection::Engine;
use crate::{Db, Fault, Location};

/// How long a checkpoint waits for readers. It keeps writers waiting as long.
const PATIENCE_TO_CHECKPOINT: Duration = Duration::from_millis(200);

/// Copies a live SQLite base to a file that is not there yet, and returns its size in bytes. Whoever reads or
/// writes the base goes on; the copy is the base of one moment.
///
/// The file gets its name once it is whole, sound and on disk. Refused for PostgreSQL, which has its own
/// tools, and where there is a file already.
pub fn back_up(location: &Location, to: &Path, patience: Duration) -> Result<u64, Fault> {
    let mut db = Db::open(location, patience)?;
    let Engine::Sqlite(conn) = &mut db.engine else {
        return Err(Fault::Schema(
            "only an SQLite base is copied so: copy PostgreSQL by pg_basebackup, or by pg_dump"
                .to_owned(),
        ));
    };
    if to.exists() {
        return Err(already_there(to));
    }
    let draft = Draft::beside(to);
    let path = draft
        .0
        .to_str()
        .ok_or_else(|| not_made(to, &"its name is not valid UTF-8"))?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(path)
        .execute(conn)?;
    let copy = Location::Sqlite(draft.0.clone());
    is_sound(&copy, patience).map_err(|fault| not_made(to, &fault))?;
    let bytes = draft.keep_as(to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => already_there(to),
        _ => not_made(to, &error),
    })?;
    Ok(bytes)
}

fn already_there(to: &Path) -> Fault {
    Fault::Schema(format!(
        "{} is there already: nothing was done",
        to.display()
    ))
}

fn not_made(to: &Path, cause: &dyn std::fmt::Display) -> Fault {
    Fault::Schema(format!("{} could not be made: {cause}", to.display()))
}

/// A copy in the making, removed unless it is kept.
struct Draft(PathBuf);

impl Draft {
    fn beside(to: &Path) -> Self {
        let mut name = OsString::from(to);
        name.push(format!(".{}.part", std::process::id()));
        Self(PathBuf::from(name))
    }

    /// Gives the copy its name, unless another has it.
    fn keep_as(self, to: &Path) -> io::Result<u64> {
        let file = File::open(&self.0)?;
        file.sync_all()?;
        fs::hard_link(&self.0, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

/// Reads a copy through before it is relied on; without the settings of a base in use, which would change it.
fn is_sound(copy: &Location, patience: Duration) -> Result<(), Fault> {
    let Location::Sqlite(path) = copy else {
        return Ok(());
    };
    let path = path.to_str().unwrap_or_default();
    let mut conn =
        SqliteConnection::establish(path).map_err(|error| Fault::Unavailable(error.to_string()))?;
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", patience.as_millis()))?;
    let all = "SELECT integrity_check AS told FROM pragma_integrity_check LIMIT 1";
    let told: Told = diesel::sql_query(all).get_result(&mut conn)?;
    if told.told == "ok" {
        return Ok(());
    }
    Err(Fault::Schema(told.told))
}

/// Lets the engine do what it wants done from time to time: look at its tables, so that it plans queries well; on
/// SQLite fold the log into the file; on PostgreSQL clear away dead rows. Others go on meanwhile.
///
/// With `vacuum` an SQLite file is also written anew without its free space, and writers wait for that.
pub fn tend(location: &Location, patience: Duration, vacuum: bool) -> Result<(), Fault> {
    let mut db = Db::open(location, patience)?;
    match &mut db.engine {
        Engine::Postgres(conn) => {
            conn.batch_execute("SET statement_timeout = 0; SET client_min_messages = error")?;
            Ok(conn.batch_execute("VACUUM (ANALYZE)")?)
        }
        Engine::Sqlite(conn) => {
            // All tables (0x10000), each as far as it changed since it was last looked at.
            conn.batch_execute("PRAGMA optimize = 0x10002")?;
            if vacuum {
                conn.batch_execute("VACUUM")?;
            }
            let wait = PATIENCE_TO_CHECKPOINT.as_millis();
            // As far as readers let it; one that goes on reading is no fault.
            Ok(conn.batch_execute(&format!(
                "PRAGMA busy_timeout = {wait}; PRAGMA wal_checkpoint(TRUNCATE)"
            ))?)
        }
    }
}
