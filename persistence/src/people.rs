//! People: what each does is a record like any other; who it is stands in one row, and nowhere else that lasts.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::Permit;
use domain::people::{Identity, Person, PersonId};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{Email, Id, Label, Phone, Rpps, ValueError};
use uuid::Uuid;

use crate::columns::{Instant, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::schema::{audit, identities};
use crate::{Db, Document, Fault, Tx, records};

/// Who somebody is, as it is kept.
#[derive(AsChangeset, Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = identities, treat_none_as_null = true, treat_none_as_default_value = false)]
struct IdentityRow {
    id: Key,
    family_name: String,
    given_name: Option<String>,
    rpps: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    erased_at: Option<Instant>,
}

impl IdentityRow {
    fn of(id: PersonId, identity: &Identity, erased_at: Option<Instant>) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Self {
            id: id.into(),
            family_name: identity.family_name().to_string(),
            given_name: text(identity.given_name().map(Label::as_str)),
            rpps: text(identity.rpps.as_ref().map(Rpps::as_str)),
            email: text(identity.email.as_ref().map(Email::as_str)),
            phone: text(identity.phone.as_ref().map(Phone::as_str)),
            erased_at,
        }
    }

    fn identity(self) -> Result<Identity, Fault> {
        let id = self.id.0;
        let corrupt = |column| {
            move |error: ValueError| Fault::CorruptRow {
                table: "identities",
                column,
                id: id.to_string(),
                reason: error.to_string(),
            }
        };
        let given_name = self.given_name.map(|name| name.parse()).transpose();
        let (rpps, email) = (self.rpps.map(|rpps| rpps.parse()), self.email);
        let email = email.map(|email| email.parse()).transpose();
        let phone = self.phone.map(|phone| phone.parse()).transpose();
        Ok(Identity {
            rpps: rpps.transpose().map_err(corrupt("rpps"))?,
            email: email.map_err(corrupt("email"))?,
            phone: phone.map_err(corrupt("phone"))?,
            ..Identity::named(
                self.family_name.parse().map_err(corrupt("family_name"))?,
                given_name.map_err(corrupt("given_name"))?,
            )
        })
    }
}

/// Who some people are: of those who were erased, their pseudonyms.
pub fn identities(db: &mut Db, of: &[Uuid]) -> Result<BTreeMap<Uuid, Identity>, Fault> {
    let mut found = BTreeMap::new();
    let keys: Vec<Key> = of.iter().copied().map(Key).collect();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<IdentityRow> = on_engine!(db, |conn| identities::table
            .filter(identities::id.eq_any(keys))
            .select(IdentityRow::as_select())
            .load(conn))?;
        for row in rows {
            found.insert(row.id.0, row.identity()?);
        }
    }
    Ok(found)
}

/// Puts back who it is into records of people; others are somebody no more than they say.
pub fn identify<R: Resource>(db: &mut Db, records: &mut [R]) -> Result<(), Fault> {
    if R::TYPE != ResourceType::Person {
        return Ok(());
    }
    let ids: Vec<Uuid> = records.iter().map(Resource::uuid).collect();
    let mut known = identities(db, &ids)?;
    for record in records {
        if let Some(identity) = known.remove(&record.uuid()) {
            record.identify(identity);
        }
    }
    Ok(())
}

/// Records somebody new.
pub fn insert(tx: &mut Tx, permit: &Permit, person: &Person) -> Result<Document, Fault> {
    let document = records::insert(tx, permit, person)?;
    let row = row_of(person, None)?;
    on_engine!(tx, |conn| diesel::insert_into(identities::table)
        .values(&row)
        .execute(conn))?;
    Ok(document)
}

/// Records a change.
pub fn update(tx: &mut Tx, permit: &Permit, person: &Person) -> Result<Document, Fault> {
    let document = records::update(tx, permit, ChangeKind::Updated, person)?;
    keep(tx, &row_of(person, None)?)?;
    Ok(document)
}

/// Records that a person was erased: the pseudonym overwrites who it was, here and in what finds people, and reasons
/// given for what was written of the person before go with it.
pub fn erase(tx: &mut Tx, permit: &Permit, person: &Person) -> Result<Document, Fault> {
    let document = records::update(tx, permit, ChangeKind::Erased, person)?;
    let at = Instant(tx.origin().at);
    keep(tx, &row_of(person, Some(at))?)?;
    forget_reasons(tx, person.id)?;
    Ok(document)
}

/// Deletes what was recorded by mistake. Its history stays, under a pseudonym.
pub fn delete(tx: &mut Tx, permit: &Permit, person: &Person) -> Result<(), Fault> {
    records::delete(tx, permit, person)?;
    let at = Instant(tx.origin().at);
    let nobody = Identity::pseudonym(person.id);
    keep(tx, &IdentityRow::of(person.id, &nobody, Some(at)))?;
    forget_reasons(tx, person.id)
}

/// The person and who it is, kept from others until the transaction ends.
pub fn for_change(tx: &mut Tx, id: Id<Person>) -> Result<Option<Person>, Fault> {
    let person = records::for_change(tx, id)?;
    identified(tx, person)
}

/// The person, whom nobody changes or begins to name until the transaction ends.
pub fn for_deletion(tx: &mut Tx, id: Id<Person>) -> Result<Option<Person>, Fault> {
    let person = records::for_deletion(tx, id)?;
    identified(tx, person)
}

fn identified(tx: &mut Tx, person: Option<Person>) -> Result<Option<Person>, Fault> {
    let mut person: Vec<Person> = person.into_iter().collect();
    identify(tx, &mut person)?;
    Ok(person.pop())
}

/// The columns that say who a person is.
fn row_of(person: &Person, erased_at: Option<Instant>) -> Result<IdentityRow, Fault> {
    let identity = person.identity.as_ref();
    let row = identity.map(|identity| IdentityRow::of(person.id, identity, erased_at));
    row.ok_or_else(|| Fault::CorruptRow {
        table: "identities",
        column: "id",
        id: person.id.to_string(),
        reason: "nothing says who it is".to_owned(),
    })
}

/// Takes from the audit why the person was written before: such words may say who it was.
fn forget_reasons(tx: &mut Tx, id: PersonId) -> Result<(), Fault> {
    let lines = audit::table
        .filter(audit::id.eq(Key::from(id)))
        .filter(audit::reason.is_not_null());
    on_engine!(tx, |conn| diesel::update(lines)
        .set(audit::reason.eq(None::<String>))
        .execute(conn))?;
    Ok(())
}

fn keep(tx: &mut Tx, row: &IdentityRow) -> Result<(), Fault> {
    on_engine!(tx, |conn| diesel::update(identities::table.find(row.id))
        .set(row)
        .execute(conn))?;
    Ok(())
}
