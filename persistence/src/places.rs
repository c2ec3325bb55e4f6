//! Where territories lie: what holds them, what they hold, and which of them works somebody in.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::records::TieKind;
use domain::territories::{Ground, Territory, TerritoryId, TerritoryKind};
use domain::values::{CodeList, Date, ValueError};
use uuid::Uuid;

use crate::columns::{Day, Json, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::documents::read_back;
use crate::schema::{territories, territory_members, territory_parts, ties};
use crate::territories::{Place, holding_on, ids_of, members_on, parts_on};
use crate::{Db, Fault};

/// Some territories.
pub type Places = BTreeSet<TerritoryId>;

/// How deep territories lie in one another: a district in a commune, in an EPCI, in what is drawn around it.
const MOST_LEVELS: usize = 4;

/// The territories at a place that exist on a day: one, or none.
pub fn at(db: &mut Db, place: &Place, day: Date) -> Result<Places, Fault> {
    let on = Day(day);
    let ids: Vec<Key> = on_engine!(db, |conn: Backend| {
        let (from, before) = (territories::exists_from, territories::ends_before);
        ids_of!(place, Backend)
            .filter(from.is_null().or(from.le(on)))
            .filter(before.is_null().or(before.gt(on)))
            .load(conn)
    })?;
    Ok(places(ids))
}

/// Some territories with all that holds them on a day.
pub fn holding(db: &mut Db, of: &Places, day: Date) -> Result<Places, Fault> {
    around(of, |level| {
        let mut found: Vec<Key> = on_engine!(db, |conn: Backend| {
            parts_on!(Some(day), Backend)
                .filter(territory_parts::part.eq_any(level))
                .select(territory_parts::whole)
                .load(conn)
        })?;
        found.extend::<Vec<Key>>(on_engine!(db, |conn: Backend| {
            members_on!(Some(day), Backend)
                .filter(territory_members::member.eq_any(level))
                .select(territory_members::whole)
                .load(conn)
        })?);
        Ok(found)
    })
}

/// Some territories with all that lies within them on a day.
fn within(db: &mut Db, of: &Places, day: Date) -> Result<Places, Fault> {
    around(of, |level| {
        let mut found: Vec<Key> = on_engine!(db, |conn: Backend| {
            parts_on!(Some(day), Backend)
                .filter(territory_parts::whole.eq_any(level))
                .select(territory_parts::part)
                .load(conn)
        })?;
        found.extend::<Vec<Key>>(on_engine!(db, |conn: Backend| {
            members_on!(Some(day), Backend)
                .filter(territory_members::whole.eq_any(level))
                .select(territory_members::member)
                .load(conn)
        })?);
        Ok(found)
    })
}

/// Some territories with those that are next to them, and next to these in turn.
fn around(
    of: &Places,
    mut next: impl FnMut(&[Key]) -> Result<Vec<Key>, Fault>,
) -> Result<Places, Fault> {
    let mut all = of.clone();
    let mut level: Vec<Key> = keys(of);
    for _ in 0..MOST_LEVELS {
        let mut found = Vec::new();
        for level in level.chunks(AT_ONCE) {
            found.extend(next(level)?);
        }
        found.retain(|id| all.insert(TerritoryId::new(id.0)));
        if found.is_empty() {
            break;
        }
        level = found;
    }
    Ok(all)
}

/// Some territories with all that share a commune with them on a day, and what lies within these communes.
pub fn touching(db: &mut Db, of: &Places, day: Date) -> Result<Places, Fault> {
    let mut base = ground(db, of, day)?.communes_of(of);
    base.extend(of);
    let mut all = holding(db, &base, day)?;
    all.extend(within(db, &base, day)?);
    Ok(all)
}

/// What some territories hold on a day, down to their communes.
pub fn ground(db: &mut Db, of: &Places, day: Date) -> Result<Ground, Fault> {
    let mut ground = kinds(db, of)?;
    let open = ground.to_be_opened(of);
    look_into(db, &mut ground, open, day)?;
    Ok(ground)
}

/// The same as far as it says which of them are larger than others.
pub fn measured(db: &mut Db, of: &Places, day: Date) -> Result<Ground, Fault> {
    let mut ground = kinds(db, of)?;
    let open = ground.to_be_measured(of);
    look_into(db, &mut ground, open, day)?;
    Ok(ground)
}

/// What some territories are.
fn kinds(db: &mut Db, of: &Places) -> Result<Ground, Fault> {
    let mut ground = Ground::default();
    for of in keys(of).chunks(AT_ONCE) {
        let rows: Vec<(Key, String)> = on_engine!(db, |conn| territories::table
            .filter(territories::id.eq_any(of))
            .select((territories::id, territories::kind))
            .load(conn))?;
        for (id, kind) in rows {
            ground.know(TerritoryId::new(id.0), kind_from(id, &kind)?);
        }
    }
    Ok(ground)
}

/// Says what some territories hold, and what these hold in turn.
fn look_into(db: &mut Db, ground: &mut Ground, mut open: Places, day: Date) -> Result<(), Fault> {
    while !open.is_empty() {
        let mut found = Places::new();
        for open in keys(&open).chunks(AT_ONCE) {
            for (whole, part, kind) in held_by(db, open, day)? {
                let part_id = TerritoryId::new(part.0);
                ground.hold(TerritoryId::new(whole.0), part_id, kind_from(part, &kind)?);
                found.insert(part_id);
            }
        }
        open = ground.to_be_opened(&found);
    }
    Ok(())
}

/// What some territories hold directly, in communes and what holds communes.
fn held_by(db: &mut Db, wholes: &[Key], day: Date) -> Result<Vec<(Key, Key, String)>, Fault> {
    let opened = [TerritoryKind::Commune, TerritoryKind::Departement].map(CodeList::code);
    let mut held: Vec<(Key, Key, String)> = on_engine!(db, |conn: Backend| {
        parts_on!(Some(day), Backend)
            .inner_join(territories::table.on(territories::id.eq(territory_parts::part)))
            .filter(territory_parts::whole.eq_any(wholes))
            .filter(territories::kind.eq_any(opened))
            .select((
                territory_parts::whole,
                territory_parts::part,
                territories::kind,
            ))
            .load(conn)
    })?;
    held.extend::<Vec<_>>(on_engine!(db, |conn: Backend| {
        members_on!(Some(day), Backend)
            .inner_join(territories::table.on(territories::id.eq(territory_members::member)))
            .filter(territory_members::whole.eq_any(wholes))
            .select((
                territory_members::whole,
                territory_members::member,
                territories::kind,
            ))
            .load(conn)
    })?);
    Ok(held)
}

/// Those of some territories in which something works, where there are many; all of them where there are few.
pub fn worked_in(db: &mut Db, of: &Places) -> Result<Vec<Uuid>, Fault> {
    let all = keys(of);
    if all.len() <= AT_ONCE {
        return Ok(all.into_iter().map(|id| id.0).collect());
    }
    let mut found = Vec::new();
    for of in all.chunks(AT_ONCE) {
        let used: Vec<Key> = on_engine!(db, |conn| ties::table
            .filter(ties::target.eq_any(of))
            .filter(ties::kind.eq(TieKind::WorksIn.code()))
            .select(ties::target)
            .distinct()
            .load(conn))?;
        found.extend(used.into_iter().map(|id| id.0));
    }
    Ok(found)
}

/// Some territories as they are recorded, in no order.
pub fn recorded(db: &mut Db, of: &Places) -> Result<Vec<Territory>, Fault> {
    let mut all = Vec::new();
    for of in keys(of).chunks(AT_ONCE) {
        let rows: Vec<(Key, Json)> = on_engine!(db, |conn| territories::table
            .filter(territories::id.eq_any(of))
            .select((territories::id, territories::body))
            .load(conn))?;
        for (id, body) in rows {
            all.push(read_back(&body.0, id.0)?);
        }
    }
    Ok(all)
}

fn places(ids: Vec<Key>) -> Places {
    ids.into_iter().map(|id| TerritoryId::new(id.0)).collect()
}

pub(crate) fn keys(of: &Places) -> Vec<Key> {
    of.iter().copied().map(Key::from).collect()
}

fn kind_from(id: Key, kind: &str) -> Result<TerritoryKind, Fault> {
    kind.parse().map_err(|error: ValueError| Fault::CorruptRow {
        table: "territories",
        column: "kind",
        id: id.0.to_string(),
        reason: error.to_string(),
    })
}
