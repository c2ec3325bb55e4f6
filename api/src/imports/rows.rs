//! Rows of a file into records, whatever they are records of: what every kind of file shares.

use std::collections::HashMap;

use domain::access::{Action, Permit};
use domain::imports::{BadCells, CellError, Columns, Provenance, RowError, RowFault, RowOf};
use domain::records::ResourceType;
use domain::values::{Label, ValueError};
use persistence::imports::Tie;
use persistence::{Fault, Tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::findings::Finding;
use super::mapping::Plan;
use super::table::Row;

/// The columns of the rows of a kind of file.
pub type ColumnOf<S> = <<S as Sheet>::Row as RowOf>::Column;

/// A kind of file: which records its rows tell of, and how they are taken.
pub trait Sheet: 'static {
    /// What a row says.
    type Row: RowOf;

    /// The type of the records.
    const TYPE: ResourceType;

    /// The right to import such a file.
    const ACTION: Action;

    /// Takes some rows. `new_id` gives ids to new records.
    fn take(
        tx: &mut Tx,
        permit: &Permit,
        subject: &Subject<ColumnOf<Self>>,
        seen: &mut Seen,
        rows: Vec<Row>,
        new_id: &dyn Fn() -> Uuid,
    ) -> Result<Taken, Fault>;
}

/// What an import is about, the same for all of its rows.
pub struct Subject<C> {
    /// The import.
    pub import: Uuid,
    /// Whose data it is.
    pub source: Label,
    /// The name of the file.
    pub file: Option<Label>,
    /// The names of the columns.
    pub header: Vec<String>,
    /// How the rows become ours.
    pub plan: Plan<C>,
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
    /// Which record each key stands for.
    pub ties: Vec<Tie>,
}

/// A row that could be read.
pub struct Read<R> {
    /// As it stands in the file.
    pub row: Row,
    /// What it says.
    pub said: R,
    /// The source's own key, or one made of what it says.
    pub key: String,
    /// A digest of what it says.
    pub digest: Vec<u8>,
}

/// Why a row is not taken.
pub type Refused = Vec<Finding>;

/// Reads rows; those that cannot be read are refused.
pub fn readable<R: RowOf>(
    subject: &Subject<R::Column>,
    seen: &mut Seen,
    rows: Vec<Row>,
    taken: &mut Taken,
) -> Vec<Read<R>> {
    let mut readable = Vec::new();
    for row in rows {
        match read(subject, seen, row) {
            Ok(read) => readable.push(read),
            Err(findings) => taken.refuse(findings),
        }
    }
    readable
}

fn read<R: RowOf>(
    subject: &Subject<R::Column>,
    seen: &mut Seen,
    row: Row,
) -> Result<Read<R>, Refused> {
    if let Some(fault) = row.fault.clone() {
        return Err(subject.shape(&row, RowError::Shape { fault }));
    }
    let planned = subject.plan.read(&row.cells);
    let unmapped: BadCells<R::Column> = planned.faults().collect();
    let said = match R::read(&planned.cells) {
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
        let error = ValueError::TooLong { max: 200 };
        return Err(subject.cells(&row, vec![(R::Column::SOURCE_KEY, error.into())]));
    }
    let first_line = *seen.keys.entry(short(&key)).or_insert(row.line);
    if first_line != row.line {
        return Err(whole(&row, RowError::RepeatedKey { first_line }));
    }
    if let Some(id) = said.id() {
        let first_line = *seen.ids.entry(id).or_insert(row.line);
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
    let digest = Sha256::digest(key);
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// What is told of a row as a whole, which is taken all the same.
#[must_use]
pub fn finding(row: &Row, error: RowError) -> Finding {
    Finding {
        line: row.line,
        column: None,
        value: None,
        error,
        cells: None,
    }
}

/// Why a row as a whole is not taken.
#[must_use]
pub fn whole(row: &Row, error: RowError) -> Refused {
    vec![Finding {
        cells: Some(row.cells.clone()),
        ..finding(row, error)
    }]
}

impl Taken {
    /// Counts a row that is not taken.
    pub fn refuse(&mut self, findings: Refused) {
        let ambiguous = |finding: &Finding| matches!(finding.error, RowError::Ambiguous { .. });
        if findings.iter().any(ambiguous) {
            self.ambiguous = self.ambiguous.saturating_add(1);
        } else {
            self.refused = self.refused.saturating_add(1);
        }
        self.findings.extend(findings);
    }

    /// Ties the key of a row to its record, so that no other row of the source is taken for it.
    pub fn tie<C, R>(&mut self, subject: &Subject<C>, read: &Read<R>, id: Uuid) {
        self.ties.push(Tie {
            key: read.key.clone(),
            id,
            digest: read.digest.clone(),
            file: subject.file.as_ref().map(Label::to_string),
            line: i64::try_from(read.row.line).unwrap_or(i64::MAX),
            import: subject.import,
        });
    }
}

impl<C: Columns> Subject<C> {
    /// Where a record comes from that a row made.
    pub fn provenance<R>(&self, read: &Read<R>) -> Provenance {
        Provenance {
            source: self.source.clone(),
            key: read.key.clone(),
            file: self.file.clone(),
            line: read.row.line,
            import: self.import,
        }
    }

    /// The name that the file gives to a column of ours; ours when it takes it from several.
    pub fn column(&self, column: C) -> Option<String> {
        let mut places = self.plan.places(column);
        match (places.next(), places.next()) {
            (Some(place), None) => self.header.get(place).cloned(),
            _ => Some(column.code().to_owned()),
        }
    }

    fn shape(&self, row: &Row, error: RowError) -> Refused {
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

    /// Why a row is not taken, cell by cell.
    #[must_use]
    pub fn cells(&self, row: &Row, faults: BadCells<C>) -> Refused {
        let mut cells = Some(row.cells.clone());
        let told = |(column, error): (C, CellError)| {
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
}
