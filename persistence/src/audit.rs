//! Who did what to what, and why, read back.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::access::{Action, CallerId, CallerKind};
use domain::records::ResourceType;
use domain::values::{CodeList, ValueError, Version};
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::on_engine;
use crate::page::row_lt;
use crate::schema::{audit, callers, versions};
use crate::{Db, Fault};

/// Which lines of the audit: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// About records of this type.
    pub resource_type: Option<ResourceType>,
    /// About this record.
    pub id: Option<Uuid>,
    /// By this caller.
    pub caller: Option<CallerId>,
    /// By the one who runs the program.
    pub by_operator: bool,
    /// Of this action.
    pub action: Option<Action>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
}

/// One line: what one caller did to one record.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who; nobody when the one who runs the program did.
    pub author: Option<(CallerId, Option<CallerKind>, Option<String>)>,
    /// What.
    pub action: Action,
    /// To what type of record.
    pub resource_type: ResourceType,
    /// To which.
    pub id: Uuid,
    /// The version before, if it was there before.
    pub version_before: Option<Version>,
    /// The version after, if there is one.
    pub version_after: Option<Version>,
    /// The record before, if that is kept.
    pub before: Option<String>,
    /// The record after, if that is kept and it is still there.
    pub after: Option<String>,
    /// The request.
    pub request_id: String,
    /// Why, in the author's words.
    pub reason: Option<String>,
}

/// The place of a line: when, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When.
    pub at: Timestamp,
    /// Its number.
    pub line: i64,
}

/// The lines before a place, the latest first. Each filter alone has an index in that order.
pub fn lines(
    db: &mut Db,
    filter: &Filter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<Line>, Fault> {
    let rows: Vec<LineRow> = on_engine!(db, |conn: Backend| {
        let mut query = audit::table
            .select((
                (audit::line, audit::at, audit::caller),
                (audit::action, audit::type_, audit::id),
                (audit::version_before, audit::version_after),
                (audit::request_id, audit::reason),
            ))
            .order((audit::at.desc(), audit::line.desc()))
            .limit(limit)
            .into_boxed::<Backend>();
        if let Some(Place { at, line }) = before {
            query = query.filter(row_lt(audit::at, audit::line, (Instant(at), line)));
        }
        if let Some(of) = filter.resource_type {
            query = query.filter(audit::type_.eq(of.code()));
        }
        if let Some(id) = filter.id {
            query = query.filter(audit::id.eq(Key(id)));
        }
        if let Some(caller) = filter.caller {
            query = query.filter(audit::caller.eq(Some(Key::from(caller))));
        }
        if filter.by_operator {
            query = query.filter(audit::caller.is_null());
        }
        if let Some(action) = filter.action {
            query = query.filter(audit::action.eq(action.code()));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit::at.ge(Instant(from)));
        }
        if let Some(before) = filter.before {
            query = query.filter(audit::at.lt(Instant(before)));
        }
        query.load(conn)
    })?;
    let (states, authors) = (states(db, &rows)?, authors(db, &rows)?);
    rows.into_iter()
        .map(|row| line(row, &states, &authors))
        .collect()
}

type LineRow = (
    (i64, Instant, Option<Key>),
    (String, String, Key),
    (Option<i64>, Option<i64>),
    (String, Option<String>),
);

type Authors = BTreeMap<Key, (String, Option<String>)>;

/// What those are, and are called, who did what the rows tell.
fn authors(db: &mut Db, rows: &[LineRow]) -> Result<Authors, Fault> {
    let ids: BTreeSet<Key> = rows.iter().filter_map(|row| row.0.2).collect();
    let found: Vec<(Key, String, Option<String>)> = on_engine!(db, |conn| callers::table
        .filter(callers::id.eq_any(ids))
        .select((callers::id, callers::kind, callers::name))
        .load(conn))?;
    let named = found.into_iter();
    Ok(named.map(|(id, kind, name)| (id, (kind, name))).collect())
}

type States = BTreeMap<(Uuid, i64), Option<String>>;

/// The states of which the rows tell, before and after.
fn states(db: &mut Db, rows: &[LineRow]) -> Result<States, Fault> {
    let wanted: BTreeSet<(Key, i64)> = rows
        .iter()
        .flat_map(|row| [row.2.0, row.2.1].map(|version| Some((row.1.2, version?))))
        .flatten()
        .collect();
    let ids: BTreeSet<Key> = wanted.iter().map(|(id, _)| *id).collect();
    let numbers: BTreeSet<i64> = wanted.iter().map(|(_, version)| *version).collect();
    // More than what is wanted when records have several of these versions, never much.
    let found: Vec<(Key, i64, Option<Json>)> = on_engine!(db, |conn| versions::table
        .filter(versions::id.eq_any(ids))
        .filter(versions::version.eq_any(numbers))
        .select((versions::id, versions::version, versions::body))
        .load(conn))?;
    let found = found
        .into_iter()
        .filter(|(id, version, _)| wanted.contains(&(*id, *version)));
    Ok(found
        .map(|(id, version, body)| ((id.0, version), body.map(|json| json.0)))
        .collect())
}

fn line(row: LineRow, states: &States, authors: &Authors) -> Result<Line, Fault> {
    let ((number, at, caller), (action, type_, id), versions, told) = row;
    let corrupt = |column: &'static str| {
        move |error: ValueError| Fault::CorruptRow {
            table: "audit",
            column,
            id: number.to_string(),
            reason: error.to_string(),
        }
    };
    let author = caller.and_then(|caller| authors.get(&caller));
    let kind = author.map(|(kind, _)| kind.parse()).transpose();
    let kind = kind.map_err(corrupt("kind"))?;
    let name = author.and_then(|(_, name)| name.clone());
    let state = |version: Option<i64>| states.get(&(id.0, version?)).cloned().flatten();
    Ok(Line {
        number,
        at: at.0,
        author: caller.map(|caller| (CallerId::new(caller.0), kind, name)),
        action: action.parse().map_err(corrupt("action"))?,
        resource_type: type_.parse().map_err(corrupt("type"))?,
        id: id.0,
        version_before: versions.0.map(Version::new),
        version_after: versions.1.map(Version::new),
        before: state(versions.0),
        after: state(versions.1),
        request_id: told.0,
        reason: told.1,
    })
}
