//! Past states of a record.

use diesel::prelude::*;
use domain::access::Visibility;
use domain::records::{ChangeKind, ResourceType};
use domain::values::{CodeList, Version};
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::on_engine;
use crate::schema::versions;
use crate::{Db, Fault, folds, scopes};

/// One state of a record.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its version.
    pub version: Version,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened then.
    pub change: ChangeKind,
    /// The record; nothing once deleted.
    pub body: Option<String>,
}

/// The versions of a record after one of them, in order.
pub fn versions_of(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
    after: Version,
    limit: i64,
) -> Result<Vec<Past>, Fault> {
    if !scopes::is_in_sight(db, visible, resource_type, id)? {
        return Ok(Vec::new());
    }
    let rows: Vec<PastRow> = on_engine!(db, |conn| {
        versions::table
            .filter(versions::id.eq(Key(id)))
            .filter(versions::type_.eq(resource_type.code()))
            .filter(versions::version.gt(after.number()))
            .order(versions::version)
            .limit(limit)
            .select(PAST)
            .load(conn)
    })?;
    rows.into_iter()
        .map(|row| folds::told(db, visible, resource_type, past(id, row)?))
        .collect()
}

/// One version of a record.
pub fn version_of(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
    version: Version,
) -> Result<Option<Past>, Fault> {
    Ok(versions_of(
        db,
        visible,
        resource_type,
        id,
        Version::new(version.number() - 1),
        1,
    )?
    .into_iter()
    .find(|past| past.version == version))
}

/// The last state of a record.
pub fn last(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<Option<Past>, Fault> {
    if !scopes::is_in_sight(db, visible, resource_type, id)? {
        return Ok(None);
    }
    let row: Option<PastRow> = on_engine!(db, |conn| {
        versions::table
            .filter(versions::id.eq(Key(id)))
            .filter(versions::type_.eq(resource_type.code()))
            .order(versions::version.desc())
            .select(PAST)
            .first(conn)
            .optional()
    })?;
    row.map(|row| past(id, row)).transpose()
}

/// What was recorded of it at an instant: nothing before it was created.
pub fn known_at(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
    at: domain::values::Instant,
) -> Result<Option<Past>, Fault> {
    if !scopes::is_in_sight(db, visible, resource_type, id)? {
        return Ok(None);
    }
    let row: Option<PastRow> = on_engine!(db, |conn| {
        versions::table
            .filter(versions::id.eq(Key(id)))
            .filter(versions::type_.eq(resource_type.code()))
            .filter(versions::at.le(Instant(at.jiff())))
            .order(versions::version.desc())
            .select(PAST)
            .first(conn)
            .optional()
    })?;
    row.map(|row| past(id, row)).transpose()
}

type PastRow = (i64, Instant, String, Option<Json>);

/// The columns of a [`PastRow`].
const PAST: PastColumns = (
    versions::version,
    versions::at,
    versions::change,
    versions::body,
);

type PastColumns = (
    versions::version,
    versions::at,
    versions::change,
    versions::body,
);

fn past(id: Uuid, (version, at, change, body): PastRow) -> Result<Past, Fault> {
    let change = change
        .parse()
        .map_err(|error: domain::values::ValueError| Fault::CorruptRow {
            table: "versions",
            column: "change",
            id: id.to_string(),
            reason: error.to_string(),
        })?;
    Ok(Past {
        version: Version::new(version),
        at: at.0,
        change,
        body: body.map(|json| json.0),
    })
}
