//! Rows of a file into organisations, some hundred at a time: what they may tell of is looked up
//! for all of them together, then each is decided on its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::access::{Action, Permit};
use domain::imports::{Candidates, CellError, Match, Provenance, RowError, matched};
use domain::organisations::import::{Column, OrganisationRow};
use domain::organisations::{Imported, Organisation, OrganisationId, Refusal, identifier_facet};
use domain::records::{ChangeKind, ResourceType};
use domain::values::Label;
use persistence::imports::{self, Tie};
use persistence::{Fault, Tx, duplicates, organisations};
use uuid::Uuid;

use super::findings::Finding;
use super::mapping::Plan;
use super::table::Row;

const TYPE: ResourceType = ResourceType::Organisation;

/// What an import is about, the same for all of its rows.
pub struct Subject {
    /// The import.
    pub import: Uuid,
    /// Whose data it is.
    pub source: Label,
    /// The name of the file.
    pub file: Option<Label>,
    /// The names of the columns.
    pub header: Vec<String>,
    /// How the rows become ours.
    pub plan: Plan,
}

/// What is known of the rows so far, by which a row can repeat another.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The line of each key, by a digest of it: a file may have a million keys.
    keys: HashMap<u64, u64>,
    /// The line of each record that a row named by its id.
    ids: HashMap<Uuid, u64>,
}

/// What became of some rows.
#[derive(Debug, Default)]
pub struct Taken {
    /// Rows that made a new record.
    pub created: u64,
    /// Rows that changed a record.
    pub changed: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Rows of which nobody knows which record they tell of.
    pub ambiguous: u64,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    ties: Vec<Tie>,
    /// Those to record, together.
    new: Vec<Organisation>,
}

/// A row that could be read.
struct Read {
    row: Row,
    said: OrganisationRow,
    key: String,
    digest: Vec<u8>,
}

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
}

/// Takes some rows. `new_id` gives ids to new records.
pub fn take(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject,
    seen: &mut Seen,
    rows: Vec<Row>,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    let mut readable = Vec::new();
    for row in rows {
        match read(subject, seen, row) {
            Ok(read) => readable.push(read),
            Err(findings) => taken.refuse(findings),
        }
    }
    let mut known = look_up(tx, subject, &readable)?;
    for read in &readable {
        match decide(tx, permit, subject, &mut known, &mut taken, read, new_id)? {
            Ok(()) => {}
            Err(findings) => taken.refuse(findings),
        }
    }
    if !taken.new.is_empty() {
        organisations::insert_all(tx, permit, &taken.new)?;
    }
    taken.findings.sort_by_key(|finding| finding.line);
    if !taken.ties.is_empty() {
        imports::keep_ties(tx, TYPE, subject.source.as_str(), &taken.ties)?;
    }
    Ok(taken)
}

type Refused = Vec<Finding>;

fn read(subject: &Subject, seen: &mut Seen, row: Row) -> Result<Read, Refused> {
    if let Some(fault) = row.fault.clone() {
        return Err(subject.shape(&row, RowError::Shape { fault }));
    }
    let planned = subject.plan.read(&row.cells);
    let unmapped: Vec<(Column, CellError)> = planned.faults().collect();
    let said = match OrganisationRow::read(&planned.cells) {
        Ok(said) if unmapped.is_empty() => said,
        Ok(_) => return Err(subject.cells(&row, unmapped)),
        Err(faults) => {
            let others = faults.into_iter();
            let others = others.filter(|(column, _)| !planned.unmapped.contains(column));
            let all = unmapped.into_iter().chain(others).collect();
            return Err(subject.cells(&row, all));
        }
    };
    let digest = planned.digest();
    let key = planned.key.unwrap_or_else(|| said.own_key());
    if key.chars().count() > 200 || key.contains('\0') {
        let error = domain::values::ValueError::TooLong { max: 200 };
        return Err(subject.cells(&row, vec![(Column::SourceKey, error.into())]));
    }
    let first_line = *seen.keys.entry(short(&key)).or_insert(row.line);
    if first_line != row.line {
        return Err(whole(&row, RowError::RepeatedKey { first_line }));
    }
    if let Some(id) = said.id {
        let first_line = *seen.ids.entry(id.uuid()).or_insert(row.line);
        if first_line != row.line {
            return Err(whole(&row, RowError::RepeatedRecord { first_line }));
        }
    }
    Ok(Read {
        row,
        said,
        key,
        digest,
    })
}

