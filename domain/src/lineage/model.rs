//! A long random run of mergers, splits, successions and what is tied to networks meanwhile, held against a naive
//! list of dated facts.
//!
//! The list knows no periods and no relations: on each day, so many facts are true. An event renames the
//! predecessors in those of its day and of every later one; taken back, they are again what they were.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "days and numbers here are small"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::bearers::Bearer;
use crate::memberships::Membership;
use crate::records::{Known, Resource, ResourceType};
use crate::relations::model::{Chance, DAYS, NETWORKS, STEPS, World, act, date, network, seed};
use crate::relations::{Link, Relation, Stated};
use crate::values::{Since, Version};

/// After so many steps another world begins: of networks that have all become others, nothing is left to tell.
const A_WORLD: usize = 120;

/// Something that is true on a day: who, of what, as what.
type Fact = (Option<Uuid>, Uuid, String);

/// What is true on each day.
type Days = BTreeMap<u8, BTreeSet<Fact>>;

/// An event, and what its taking back is held against.
#[derive(Clone)]
struct Past {
    event: LineageEvent,
    day: u8,
    memberships: Vec<Change<crate::memberships::MembershipFields>>,
    bearers: Vec<Change<crate::bearers::BearerFields>>,
    /// What was true of the relations that it wrote.
    before: BTreeMap<Uuid, Option<BTreeSet<u8>>>,
}

/// The networks beside what is tied to them.
#[derive(Default)]
struct Kinship {
    lineage: BTreeMap<Uuid, Lineage>,
    events: Vec<Past>,
}

fn fact_of(membership: &Membership) -> Fact {
    let fields = &membership.fields;
    let category = fields.category.to_string();
    (
        Some(fields.member.record().id),
        fields.of.record().id,
        category,
    )
}

fn held_by(bearer: &Bearer) -> Fact {
    let fields = &bearer.fields;
    let holder = fields.organisation.map(Uuid::from);
    (holder, fields.network.uuid(), fields.function.to_string())
}

/// Every fact of every day, each said by one relation only.
fn all_facts(world: &World) -> Days {
    let memberships = world.memberships.iter();
    let memberships = memberships.map(|(id, one)| (id, fact_of(one)));
    let bearers = world.bearers.iter().map(|(id, one)| (id, held_by(one)));
    let mut days = Days::new();
    for (id, fact) in memberships.chain(bearers) {
        for day in &world.facts.days[id] {
            let new = days.entry(*day).or_default().insert(fact.clone());
            assert!(new, "{fact:?} is said twice on {day}");
        }
    }
    days
}

/// Whether some network is a member of itself on some day.
fn has_ring(days: &Days) -> bool {
    days.values().any(|facts| {
        let mut edges: BTreeSet<(Uuid, Uuid)> = facts
            .iter()
            .filter_map(|(member, of, _)| Some(((*member)?, *of)))
            .collect();
        loop {
            let parts: BTreeSet<Uuid> = edges.iter().map(|(part, _)| *part).collect();
            let before = edges.len();
            // What leads to nothing further is in no ring.
            edges.retain(|(_, whole)| parts.contains(whole));
            if edges.is_empty() || edges.len() == before {
                break !edges.is_empty();
            }
        }
    })
}

fn names(fact: &Fact, one: Uuid) -> bool {
    fact.0 == Some(one) || fact.1 == one
}

/// With which successors a relation goes on, in the words of the list.
fn naive_ways(said: &LineageFields, id: Uuid, fact: &Fact, joins: bool) -> Option<Vec<Uuid>> {
    let all: Vec<Uuid> = said.successors.iter().map(|one| one.record().id).collect();
    if said.kind != LineageKind::Split {
        return Some(all);
    }
    let told = said.assignments.iter().find(|one| one.relation == id);
    match told {
        Some(told) => Some(told.to.clone()),
        None if joins && said.takes_from(fact.1) => Some(all),
        None => None,
    }
}

fn renamed(said: &LineageFields, fact: &Fact, successor: Uuid) -> Fact {
    let one = |id| if said.takes_from(id) { successor } else { id };
    (fact.0.map(one), one(fact.1), fact.2.clone())
}

