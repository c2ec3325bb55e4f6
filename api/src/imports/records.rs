//! Rows of a file into networks and memberships: each is decided on its own, and sees those before it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::access::{Action, Permit};
use domain::founding_texts::{FoundingTextFields, under_the_article};
use domain::imports::{BadCells, RowError, RowOf};
use domain::memberships::import::{MembershipColumn, MembershipRow, Named, Referred, number};
use domain::memberships::{Membership, MembershipFields};
use domain::networks::import::{Located, NetworkColumn, NetworkRow, Places};
use domain::networks::{Network, NetworkFields};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{Date, Faults, Id, fold};
use persistence::imports::{self, Tie};
use persistence::territories::Place;
use persistence::{Fault, Tx, folds, places, records as store, relations};
use uuid::Uuid;

use super::rows::{self, ColumnOf, Read, Refused, Seen, Sheet, Subject, Taken, finding, whole};
use super::table::Row;
use crate::words::Tell;

/// Files of networks.
pub enum Networks {}

/// Files of memberships.
pub enum Memberships {}

/// Why a row makes no record.
enum Wrong<C> {
    /// Values are refused.
    Cells(BadCells<C>),
    /// As a whole.
    Row(RowError),
}

impl<C> From<BadCells<C>> for Wrong<C> {
    fn from(cells: BadCells<C>) -> Self {
        Self::Cells(cells)
    }
}

/// A record that a row makes, or why not.
type Made<S> = Result<<S as Kept>::Record, Wrong<ColumnOf<S>>>;

/// A kind of file whose records stand in the one table of most records.
trait Kept: Sheet {
    /// What a row tells of.
    type Record: Resource;

    /// The records that rows name, by how they name them.
    type Named;

    /// Those that these rows name.
    fn named(tx: &mut Tx, source: &str, rows: &[&Self::Row]) -> Result<Self::Named, Fault>;

    /// What a row makes of a new record.
    fn create(
        tx: &mut Tx,
        permit: &Permit,
        id: Uuid,
        said: &Self::Row,
        named: &Self::Named,
    ) -> Result<Made<Self>, Fault>;

    /// What a row makes of a record, and how that changes it; nothing when it stays as it is.
    fn change(
        tx: &mut Tx,
        permit: &Permit,
        present: Self::Record,
        said: &Self::Row,
        named: &Self::Named,
    ) -> Result<Option<Made<Self>>, Fault>;

    /// Other records that a new one looks like.
    fn alike(tx: &mut Tx, record: &Self::Record) -> Result<Vec<Uuid>, Fault>;
}

/// Takes some rows, as [`Sheet::take`] says.
fn take<S: Kept>(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<ColumnOf<S>>,
    seen: &mut Seen,
    rows: Vec<Row>,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    let readable: Vec<Read<S::Row>> = rows::readable(subject, seen, rows, &mut taken);
    let source = subject.source.as_str();
    let keys: Vec<&str> = readable.iter().map(|read| read.key.as_str()).collect();
    let ties = imports::ties(tx, S::TYPE, source, &keys)?;
    let ties: HashMap<String, Tie> = ties.into_iter().map(|tie| (tie.key.clone(), tie)).collect();
    let is_news = |read: &&Read<S::Row>| {
        let tie = ties.get(&read.key);
        tie.is_none_or(|tie| tie.digest != read.digest)
    };
    let news: Vec<&Read<S::Row>> = readable.iter().filter(is_news).collect();
    let same = readable.len().saturating_sub(news.len());
    taken.unchanged = u64::try_from(same).unwrap_or(u64::MAX);
    let said: Vec<&S::Row> = news.iter().map(|read| &read.said).collect();
    let named = S::named(tx, source, &said)?;
    for read in news {
        let tie = ties.get(&read.key);
        let known = tie.map(|tie| tie.id).or(read.said.id());
        let outcome = match known {
            None => create::<S>(tx, permit, subject, &mut taken, read, (new_id(), &named))?,
            Some(id) => {
                let gone = match tie {
                    Some(_) => RowError::DeletedRecord,
                    None => RowError::UnknownRecord,
                };
                let present = store::for_change::<S::Record>(tx, Id::new(id))?;
                match present {
                    Some(present) => {
                        change::<S>(tx, permit, subject, &mut taken, read, (present, &named))?
                    }
                    None => Err(whole(&read.row, gone)),
                }
            }
        };
        if let Err(findings) = outcome {
            taken.refuse(findings);
        }
    }
    Ok(taken)
}

