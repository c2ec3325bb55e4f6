//! What is answered beside the stored bytes of a record, whoever asks: who a person is, and when a
//! caller last called. Neither may be in what is kept for ever.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::records::ResourceType;
use uuid::Uuid;

use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::schema::{accounts, callers, persons};
use crate::{Db, Document, Fault};

/// Whether anything belongs beside records of a type.
#[must_use]
pub fn is_to(resource_type: ResourceType) -> bool {
    matches!(resource_type, ResourceType::Account | ResourceType::Client)
}

/// Joins to each document what belongs beside it.
pub fn fill<'a>(
    db: &mut Db,
    documents: impl Iterator<Item = &'a mut Document>,
) -> Result<(), Fault> {
    let (mut people, mut of_callers) = (Vec::new(), Vec::new());
    let documents: Vec<&mut Document> = documents
        .filter(|document| is_to(document.resource_type))
        .collect();
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

fn json(text: Option<&String>) -> String {
    serde_json::json!(text).to_string()
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
