//! What records are found and sorted by: names and facets, kept for every room by the write wrapper.

use diesel::prelude::*;
use domain::records::{Facet, Resource};
use domain::values::{CodeList, fold};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::schema::{facets, names};
use crate::{Db, Fault};

/// Keeps what records are found by.
pub(crate) fn keep<R: Resource>(db: &mut Db, resources: &[R]) -> Result<(), Fault> {
    let of = R::TYPE.code();
    let (mut borne, mut found_by) = (Vec::new(), Vec::new());
    for resource in resources {
        let id = Key(resource.uuid());
        let spans = resource
            .names()
            .into_iter()
            .flat_map(domain::values::Names::spans);
        for (position, (name, from, before)) in (0_i64..).zip(spans) {
            borne.push((
                names::type_.eq(of),
                names::id.eq(id),
                names::position.eq(position),
                names::sort_key.eq(fold(name.name.as_str())),
                names::borne_from.eq(from.map(Day)),
                names::borne_before.eq(before.map(Day)),
            ));
        }
        let mut all = resource.facets();
        let words = resource
            .names()
            .map(domain::values::Names::words)
            .unwrap_or_default();
        all.extend(words.into_iter().map(|word| (Facet::Word, word)));
        all.sort_unstable();
        all.dedup();
        found_by.extend(all.into_iter().map(|(facet, value)| {
            (
                facets::type_.eq(of),
                facets::facet.eq(facet.code()),
                facets::value.eq(value),
                facets::id.eq(id),
            )
        }));
    }
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
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// Forgets what a record was found by.
pub(crate) fn forget(db: &mut Db, id: Uuid) -> Result<(), Fault> {
    on_engine!(db, |conn| {
        diesel::delete(names::table.filter(names::id.eq(Key(id)))).execute(conn)?;
        diesel::delete(facets::table.filter(facets::id.eq(Key(id)))).execute(conn)
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

/// The ids of the records of a type that bear a word beginning with this one.
macro_rules! bearing {
    ($type:expr, $word:expr) => {{
        use $crate::schema::facets;
        facets::table
            .filter(facets::type_.eq($type.code()))
            .filter(facets::facet.eq(domain::records::Facet::Word.code()))
            .filter(facets::value.ge($word))
            .filter(facets::value.lt($crate::finding::after_prefix($word)))
            .select(facets::id)
    }};
}
pub(crate) use bearing;

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
