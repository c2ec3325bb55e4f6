//! Territories.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::records::{ChangeKind, Resource};
use domain::territories::{
    Decision, Holders, KnownMember, Territory, TerritoryCode, TerritoryId, TerritoryKind,
    Turn as Turning,
};
use domain::values::{CodeList, Date, ValueError};

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::documents::{DocumentRow, document_columns, document_queries, document_values};
use crate::finding::bearing;
use crate::page::First;
use crate::schema::{territories, territory_members, territory_parts};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx};

/// Which territories a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<TerritoryKind>,
    /// With this official code.
    pub code: Option<TerritoryCode>,
    /// Part of this territory; of a drawn one, its members and the communes of its EPCI.
    pub within: Option<Place>,
    /// Having this territory as a part, or as a member, through its EPCI too.
    pub containing: Option<Place>,
    /// The day on which they exist, as far as is known, and are or have parts; any day when left
    /// out.
    pub on: Option<Date>,
    /// Folded words; each begins a word of one of its names, past ones too.
    pub words: Vec<String>,
}

/// A territory, by its id or by its official code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// By its id.
    Id(TerritoryId),
    /// By its official code within its kind.
    Code(TerritoryKind, TerritoryCode),
}

/// The ids of a place, boxed; several when a code was given again.
macro_rules! ids_of {
    ($place:expr, $backend:ident) => {{
        let ids = territories::table
            .select(territories::id)
            .into_boxed::<$backend>();
        match $place {
            Place::Id(id) => ids.filter(territories::id.eq(Key::from(*id))),
            Place::Code(kind, code) => ids
                .filter(territories::code.eq(code.as_str()))
                .filter(territories::kind.eq(kind.code())),
        }
    }};
}

pub(crate) use ids_of;

/// The rows of a table of dated links that hold on a day, or on any.
macro_rules! holding_on {
    ($query:expr, $links:ident, $day:expr) => {{
        let mut links = $query;
        if let Some(day) = $day.map(Day) {
            let (starts_on, ends_before) = ($links::starts_on, $links::ends_before);
            links = links.filter(starts_on.is_null().or(starts_on.le(day)));
            links = links.filter(ends_before.is_null().or(ends_before.gt(day)));
        }
        links
    }};
}

pub(crate) use holding_on;

/// The links of parts, boxed.
macro_rules! parts_on {
    ($day:expr, $backend:ident) => {
        holding_on!(
            territory_parts::table.into_boxed::<$backend>(),
            territory_parts,
            $day
        )
    };
}

pub(crate) use parts_on;

/// The members of drawn territories, boxed.
macro_rules! members_on {
    ($day:expr, $backend:ident) => {
        holding_on!(
            territory_members::table.into_boxed::<$backend>(),
            territory_members,
            $day
        )
    };
}

pub(crate) use members_on;

/// The communes of the EPCI that are members of drawn territories: both on the day, or together on
/// some day.
macro_rules! through_epci_on {
    ($day:expr, $backend:ident) => {{
        let (part_from, part_before) = (territory_parts::starts_on, territory_parts::ends_before);
        let (from, before) = (territory_members::starts_on, territory_members::ends_before);
        let joined = territory_parts::table
            .inner_join(
                territory_members::table.on(territory_members::member.eq(territory_parts::whole)),
            )
            .inner_join(territories::table.on(territories::id.eq(territory_parts::whole)))
            .filter(territories::kind.eq(TerritoryKind::Epci.code()))
            .filter(
                part_from
                    .is_null()
                    .or(before.is_null())
                    .or(part_from.lt(before)),
            )
            .filter(
                from.is_null()
                    .or(part_before.is_null())
                    .or(from.lt(part_before)),
            )
            .into_boxed::<$backend>();
        let parts = holding_on!(joined, territory_parts, $day);
        holding_on!(parts, territory_members, $day)
    }};
}

