//! A long random run of memberships and bearers, held against a naive list of dated facts.
//!
//! The list knows no periods: for each relation it holds the days, one by one, on which it is true. An act
//! is refused there when some day says so. `MAILLAGE_SEED` repeats a run.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "days and numbers here are small"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::bearers::{Bearer, BearerFields, BearerId, HandOver, hand_over};
use crate::memberships::{Membership, MembershipFields, MembershipId};
use crate::records::{Known, RecordRef, Resource};
use crate::values::{Date, Id};

pub(crate) const STEPS: usize = 100_000;

/// Days are looked at one by one: so many. Nothing begins or ends on the first, so that it stands for all that
/// was before, and the last for all that comes after.
pub(crate) const DAYS: u8 = 24;

/// Networks and organisations, by these numbers.
pub(crate) const NETWORKS: u8 = 5;
const ORGANISATIONS: u8 = 3;

/// Numbers that look random, the same for one seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, most: u8) -> u8 {
        // xorshift64*, Vigna 2016.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        u8::try_from(number % u64::from(most)).unwrap()
    }

    /// A day on which something may begin or end.
    pub(crate) fn day(&mut self) -> u8 {
        1 + self.below(DAYS - 1)
    }

    pub(crate) fn one_in(&mut self, chances: u8) -> bool {
        self.below(chances) == 0
    }
}

pub(crate) fn date(day: u8) -> Date {
    Date::new(2020, 1, i8::try_from(day + 1).unwrap()).unwrap()
}

pub(crate) fn network(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1)
}

pub(crate) fn organisation(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number) + 101)
}

/// What is true, day by day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) days: BTreeMap<Uuid, BTreeSet<u8>>,
}

/// The days from one up to another; from the first and to the last where they are not said.
fn days(from: Option<u8>, before: Option<u8>) -> BTreeSet<u8> {
    (from.unwrap_or(0)..before.unwrap_or(DAYS)).collect()
}

/// What there is, as the domain knows it and as the list does.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) memberships: BTreeMap<Uuid, Membership>,
    pub(crate) bearers: BTreeMap<Uuid, Bearer>,
    pub(crate) facts: Facts,
    next: u128,
}

impl World {
    pub(crate) fn new_id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(1_000 + self.next)
    }

    /// What the laws depend on, as persistence would load it.
    fn around<F: Stated>(all: &BTreeMap<Uuid, Relation<F>>, fields: &F) -> Around {
        let existing = fields.named().into_iter().map(|(_, one)| one);
        let shares = |one: &&Relation<F>| one.fields.alone_in() == fields.alone_in();
        let rivals = all.values().filter(shares).map(|one| Rival {
            id: one.uuid(),
            since: one.exists(),
        });
        let above = all.values().filter_map(|one| {
            let (part, whole): (RecordRef, RecordRef) = one.fields.link()?;
            Some(Link {
                part: part.id,
                whole: whole.id,
                since: one.exists(),
            })
        });
        Around {
            known: Known {
                existing: existing.collect(),
                ..Known::default()
            },
            rivals: rivals.collect(),
            above: above.collect(),
            ..Around::default()
        }
    }

    /// Whether one more membership on these days contradicts the list.
    fn may_join(&self, own: Uuid, fields: &MembershipFields, on: &BTreeSet<u8>) -> bool {
        if on.is_empty() {
            return false;
        }
        let (member, of) = (fields.member.record().id, fields.of.record().id);
        on.iter().all(|day| {
            let mut above: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
            for (id, one) in self.memberships.iter().filter(|(id, _)| **id != own) {
                if !self.facts.days[id].contains(day) {
                    continue;
                }
                if one.fields.alone_in() == fields.alone_in() {
                    return false;
                }
                let (part, whole) = (one.fields.member.record().id, one.fields.of.record().id);
                above.entry(part).or_default().push(whole);
            }
            let (mut reached, mut next) = (BTreeSet::from([of]), vec![of]);
            while let Some(one) = next.pop() {
                for whole in above.get(&one).into_iter().flatten() {
                    if reached.insert(*whole) {
                        next.push(*whole);
                    }
                }
            }
            !reached.contains(&member)
        })
    }

    /// Whether one more bearer on these days contradicts the list, were `left` not there.
    fn may_bear(&self, left: &[Uuid], fields: &BearerFields, on: &BTreeSet<u8>) -> bool {
        let others = self.bearers.iter().filter(|(id, _)| !left.contains(id));
        let mut same = others.filter(|(_, one)| one.fields.alone_in() == fields.alone_in());
        !on.is_empty() && same.all(|(id, _)| self.facts.days[id].is_disjoint(on))
    }

    /// On every day, what the domain says holds is what the list says.
    pub(crate) fn agrees_on(&self, day: u8) {
        let says = |since: crate::values::Since| since.contains(date(day));
        let memberships = self.memberships.iter().map(|(id, one)| (id, one.exists()));
        let bearers = self.bearers.iter().map(|(id, one)| (id, one.exists()));
        for (id, since) in memberships.chain(bearers) {
            assert_eq!(
                says(since),
                self.facts.days[id].contains(&day),
                "{id} on {day}"
            );
        }
        let mut held: BTreeSet<Option<String>> = BTreeSet::new();
        for one in self.bearers.values().filter(|one| says(one.exists())) {
            assert!(held.insert(one.fields.alone_in()), "two bear on {day}");
        }
    }
}

