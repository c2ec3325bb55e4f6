//! Accounts of people: the account, the one row that says who the person is, the password's hash
//! and the one-time code.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::{
    Account, AccountId, AccountRefusal, AccountState, CallerKind, Permit, PersonFields, Visibility,
};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{CodeList, Date, Email, words};
use jiff::Timestamp;

use crate::columns::{Instant, Key};
use crate::connection::{Turn, on_engine};
use crate::documents::{document_queries, document_values};
use crate::schema::{accounts, devices, one_time_codes, passwords, persons};
use crate::scopes::sighted;
use crate::{Db, Document, Fault, Tx, callers};

/// Which accounts a list holds: those that meet every condition given.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<AccountState>,
    /// Nothing about an account depends on the day.
    pub on: Option<Date>,
    /// Folded words; each begins a word of the person's name or address.
    pub words: Vec<String>,
}

/// Adds every condition of a filter to a boxed query that reads `accounts`.
macro_rules! filtered {
    ($query:expr, $backend:ident, $visible:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = sighted!($query, $visible, accounts);
        if let Some(state) = filter.state {
            query = query.filter(accounts::state.eq(state.code()));
        }
        for word in &filter.words {
            // A folded word has letters and digits only: nothing that `LIKE` would heed.
            let bearing = persons::table
                .filter(persons::words.like(format!("% {word}%")))
                .select(persons::id);
            query = query.filter(accounts::person.eq_any(bearing));
        }
        query
    }};
}

document_queries!(accounts, Account, filtered);

/// The columns of an account and their values.
macro_rules! row_of {
    ($account:expr, $document:expr) => {
        (
            document_values!(accounts, $document),
            accounts::state.eq($account.state().code()),
            accounts::person.eq(Key::from($account.person)),
        )
    };
}

/// Records an account and its person, with a one-time code. It holds no role yet.
///
/// Refused when another account that is not withdrawn has the address.
pub fn insert(
    tx: &mut Tx,
    permit: &Permit,
    account: &Account,
    person: &PersonFields,
    code: &[u8],
) -> Result<Result<Document, AccountRefusal>, Fault> {
    if let Some(taken) = taken(tx, account.id, &person.email)? {
        return Ok(Err(taken));
    }
    callers::insert(tx, account.caller(), CallerKind::Account, None, None)?;
    let document = tx.record(permit, ChangeKind::Created, account)?;
    let row = row_of!(account, document);
    let new = (
        persons::id.eq(Key::from(account.person)),
        person_row(person),
        persons::created_at.eq(Instant(tx.origin().at)),
    );
    on_engine!(tx, |conn| {
        diesel::insert_into(persons::table)
            .values(new)
            .execute(conn)?;
        diesel::insert_into(accounts::table)
            .values(row)
            .execute(conn)
    })?;
    keep_code(tx, account, Some(code))?;
    Ok(Ok(document))
}

/// Records a change of an account.
pub fn update(tx: &mut Tx, permit: &Permit, account: &Account) -> Result<Document, Fault> {
    let document = tx.record(permit, ChangeKind::Updated, account)?;
    let row = row_of!(account, document);
    on_engine!(tx, |conn| diesel::update(
        accounts::table.find(Key::from(account.id))
    )
    .set(row)
    .execute(conn))?;
    Ok(document)
}

/// Records another name or address of the person.
///
/// Refused when another account that is not withdrawn has the address.
pub fn update_person(
    tx: &mut Tx,
    permit: &Permit,
    account: &Account,
    person: &PersonFields,
) -> Result<Result<Document, AccountRefusal>, Fault> {
    if let Some(taken) = taken(tx, account.id, &person.email)? {
        return Ok(Err(taken));
    }
    on_engine!(tx, |conn| diesel::update(
        persons::table.find(Key::from(account.person))
    )
    .set(person_row(person))
    .execute(conn))?;
    update(tx, permit, account).map(Ok)
}

/// Records another one-time code; the one before is good no longer.
pub fn give_code(
    tx: &mut Tx,
    permit: &Permit,
    account: &Account,
    code: &[u8],
) -> Result<Document, Fault> {
    keep_code(tx, account, Some(code))?;
    update(tx, permit, account)
}

