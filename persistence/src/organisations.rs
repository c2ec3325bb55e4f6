//! Organisations.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::organisations::{
    IdentifierSystem, Link, MOST_LEVELS, Organisation, OrganisationId, OrganisationKind, Sector,
    Whole, Wholes, identifier_facet,
};
use domain::records::{ChangeKind, Facet, Resource, TieKind};
use domain::values::{CodeList, Date, InseeCode, Since};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::documents::{
    DocumentRow, Leaving, Locked, document_columns, document_queries, document_values,
};
use crate::finding::{bearing, having};
use crate::schema::{organisations, ties};
use crate::scopes::sighted;
use crate::ties::tied_to;
use crate::{Db, Document, Fault, Tx, folds, scopes};

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
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = sighted!($query, $visible, organisations);
        if let Some(kind) = filter.kind {
            query = query.filter(organisations::kind.eq(kind.code()));
        }
        if let Some(sector) = filter.sector {
            let having = having!(Organisation::TYPE, Facet::Sector, sector.code());
            query = query.filter(organisations::id.eq_any(having));
        }
        if let Some((system, value)) = &filter.identifier {
            let number = identifier_facet(*system, value);
            let having = having!(Organisation::TYPE, Facet::Identifier, number);
            query = query.filter(organisations::id.eq_any(having));
        }
        if let Some(commune) = &filter.commune {
            let having = having!(Organisation::TYPE, Facet::Commune, commune.as_str());
            query = query.filter(organisations::id.eq_any(having));
        }
        // As two conditions, so that the few that are invented are read from an index of their own.
        query = match filter.fictitious {
            Some(true) => query.filter(organisations::fictitious),
            Some(false) => query.filter(diesel::dsl::not(organisations::fictitious)),
            None => query,
        };
        if let Some(day) = filter.on.map(Day) {
            let (from, before) = (organisations::exists_from, organisations::ends_before);
            query = query.filter(from.is_null().or(from.le(day)));
            query = query.filter(before.is_null().or(before.gt(day)));
        }
        if let Some(whole) = filter.part_of {
            let (whole, day) = (Key::from(whole), filter.on.map(Day));
            let parts = tied_to!($backend, TieKind::Part, whole, day);
            query = query.filter(organisations::id.eq_any(parts));
        }
        for word in &filter.words {
            query = query.filter(organisations::id.eq_any(bearing!(Organisation::TYPE, word)));
        }
        query
    }};
}

document_queries!(organisations, Organisation, filtered);

/// The columns of an organisation and their values.
macro_rules! row_of {
    ($organisation:expr, $document:expr) => {
        (
            document_values!(organisations, $document),
            organisations::kind.eq($organisation.fields.kind.code()),
            organisations::fictitious.eq($organisation.fields.fictitious),
            organisations::exists_from.eq($organisation.exists_from().map(Day)),
            organisations::ends_before.eq($organisation.ends_before().map(Day)),
        )
    };
}

/// Selects a [`LinkRow`].
macro_rules! link_columns {
    () => {
        (ties::tied, ties::target, ties::starts_on, ties::ends_before)
    };
}

/// The organisations with these ids, in no order.
pub fn with_ids(
    db: &mut Db,
    visible: Visibility,
    ids: &[OrganisationId],
) -> Result<Vec<Document>, Fault> {
    let keys: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
        let all = organisations::table.into_boxed::<Backend>();
        sighted!(all, visible, organisations)
            .filter(organisations::id.eq_any(keys))
            .select(document_columns!(organisations))
            .load(conn)
    })?;
    rows.into_iter()
        .map(|row| Document::from_row(Organisation::TYPE, row))
        .collect()
}

/// The organisations with these ids that are there, in their order, kept from others until the
/// transaction ends.
pub(crate) fn all_for_change(tx: &mut Tx, ids: &[Key]) -> Result<Vec<Organisation>, Fault> {
    let rows: Vec<DocumentRow> = on_engine!(tx, |conn| {
        Locked(
            organisations::table
                .filter(organisations::id.eq_any(ids))
                .order(organisations::id)
                .select(document_columns!(organisations)),
        )
        .load(conn)
    })?;
    rows.into_iter()
        .map(|row| Document::from_row(Organisation::TYPE, row)?.resource())
        .collect()
}

