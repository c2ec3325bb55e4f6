//! Which actions look like others that run on the same day.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::Visibility;
use domain::actions::{ActionStatus, MOST_DOUBLES, PlannedAction};
use domain::records::{Facet, Resource};
use domain::values::{CodeList, Date};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::finding::standing;
use crate::places::{self, Places};
use crate::schema::facets;
use crate::scopes::sighted;
use crate::{Db, Document, Fault, records};

/// For each of some actions, those in sight that run on the day and look like it, not all when there are many.
pub fn doubles(
    db: &mut Db,
    visible: Visibility,
    of: &[PlannedAction],
    day: Date,
) -> Result<BTreeMap<Uuid, Vec<PlannedAction>>, Fault> {
    let likely = likely(db, visible, of, day)?;
    let both = of.iter().chain(&likely);
    let territories = both.flat_map(|action| action.fields.territories.iter().copied());
    let territories: Places = territories.collect();
    let ground = places::ground(db, &territories, day)?;
    let doubles_of = |one: &PlannedAction| {
        let others = likely.iter().filter(|other| other.id != one.id);
        let doubles = others.filter(|other| one.fields.looks_like(&other.fields, &ground));
        doubles.take(MOST_DOUBLES).cloned().collect()
    };
    Ok(of.iter().map(|one| (one.uuid(), doubles_of(one))).collect())
}

/// The actions in sight that run on a day and bear a mark of one of these.
fn likely(
    db: &mut Db,
    visible: Visibility,
    of: &[PlannedAction],
    day: Date,
) -> Result<Vec<PlannedAction>, Fault> {
    let marks: Vec<String> = of.iter().flat_map(|one| one.fields.marks()).collect();
    let mut ids: Vec<Uuid> = Vec::new();
    for marks in marks.chunks(AT_ONCE) {
        let found: Vec<Key> = on_engine!(db, |conn: Backend| {
            let running = ActionStatus::Running.code();
            let runs = standing!(PlannedAction::TYPE, Facet::Status, running, Day(day));
            let alike = facets::table
                .filter(facets::type_.eq(PlannedAction::TYPE.code()))
                .filter(facets::facet.eq(Facet::Likeness.code()))
                .filter(facets::value.eq_any(marks))
                .filter(facets::id.eq_any(runs))
                .into_boxed::<Backend>();
            sighted!(alike, visible, facets)
                .select(facets::id)
                .distinct()
                .load(conn)
        })?;
        ids.extend(found.into_iter().map(|id| id.0));
    }
    ids.sort_unstable();
    ids.dedup();
    let documents = records::with_ids::<PlannedAction>(db, visible, &ids)?;
    let mut likely = documents
        .iter()
        .map(Document::resource)
        .collect::<Result<Vec<PlannedAction>, Fault>>()?;
    likely.sort_unstable_by_key(|action| action.id);
    Ok(likely)
}
