//! Records folded into others, for every room: where an id leads, and what a fold changed.
//!
//! A folded record is in its room's table no more; its states stay in the history, the last one
//! saying into which record it went.

use diesel::prelude::*;
use domain::access::{Permit, Reached, Scope, Sway, Visibility};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{CodeList, Version};
use serde::Deserialize;
use uuid::Uuid;

use crate::columns::{Json, Key};
use crate::connection::on_engine;
use crate::documents::Locked;
use crate::history::Past;
use crate::schema::{fold_changes, folded, told_apart, versions};
use crate::{Db, Document, Fault, Tx, scopes};

/// Where a folded record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The record that stands for it now, at the end of every fold.
    pub survivor: Uuid,
    /// The version that its own fold left it with.
    pub version: Version,
}

/// Where an id leads, if its record was folded.
pub fn way(db: &mut Db, resource_type: ResourceType, id: Uuid) -> Result<Option<Way>, Fault> {
    let Some((mut survivor, version)) = step(db, resource_type, id)? else {
        return Ok(None);
    };
    // No ring is ever closed: a fold ends at a record that is there.
    while let Some((further, _)) = step(db, resource_type, survivor)? {
        survivor = further;
    }
    Ok(Some(Way { survivor, version }))
}

/// The same, unless the reader may not see the record that it leads to.
pub fn way_in_sight(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<Option<Way>, Fault> {
    let Some(way) = way(db, resource_type, id)? else {
        return Ok(None);
    };
    let seen = scopes::is_in_sight(db, visible, resource_type, way.survivor)?;
    Ok(seen.then_some(way))
}

/// The scopes that reach a record that is to be changed, beside its own.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Within which it is known.
    pub known: Vec<Reached>,
    /// Within which it may be changed. What was folded is known wherever its survivor is, but stands
    /// again where it stood: it is changed within what it says itself that it belongs to.
    pub changed: Vec<Reached>,
}

/// The scopes that reach this record, which may be one that was folded.
pub fn reach<R: Resource>(tx: &mut Tx, record: &R) -> Result<Reach, Fault> {
    let id = record.uuid();
    let known = reaching(tx, R::TYPE, id)?;
    let changed = if step(tx, R::TYPE, id)?.is_some() {
        scopes::reaching_through(tx, id, &record.belongs_to())?
    } else {
        known.clone()
    };
    Ok(Reach { known, changed })
}

/// The scopes that reach a record beside its own; one that was folded is reached by what reaches the
/// record that stands for it.
pub fn reaching(db: &mut Db, resource_type: ResourceType, id: Uuid) -> Result<Vec<Reached>, Fault> {
    let way = way(db, resource_type, id)?;
    let stands = way.map_or(id, |way| way.survivor);
    let mut reaching = scopes::reaching(db, &[stands])?;
    let mut reaching = reaching.remove(&stands).unwrap_or_default();
    if stands != id {
        reaching.push(Reached {
            by: resource_type.scope(stands),
            sway: Sway::Full,
        });
    }
    Ok(reaching)
}

/// What a role over this reaches: the records, too, into which its own was folded in turn.
pub(crate) fn followed(db: &mut Db, scope: Scope) -> Result<Vec<Scope>, Fault> {
    let mut all = vec![scope];
    let (Some(of), Some(mut id)) = (scope.resource_type(), scope.root()) else {
        return Ok(all);
    };
    while let Some((further, _)) = step(db, of, id)? {
        all.push(of.scope(further));
        id = further;
    }
    Ok(all)
}

/// The record into which a state says that its record went.
pub(crate) fn survivor_in(body: &str) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct State {
        folded: Option<Folded>,
    }
    #[derive(Deserialize)]
    struct Folded {
        into: Uuid,
    }
    let state: State = serde_json::from_str(body).ok()?;
    Some(state.folded?.into)
}

/// A past state as a reader may be told of it: one folded into a record out of that reader's sight
/// is gone, without a word of where it went.
pub(crate) fn told(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    past: Past,
) -> Result<Past, Fault> {
    if past.change != ChangeKind::Duplicate || visible == Visibility::Everything {
        return Ok(past);
    }
    if let Some(survivor) = past.body.as_deref().and_then(survivor_in)
        && scopes::is_in_sight(db, visible, resource_type, survivor)?
    {
        return Ok(past);
    }
    Ok(Past {
        change: ChangeKind::Deleted,
        body: None,
        ..past
    })
}

