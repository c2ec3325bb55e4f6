//! What acts on lineage depend on, and which records an event wrote.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::lineage::{Carried, Change, LineageEvent, LineageEventId, Restored, Standing};
use domain::networks::Network;
use domain::organisations::{Organisation, OrganisationId};
use domain::records::{ChangeKind, RecordRef, Resource, ResourceType};
use domain::relations::{Link, Relation, Stated};
use domain::values::{CodeList, Id, Since, ValueError, Version};
use uuid::Uuid;

use crate::columns::{Json, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::documents::{DocumentRow, Locked, document_columns, read_back};
use crate::schema::{lineage_changes, records, ties, versions};
use crate::scopes::sighted;
use crate::ties::type_from;
use crate::{Db, Document, Fault, Tx, organisations, records as store, relations};

/// A record that has a lineage.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A network.
    Network(Box<Network>),
    /// An organisation.
    Organisation(Box<Organisation>),
}

/// A record that an event wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Which.
    pub record: RecordRef,
    /// The version that the event left it with.
    pub version: Version,
    /// What it did.
    pub change: ChangeKind,
}

/// Takes the turn of whoever changes what is part of what: before any row is kept from others.
pub fn take_turn(tx: &mut Tx) -> Result<(), Fault> {
    tx.take_turn(Turn::Parts)
}

/// The event, kept from others until the transaction ends, in turn with every change of parts.
pub fn for_change(tx: &mut Tx, id: LineageEventId) -> Result<Option<LineageEvent>, Fault> {
    take_turn(tx)?;
    store::for_change(tx, id)
}

/// The records that an event is about, which nobody changes or begins to name until the transaction ends, in the
/// order of ids. One that is not there is left out.
pub fn subjects(tx: &mut Tx, named: &BTreeSet<RecordRef>) -> Result<Vec<Subject>, Fault> {
    let mut found = Vec::new();
    for one in named {
        if one.resource_type == ResourceType::Network {
            let network = store::for_deletion::<Network>(tx, Id::new(one.id))?;
            found.extend(network.map(|network| Subject::Network(Box::new(network))));
        } else {
            let id = OrganisationId::new(one.id);
            let organisation = organisations::for_deletion(tx, id)?;
            found.extend(organisation.map(|one| Subject::Organisation(Box::new(one))));
        }
    }
    Ok(found)
}

impl Subject {
    /// How it stands.
    pub fn standing(&self, tx: &mut Tx) -> Result<Standing, Fault> {
        Ok(match self {
            Self::Network(network) => Standing {
                record: network.itself(),
                lasts: network.fields.life.lasts(),
                lineage: network.lineage.clone(),
                parts: Vec::new(),
            },
            Self::Organisation(one) => {
                let parts = organisations::parts(tx, one.id)?;
                Standing {
                    record: one.itself(),
                    lasts: Since {
                        starts_on: one.exists_from(),
                        ends_before: one.ended.as_ref().map(|ended| ended.ends_before),
                    },
                    lineage: one.lineage.clone(),
                    parts: parts.into_iter().map(|link| link.since).collect(),
                }
            }
        })
    }

    /// Itself and its version.
    #[must_use]
    pub fn written(&self) -> (RecordRef, Version) {
        match self {
            Self::Network(network) => (network.itself(), network.version),
            Self::Organisation(one) => (one.itself(), one.version),
        }
    }

    /// Records what it says of its kin from now on.
    pub fn keep(
        self,
        tx: &mut Tx,
        permit: &Permit,
        change: ChangeKind,
        lineage: domain::lineage::Lineage,
    ) -> Result<Wrote, Fault> {
        match self {
            Self::Network(network) => {
                let network = network.with_lineage(lineage);
                store::update(tx, permit, change, &network)?;
                Ok(wrote(&network, network.version, change))
            }
            Self::Organisation(organisation) => {
                let organisation = organisation.with_lineage(lineage);
                organisations::update(tx, permit, change, &organisation)?;
                Ok(wrote(&organisation, organisation.version, change))
            }
        }
    }
}

