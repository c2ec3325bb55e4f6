//! What records are found and sorted by: names and facets, kept for every room by the write wrapper.

use diesel::prelude::*;
use domain::records::{Facet, Resource};
use domain::values::{CodeList, Names, fold};

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::schema::{facets, names, spans};
use crate::{Db, Fault};

/// A name that a record bears, with its days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable, Selectable)]
#[diesel(table_name = names, treat_none_as_default_value = false)]
pub(crate) struct NameRow {
    pub(crate) id: Key,
    type_: String,
    position: i64,
    sort_key: String,
    borne_from: Option<Day>,
    borne_before: Option<Day>,
}

/// Something else that a record is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable, Selectable)]
#[diesel(table_name = facets)]
pub(crate) struct FacetRow {
    pub(crate) id: Key,
    type_: String,
    facet: String,
    value: String,
}

/// What is true of a record for some days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable, Selectable)]
#[diesel(table_name = spans, treat_none_as_default_value = false)]
pub(crate) struct SpanRow {
    pub(crate) id: Key,
    type_: String,
    facet: String,
    value: String,
    position: i64,
    starts_on: Option<Day>,
    ends_before: Option<Day>,
}

/// The names of a record.
pub(crate) fn names_of<R: Resource>(resource: &R) -> impl Iterator<Item = NameRow> {
    let spans = resource.names().into_iter().flat_map(Names::spans);
    let id = Key(resource.uuid());
    (0_i64..)
        .zip(spans)
        .map(move |(position, (name, from, before))| NameRow {
            id,
            type_: R::TYPE.code().to_owned(),
            position,
            sort_key: fold(name.name.as_str()),
            borne_from: from.map(Day),
            borne_before: before.map(Day),
        })
}

/// What else a record is found by, each thing once, in order.
pub(crate) fn facets_of<R: Resource>(resource: &R) -> impl Iterator<Item = FacetRow> {
    let mut all = resource.facets();
    let words = resource.names().map(Names::words).unwrap_or_default();
    all.extend(words.into_iter().map(|word| (Facet::Word, word)));
    all.sort_unstable();
    all.dedup();
    let id = Key(resource.uuid());
    all.into_iter().map(move |(facet, value)| FacetRow {
        id,
        type_: R::TYPE.code().to_owned(),
        facet: facet.code().to_owned(),
        value,
    })
}

/// What is true of a record for some days.
pub(crate) fn spans_of<R: Resource>(resource: &R) -> impl Iterator<Item = SpanRow> {
    let id = Key(resource.uuid());
    (0_i64..)
        .zip(resource.spans())
        .map(move |(position, (facet, value, since))| SpanRow {
            id,
            type_: R::TYPE.code().to_owned(),
            facet: facet.code().to_owned(),
            value,
            position,
            starts_on: since.starts_on.map(Day),
            ends_before: since.ends_before.map(Day),
        })
}

/// Keeps what records are found by.
pub(crate) fn keep<R: Resource>(db: &mut Db, resources: &[R]) -> Result<(), Fault> {
    let borne: Vec<NameRow> = resources.iter().flat_map(names_of).collect();
    let found_by: Vec<FacetRow> = resources.iter().flat_map(facets_of).collect();
    let true_then: Vec<SpanRow> = resources.iter().flat_map(spans_of).collect();
    on_engine!(db, |conn| {
        for rows in borne.chunks(AT_ONCE) {
            diesel::insert_into(names::table)
                .values(rows)
                .execute(conn)?;
        }
        for rows in found_by.chunks(AT_ONCE) {
            diesel::insert_into(facets::table)
                .values(rows)
                .execute(conn)?;
        }
        for rows in true_then.chunks(AT_ONCE) {
            diesel::insert_into(spans::table)
                .values(rows)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// Forgets what a record was found by.
pub(crate) fn forget<R: Resource>(db: &mut Db, resource: &R) -> Result<(), Fault> {
    let id = Key(resource.uuid());
    on_engine!(db, |conn| {
        diesel::delete(names::table.filter(names::id.eq(id))).execute(conn)?;
        diesel::delete(facets::table.filter(facets::id.eq(id))).execute(conn)?;
        if R::HAS_SPANS {
            diesel::delete(spans::table.filter(spans::id.eq(id))).execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// The first text after every text that begins with `word`, in the order of bytes.
pub(crate) fn after_prefix(word: &str) -> String {
    format!("{word}\u{10FFFF}")
}

/// The ids of the records of a type that have this value of a facet.
macro_rules! having {
    ($type:expr, $facet:expr, $value:expr) => {{
        use $crate::schema::facets;
        facets::table
            .filter(facets::type_.eq($type.code()))
            .filter(facets::facet.eq($facet.code()))
            .filter(facets::value.eq($value))
            .select(facets::id)
    }};
}
pub(crate) use having;

/// The ids of the records of a type that have one of these values of a facet.
macro_rules! having_any {
    ($type:expr, $facet:expr, $values:expr) => {{
        use $crate::schema::facets;
        facets::table
            .filter(facets::type_.eq($type.code()))
            .filter(facets::facet.eq($facet.code()))
            .filter(facets::value.eq_any($values))
            .select(facets::id)
    }};
}
pub(crate) use having_any;

/// The ids of the records of a type for which a facet has this value on a day.
macro_rules! standing {
    ($type:expr, $facet:expr, $value:expr, $day:expr) => {{
        use $crate::schema::spans;
        spans::table
            .filter(spans::type_.eq($type.code()))
            .filter(spans::facet.eq($facet.code()))
            .filter(spans::value.eq($value))
            .filter(spans::starts_on.is_null().or(spans::starts_on.le($day)))
            .filter(spans::ends_before.is_null().or(spans::ends_before.gt($day)))
            .select(spans::id)
    }};
}
pub(crate) use standing;

/// The ids of the records of a type that bear a word beginning with this one.
macro_rules! bearing {
    ($type:expr, $word:expr) => {
        $crate::finding::beginning!($type, domain::records::Facet::Word, $word)
    };
}
pub(crate) use bearing;

/// The ids of the records of a type for which a value of a facet begins so.
macro_rules! beginning {
    ($type:expr, $facet:expr, $word:expr) => {{
        use $crate::schema::facets;
        facets::table
            .filter(facets::type_.eq($type.code()))
            .filter(facets::facet.eq($facet.code()))
            .filter(facets::value.ge($word))
            .filter(facets::value.lt($crate::finding::after_prefix($word)))
            .select(facets::id)
    }};
}
pub(crate) use beginning;

/// The names that records of a type bear on a day, boxed, to be joined to their table.
macro_rules! borne_on {
    ($type:expr, $day:expr) => {{
        use $crate::schema::names;
        names::table
            .filter(names::type_.eq($type.code()))
            .filter(names::borne_from.is_null().or(names::borne_from.le($day)))
            .filter(
                names::borne_before
                    .is_null()
                    .or(names::borne_before.gt($day)),
            )
    }};
}
pub(crate) use borne_on;