fn step(
    db: &mut Db,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<Option<(Uuid, Version)>, Fault> {
    let row: Option<(Key, i64)> = on_engine!(db, |conn| {
        folded::table
            .find(Key(id))
            .filter(folded::type_.eq(resource_type.code()))
            .select((folded::survivor, folded::version))
            .get_result(conn)
            .optional()
    })?;
    Ok(row.map(|(survivor, version)| (survivor.0, Version::new(version))))
}

/// The record into which this one was folded and the version that left it with, kept from others
/// until the transaction ends.
pub(crate) fn for_change(
    tx: &mut Tx,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<Option<(Uuid, Version)>, Fault> {
    let row: Option<(Key, i64)> = on_engine!(tx, |conn| {
        Locked(
            folded::table
                .find(Key(id))
                .filter(folded::type_.eq(resource_type.code()))
                .select((folded::survivor, folded::version)),
        )
        .get_result(conn)
        .optional()
    })?;
    Ok(row.map(|(survivor, version)| (survivor.0, Version::new(version))))
}

/// Keeps that a record, as it says of itself, was folded, and which versions that left the others
/// with. Its room takes it out of its own table.
pub(crate) fn keep<R: Resource>(
    tx: &mut Tx,
    permit: &Permit,
    record: &R,
    survivor: Uuid,
    changes: &[(Uuid, Version)],
) -> Result<Document, Fault> {
    let document = tx.record_fold(permit, record)?;
    let id = Key(record.uuid());
    let row = (
        folded::id.eq(id),
        folded::type_.eq(R::TYPE.code()),
        folded::survivor.eq(Key(survivor)),
        folded::version.eq(record.version().number()),
    );
    let changes: Vec<_> = changes
        .iter()
        .map(|(changed, version)| {
            (
                fold_changes::folded.eq(id),
                fold_changes::id.eq(Key(*changed)),
                fold_changes::version.eq(version.number()),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        diesel::insert_into(folded::table)
            .values(row)
            .execute(conn)?;
        for changes in changes.chunks(1_000) {
            diesel::insert_into(fold_changes::table)
                .values(changes)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(document)
}

/// A record that a fold changed.
pub(crate) struct Change {
    /// Which.
    pub(crate) id: Uuid,
    /// As it was before, as JSON.
    pub(crate) before: String,
    /// As the fold left it, as JSON.
    pub(crate) left: String,
}

/// The records that a fold changed, in the order of ids.
pub(crate) fn changes(db: &mut Db, id: Uuid) -> Result<Vec<Change>, Fault> {
    let of_both = versions::table.on(versions::id.eq(fold_changes::id).and(
        versions::version
            .eq(fold_changes::version)
            .or(versions::version.eq(fold_changes::version - 1)),
    ));
    let rows: Vec<(Key, Option<Json>)> = on_engine!(db, |conn| {
        fold_changes::table
            .inner_join(of_both)
            .filter(fold_changes::folded.eq(Key(id)))
            .order((fold_changes::id, versions::version))
            .select((fold_changes::id, versions::body))
            .load(conn)
    })?;
    let states = rows.chunks(2).map(|states| match states {
        [(id, Some(before)), (same, Some(left))] if id == same => Ok(Change {
            id: id.0,
            before: before.0.clone(),
            left: left.0.clone(),
        }),
        _ => Err(Fault::CorruptRow {
            table: "fold_changes",
            column: "version",
            id: id.to_string(),
            reason: "a state is missing".to_owned(),
        }),
    });
    states.collect()
}

/// Forgets that a record was folded.
pub(crate) fn forget(tx: &mut Tx, id: Uuid) -> Result<(), Fault> {
    on_engine!(tx, |conn| diesel::delete(folded::table.find(Key(id)))
        .execute(conn))?;
    Ok(())
}

/// Keeps the judgement that two records are of two things. Told again, nothing changes.
pub fn tell_apart(
    tx: &mut Tx,
    permit: &Permit,
    resource_type: ResourceType,
    one: Uuid,
    other: Uuid,
) -> Result<(), Fault> {
    let pair = (
        told_apart::one.eq(Key(one.min(other))),
        told_apart::other.eq(Key(one.max(other))),
    );
    on_engine!(tx, |conn| diesel::insert_into(told_apart::table)
        .values(pair)
        .on_conflict_do_nothing()
        .execute(conn))?;
    tx.note(permit, resource_type, one);
    Ok(())
}

/// Takes that judgement back.
pub fn propose_again(
    tx: &mut Tx,
    permit: &Permit,
    resource_type: ResourceType,
    one: Uuid,
    other: Uuid,
) -> Result<(), Fault> {
    let pair = told_apart::table.find((Key(one.min(other)), Key(one.max(other))));
    on_engine!(tx, |conn| diesel::delete(pair).execute(conn))?;
    tx.note(permit, resource_type, one);
    Ok(())
}
