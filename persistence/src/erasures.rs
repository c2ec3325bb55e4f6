//! What was erased is gone from the tables at once. Engines keep overwritten bytes a while longer: here they are made
//! to forget them too, and made to show that nothing is left.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use domain::values::fold;
use jiff::Timestamp;
use uuid::Uuid;

use crate::checking::Finding;
use crate::columns::{self, Key};
use crate::connection::{AT_ONCE, Engine, on_engine};
use crate::schema::identities;
use crate::{Db, Fault, Location, Tx};

/// The tables that say who somebody is, find somebody by that, or keep what callers wrote about it. PostgreSQL writes
/// them anew, and then what it noted of their values.
const CONCERNED: &str = "identities, names, facets, persons, audit";

/// The people who were erased, of whom the engine may still hold bytes.
pub fn unswept(db: &mut Db) -> Result<Vec<Uuid>, Fault> {
    let ids: Vec<Key> = on_engine!(db, |conn| identities::table
        .filter(identities::erased_at.is_not_null())
        .filter(identities::swept_at.is_null())
        .select(identities::id)
        .load(conn))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Makes the engine forget what was overwritten before: SQLite writes the whole file anew and empties its log;
/// PostgreSQL does so with the tables concerned. Writers wait meanwhile, on PostgreSQL readers too.
///
/// Fails, and is to be done again, where readers who began before would not end.
pub fn sweep(location: &Location, patience: Duration) -> Result<(), Fault> {
    let mut db = Db::open(location, patience)?;
    match &mut db.engine {
        Engine::Postgres(conn) => {
            conn.batch_execute("SET statement_timeout = 0; SET client_min_messages = error")?;
            outlast_readers(conn, patience)?;
            conn.batch_execute(&format!("VACUUM (FULL, ANALYZE) {CONCERNED}"))?;
            Ok(conn.batch_execute("VACUUM (FULL) pg_catalog.pg_statistic")?)
        }
        Engine::Sqlite(conn) => {
            conn.batch_execute("PRAGMA temp_store = FILE; VACUUM")?;
            let emptied = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)");
            let emptied: Emptied = emptied.get_result(conn)?;
            match emptied.busy {
                0 => Ok(()),
                _ => Err(kept_by_readers()),
            }
        }
    }
}

