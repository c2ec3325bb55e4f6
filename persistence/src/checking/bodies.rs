//! What only the records themselves can tell: whether everything that finds them says what they say.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::{Account, Client, Grant};
use domain::actions::PlannedAction;
use domain::bearers::Bearer;
use domain::facilitations::Facilitation;
use domain::founding_texts::FoundingText;
use domain::lineage::LineageEvent;
use domain::memberships::Membership;
use domain::networks::Network;
use domain::objectives::Objective;
use domain::organisations::Organisation;
use domain::people::Person;
use domain::poolings::Pooling;
use domain::records::{Resource, ResourceType};
use domain::territories::Territory;
use domain::values::{CodeList, Date, Version};
use uuid::Uuid;

use super::rooms::{self, Misfit};
use super::rules::is_kept_whole;
use super::{AT_ONCE, Finding, Tell};
use crate::columns::{Json, Key};
use crate::connection::{Begin, on_engine};
use crate::documents::{DocumentRow, Present, document_columns, read_back};
use crate::finding::{self, FacetRow, NameRow, SpanRow};
use crate::schema::{
    accounts, clients, facets, folded, grants, names, organisations, records, spans, territories,
    ties, versions,
};
use crate::scopes;
use crate::ties::{TieRow, ties_of};
use crate::{Db, Document, Fault, folds, people};

const UNREADABLE: &str = "it cannot be read";
const OF_ANOTHER: &str = "its body is of another record or version";
const PRESENT: &str = "what it says of a day is not what its body says";
const NOT_THOSE: &str = "they are not those of the record";
const ELSEWHERE: &str = "its last state names another record";

pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let kept = ResourceType::ALL.iter().filter(|of| is_kept_whole(**of));
    let of_each = kept.flat_map(|of| {
        let table = of.collection();
        [(table, UNREADABLE), (table, OF_ANOTHER), (table, PRESENT)]
    });
    let indexes = ["names", "facets", "spans", "ties", "scope_members"];
    of_each
        .chain(indexes.map(|table| (table, NOT_THOSE)))
        .chain(["ties", "scope_members", "versions", "identities"].map(|table| (table, UNREADABLE)))
        .chain([("versions", OF_ANOTHER)])
        .chain([("folded", ELSEWHERE)])
        .chain(rooms::KINDS.iter().copied())
}

pub(super) fn check(db: &mut Db, today: Date, tell: Tell) -> Result<(), Fault> {
    each::<Organisation>(db, today, rooms::organisations, tell)?;
    each::<Network>(db, today, rooms::records, tell)?;
    each::<Person>(db, today, rooms::people, tell)?;
    each::<Membership>(db, today, rooms::records, tell)?;
    each::<Bearer>(db, today, rooms::records, tell)?;
    each::<Facilitation>(db, today, rooms::records, tell)?;
    each::<Objective>(db, today, rooms::records, tell)?;
    each::<PlannedAction>(db, today, rooms::records, tell)?;
    each::<Pooling>(db, today, rooms::records, tell)?;
    each::<FoundingText>(db, today, rooms::records, tell)?;
    each::<LineageEvent>(db, today, rooms::records, tell)?;
    each::<Territory>(db, today, rooms::territories, tell)?;
    each::<Client>(db, today, rooms::clients, tell)?;
    each::<Account>(db, today, rooms::accounts, tell)?;
    each::<Grant>(db, today, rooms::grants, tell)?;
    folds(db, tell)
}

/// The records of a table after an id, in the order of ids.
fn rows(db: &mut Db, of: ResourceType, after: Key) -> Result<Vec<DocumentRow>, Fault> {
    macro_rules! rows_of {
        ($table:ident) => {
            on_engine!(db, |conn| $table::table
                .filter($table::id.gt(after))
                .order($table::id)
                .limit(AT_ONCE)
                .select(document_columns!($table))
                .load(conn))?
        };
    }
    Ok(match of {
        ResourceType::Organisation => rows_of!(organisations),
        ResourceType::Territory => rows_of!(territories),
        ResourceType::Client => rows_of!(clients),
        ResourceType::Account => rows_of!(accounts),
        ResourceType::Grant => rows_of!(grants),
        ResourceType::Subject => Vec::new(),
        of => on_engine!(db, |conn| records::table
            .filter(records::type_.eq(of.code()))
            .filter(records::id.gt(after))
            .order(records::id)
            .limit(AT_ONCE)
            .select(document_columns!(records))
            .load(conn))?,
    })
}

