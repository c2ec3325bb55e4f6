//! The rows of each room that find its records, beside those of every room.

use diesel::dsl::not;
use diesel::prelude::*;
use domain::access::{Account, AccountState, Client, Grant, TokenScope};
use domain::organisations::Organisation;
use domain::people::Person;
use domain::records::Resource;
use domain::territories::{Territory, TerritoryCode, Turn as Turning};
use domain::values::{CodeList, Email, words};
use uuid::Uuid;

use super::bodies::different;
use crate::columns::{Day, Instant, Key};
use crate::connection::on_engine;
use crate::schema::{
    accounts as accounts_table, callers, client_secrets, clients as clients_table,
    grants as grants_table, identities, organisations as organisations_table, persons,
    records as records_table, territories as territories_table, territory_members, territory_parts,
};
use crate::{Db, Fault, clients};

/// A record, the table whose rows do not fit it, and what is wrong with them.
pub(super) type Misfit = (Uuid, &'static str, &'static str);

const COLUMNS: &str = "its columns are not what its body says";
const CALLER: &str = "what every request asks of it is not what its record says";
const SECRET: &str = "how long its old secret is good is not what its record says, or it has none";
const LINKS: &str = "they are not those that the record says";

pub(super) const KINDS: &[(&str, &str)] = &[
    ("organisations", COLUMNS),
    ("records", COLUMNS),
    ("territories", COLUMNS),
    ("territory_parts", LINKS),
    ("territory_members", LINKS),
    ("clients", COLUMNS),
    ("callers", CALLER),
    ("client_secrets", SECRET),
    ("accounts", COLUMNS),
    ("persons", COLUMNS),
    ("grants", COLUMNS),
    ("identities", COLUMNS),
];

/// A whole, a part, the place of the one among those of the other, and its days.
type LinkRow = (Key, Key, i64, Option<Day>, Option<Day>);

fn misfits<T: Ord>(
    (table, wrong): (&'static str, &'static str),
    said: Vec<T>,
    kept: Vec<T>,
    of: impl Fn(&T) -> Key,
) -> impl Iterator<Item = Misfit> {
    let ids = different(said, kept, of).into_iter();
    ids.map(move |id| (id, table, wrong))
}

pub(super) fn organisations(db: &mut Db, records: &[Organisation]) -> Result<Vec<Misfit>, Fault> {
    use organisations_table as t;
    type Row = (Key, String, bool, Option<Day>, Option<Day>);
    let ids: Vec<Key> = records.iter().map(|record| record.id.into()).collect();
    let columns: Vec<Row> = on_engine!(db, |conn| t::table
        .filter(t::id.eq_any(&ids))
        .select((
            t::id,
            t::kind,
            t::fictitious,
            t::exists_from,
            t::ends_before
        ))
        .load(conn))?;
    let said = records.iter().map(|record| {
        let kind = record.fields.kind.code().to_owned();
        let days = (record.exists_from().map(Day), record.ends_before().map(Day));
        (
            record.id.into(),
            kind,
            record.fields.fictitious,
            days.0,
            days.1,
        )
    });
    let columns = misfits(("organisations", COLUMNS), said.collect(), columns, |row| {
        row.0
    });
    Ok(columns.collect())
}

/// Of the records of any type that have no table of their own.
pub(super) fn records<R: Resource>(db: &mut Db, records: &[R]) -> Result<Vec<Misfit>, Fault> {
    use records_table as t;
    let ids: Vec<Key> = records.iter().map(|record| Key(record.uuid())).collect();
    let columns: Vec<(Key, Option<Day>, Option<Day>)> = on_engine!(db, |conn| t::table
        .filter(t::id.eq_any(&ids))
        .select((t::id, t::exists_from, t::ends_before))
        .load(conn))?;
    let said = records.iter().map(|record| {
        let exists = record.exists();
        let days = (exists.starts_on.map(Day), exists.ends_before.map(Day));
        (Key(record.uuid()), days.0, days.1)
    });
    let columns = misfits(("records", COLUMNS), said.collect(), columns, |row| row.0);
    Ok(columns.collect())
}

/// Of people: whether something says who each is, and says as much as the record does of its erasure.
pub(super) fn people(db: &mut Db, people: &[Person]) -> Result<Vec<Misfit>, Fault> {
    let ids: Vec<Key> = people.iter().map(|person| person.id.into()).collect();
    let kept: Vec<(Key, bool)> = on_engine!(db, |conn| identities::table
        .filter(identities::id.eq_any(&ids))
        .select((identities::id, identities::erased_at.is_not_null()))
        .load(conn))?;
    let said = people
        .iter()
        .map(|person| (person.id.into(), person.erased));
    let mut wrong = records(db, people)?;
    wrong.extend(misfits(
        ("identities", COLUMNS),
        said.collect(),
        kept,
        |row| row.0,
    ));
    Ok(wrong)
}

