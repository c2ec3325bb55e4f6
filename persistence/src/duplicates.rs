//! Organisations recorded twice: likely duplicates, folds, and taking them back.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::organisations::{
    Changed, Fold, Found, LookAlike, Organisation, OrganisationFields, OrganisationId, Wholes,
};
use domain::records::{ChangeKind, Facet, Resource, TieKind};
use domain::values::{CodeList, Date, Version};
use uuid::Uuid;

use crate::columns::Key;
use crate::connection::{Turn, on_engine};
use crate::documents::{DocumentRow, document_columns, read_back};
use crate::finding::having_any;
use crate::organisations::{
    add, all_for_change, for_change as organisation_for_change, levels_below, links_above, remove,
    wholes_of, with_ids,
};
use crate::schema::{facets, organisations, ties, told_apart};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx, callers, folds, history};

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
    let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
        let all = organisations::table.into_boxed::<Backend>();
        let mut query = sighted!(all, visible, organisations)
            .filter(organisations::id.eq_any(having_any!(Organisation::TYPE, facet, values)))
            .filter(organisations::id.ne_all(others));
        if let Some(id) = id.map(Key::from) {
            let judged = told_apart::table.filter(told_apart::one.eq(id));
            query = query.filter(organisations::id.ne_all(judged.select(told_apart::other)));
            let judged = told_apart::table.filter(told_apart::other.eq(id));
            query = query.filter(organisations::id.ne_all(judged.select(told_apart::one)));
            let parts = ties::table
                .filter(ties::target.eq(id))
                .filter(ties::kind.eq(TieKind::Part.code()))
                .select(ties::tied);
            query = query.filter(organisations::id.ne_all(parts));
        }
        query
            .select(document_columns!(organisations))
            .order(organisations::id)
            .limit(MOST_LOOK_ALIKES)
            .load(conn)
    })?;
    rows.into_iter()
        .map(|row| Document::from_row(Organisation::TYPE, row))
        .collect()
}

/// Two organisations that may be one.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first by id.
    pub one: Organisation,
    /// The other.
    pub other: Organisation,
}

/// A place among pairs: the ids of one of them.
type Place = (Uuid, Uuid);

/// How many organisations are looked at together, and how many times for one page: what a page
/// costs is bounded even where nothing looks alike.
const WINDOW: usize = 1_000;
const WINDOWS: usize = 5;

/// Pairs of organisations that look alike, after a pair, in the order of ids, unless somebody judged
/// them to be two or one is or was part of the other; and the place to go on from, when there may be
/// more.
pub fn pairs(
    db: &mut Db,
    visible: Visibility,
    mut after: Option<Place>,
    limit: usize,
) -> Result<(Vec<Pair>, Option<Place>), Fault> {
    let mut found: Vec<(Key, Key)> = Vec::new();
    for _ in 0..WINDOWS {
        let ones = window(db, visible, after.map(|(last, _)| last))?;
        let left = limit.saturating_sub(found.len());
        let mut alike = alike(db, visible, &ones, after, left.saturating_add(1))?;
        let more = alike.len() > left;
        alike.truncate(left);
        found.extend(alike);
        after = match (more, ones.last()) {
            (true, _) => found.last().map(|(one, other)| (one.0, other.0)),
            (false, Some(last)) if ones.len() == WINDOW => Some((last.0, Uuid::max())),
            _ => None,
        };
        if more || after.is_none() {
            break;
        }
    }
    Ok((both(db, visible, &found)?, after))
}

/// The next organisations in sight, from one on.
fn window(db: &mut Db, visible: Visibility, from: Option<Uuid>) -> Result<Vec<Key>, Fault> {
    let most = i64::try_from(WINDOW).unwrap_or(i64::MAX);
    Ok(on_engine!(db, |conn: Backend| {
        let all = organisations::table.into_boxed::<Backend>();
        sighted!(all, visible, organisations)
            .filter(organisations::id.ge(Key(from.unwrap_or(Uuid::nil()))))
            .order(organisations::id)
            .limit(most)
            .select(organisations::id)
            .load(conn)
    })?)
}

