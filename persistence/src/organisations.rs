//! Organisations.

use diesel::prelude::*;
use domain::access::{CallerId, Permit};
use domain::organisations::{
    IdentifierSystem, Link, Organisation, OrganisationId, OrganisationKind, Sector, Whole, Wholes,
};
use domain::records::{ChangeKind, ResourceType};
use domain::values::{CodeList, Date, InseeCode, Since};

use crate::callers::{Rights, RightsRow, rights_from};
use crate::columns::{Day, Json, Key};
use crate::connection::{Turn, on_engine};
use crate::documents::{DocumentRow, Locked, document_columns};
use crate::naming::{bearing, borne_on};
use crate::page::{self, Page, SortBy};
use crate::schema::{
    callers, names, organisation_communes, organisation_identifiers, organisation_parts,
    organisation_sectors, organisations,
};
use crate::{Db, Document, Fault, Tx};

/// Which organisations a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<OrganisationKind>,
    /// Working in this sector.
    pub sector: Option<Sector>,
    /// Bearing this number, now or once.
    pub identifier: Option<(IdentifierSystem, String)>,
    /// With an address in this commune.
    pub commune: Option<InseeCode>,
    /// Part of this organisation, on the day of `on` when that is given.
    pub part_of: Option<OrganisationId>,
    /// Invented or not.
    pub fictitious: Option<bool>,
    /// Existing on this day, as far as is known.
    pub on: Option<Date>,
    /// Folded words; each begins a word of one of its names, past ones too.
    pub words: Vec<String>,
}

/// Adds every condition of a filter to a boxed query that reads `organisations`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $filter:expr) => {{
        let filter = $filter;
        let mut query = $query;
        if let Some(kind) = filter.kind {
            query = query.filter(organisations::kind.eq(kind.code()));
        }
        if let Some(sector) = filter.sector {
            let within =
                organisation_sectors::table.filter(organisation_sectors::sector.eq(sector.code()));
            query = query.filter(
                organisations::id.eq_any(within.select(organisation_sectors::organisation)),
            );
        }
        if let Some((system, value)) = &filter.identifier {
            let bearing = organisation_identifiers::table
                .filter(organisation_identifiers::system.eq(system.code()))
                .filter(organisation_identifiers::value.eq(value));
            query = query.filter(
                organisations::id.eq_any(bearing.select(organisation_identifiers::organisation)),
            );
        }
        if let Some(commune) = &filter.commune {
            let there = organisation_communes::table
                .filter(organisation_communes::commune.eq(commune.as_str()));
            query = query.filter(
                organisations::id.eq_any(there.select(organisation_communes::organisation)),
            );
        }
        if let Some(fictitious) = filter.fictitious {
            query = query.filter(organisations::fictitious.eq(fictitious));
        }
        if let Some(day) = filter.on.map(Day) {
            let (from, before) = (organisations::exists_from, organisations::ends_before);
            query = query.filter(from.is_null().or(from.le(day)));
            query = query.filter(before.is_null().or(before.gt(day)));
        }
        if let Some(whole) = filter.part_of {
            let mut parts = organisation_parts::table
                .filter(organisation_parts::whole.eq(Key::from(whole)))
                .select(organisation_parts::part)
                .into_boxed::<$backend>();
            if let Some(day) = filter.on.map(Day) {
                let (starts_on, ends_before) = (
                    organisation_parts::starts_on,
                    organisation_parts::ends_before,
                );
                parts = parts.filter(starts_on.is_null().or(starts_on.le(day)));
                parts = parts.filter(ends_before.is_null().or(ends_before.gt(day)));
            }
            query = query.filter(organisations::id.eq_any(parts));
        }
        for word in &filter.words {
            query =
                query.filter(organisations::id.eq_any(bearing!(ResourceType::Organisation, word)));
        }
        query
    }};
}

/// Selects a [`LinkRow`].
macro_rules! link_columns {
    () => {
        (
            organisation_parts::part,
            organisation_parts::whole,
            organisation_parts::starts_on,
            organisation_parts::ends_before,
        )
    };
}

/// An organisation and the rights of the one who asks for it, in one statement.
pub fn read(
    db: &mut Db,
    caller: CallerId,
    id: OrganisationId,
) -> Result<Option<(Rights, Option<Document>)>, Fault> {
    let row: Option<(RightsRow, Option<DocumentRow>)> = on_engine!(db, |conn| {
        callers::table
            .left_join(organisations::table.on(organisations::id.eq(Key::from(id))))
            .filter(callers::id.eq(Key::from(caller)))
            .select((
                (callers::role, callers::rights_version, callers::revoked_at),
                document_columns!(organisations).nullable(),
            ))
            .first(conn)
            .optional()
    })?;
    row.map(|(rights, document)| Ok((rights_from(caller, rights)?, document.map(from_row))))
        .transpose()
}