pub(super) fn territories(db: &mut Db, records: &[Territory]) -> Result<Vec<Misfit>, Fault> {
    use territories_table as t;
    type Row = (Key, String, String, Option<Day>, Option<Day>);
    let ids: Vec<Key> = records.iter().map(|record| record.id.into()).collect();
    let columns: Vec<Row> = on_engine!(db, |conn| t::table
        .filter(t::id.eq_any(&ids))
        .select((t::id, t::kind, t::code, t::exists_from, t::ends_before))
        .load(conn))?;
    let parts: Vec<LinkRow> = on_engine!(db, |conn| territory_parts::table
        .filter(territory_parts::part.eq_any(&ids))
        .select(territory_parts::all_columns)
        .load(conn))?;
    let members: Vec<LinkRow> = on_engine!(db, |conn| territory_members::table
        .filter(territory_members::whole.eq_any(&ids))
        .select(territory_members::all_columns)
        .load(conn))?;
    let said = records.iter().map(|record| {
        let code = record.code.as_ref().map_or("", TerritoryCode::as_str);
        let kind = record.kind.code().to_owned();
        let from = record.start().map(Turning::earliest).map(Day);
        let before = record.ending().map(Turning::surely_by).map(Day);
        (record.id.into(), kind, code.to_owned(), from, before)
    });
    let said_parts = records.iter().flat_map(|record| {
        let wholes = (0_i64..).zip(&record.part_of);
        wholes.map(|(position, one)| {
            let from = one.start().map(Turning::earliest).map(Day);
            let before = one.end().map(Turning::surely_by).map(Day);
            (one.whole.into(), record.id.into(), position, from, before)
        })
    });
    let said_members = records.iter().flat_map(|record| {
        let members = (0_i64..).zip(&record.members);
        members.map(|(position, one)| {
            let days = (one.starts_on.map(Day), one.ends_before.map(Day));
            (
                record.id.into(),
                one.territory.into(),
                position,
                days.0,
                days.1,
            )
        })
    });
    let columns = misfits(("territories", COLUMNS), said.collect(), columns, |row| {
        row.0
    });
    let parts = misfits(
        ("territory_parts", LINKS),
        said_parts.collect(),
        parts,
        |row| row.1,
    );
    let members = misfits(
        ("territory_members", LINKS),
        said_members.collect(),
        members,
        |row| row.0,
    );
    Ok(columns.chain(parts).chain(members).collect())
}

/// The columns of a client, what every request asks of it as a caller, and until when an old secret is good.
pub(super) fn clients(db: &mut Db, records: &[Client]) -> Result<Vec<Misfit>, Fault> {
    use clients_table as t;
    let ids: Vec<Key> = records.iter().map(|record| record.id.into()).collect();
    let columns: Vec<(Key, bool)> = on_engine!(db, |conn| t::table
        .filter(t::id.eq_any(&ids))
        .select((t::id, t::revoked))
        .load(conn))?;
    let secrets: Vec<(Key, Option<Instant>)> = on_engine!(db, |conn| client_secrets::table
        .inner_join(t::table.on(t::id.eq(client_secrets::client)))
        .filter(t::id.eq_any(&ids))
        .filter(not(t::revoked))
        .select((t::id, client_secrets::old_good_until))
        .load(conn))?;
    let said = records
        .iter()
        .map(|record| (record.id.into(), record.revoked_at.is_some()));
    let columns = misfits(("clients", COLUMNS), said.collect(), columns, |row| row.0);
    let said = records.iter().map(|record| CallerRow {
        id: record.id.into(),
        name: Some(record.fields.name.to_string()),
        expires_at: record
            .fields
            .expires_at
            .map(|at| at.jiff().as_microsecond()),
        token_scopes: clients::scopes(&record.fields.token_scopes),
        is_revoked: record.revoked_at.is_some(),
    });
    let called = called(db, &ids, said.collect())?;
    let good = records.iter().filter(|record| record.revoked_at.is_none());
    let good = good.map(|record| {
        let until = record.old_secret_good_until;
        (
            record.id.into(),
            until.map(|until| until.jiff().as_microsecond()),
        )
    });
    let secrets = secrets.into_iter();
    let secrets = secrets.map(|(id, until)| (id, until.map(|until| until.0.as_microsecond())));
    let secrets = misfits(
        ("client_secrets", SECRET),
        good.collect(),
        secrets.collect(),
        |row| row.0,
    );
    Ok(columns.chain(called).chain(secrets).collect())
}

