//! What is answered beside the stored bytes of a record, whoever asks: who a person is, and when a
//! caller last called. Neither may be in what is kept for ever.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::Action;
use domain::people::Identity;
use domain::records::ResourceType;
use serde_json::json;
use uuid::Uuid;

use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::schema::{accounts, callers, persons};
use crate::{Db, Document, Fault, Joined, people};

/// Whether anything belongs beside records of a type.
#[must_use]
pub fn is_to(resource_type: ResourceType) -> bool {
    matches!(
        resource_type,
        ResourceType::Account | ResourceType::Client | ResourceType::Person
    )
}

/// Who some people are, as members of an answer beside the bytes stored of them, whatever state these tell of.
pub fn of_people(db: &mut Db, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Joined>, Fault> {
    let known = people::identities(db, ids)?;
    let joined = known.into_iter().map(|(id, who)| (id, of_person(&who)));
    Ok(joined.collect())
}

/// The name for whoever sees the person, the rest for those who need it.
fn of_person(who: &Identity) -> Joined {
    let needed = [
        ("rpps", json!(who.rpps)),
        ("email", json!(who.email)),
        ("phone", json!(who.phone)),
    ];
    let needed = needed.map(|(name, value)| (Action::ReadContacts, name, value.to_string()));
    Joined {
        always: vec![
            ("name", json!(who.name()).to_string()),
            ("family_name", json!(who.family_name()).to_string()),
            ("given_name", json!(who.given_name()).to_string()),
        ],
        by_need: needed.into(),
        once: Vec::new(),
    }
}

/// Joins to each document what belongs beside it.
pub fn fill<'a>(
    db: &mut Db,
    documents: impl Iterator<Item = &'a mut Document>,
) -> Result<(), Fault> {
    let (at_work, documents): (Vec<&mut Document>, Vec<&mut Document>) = documents
        .filter(|document| is_to(document.resource_type))
        .partition(|document| document.resource_type == ResourceType::Person);
    fill_people(db, at_work)?;
    let (mut people, mut of_callers) = (Vec::new(), Vec::new());
    for document in &documents {
        of_callers.push(Key(document.id));
        if document.resource_type == ResourceType::Account {
            people.push(Key(document.id));
        }
    }
    if documents.is_empty() {
        return Ok(());
    }
    let people = people_of(db, &people)?;
    let last_uses = last_uses(db, &of_callers)?;
    for document in documents {
        let always = &mut document.joined.always;
        if let Some((name, email)) = people.get(&document.id) {
            always.push(("name", json(name.as_ref())));
            always.push(("email", json(email.as_ref())));
        }
        let last = last_uses.get(&document.id).copied().flatten();
        always.push((
            "last_used_at",
            json(last.map(|at| at.0.to_string()).as_ref()),
        ));
    }
    Ok(())
}

fn fill_people(db: &mut Db, documents: Vec<&mut Document>) -> Result<(), Fault> {
    if documents.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = documents.iter().map(|document| document.id).collect();
    let mut joined = of_people(db, &ids)?;
    for document in documents {
        document.joined = joined.remove(&document.id).unwrap_or_default();
    }
    Ok(())
}

fn json(text: Option<&String>) -> String {
    json!(text).to_string()
}

/// Nothing of a person who was erased.
type NameAndAddress = (Option<String>, Option<String>);

/// The name and the e-mail address of the person of each account.
fn people_of(db: &mut Db, accounts: &[Key]) -> Result<BTreeMap<Uuid, NameAndAddress>, Fault> {
    if accounts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(Key, Option<String>, Option<String>)> = on_engine!(db, |conn| accounts::table
        .inner_join(persons::table.on(persons::id.eq(accounts::person)))
        .filter(accounts::id.eq_any(accounts))
        .select((accounts::id, persons::name, persons::email))
        .load(conn))?;
    Ok(rows
        .into_iter()
        .map(|(id, name, email)| (id.0, (name, email)))
        .collect())
}

fn last_uses(db: &mut Db, ids: &[Key]) -> Result<BTreeMap<Uuid, Option<Instant>>, Fault> {
    let rows: Vec<(Key, Option<Instant>)> = on_engine!(db, |conn| callers::table
        .filter(callers::id.eq_any(ids))
        .select((callers::id, callers::last_used_at))
        .load(conn))?;
    Ok(rows.into_iter().map(|(id, last)| (id.0, last)).collect())
}
