//! The records that rows of a file may tell of, for many rows at once.

use diesel::prelude::*;
use domain::records::{Facet, ResourceType};
use domain::territories::TerritoryKind;
use domain::values::CodeList;
use uuid::Uuid;

use crate::columns::Key;
use crate::connection::on_engine;
use crate::schema::{facets, names, territories};
use crate::{Db, Fault, Tx};

/// Lets the engine look again at what records are found by, once an import has made it much larger.
pub fn look_again(tx: &mut Tx) -> Result<(), Fault> {
    tx.look_at("imported, facets, organisations")
}

/// The records that bear these numbers, now or once, each number with its register.
pub fn bearers(
    db: &mut Db,
    resource_type: ResourceType,
    numbers: &[String],
) -> Result<Vec<(String, Uuid)>, Fault> {
    let rows: Vec<(String, Key)> = on_engine!(db, |conn| {
        facets::table
            .filter(facets::type_.eq(resource_type.code()))
            .filter(facets::facet.eq(Facet::Identifier.code()))
            .filter(facets::value.eq_any(numbers))
            .select((facets::value, facets::id))
            .load(conn)
    })?;
    Ok(rows.into_iter().map(|(value, id)| (value, id.0)).collect())
}

/// The records of a type that bear or bore a name, which is folded.
pub fn bearing_name(
    db: &mut Db,
    resource_type: ResourceType,
    name: &str,
) -> Result<Vec<Uuid>, Fault> {
    let ids: Vec<Key> = on_engine!(db, |conn| {
        names::table
            .filter(names::type_.eq(resource_type.code()))
            .filter(names::sort_key.eq(name))
            .select(names::id)
            .distinct()
            .load(conn)
    })?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Of these values that records are found by, those that some record has.
pub fn borne_marks(
    db: &mut Db,
    resource_type: ResourceType,
    marks: &[String],
) -> Result<Vec<String>, Fault> {
    let facets_of = [Facet::Likeness.code(), Facet::OfEntity.code()];
    Ok(on_engine!(db, |conn| {
        facets::table
            .filter(facets::type_.eq(resource_type.code()))
            .filter(facets::facet.eq_any(facets_of))
            .filter(facets::value.eq_any(marks))
            .select(facets::value)
            .distinct()
            .load(conn)
    })?)
}

/// Of these codes, those of communes; nothing when no commune was loaded at all.
pub fn communes(db: &mut Db, codes: &[String]) -> Result<Option<Vec<String>>, Fault> {
    let all = territories::table.filter(territories::kind.eq(TerritoryKind::Commune.code()));
    let known: Vec<String> = on_engine!(db, |conn| {
        all.filter(territories::code.eq_any(codes))
            .select(territories::code)
            .load(conn)
    })?;
    if !known.is_empty() || codes.is_empty() {
        return Ok(Some(known));
    }
    let some: Option<String> = on_engine!(db, |conn| {
        all.select(territories::code).first(conn).optional()
    })?;
    Ok(some.map(|_| known))
}