/// The organisations with these ids, in no order.
pub fn with_ids(db: &mut Db, ids: &[OrganisationId]) -> Result<Vec<Document>, Fault> {
    let keys: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    let rows: Vec<DocumentRow> = on_engine!(db, |conn| {
        organisations::table
            .filter(organisations::id.eq_any(keys))
            .select(document_columns!(organisations))
            .load(conn)
    })?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// One page of a list, one row longer than asked when there is more.
pub fn list(db: &mut Db, filter: &Filter, page: &Page) -> Result<Vec<(Document, String)>, Fault> {
    let limit = page.limit.saturating_add(1);
    let after = page.after.as_ref();
    match page.sort {
        SortBy::Id => {
            let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
                let mut query = filtered!(
                    organisations::table.into_boxed::<Backend>(),
                    Backend,
                    filter
                );
                if let Some(after) = after {
                    query = query.filter(organisations::id.gt(Key(after.id)));
                }
                query
                    .select(document_columns!(organisations))
                    .order(organisations::id)
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
                let borne = borne_on!(ResourceType::Organisation, day)
                    .inner_join(organisations::table.on(organisations::id.eq(names::id)))
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
                    .select((document_columns!(organisations), names::sort_key))
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

/// How many organisations meet the conditions.
pub fn count(db: &mut Db, filter: &Filter) -> Result<i64, Fault> {
    Ok(on_engine!(db, |conn: Backend| filtered!(
        organisations::table.into_boxed::<Backend>(),
        Backend,
        filter
    )
    .count()
    .get_result(conn))?)
}

/// The organisation, kept from others until the transaction ends.
pub fn for_change(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>, Fault> {
    let row: Option<DocumentRow> = on_engine!(tx, |conn| {
        Locked(
            organisations::table
                .find(Key::from(id))
                .select(document_columns!(organisations)),
        )
        .get_result(conn)
        .optional()
    })?;
    row.map(|row| from_row(row).resource()).transpose()
}

/// What being part of others depends on: those that exist, and everything above them.
///
/// Taken in turn with every other change of parts, so that no two of them close a ring.
pub fn wholes(
    tx: &mut Tx,
    wholes: impl IntoIterator<Item = OrganisationId>,
) -> Result<Wholes, Fault> {
    let mut level: Vec<Key> = wholes.into_iter().map(Key::from).collect();
    if level.is_empty() {
        return Ok(Wholes::default());
    }
    tx.take_turn(Turn::Parts)?;
    let existing: Vec<(Key, Option<Day>)> = on_engine!(tx, |conn| {
        organisations::table
            .filter(organisations::id.eq_any(&level))
            .select((organisations::id, organisations::ends_before))
            .load(conn)
    })?;
    let mut links = Vec::new();
    let mut seen = level.clone();
    while !level.is_empty() {
        let above: Vec<LinkRow> = on_engine!(tx, |conn| {
            organisation_parts::table
                .filter(organisation_parts::part.eq_any(&level))
                .select(link_columns!())
                .load(conn)
        })?;
        level = above
            .iter()
            .map(|row| row.1)
            .filter(|whole| !seen.contains(whole))
            .collect();
        seen.extend(&level);
        links.extend(above.into_iter().map(link));
    }
    let existing = existing.into_iter().map(|(id, end)| Whole {
        id: OrganisationId::new(id.0),
        ends_before: end.map(|day| day.0),
    });
    Ok(Wholes {
        existing: existing.collect(),
        links,
    })
}

/// What is or was part of an organisation. Taken in turn with every other change of parts.
pub fn parts(tx: &mut Tx, id: OrganisationId) -> Result<Vec<Link>, Fault> {
    tx.take_turn(Turn::Parts)?;
    let rows: Vec<(LinkRow, Option<Day>)> = on_engine!(tx, |conn| {
        organisation_parts::table
            .inner_join(organisations::table.on(organisations::id.eq(organisation_parts::part)))
            .filter(organisation_parts::whole.eq(Key::from(id)))
            .select((link_columns!(), organisations::ends_before))
            .load(conn)
    })?;
    Ok(rows
        .into_iter()
        .map(|(row, end)| until(link(row), end))
        .collect())
}

/// Records a new organisation.
pub fn insert(
    tx: &mut Tx,
    permit: &Permit,
    organisation: &Organisation,
) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, organisation)?;
    let row = Row::new(organisation, &document);
    on_engine!(tx, |conn| diesel::insert_into(organisations::table)
        .values(row)
        .execute(conn))?;
    insert_index(tx, organisation)?;
    Ok(document)
}

/// Records a change of an organisation.
pub fn update(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    organisation: &Organisation,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, organisation)?;
    let row = Row::new(organisation, &document);
    let id = Key::from(organisation.id);
    on_engine!(tx, |conn| {
        diesel::update(organisations::table.find(id))
            .set(row)
            .execute(conn)?;
        diesel::delete(
            organisation_sectors::table.filter(organisation_sectors::organisation.eq(id)),
        )
        .execute(conn)?;
        diesel::delete(
            organisation_identifiers::table.filter(organisation_identifiers::organisation.eq(id)),
        )
        .execute(conn)?;
        diesel::delete(
            organisation_communes::table.filter(organisation_communes::organisation.eq(id)),
        )
        .execute(conn)?;
        diesel::delete(organisation_parts::table.filter(organisation_parts::part.eq(id)))
            .execute(conn)
    })?;
    insert_index(tx, organisation)?;
    Ok(document)
}

/// Deletes an organisation recorded by mistake. What is left is its history.
pub fn delete(tx: &mut Tx, permit: &Permit, organisation: &Organisation) -> Result<(), Fault> {
    tx.record_deletion(permit, organisation)?;
    let id = Key::from(organisation.id);
    on_engine!(tx, |conn| diesel::delete(organisations::table.find(id))
        .execute(conn))?;
    Ok(())
}

/// The rows by which an organisation is found.
fn insert_index(tx: &mut Tx, organisation: &Organisation) -> Result<(), Fault> {
    let id = Key::from(organisation.id);
    let fields = &organisation.fields;
    let sectors: Vec<_> = fields
        .sectors
        .iter()
        .map(|s| {
            (
                organisation_sectors::sector.eq(s.code()),
                organisation_sectors::organisation.eq(id),
            )
        })
        .collect();
    let identifiers: Vec<_> = fields
        .identifiers
        .iter()
        .map(|identifier| {
            (
                organisation_identifiers::system.eq(identifier.system().code()),
                organisation_identifiers::value.eq(identifier.value()),
                organisation_identifiers::organisation.eq(id),
            )
        })
        .collect();
    let communes: Vec<_> = fields
        .addresses
        .iter()
        .filter_map(|address| address.commune.as_ref())
        .map(|commune| {
            (
                organisation_communes::commune.eq(commune.as_str()),
                organisation_communes::organisation.eq(id),
            )
        })
        .collect();
    let parts: Vec<_> = (0_i64..)
        .zip(&fields.part_of)
        .map(|(position, part_of)| {
            (
                organisation_parts::whole.eq(Key::from(part_of.whole)),
                organisation_parts::part.eq(id),
                organisation_parts::position.eq(position),
                organisation_parts::starts_on.eq(part_of.starts_on.map(Day)),
                organisation_parts::ends_before.eq(part_of.ends_before.map(Day)),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        diesel::insert_into(organisation_sectors::table)
            .values(sectors)
            .execute(conn)?;
        // The same number for two periods, or two addresses in one commune, are found once.
        diesel::insert_into(organisation_identifiers::table)
            .values(identifiers)
            .on_conflict_do_nothing()
            .execute(conn)?;
        diesel::insert_into(organisation_communes::table)
            .values(communes)
            .on_conflict_do_nothing()
            .execute(conn)?;
        diesel::insert_into(organisation_parts::table)
            .values(parts)
            .execute(conn)?;
        QueryResult::Ok(())
    })?;
    Ok(())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    version: i64,
    body: Json,
    present: Json,
    present_from: Option<Day>,
    present_until: Option<Day>,
    acts: String,
    kind: &'static str,
    fictitious: bool,
    exists_from: Option<Day>,
    ends_before: Option<Day>,
}

impl Row {
    fn new(organisation: &Organisation, document: &Document) -> Self {
        Self {
            id: organisation.id.into(),
            version: document.version.number(),
            body: Json(document.body.clone()),
            present: Json(document.present.json.clone()),
            present_from: document.present.since.map(Day),
            present_until: document.present.until.map(Day),
            acts: document.acts_column(),
            kind: organisation.fields.kind.code(),
            fictitious: organisation.fields.fictitious,
            exists_from: organisation.exists_from().map(Day),
            ends_before: organisation.ends_before().map(Day),
        }
    }
}

fn from_row(row: DocumentRow) -> Document {
    Document::from_row(ResourceType::Organisation, row)
}

type LinkRow = (Key, Key, Option<Day>, Option<Day>);

fn link((part, whole, starts_on, ends_before): LinkRow) -> Link {
    let since = Since {
        starts_on: starts_on.map(|day| day.0),
        ends_before: ends_before.map(|day| day.0),
    };
    Link {
        part: OrganisationId::new(part.0),
        whole: OrganisationId::new(whole.0),
        since,
    }
}

/// A part that ended is part of nothing from then on.
fn until(link: Link, end: Option<Day>) -> Link {
    let end = end.map(|day| day.0);
    let ends_before = [link.since.ends_before, end].into_iter().flatten().min();
    Link {
        since: Since {
            ends_before,
            ..link.since
        },
        ..link
    }
}
