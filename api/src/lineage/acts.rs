//! Recording a lineage event with all that it carries, and taking it back.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Actor, Permit, Target};
use domain::lineage::{
    Carrying, Heirs, Hindered, Lineage, LineageEvent, LineageEventId, LineageFields, Refusal,
    Standing, Undo, carry, each_carried, restore,
};
use domain::records::{AlsoWritten, ChangeKind, RecordRef, Resource, ResourceType, Warning};
use domain::relations::{Link, Relation, Stated};
use domain::values::{Date, Pointer};
use persistence::lineage::{self, Subject, Wrote};
use persistence::{Db, Document, Tx, records as store, scopes};
use uuid::Uuid;

use crate::problem::Problem;

/// Records an event, and what it makes of everything that is tied to its predecessors.
pub(crate) fn record(
    tx: &mut Tx,
    permit: &Permit,
    id: LineageEventId,
    fields: &LineageFields,
    new_id: &mut dyn FnMut() -> Uuid,
) -> Result<Document, Problem> {
    lineage::take_turn(tx)?;
    let about = About::load(tx, fields)?;
    about.allow(tx, permit)?;
    let known = store::known(tx, permit, fields.named())?;
    let event = LineageEvent::record(id, fields.clone(), &known, &about.standing)?;
    let mut carrier = Carrier {
        permit,
        event: fields,
        ids: about.ids(),
        above: lineage::links_above(tx, &about.ids())?,
        heirs: Heirs::default(),
        new_id,
        wrote: Vec::new(),
        tx,
    };
    each_carried(&mut carrier)?;
    let mut wrote = carrier.wrote;
    wrote.extend(about.tell(tx, permit, |id, kin| {
        let change = if fields.takes_from(id) {
            ChangeKind::Merged
        } else {
            ChangeKind::Updated
        };
        (change, event.told_to(id, kin))
    })?);
    lineage::keep(tx, id, &wrote)?;
    Ok(store::insert(tx, permit, &event)?)
}

/// Takes an event back, with all that it carried.
pub(super) fn undo(
    tx: &mut Tx,
    permit: &Permit,
    event: LineageEvent,
    undo: &Undo,
) -> Result<Document, Problem> {
    let (id, fields) = (event.id, event.fields.clone());
    let about = About::load(tx, &fields)?;
    about.allow(tx, permit)?;
    let undone = event.undo(undo, &about.standing)?;
    let wrote = lineage::written(tx, id)?;
    let mut restorer = Restorer {
        permit,
        id,
        event: &fields,
        ids: about.ids(),
        above: lineage::links_above(tx, &about.ids())?,
        wrote: &wrote,
        because: about.changed(&fields, &wrote),
        tx,
    };
    each_carried(&mut restorer)?;
    let because = restorer.because;
    if !because.is_empty() {
        return Err(Refusal::CannotUndo { because }.into());
    }
    about.tell(tx, permit, |_, kin| (ChangeKind::Updated, kin.without(id)))?;
    Ok(store::update(tx, permit, ChangeKind::Updated, &undone)?)
}

/// The records that an event is about.
struct About {
    subjects: Vec<Subject>,
    standing: Vec<Standing>,
}

impl About {
    fn load(tx: &mut Tx, fields: &LineageFields) -> Result<Self, Problem> {
        let named: BTreeSet<RecordRef> = fields.named().into_iter().map(|(_, one)| one).collect();
        let subjects = lineage::subjects(tx, &named)?;
        let standing = subjects.iter().map(|one| one.standing(tx));
        Ok(Self {
            standing: standing.collect::<Result<_, _>>()?,
            subjects,
        })
    }

    fn ids(&self) -> Vec<Uuid> {
        self.standing.iter().map(|one| one.record.id).collect()
    }

    /// Refused unless the author has every right over each of them.
    fn allow(&self, tx: &mut Tx, permit: &Permit) -> Result<(), Problem> {
        let records: Vec<RecordRef> = self.standing.iter().map(|one| one.record).collect();
        allow(tx, permit, &records)
    }

    /// The predecessors that were written since.
    fn changed(&self, fields: &LineageFields, wrote: &[Wrote]) -> Vec<Hindered> {
        let taken = self.subjects.iter().map(Subject::written);
        let taken = taken.filter(|(one, _)| fields.takes_from(one.id));
        let changed = taken.filter(|(one, version)| {
            let left = wrote.iter().find(|left| left.record == *one);
            left.is_some_and(|left| left.version != *version)
        });
        let hindered = changed.map(|(one, version)| Hindered::changed(one.id, version));
        hindered.collect()
    }

