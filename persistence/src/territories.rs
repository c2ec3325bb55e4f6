//! Territories.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::records::{ChangeKind, Resource};
use domain::territories::{Holders, Territory, TerritoryCode, TerritoryId, TerritoryKind};
use domain::values::{CodeList, Date, ValueError};

use crate::columns::{Day, Key};
use crate::connection::on_engine;
use crate::documents::{DocumentRow, document_columns, document_queries, document_values};
use crate::finding::bearing;
use crate::page::{self, Page, SortBy};
use crate::schema::{territories, territory_parts};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx};

/// Which territories a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<TerritoryKind>,
    /// With this official code.
    pub code: Option<TerritoryCode>,
    /// Part of this territory.
    pub within: Option<Place>,
    /// Having this territory as a part.
    pub containing: Option<Place>,
    /// The day on which they are or have parts; any day when left out.
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

/// The links that hold on a day, or on any.
macro_rules! links_on {
    ($day:expr, $backend:ident) => {{
        let mut links = territory_parts::table.into_boxed::<$backend>();
        if let Some(day) = $day.map(Day) {
            let (starts_on, ends_before) =
                (territory_parts::starts_on, territory_parts::ends_before);
            links = links.filter(starts_on.is_null().or(starts_on.le(day)));
            links = links.filter(ends_before.is_null().or(ends_before.gt(day)));
        }
        links
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
        if let Some(place) = &filter.within {
            let parts = links_on!(filter.on, $backend)
                .filter(territory_parts::whole.eq_any(ids_of!(place, $backend)))
                .select(territory_parts::part);
            query = query.filter(territories::id.eq_any(parts));
        }
        if let Some(place) = &filter.containing {
            let wholes = links_on!(filter.on, $backend)
                .filter(territory_parts::part.eq_any(ids_of!(place, $backend)))
                .select(territory_parts::whole);
            query = query.filter(territories::id.eq_any(wholes));
        }
        for word in &filter.words {
            query = query.filter(territories::id.eq_any(bearing!(Territory::TYPE, word)));
        }
        query
    }};
}

document_queries!(territories, Territory, filtered);

/// Records a new territory, whose wholes are recorded already.
pub fn insert(tx: &mut Tx, permit: &Permit, territory: &Territory) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, territory)?;
    let row = (
        document_values!(territories, document),
        territories::kind.eq(territory.kind.code()),
        territories::code.eq(territory.code.as_str()),
    );
    let parts: Vec<_> = (0_i64..)
        .zip(&territory.part_of)
        .map(|(position, part)| {
            (
                territory_parts::whole.eq(Key::from(part.whole)),
                territory_parts::part.eq(Key::from(territory.id)),
                territory_parts::position.eq(position),
                territory_parts::starts_on.eq(part.starts_on.map(Day)),
                territory_parts::ends_before.eq(part.ends_before.map(Day)),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        diesel::insert_into(territories::table)
            .values(row)
            .execute(conn)?;
        if parts.is_empty() {
            return Ok(document);
        }
        diesel::insert_into(territory_parts::table)
            .values(parts)
            .execute(conn)
    })?;
    Ok(document)
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
        let links = links_on!(Some(day), Backend)
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