/// Eight bytes that stand for a key.
fn short(key: &str) -> u64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(key);
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn look_up(tx: &mut Tx, subject: &Subject, rows: &[Read]) -> Result<Known, Fault> {
    let source = subject.source.as_str();
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let ties = imports::ties(tx, TYPE, source, &keys)?;
    let ties: HashMap<String, Tie> = ties.into_iter().map(|tie| (tie.key.clone(), tie)).collect();
    // A row that says what it said before is not looked at again.
    let news: Vec<&Read> = rows
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
    ids.extend(news.iter().filter_map(|row| Some(row.said.id?.uuid())));
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
    subject: &Subject,
    known: &mut Known,
    taken: &mut Taken,
    read: &Read,
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
    let given = read.said.id.map(OrganisationId::uuid);
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
    subject: &Subject,
    known: &mut Known,
    taken: &mut Taken,
    read: &Read,
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
        Err(refusal) => return Ok(Err(subject.rule(&read.row, &fields, refusal))),
    };
    let alike = alike(tx, permit, known, &organisation)?;
    taken.new.push(organisation);
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
    subject: &Subject,
    known: &mut Known,
    taken: &mut Taken,
    read: &Read,
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
        Err(refusal) => return Ok(Err(subject.rule(&read.row, &fields, refusal))),
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

fn finding(row: &Row, error: RowError) -> Finding {
    Finding {
        line: row.line,
        column: None,
        value: None,
        error,
        cells: None,
    }
}

fn whole(row: &Row, error: RowError) -> Refused {
    vec![Finding {
        cells: Some(row.cells.clone()),
        ..finding(row, error)
    }]
}

/// Ties the key of a row to its record, so that no other row of the source is taken for it.
fn tie(known: &mut Known, taken: &mut Taken, subject: &Subject, read: &Read, id: Uuid) {
    known.taken.insert(id);
    taken.ties.push(Tie {
        key: read.key.clone(),
        id,
        digest: read.digest.clone(),
        file: subject.file.as_ref().map(Label::to_string),
        line: i64::try_from(read.row.line).unwrap_or(i64::MAX),
        import: subject.import,
    });
}

impl Taken {
    fn refuse(&mut self, findings: Refused) {
        let ambiguous = |finding: &Finding| matches!(finding.error, RowError::Ambiguous { .. });
        if findings.iter().any(ambiguous) {
            self.ambiguous = self.ambiguous.saturating_add(1);
        } else {
            self.refused = self.refused.saturating_add(1);
        }
        self.findings.extend(findings);
    }
}

impl Subject {
    fn provenance(&self, read: &Read) -> Provenance {
        Provenance {
            source: self.source.clone(),
            key: read.key.clone(),
            file: self.file.clone(),
            line: read.row.line,
            import: self.import,
        }
    }

    /// The name that the file gives to a column of ours; ours when it takes it from several.
    fn column(&self, column: Column) -> Option<String> {
        let mut places = self.plan.places(column);
        match (places.next(), places.next()) {
            (Some(place), None) => self.header.get(place).cloned(),
            _ => Some(column.to_string()),
        }
    }

    fn shape(&self, row: &Row, error: RowError) -> Refused {
        use domain::imports::RowFault;
        let place = match &error {
            RowError::Shape { fault } => match fault {
                RowFault::StrayQuote { column }
                | RowFault::NotUtf8 { column }
                | RowFault::LongCell { column, .. } => Some(*column),
                RowFault::Cells { .. } => None,
            },
            _ => None,
        };
        let mut findings = whole(row, error);
        for finding in &mut findings {
            finding.column = place.and_then(|place| self.header.get(place).cloned());
            finding.value = place.and_then(|place| row.cells.get(place).cloned());
        }
        findings
    }

    fn cells(&self, row: &Row, faults: Vec<(Column, CellError)>) -> Refused {
        let mut cells = Some(row.cells.clone());
        let told = |(column, error): (Column, CellError)| {
            let places = self.plan.places(column);
            let texts: Vec<&str> = places
                .filter_map(|place| row.cells.get(place))
                .map(String::as_str)
                .collect();
            Finding {
                column: self.column(column),
                value: Some(texts.join(" ")),
                cells: cells.take(),
                ..finding(row, RowError::Cell { error })
            }
        };
        faults.into_iter().map(told).collect()
    }

    fn rule(
        &self,
        row: &Row,
        fields: &domain::organisations::OrganisationFields,
        refusal: Refusal,
    ) -> Refused {
        use crate::words::Tell;
        let Refusal::Values(faults) = refusal else {
            let code = refusal.code().to_owned();
            return whole(row, RowError::Rule { code });
        };
        let mut findings = Vec::new();
        for fault in faults {
            let column = fields.column_at(&fault.pointer).unwrap_or(Column::Name);
            findings.push((column, CellError::from(fault.error)));
        }
        self.cells(row, findings)
    }
}