/// The pairs whose first is one of these.
fn alike(
    db: &mut Db,
    visible: Visibility,
    ones: &[Key],
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<(Key, Key)>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (one, other) = diesel::alias!(facets as one, facets as other);
    let (one_id, other_id) = (one.field(facets::id), other.field(facets::id));
    let (of_one, of_other) = (one.field(facets::facet), other.field(facets::facet));
    let alike = [Facet::Likeness, Facet::OfEntity].map(Facet::code);
    let same_mark = other
        .field(facets::type_)
        .eq(Organisation::TYPE.code())
        .and(of_other.eq_any(alike))
        .and(other.field(facets::value).eq(one.field(facets::value)))
        .and(other_id.gt(one_id))
        .and(of_one.eq(Facet::Likeness.code()).or(of_other.ne(of_one)));
    let judged = told_apart::table
        .filter(told_apart::one.eq(one_id))
        .filter(told_apart::other.eq(other_id));
    let parts = ties::table.filter(ties::kind.eq(TieKind::Part.code()));
    let above = parts.filter(ties::tied.eq(one_id).and(ties::target.eq(other_id)));
    let below = parts.filter(ties::tied.eq(other_id).and(ties::target.eq(one_id)));
    let pairs = one
        .inner_join(other.on(same_mark))
        .filter(one_id.eq_any(ones))
        .filter(one.field(facets::type_).eq(Organisation::TYPE.code()))
        .filter(of_one.eq_any(alike))
        .filter(not(exists(judged)))
        .filter(not(exists(above)))
        .filter(not(exists(below)))
        .select((one_id, other_id))
        .distinct()
        .order((one_id, other_id))
        .limit(limit);
    Ok(on_engine!(db, |conn: Backend| {
        let mut query = pairs.into_boxed::<Backend>();
        if let Some((last, beside)) = after {
            let (last, beside) = (Key(last), Key(beside));
            query = query.filter(one_id.gt(last).or(other_id.gt(beside)));
        }
        if visible != Visibility::Everything {
            let all = organisations::table.into_boxed::<Backend>();
            let seen = sighted!(all, visible, organisations).select(organisations::id);
            query = query.filter(other_id.eq_any(seen));
        }
        query.load(conn)
    })?)
}

/// What is recorded of both of each pair.
fn both(db: &mut Db, visible: Visibility, ids: &[(Key, Key)]) -> Result<Vec<Pair>, Fault> {
    let both = ids.iter().flat_map(|(one, other)| [one.0, other.0]);
    let both: BTreeSet<OrganisationId> = both.map(OrganisationId::new).collect();
    let both: Vec<OrganisationId> = both.into_iter().collect();
    let mut found = BTreeMap::new();
    for document in with_ids(db, visible, &both)? {
        found.insert(Key(document.id), document.resource::<Organisation>()?);
    }
    let pair = |(one, other): &(Key, Key)| {
        Some(Pair {
            one: found.get(one)?.clone(),
            other: found.get(other)?.clone(),
        })
    };
    Ok(ids.iter().filter_map(pair).collect())
}

/// The first of two records, and the other where it is there, both kept from others until the
/// transaction ends: in the order of ids, so that two who fold in opposite directions do not wait
/// for one another.
pub fn both_for_change(
    tx: &mut Tx,
    id: OrganisationId,
    other: OrganisationId,
) -> Result<Option<Organisation>, Fault> {
    let both = all_for_change(tx, &[id.into(), other.into()])?;
    Ok(both.into_iter().find(|one| one.id == id))
}

/// The same for one that is to be folded into the other, in turn with every change of parts.
pub fn both_to_fold(
    tx: &mut Tx,
    id: OrganisationId,
    into: OrganisationId,
) -> Result<Option<Organisation>, Fault> {
    tx.take_turn(Turn::Parts)?;
    both_for_change(tx, id, into)
}

/// What folding a record into another depends on: those that are or were part of it, what both are
/// part of, and how far down the parts of either go.
pub fn around(
    tx: &mut Tx,
    folded: OrganisationId,
    survivor: OrganisationId,
) -> Result<(Vec<Organisation>, Wholes), Fault> {
    tx.take_turn(Turn::Parts)?;
    let both = vec![Key::from(folded), Key::from(survivor)];
    let above = Wholes {
        links: links_above(tx, both)?,
        levels_below: levels_below(tx, &[folded, survivor])?,
        ..Wholes::default()
    };
    let parts: Vec<Key> = on_engine!(tx, |conn| {
        ties::table
            .filter(ties::target.eq(Key::from(folded)))
            .filter(ties::kind.eq(TieKind::Part.code()))
            .filter(ties::tied.ne(Key::from(survivor)))
            .select(ties::tied)
            .distinct()
            .load(conn)
    })?;
    Ok((all_for_change(tx, &parts)?, above))
}

