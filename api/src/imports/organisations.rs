//! Rows of a file into organisations, some hundred at a time: what they may tell of is looked up
//! for all of them together, then each is decided on its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::access::{Action, Permit};
use domain::imports::{Candidates, CellError, Match, RowError, RowOf, matched};
use domain::organisations::import::{Column, OrganisationRow};
use domain::organisations::{
    Imported, Organisation, OrganisationFields, OrganisationId, Refusal, identifier_facet,
};
use domain::records::{ChangeKind, ResourceType};
use domain::values::Label;
use persistence::imports::{self, Tie};
use persistence::{Fault, Tx, duplicates, organisations};
use uuid::Uuid;

use super::findings::Finding;
use super::rows::{self, Read, Refused, Seen, Sheet, Subject, Taken, finding, whole};
use super::table::Row;
use crate::words::Tell;

const TYPE: ResourceType = ResourceType::Organisation;

/// What is recorded of the things that some rows may tell of.
struct Known {
    ties: HashMap<String, Tie>,
    bearers: BTreeMap<String, Vec<Uuid>>,
    /// The records that this source knows by some key.
    taken: BTreeSet<Uuid>,
    records: HashMap<Uuid, Organisation>,
    /// Of the marks that the new ones bear, those that some record bears.
    marks: BTreeSet<String>,
    communes: Option<BTreeSet<String>>,
    /// Those to record, together.
    new: Vec<Organisation>,
}

/// Files of organisations.
pub enum Organisations {}

impl Sheet for Organisations {
    type Row = OrganisationRow;

    const TYPE: ResourceType = TYPE;

    const ACTION: Action = Action::ImportOrganisations;

    fn take(
        tx: &mut Tx,
        permit: &Permit,
        subject: &Subject<Column>,
        seen: &mut Seen,
        rows: Vec<Row>,
        new_id: &dyn Fn() -> Uuid,
    ) -> Result<Taken, Fault> {
        let mut taken = Taken::default();
        let readable: Vec<Told> = rows::readable(subject, seen, rows, &mut taken);
        let mut known = look_up(tx, subject, &readable)?;
        for read in &readable {
            match decide(tx, permit, subject, &mut known, &mut taken, read, new_id)? {
                Ok(()) => {}
                Err(findings) => taken.refuse(findings),
            }
        }
        if !known.new.is_empty() {
            organisations::insert_all(tx, permit, &known.new)?;
        }
        Ok(taken)
    }
}

/// A row that could be read.
type Told = Read<OrganisationRow>;

fn look_up(tx: &mut Tx, subject: &Subject<Column>, rows: &[Told]) -> Result<Known, Fault> {
    let source = subject.source.as_str();
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let ties = imports::ties(tx, TYPE, source, &keys)?;
    let ties: HashMap<String, Tie> = ties.into_iter().map(|tie| (tie.key.clone(), tie)).collect();
    // A row that says what it said before is not looked at again.
    let news: Vec<&Told> = rows
        .iter()
        .filter(|row| {
            ties.get(&row.key)
                .is_none_or(|tie| tie.digest != row.digest)
        })
        .collect();
    let strangers = news.iter().filter(|row| !ties.contains_key(&row.key));
    let numbers: Vec<String> = strangers
        .clone()
        .flat_map(|row| numbers_of(&row.said))
        .collect();
    let mut bearers: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for (number, id) in imports::bearers(tx, TYPE, &numbers)? {
        bearers.entry(number).or_default().push(id);
    }
    let borne: Vec<Uuid> = bearers.values().flatten().copied().collect();
    let known_by_source = imports::tied_to(tx, TYPE, source, &borne)?;
    let known_by_source = known_by_source.into_iter().map(|tie| tie.id).collect();
    let mut ids: BTreeSet<Uuid> = borne.into_iter().collect();
    ids.extend(news.iter().filter_map(|row| Some(ties.get(&row.key)?.id)));
    ids.extend(news.iter().filter_map(|row| row.said.id()));
    let ids: Vec<OrganisationId> = ids.into_iter().map(OrganisationId::new).collect();
    let records = organisations::standing_for(tx, &ids)?;
    let marks: BTreeSet<String> = strangers
        .filter_map(|row| row.said.new_fields())
        .flat_map(|fields| fields.marks())
        .map(|(_, mark)| mark)
        .collect();
    let marks: Vec<String> = marks.into_iter().collect();
    let marks = imports::borne_marks(tx, TYPE, &marks)?;
    let codes: BTreeSet<String> = news
        .iter()
        .filter_map(|row| Some(row.said.commune()?.to_string()))
        .collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let communes = imports::communes(tx, &codes)?;
    Ok(Known {
        ties,
        bearers,
        taken: known_by_source,
        records: records
            .into_iter()
            .map(|(id, record)| (id.uuid(), record))
            .collect(),
        marks: marks.into_iter().collect(),
        communes: communes.map(|codes| codes.into_iter().collect()),
        new: Vec::new(),
    })
}

fn numbers_of(said: &OrganisationRow) -> Vec<String> {
    let numbers = said.telling_numbers().into_iter();
    numbers
        .map(|(system, value)| identifier_facet(system, value))
        .collect()
}