fn create<S: Kept>(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<ColumnOf<S>>,
    taken: &mut Taken,
    read: &Read<S::Row>,
    (id, named): (Uuid, &S::Named),
) -> Result<Result<(), Refused>, Fault> {
    let record = match S::create(tx, permit, id, &read.said, named)? {
        Ok(record) => record,
        Err(wrong) => return Ok(Err(refused(subject, &read.row, wrong))),
    };
    let ids = S::alike(tx, &record)?;
    store::insert(tx, permit, &record)?;
    if !ids.is_empty() {
        let error = RowError::LikelyDuplicate { ids };
        taken.findings.push(finding(&read.row, error));
    }
    taken.created = taken.created.saturating_add(1);
    taken.tie(subject, read, id);
    Ok(Ok(()))
}

fn change<S: Kept>(
    tx: &mut Tx,
    permit: &Permit,
    subject: &Subject<ColumnOf<S>>,
    taken: &mut Taken,
    read: &Read<S::Row>,
    (present, named): (S::Record, &S::Named),
) -> Result<Result<(), Refused>, Fault> {
    let id = present.uuid();
    match S::change(tx, permit, present, &read.said, named)? {
        None => taken.unchanged = taken.unchanged.saturating_add(1),
        Some(Err(wrong)) => return Ok(Err(refused(subject, &read.row, wrong))),
        Some(Ok(changed)) => {
            store::update(tx, permit, ChangeKind::Updated, &changed)?;
            taken.changed = taken.changed.saturating_add(1);
        }
    }
    taken.tie(subject, read, id);
    Ok(Ok(()))
}

fn refused<C: domain::imports::Columns>(
    subject: &Subject<C>,
    row: &Row,
    wrong: Wrong<C>,
) -> Refused {
    match wrong {
        Wrong::Cells(cells) => subject.cells(row, cells),
        Wrong::Row(error) => whole(row, error),
    }
}

fn rule<C>(refusal: &impl Tell) -> Wrong<C> {
    let code = refusal.code().to_owned();
    Wrong::Row(RowError::Rule { code })
}

/// Bad values by the columns that they come from.
fn by_column<C>(faults: Faults, at: impl Fn(&domain::values::Pointer) -> C) -> Wrong<C> {
    let faults = faults.into_iter();
    let faults = faults.map(|fault| (at(&fault.pointer), fault.error.into()));
    Wrong::Cells(faults.collect())
}

impl Sheet for Networks {
    type Row = NetworkRow;

    const TYPE: ResourceType = ResourceType::Network;

    const ACTION: Action = Action::ImportNetworks;

    fn take(
        tx: &mut Tx,
        permit: &Permit,
        subject: &Subject<NetworkColumn>,
        seen: &mut Seen,
        rows: Vec<Row>,
        new_id: &dyn Fn() -> Uuid,
    ) -> Result<Taken, Fault> {
        take::<Self>(tx, permit, subject, seen, rows, new_id)
    }
}

impl Kept for Networks {
    type Record = Network;
    type Named = (Places, Date);

    fn named(tx: &mut Tx, _: &str, rows: &[&NetworkRow]) -> Result<Self::Named, Fault> {
        let today = tx.today();
        let located: BTreeSet<&Located> = rows.iter().flat_map(|row| row.located()).collect();
        let mut found = Places::new();
        for one in located {
            let place = match one {
                Located::Id(id) => Place::Id(*id),
                Located::Code(kind, code) => Place::Code(*kind, code.clone()),
            };
            let there = places::at(tx, &place, today)?;
            found.extend(there.first().map(|id| (one.clone(), *id)));
        }
        Ok((found, today))
    }

    fn create(
        tx: &mut Tx,
        permit: &Permit,
        id: Uuid,
        said: &NetworkRow,
        (places, _): &Self::Named,
    ) -> Result<Made<Self>, Fault> {
        let fields = match said.new_fields(places) {
            Ok(fields) => fields,
            Err(cells) => return Ok(Err(cells.into())),
        };
        let known = store::known(tx, permit, fields.named())?;
        Ok(Network::create(Id::new(id), fields, &known).map_err(not_a_network))
    }

    fn change(
        tx: &mut Tx,
        permit: &Permit,
        present: Network,
        said: &NetworkRow,
        (places, today): &Self::Named,
    ) -> Result<Option<Made<Self>>, Fault> {
        let fields = match said.changed_fields(&present, places, *today) {
            Ok(fields) if fields == present.fields => return Ok(None),
            Ok(fields) => fields,
            Err(cells) => return Ok(Some(Err(cells.into()))),
        };
        let article = under_the_article(present.id);
        let texts = relations::resting_on::<FoundingTextFields>(tx, &article)?;
        let known = store::known(tx, permit, fields.named())?;
        let changed = present.change(fields, &known, &texts);
        Ok(Some(changed.map_err(not_a_network)))
    }

