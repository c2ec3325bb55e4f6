//! Clients, and the hashes of their secrets.

use diesel::prelude::*;
use domain::access::{CallerKind, Client, Permit, TokenScope, Visibility};
use domain::records::{ChangeKind, Resource};
use domain::values::{CodeList, Date};
use jiff::Timestamp;

use crate::callers::{self, Asker, Rights, RightsRow, asking, rights_columns, rights_from};
use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::documents::{document_queries, document_values};
use crate::schema::{callers as callers_table, client_secrets, clients};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx};

/// Which clients a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Withdrawn or not.
    pub revoked: Option<bool>,
    /// Nothing about a client depends on the day.
    pub on: Option<Date>,
}

/// Adds every condition of a filter to a boxed query that reads `clients`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = sighted!($query, $visible, clients);
        if let Some(revoked) = filter.revoked {
            query = query.filter(clients::revoked.eq(revoked));
        }
        query
    }};
}

document_queries!(clients, Client, filtered);

/// The columns of a client and their values.
macro_rules! row_of {
    ($client:expr, $document:expr) => {
        (
            document_values!(clients, $document),
            clients::revoked.eq($client.revoked_at.is_some()),
        )
    };
}

/// A secret, as it is kept.
#[derive(Clone)]
pub struct HashedSecret {
    /// The hash.
    pub hash: String,
    /// What tells with which hash the secret is to be compared.
    pub tag: Vec<u8>,
}

/// Records a client with its secret. It holds no role yet.
pub fn insert(
    tx: &mut Tx,
    permit: &Permit,
    client: &Client,
    secret: &HashedSecret,
) -> Result<Document, Fault> {
    let (id, fields) = (client.caller(), &client.fields);
    let expires_at = fields.expires_at.map(domain::values::Instant::jiff);
    callers::insert(tx, id, CallerKind::Client, Some(&fields.name), expires_at)?;
    let document = tx.record(permit, ChangeKind::Created, client)?;
    let row = row_of!(client, document);
    let secret = (
        client_secrets::client.eq(Key::from(id)),
        client_secrets::hash.eq(&secret.hash),
        client_secrets::tag.eq(Some(&secret.tag)),
        client_secrets::created_at.eq(Instant(tx.origin().at)),
    );
    on_engine!(tx, |conn| {
        diesel::insert_into(clients::table)
            .values(row)
            .execute(conn)?;
        diesel::insert_into(client_secrets::table)
            .values(secret)
            .execute(conn)
    })?;
    keep_as_caller(tx, client)?;
    Ok(document)
}

/// Records a change of a client.
pub fn update(tx: &mut Tx, permit: &Permit, client: &Client) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Updated, client)?;
    let row = row_of!(client, document);
    on_engine!(tx, |conn| diesel::update(
        clients::table.find(Key::from(client.id))
    )
    .set(row)
    .execute(conn))?;
    keep_as_caller(tx, client)?;
    Ok(document)
}

/// Records that a client got another secret.
pub fn rotate(
    tx: &mut Tx,
    permit: &Permit,
    client: &Client,
    secret: &HashedSecret,
) -> Result<Document, Fault> {
    let mine = client_secrets::table.find(Key::from(client.id));
    let until = client
        .old_secret_good_until
        .map(|until| Instant(until.jiff()));
    let at = Instant(tx.origin().at);
    on_engine!(tx, |conn| {
        diesel::update(mine)
            .set((
                client_secrets::old_hash.eq(client_secrets::hash.nullable()),
                client_secrets::old_tag.eq(client_secrets::tag),
                client_secrets::old_good_until.eq(until),
            ))
            .execute(conn)?;
        diesel::update(mine)
            .set((
                client_secrets::hash.eq(&secret.hash),
                client_secrets::tag.eq(Some(&secret.tag)),
                client_secrets::created_at.eq(at),
            ))
            .execute(conn)
    })?;
    update(tx, permit, client)
}

/// Records that a client's access is withdrawn, from the next request on.
pub fn revoke(tx: &mut Tx, permit: &Permit, client: &Client) -> Result<Document, Fault> {
    callers::revoke(tx, client.caller())?;
    update(tx, permit, client)
}

/// Keeps what every request asks of a caller.
fn keep_as_caller(tx: &mut Tx, client: &Client) -> Result<(), Fault> {
    let fields = &client.fields;
    let change = (
        callers_table::name.eq(Some(fields.name.as_str())),
        callers_table::expires_at.eq(fields.expires_at.map(|at| Instant(at.jiff()))),
        callers_table::token_scopes.eq(Some(scopes(&fields.token_scopes))),
    );
    on_engine!(tx, |conn| diesel::update(
        callers_table::table.find(Key::from(client.caller()))
    )
    .set(change)
    .execute(conn))?;
    Ok(())
}

/// The most that tokens of a client may be for, as one word each.
pub(crate) fn scopes(given: &[TokenScope]) -> String {
    let scopes = TokenScope::ALL.iter().filter(|scope| given.contains(scope));
    scopes
        .map(|scope| scope.code())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is known of a client who says that it has a secret.
pub struct Known {
    /// The hash to compare the secret with: the one of the same tag.
    pub hash: String,
    /// What the client may do now.
    pub rights: Rights,
    /// When it last got a token, coarsely.
    pub last_used_at: Option<Timestamp>,
}

type SecretRow = (
    String,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Instant>,
);

/// The client with this id, if there is one, and the hash that a secret of this tag is compared with.
///
/// Each secret is compared once at most. One made before there were tags has none.
pub fn known(db: &mut Db, asker: Asker, tag: &[u8]) -> Result<Option<Known>, Fault> {
    let row: Option<(SecretRow, RightsRow, Option<Instant>)> = on_engine!(db, |conn| {
        asking!(asker)
            .inner_join(client_secrets::table.on(client_secrets::client.eq(callers_table::id)))
            .select((
                (
                    client_secrets::hash,
                    client_secrets::tag,
                    client_secrets::old_hash,
                    client_secrets::old_tag,
                    client_secrets::old_good_until,
                ),
                rights_columns!(),
                callers_table::last_used_at,
            ))
            .get_result(conn)
            .optional()
    })?;
    row.map(|((hash, own, old, old_tag, until), rights, last)| {
        let old = old.filter(|_| until.is_some_and(|until| asker.at < until.0));
        let is_new = own.as_deref() == Some(tag);
        let is_old = old_tag.is_none_or(|old_tag| old_tag == tag);
        Ok(Known {
            hash: old.filter(|_| !is_new && is_old).unwrap_or(hash),
            rights: rights_from(asker, rights)?,
            last_used_at: last.map(|last| last.0),
        })
    })
    .transpose()
}