/// Every record of a type, page by page, each page in one moment; `room` tells what of the room's own
/// rows does not fit them.
fn each<R: Resource>(
    db: &mut Db,
    today: Date,
    room: impl Fn(&mut Db, &[R]) -> Result<Vec<Misfit>, Fault>,
    tell: Tell,
) -> Result<(), Fault> {
    let mut after = Some(Key(Uuid::nil()));
    while let Some(last) = after {
        db.begin(Begin::Snapshot)?;
        let day = scopes::turned_on(db)?.unwrap_or(today);
        let page = rows(db, R::TYPE, last)?;
        after = page.last().map(|row| row.0);
        let mut records = Vec::new();
        for row in page {
            let (id, version) = (row.0.0, Version::new(row.1));
            match read::<R>(row, day) {
                Ok((record, _)) if record.uuid() != id || record.version() != version => {
                    tell(of_record::<R>(id, OF_ANOTHER));
                }
                Ok((_, false)) => tell(of_record::<R>(id, PRESENT)),
                Ok((record, true)) => records.push(record),
                Err(Fault::CorruptRow { .. }) => tell(of_record::<R>(id, UNREADABLE)),
                Err(fault) => return Err(fault),
            }
        }
        match people::identify(db, &mut records) {
            Err(Fault::CorruptRow { table, id, .. }) => tell(Finding {
                table,
                id,
                wrong: UNREADABLE,
            }),
            told => told?,
        }
        match indexes(db, day, &records, tell) {
            Err(Fault::CorruptRow { .. }) => one_by_one(db, day, &records, tell)?,
            told => told?,
        }
        for (id, table, wrong) in room(db, &records)? {
            let id = id.to_string();
            tell(Finding { table, id, wrong });
        }
        db.roll_back()?;
    }
    states::<R>(db, tell)
}

/// What finds each of some records, of which one cannot be read.
fn one_by_one<R: Resource>(db: &mut Db, day: Date, records: &[R], tell: Tell) -> Result<(), Fault> {
    for record in records {
        match indexes(db, day, std::slice::from_ref(record), tell) {
            Err(Fault::CorruptRow { table, .. }) => tell(Finding {
                table,
                id: record.uuid().to_string(),
                wrong: UNREADABLE,
            }),
            told => told?,
        }
    }
    Ok(())
}

/// Every state that a record of a type was ever left in, page by page.
fn states<R: Resource>(db: &mut Db, tell: Tell) -> Result<(), Fault> {
    let mut after = Some((Key(Uuid::nil()), 0));
    while let Some((id, version)) = after {
        let next = versions::id
            .gt(id)
            .or(versions::id.eq(id).and(versions::version.gt(version)));
        let page: Vec<(Key, i64, Option<Json>)> = on_engine!(db, |conn| versions::table
            .filter(next)
            .filter(versions::type_.eq(R::TYPE.code()))
            .order((versions::id, versions::version))
            .limit(AT_ONCE)
            .select((versions::id, versions::version, versions::body))
            .load(conn))?;
        after = page.last().map(|row| (row.0, row.1));
        for (id, version, body) in page {
            let state = body.map(|body| read_back::<R>(&body.0, id.0));
            let wrong = match state.transpose() {
                Ok(None) => continue,
                Ok(Some(state))
                    if (state.uuid(), state.version()) == (id.0, Version::new(version)) =>
                {
                    continue;
                }
                Ok(Some(_)) => OF_ANOTHER,
                Err(_) => UNREADABLE,
            };
            tell(Finding {
                table: "versions",
                id: format!("{} {version}", id.0),
                wrong,
            });
        }
    }
    Ok(())
}

fn of_record<R: Resource>(id: Uuid, wrong: &'static str) -> Finding {
    Finding {
        table: R::TYPE.collection(),
        id: id.to_string(),
        wrong,
    }
}

/// A record, and whether what is kept of its acts and of the days around its last write is true.
fn read<R: Resource>(row: DocumentRow, day: Date) -> Result<(R, bool), Fault> {
    let kept = Document::from_row(R::TYPE, row)?;
    let record: R = kept.resource()?;
    let before = |until: Date| until.yesterday();
    let on = kept.present.since.or(kept.present.until.and_then(before));
    let present = Present::of(&record, on.unwrap_or(day))?;
    let agrees = kept.present == present && kept.acts == record.acts();
    Ok((record, agrees))
}