/// A run of days; perhaps without a first, or a last, or empty.
fn some_days(chance: &mut Chance) -> (Option<u8>, Option<u8>) {
    let from = (!chance.one_in(6)).then(|| chance.day());
    let before = (!chance.one_in(4)).then(|| chance.day());
    (from, before)
}

pub(crate) fn pick<R>(all: &BTreeMap<Uuid, R>, chance: &mut Chance) -> Option<Uuid> {
    let most = u8::try_from(all.len().min(250)).unwrap();
    let place = (most > 0).then(|| chance.below(most))?;
    all.keys().nth(usize::from(place)).copied()
}

fn join(world: &mut World, chance: &mut Chance) {
    let (from, before) = some_days(chance);
    let member = if chance.one_in(3) {
        json!({ "type": "organisation", "id": organisation(chance.below(ORGANISATIONS)) })
    } else {
        json!({ "type": "network", "id": network(chance.below(NETWORKS)) })
    };
    let fields: MembershipFields = serde_json::from_value(json!({
        "member": member,
        "of": { "type": "network", "id": network(chance.below(NETWORKS)) },
        "category": if chance.one_in(2) { "adherent" } else { "expert" },
        "starts_on": from.map(date), "ends_before": before.map(date),
    }))
    .unwrap();
    let id = world.new_id();
    let on = days(from, before);
    let allowed = world.may_join(id, &fields, &on);
    let around = World::around(&world.memberships, &fields);

    let recorded = Membership::create(MembershipId::new(id), fields.clone(), &around);

    assert_eq!(recorded.is_ok(), allowed, "{fields:?}: {recorded:?}");
    if let Ok(recorded) = recorded {
        world.memberships.insert(id, recorded);
        world.facts.days.insert(id, on);
    }
}

fn move_days(world: &mut World, chance: &mut Chance) {
    let Some(id) = pick(&world.memberships, chance) else {
        return;
    };
    let (from, before) = some_days(chance);
    let present = world.memberships[&id].clone();
    let fields = MembershipFields {
        starts_on: from.map(date),
        ends_before: before.map(date),
        end_reason: None,
        ..present.fields.clone()
    };
    let on = days(from, before);
    let allowed = world.may_join(id, &fields, &on);
    let around = World::around(&world.memberships, &fields);

    let changed = present.change(fields, &around);

    assert_eq!(changed.is_ok(), allowed, "{changed:?}");
    if let Ok(changed) = changed {
        world.memberships.insert(id, changed);
        world.facts.days.insert(id, on);
    }
}

/// Ends a relation: the days from that one on are no longer true, and it must have held before.
fn end<F: Stated>(
    all: &mut BTreeMap<Uuid, Relation<F>>,
    facts: &mut Facts,
    id: Uuid,
    chance: &mut Chance,
) {
    let at = chance.day();
    let present = all[&id].clone();
    let since = present.exists();
    let known = &facts.days[&id];
    let left: BTreeSet<u8> = known.iter().copied().filter(|day| *day < at).collect();
    let holds_later = since.ends_before.is_none_or(|end| date(at) < end);

    let ended = present.end(&EndOfRelation {
        ends_before: date(at),
        reason: None,
    });

    assert_eq!(ended.is_ok(), holds_later && !left.is_empty(), "{ended:?}");
    if let Ok(ended) = ended {
        all.insert(id, ended);
        facts.days.insert(id, left);
    }
}

