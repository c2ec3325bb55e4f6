//! Territories.

use diesel::prelude::*;
use domain::access::{CallerId, Permit};
use domain::records::{ChangeKind, ResourceType};
use domain::territories::{Territory, TerritoryCode, TerritoryId, TerritoryKind};
use domain::values::{CodeList, Date};

use crate::callers::{Rights, RightsRow, rights_from};
use crate::columns::{Day, Json, Key};
use crate::connection::on_engine;
use crate::documents::{DocumentRow, document_columns};
use crate::naming::{bearing, borne_on};
use crate::page::{self, Page, SortBy};
use crate::schema::{callers, names, territories, territory_parts};
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
    ($query:expr, $backend:ident, $filter:expr) => {{
        let filter = $filter;
        let mut query = $query;
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
            query = query.filter(territories::id.eq_any(bearing!(ResourceType::Territory, word)));
        }
        query
    }};
}

/// A territory and the rights of the one who asks for it, in one statement.
pub fn read(
    db: &mut Db,
    caller: CallerId,
    id: TerritoryId,
) -> Result<Option<(Rights, Option<Document>)>, Fault> {
    let row: Option<(RightsRow, Option<DocumentRow>)> = on_engine!(db, |conn| {
        callers::table
            .left_join(territories::table.on(territories::id.eq(Key::from(id))))
            .filter(callers::id.eq(Key::from(caller)))
            .select((
                (callers::role, callers::rights_version, callers::revoked_at),
                document_columns!(territories).nullable(),
            ))
            .first(conn)
            .optional()
    })?;
    row.map(|(rights, document)| Ok((rights_from(caller, rights)?, document.map(from_row))))
        .transpose()
}

/// One page of a list, one row longer than asked when there is more.
pub fn list(db: &mut Db, filter: &Filter, page: &Page) -> Result<Vec<(Document, String)>, Fault> {
    let limit = page.limit.saturating_add(1);
    let after = page.after.as_ref();
    match page.sort {
        SortBy::Id => {
            let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
                let mut query =
                    filtered!(territories::table.into_boxed::<Backend>(), Backend, filter);
                if let Some(after) = after {
                    query = query.filter(territories::id.gt(Key(after.id)));
                }
                query
                    .select(document_columns!(territories))
                    .order(territories::id)
                    .limit(limit)
                    .load(conn)
            })?;
            Ok(rows
                .into_iter()
                .map(|row| (from_row(row), String::new()))
                .collect())
        }
        SortBy::Name => {
            let day = Day(filter.on.unwrap_or(page.today));
            let rows: Vec<(DocumentRow, String)> = on_engine!(db, |conn: Backend| {
                let borne = borne_on!(ResourceType::Territory, day)
                    .inner_join(territories::table.on(territories::id.eq(names::id)))
                    .into_boxed::<Backend>();
                let mut query = filtered!(borne, Backend, filter);
                if let Some(after) = after {
                    query = query.filter(page::row_gt(
                        names::sort_key,
                        names::id,
                        after.key.clone(),
                        Key(after.id),
                    ));
                }
                query
                    .select((document_columns!(territories), names::sort_key))
                    .order((names::sort_key, names::id))
                    .limit(limit)
                    .load(conn)
            })?;
            Ok(rows
                .into_iter()
                .map(|(row, key)| (from_row(row), key))
                .collect())
        }
    }
}

/// How many territories meet the conditions.
pub fn count(db: &mut Db, filter: &Filter) -> Result<i64, Fault> {
    Ok(on_engine!(db, |conn: Backend| {
        filtered!(territories::table.into_boxed::<Backend>(), Backend, filter)
            .count()
            .get_result(conn)
    })?)
}

/// Records a new territory, whose wholes are recorded already.
pub fn insert(tx: &mut Tx, permit: &Permit, territory: &Territory) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, territory)?;
    let row = (
        territories::id.eq(Key::from(territory.id)),
        territories::version.eq(document.version.number()),
        territories::body.eq(Json(document.body.clone())),
        territories::present.eq(Json(document.present.json.clone())),
        territories::present_from.eq(document.present.since.map(Day)),
        territories::present_until.eq(document.present.until.map(Day)),
        territories::acts.eq(document.acts_column()),
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
        diesel::insert_into(territory_parts::table)
            .values(parts)
            .execute(conn)
    })?;
    Ok(document)
}

fn from_row(row: DocumentRow) -> Document {
    Document::from_row(ResourceType::Territory, row)
}
