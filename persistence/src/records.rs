//! Every room whose records need no table of their own: one table holds them, and what finds them is what finds
//! the records of any room.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::networks::Network;
use domain::organisations::Organisation;
use domain::people::Person;
use domain::records::{
    Card, Carded, ChangeKind, Facet, Known, RecordRef, Resource, ResourceType, TieKind,
};
use domain::values::{CodeList, Date, Id, Pointer};
use uuid::Uuid;

use crate::columns::{Day, Json, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::documents::{
    DocumentRow, Leaving, Named, document_columns, document_queries, document_values, read_back,
};
use crate::finding::{beginning, having, standing};
use crate::schema::{organisations, records, territories, ties};
use crate::scopes::{self, sighted};
use crate::ties::{targets_of, tied_to, tied_to_any};
use crate::{Db, Document, Fault, Tx, folds, people};

/// Which records of a type a list holds: those that meet every condition given.
#[derive(Debug)]
pub struct Filter<R> {
    /// Existing on this day, as far as is known; and tied as said on this day.
    on: Option<Date>,
    /// With these values of facets.
    facets: Vec<(Facet, String)>,
    /// With these values of facets on a day.
    spans: Vec<(Facet, String, Date)>,
    /// The day, unless another is said.
    day: Date,
    /// Tied to these, as this.
    tied_to: Vec<(TieKind, Uuid)>,
    /// Tied to one of these, as this.
    tied_to_any: Vec<(TieKind, Vec<Key>)>,
    /// To which these are tied, as this.
    having: Vec<(TieKind, Uuid)>,
    /// Folded words, each of which begins a value of a facet.
    words: Vec<(Facet, String)>,
    of: PhantomData<fn() -> R>,
}

impl<R> Default for Filter<R> {
    fn default() -> Self {
        Self {
            on: None,
            facets: Vec::new(),
            spans: Vec::new(),
            day: Date::MIN,
            tied_to: Vec::new(),
            tied_to_any: Vec::new(),
            having: Vec::new(),
            words: Vec::new(),
            of: PhantomData,
        }
    }
}

impl<R> Filter<R> {
    /// Of those that exist on `as_of`, if that is given; what stands on a day stands on that one, or else
    /// today.
    #[must_use]
    pub fn on(as_of: Option<Date>, today: Date) -> Self {
        Self {
            on: as_of,
            day: as_of.unwrap_or(today),
            ..Self::default()
        }
    }

    /// With this value of a facet, if one is given.
    #[must_use]
    pub fn with(mut self, facet: Facet, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| (facet, value.to_string()));
        self.facets.extend(value);
        self
    }

    /// With this value of a facet on the day, if one is given.
    #[must_use]
    pub fn standing(self, facet: Facet, value: Option<impl ToString>) -> Self {
        let day = self.day;
        self.standing_on(facet, value.map(|value| (value, day)))
    }

    /// With this value of a facet on a day, if they are given.
    #[must_use]
    pub fn standing_on(mut self, facet: Facet, value: Option<(impl ToString, Date)>) -> Self {
        let value = value.map(|(value, day)| (facet, value.to_string(), day));
        self.spans.extend(value);
        self
    }

    /// Tied to this record, if one is given.
    #[must_use]
    pub fn tied_to(mut self, kind: TieKind, target: Option<impl Into<Uuid>>) -> Self {
        self.tied_to.extend(target.map(|id| (kind, id.into())));
        self
    }

    /// Tied to one of these records, if some are given.
    #[must_use]
    pub fn tied_to_any(mut self, kind: TieKind, targets: Option<Vec<Uuid>>) -> Self {
        let targets = targets.map(|ids| (kind, ids.into_iter().map(Key).collect()));
        self.tied_to_any.extend(targets);
        self
    }

    /// Having this record tied to it, if one is given.
    #[must_use]
    pub fn having(mut self, kind: TieKind, tied: Option<impl Into<Uuid>>) -> Self {
        self.having.extend(tied.map(|id| (kind, id.into())));
        self
    }

    /// With words that begin with these, which are folded.
    #[must_use]
    pub fn with_words(mut self, facet: Facet, words: Vec<String>) -> Self {
        let words = words.into_iter().map(|word| (facet, word));
        self.words.extend(words);
        self
    }
}