/// What the list says is true once the event is; nothing where it must be refused.
fn foretold(world: &World, kinship: &Kinship, said: &LineageFields, day: u8) -> Option<Days> {
    for past in &kinship.events {
        let other = &past.event.fields;
        for one in &said.predecessors {
            let id = one.record().id;
            if other.takes_from(id) || (other.gives_to(id) && past.day >= day) {
                return None;
            }
        }
        for one in &said.successors {
            let id = one.record().id;
            if other.takes_from(id) || (other.gives_to(id) && past.day > day) {
                return None;
            }
        }
    }
    let mut days = Days::new();
    let mut tails: Vec<(Fact, BTreeSet<u8>)> = Vec::new();
    let mut own: Vec<(Fact, &BTreeSet<u8>)> = Vec::new();
    let memberships = world.memberships.iter();
    let memberships = memberships.map(|(id, one)| (id, fact_of(one), true));
    let bearers = world.bearers.iter();
    let bearers = bearers.map(|(id, one)| (id, held_by(one), false));
    for (id, fact, joins) in memberships.chain(bearers) {
        let on = &world.facts.days[id];
        let tail: BTreeSet<u8> = on.range(day..).copied().collect();
        let taken = said
            .predecessors
            .iter()
            .any(|one| names(&fact, one.record().id));
        if !taken || tail.is_empty() {
            for day in on {
                days.entry(*day).or_default().insert(fact.clone());
            }
            if !joins {
                own.push((fact, on));
            }
            continue;
        }
        for day in on.range(..day) {
            days.entry(*day).or_default().insert(fact.clone());
        }
        for successor in naive_ways(said, *id, &fact, joins)? {
            let carried = renamed(said, &fact, successor);
            if !joins {
                tails.push((carried, tail.clone()));
            } else if carried.0 != Some(carried.1) {
                for day in &tail {
                    days.entry(*day).or_default().insert(carried.clone());
                }
            }
        }
    }
    let rivals =
        |one: &Fact, other: &Fact| (one.1, &one.2) == (other.1, &other.2) && one.0 != other.0;
    tails.retain(|(fact, tail)| {
        !own.iter()
            .any(|(other, on)| rivals(fact, other) && !tail.is_disjoint(on))
    });
    for (fact, tail) in &tails {
        if tails
            .iter()
            .any(|(other, on)| rivals(fact, other) && !tail.is_disjoint(on))
        {
            return None;
        }
        for day in tail {
            days.entry(*day).or_default().insert(fact.clone());
        }
    }
    (!has_ring(&days)).then_some(days)
}

/// The days on which a relation says that it holds.
fn days_of<F: Stated>(relation: &Relation<F>) -> BTreeSet<u8> {
    (0..DAYS)
        .filter(|day| relation.exists().contains(date(*day)))
        .collect()
}

fn links(world: &World, but: &LineageFields) -> Vec<Link> {
    let subjects = |id| but.takes_from(id) || but.gives_to(id);
    let all = world.memberships.values().filter_map(|one| {
        let (part, whole) = one.fields.link()?;
        let other = !subjects(part.id) && !subjects(whole.id);
        (other && part.resource_type == ResourceType::Network).then(|| Link {
            part: part.id,
            whole: whole.id,
            since: one.exists(),
        })
    });
    all.collect()
}

fn standing(kinship: &Kinship, said: &LineageFields) -> Vec<super::Standing> {
    let named = said.named().into_iter().map(|(_, one)| one);
    let all = named.map(|record| super::Standing {
        record,
        lasts: Since::ALWAYS,
        lineage: kinship.lineage.get(&record.id).cloned().unwrap_or_default(),
        parts: Vec::new(),
    });
    all.collect()
}

/// What an event makes of the relations of one kind in the world, and the account of it.
fn apply<F: Stated>(
    carried: Carried<F>,
    all: &mut BTreeMap<Uuid, Relation<F>>,
    days: &mut BTreeMap<Uuid, BTreeSet<u8>>,
    before: &mut BTreeMap<Uuid, Option<BTreeSet<u8>>>,
) -> Vec<Change<F>> {
    let mut changes = Vec::new();
    let written = carried.ended.into_iter().chain(carried.changed);
    for one in written.chain(carried.begun) {
        let id = one.uuid();
        before.insert(id, days.get(&id).cloned());
        changes.push(Change {
            id,
            before: all.get(&id).cloned(),
            left: one.version,
            was_gone: false,
            now: None,
            tied: 0,
        });
        days.insert(id, days_of(&one));
        all.insert(id, one);
    }
    for one in carried.gone {
        let id = one.uuid();
        before.insert(id, days.remove(&id));
        changes.push(Change {
            id,
            left: one.version.next(),
            was_gone: true,
            now: None,
            tied: 0,
            before: all.remove(&id),
        });
    }
    changes
}