/// Records that a person used the code and set a password: the code is used up and every session
/// ends.
pub fn activate(tx: &mut Tx, account: &Account, password: &str) -> Result<(), Fault> {
    keep_code(tx, account, None)?;
    set_password(tx, account.id, password)?;
    crate::sessions::end_all(tx, account.caller(), None)?;
    update(tx, &Permit::on_oneself(account.id), account).map(drop)
}

/// Records that an account's access is withdrawn, from the next request on. Its address is free.
pub fn revoke(tx: &mut Tx, permit: &Permit, account: &Account) -> Result<Document, Fault> {
    callers::revoke(tx, account.caller())?;
    keep_code(tx, account, None)?;
    let id = Key::from(account.id);
    on_engine!(tx, |conn| {
        diesel::delete(passwords::table.find(id)).execute(conn)?;
        diesel::delete(devices::table.filter(devices::account.eq(id))).execute(conn)?;
        diesel::update(persons::table.find(Key::from(account.person)))
            .set(persons::email_key.eq(None::<String>))
            .execute(conn)
    })?;
    update(tx, permit, account)
}

/// Keeps the hash of a person's new password.
pub fn set_password(tx: &mut Tx, account: AccountId, hash: &str) -> Result<(), Fault> {
    let at = Instant(tx.origin().at);
    let row = (
        passwords::account.eq(Key::from(account)),
        passwords::hash.eq(hash),
        passwords::set_at.eq(at),
    );
    on_engine!(tx, |conn| {
        diesel::delete(passwords::table.find(Key::from(account))).execute(conn)?;
        diesel::insert_into(passwords::table)
            .values(row)
            .execute(conn)
    })?;
    Ok(())
}

/// Records that a person set another password. The other sessions end.
pub fn change_password(
    tx: &mut Tx,
    account: AccountId,
    hash: &str,
    kept: domain::access::SessionId,
) -> Result<(), Fault> {
    set_password(tx, account, hash)?;
    let caller = domain::access::CallerId::new(account.uuid());
    crate::sessions::end_all(tx, caller, Some(kept))?;
    tx.note(
        &Permit::on_oneself(account),
        ResourceType::Account,
        account.uuid(),
    );
    Ok(())
}

/// The hash of an account's password, if it has one.
pub fn password_of(db: &mut Db, account: AccountId) -> Result<Option<String>, Fault> {
    Ok(on_engine!(db, |conn| passwords::table
        .find(Key::from(account))
        .select(passwords::hash)
        .get_result(conn)
        .optional())?)
}

/// The account that is not withdrawn and has this folded address, with its password's hash.
pub fn with_address(
    db: &mut Db,
    email_key: &str,
) -> Result<Option<(AccountId, Option<String>)>, Fault> {
    let row: Option<(Key, Option<String>)> = on_engine!(db, |conn| accounts::table
        .inner_join(persons::table.on(persons::id.eq(accounts::person)))
        .left_join(passwords::table.on(passwords::account.eq(accounts::id)))
        .filter(persons::email_key.eq(email_key))
        .select((accounts::id, passwords::hash.nullable()))
        .get_result(conn)
        .optional())?;
    Ok(row.map(|(id, hash)| (AccountId::new(id.0), hash)))
}

/// Who the person of an account is; nothing once erased.
pub fn person_of(db: &mut Db, id: AccountId) -> Result<Option<PersonFields>, Fault> {
    let row: Option<(Option<String>, Option<String>)> = on_engine!(db, |conn| accounts::table
        .inner_join(persons::table.on(persons::id.eq(accounts::person)))
        .filter(accounts::id.eq(Key::from(id)))
        .select((persons::name, persons::email))
        .get_result(conn)
        .optional())?;
    match row {
        Some((Some(name), Some(email))) => person(id, &name, &email).map(Some),
        _ => Ok(None),
    }
}