/// Adds every condition of a filter to a boxed query that reads `records`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let query = sighted!($query, $visible, records);
        let mut query = query.filter(records::type_.eq(R::TYPE.code()));
        for (facet, value) in &filter.facets {
            query = query.filter(records::id.eq_any(having!(R::TYPE, facet, value)));
        }
        for (facet, value, day) in &filter.spans {
            let standing = standing!(R::TYPE, facet, value, Day(*day));
            query = query.filter(records::id.eq_any(standing));
        }
        let day = filter.on.map(Day);
        if let Some(day) = day {
            let (from, before) = (records::exists_from, records::ends_before);
            query = query.filter(from.is_null().or(from.le(day)));
            query = query.filter(before.is_null().or(before.gt(day)));
        }
        for (kind, target) in &filter.tied_to {
            query = query.filter(records::id.eq_any(tied_to!($backend, kind, Key(*target), day)));
        }
        for (kind, targets) in &filter.tied_to_any {
            let tied = tied_to_any!($backend, kind, targets, day);
            query = query.filter(records::id.eq_any(tied));
        }
        for (kind, tied) in &filter.having {
            query = query.filter(records::id.eq_any(targets_of!($backend, kind, Key(*tied), day)));
        }
        for (facet, word) in &filter.words {
            query = query.filter(records::id.eq_any(beginning!(R::TYPE, facet, word)));
        }
        query
    }};
}

document_queries!(records, R, filtered, every R by type_);

/// The columns of a record and their values.
macro_rules! row_of {
    ($record:expr, $document:expr) => {{
        let exists = $record.exists();
        (
            document_values!(records, $document),
            records::type_.eq(R::TYPE.code()),
            records::exists_from.eq(exists.starts_on.map(Day)),
            records::ends_before.eq(exists.ends_before.map(Day)),
        )
    }};
}

/// Whether the records of a type are kept here.
pub(crate) fn holds(of: ResourceType) -> bool {
    match of {
        ResourceType::Network
        | ResourceType::Person
        | ResourceType::Membership
        | ResourceType::Bearer
        | ResourceType::Facilitation
        | ResourceType::Objective
        | ResourceType::Action
        | ResourceType::Pooling
        | ResourceType::FoundingText
        | ResourceType::LineageEvent => true,
        ResourceType::Organisation
        | ResourceType::Territory
        | ResourceType::Client
        | ResourceType::Account
        | ResourceType::Subject
        | ResourceType::Grant => false,
    }
}

/// Records something new.
pub fn insert<R: Resource>(tx: &mut Tx, permit: &Permit, record: &R) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, record)?;
    let row = row_of!(record, document);
    on_engine!(tx, |conn| diesel::insert_into(records::table)
        .values(row)
        .execute(conn))?;
    Ok(document)
}

/// Records some hundred new records of a type.
pub fn insert_all<R: Resource>(tx: &mut Tx, permit: &Permit, new: &[R]) -> Result<(), Fault> {
    let documents = tx.record_new(permit, new)?;
    let rows: Vec<_> = new
        .iter()
        .zip(&documents)
        .map(|(record, document)| row_of!(record, document))
        .collect();
    on_engine!(tx, |conn| diesel::insert_into(records::table)
        .values(rows)
        .execute(conn))?;
    Ok(())
}

/// Records a change.
pub fn update<R: Resource>(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    record: &R,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, record)?;
    let row = row_of!(record, document);
    on_engine!(tx, |conn| diesel::update(
        records::table.find(Key(record.uuid()))
    )
    .set(row)
    .execute(conn))?;
    Ok(document)
}

/// Puts back what was gone, one version later.
pub(crate) fn put_back<R: Resource>(
    tx: &mut Tx,
    permit: &Permit,
    record: &R,
) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Updated, record)?;
    let row = row_of!(record, document);
    on_engine!(tx, |conn| diesel::insert_into(records::table)
        .values(row)
        .execute(conn))?;
    Ok(document)
}

/// Deletes what was recorded by mistake. What is left is its history.
pub fn delete<R: Resource>(tx: &mut Tx, permit: &Permit, record: &R) -> Result<(), Fault> {
    tx.record_deletion(permit, record)?;
    on_engine!(tx, |conn| diesel::delete(
        records::table.find(Key(record.uuid()))
    )
    .execute(conn))?;
    Ok(())
}

/// The record, which nobody changes or begins to name until the transaction ends.
pub fn for_deletion<R: Resource>(tx: &mut Tx, id: Id<R>) -> Result<Option<R>, Fault> {
    let row: Option<DocumentRow> = on_engine!(tx, |conn| {
        let one = records::table
            .find(Key::from(id))
            .filter(records::type_.eq(R::TYPE.code()));
        Leaving(one.select(document_columns!(records)))
            .get_result(conn)
            .optional()
    })?;
    row.map(|row| Document::from_row(R::TYPE, row)?.resource())
        .transpose()
}

