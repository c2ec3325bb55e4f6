//! Roles given to callers.

use diesel::prelude::*;
use domain::access::{CallerId, CallerKind, Grant, Named, Permit, Role, Scope, Visibility};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{CodeList, Date};

use crate::callers::refresh_rights;
use crate::columns::{Day, Key};
use crate::connection::{Turn, on_engine};
use crate::documents::{Locked, document_queries, document_values};
use crate::schema::{callers, grants, organisations, records};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx, folds};

/// Which grants a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Given to this caller.
    pub caller: Option<CallerId>,
    /// Of this role.
    pub role: Option<Role>,
    /// Over this.
    pub scope: Option<Scope>,
    /// Held on this day.
    pub on: Option<Date>,
}

/// Adds every condition of a filter to a boxed query that reads `grants`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = sighted!($query, $visible, grants);
        if let Some(caller) = filter.caller {
            query = query.filter(grants::caller.eq(Key::from(caller)));
        }
        if let Some(role) = filter.role {
            query = query.filter(grants::role.eq(role.code()));
        }
        if let Some(scope) = filter.scope {
            query = query.filter(grants::scope.eq(scope.to_string()));
        }
        if let Some(day) = filter.on.map(Day) {
            let (from, before) = (grants::starts_on, grants::ends_before);
            query = query.filter(from.is_null().or(from.le(day)));
            query = query.filter(before.is_null().or(before.gt(day)));
        }
        query
    }};
}

document_queries!(grants, Grant, filtered);

/// The columns of a grant and their values.
macro_rules! row_of {
    ($grant:expr, $document:expr) => {
        (
            document_values!(grants, $document),
            grants::caller.eq(Key::from($grant.caller)),
            grants::role.eq($grant.fields.role.code()),
            grants::scope.eq($grant.fields.scope.to_string()),
            grants::starts_on.eq($grant.fields.starts_on.map(Day)),
            grants::ends_before.eq($grant.fields.ends_before.map(Day)),
        )
    };
}

/// Whether what a grant names is there; the caller is kept from others until the transaction ends.
pub fn named(tx: &mut Tx, caller: CallerId, scope: Scope) -> Result<Named, Fault> {
    // The turn before the row, as whoever turns the day takes them.
    tx.take_turn(Turn::Feed)?;
    let active = callers::table
        .find(Key::from(caller))
        .filter(callers::revoked_at.is_null())
        .filter(callers::kind.ne(CallerKind::Public.code()))
        .select(callers::id);
    let caller: Option<Key> = on_engine!(tx, |conn| Locked(active).get_result(conn).optional())?;
    let root: Option<Key> = match scope {
        Scope::Everything => None,
        Scope::Organisation(id) => on_engine!(tx, |conn| organisations::table
            .find(Key::from(id))
            .select(organisations::id)
            .get_result(conn)
            .optional())?,
        Scope::Network(id) => on_engine!(tx, |conn| records::table
            .find(Key::from(id))
            .filter(records::type_.eq(ResourceType::Network.code()))
            .select(records::id)
            .get_result(conn)
            .optional())?,
    };
    Ok(Named {
        caller: caller.is_some(),
        scope: scope == Scope::Everything || root.is_some(),
        folded_into: match (root, scope.resource_type(), scope.root()) {
            (None, Some(of), Some(id)) => folds::way(tx, of, id)?.map(|way| way.survivor),
            _ => None,
        },
    })
}

/// Gives a role to a caller, who must exist.
pub fn insert(tx: &mut Tx, permit: &Permit, grant: &Grant) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Created, grant)?;
    let row = row_of!(grant, document);
    on_engine!(tx, |conn| diesel::insert_into(grants::table)
        .values(row)
        .execute(conn))?;
    refresh_rights(tx, grant.caller)?;
    Ok(document)
}

/// Records a change of a grant.
pub fn update(
    tx: &mut Tx,
    permit: &Permit,
    change: ChangeKind,
    grant: &Grant,
) -> Result<Document, Fault> {
    let document = tx.record(permit, change, grant)?;
    let row = row_of!(grant, document);
    on_engine!(tx, |conn| diesel::update(
        grants::table.find(Key::from(grant.id))
    )
    .set(row)
    .execute(conn))?;
    refresh_rights(tx, grant.caller)?;
    Ok(document)
}

/// Deletes a grant given by mistake.
pub fn delete(tx: &mut Tx, permit: &Permit, grant: &Grant) -> Result<(), Fault> {
    tx.record_deletion(permit, grant)?;
    on_engine!(tx, |conn| diesel::delete(
        grants::table.find(Key::from(grant.id))
    )
    .execute(conn))?;
    refresh_rights(tx, grant.caller)
}