/// What records are found by, what they belong to, and which scopes reach them.
fn indexes<R: Resource>(db: &mut Db, day: Date, records: &[R], tell: Tell) -> Result<(), Fault> {
    let ids: Vec<Key> = records.iter().map(|record| Key(record.uuid())).collect();
    let borne: Vec<NameRow> = on_engine!(db, |conn| names::table
        .filter(names::id.eq_any(&ids))
        .select(NameRow::as_select())
        .load(conn))?;
    let found_by: Vec<FacetRow> = on_engine!(db, |conn| facets::table
        .filter(facets::id.eq_any(&ids))
        .select(FacetRow::as_select())
        .load(conn))?;
    let true_then: Vec<SpanRow> = on_engine!(db, |conn| spans::table
        .filter(spans::id.eq_any(&ids))
        .select(SpanRow::as_select())
        .load(conn))?;
    let tied: Vec<TieRow> = on_engine!(db, |conn| ties::table
        .filter(ties::source.eq_any(&ids))
        .select(TieRow::as_select())
        .load(conn))?;
    let said = records.iter().flat_map(finding::names_of).collect();
    let differ = different(said, borne, |row| row.id).into_iter();
    let mut wrong: Vec<(Uuid, &'static str)> = differ.map(|id| (id, "names")).collect();
    let said = records.iter().flat_map(finding::facets_of).collect();
    let differ = different(said, found_by, |row| row.id).into_iter();
    wrong.extend(differ.map(|id| (id, "facets")));
    let said = records.iter().flat_map(finding::spans_of).collect();
    let differ = different(said, true_then, |row| row.id).into_iter();
    wrong.extend(differ.map(|id| (id, "spans")));
    let said = records.iter().flat_map(ties_of).collect();
    let differ = different(said, tied, |row| row.source).into_iter();
    wrong.extend(differ.map(|id| (id, "ties")));
    let of_type = ids.iter().map(|id| (id.0, R::TYPE)).collect();
    let moves = scopes::moves_of(db, of_type, day)?;
    wrong.extend(moves.into_iter().map(|one| (one.id, "scope_members")));
    for (id, table) in wrong {
        tell(Finding {
            table,
            id: id.to_string(),
            wrong: NOT_THOSE,
        });
    }
    Ok(())
}

/// Of which records the rows are not those that they should be, in whatever order both come.
pub(super) fn different<T: Ord>(said: Vec<T>, kept: Vec<T>, of: impl Fn(&T) -> Key) -> Vec<Uuid> {
    let mut both: BTreeMap<Uuid, (Vec<T>, Vec<T>)> = BTreeMap::new();
    for row in said {
        both.entry(of(&row).0).or_default().0.push(row);
    }
    for row in kept {
        both.entry(of(&row).0).or_default().1.push(row);
    }
    let differing = both.into_iter().filter_map(|(id, (mut said, mut kept))| {
        said.sort_unstable();
        kept.sort_unstable();
        (said != kept).then_some(id)
    });
    differing.collect()
}

/// Whether the last state of what was folded names the record that stands for it.
fn folds(db: &mut Db, tell: Tell) -> Result<(), Fault> {
    let mut after = Key(Uuid::nil());
    loop {
        let rows: Vec<(Key, Key, Option<Json>)> = on_engine!(db, |conn| folded::table
            .inner_join(
                versions::table.on(versions::id
                    .eq(folded::id)
                    .and(versions::version.eq(folded::version))),
            )
            .filter(folded::id.gt(after))
            .order(folded::id)
            .limit(AT_ONCE)
            .select((folded::id, folded::survivor, versions::body))
            .load(conn))?;
        let Some((last, ..)) = rows.last() else {
            return Ok(());
        };
        after = *last;
        for (id, survivor, body) in rows {
            let named = body.as_ref().and_then(|body| folds::survivor_in(&body.0));
            if named != Some(survivor.0) {
                tell(Finding {
                    table: "folded",
                    id: id.0.to_string(),
                    wrong: ELSEWHERE,
                });
            }
        }
    }
}
