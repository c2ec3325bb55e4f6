//! How far scopes reach: what belongs to what, and which scopes reach a record at each position of
//! the feed.
//!
//! Days are turned into positions. Whatever a write or the calendar alone does to what a scope
//! reaches is done in a transaction and gets its place in the feed, so that a reader with limited
//! rights is told of it in order, and what was in sight at a position never changes afterwards.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::access::{Belonging, MOST_LEVELS, Reached, Scope, Visibility, scopes_of};
use domain::records::{ChangeKind, RecordRef, ResourceType};
use domain::values::{CodeList, Date, Since, ValueError};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::schema::{base, grants, scope_members, ties, versions};
use crate::ties::{belongings_above, type_from};
use crate::{Db, Document, Fault, Tx, callers};

/// Keeps that a scope reaches the record at its own root, from the beginning on: so whoever looks for
/// what a scope reaches asks one table. Only for scopes over which somebody holds a role.
pub(crate) fn keep_root(db: &mut Db, scope: Scope) -> Result<(), Fault> {
    let (Some(id), Some(of)) = (scope.root(), scope.resource_type()) else {
        return Ok(());
    };
    let row = (
        scope_members::id.eq(Key(id)),
        scope_members::type_.eq(of.code()),
        scope_members::scope.eq(scope.to_string()),
        scope_members::from_position.eq(0),
    );
    on_engine!(db, |conn| diesel::insert_into(scope_members::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// What became of the scopes that reach one record.
pub(crate) struct Move {
    pub(crate) id: Uuid,
    pub(crate) resource_type: ResourceType,
    gained: Vec<String>,
    /// Each with the position from which it reached the record.
    lost: Vec<(String, i64)>,
}

/// What changes for records whose belongings changed, and for all that belongs to these.
pub(crate) fn moves(
    db: &mut Db,
    changed: &[(ResourceType, Uuid)],
    day: Date,
) -> Result<Vec<Move>, Fault> {
    let affected = with_all_below(db, changed)?;
    moves_of(db, affected, day)
}

/// What would have to change for these records, so that the scopes that reach them are those of a day.
pub(crate) fn moves_of(
    db: &mut Db,
    affected: BTreeMap<Uuid, ResourceType>,
    day: Date,
) -> Result<Vec<Move>, Fault> {
    let ids: Vec<Key> = affected.keys().copied().map(Key).collect();
    let above = belongings_above(db, &ids)?;
    let now = scopes_of(affected.keys().copied(), &above, day);
    let mut before: BTreeMap<Uuid, BTreeMap<String, i64>> = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let rows: Vec<(Key, String, i64)> = on_engine!(db, |conn| scope_members::table
            .filter(scope_members::id.eq_any(ids))
            .filter(scope_members::until_position.is_null())
            .select((
                scope_members::id,
                scope_members::scope,
                scope_members::from_position
            ))
            .load(conn))?;
        for (id, scope, from) in rows {
            // Its own scope reaches a record whatever it belongs to.
            if reached_from(id.0, &scope)?.by.root() != Some(id.0) {
                before.entry(id.0).or_default().insert(scope, from);
            }
        }
    }
    let moved = affected.into_iter().map(|(id, resource_type)| {
        let now: BTreeSet<String> = now
            .get(&id)
            .into_iter()
            .flatten()
            .map(Reached::to_string)
            .collect();
        let before = before.remove(&id).unwrap_or_default();
        Move {
            id,
            resource_type,
            gained: now
                .iter()
                .filter(|scope| !before.contains_key(*scope))
                .cloned()
                .collect(),
            lost: before
                .into_iter()
                .filter(|(scope, _)| !now.contains(scope))
                .collect(),
        }
    });
    Ok(moved
        .filter(|moved| !moved.gained.is_empty() || !moved.lost.is_empty())
        .collect())
}

/// Keeps what became of the scopes of a record, as of its position in the feed.
pub(crate) fn keep_moves(db: &mut Db, moves: &[(i64, &Move)]) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for (position, moved) in moves {
        let spans = moved
            .lost
            .iter()
            .map(|(scope, from)| (scope, *from, Some(*position)));
        let opened = moved.gained.iter().map(|scope| (scope, *position, None));
        rows.extend(spans.chain(opened).map(|(scope, from, until)| {
            (
                scope_members::id.eq(Key(moved.id)),
                scope_members::type_.eq(moved.resource_type.code()),
                scope_members::scope.eq(scope),
                scope_members::from_position.eq(from),
                scope_members::until_position.eq(until),
            )
        }));
    }
    let span = (
        scope_members::id,
        scope_members::scope,
        scope_members::from_position,
    );
    // A span that ends is there already: its key says which one it is.
    let ends = scope_members::until_position.eq(excluded(scope_members::until_position));
    for rows in rows.chunks(AT_ONCE) {
        on_engine!(db, |conn| diesel::insert_into(scope_members::table)
            .values(rows.to_vec())
            .on_conflict(span)
            .do_update()
            .set(ends)
            .execute(conn))?;
    }
    Ok(())
}

/// The present versions of records, for their entries in the feed.
pub(crate) fn present_versions(db: &mut Db, ids: &[Uuid]) -> Result<BTreeMap<Uuid, i64>, Fault> {
    let mut found = BTreeMap::new();
    let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<(Key, Option<i64>)> = on_engine!(db, |conn| versions::table
            .filter(versions::id.eq_any(keys))
            .group_by(versions::id)
            .select((versions::id, diesel::dsl::max(versions::version)))
            .load(conn))?;
        found.extend(
            rows.into_iter()
                .filter_map(|(id, version)| Some((id.0, version?))),
        );
    }
    Ok(found)
}

