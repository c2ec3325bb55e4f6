//! What ties records to one another, kept for every room by the write wrapper.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::{Belonging, MOST_LEVELS, Sway};
use domain::records::{RecordRef, Resource, ResourceType};
use domain::values::{CodeList, Since, ValueError};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::schema::ties;
use crate::{Db, Fault};

/// A tie, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable, Selectable)]
#[diesel(table_name = ties, treat_none_as_default_value = false)]
pub(crate) struct TieRow {
    pub(crate) source: Key,
    position: i64,
    kind: String,
    tied_type: String,
    tied: Key,
    target_type: String,
    pub(crate) target: Key,
    belongs: bool,
    full_sway: bool,
    starts_on: Option<Day>,
    ends_before: Option<Day>,
}

impl TieRow {
    /// What is tied.
    pub(crate) fn tied(&self) -> Result<RecordRef, Fault> {
        self.record(&self.tied_type, self.tied)
    }

    /// What it is tied to, as the scope that reaches it thereby.
    pub(crate) fn belonging(&self) -> Result<Belonging, Fault> {
        Ok(Belonging {
            part: self.tied.0,
            whole: self.record(&self.target_type, self.target)?.scope(),
            sway: if self.full_sway {
                Sway::Full
            } else {
                Sway::Sight
            },
            since: Since {
                starts_on: self.starts_on.map(|day| day.0),
                ends_before: self.ends_before.map(|day| day.0),
            },
        })
    }

    fn record(&self, type_: &str, id: Key) -> Result<RecordRef, Fault> {
        Ok(RecordRef {
            resource_type: type_from(self.source.0, type_)?,
            id: id.0,
        })
    }
}

/// The ties that a record says.
pub(crate) fn ties_of<R: Resource>(resource: &R) -> impl Iterator<Item = TieRow> {
    let source = Key(resource.uuid());
    (0_i64..)
        .zip(resource.ties())
        .map(move |(position, tie)| TieRow {
            source,
            position,
            kind: tie.kind.code().to_owned(),
            tied_type: tie.tied.resource_type.code().to_owned(),
            tied: Key(tie.tied.id),
            target_type: tie.target.resource_type.code().to_owned(),
            target: Key(tie.target.id),
            belongs: tie.sway.is_some(),
            full_sway: tie.sway == Some(Sway::Full),
            starts_on: tie.since.starts_on.map(Day),
            ends_before: tie.since.ends_before.map(Day),
        })
}

/// Keeps the ties that a record says, and gives the records for which this changes what they belong
/// to.
pub(crate) fn keep<R: Resource>(
    db: &mut Db,
    resource: &R,
    is_new: bool,
) -> Result<BTreeSet<RecordRef>, Fault> {
    let rows: Vec<TieRow> = ties_of(resource).collect();
    let kept = if is_new {
        Vec::new()
    } else {
        said_by(db, resource.uuid())?
    };
    if rows == kept {
        return Ok(BTreeSet::new());
    }
    let said = ties::table.filter(ties::source.eq(Key(resource.uuid())));
    on_engine!(db, |conn| {
        if !kept.is_empty() {
            diesel::delete(said).execute(conn)?;
        }
        for rows in rows.chunks(AT_ONCE) {
            diesel::insert_into(ties::table)
                .values(rows)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    let changed = kept.iter().chain(&rows);
    moved(changed.filter(|row| !(kept.contains(row) && rows.contains(row))))
}

/// Forgets the ties that a record said which is gone, and gives the records for which this changes what
/// they belong to.
pub(crate) fn forget(db: &mut Db, source: Uuid) -> Result<BTreeSet<RecordRef>, Fault> {
    let kept = said_by(db, source)?;
    let said = ties::table.filter(ties::source.eq(Key(source)));
    on_engine!(db, |conn| diesel::delete(said).execute(conn))?;
    moved(kept.iter())
}

fn moved<'a>(rows: impl Iterator<Item = &'a TieRow>) -> Result<BTreeSet<RecordRef>, Fault> {
    rows.filter(|row| row.belongs).map(TieRow::tied).collect()
}

fn said_by(db: &mut Db, source: Uuid) -> Result<Vec<TieRow>, Fault> {
    Ok(on_engine!(db, |conn| ties::table
        .filter(ties::source.eq(Key(source)))
        .order(ties::position)
        .select(TieRow::as_select())
        .load(conn))?)
}

/// Every belonging of some records and of what they belong to in turn.
pub(crate) fn belongings_above(db: &mut Db, records: &[Key]) -> Result<Vec<Belonging>, Fault> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<Key> = records.iter().copied().collect();
    let mut level: Vec<Key> = records.to_vec();
    for _ in 0..MOST_LEVELS {
        let mut next = Vec::new();
        for tied in level.chunks(AT_ONCE) {
            let rows: Vec<TieRow> = on_engine!(db, |conn| ties::table
                .filter(ties::tied.eq_any(tied))
                .filter(ties::belongs)
                .select(TieRow::as_select())
                .load(conn))?;
            for row in rows {
                if seen.insert(row.target) {
                    next.push(row.target);
                }
                found.push(row.belonging()?);
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(found)
}

pub(crate) fn type_from(id: Uuid, type_: &str) -> Result<ResourceType, Fault> {
    type_
        .parse()
        .map_err(|error: ValueError| Fault::CorruptRow {
            table: "ties",
            column: "type",
            id: id.to_string(),
            reason: error.to_string(),
        })
}

/// The ids of what is tied to a record as this, on a day if one is given.
macro_rules! tied_to {
    ($backend:ident, $kind:expr, $target:expr, $day:expr) => {{
        let is_so = $crate::schema::ties::target.eq($target);
        $crate::ties::at_the_other_end!($backend, $kind, is_so, tied, $day)
    }};
}
pub(crate) use tied_to;

/// The ids of what is tied to one of some records as this, on a day if one is given.
macro_rules! tied_to_any {
    ($backend:ident, $kind:expr, $targets:expr, $day:expr) => {{
        let is_so = $crate::schema::ties::target.eq_any($targets);
        $crate::ties::at_the_other_end!($backend, $kind, is_so, tied, $day)
    }};
}
pub(crate) use tied_to_any;

/// The ids of what a record is tied to as this, on a day if one is given.
macro_rules! targets_of {
    ($backend:ident, $kind:expr, $tied:expr, $day:expr) => {{
        let is_so = $crate::schema::ties::tied.eq($tied);
        $crate::ties::at_the_other_end!($backend, $kind, is_so, target, $day)
    }};
}
pub(crate) use targets_of;

macro_rules! at_the_other_end {
    ($backend:ident, $kind:expr, $is_so:expr, $other:ident, $day:expr) => {{
        use $crate::schema::ties;
        let mut found = ties::table
            .filter($is_so)
            .filter(ties::kind.eq($kind.code()))
            .select(ties::$other)
            .into_boxed::<$backend>();
        if let Some(day) = $day {
            found = found.filter(ties::starts_on.is_null().or(ties::starts_on.le(day)));
            found = found.filter(ties::ends_before.is_null().or(ties::ends_before.gt(day)));
        }
        found
    }};
}
pub(crate) use at_the_other_end;
