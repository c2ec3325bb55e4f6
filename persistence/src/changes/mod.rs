//! The change feed, read back.
//!
//! A cursor is a position and the fingerprint of the entry that stood there when it was given.
//! It is good as long as that very entry still stands there, or was the last one trimmed away.

mod sight;

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::access::Scope;
use domain::records::{ChangeKind, ResourceType};
use domain::values::{CodeList, ValueError, Version};
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::{Turn, on_engine};
use crate::page::First;
use crate::schema::{base, feed, scope_members, versions};
use crate::scopes;
use crate::transaction::REACHED;
use crate::{Db, Fault, Tx, folds};

pub use sight::Sight;

/// A place in the feed, after one entry and before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The position of the entry before it.
    pub position: i64,
    /// The fingerprint of that entry.
    pub fingerprint: i64,
}

/// Why reading cannot go on from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The entries after it were trimmed away.
    Trimmed,
    /// It belongs to another base, or to a past that a restored base no longer has.
    OtherPast,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place.
    pub place: Place,
    /// When it was committed.
    pub at: Timestamp,
    /// What happened.
    pub change: ChangeKind,
    /// To what type of record.
    pub resource_type: ResourceType,
    /// To which.
    pub id: Uuid,
    /// The version that it left.
    pub version: Version,
    /// The request that did it; nothing when it is the reader's own rights that changed.
    pub request_id: Option<String>,
    /// The record as it then was; nothing once deleted.
    pub body: Option<String>,
}

/// The place before the first entry that is still kept.
pub fn floor(db: &mut Db) -> Result<Place, Fault> {
    let (position, fingerprint) = on_engine!(db, |conn| {
        base::table
            .select((base::floor_position, base::floor_fingerprint))
            .first(conn)
    })?;
    Ok(Place {
        position,
        fingerprint,
    })
}

/// The place after the last entry.
pub fn end(db: &mut Db) -> Result<Place, Fault> {
    let last: Option<(i64, i64)> = on_engine!(db, |conn| {
        feed::table
            .select((feed::position, feed::fingerprint))
            .order(feed::position.desc())
            .first(conn)
            .optional()
    })?;
    match last {
        Some((position, fingerprint)) => Ok(Place {
            position,
            fingerprint,
        }),
        None => floor(db),
    }
}

/// Some entries, and where to go on.
#[derive(Clone, Debug)]
pub struct Told {
    /// The entries that concern the reader.
    pub entries: Vec<Entry>,
    /// The place to go on from.
    pub next: Place,
    /// Whether there is more right now.
    pub more: bool,
}

/// How far one page of a reader with limited rights may look.
const LOOKED_AT: i64 = 20_000;

/// The entries after a place, or why they cannot be told. Call it within one snapshot.
pub fn after(
    db: &mut Db,
    sight: &Sight,
    place: Option<Place>,
    limit: i64,
) -> Result<Result<Told, Lost>, Fault> {
    let floor = floor(db)?;
    let from = match place {
        // From the very beginning: only while nothing of it was trimmed away.
        None if floor.position > 0 => return Ok(Err(Lost::Trimmed)),
        None => 0,
        Some(place) => {
            if let Some(lost) = lost(db, place, floor)? {
                return Ok(Err(lost));
            }
            place.position
        }
    };
    let (wide, narrow, reaching) = (
        codes(sight.wide.iter()),
        sight.narrow.iter(),
        sight.scopes(),
    );
    let narrow = codes(narrow.map(|(of, _)| of));
    let words = scopes::words_of(reaching.iter().copied());
    let until = from.saturating_add(LOOKED_AT);
    let has_narrow = !narrow.is_empty();
    let rows: Vec<EntryRow> = on_engine!(db, |conn: Backend| {
        let reached = scope_members::table
            .filter(scope_members::id.eq(feed::id))
            .filter(scope_members::scope.eq_any(words))
            .filter(scope_members::from_position.le(feed::position))
            .filter(
                scope_members::until_position
                    .is_null()
                    .or(scope_members::until_position.ge(feed::position.nullable())),
            );
        let mut query = feed::table
            .left_join(
                versions::table.on(versions::id
                    .eq(feed::id)
                    .and(versions::version.eq(feed::version))),
            )
            .filter(feed::position.gt(from))
            .select((
                (
                    feed::position,
                    feed::fingerprint,
                    feed::at,
                    feed::change,
                    feed::type_,
                ),
                (
                    feed::id,
                    feed::version,
                    feed::request_id,
                    versions::body.nullable(),
                ),
            ))
            .order(feed::position)
            .into_boxed::<Backend>();
        let widely = feed::type_.eq_any(wide).and(feed::change.ne(REACHED));
        if has_narrow {
            let narrowly = feed::type_.eq_any(narrow).and(exists(reached));
            query = query.filter(feed::position.le(until));
            query = query.filter(widely.or(narrowly));
        } else {
            query = query.filter(widely);
        }
        First(limit + 1, query).load(conn)
    })?;
    let mut found = rows
        .into_iter()
        .map(raw)
        .collect::<Result<Vec<Raw>, Fault>>()?;
    let more = i64::try_from(found.len()).is_ok_and(|len| len > limit);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more).map(|raw| raw.entry.place);
    let (next, more) = match last {
        Some(last) => (last, true),
        None => looked_at(db, has_narrow.then_some(until))?,
    };
    let entries = told(db, sight, &reaching, found)?;
    Ok(Ok(Told {
        entries,
        next,
        more,
    }))
}