/// The scopes that reach each of some records now, beside its own.
pub fn reaching(db: &mut Db, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Reached>>, Fault> {
    let mut found: BTreeMap<Uuid, Vec<Reached>> = BTreeMap::new();
    let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<(Key, String)> = on_engine!(db, |conn| scope_members::table
            .filter(scope_members::id.eq_any(keys))
            .filter(scope_members::until_position.is_null())
            .select((scope_members::id, scope_members::scope))
            .load(conn))?;
        for (id, scope) in rows {
            found
                .entry(id.0)
                .or_default()
                .push(reached_from(id.0, &scope)?);
        }
    }
    Ok(found)
}

/// The scopes that would reach a record today, beside its own, if it said that it belongs to these: with what
/// others say that it belongs to.
pub fn reaching_through(
    tx: &mut Tx,
    part: Uuid,
    belongs_to: &[(Reached, Since)],
) -> Result<Vec<Reached>, Fault> {
    let day = turned_on(tx)?.unwrap_or(tx.today());
    let own = belongs_to.iter().map(|(whole, since)| Belonging {
        part,
        whole: whole.by,
        since: *since,
        sway: whole.sway,
    });
    let own: Vec<Belonging> = own.collect();
    let wholes = own.iter().filter_map(|one| one.whole.root());
    let below: Vec<Key> = wholes.chain([part]).map(Key).collect();
    let mut all = belongings_above(tx, &below)?;
    all.extend(own);
    let mut found = scopes_of([part], &all, day);
    Ok(found
        .remove(&part)
        .unwrap_or_default()
        .into_iter()
        .collect())
}

/// Says of each document which scopes reach it.
pub fn fill<'a>(
    db: &mut Db,
    documents: impl Iterator<Item = &'a mut Document>,
) -> Result<(), Fault> {
    let documents: Vec<&mut Document> = documents.collect();
    let ids: Vec<Uuid> = documents.iter().map(|document| document.id).collect();
    let mut reaching = reaching(db, &ids)?;
    for document in documents {
        document.within = reaching.remove(&document.id).unwrap_or_default();
    }
    Ok(())
}