/// Waits for those who began to read before: whatever they could still see is written anew too.
fn outlast_readers(conn: &mut PgConnection, patience: Duration) -> Result<(), Fault> {
    let now = diesel::sql_query("SELECT CAST(clock_timestamp() AS text) AS said");
    let Said { said: now } = now.get_result(conn)?;
    let deadline = Instant::now() + patience;
    loop {
        let reading = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
            AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND backend_xmin IS NOT NULL
            AND xact_start <= CAST($1 AS timestamptz)) AS found";
        let Found { found } = diesel::sql_query(reading)
            .bind::<Text, _>(&now)
            .get_result(conn)?;
        if !found {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(kept_by_readers());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn kept_by_readers() -> Fault {
    Fault::Transient(
        "readers who began before keep what was erased from being forgotten".to_owned(),
    )
}

#[derive(QueryableByName)]
struct Emptied {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Notes of these people that the engine has forgotten them.
pub fn swept(tx: &mut Tx, people: &[Uuid], at: Timestamp) -> Result<(), Fault> {
    let keys: Vec<Key> = people.iter().copied().map(Key).collect();
    for keys in keys.chunks(AT_ONCE) {
        let of = identities::table.filter(identities::id.eq_any(keys));
        on_engine!(tx, |conn| diesel::update(of)
            .set(identities::swept_at.eq(Some(columns::Instant(at))))
            .execute(conn))?;
    }
    Ok(())
}

const UNSWEPT: &str = "it was erased, and the engine was not yet made to forget it";
const TRACE: &str = "it holds a word that nothing should hold any more";

/// Tells of everybody who was erased and not swept; then looks for words, such as the names of those who were, in
/// every byte of an SQLite base or every column of a PostgreSQL base, in whatever case, accents kept or dropped.
///
/// What is told is where, and the number of the word: never the word. Namesakes are found too.
pub fn check(
    location: &Location,
    patience: Duration,
    words: &[String],
    mut tell: impl FnMut(Finding),
) -> Result<(), Fault> {
    let mut db = Db::open(location, patience)?;
    for id in unswept(&mut db)? {
        tell(Finding {
            table: "identities",
            id: id.to_string(),
            wrong: UNSWEPT,
        });
    }
    let words: Vec<Vec<String>> = words.iter().map(|word| spellings(word)).collect();
    if words.is_empty() {
        return Ok(());
    }
    let places = match (&mut db.engine, location) {
        (Engine::Postgres(conn), _) => in_columns(conn, &words)?,
        (Engine::Sqlite(_), Location::Sqlite(path)) => in_files(path, &words)
            .map_err(|error| Fault::Unavailable(format!("{}: {error}", path.display())))?,
        (Engine::Sqlite(_), _) => Vec::new(),
    };
    for (place, word) in places {
        tell(Finding {
            table: "base",
            id: format!("{place}, word {word}"),
            wrong: TRACE,
        });
    }
    Ok(())
}

/// How a word may be written in a base, in lower case or not.
fn spellings(word: &str) -> Vec<String> {
    let mut all = vec![
        word.to_owned(),
        word.to_lowercase(),
        word.to_uppercase(),
        fold(word),
    ];
    all.retain(|one| !one.trim().is_empty());
    all.sort();
    all.dedup();
    all
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// The tables, and what the engine noted of their values, that hold some of the words.
fn in_columns(
    conn: &mut PgConnection,
    words: &[Vec<String>],
) -> Result<Vec<(String, usize)>, Fault> {
    conn.batch_execute("SET statement_timeout = 0")?;
    let tables = "SELECT CAST(CAST(oid AS regclass) AS text) AS said FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        UNION ALL SELECT 'pg_stats' ORDER BY said";
    let tables: Vec<Said> = diesel::sql_query(tables).load(conn)?;
    let mut places = Vec::new();
    for Said { said: name } in tables {
        for (number, spellings) in (1..).zip(words) {
            let whole = format!(
                "SELECT EXISTS (SELECT 1 FROM {name} AS whole_row, unnest($1) AS sought (spelling)
                WHERE position(lower(sought.spelling) IN lower(CAST(whole_row AS text))) > 0) AS found"
            );
            let query =
                diesel::sql_query(whole).bind::<diesel::sql_types::Array<Text>, _>(spellings);
            let Found { found } = query.get_result(conn)?;
            if found {
                places.push((name.clone(), number));
            }
        }
    }
    Ok(places)
}

/// The files of a base that hold some of the words: the base itself and its log.
fn in_files(base: &Path, words: &[Vec<String>]) -> io::Result<Vec<(String, usize)>> {
    let mut places = Vec::new();
    for suffix in ["", "-wal", "-journal"] {
        let mut path = base.as_os_str().to_owned();
        path.push(suffix);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        let name = path.to_string_lossy();
        let found = found_in(file, words)?;
        places.extend(found.into_iter().map(|number| (name.to_string(), number)));
    }
    Ok(places)
}

/// The bytes looked at together.
const PIECE: u64 = 1 << 20;

/// The numbers of the words that stand in some bytes; pieces overlap by the longest word.
fn found_in(mut bytes: impl Read, words: &[Vec<String>]) -> io::Result<Vec<usize>> {
    let longest = words.iter().flatten().map(String::len).max().unwrap_or(0);
    let mut found = vec![false; words.len()];
    let mut piece: Vec<u8> = Vec::new();
    loop {
        let read = bytes.by_ref().take(PIECE).read_to_end(&mut piece)?;
        if read == 0 {
            let numbers = (1..).zip(found).filter(|(_, found)| *found);
            return Ok(numbers.map(|(number, _)| number).collect());
        }
        piece.make_ascii_lowercase();
        for (found, spellings) in found.iter_mut().zip(words) {
            *found = *found || spellings.iter().any(|word| holds(&piece, word));
        }
        let seen = piece.len().saturating_sub(longest);
        piece.drain(..seen);
    }
}

/// Whether bytes whose ASCII is in lower case hold a word.
fn holds(bytes: &[u8], word: &str) -> bool {
    let word = word.to_ascii_lowercase().into_bytes();
    bytes.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod laws {
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_stands_in_whatever_case() {
        let words = [spellings("introuvable"), spellings("Zéphirine")];
        let edge = 1 << 20; // of a piece
        for at in [0, edge - 4, 2 * edge] {
            for written in ["Zéphirine", "ZÉPHIRINE", "zephirine", "ZEPHIRINE"] {
                let mut bytes = vec![b'.'; 2 * edge];
                bytes.splice(at..at, written.bytes());

                let found = found_in(bytes.as_slice(), &words).unwrap();

                assert_eq!(found, [2], "{written} at {at}");
            }
        }
    }
}
