//! Whether a base agrees with itself.
//!
//! Two kinds of questions: [`rules`], each one query that gives the rows that break it, and what only
//! the program can say again from the records themselves: what finds them ([`bodies`]) and the rights
//! of callers ([`rights`]). Each statement, and each page of records, sees one moment, so that a base may be
//! looked at while it is written to; and no more than a page is ever in memory.

mod bodies;
mod files;
mod rights;
mod rooms;
mod rules;

use std::time::Duration;

use domain::values::Date;

use crate::connection::Engine;
use crate::{Db, Fault, Location, scopes};

/// Rows looked at, or told of one rule, at once.
const AT_ONCE: i64 = 250;

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table.
    pub table: &'static str,
    /// The row: its id, and what else tells it apart.
    pub id: String,
    /// What is wrong with it.
    pub wrong: &'static str,
}

/// What is told of each finding, as it is found.
type Tell<'a> = &'a mut dyn FnMut(Finding);

/// Looks at the whole base and tells what does not agree: of each rule the first 250 rows that break
/// it. It changes nothing.
///
/// Days are weighed as of the last turn of the day, or as of `today` where none ever was.
pub fn check(
    location: &Location,
    patience: Duration,
    today: Date,
    mut tell: impl FnMut(Finding),
) -> Result<(), Fault> {
    let mut db = Db::open(location, patience)?;
    db.takes_its_time()?;
    files::check(&mut db, &mut tell)?;
    rules::check(&mut db, &mut tell)?;
    day(&mut db, today, &mut tell)?;
    bodies::check(&mut db, today, &mut tell)?;
    rights::check(&mut db, today, &mut tell)
}

const AHEAD: (&str, &str) = ("base", "the last day that was turned is yet to come");

/// A host whose clock was ahead may have turned a day too early: until then no day is turned.
fn day(db: &mut Db, today: Date, tell: Tell) -> Result<(), Fault> {
    let turned = scopes::turned_on(db)?;
    if let Some(day) = turned.filter(|turned| *turned > today) {
        let (table, wrong) = AHEAD;
        let id = day.to_string();
        tell(Finding { table, id, wrong });
    }
    Ok(())
}

/// Everything that can be found, as tables and what is wrong in them.
#[must_use]
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    let rules = rules::all()
        .into_iter()
        .map(|rule| (rule.table, rule.wrong));
    rules
        .chain([AHEAD])
        .chain(files::KINDS.iter().copied())
        .chain(bodies::kinds())
        .chain(rights::KINDS.iter().copied())
        .collect()
}

impl Db {
    /// Lifts the limit on the time of a statement: these look at whole tables.
    fn takes_its_time(&mut self) -> Result<(), Fault> {
        use diesel::connection::SimpleConnection;
        if let Engine::Postgres(conn) = &mut self.engine {
            conn.batch_execute("SET statement_timeout = 0")?;
        }
        Ok(())
    }
}