/// Whether a record is in sight: now or, once it is gone, when it went.
pub fn is_in_sight(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<bool, Fault> {
    Ok(in_sight(db, visible, resource_type, &[id])?.contains(&id))
}

/// Those of some records of one type that are in sight: now or, once they are gone, when they went.
pub fn in_sight(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>, Fault> {
    let own = |id: Uuid| resource_type.scope(id);
    let (seen, others): (BTreeSet<Uuid>, BTreeSet<Uuid>) = ids
        .iter()
        .partition(|id| visible == Visibility::Everything || visible.covers(own(**id), &[]));
    let mut seen = seen;
    let others: Vec<Key> = others.into_iter().map(Key).collect();
    for keys in others.chunks(AT_ONCE) {
        let rows: Vec<(Key, String, Option<i64>)> = on_engine!(db, |conn| scope_members::table
            .filter(scope_members::id.eq_any(keys))
            .select((
                scope_members::id,
                scope_members::scope,
                scope_members::until_position,
            ))
            .load(conn))?;
        let mut spans: BTreeMap<Uuid, Vec<(Reached, Option<i64>)>> = BTreeMap::new();
        for (id, scope, until) in rows {
            let reached = reached_from(id.0, &scope)?;
            // Its own scope reaches it for ever, also once it is gone.
            if reached.by != own(id.0) {
                spans.entry(id.0).or_default().push((reached, until));
            }
        }
        let is_reached = |spans: &[(Reached, Option<i64>)]| spans.iter().any(|(_, u)| u.is_none());
        let left = spans.iter().filter(|(_, spans)| !is_reached(spans));
        let left: Vec<Key> = left.map(|(id, _)| Key(*id)).collect();
        let went_at = went_at(db, &left)?;
        for (id, spans) in spans {
            let at = went_at.get(&id).copied();
            let reaching = spans.into_iter().filter(|(_, until)| *until == at);
            let reaching: Vec<Reached> = reaching.map(|(reached, _)| reached).collect();
            if visible.covers(own(id), &reaching) {
                seen.insert(id);
            }
        }
    }
    Ok(seen)
}

/// Those of some records over which no role is held that are in sight, or ever were.
pub(crate) fn once_in_sight(
    db: &mut Db,
    visible: Visibility,
    ids: &BTreeSet<Key>,
) -> Result<BTreeSet<Key>, Fault> {
    let Some(scopes) = visible.scopes() else {
        return Ok(ids.clone());
    };
    let words = words_of(scopes);
    let seen: Vec<Key> = on_engine!(db, |conn| scope_members::table
        .filter(scope_members::id.eq_any(ids))
        .filter(scope_members::scope.eq_any(words))
        .select(scope_members::id)
        .distinct()
        .load(conn))?;
    Ok(seen.into_iter().collect())
}

/// The positions at which those of some records went that are gone.
fn went_at(db: &mut Db, ids: &[Key]) -> Result<BTreeMap<Uuid, i64>, Fault> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let last_words = ChangeKind::ALL.iter().filter(|change| change.is_final());
    let last_words: Vec<&str> = last_words.map(|change| change.code()).collect();
    let later = diesel::alias!(versions as later);
    let after = later
        .filter(later.field(versions::id).eq(versions::id))
        .filter(later.field(versions::version).eq(versions::version + 1));
    let rows: Vec<(Key, i64)> = on_engine!(db, |conn| versions::table
        .filter(versions::id.eq_any(ids))
        .filter(versions::change.eq_any(last_words))
        .filter(not(exists(after)))
        .select((versions::id, versions::position))
        .load(conn))?;
    Ok(rows.into_iter().map(|(id, at)| (id.0, at)).collect())
}

/// When one scope began and ceased to reach a record, as positions of the feed.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) scope: Scope,
    pub(crate) from: i64,
    pub(crate) until: Option<i64>,
}

impl Span {
    /// Whether the record was reached just before a position, and from it on.
    pub(crate) fn around(&self, position: i64) -> (bool, bool) {
        let before = self.from < position && self.until.is_none_or(|until| position <= until);
        let after = self.from <= position && self.until.is_none_or(|until| position < until);
        (before, after)
    }
}

/// When each of some scopes reached each of some records.
pub(crate) fn spans(
    db: &mut Db,
    ids: &[Key],
    scopes: &[Scope],
) -> Result<BTreeMap<Uuid, Vec<Span>>, Fault> {
    let scopes = words_of(scopes.iter().copied());
    let rows: Vec<(Key, String, i64, Option<i64>)> = on_engine!(db, |conn| scope_members::table
        .filter(scope_members::id.eq_any(ids))
        .filter(scope_members::scope.eq_any(scopes))
        .select((
            scope_members::id,
            scope_members::scope,
            scope_members::from_position,
            scope_members::until_position,
        ))
        .load(conn))?;
    let mut found: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    for (id, scope, from, until) in rows {
        let scope = reached_from(id.0, &scope)?.by;
        found
            .entry(id.0)
            .or_default()
            .push(Span { scope, from, until });
    }
    Ok(found)
}

