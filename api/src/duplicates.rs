//! Organisations that may be recorded twice.

use domain::access::{Action, Actor, Permit};
use domain::organisations::{self as rules, OnDuplicate, Organisation};
use domain::records::Warning;
use domain::values::{Date, Pointer, Version};
use persistence::{Db, Document, Tx, history, organisations};

use crate::app::Telling;
use crate::http::asked::Writing;
use crate::problem::Problem;

/// A write after which the organisations are told that the one written looks like.
pub fn telling(writing: Writing) -> Telling {
    Telling {
        writing,
        odd: Some(likely),
    }
}

/// Refuses an organisation that looks like others, when it is asked to.
pub fn allow(
    tx: &mut Tx,
    permit: &Permit,
    on_duplicate: OnDuplicate,
    organisation: &Organisation,
) -> Result<(), Problem> {
    if on_duplicate == OnDuplicate::Warn {
        return Ok(());
    }
    let visible = permit.visibility(Action::ReadOrganisations);
    let (said, id, today) = (&organisation.fields, organisation.id, tx.today());
    let found = organisations::look_alikes(tx, visible, said, Some(id), today)?;
    Ok(rules::allow(on_duplicate, found)?)
}

/// Tells of the organisations that one looks like, unless it did so before it was written.
fn likely(
    db: &mut Db,
    actor: &Actor,
    document: &Document,
    today: Date,
) -> Result<Vec<Warning>, Problem> {
    let visible = actor.visibility(Action::ReadOrganisations)?;
    let organisation: Organisation = document.resource()?;
    let (said, id) = (&organisation.fields, organisation.id);
    if document.version > Version::FIRST {
        let before = Version::new(document.version.number() - 1);
        let kind = document.resource_type;
        let past = history::version_of(db, visible, kind, document.id, before)?;
        let body = past.and_then(|past| past.body);
        let before: Option<Organisation> = body
            .map(|body| persistence::documents::read_back(&body, document.id))
            .transpose()?;
        if before.is_some_and(|before| before.fields.marks() == said.marks()) {
            return Ok(Vec::new());
        }
    }
    let candidates = organisations::look_alikes(db, visible, said, Some(id), today)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let pointer = Pointer::root();
    Ok(vec![Warning::LikelyDuplicate {
        pointer,
        candidates,
    }])
}