/// Keeps that a record was folded, once the records that this changed are written.
pub fn fold(tx: &mut Tx, permit: &Permit, fold: &Fold) -> Result<Document, Fault> {
    let others = fold.parts.iter().chain([&fold.survivor]);
    let changes: Vec<(Uuid, Version)> = others.map(|one| (one.uuid(), one.version)).collect();
    let survivor = fold.survivor.uuid();
    let document = folds::keep(tx, permit, &fold.folded, survivor, &changes)?;
    remove(tx, fold.folded.id)?;
    callers::refresh_rights_over(tx, fold.folded.scope())?;
    Ok(document)
}

/// Gives back to the record that came back the roles that its survivor had with it, once all that
/// this changed is written.
pub fn give_roles_back(tx: &mut Tx, organisation: &Organisation) -> Result<(), Fault> {
    callers::refresh_rights_over(tx, organisation.scope())
}

/// A folded record as its fold left it, or the record itself when it is not folded; kept from
/// others until the transaction ends, in turn with every change of parts.
pub fn folded_for_change(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>, Fault> {
    tx.take_turn(Turn::Parts)?;
    let Some((_, version)) = folds::for_change(tx, Organisation::TYPE, id.uuid())? else {
        return organisation_for_change(tx, id);
    };
    state(tx, id, version).map(Some)
}

/// What taking back a fold depends on.
pub struct Unfolding {
    /// The folded record as it was before.
    pub before: Organisation,
    /// The record it was folded into.
    pub survivor: Changed,
    /// Those that were part of it.
    pub parts: Vec<Changed>,
    /// What it would again be part of.
    pub above: Wholes,
}

/// What taking back the fold of this record depends on; nothing when it is not folded. Taken in turn
/// with every change of parts.
pub fn unfolding(tx: &mut Tx, folded: &Organisation) -> Result<Option<Unfolding>, Fault> {
    let Some(into) = folded.folded.as_ref().map(|folded| folded.into) else {
        return Ok(None);
    };
    tx.take_turn(Turn::Parts)?;
    let before = state(tx, folded.id, Version::new(folded.version.number() - 1))?;
    let mut parts = changed_by_fold(tx, folded.id)?;
    let Some(survivor) = parts.iter().position(|changed| changed.id == into) else {
        return Err(corrupt(folded.id, "no survivor among its changes"));
    };
    let survivor = parts.remove(survivor);
    let above = wholes_of(tx, before.fields.wholes().map(Key::from).collect())?;
    let below: Vec<OrganisationId> = parts.iter().map(|part| part.id).collect();
    let levels_below = if below.is_empty() {
        0
    } else {
        levels_below(tx, &below)?.saturating_add(1)
    };
    Ok(Some(Unfolding {
        before,
        survivor,
        parts,
        above: Wholes {
            levels_below,
            ..above
        },
    }))
}

/// Puts a folded record back in its place.
pub fn unfold(
    tx: &mut Tx,
    permit: &Permit,
    organisation: &Organisation,
) -> Result<Document, Fault> {
    folds::forget(tx, organisation.id.uuid())?;
    add(tx, permit, ChangeKind::Updated, organisation)
}

/// The organisations that a fold changed: as they were, as it left them, as they are.
fn changed_by_fold(tx: &mut Tx, folded: OrganisationId) -> Result<Vec<Changed>, Fault> {
    let changes = folds::changes(tx, folded.uuid())?;
    let ids: Vec<Key> = changes.iter().map(|change| Key(change.id)).collect();
    let there = all_for_change(tx, &ids)?.into_iter();
    let mut there: BTreeMap<Uuid, Organisation> = there.map(|one| (one.id.uuid(), one)).collect();
    let mut all = Vec::with_capacity(changes.len());
    for change in changes {
        let id = change.id;
        let now = match there.remove(&id) {
            Some(now) => Found::There(Box::new(now)),
            None if folds::way(tx, Organisation::TYPE, id)?.is_some() => Found::Folded,
            None => Found::Deleted,
        };
        all.push(Changed {
            id: OrganisationId::new(id),
            before: read_back(&change.before, id)?,
            left: read_back(&change.left, id)?,
            now,
        });
    }
    Ok(all)
}

/// One recorded state of an organisation.
fn state(tx: &mut Tx, id: OrganisationId, version: Version) -> Result<Organisation, Fault> {
    let everything = Visibility::Everything;
    let past = history::version_of(tx, everything, Organisation::TYPE, id.uuid(), version)?;
    let body = past.and_then(|past| past.body);
    let body = body.ok_or_else(|| corrupt(id, "a state is missing"))?;
    read_back(&body, id.uuid())
}

fn corrupt(id: OrganisationId, reason: &str) -> Fault {
    Fault::CorruptRow {
        table: "folded",
        column: "id",
        id: id.to_string(),
        reason: reason.to_owned(),
    }
}