    /// Those that bear or bore its name.
    fn alike(tx: &mut Tx, network: &Network) -> Result<Vec<Uuid>, Fault> {
        let NetworkFields { names, .. } = &network.fields;
        let name = fold(names.on(tx.today()).name.as_str());
        imports::bearing_name(tx, ResourceType::Network, &name)
    }
}

fn not_a_network(refusal: domain::networks::Refusal) -> Wrong<NetworkColumn> {
    match refusal {
        domain::networks::Refusal::Values(faults) => by_column(faults, NetworkColumn::at),
        other => rule(&other),
    }
}

impl Sheet for Memberships {
    type Row = MembershipRow;

    const TYPE: ResourceType = ResourceType::Membership;

    const ACTION: Action = Action::ImportMemberships;

    fn take(
        tx: &mut Tx,
        permit: &Permit,
        subject: &Subject<MembershipColumn>,
        seen: &mut Seen,
        rows: Vec<Row>,
        new_id: &dyn Fn() -> Uuid,
    ) -> Result<Taken, Fault> {
        take::<Self>(tx, permit, subject, seen, rows, new_id)
    }
}

impl Kept for Memberships {
    type Record = Membership;
    type Named = Referred;

    /// By our id, by a number of an organisation, or by the key under which the same source brought it; what was folded
    /// stands for what it was folded into.
    fn named(tx: &mut Tx, source: &str, rows: &[&MembershipRow]) -> Result<Referred, Fault> {
        let named: BTreeSet<&Named> = rows.iter().flat_map(|row| row.named()).collect();
        let mut by_type: BTreeMap<ResourceType, Vec<&str>> = BTreeMap::new();
        let mut by_number: BTreeMap<String, Vec<&Named>> = BTreeMap::new();
        let mut found = Referred::new();
        for one in named {
            let (of, at) = one;
            match (at.parse::<Uuid>(), number(one)) {
                (Ok(id), _) => drop(found.insert(one.clone(), BTreeSet::from([id]))),
                (_, Some(number)) => by_number.entry(number).or_default().push(one),
                (_, None) => by_type.entry(*of).or_default().push(at),
            }
        }
        for (of, keys) in by_type {
            let ties = imports::ties(tx, of, source, &keys)?;
            let ties = ties.into_iter();
            found.extend(ties.map(|tie| ((of, tie.key), BTreeSet::from([tie.id]))));
        }
        let numbers: Vec<String> = by_number.keys().cloned().collect();
        for (number, id) in imports::bearers(tx, ResourceType::Organisation, &numbers)? {
            for one in by_number.get(&number).into_iter().flatten() {
                found.entry((*one).clone()).or_default().insert(id);
            }
        }
        for ((of, _), ids) in &mut found {
            let stands = |id: Uuid| Ok(folds::way(tx, *of, id)?.map_or(id, |way| way.survivor));
            *ids = std::mem::take(ids)
                .into_iter()
                .map(stands)
                .collect::<Result<_, Fault>>()?;
        }
        Ok(found)
    }

    fn create(
        tx: &mut Tx,
        permit: &Permit,
        id: Uuid,
        said: &MembershipRow,
        named: &Referred,
    ) -> Result<Made<Self>, Fault> {
        let fields = match fields_of(said, None, named) {
            Ok(fields) => fields,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let around = relations::around(tx, permit, &fields)?;
        Ok(Membership::create(Id::new(id), fields, &around).map_err(no_membership))
    }

    fn change(
        tx: &mut Tx,
        permit: &Permit,
        present: Membership,
        said: &MembershipRow,
        named: &Referred,
    ) -> Result<Option<Made<Self>>, Fault> {
        let fields = match fields_of(said, Some(&present.fields), named) {
            Ok(fields) if fields == present.fields => return Ok(None),
            Ok(fields) => fields,
            Err(wrong) => return Ok(Some(Err(wrong))),
        };
        let around = relations::around(tx, permit, &fields)?;
        Ok(Some(present.change(fields, &around).map_err(no_membership)))
    }

    /// None: no two of one member in one category share a day, which is refused.
    fn alike(_: &mut Tx, _: &Membership) -> Result<Vec<Uuid>, Fault> {
        Ok(Vec::new())
    }
}

fn fields_of(
    said: &MembershipRow,
    present: Option<&MembershipFields>,
    named: &Referred,
) -> Result<MembershipFields, Wrong<MembershipColumn>> {
    match said.ambiguous(named) {
        Some(count) => Err(Wrong::Row(RowError::Ambiguous { count })),
        None => Ok(said.fields(present, named)?),
    }
}

fn no_membership(refusal: domain::relations::Refusal) -> Wrong<MembershipColumn> {
    match refusal {
        domain::relations::Refusal::Values(faults) => by_column(faults, MembershipColumn::at),
        other => rule(&other),
    }
}