fn some_event(world: &World, chance: &mut Chance, day: u8) -> LineageFields {
    let kind = ["merger", "split", "succession"][usize::from(chance.below(3))];
    let (before, after) = match kind {
        "merger" => (1 + chance.below(2), 1),
        "split" => (1, 2),
        _ => (1, 1),
    };
    let mut some: BTreeSet<u8> = BTreeSet::new();
    while some.len() < usize::from(before + after) {
        some.insert(chance.below(NETWORKS));
    }
    let mut some: Vec<Value> = some
        .into_iter()
        .map(|one| json!({ "type": "network", "id": network(one) }))
        .collect();
    let turns = usize::from(chance.below(before + after));
    some.rotate_left(turns);
    let successors = some.split_off(usize::from(before));
    let ids: Vec<Value> = successors.iter().map(|one| one["id"].clone()).collect();
    let mut assignments = Vec::new();
    if kind == "split" {
        for id in world.memberships.keys().chain(world.bearers.keys()) {
            let to: Vec<&Value> = ids.iter().filter(|_| chance.one_in(2)).collect();
            if !chance.one_in(40) {
                assignments.push(json!({ "relation": id, "to": to }));
            }
        }
    }
    serde_json::from_value(json!({
        "kind": kind, "predecessors": some, "successors": successors,
        "effective_on": date(day), "assignments": assignments,
    }))
    .unwrap()
}

fn happen(world: &mut World, kinship: &mut Kinship, chance: &mut Chance) -> bool {
    let day = chance.day();
    let said = some_event(world, chance, day);
    let foretold = foretold(world, kinship, &said, day);
    let known = Known {
        existing: said.named().into_iter().map(|(_, one)| one).collect(),
        ..Known::default()
    };
    let id = LineageEventId::new(world.new_id());
    let standing = standing(kinship, &said);
    let above = links(world, &said);
    let all_memberships: Vec<Membership> = world.memberships.values().cloned().collect();
    let all_bearers: Vec<Bearer> = world.bearers.values().cloned().collect();
    let mut heirs = Heirs::default();

    let decided = LineageEvent::record(id, said.clone(), &known, &standing).and_then(|event| {
        let mut new_id = || world.new_id();
        let members = carry(&said, all_memberships, &above, &mut heirs, &mut new_id)?;
        let bearers = carry(&said, all_bearers, &above, &mut heirs, &mut new_id)?;
        Ok((event, members, bearers))
    });

    assert_eq!(decided.is_ok(), foretold.is_some(), "{said:?}: {decided:?}");
    let (Ok((event, memberships, bearers)), Some(foretold)) = (decided, foretold) else {
        return false;
    };
    let mut before = BTreeMap::new();
    let days = &mut world.facts.days;
    let memberships = apply(memberships, &mut world.memberships, days, &mut before);
    let bearers = apply(bearers, &mut world.bearers, days, &mut before);
    assert_eq!(all_facts(world), foretold, "{said:?}");
    for one in standing {
        let told = event.told_to(one.record.id, one.lineage);
        kinship.lineage.insert(one.record.id, told);
    }
    kinship.events.push(Past {
        event,
        day,
        memberships,
        bearers,
        before,
    });
    true
}

/// The changes with the relations as they are now.
fn as_now<F: Stated>(changes: &[Change<F>], all: &BTreeMap<Uuid, Relation<F>>) -> Vec<Change<F>> {
    let now = changes.iter().map(|change| Change {
        now: all.get(&change.id).cloned(),
        ..change.clone()
    });
    now.collect()
}

fn is_untouched<F: Stated>(changes: &[Change<F>]) -> bool {
    let version = |now: &Relation<F>| now.version;
    changes.iter().all(|change| {
        let left: Option<Version> = (!change.was_gone).then_some(change.left);
        change.now.as_ref().map(version) == left
    })
}

fn put_back<F: Stated>(restored: Restored<F>, all: &mut BTreeMap<Uuid, Relation<F>>) {
    for one in restored.changed.into_iter().chain(restored.back) {
        all.insert(one.uuid(), one);
    }
    for one in restored.gone {
        all.remove(&one.uuid());
    }
}

