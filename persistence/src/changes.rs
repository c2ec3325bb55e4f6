//! The change feed, read back.
//!
//! A cursor is a position and the fingerprint of the entry that stood there when it was given.
//! It is good as long as that very entry still stands there, or was the last one trimmed away.

use diesel::prelude::*;
use domain::access::Visibility;
use domain::records::{ChangeKind, ResourceType};
use domain::values::Version;
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::{Turn, on_engine};
use crate::schema::{base, feed, versions};
use crate::{Db, Fault, Tx};

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
    /// The request that did it.
    pub request_id: String,
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

/// The entries after a place, or why they cannot be told. Call it within one snapshot.
pub fn after(
    db: &mut Db,
    visible: Visibility,
    place: Option<Place>,
    types: &[ResourceType],
    limit: i64,
) -> Result<Result<Vec<Entry>, Lost>, Fault> {
    let Visibility::Everything = visible;
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
    let types: Vec<&str> = types
        .iter()
        .map(|t| domain::values::CodeList::code(*t))
        .collect();
    let rows: Vec<EntryRow> = on_engine!(db, |conn: Backend| {
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
            .limit(limit)
            .into_boxed::<Backend>();
        if !types.is_empty() {
            query = query.filter(feed::type_.eq_any(types.clone()));
        }
        query.load(conn)
    })?;
    rows.into_iter()
        .map(entry)
        .collect::<Result<_, _>>()
        .map(Ok)
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
    let before = Instant(before);
    let last: Option<(i64, i64, Instant)> = on_engine!(tx, |conn| {
        feed::table
            .filter(feed::at.lt(before))
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

fn entry(row: EntryRow) -> Result<Entry, Fault> {
    let ((position, fingerprint, at, change, type_), (id, version, request_id, body)) = row;
    let corrupt = |column: &'static str| {
        move |error: domain::values::ValueError| Fault::CorruptRow {
            table: "feed",
            column,
            id: position.to_string(),
            reason: error.to_string(),
        }
    };
    Ok(Entry {
        place: Place {
            position,
            fingerprint,
        },
        at: at.0,
        change: change.parse().map_err(corrupt("change"))?,
        resource_type: type_.parse().map_err(corrupt("type"))?,
        id: id.0,
        version: Version::new(version),
        request_id,
        body: body.map(|json| json.0),
    })
}