/// Adds every condition of a filter to a boxed query that reads `territories`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = sighted!($query, $visible, territories);
        if let Some(kind) = filter.kind {
            query = query.filter(territories::kind.eq(kind.code()));
        }
        if let Some(code) = &filter.code {
            query = query.filter(territories::code.eq(code.as_str()));
        }
        if let Some(day) = filter.on.map(Day) {
            let (from, before) = (territories::exists_from, territories::ends_before);
            query = query.filter(from.is_null().or(from.le(day)));
            query = query.filter(before.is_null().or(before.gt(day)));
        }
        if let Some(place) = &filter.within {
            let parts = parts_on!(filter.on, $backend)
                .filter(territory_parts::whole.eq_any(ids_of!(place, $backend)))
                .select(territory_parts::part);
            let members = members_on!(filter.on, $backend)
                .filter(territory_members::whole.eq_any(ids_of!(place, $backend)))
                .select(territory_members::member);
            let through = through_epci_on!(filter.on, $backend)
                .filter(territory_members::whole.eq_any(ids_of!(place, $backend)))
                .select(territory_parts::part);
            let id = territories::id;
            query = query.filter(
                id.eq_any(parts)
                    .or(id.eq_any(members))
                    .or(id.eq_any(through)),
            );
        }
        if let Some(place) = &filter.containing {
            let wholes = parts_on!(filter.on, $backend)
                .filter(territory_parts::part.eq_any(ids_of!(place, $backend)))
                .select(territory_parts::whole);
            let drawn = members_on!(filter.on, $backend)
                .filter(territory_members::member.eq_any(ids_of!(place, $backend)))
                .select(territory_members::whole);
            let through = through_epci_on!(filter.on, $backend)
                .filter(territory_parts::part.eq_any(ids_of!(place, $backend)))
                .select(territory_members::whole);
            let id = territories::id;
            query = query.filter(
                id.eq_any(wholes)
                    .or(id.eq_any(drawn))
                    .or(id.eq_any(through)),
            );
        }
        for word in &filter.words {
            query = query.filter(territories::id.eq_any(bearing!(Territory::TYPE, word)));
        }
        query
    }};
}

document_queries!(territories, Territory, filtered);

/// The columns of a territory and their values. A drawn one has no code, which no code equals.
macro_rules! row_of {
    ($territory:expr, $document:expr) => {
        (
            document_values!(territories, $document),
            territories::kind.eq($territory.kind.code()),
            territories::code.eq($territory.code.as_ref().map_or("", TerritoryCode::as_str)),
            territories::exists_from.eq($territory.start().map(Turning::earliest).map(Day)),
            territories::ends_before.eq($territory.ending().map(Turning::surely_by).map(Day)),
        )
    };
}

/// Which of some territories exist, and what each is.
pub fn known(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = TerritoryId>,
) -> Result<Vec<KnownMember>, Fault> {
    let keys: Vec<Key> = ids.into_iter().map(Key::from).collect();
    let rows: Vec<(Key, String)> = on_engine!(tx, |conn| {
        territories::table
            .filter(territories::id.eq_any(keys))
            .select((territories::id, territories::kind))
            .load(conn)
    })?;
    rows.into_iter()
        .map(|(id, kind)| {
            let unknown = |error: ValueError| Fault::CorruptRow {
                table: "territories",
                column: "kind",
                id: id.0.to_string(),
                reason: error.to_string(),
            };
            let kind = kind.parse().map_err(unknown)?;
            Ok(KnownMember {
                id: TerritoryId::new(id.0),
                kind,
            })
        })
        .collect()
}

/// Every territory of the reference lists. Taken in turn with every other comparison of lists.
///
/// Drawn ones are few, and left out of what is read: chosen by kind, each page would be sorted anew.
pub fn of_reference(tx: &mut Tx) -> Result<Vec<Territory>, Fault> {
    tx.take_turn(Turn::Vintages)?;
    let mut all = Vec::new();
    let mut after: Option<Key> = None;
    loop {
        let rows: Vec<DocumentRow> = on_engine!(tx, |conn: Backend| {
            let mut page = territories::table.into_boxed::<Backend>();
            if let Some(after) = after {
                page = page.filter(territories::id.gt(after));
            }
            let page = page
                .select(document_columns!(territories))
                .order(territories::id);
            First(READ_AT_ONCE, page).load(conn)
        })?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = Some(last.0);
        for row in rows {
            let territory: Territory = Document::from_row(Territory::TYPE, row)?.resource()?;
            if !territory.kind.is_drawn() {
                all.push(territory);
            }
        }
    }
}

/// How many territories are read into memory as they are stored, before they are parsed.
const READ_AT_ONCE: i64 = 1_000;

/// Records what a vintage changes.
pub fn keep(tx: &mut Tx, permit: &Permit, decision: &Decision) -> Result<Document, Fault> {
    match decision {
        Decision::Create(territory) => insert(tx, permit, territory),
        Decision::Change(territory) => update(tx, permit, ChangeKind::Updated, territory),
        Decision::End(territory) => {
            let merged = territory.ended.iter().any(|end| !end.successors.is_empty());
            let change = if merged {
                ChangeKind::Merged
            } else {
                ChangeKind::Ended
            };
            update(tx, permit, change, territory)
        }
    }
}

/// Records a new territory, whose wholes and members are recorded already.
pub fn insert(tx: &mut Tx, permit: &Permit, territory: &Territory) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, territory)?;
    let row = row_of!(territory, document);
    on_engine!(tx, |conn| diesel::insert_into(territories::table)
        .values(row)
        .execute(conn))?;
    insert_links(tx, territory)?;
    Ok(document)
}

