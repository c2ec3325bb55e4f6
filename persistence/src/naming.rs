//! The names by which records are found and sorted, kept for every room by the write wrapper.

use diesel::prelude::*;
use domain::records::ResourceType;
use domain::values::{CodeList, Names, fold, words as folded_words};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::on_engine;
use crate::schema::{names, words};
use crate::{Db, Fault};

/// Keeps the names of a record.
pub(crate) fn keep(db: &mut Db, of: ResourceType, id: Uuid, all: &Names) -> Result<(), Fault> {
    let rows: Vec<_> = (0_i64..)
        .zip(all.spans())
        .map(|(position, (name, from, before))| {
            (
                names::type_.eq(of.code()),
                names::id.eq(Key(id)),
                names::position.eq(position),
                names::sort_key.eq(fold(name.name.as_str())),
                names::borne_from.eq(from.map(Day)),
                names::borne_before.eq(before.map(Day)),
            )
        })
        .collect();
    let found_by: Vec<_> = words_of(all)
        .into_iter()
        .map(|word| {
            (
                words::type_.eq(of.code()),
                words::word.eq(word),
                words::id.eq(Key(id)),
            )
        })
        .collect();
    on_engine!(db, |conn| {
        diesel::insert_into(names::table)
            .values(rows)
            .execute(conn)?;
        diesel::insert_into(words::table)
            .values(found_by)
            .execute(conn)
    })?;
    Ok(())
}

/// Forgets the names of a record.
pub(crate) fn forget(db: &mut Db, id: Uuid) -> Result<(), Fault> {
    on_engine!(db, |conn| {
        diesel::delete(names::table.filter(names::id.eq(Key(id)))).execute(conn)?;
        diesel::delete(words::table.filter(words::id.eq(Key(id)))).execute(conn)
    })?;
    Ok(())
}

/// The folded words of every name, past ones and short ones too.
fn words_of(all: &Names) -> Vec<String> {
    let texts = all
        .iter()
        .flat_map(|name| std::iter::once(&name.name).chain(&name.short_name));
    let mut found_by: Vec<String> = texts.flat_map(|text| folded_words(text.as_str())).collect();
    found_by.sort_unstable();
    found_by.dedup();
    found_by
}

/// The first text after every text that begins with `word`, in the order of bytes.
pub(crate) fn after_prefix(word: &str) -> String {
    format!("{word}\u{10FFFF}")
}

/// The ids of the records of a type that bear a word beginning with this one.
macro_rules! bearing {
    ($type:expr, $word:expr) => {
        $crate::schema::words::table
            .filter($crate::schema::words::type_.eq($type.code()))
            .filter($crate::schema::words::word.ge($word))
            .filter($crate::schema::words::word.lt($crate::naming::after_prefix($word)))
            .select($crate::schema::words::id)
    };
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
