//! Those who call, and how they prove it.

use diesel::prelude::*;
use domain::access::{Actor, CallerId, CallerKind, Permit, Role, TokenScope};
use domain::records::ResourceType;
use domain::values::{CodeList, Label};

use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::schema::{base, callers, client_secrets};
use crate::{Db, Fault, Tx};

/// The rights of a caller as they are now.
#[derive(Clone, Debug)]
pub struct Rights {
    /// What the caller is here for.
    pub role: Role,
    /// Grows with every change of rights.
    pub version: i64,
    /// Whether the caller may still call at all.
    pub revoked: bool,
}

impl Rights {
    /// The actor that these rights and the scopes of a token make, unless revoked.
    #[must_use]
    pub fn actor(&self, caller: CallerId, scopes: Vec<TokenScope>) -> Option<Actor> {
        let actor = Actor {
            caller: Some(caller),
            role: self.role,
            scopes,
            rights_version: self.version,
        };
        (!self.revoked).then_some(actor)
    }
}

/// The columns of [`Rights`]: role, version, moment of revocation.
pub(crate) type RightsRow = (String, i64, Option<Instant>);

pub(crate) fn rights_from(id: CallerId, row: RightsRow) -> Result<Rights, Fault> {
    let (role, version, revoked_at) = row;
    let role = role
        .parse()
        .map_err(|error: domain::values::ValueError| Fault::CorruptRow {
            table: "callers",
            column: "role",
            id: id.to_string(),
            reason: error.to_string(),
        })?;
    Ok(Rights {
        role,
        version,
        revoked: revoked_at.is_some(),
    })
}

/// The rights of a caller, if there is such a caller.
pub fn rights(db: &mut Db, id: CallerId) -> Result<Option<Rights>, Fault> {
    let row: Option<RightsRow> = on_engine!(db, |conn| {
        callers::table
            .find(Key::from(id))
            .select((callers::role, callers::rights_version, callers::revoked_at))
            .get_result(conn)
            .optional()
    })?;
    row.map(|row| rights_from(id, row)).transpose()
}

/// The hash of a client's secret and the client's rights, if there is such a client.
pub fn client_secret(db: &mut Db, id: CallerId) -> Result<Option<(String, Rights)>, Fault> {
    let row: Option<(String, String, i64, Option<Instant>)> = on_engine!(db, |conn| {
        client_secrets::table
            .inner_join(callers::table.on(callers::id.eq(client_secrets::client)))
            .filter(client_secrets::client.eq(Key::from(id)))
            .select((
                client_secrets::hash,
                callers::role,
                callers::rights_version,
                callers::revoked_at,
            ))
            .get_result(conn)
            .optional()
    })?;
    row.map(|(hash, role, version, revoked)| Ok((hash, rights_from(id, (role, version, revoked))?)))
        .transpose()
}

/// Records a client and the hash of its secret.
pub fn create_client(
    tx: &mut Tx,
    permit: &Permit,
    id: CallerId,
    name: &Label,
    role: Role,
    secret_hash: &str,
) -> Result<(), Fault> {
    let at = Instant(tx.origin().at);
    let caller = (
        callers::id.eq(Key::from(id)),
        callers::kind.eq(CallerKind::Client.code()),
        callers::name.eq(name.as_str()),
        callers::role.eq(role.code()),
        callers::rights_version.eq(1_i64),
        callers::created_at.eq(at),
    );
    let secret = (
        client_secrets::client.eq(Key::from(id)),
        client_secrets::hash.eq(secret_hash),
        client_secrets::created_at.eq(at),
    );
    on_engine!(tx, |conn| {
        diesel::insert_into(callers::table)
            .values(caller)
            .execute(conn)?;
        diesel::insert_into(client_secrets::table)
            .values(secret)
            .execute(conn)
    })?;
    tx.note(permit, ResourceType::Client, id.uuid());
    Ok(())
}

/// The key that tokens are signed with, where the base keeps it.
pub fn signing_key(db: &mut Db) -> Result<Option<Vec<u8>>, Fault> {
    Ok(on_engine!(db, |conn| base::table
        .select(base::signing_key)
        .first(conn))?)
}

/// Keeps `key` as the signing key unless there is one, and returns the one that is kept: several
/// processes may start at once.
pub fn keep_signing_key(tx: &mut Tx, key: &[u8]) -> Result<Vec<u8>, Fault> {
    let none_yet = base::table.filter(base::signing_key.is_null());
    on_engine!(tx, |conn| diesel::update(none_yet)
        .set(base::signing_key.eq(key))
        .execute(conn))?;
    signing_key(tx)?
        .ok_or_else(|| Fault::Schema("the base has no row that says what it is".to_owned()))
}

/// Withdraws a caller's access from the next request on; `false` when there was none to withdraw.
pub fn revoke(tx: &mut Tx, permit: &Permit, id: CallerId) -> Result<bool, Fault> {
    let at = Instant(tx.origin().at);
    let active = callers::table
        .find(Key::from(id))
        .filter(callers::revoked_at.is_null());
    let change = (
        callers::revoked_at.eq(Some(at)),
        callers::rights_version.eq(callers::rights_version + 1),
    );
    let changed = on_engine!(tx, |conn| diesel::update(active).set(change).execute(conn))?;
    if changed == 1 {
        tx.note(permit, ResourceType::Client, id.uuid());
    }
    Ok(changed == 1)
}