fn take_back(world: &mut World, kinship: &mut Kinship, chance: &mut Chance) -> bool {
    let events = u8::try_from(kinship.events.len()).unwrap();
    if events == 0 {
        return false;
    }
    // The last one, most of the time: what came after others is more often in the way.
    let last = if chance.one_in(3) {
        chance.below(events)
    } else {
        events - 1
    };
    let past = kinship.events[usize::from(last)].clone();
    let said = past.event.fields.clone();
    let (memberships, bearers) = (
        as_now(&past.memberships, &world.memberships),
        as_now(&past.bearers, &world.bearers),
    );
    let mut days = world.facts.days.clone();
    for (id, before) in &past.before {
        days.remove(id);
        days.extend(before.clone().map(|before| (*id, before)));
    }
    let later = kinship.events.iter().any(|other| {
        let successors = said.successors.iter();
        let mut ids = successors.map(|one| one.record().id);
        ids.any(|id| other.event.fields.takes_from(id))
    });
    let all = world.memberships.iter();
    let all = all.map(|(id, one)| (id, fact_of(one)));
    let all = all.chain(world.bearers.iter().map(|(id, one)| (id, held_by(one))));
    let new = all.filter(|(id, fact)| {
        let taken = said
            .predecessors
            .iter()
            .any(|one| names(fact, one.record().id));
        taken && !past.before.contains_key(id)
    });
    let recorded_since = new
        .into_iter()
        .any(|(id, _)| world.facts.days[id].range(past.day..).next().is_some());
    let mut allowed =
        !later && !recorded_since && is_untouched(&memberships) && is_untouched(&bearers);
    let above = links(world, &said);
    let everyone: Vec<Membership> = world.memberships.values().cloned().collect();
    let everybody: Vec<Bearer> = world.bearers.values().cloned().collect();

    let decided = past
        .event
        .clone()
        .undo(&Undo { reason: None }, &standing(kinship, &said));
    let decided = decided.and_then(|_| {
        let memberships = restore(&said, memberships, &everyone, &above)?;
        Ok((memberships, restore(&said, bearers, &everybody, &above)?))
    });

    if allowed {
        // Only the list can tell whether something would be a member of itself.
        let mut tried = World::default();
        tried.memberships.clone_from(&world.memberships);
        for change in &past.memberships {
            tried.memberships.remove(&change.id);
            let before = change.before.clone().map(|before| (change.id, before));
            tried.memberships.extend(before);
        }
        tried.facts.days.clone_from(&days);
        allowed = !has_ring(&all_facts(&tried));
    }
    assert_eq!(decided.is_ok(), allowed, "{said:?}: {decided:?}");
    let Ok((memberships, bearers)) = decided else {
        return false;
    };
    put_back(memberships, &mut world.memberships);
    put_back(bearers, &mut world.bearers);
    world.facts.days = days;
    for (_, one) in said.named() {
        let lineage = kinship.lineage.remove(&one.id).unwrap_or_default();
        kinship
            .lineage
            .insert(one.id, lineage.without(past.event.id));
    }
    kinship.events.remove(usize::from(last));
    true
}

/// Each network is merged on the days that the events say.
fn agrees_on(kinship: &Kinship, day: u8) {
    for number in 0..NETWORKS {
        let id = network(number);
        let mut events = kinship.events.iter();
        let expected = events.any(|past| past.event.fields.takes_from(id) && past.day <= day);
        let merged = kinship.lineage.get(&id).and_then(Lineage::merged_on);
        assert_eq!(merged.is_some_and(|on| on <= date(day)), expected);
    }
}

#[test]
fn what_events_carry_and_take_back_is_that_of_a_naive_list_of_dated_facts_on_any_day() {
    let mut chance = seed();
    let (mut world, mut kinship) = (World::default(), Kinship::default());
    let (mut happened, mut taken_back) = (0, 0);

    for step in 0..STEPS {
        if step % A_WORLD == 0 {
            (world, kinship) = (World::default(), Kinship::default());
        }
        match chance.below(20) {
            0 => happened += usize::from(happen(&mut world, &mut kinship, &mut chance)),
            1 => taken_back += usize::from(take_back(&mut world, &mut kinship, &mut chance)),
            _ => act(&mut world, &mut chance),
        }
        let asked = chance.below(DAYS);
        world.agrees_on(asked);
        agrees_on(&kinship, asked);
    }

    println!("{happened} events, {taken_back} taken back");
    assert!(
        happened > STEPS / 200 && taken_back > STEPS / 2_000,
        "{happened}, {taken_back}"
    );
}
