//! Which record each key of a source stands for.

use diesel::prelude::*;
use domain::records::ResourceType;
use domain::values::CodeList;
use uuid::Uuid;

use crate::columns::Key;
use crate::connection::on_engine;
use crate::schema::imported;
use crate::{Db, Fault, Tx};

/// A key of a source, and the record it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The source's own key.
    pub key: String,
    /// The record.
    pub id: Uuid,
    /// A digest of the row as it was last taken.
    pub digest: Vec<u8>,
    /// The name of the file.
    pub file: Option<String>,
    /// The line of the file, from 1.
    pub line: i64,
    /// The import.
    pub import: Uuid,
}

type TieRow = (String, Key, Vec<u8>, Option<String>, i64, Key);

/// Selects a [`TieRow`].
macro_rules! tie_columns {
    () => {
        (
            imported::key,
            imported::id,
            imported::digest,
            imported::file,
            imported::line,
            imported::import,
        )
    };
}

fn tie((key, id, digest, file, line, import): TieRow) -> Tie {
    Tie {
        key,
        id: id.0,
        digest,
        file,
        line,
        import: import.0,
    }
}

/// Of these keys of a source, those that stand for a record.
pub fn ties(
    db: &mut Db,
    resource_type: ResourceType,
    source: &str,
    keys: &[&str],
) -> Result<Vec<Tie>, Fault> {
    let known = imported::table
        .filter(imported::type_.eq(resource_type.code()))
        .filter(imported::source.eq(source))
        .filter(imported::key.eq_any(keys));
    let rows: Vec<TieRow> = on_engine!(db, |conn| known.select(tie_columns!()).load(conn))?;
    Ok(rows.into_iter().map(tie).collect())
}

/// The keys by which a source knows these records.
pub fn tied_to(
    db: &mut Db,
    resource_type: ResourceType,
    source: &str,
    ids: &[Uuid],
) -> Result<Vec<Tie>, Fault> {
    let ids: Vec<Key> = ids.iter().copied().map(Key).collect();
    let known = imported::table
        .filter(imported::type_.eq(resource_type.code()))
        .filter(imported::source.eq(source))
        .filter(imported::id.eq_any(ids));
    let rows: Vec<TieRow> = on_engine!(db, |conn| known.select(tie_columns!()).load(conn))?;
    Ok(rows.into_iter().map(tie).collect())
}

/// Ties keys to records, in the place of what they stood for.
pub fn keep_ties(
    tx: &mut Tx,
    resource_type: ResourceType,
    source: &str,
    ties: &[Tie],
) -> Result<(), Fault> {
    let keys: Vec<&str> = ties.iter().map(|tie| tie.key.as_str()).collect();
    let rows: Vec<_> = ties
        .iter()
        .map(|tie| {
            (
                imported::type_.eq(resource_type.code()),
                imported::source.eq(source),
                imported::key.eq(&tie.key),
                imported::id.eq(Key(tie.id)),
                imported::digest.eq(&tie.digest),
                imported::file.eq(tie.file.as_deref()),
                imported::line.eq(tie.line),
                imported::import.eq(Key(tie.import)),
            )
        })
        .collect();
    let before = imported::table
        .filter(imported::type_.eq(resource_type.code()))
        .filter(imported::source.eq(source))
        .filter(imported::key.eq_any(keys));
    on_engine!(tx, |conn| {
        diesel::delete(before).execute(conn)?;
        diesel::insert_into(imported::table)
            .values(rows)
            .execute(conn)
    })?;
    Ok(())
}