/// Keeps of a boxed query the rows of `$table` that are in sight, or whose `$id` is.
macro_rules! sighted {
    ($query:expr, $visible:expr, $table:ident) => {
        $crate::scopes::sighted!($query, $visible, $table, id)
    };
    ($query:expr, $visible:expr, $table:ident, $id:ident) => {{
        let mut query = $query;
        if let Some(scopes) = $visible.scopes() {
            use $crate::schema::scope_members;
            let scopes = $crate::scopes::words_of(scopes);
            let reached = scope_members::table
                .filter(scope_members::scope.eq_any(scopes))
                .filter(scope_members::until_position.is_null())
                .select(scope_members::id);
            query = query.filter($table::$id.eq_any(reached));
        }
        query
    }};
}
pub(crate) use sighted;

/// The day up to which the calendar's doing was done.
pub fn turned_on(db: &mut Db) -> Result<Option<Date>, Fault> {
    let day: Option<Option<Day>> = on_engine!(db, |conn| base::table
        .select(base::turned_on)
        .first(conn)
        .optional())?;
    Ok(day.flatten().map(|day| day.0))
}

/// Does what the calendar alone does by today: grants that begin or end, and what begins or ceases
/// to belong to something. Once for every day, whatever process comes first.
pub fn turn_day(tx: &mut Tx) -> Result<(), Fault> {
    if turned_on(tx)?.is_some_and(|turned| tx.today() <= turned) {
        return Ok(());
    }
    tx.take_turn(Turn::Feed)?;
    let (turned, today) = (turned_on(tx)?, tx.today());
    if turned.is_some_and(|turned| today <= turned) {
        return Ok(());
    }
    let after = turned.unwrap_or(Date::MIN);
    let (after, by) = (Day(after), Day(today));
    let moved: Vec<(Key, String)> = on_engine!(tx, |conn: Backend| {
        let mut query = ties::table.filter(ties::belongs).into_boxed::<Backend>();
        if turned.is_some() {
            let begins = ties::starts_on.gt(after).and(ties::starts_on.le(by));
            let ceases = ties::ends_before.gt(after).and(ties::ends_before.le(by));
            // Said again on either side, or SQLite does not see that the indices of what belongs serve.
            query = query.filter(ties::belongs.and(begins).or(ties::belongs.and(ceases)));
        }
        query
            .select((ties::tied, ties::tied_type))
            .distinct()
            .load(conn)
    })?;
    for (tied, type_) in moved {
        tx.moved([RecordRef {
            resource_type: type_from(tied.0, &type_)?,
            id: tied.0,
        }]);
    }
    let callers: Vec<Key> = on_engine!(tx, |conn| grants::table
        .filter(
            (grants::starts_on.gt(after).and(grants::starts_on.le(by))).or(grants::ends_before
                .gt(after)
                .and(grants::ends_before.le(by)))
        )
        .select(grants::caller)
        .distinct()
        .order(grants::caller)
        .load(conn))?;
    on_engine!(tx, |conn| diesel::update(base::table)
        .set(base::turned_on.eq(Some(by)))
        .execute(conn))?;
    for caller in callers {
        callers::refresh_rights(tx, domain::access::CallerId::new(caller.0))?;
    }
    Ok(())
}

/// Records with all that belongs to them, on whatever day.
fn with_all_below(
    db: &mut Db,
    records: &[(ResourceType, Uuid)],
) -> Result<BTreeMap<Uuid, ResourceType>, Fault> {
    let mut found: BTreeMap<Uuid, ResourceType> =
        records.iter().map(|(of, id)| (*id, *of)).collect();
    let mut level: Vec<Key> = found.keys().copied().map(Key).collect();
    for _ in 0..MOST_LEVELS {
        let mut next = Vec::new();
        for targets in level.chunks(AT_ONCE) {
            let below: Vec<(Key, String)> = on_engine!(db, |conn| ties::table
                .filter(ties::target.eq_any(targets))
                .filter(ties::belongs)
                .select((ties::tied, ties::tied_type))
                .distinct()
                .load(conn))?;
            for (id, type_) in below {
                if found.insert(id.0, type_from(id.0, &type_)?).is_none() {
                    next.push(id);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(found)
}

/// Every word by which these scopes are kept to reach a record.
pub(crate) fn words_of(scopes: impl IntoIterator<Item = Scope>) -> Vec<String> {
    let reaching = scopes.into_iter().flat_map(Reached::all);
    reaching.map(|reached| reached.to_string()).collect()
}

fn reached_from(id: Uuid, scope: &str) -> Result<Reached, Fault> {
    scope
        .parse()
        .map_err(|error: ValueError| Fault::CorruptRow {
            table: "scope_members",
            column: "scope",
            id: id.to_string(),
            reason: error.to_string(),
        })
}