/// Records a change of a territory.
pub fn update(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    territory: &Territory,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, territory)?;
    let row = row_of!(territory, document);
    let id = Key::from(territory.id);
    on_engine!(tx, |conn| {
        diesel::update(territories::table.find(id))
            .set(row)
            .execute(conn)?;
        if territory.kind.is_drawn() {
            diesel::delete(territory_members::table.filter(territory_members::whole.eq(id)))
                .execute(conn)
        } else {
            diesel::delete(territory_parts::table.filter(territory_parts::part.eq(id)))
                .execute(conn)
        }
    })?;
    insert_links(tx, territory)?;
    Ok(document)
}

/// Deletes a drawn territory recorded by mistake. What is left is its history.
pub fn delete(tx: &mut Tx, permit: &Permit, territory: &Territory) -> Result<(), Fault> {
    tx.record_deletion(permit, territory)?;
    let id = Key::from(territory.id);
    on_engine!(tx, |conn| diesel::delete(territories::table.find(id))
        .execute(conn))?;
    Ok(())
}

/// What a territory is part of and what makes it up, in the order it says.
fn insert_links(tx: &mut Tx, territory: &Territory) -> Result<(), Fault> {
    let parts: Vec<_> = (0_i64..)
        .zip(&territory.part_of)
        .map(|(position, part)| {
            (
                territory_parts::whole.eq(Key::from(part.whole)),
                territory_parts::part.eq(Key::from(territory.id)),
                territory_parts::position.eq(position),
                territory_parts::starts_on.eq(part.start().map(Turning::earliest).map(Day)),
                territory_parts::ends_before.eq(part.end().map(Turning::surely_by).map(Day)),
            )
        })
        .collect();
    let members: Vec<_> = (0_i64..)
        .zip(&territory.members)
        .map(|(position, member)| {
            (
                territory_members::whole.eq(Key::from(territory.id)),
                territory_members::member.eq(Key::from(member.territory)),
                territory_members::position.eq(position),
                territory_members::starts_on.eq(member.starts_on.map(Day)),
                territory_members::ends_before.eq(member.ends_before.map(Day)),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        if !parts.is_empty() {
            diesel::insert_into(territory_parts::table)
                .values(&parts)
                .execute(conn)?;
        }
        for rows in members.chunks(AT_ONCE) {
            diesel::insert_into(territory_members::table)
                .values(rows)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// The official codes of the territories that hold each of these on a day, directly or through
/// one of those.
pub fn holders(
    db: &mut Db,
    visible: Visibility,
    held: &[TerritoryId],
    day: Date,
) -> Result<Holders, Fault> {
    let direct = holding(db, visible, held, day)?;
    let between: BTreeSet<TerritoryId> = direct.iter().map(|(_, holder)| holder.id).collect();
    let between: Vec<TerritoryId> = between.into_iter().collect();
    let indirect = holding(db, visible, &between, day)?;
    let mut holders = Holders::default();
    for (part, holder) in &direct {
        let through = indirect
            .iter()
            .filter(|(between, _)| *between == holder.id)
            .map(|(_, above)| above);
        let codes = holders.0.entry(*part).or_default();
        for holder in std::iter::once(holder).chain(through) {
            let code = (holder.kind, holder.code.clone());
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    Ok(holders)
}

/// A territory that holds another.
struct Holder {
    id: TerritoryId,
    kind: TerritoryKind,
    code: TerritoryCode,
}

fn holding(
    db: &mut Db,
    visible: Visibility,
    parts: &[TerritoryId],
    day: Date,
) -> Result<Vec<(TerritoryId, Holder)>, Fault> {
    let keys: Vec<Key> = parts.iter().copied().map(Key::from).collect();
    let rows: Vec<(Key, Key, String, String)> = on_engine!(db, |conn: Backend| {
        let links = parts_on!(Some(day), Backend)
            .inner_join(territories::table.on(territories::id.eq(territory_parts::whole)));
        sighted!(links, visible, territories)
            .filter(territory_parts::part.eq_any(keys))
            .select((
                territory_parts::part,
                territory_parts::whole,
                territories::kind,
                territories::code,
            ))
            .order((territory_parts::part, territory_parts::position))
            .load(conn)
    })?;
    rows.into_iter()
        .map(|(part, whole, kind, code)| {
            let corrupt = |column: &'static str| {
                move |error: ValueError| Fault::CorruptRow {
                    table: "territories",
                    column,
                    id: whole.0.to_string(),
                    reason: error.to_string(),
                }
            };
            let holder = Holder {
                id: TerritoryId::new(whole.0),
                kind: kind.parse().map_err(corrupt("kind"))?,
                code: code.parse().map_err(corrupt("code"))?,
            };
            Ok((TerritoryId::new(part.0), holder))
        })
        .collect()
}