/// The records of a type with these ids, in no order.
pub fn with_ids<R: Resource>(
    db: &mut Db,
    visible: Visibility,
    ids: &[Uuid],
) -> Result<Vec<Document>, Fault> {
    let mut found = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
        let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
            let all = records::table.into_boxed::<Backend>();
            sighted!(all, visible, records)
                .filter(records::id.eq_any(keys))
                .filter(records::type_.eq(R::TYPE.code()))
                .select(document_columns!(records))
                .load(conn)
        })?;
        for row in rows {
            found.push(Document::from_row(R::TYPE, row)?);
        }
    }
    Ok(found)
}

/// What is public of some records on a day, whoever asks; nothing of those that are gone.
pub fn cards(
    db: &mut Db,
    of: &BTreeSet<RecordRef>,
    day: Date,
) -> Result<BTreeMap<RecordRef, Card>, Fault> {
    let mut cards = BTreeMap::new();
    add_cards::<Organisation>(db, of, day, &mut cards)?;
    add_cards::<Network>(db, of, day, &mut cards)?;
    add_cards::<Person>(db, of, day, &mut cards)?;
    Ok(cards)
}

fn add_cards<R: Carded>(
    db: &mut Db,
    of: &BTreeSet<RecordRef>,
    day: Date,
    cards: &mut BTreeMap<RecordRef, Card>,
) -> Result<(), Fault> {
    let asked = of.iter().filter(|one| one.resource_type == R::TYPE);
    let keys: Vec<Key> = asked.map(|one| Key(one.id)).collect();
    for keys in keys.chunks(AT_ONCE) {
        macro_rules! bodies_in {
            ($table:ident) => {
                on_engine!(db, |conn| $table::table
                    .filter($table::id.eq_any(keys))
                    .select(($table::id, $table::body))
                    .load(conn))?
            };
        }
        let rows: Vec<(Key, Json)> = if holds(R::TYPE) {
            bodies_in!(records)
        } else {
            bodies_in!(organisations)
        };
        let read = rows.iter().map(|(id, body)| read_back(&body.0, id.0));
        let mut found: Vec<R> = read.collect::<Result<_, Fault>>()?;
        people::identify(db, &mut found)?;
        cards.extend(found.iter().map(|one| (one.itself(), one.card(day))));
    }
    Ok(())
}

/// How many others say that something ties them to a record, or ties it to something, but as its parts.
pub fn tied(tx: &mut Tx, id: Uuid) -> Result<usize, Fault> {
    let others: Vec<Key> = on_engine!(tx, |conn| ties::table
        .filter(ties::target.eq(Key(id)).or(ties::tied.eq(Key(id))))
        .filter(ties::source.ne(Key(id)))
        .filter(ties::kind.ne(TieKind::Part.code()))
        .select(ties::source)
        .distinct()
        .load(conn))?;
    Ok(others.len())
}

/// What is known of the records that another names, which nobody takes away until the transaction ends.
///
/// That an organisation, a network or a territory exists is public; a person is there for one who sees that person, or once
/// did: to name somebody brings the contact into sight. Where one was folded, into which is told
/// to one who may see that.
pub fn known(
    tx: &mut Tx,
    permit: &Permit,
    named: Vec<(Pointer, RecordRef)>,
) -> Result<Known, Fault> {
    let mut by_type: BTreeMap<ResourceType, BTreeSet<Key>> = BTreeMap::new();
    for (_, one) in named {
        by_type
            .entry(one.resource_type)
            .or_default()
            .insert(Key(one.id));
    }
    let mut known = Known::default();
    for (of, ids) in by_type {
        let ids: Vec<Key> = ids.into_iter().collect();
        let mut found: BTreeSet<Key> = there(tx, of, &ids)?.into_iter().collect();
        if of == ResourceType::Person {
            let seen = scopes::once_in_sight(tx, permit.visibility(of.read()), &found)?;
            found.retain(|id| seen.contains(id));
        }
        for id in ids {
            let one = RecordRef {
                resource_type: of,
                id: id.0,
            };
            if found.contains(&id) {
                known.existing.insert(one);
            } else if let Some(way) = folds::way(tx, of, id.0)?
                && scopes::is_in_sight(tx, permit.visibility(of.read()), of, way.survivor)?
            {
                known.folded.insert(one, way.survivor);
            }
        }
    }
    Ok(known)
}

/// Those of some records of a type that are there.
fn there(tx: &mut Tx, of: ResourceType, ids: &[Key]) -> Result<Vec<Key>, Fault> {
    macro_rules! those_in {
        ($table:ident, $all:expr) => {
            on_engine!(tx, |conn| {
                let named = $all.filter($table::id.eq_any(ids)).order($table::id);
                Named(named.select($table::id)).load(conn)
            })?
        };
    }
    Ok(match of {
        ResourceType::Organisation => those_in!(organisations, organisations::table),
        ResourceType::Territory => those_in!(territories, territories::table),
        _ => those_in!(records, records::table.filter(records::type_.eq(of.code()))),
    })
}