/// The last place that was looked at, and whether there is more behind it.
fn looked_at(db: &mut Db, until: Option<i64>) -> Result<(Place, bool), Fault> {
    let end = end(db)?;
    let Some(until) = until.filter(|until| *until < end.position) else {
        return Ok((end, false));
    };
    let (position, fingerprint) = on_engine!(db, |conn| feed::table
        .filter(feed::position.le(until))
        .select((feed::position, feed::fingerprint))
        .order(feed::position.desc())
        .first(conn))?;
    let place = Place {
        position,
        fingerprint,
    };
    Ok((place, true))
}

/// What a reader is told of entries, in their order.
fn told(
    db: &mut Db,
    sight: &Sight,
    scopes: &BTreeSet<Scope>,
    found: Vec<Raw>,
) -> Result<Vec<Entry>, Fault> {
    let narrow = found
        .iter()
        .filter(|raw| !sight.wide.contains(&raw.entry.resource_type));
    let ids = narrow.flat_map(|raw| [Some(raw.entry.id), survivor(raw.change, &raw.entry)]);
    let ids: BTreeSet<Key> = ids.flatten().map(Key).collect();
    let ids: Vec<Key> = ids.into_iter().collect();
    let spans = if ids.is_empty() {
        BTreeMap::new()
    } else {
        let scopes: Vec<Scope> = scopes.iter().copied().collect();
        scopes::spans(db, &ids, &scopes)?
    };
    let told = found.into_iter().filter_map(|Raw { change, mut entry }| {
        let of = |id| spans.get(&id).map(Vec::as_slice).unwrap_or_default();
        let around = |id| sight.around(entry.place.position, entry.resource_type, id, of(id));
        let (before, after) = around(entry.id);
        let change = match survivor(change, &entry) {
            Some(survivor) if !around(survivor).1 => Some(ChangeKind::Deleted),
            _ => change,
        };
        entry.change = ChangeKind::told(change, before, after)?;
        // What went out of sight since is not shown as it was: it is told when it goes.
        if after && !sight.reaches_now(entry.resource_type, entry.id, of(entry.id)) {
            return None;
        }
        if matches!(entry.change, ChangeKind::LeftScope | ChangeKind::Deleted) {
            entry.body = None;
        }
        Some(entry)
    });
    Ok(told.collect())
}

/// The record into which the one of an entry was folded there. A reader who does not see that record
/// is told that the other is gone, and not where to.
fn survivor(change: Option<ChangeKind>, entry: &Entry) -> Option<Uuid> {
    let folded = change == Some(ChangeKind::Duplicate);
    let body = entry.body.as_deref().filter(|_| folded)?;
    folds::survivor_in(body)
}

/// What comes in sight and goes out at a place when the reader's sight changes there from `old` to
/// `new`: at most `limit` records after one id, and the last id looked at when there are more.
///
/// What is no longer in sight today is not shown as it then was.
pub fn catch_up(
    db: &mut Db,
    place: Place,
    [old, new]: [&Sight; 2],
    after: Option<Uuid>,
    limit: i64,
) -> Result<(Vec<Entry>, Option<Uuid>), Fault> {
    let changed: BTreeSet<Scope> = old
        .scopes()
        .symmetric_difference(&new.scopes())
        .copied()
        .collect();
    if changed.is_empty() {
        return Ok((Vec::new(), None));
    }
    let at = place.position;
    let after = after.unwrap_or(Uuid::nil());
    let words = scopes::words_of(changed);
    let mut ids: Vec<Key> = on_engine!(db, |conn| scope_members::table
        .filter(scope_members::scope.eq_any(words))
        .filter(scope_members::id.gt(Key(after)))
        .filter(scope_members::from_position.le(at))
        .filter(
            scope_members::until_position
                .is_null()
                .or(scope_members::until_position.gt(at))
        )
        .select(scope_members::id)
        .distinct()
        .order(scope_members::id)
        .limit(limit + 1)
        .load(conn))?;
    let more = i64::try_from(ids.len()).is_ok_and(|len| len > limit);
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = ids.last().filter(|_| more).map(|id| id.0);
    let all: BTreeSet<Scope> = [old, new].into_iter().flat_map(Sight::scopes).collect();
    let all: Vec<Scope> = all.into_iter().collect();
    let spans = scopes::spans(db, &ids, &all)?;
    let mut entries = Vec::new();
    for mut entry in states_at(db, place, &ids)? {
        let spans = spans.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
        let of = entry.resource_type;
        let (_, before) = old.around(at, of, entry.id, spans);
        let (_, after) = new.around(at, of, entry.id, spans);
        if after && !new.reaches_now(of, entry.id, spans) {
            continue;
        }
        let Some(change) = ChangeKind::told(None, before, after) else {
            continue;
        };
        entry.change = change;
        if change == ChangeKind::LeftScope {
            entry.body = None;
        }
        entries.push(entry);
    }
    Ok((entries, last))
}