/// [`for_change`], for an act that depends on what is part of what, or changes it: in turn with every
/// other such act. The turn comes before any row, so that no two of them wait for one another.
pub fn for_change_of_parts(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>, Fault> {
    tx.take_turn(Turn::Parts)?;
    for_change(tx, id)
}

/// The organisation, which nobody changes or begins to name until the transaction ends, in turn with every
/// change of parts.
pub fn for_deletion(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>, Fault> {
    tx.take_turn(Turn::Parts)?;
    let row: Option<DocumentRow> = on_engine!(tx, |conn| {
        let one = organisations::table.find(Key::from(id));
        Leaving(one.select(document_columns!(organisations)))
            .get_result(conn)
            .optional()
    })?;
    row.map(|row| Document::from_row(Organisation::TYPE, row)?.resource())
        .transpose()
}

/// The organisations with these ids, kept from others until the transaction ends, each with the id
/// it was asked by: where one was folded, the record that stands for it now. In turn with every change
/// of parts, which may be what is to be done with them.
pub fn standing_for(
    tx: &mut Tx,
    ids: &[OrganisationId],
) -> Result<Vec<(OrganisationId, Organisation)>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.take_turn(Turn::Parts)?;
    let mut keys: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    keys.sort_unstable();
    let mut found: Vec<(OrganisationId, Organisation)> = all_for_change(tx, &keys)?
        .into_iter()
        .map(|organisation| (organisation.id, organisation))
        .collect();
    let there: Vec<OrganisationId> = found.iter().map(|(id, _)| *id).collect();
    for id in ids.iter().filter(|id| !there.contains(id)) {
        let way = folds::way(tx, Organisation::TYPE, id.uuid())?;
        let survivor = way.map(|way| OrganisationId::new(way.survivor));
        let stays = survivor
            .map(|survivor| for_change(tx, survivor))
            .transpose()?;
        found.extend(stays.flatten().map(|stays| (*id, stays)));
    }
    Ok(found)
}

/// What being part of others depends on: those that exist, everything above them, and how far
/// down the parts of the `part` go when it is not new.
///
/// One that the author may not see does not exist for it, unless the `part` says already that it is
/// part of it. Taken in turn with every other change of parts, so that no two of them close a ring.
pub fn wholes(
    tx: &mut Tx,
    permit: &Permit,
    part: Option<OrganisationId>,
    wholes: impl IntoIterator<Item = OrganisationId>,
) -> Result<Wholes, Fault> {
    let named: Vec<Key> = wholes.into_iter().map(Key::from).collect();
    if named.is_empty() {
        return Ok(Wholes::default());
    }
    let mut all = wholes_of(tx, named.clone())?;
    let hidden = hidden(tx, permit, part, &named)?;
    all.existing
        .retain(|whole| !hidden.contains(&whole.id.into()));
    let visible = permit.visibility(Organisation::READ);
    for (id, into) in std::mem::take(&mut all.folded) {
        if scopes::is_in_sight(tx, visible, Organisation::TYPE, into.uuid())? {
            all.folded.push((id, into));
        }
    }
    if let Some(part) = part {
        all.levels_below = levels_below(tx, &[part])?;
    }
    Ok(all)
}

/// The same, whoever asks, and of no part in particular.
pub(crate) fn wholes_of(tx: &mut Tx, named: Vec<Key>) -> Result<Wholes, Fault> {
    tx.take_turn(Turn::Parts)?;
    let existing: Vec<(Key, Option<Day>)> = on_engine!(tx, |conn| {
        organisations::table
            .filter(organisations::id.eq_any(&named))
            .select((organisations::id, organisations::ends_before))
            .load(conn)
    })?;
    let mut folded = Vec::new();
    for id in &named {
        if existing.iter().any(|(known, _)| known == id) {
            continue;
        }
        let way = folds::way(tx, Organisation::TYPE, id.0)?;
        let into = way.map(|way| OrganisationId::new(way.survivor));
        folded.extend(into.map(|into| (OrganisationId::new(id.0), into)));
    }
    let existing = existing.into_iter().map(|(id, end)| Whole {
        id: OrganisationId::new(id.0),
        ends_before: end.map(|day| day.0),
    });
    Ok(Wholes {
        existing: existing.collect(),
        links: links_above(tx, named)?,
        levels_below: 0,
        folded,
    })
}

/// Everything that some organisations, and what they are part of in turn, are part of.
pub(crate) fn links_above(tx: &mut Tx, mut level: Vec<Key>) -> Result<Vec<Link>, Fault> {
    let mut links = Vec::new();
    let mut seen = level.clone();
    for _ in 0..MOST_LEVELS {
        if level.is_empty() {
            break;
        }
        let above: Vec<LinkRow> = on_engine!(tx, |conn| {
            ties::table
                .filter(ties::tied.eq_any(&level))
                .filter(ties::kind.eq(TieKind::Part.code()))
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
    Ok(links)
}

/// Which of some wholes the author may not see, and the part does not name yet.
fn hidden(
    tx: &mut Tx,
    permit: &Permit,
    part: Option<OrganisationId>,
    wholes: &[Key],
) -> Result<Vec<Key>, Fault> {
    let visible = permit.visibility(Organisation::READ);
    if visible == Visibility::Everything {
        return Ok(Vec::new());
    }
    let named = ties::table
        .filter(ties::tied.eq_any(part.map(Key::from)))
        .filter(ties::kind.eq(TieKind::Part.code()))
        .select(ties::target);
    let mut known: Vec<Key> = on_engine!(tx, |conn| named.load(conn))?;
    known.extend(on_engine!(tx, |conn: Backend| {
        let all = organisations::table.into_boxed::<Backend>();
        sighted!(all, visible, organisations)
            .filter(organisations::id.eq_any(wholes))
            .select(organisations::id)
            .load::<Key>(conn)
    })?);
    let hidden = wholes.iter().filter(|whole| !known.contains(whole));
    Ok(hidden.copied().collect())
}

/// Those of some organisations that the author may see.
pub fn in_sight(
    tx: &mut Tx,
    permit: &Permit,
    ids: &[OrganisationId],
) -> Result<BTreeSet<OrganisationId>, Fault> {
    let visible = permit.visibility(Organisation::READ);
    let ids: Vec<Uuid> = ids.iter().copied().map(OrganisationId::uuid).collect();
    let seen = scopes::in_sight(tx, visible, Organisation::TYPE, &ids)?;
    Ok(seen.into_iter().map(OrganisationId::new).collect())
}

/// How many levels of parts are below some organisations, counted no further than there may be.
pub(crate) fn levels_below(tx: &mut Tx, of: &[OrganisationId]) -> Result<usize, Fault> {
    let mut level: Vec<Key> = of.iter().copied().map(Key::from).collect();
    let mut seen: BTreeSet<Key> = level.iter().copied().collect();
    let mut links = Vec::new();
    while !level.is_empty() {
        let mut next = Vec::new();
        for wholes in level.chunks(AT_ONCE) {
            let below: Vec<LinkRow> = on_engine!(tx, |conn| {
                ties::table
                    .filter(ties::target.eq_any(wholes))
                    .filter(ties::kind.eq(TieKind::Part.code()))
                    .select(link_columns!())
                    .load(conn)
            })?;
            next.extend(
                below
                    .iter()
                    .map(|row| row.0)
                    .filter(|part| seen.insert(*part)),
            );
            links.extend(below.into_iter().map(link));
        }
        level = next;
    }
    Ok(domain::organisations::levels_below(of, &links))
}

/// What is or was part of an organisation. Taken in turn with every other change of parts.
pub fn parts(tx: &mut Tx, id: OrganisationId) -> Result<Vec<Link>, Fault> {
    tx.take_turn(Turn::Parts)?;
    let rows: Vec<(LinkRow, Option<Day>)> = on_engine!(tx, |conn| {
        ties::table
            .inner_join(organisations::table.on(organisations::id.eq(ties::tied)))
            .filter(ties::target.eq(Key::from(id)))
            .filter(ties::kind.eq(TieKind::Part.code()))
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
    add(tx, permit, ChangeKind::Created, organisation)
}

/// Records an organisation that is not in the table: a new one, or one that comes back.
pub(crate) fn add(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    organisation: &Organisation,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, organisation)?;
    let row = row_of!(organisation, document);
    on_engine!(tx, |conn| diesel::insert_into(organisations::table)
        .values(row)
        .execute(conn))?;
    Ok(document)
}

/// Keeps whoever else writes organisations waiting until the transaction ends, before it writes many.
pub fn write_alone(tx: &mut Tx) -> Result<(), Fault> {
    tx.write_organisations_alone()
}

/// Records some hundred new organisations.
pub fn insert_all(
    tx: &mut Tx,
    permit: &Permit,
    organisations: &[Organisation],
) -> Result<(), Fault> {
    let documents = tx.record_new(permit, organisations)?;
    let rows: Vec<_> = organisations
        .iter()
        .zip(&documents)
        .map(|(organisation, document)| row_of!(organisation, document))
        .collect();
    on_engine!(tx, |conn| diesel::insert_into(organisations::table)
        .values(rows)
        .execute(conn))?;
    Ok(())
}

/// Records a change of an organisation.
pub fn update(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    organisation: &Organisation,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, organisation)?;
    let row = row_of!(organisation, document);
    on_engine!(tx, |conn| diesel::update(
        organisations::table.find(Key::from(organisation.id))
    )
    .set(row)
    .execute(conn))?;
    Ok(document)
}

/// Deletes an organisation recorded by mistake. What is left is its history.
pub fn delete(tx: &mut Tx, permit: &Permit, organisation: &Organisation) -> Result<(), Fault> {
    tx.record_deletion(permit, organisation)?;
    remove(tx, organisation.id)
}

/// Takes an organisation out of the table; what remains of it is told elsewhere.
pub(crate) fn remove(tx: &mut Tx, id: OrganisationId) -> Result<(), Fault> {
    on_engine!(tx, |conn| diesel::delete(
        organisations::table.find(Key::from(id))
    )
    .execute(conn))?;
    Ok(())
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