fn bear(world: &mut World, chance: &mut Chance) {
    let (from, before) = some_days(chance);
    let autonomous = chance.one_in(4);
    let by = (!autonomous).then(|| organisation(chance.below(ORGANISATIONS)));
    let fields: BearerFields = serde_json::from_value(json!({
        "network": network(chance.below(NETWORKS)),
        "function": if chance.one_in(2) { "legal_representation" } else { "financial_management" },
        "organisation": by, "autonomous": autonomous,
        "starts_on": from.map(date), "ends_before": before.map(date),
    }))
    .unwrap();
    let id = world.new_id();
    let on = days(from, before);
    let allowed = world.may_bear(&[], &fields, &on);
    let around = World::around(&world.bearers, &fields);

    let recorded = Bearer::create(BearerId::new(id), fields, &around);

    assert_eq!(recorded.is_ok(), allowed, "{recorded:?}");
    if let Ok(recorded) = recorded {
        world.bearers.insert(id, recorded);
        world.facts.days.insert(id, on);
    }
}

fn hand(world: &mut World, chance: &mut Chance) {
    let Some(id) = pick(&world.bearers, chance) else {
        return;
    };
    let at = chance.day();
    let said = HandOver {
        on: date(at),
        organisation: Some(Id::new(organisation(chance.below(ORGANISATIONS)))),
        autonomous: false,
        interim: false,
        reason: None,
        review_on: None,
    };
    let present = world.bearers[&id].clone();
    let next = said.next(&present.fields);
    let before: BTreeSet<u8> = world.facts.days[&id].range(..at).copied().collect();
    let after: BTreeSet<u8> = world.facts.days[&id].range(at..).copied().collect();
    let allowed = !before.is_empty() && !after.is_empty() && world.may_bear(&[id], &next, &after);
    let around = World::around(&world.bearers, &next);
    let next_id = world.new_id();

    let handed = hand_over(present, BearerId::new(next_id), &said, &around);

    assert_eq!(handed.is_ok(), allowed, "{handed:?}");
    if let Ok((left, next)) = handed {
        world.bearers.insert(id, left);
        world.bearers.insert(next_id, next);
        world.facts.days.insert(id, before);
        world.facts.days.insert(next_id, after);
    }
}

fn forget(world: &mut World, chance: &mut Chance) {
    if let Some(id) = pick(&world.memberships, chance) {
        world.memberships.remove(&id);
        world.facts.days.remove(&id);
    }
    if let Some(id) = pick(&world.bearers, chance) {
        world.bearers.remove(&id);
        world.facts.days.remove(&id);
    }
}

/// Where a run begins, which it tells; `MAILLAGE_SEED` repeats one.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever repeats a run says its seed"
)]
pub(crate) fn seed() -> Chance {
    let seed = std::env::var("MAILLAGE_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(20_261_123);
    println!("seed {seed}");
    Chance(seed)
}

/// One act on memberships or bearers, at random.
pub(crate) fn act(world: &mut World, chance: &mut Chance) {
    match chance.below(12) {
        0..3 => join(world, chance),
        3..6 => bear(world, chance),
        6 => move_days(world, chance),
        7 => {
            if let Some(id) = pick(&world.memberships, chance) {
                end(&mut world.memberships, &mut world.facts, id, chance);
            }
        }
        8 => {
            if let Some(id) = pick(&world.bearers, chance) {
                end(&mut world.bearers, &mut world.facts, id, chance);
            }
        }
        9 => hand(world, chance),
        _ => forget(world, chance),
    }
}

#[test]
fn memberships_and_bearers_are_those_of_a_naive_list_of_dated_facts_on_any_day() {
    let (mut world, mut chance) = (World::default(), seed());

    for _ in 0..STEPS {
        act(&mut world, &mut chance);
        let asked = chance.below(DAYS);
        world.agrees_on(asked);
    }
}