/// The state that each of some records had at a place of the feed, unless it was gone.
fn states_at(db: &mut Db, place: Place, ids: &[Key]) -> Result<Vec<Entry>, Fault> {
    diesel::alias!(versions as later_versions: LaterVersions);
    let later = later_versions
        .filter(later_versions.field(versions::id).eq(versions::id))
        .filter(
            later_versions
                .field(versions::version)
                .gt(versions::version),
        )
        .filter(later_versions.field(versions::position).le(place.position));
    let rows: Vec<(Key, i64, String, String, Instant, Option<Json>)> =
        on_engine!(db, |conn| versions::table
            .filter(versions::id.eq_any(ids))
            .filter(versions::position.le(place.position))
            .filter(not(exists(later)))
            .select((
                versions::id,
                versions::version,
                versions::type_,
                versions::change,
                versions::at,
                versions::body,
            ))
            .order(versions::id)
            .load(conn))?;
    let mut states = Vec::new();
    for (id, version, type_, change, at, body) in rows {
        let change: ChangeKind = change.parse().map_err(corrupt("change", place.position))?;
        if change.is_final() {
            continue;
        }
        states.push(Entry {
            place,
            at: at.0,
            change,
            resource_type: type_.parse().map_err(corrupt("type", place.position))?,
            id: id.0,
            version: Version::new(version),
            request_id: None,
            body: body.map(|json| json.0),
        });
    }
    Ok(states)
}

fn codes<'a>(types: impl Iterator<Item = &'a ResourceType>) -> Vec<&'static str> {
    types.map(|of| of.code()).collect()
}

/// Why reading cannot go on from a place, if it cannot.
pub fn lost_at(db: &mut Db, place: Place) -> Result<Option<Lost>, Fault> {
    let floor = floor(db)?;
    lost(db, place, floor)
}

fn lost(db: &mut Db, place: Place, floor: Place) -> Result<Option<Lost>, Fault> {
    if place.position < floor.position {
        return Ok(Some(Lost::Trimmed));
    }
    let stands = if place.position == floor.position {
        Some(floor.fingerprint)
    } else {
        on_engine!(db, |conn| feed::table
            .find(place.position)
            .select(feed::fingerprint)
            .first(conn)
            .optional())?
    };
    Ok((stands != Some(place.fingerprint)).then_some(Lost::OtherPast))
}

/// Trims away the entries that were committed before an instant, and returns how many.
///
/// Versions stay: only the way to be told of them is lost. Positions go on from where they were.
pub fn trim(tx: &mut Tx, before: Timestamp) -> Result<usize, Fault> {
    // In turn with whoever gives positions, and with another process that trims.
    tx.take_turn(Turn::Feed)?;
    // Instants never decrease, so that nothing is looked at but what goes and the first that stays.
    let stays: Option<i64> = on_engine!(tx, |conn| {
        feed::table
            .filter(feed::at.ge(Instant(before)))
            .select(feed::position)
            .order(feed::position)
            .first(conn)
            .optional()
    })?;
    let last: Option<(i64, i64, Instant)> = on_engine!(tx, |conn| {
        feed::table
            .filter(feed::position.lt(stays.unwrap_or(i64::MAX)))
            .select((feed::position, feed::fingerprint, feed::at))
            .order(feed::position.desc())
            .first(conn)
            .optional()
    })?;
    let Some((position, fingerprint, at)) = last else {
        return Ok(0);
    };
    let floor = (
        base::floor_position.eq(position),
        base::floor_fingerprint.eq(fingerprint),
        base::floor_at.eq(Some(at)),
    );
    Ok(on_engine!(tx, |conn| {
        diesel::update(base::table).set(floor).execute(conn)?;
        diesel::delete(feed::table.filter(feed::position.le(position))).execute(conn)
    })?)
}

type EntryRow = (
    (i64, i64, Instant, String, String),
    (Key, i64, String, Option<Json>),
);

/// An entry as it is kept; without a change when it is there only for its scopes.
struct Raw {
    change: Option<ChangeKind>,
    entry: Entry,
}

fn raw(row: EntryRow) -> Result<Raw, Fault> {
    let ((position, fingerprint, at, change, type_), (id, version, request_id, body)) = row;
    let change = match change.as_str() {
        REACHED => None,
        change => Some(change.parse().map_err(corrupt("change", position))?),
    };
    let entry = Entry {
        place: Place {
            position,
            fingerprint,
        },
        at: at.0,
        change: change.unwrap_or(ChangeKind::EnteredScope),
        resource_type: type_.parse().map_err(corrupt("type", position))?,
        id: id.0,
        version: Version::new(version),
        request_id: Some(request_id),
        body: body.map(|json| json.0),
    };
    Ok(Raw { change, entry })
}

fn corrupt(column: &'static str, position: i64) -> impl Fn(ValueError) -> Fault {
    move |error| Fault::CorruptRow {
        table: "feed",
        column,
        id: position.to_string(),
        reason: error.to_string(),
    }
}