fn wrote<R: Resource>(record: &R, version: Version, change: ChangeKind) -> Wrote {
    Wrote {
        record: record.itself(),
        version,
        change,
    }
}

/// The relations of a kind that name some of these records, kept from others until the transaction ends.
pub fn naming<F: Stated>(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Relation<F>>, Fault> {
    let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
    let rows: Vec<DocumentRow> = on_engine!(tx, |conn| {
        let naming = ties::table
            .filter(ties::target.eq_any(&keys))
            .select(ties::source);
        let all = records::table
            .filter(records::id.eq_any(naming))
            .filter(records::type_.eq(F::TYPE.code()))
            .order(records::id)
            .select(document_columns!(records));
        Locked(all).load(conn)
    })?;
    let relations = rows.into_iter();
    let relations = relations.map(|row| Document::from_row(F::TYPE, row)?.resource());
    relations.collect()
}

/// Every membership of networks in networks above these that names none of them.
pub fn links_above(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Link>, Fault> {
    let mut links = relations::above(tx, ids)?;
    links.retain(|link| !ids.contains(&link.part) && !ids.contains(&link.whole));
    Ok(links)
}

/// Records what an event makes of the relations of a kind.
pub fn carry<F: Stated>(
    tx: &mut Tx,
    permit: &Permit,
    carried: &Carried<F>,
) -> Result<Vec<Wrote>, Fault> {
    let mut all = Vec::new();
    for one in &carried.ended {
        store::update(tx, permit, ChangeKind::Ended, one)?;
        all.push(wrote(one, one.version, ChangeKind::Ended));
    }
    for one in &carried.gone {
        store::delete(tx, permit, one)?;
        all.push(wrote(one, one.version.next(), ChangeKind::Deleted));
    }
    for one in &carried.changed {
        store::update(tx, permit, ChangeKind::Updated, one)?;
        all.push(wrote(one, one.version, ChangeKind::Updated));
    }
    for some in carried.begun.chunks(AT_ONCE) {
        store::insert_all(tx, permit, some)?;
        let created = ChangeKind::Created;
        all.extend(some.iter().map(|one| wrote(one, one.version, created)));
    }
    Ok(all)
}

/// Records that relations are again as they were.
pub fn restore<F: Stated>(
    tx: &mut Tx,
    permit: &Permit,
    restored: &Restored<F>,
) -> Result<(), Fault> {
    for one in &restored.gone {
        store::delete(tx, permit, one)?;
    }
    for one in &restored.changed {
        store::update(tx, permit, ChangeKind::Updated, one)?;
    }
    for one in &restored.back {
        store::put_back(tx, permit, one)?;
    }
    Ok(())
}

/// Keeps which records an event wrote.
pub fn keep(tx: &mut Tx, event: LineageEventId, all: &[Wrote]) -> Result<(), Fault> {
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            (
                lineage_changes::event.eq(Key::from(event)),
                lineage_changes::type_.eq(one.record.resource_type.code()),
                lineage_changes::id.eq(Key(one.record.id)),
                lineage_changes::version.eq(one.version.number()),
                lineage_changes::change.eq(one.change.code()),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        for rows in rows.chunks(AT_ONCE) {
            diesel::insert_into(lineage_changes::table)
                .values(rows)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// The records that an event wrote, in the order of ids.
pub fn written(db: &mut Db, event: LineageEventId) -> Result<Vec<Wrote>, Fault> {
    let rows: Vec<(String, Key, i64, String)> = on_engine!(db, |conn| lineage_changes::table
        .filter(lineage_changes::event.eq(Key::from(event)))
        .order(lineage_changes::id)
        .select((
            lineage_changes::type_,
            lineage_changes::id,
            lineage_changes::version,
            lineage_changes::change
        ))
        .load(conn))?;
    let all = rows.into_iter().map(|(of, id, version, change)| {
        Ok(Wrote {
            record: RecordRef {
                resource_type: type_from(id.0, &of)?,
                id: id.0,
            },
            version: Version::new(version),
            change: change
                .parse()
                .map_err(|error: ValueError| Fault::CorruptRow {
                    table: "lineage_changes",
                    column: "change",
                    id: id.0.to_string(),
                    reason: error.to_string(),
                })?,
        })
    });
    all.collect()
}

/// The relations of a kind that an event wrote: as they were, as it left them, as they are. `all` is everything
/// that it wrote.
pub fn changes<F: Stated>(
    tx: &mut Tx,
    event: LineageEventId,
    all: &[Wrote],
) -> Result<Vec<Change<F>>, Fault> {
    let of_both = versions::table.on(versions::id.eq(lineage_changes::id).and(
        versions::version
            .eq(lineage_changes::version)
            .or(versions::version.eq(lineage_changes::version - 1)),
    ));
    let states: Vec<(Key, i64, i64, Option<Json>)> = on_engine!(tx, |conn| {
        lineage_changes::table
            .inner_join(of_both)
            .filter(lineage_changes::event.eq(Key::from(event)))
            .filter(lineage_changes::type_.eq(F::TYPE.code()))
            .order((lineage_changes::id, versions::version))
            .select((
                lineage_changes::id,
                lineage_changes::version,
                versions::version,
                versions::body,
            ))
            .load(conn)
    })?;
    let ids: BTreeSet<Uuid> = states.iter().map(|(id, ..)| id.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut now = there::<F>(tx, &ids)?;
    let mut tied = tied(tx, &ids, event, all)?;
    let mut changes: BTreeMap<Uuid, Change<F>> = BTreeMap::new();
    for (id, left, version, body) in states {
        let id = id.0;
        let change = changes.entry(id).or_insert_with(|| Change {
            id,
            before: None,
            left: Version::new(left),
            was_gone: false,
            now: now.remove(&id),
            tied: tied.remove(&id).unwrap_or_default(),
        });
        match body {
            None => change.was_gone = true,
            Some(body) if version < left => change.before = Some(read_back(&body.0, id)?),
            Some(_) => {}
        }
    }
    Ok(changes.into_values().collect())
}

/// Those of some relations that are there, kept from others until the transaction ends.
fn there<F: Stated>(tx: &mut Tx, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Relation<F>>, Fault> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
        let rows: Vec<DocumentRow> = on_engine!(tx, |conn| {
            let all = records::table
                .filter(records::id.eq_any(&keys))
                .order(records::id)
                .select(document_columns!(records));
            Locked(all).load(conn)
        })?;
        for row in rows {
            let one: Relation<F> = Document::from_row(F::TYPE, row)?.resource()?;
            found.insert(one.uuid(), one);
        }
    }
    Ok(found)
}

/// How many others, that an event did not write, are tied to each of some records.
fn tied(
    tx: &mut Tx,
    ids: &[Uuid],
    event: LineageEventId,
    all: &[Wrote],
) -> Result<BTreeMap<Uuid, usize>, Fault> {
    let written: BTreeSet<Uuid> = all.iter().map(|one| one.record.id).collect();
    let mut tied = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
        let rows: Vec<(Key, Key)> = on_engine!(tx, |conn| ties::table
            .filter(ties::target.eq_any(&keys))
            .select((ties::target, ties::source))
            .load(conn))?;
        for (target, source) in rows {
            if source.0 != event.uuid() && !written.contains(&source.0) {
                let count: &mut usize = tied.entry(target.0).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    Ok(tied)
}

/// The events that name some of these records, of those that somebody may see.
pub fn events_of(
    db: &mut Db,
    visible: Visibility,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<LineageEvent>, Fault> {
    let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
    let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
        let naming = ties::table
            .filter(ties::target.eq_any(keys))
            .select(ties::source);
        let all = records::table.into_boxed::<Backend>();
        sighted!(all, visible, records)
            .filter(records::id.eq_any(naming))
            .filter(records::type_.eq(LineageEvent::TYPE.code()))
            .select(document_columns!(records))
            .load(conn)
    })?;
    let events = rows.into_iter();
    let events = events.map(|row| Document::from_row(LineageEvent::TYPE, row)?.resource());
    events.collect()
}