/// What every request asks of a caller.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CallerRow {
    id: Key,
    name: Option<String>,
    expires_at: Option<i64>,
    token_scopes: String,
    is_revoked: bool,
}

fn every_scope() -> String {
    clients::scopes(TokenScope::ALL)
}

fn called(
    db: &mut Db,
    ids: &[Key],
    said: Vec<CallerRow>,
) -> Result<impl Iterator<Item = Misfit> + use<>, Fault> {
    type Row = (
        Key,
        Option<String>,
        Option<Instant>,
        Option<String>,
        Option<Instant>,
    );
    let rows: Vec<Row> = on_engine!(db, |conn| callers::table
        .filter(callers::id.eq_any(ids))
        .select((
            callers::id,
            callers::name,
            callers::expires_at,
            callers::token_scopes,
            callers::revoked_at,
        ))
        .load(conn))?;
    let kept = rows.into_iter().map(
        |(id, name, expires_at, token_scopes, revoked_at)| CallerRow {
            id,
            name,
            expires_at: expires_at.map(|at| at.0.as_microsecond()),
            // One who was there before there were scopes has them all.
            token_scopes: token_scopes.unwrap_or_else(every_scope),
            is_revoked: revoked_at.is_some(),
        },
    );
    Ok(misfits(("callers", CALLER), said, kept.collect(), |row| {
        row.id
    }))
}

/// The columns of an account, and what finds its person. A withdrawn one leaves its address to others.
pub(super) fn accounts(db: &mut Db, records: &[Account]) -> Result<Vec<Misfit>, Fault> {
    use accounts_table as t;
    type Found = (Option<String>, Option<String>, Option<String>, String);
    let ids: Vec<Key> = records.iter().map(|record| record.id.into()).collect();
    let rows: Vec<(Key, String, Key, Found)> = on_engine!(db, |conn| t::table
        .inner_join(persons::table.on(persons::id.eq(t::person)))
        .filter(t::id.eq_any(&ids))
        .select((
            t::id,
            t::state,
            t::person,
            (
                persons::name,
                persons::email,
                persons::email_key,
                persons::words
            ),
        ))
        .load(conn))?;
    let mut wrong = Vec::new();
    let mut columns = Vec::new();
    for (id, state, person, (name, email, email_key, found_by)) in rows {
        let withdrawn = state == AccountState::Revoked.code();
        // One of whom nothing is known any more is found by nothing.
        let is_empty =
            name.is_none() && email.is_none() && email_key.is_none() && found_by.is_empty();
        if let Some((name, email)) = name.zip(email) {
            let folded = Email::parse(&email).ok().map(|email| email.folded());
            let said = format!(" {}", words(&format!("{name} {email}")).join(" "));
            if email_key != folded.filter(|_| !withdrawn) || found_by != said {
                wrong.push((person.0, "persons", COLUMNS));
            }
        } else if !is_empty {
            wrong.push((person.0, "persons", COLUMNS));
        }
        columns.push((id, state, person));
    }
    let callers = records.iter().map(|record| CallerRow {
        id: record.id.into(),
        name: None,
        expires_at: None,
        token_scopes: every_scope(),
        is_revoked: record.revoked_at.is_some(),
    });
    wrong.extend(called(db, &ids, callers.collect())?);
    let said = records.iter().map(|record| {
        let state = record.state().code().to_owned();
        (record.id.into(), state, record.person.into())
    });
    wrong.extend(misfits(
        ("accounts", COLUMNS),
        said.collect(),
        columns,
        |row| row.0,
    ));
    Ok(wrong)
}

pub(super) fn grants(db: &mut Db, records: &[Grant]) -> Result<Vec<Misfit>, Fault> {
    use grants_table as t;
    type Row = (Key, Key, String, String, Option<Day>, Option<Day>);
    let ids: Vec<Key> = records.iter().map(|record| record.id.into()).collect();
    let columns: Vec<Row> = on_engine!(db, |conn| t::table
        .filter(t::id.eq_any(&ids))
        .select((
            t::id,
            t::caller,
            t::role,
            t::scope,
            t::starts_on,
            t::ends_before
        ))
        .load(conn))?;
    let said = records.iter().map(|record| {
        let of = &record.fields;
        let (role, scope) = (of.role.code().to_owned(), of.scope.to_string());
        let days = (of.starts_on.map(Day), of.ends_before.map(Day));
        (
            record.id.into(),
            record.caller.into(),
            role,
            scope,
            days.0,
            days.1,
        )
    });
    Ok(misfits(("grants", COLUMNS), said.collect(), columns, |row| row.0).collect())
}