fn decide(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<Column>,
    known: &mut Known,
    taken: &mut Taken,
    read: &Told,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Result<(), Refused>, Fault> {
    let tie = known.ties.get(&read.key);
    if tie.is_some_and(|tie| tie.digest == read.digest) {
        taken.unchanged = taken.unchanged.saturating_add(1);
        return Ok(Ok(()));
    }
    if let (Some(code), Some(communes)) = (read.said.commune(), &known.communes)
        && !communes.contains(code.as_str())
    {
        let fault = (Column::Commune, CellError::UnknownCommune);
        return Ok(Err(subject.cells(&read.row, vec![fault])));
    }
    let was_tied = tie.is_some();
    let given = read.said.id();
    let candidates = Candidates {
        by_key: tie.map(|tie| tie.id).or(given),
        by_number: numbers_of(&read.said)
            .iter()
            .map(|number| known.bearers.get(number).cloned().unwrap_or_default())
            .collect(),
        taken: known.taken.iter().copied().collect(),
    };
    let id = match matched(&candidates) {
        Match::Ambiguous { count } => {
            return Ok(Err(whole(&read.row, RowError::Ambiguous { count })));
        }
        Match::New => return create(tx, permit, subject, known, taken, read, new_id()),
        Match::Record(id) => id,
    };
    match known.records.get(&id).cloned() {
        Some(present) => change(tx, permit, subject, known, taken, read, present),
        None if was_tied => Ok(Err(whole(&read.row, RowError::DeletedRecord))),
        None => Ok(Err(whole(&read.row, RowError::UnknownRecord))),
    }
}

fn create(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<Column>,
    known: &mut Known,
    taken: &mut Taken,
    read: &Told,
    id: Uuid,
) -> Result<Result<(), Refused>, Fault> {
    let Some(fields) = read.said.new_fields() else {
        return Ok(Err(Vec::new()));
    };
    let wholes = organisations::wholes(tx, permit, None, fields.wholes())?;
    let said = Imported {
        ended: read.said.ended(None),
        provenance: subject.provenance(read),
        fields: fields.clone(),
    };
    let organisation = match Organisation::create_imported(OrganisationId::new(id), said, &wholes) {
        Ok(organisation) => organisation,
        Err(refusal) => return Ok(Err(rule(subject, &read.row, &fields, refusal))),
    };
    let alike = alike(tx, permit, known, &organisation)?;
    known.new.push(organisation);
    taken.findings.extend(alike.map(|error| Finding {
        column: subject.column(Column::Name),
        value: read.said.name().map(Label::to_string),
        ..finding(&read.row, error)
    }));
    taken.created = taken.created.saturating_add(1);
    tie(known, taken, subject, read, id);
    Ok(Ok(()))
}

/// The records that a new one looks like. Asked only where some mark of it is borne already.
fn alike(
    tx: &mut Tx,
    permit: &Permit,
    known: &Known,
    organisation: &Organisation,
) -> Result<Option<RowError>, Fault> {
    let marks = organisation.fields.marks();
    if !marks.iter().any(|(_, mark)| known.marks.contains(mark)) {
        return Ok(None);
    }
    let visible = permit.visibility(Action::ReadOrganisations);
    let today = tx.today();
    let alike = duplicates::look_alikes(tx, visible, &organisation.fields, None, today)?;
    let ids: Vec<Uuid> = alike.iter().map(|one| one.id.uuid()).collect();
    Ok((!ids.is_empty()).then_some(RowError::LikelyDuplicate { ids }))
}

fn change(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<Column>,
    known: &mut Known,
    taken: &mut Taken,
    read: &Told,
    present: Organisation,
) -> Result<Result<(), Refused>, Fault> {
    let id = present.id;
    let fields = read.said.changed_fields(&present, tx.today());
    let ended = read.said.ended(present.ended.as_ref());
    if fields == present.fields && ended == present.ended {
        taken.unchanged = taken.unchanged.saturating_add(1);
        tie(known, taken, subject, read, id.uuid());
        return Ok(Ok(()));
    }
    let wholes = organisations::wholes(tx, permit, Some(id), fields.wholes())?;
    let parts = match &ended {
        Some(_) if ended != present.ended => organisations::parts(tx, id)?,
        _ => Vec::new(),
    };
    let ends = present.ended.is_none() && ended.is_some();
    let said = Imported {
        fields: fields.clone(),
        ended,
        provenance: subject.provenance(read),
    };
    let changed = match present.change_imported(said, &wholes, &parts) {
        Ok(changed) => changed,
        Err(refusal) => return Ok(Err(rule(subject, &read.row, &fields, refusal))),
    };
    let kind = if ends {
        ChangeKind::Ended
    } else {
        ChangeKind::Updated
    };
    organisations::update(tx, permit, kind, &changed)?;
    taken.changed = taken.changed.saturating_add(1);
    known.records.insert(id.uuid(), changed);
    tie(known, taken, subject, read, id.uuid());
    Ok(Ok(()))
}

/// Ties the key of a row to its record, so that no other row of the source is taken for it.
fn tie(known: &mut Known, taken: &mut Taken, subject: &Subject<Column>, read: &Told, id: Uuid) {
    known.taken.insert(id);
    taken.tie(subject, read, id);
}

/// Why a row is not taken that a rule forbids.
fn rule(
    subject: &Subject<Column>,
    row: &Row,
    fields: &OrganisationFields,
    refusal: Refusal,
) -> Refused {
    let Refusal::Values(faults) = refusal else {
        let code = refusal.code().to_owned();
        return whole(row, RowError::Rule { code });
    };
    let mut findings = Vec::new();
    for fault in faults {
        let column = fields.column_at(&fault.pointer).unwrap_or(Column::Name);
        findings.push((column, CellError::from(fault.error)));
    }
    subject.cells(row, findings)
}