/// Who the people of some accounts are; none for one that was erased.
pub fn people_of(db: &mut Db, of: &[Account]) -> Result<BTreeMap<AccountId, PersonFields>, Fault> {
    type Row = (Key, Option<String>, Option<String>);
    let ids: Vec<Key> = of.iter().map(|account| account.id.into()).collect();
    let rows: Vec<Row> = on_engine!(db, |conn| accounts::table
        .inner_join(persons::table.on(persons::id.eq(accounts::person)))
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, persons::name, persons::email))
        .load(conn))?;
    let known = rows.into_iter().filter_map(|(id, name, email)| {
        let id = AccountId::new(id.0);
        Some(person(id, &name?, &email?).map(|person| (id, person)))
    });
    known.collect()
}

fn person(id: AccountId, name: &str, email: &str) -> Result<PersonFields, Fault> {
    let corrupt = |column| {
        move |error: domain::values::ValueError| Fault::CorruptRow {
            table: "persons",
            column,
            id: id.to_string(),
            reason: error.to_string(),
        }
    };
    Ok(PersonFields {
        name: name.parse().map_err(corrupt("name"))?,
        email: email.parse().map_err(corrupt("email"))?,
    })
}

/// Whether this is the digest of the code that an account has, and good still.
pub fn has_code(
    db: &mut Db,
    account: AccountId,
    code: &[u8],
    now: Timestamp,
) -> Result<bool, Fault> {
    let mine = one_time_codes::table
        .filter(one_time_codes::account.eq(Key::from(account)))
        .filter(one_time_codes::hash.eq(code))
        .filter(one_time_codes::expires_at.gt(Instant(now)));
    let found: i64 = on_engine!(db, |conn| mine.count().get_result(conn))?;
    Ok(found > 0)
}

/// Forgets the codes that are good no longer, and the devices not used for long.
pub fn forget(tx: &mut Tx, now: Timestamp) -> Result<usize, Fault> {
    const DEVICE_KEPT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 180);
    let codes = one_time_codes::table.filter(one_time_codes::expires_at.le(Instant(now)));
    let old = devices::table.filter(devices::last_used_at.le(Instant(now - DEVICE_KEPT_FOR)));
    Ok(on_engine!(tx, |conn| {
        let codes = diesel::delete(codes).execute(conn)?;
        diesel::delete(old).execute(conn).map(|old| codes + old)
    })?)
}

/// Keeps the digest of the code that an account has from now on, or that it has none.
fn keep_code(tx: &mut Tx, account: &Account, code: Option<&[u8]>) -> Result<(), Fault> {
    let id = Key::from(account.id);
    let row = code.zip(account.code_expires_at).map(|(code, until)| {
        (
            one_time_codes::account.eq(id),
            one_time_codes::hash.eq(code),
            one_time_codes::expires_at.eq(Instant(until.jiff())),
        )
    });
    on_engine!(tx, |conn| {
        diesel::delete(one_time_codes::table.find(id)).execute(conn)?;
        if let Some(row) = row {
            diesel::insert_into(one_time_codes::table)
                .values(row)
                .execute(conn)?;
        }
        QueryResult::Ok(())
    })?;
    Ok(())
}

/// Why an account may not have an address: another has it. Taken in turn with every other change of
/// addresses.
fn taken(tx: &mut Tx, own: AccountId, email: &Email) -> Result<Option<AccountRefusal>, Fault> {
    tx.take_turn(Turn::Addresses)?;
    let other = with_address(tx, &email.folded())?;
    Ok(other
        .map(|(account, _)| account)
        .filter(|account| *account != own)
        .map(|account| AccountRefusal::EmailTaken { account }))
}

/// What is kept of who a person is.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = persons, treat_none_as_default_value = false)]
struct PersonRow {
    name: String,
    email: String,
    email_key: String,
    words: String,
}

fn person_row(person: &PersonFields) -> PersonRow {
    let (name, email) = (person.name.as_str(), person.email.as_str());
    PersonRow {
        name: name.to_owned(),
        email: email.to_owned(),
        email_key: person.email.folded(),
        words: format!(" {}", words(&format!("{name} {email}")).join(" ")),
    }
}