    /// Records what each says of its kin from now on.
    fn tell(
        self,
        tx: &mut Tx,
        permit: &Permit,
        told: impl Fn(Uuid, Lineage) -> (ChangeKind, Lineage),
    ) -> Result<Vec<Wrote>, Problem> {
        let mut wrote = Vec::new();
        for (subject, standing) in self.subjects.into_iter().zip(self.standing) {
            let one = standing.record;
            let (change, lineage) = told(one.id, standing.lineage);
            let permit = permit.in_consequence(one.scope());
            wrote.push(subject.keep(tx, &permit, change, lineage)?);
        }
        Ok(wrote)
    }
}

/// Refused unless the author may do this to each of some records.
fn allow(tx: &mut Tx, permit: &Permit, records: &[RecordRef]) -> Result<(), Problem> {
    let ids: Vec<Uuid> = records.iter().map(|one| one.id).collect();
    let reaching = scopes::reaching(tx, &ids)?;
    for one in records {
        let within = reaching.get(&one.id).map_or(&[][..], Vec::as_slice);
        let own = one.scope();
        permit.also(Target::One { own, within })?;
    }
    Ok(())
}

fn each<F: Stated>(relations: &[Relation<F>]) -> Vec<RecordRef> {
    relations.iter().map(Resource::itself).collect()
}

/// Carries what is tied to the predecessors.
struct Carrier<'a, 'db> {
    tx: &'a mut Tx<'db>,
    permit: &'a Permit,
    event: &'a LineageFields,
    /// The records that the event is about.
    ids: Vec<Uuid>,
    above: Vec<Link>,
    heirs: Heirs,
    new_id: &'a mut dyn FnMut() -> Uuid,
    wrote: Vec<Wrote>,
}

impl Carrying for Carrier<'_, '_> {
    type Error = Problem;

    fn with<F: Stated>(&mut self) -> Result<(), Problem> {
        let all = lineage::naming::<F>(self.tx, &self.ids)?;
        let taken = all.iter().filter(|one| self.event.takes(*one));
        let taken: Vec<RecordRef> = taken.map(Resource::itself).collect();
        allow(self.tx, self.permit, &taken)?;
        let (above, heirs) = (&self.above, &mut self.heirs);
        let carried = carry(self.event, all, above, heirs, &mut *self.new_id)?;
        allow(self.tx, self.permit, &each(&carried.changed))?;
        let wrote = lineage::carry(self.tx, self.permit, &carried)?;
        self.wrote.extend(wrote);
        Ok(())
    }
}

/// Takes back what was carried.
struct Restorer<'a, 'db> {
    tx: &'a mut Tx<'db>,
    permit: &'a Permit,
    id: LineageEventId,
    event: &'a LineageFields,
    /// The records that the event is about.
    ids: Vec<Uuid>,
    above: Vec<Link>,
    wrote: &'a [Wrote],
    /// What is in the way.
    because: Vec<Hindered>,
}

impl Carrying for Restorer<'_, '_> {
    type Error = Problem;

    fn with<F: Stated>(&mut self) -> Result<(), Problem> {
        let changes = lineage::changes::<F>(self.tx, self.id, self.wrote)?;
        let there = changes.iter().filter_map(|one| one.now.as_ref());
        let there: Vec<RecordRef> = there.map(Resource::itself).collect();
        allow(self.tx, self.permit, &there)?;
        let all = lineage::naming::<F>(self.tx, &self.ids)?;
        match restore(self.event, changes, &all, &self.above) {
            Ok(restored) if self.because.is_empty() => {
                Ok(lineage::restore(self.tx, self.permit, &restored)?)
            }
            Ok(_) => Ok(()),
            Err(Refusal::CannotUndo { because }) => {
                self.because.extend(because);
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// Tells which records an event wrote beside itself, of those that this actor may see.
pub(super) fn also_written(
    db: &mut Db,
    actor: &Actor,
    document: &Document,
    _: Date,
) -> Result<Vec<Warning>, Problem> {
    let all = lineage::written(db, LineageEventId::new(document.id))?;
    let mut by_type: BTreeMap<ResourceType, Vec<Uuid>> = BTreeMap::new();
    for one in &all {
        let ids = by_type.entry(one.record.resource_type).or_default();
        // What was just recorded is reached as the event itself is, which its author recorded.
        if one.change != ChangeKind::Created {
            ids.push(one.record.id);
        }
    }
    let mut seen = BTreeSet::new();
    for (of, ids) in by_type {
        if let Ok(visible) = actor.visibility(of.read()) {
            seen.extend(scopes::in_sight(db, visible, of, &ids)?);
        }
    }
    let told = all
        .iter()
        .filter(|one| one.change == ChangeKind::Created || seen.contains(&one.record.id));
    let written: Vec<AlsoWritten> = told
        .map(|one| AlsoWritten {
            resource_type: one.record.resource_type,
            id: one.record.id,
            version: one.version,
            op: one.change,
        })
        .collect();
    let pointer = Pointer::root();
    Ok(vec![Warning::AlsoWritten { pointer, written }])
}
