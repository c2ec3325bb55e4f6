//! Whether the process that works on an import is still there: what it holds while it lives, and
//! loses however it ends. On SQLite a locked file beside the base, on PostgreSQL a session's lock.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use crate::connection::Engine;
use crate::{Db, Fault, Location};

/// How long to wait for a lock that nobody else asks for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What this process holds while it works on imports.
pub struct Presence {
    process: Uuid,
    _held: Held,
}

#[expect(dead_code, reason = "held, never read")]
enum Held {
    File(File, Remove),
    Session(Box<Mutex<Db>>),
}

struct Remove(PathBuf);

impl Drop for Remove {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

diesel::define_sql_function! {
    #[sql_name = "pg_advisory_lock"]
    fn session_lock(key: BigInt);
}

diesel::define_sql_function! {
    #[sql_name = "pg_try_advisory_xact_lock"]
    fn try_lock(key: BigInt) -> Bool;
}

impl Presence {
    /// Shows this process, under an id of its own, to all that share the base.
    pub fn show(location: &Location) -> Result<Self, Fault> {
        let process = Uuid::new_v4();
        let held = if let Some(path) = file_of(location, process) {
            let file = File::create(&path).map_err(|error| unavailable(&error))?;
            file.lock().map_err(|error| unavailable(&error))?;
            Held::File(file, Remove(path))
        } else {
            let mut db = Db::open(location, PATIENCE)?;
            if let Engine::Postgres(conn) = &mut db.engine {
                diesel::select(session_lock(key_of(process))).execute(conn.as_mut())?;
            }
            Held::Session(Box::new(Mutex::new(db)))
        };
        Ok(Self {
            process,
            _held: held,
        })
    }

    /// The id of this process.
    #[must_use]
    pub fn process(&self) -> Uuid {
        self.process
    }
}

/// Whether a process that showed itself is still there.
pub(super) fn is_present(db: &mut Db, location: &Location, process: Uuid) -> Result<bool, Fault> {
    if let Engine::Postgres(conn) = &mut db.engine {
        let free: bool = diesel::select(try_lock(key_of(process))).get_result(conn.as_mut())?;
        return Ok(!free);
    }
    let Some(path) = file_of(location, process) else {
        return Ok(false);
    };
    match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unavailable(&error)),
        Ok(file) => match file.try_lock() {
            Ok(()) => {
                drop(std::fs::remove_file(&path));
                Ok(false)
            }
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(unavailable(&error)),
        },
    }
}

fn file_of(location: &Location, process: Uuid) -> Option<PathBuf> {
    location.beside(&format!("importing-{}", process.simple()))
}

/// The number by which PostgreSQL knows the lock of a process.
fn key_of(process: Uuid) -> i64 {
    let (high, low) = process.as_u64_pair();
    i64::from_be_bytes((high ^ low).to_be_bytes())
}

fn unavailable(error: &io::Error) -> Fault {
    Fault::Unavailable(error.to_string())
}
