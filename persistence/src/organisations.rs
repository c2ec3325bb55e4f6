//! Organisations.

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::organisations::{
    IdentifierSystem, Link, LookAlike, MOST_LEVELS, Organisation, OrganisationFields,
    OrganisationId, OrganisationKind, Sector, Whole, Wholes, identifier_facet,
};
use domain::records::{ChangeKind, Facet, Resource};
use domain::values::{CodeList, Date, InseeCode, Since};

use crate::columns::{Day, Key};
use crate::connection::{Turn, on_engine};
use crate::documents::{DocumentRow, Locked, document_columns, document_queries, document_values};
use crate::finding::{bearing, having, having_any};
use crate::page::{self, Page, SortBy};
use crate::schema::{organisation_parts, organisations};
use crate::scopes::sighted;
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
        (
            organisation_parts::part,
            organisation_parts::whole,
            organisation_parts::starts_on,
            organisation_parts::ends_before,
        )
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
    rows.into_iter().map(from_row).collect()
}

/// The most organisations that are told to look like one.
const MOST_LOOK_ALIKES: i64 = 20;

/// Organisations that look like the one of which this is said; it bears the `id` when it is itself
/// recorded. The first ones by id, when they are many.
pub fn look_alikes(
    db: &mut Db,
    visible: Visibility,
    said: &OrganisationFields,
    id: Option<OrganisationId>,
    today: Date,
) -> Result<Vec<LookAlike>, Fault> {
    let marks = said.marks();
    let own = marks.iter().map(|(_, value)| value.as_str()).collect();
    // Where this one bears no number of an establishment, those of its entity may be it.
    let of_entity = marks
        .iter()
        .filter(|(facet, value)| *facet == Facet::Likeness && !value.starts_with("name:"));
    let of_entity = of_entity.map(|(_, value)| value.as_str()).collect();
    let mut found: Vec<LookAlike> = Vec::new();
    for (facet, values) in [(Facet::Likeness, own), (Facet::OfEntity, of_entity)] {
        for document in marked(db, visible, facet, &values, said, id)? {
            let recorded: Organisation = document.resource()?;
            found.extend(LookAlike::of(said, id, &recorded, today));
        }
    }
    found.sort_unstable_by_key(|found| found.id);
    found.dedup_by_key(|found| found.id);
    found.truncate(usize::try_from(MOST_LOOK_ALIKES).unwrap_or_default());
    Ok(found)
}

/// Other organisations that bear one of these marks, and of which this one is neither whole nor part.
fn marked(
    db: &mut Db,
    visible: Visibility,
    facet: Facet,
    values: &Vec<&str>,
    said: &OrganisationFields,
    id: Option<OrganisationId>,
) -> Result<Vec<Document>, Fault> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let others: Vec<Key> = said.wholes().chain(id).map(Key::from).collect();
    let everything = Filter::default();
    let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
        let all = organisations::table.into_boxed::<Backend>();
        let mut query = filtered!(all, Backend, visible, &everything)
            .filter(organisations::id.eq_any(having_any!(Organisation::TYPE, facet, values)))
            .filter(organisations::id.ne_all(others));
        if let Some(whole) = id {
            let parts = organisation_parts::table
                .filter(organisation_parts::whole.eq(Key::from(whole)))
                .select(organisation_parts::part);
            query = query.filter(organisations::id.ne_all(parts));
        }
        query
            .select(document_columns!(organisations))
            .order(organisations::id)
            .limit(MOST_LOOK_ALIKES)
            .load(conn)
    })?;
    rows.into_iter().map(from_row).collect()
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
    row.map(|row| from_row(row)?.resource()).transpose()
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
    let hidden = hidden(tx, permit, part, &level)?;
    let levels_below = match part {
        Some(part) => levels_below(tx, part)?,
        None => 0,
    };
    let mut links = Vec::new();
    let mut seen = level.clone();
    for _ in 0..MOST_LEVELS {
        if level.is_empty() {
            break;
        }
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
    let existing = existing.into_iter().filter(|(id, _)| !hidden.contains(id));
    let existing = existing.map(|(id, end)| Whole {
        id: OrganisationId::new(id.0),
        ends_before: end.map(|day| day.0),
    });
    Ok(Wholes {
        existing: existing.collect(),
        links,
        levels_below,
    })
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
    let named = organisation_parts::table
        .filter(organisation_parts::part.eq_any(part.map(Key::from)))
        .select(organisation_parts::whole);
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

/// How many levels of parts are below an organisation, counted no further than there may be.
fn levels_below(tx: &mut Tx, whole: OrganisationId) -> Result<usize, Fault> {
    let mut level = vec![Key::from(whole)];
    for depth in 0..MOST_LEVELS {
        level = on_engine!(tx, |conn| {
            organisation_parts::table
                .filter(organisation_parts::whole.eq_any(&level))
                .select(organisation_parts::part)
                .distinct()
                .load(conn)
        })?;
        if level.is_empty() {
            return Ok(depth);
        }
    }
    Ok(MOST_LEVELS)
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
    let row = row_of!(organisation, document);
    on_engine!(tx, |conn| diesel::insert_into(organisations::table)
        .values(row)
        .execute(conn))?;
    insert_parts(tx, organisation)?;
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
    let row = row_of!(organisation, document);
    let id = Key::from(organisation.id);
    on_engine!(tx, |conn| {
        diesel::update(organisations::table.find(id))
            .set(row)
            .execute(conn)?;
        diesel::delete(organisation_parts::table.filter(organisation_parts::part.eq(id)))
            .execute(conn)
    })?;
    insert_parts(tx, organisation)?;
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

/// What an organisation is part of, in the order it says.
fn insert_parts(tx: &mut Tx, organisation: &Organisation) -> Result<(), Fault> {
    if organisation.fields.part_of.is_empty() {
        return Ok(());
    }
    let parts: Vec<_> = (0_i64..)
        .zip(&organisation.fields.part_of)
        .map(|(position, part_of)| {
            (
                organisation_parts::whole.eq(Key::from(part_of.whole)),
                organisation_parts::part.eq(Key::from(organisation.id)),
                organisation_parts::position.eq(position),
                organisation_parts::starts_on.eq(part_of.starts_on.map(Day)),
                organisation_parts::ends_before.eq(part_of.ends_before.map(Day)),
            )
        })
        .collect();
    on_engine!(tx, |conn| {
        diesel::insert_into(organisation_parts::table)
            .values(parts)
            .execute(conn)
    })?;
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
