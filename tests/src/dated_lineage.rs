//! A long random run of mergers, splits, successions and their taking back over HTTP, held against a naive list of
//! dated facts: what is true on any day, and what was known of it at any instant.
//!
//! The list knows no periods: on each day, so many facts are true. An event renames the predecessors in those of its
//! day and of every later one; taken back, they are again what they were. `MAILLAGE_SEED` repeats a run. Which single
//! relations are allowed is tried in `dated_facts`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::memberships::reference;
use crate::networks::network;
use crate::story::{Answer, App, Given, Value, json, story};

const STEPS: usize = 2_000;

/// After so many steps other networks begin: of those that have all become others, nothing is left to tell.
const A_WORLD: usize = 80;

/// Nothing begins or ends on the first day, so that it stands for all that was before, and the last for all that
/// comes after.
const DAYS: u8 = 20;

type Days = BTreeSet<u8>;

/// Something that is true on a day: who, of what, as what.
type Fact = (Option<String>, String, String);

/// What was true of a relation, and on which days; nothing when it was not there.
type Before = Option<(Fact, Days)>;

/// What is true on each day.
type Facts = BTreeMap<u8, BTreeSet<Fact>>;

/// A relation as the API tells it.
struct Told {
    room: &'static str,
    fact: Fact,
    version: i64,
    /// The days on which it is true since each instant, the last one now; none when it was deleted.
    known: Vec<(Timestamp, Option<Days>)>,
}

impl Told {
    fn days(&self) -> Option<&Days> {
        self.known.last().and_then(|(_, days)| days.as_ref())
    }

    fn joins(&self) -> bool {
        self.room == "/v1/memberships"
    }

    fn names(&self, one: &str) -> bool {
        self.fact.0.as_deref() == Some(one) || self.fact.1 == one
    }
}

/// What was known at an instant of something that is known so since.
fn at<T>(known: &[(Timestamp, T)], instant: Timestamp) -> Option<&T> {
    let last = known.iter().rfind(|(since, _)| *since <= instant);
    last.map(|(_, what)| what)
}

/// What is said of an event.
struct Said {
    split: bool,
    before: Vec<String>,
    after: Vec<String>,
    day: u8,
    /// With which successors a relation goes on.
    ways: BTreeMap<String, Vec<String>>,
}

/// An event, and what its taking back is held against.
struct Past {
    path: String,
    said: Said,
    /// What was true of each relation that it wrote, and the version that it left it; none where it is gone.
    wrote: BTreeMap<String, (Before, Option<i64>)>,
}

struct World<'a> {
    app: &'a App,
    organisations: Vec<Given>,
    networks: Vec<Given>,
    told: BTreeMap<String, Told>,
    events: Vec<Past>,
    /// From which day on each network is merged, since each instant.
    merged: BTreeMap<String, Vec<(Timestamp, Option<u8>)>>,
    chance: StdRng,
}

fn date(day: u8) -> String {
    format!("2020-01-{:02}", day + 1)
}

fn day_of(date: &Value) -> Option<u8> {
    let day: u8 = date.as_str()?.strip_prefix("2020-01-")?.parse().unwrap();
    Some(day - 1)
}

fn renamed(said: &Said, fact: &Fact, successor: &str) -> Fact {
    let one = |id: &String| {
        let is_gone = said.before.contains(id);
        if is_gone {
            successor.to_owned()
        } else {
            id.clone()
        }
    };
    (fact.0.as_ref().map(one), one(&fact.1), fact.2.clone())
}

/// Whether something is a member of itself on some day.
fn has_ring(facts: &Facts) -> bool {
    facts.values().any(|facts| {
        let edges = facts
            .iter()
            .filter_map(|(member, of, _)| Some((member.clone()?, of.clone())));
        let mut edges: BTreeSet<(String, String)> = edges.collect();
        loop {
            let parts: BTreeSet<String> = edges.iter().map(|(part, _)| part.clone()).collect();
            let before = edges.len();
            // What leads to nothing further is in no ring.
            edges.retain(|(_, whole)| parts.contains(whole));
            if edges.is_empty() || edges.len() == before {
                break !edges.is_empty();
            }
        }
    })
}

/// Every fact of every day, each said by one relation only.
fn all_facts<'a>(of: impl Iterator<Item = (&'a Fact, Option<&'a Days>)>) -> Facts {
    let mut facts = Facts::new();
    for (fact, days) in of {
        for day in days.into_iter().flatten() {
            let new = facts.entry(*day).or_default().insert(fact.clone());
            assert!(new, "{fact:?} is said twice on {day}");
        }
    }
    facts
}

impl World<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.chance.random_range(0..count)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn day(&mut self) -> u8 {
        self.chance.random_range(1..DAYS)
    }

    fn some_days(&mut self) -> (Option<u8>, Option<u8>) {
        let from = (!self.one_in(6)).then(|| self.day());
        let before = (!self.one_in(3)).then(|| self.day());
        (from, before)
    }

    fn facts(&self) -> Facts {
        all_facts(self.told.values().map(|one| (&one.fact, one.days())))
    }

    /// Other networks, of which nothing is told yet; what was told of the others stays known.
    fn begin(&mut self, number: usize) {
        let names = ["Réseau", "Dispositif", "Groupe", "Projet"];
        self.networks = names
            .map(|name| {
                self.app
                    .given_network(&network(&format!("{name} {number}")))
            })
            .to_vec();
        self.events.clear();
        let now = self.app.now();
        for one in &self.networks {
            self.merged.insert(one.id.clone(), vec![(now, None)]);
        }
    }

    /// Reads all that is told of the networks, and remembers what is new of it.
    fn look(&mut self) {
        let (by, now) = (self.app.reader(), self.app.now());
        let mut seen = BTreeMap::new();
        for network in &self.networks {
            for (room, of) in [("/v1/memberships", "of"), ("/v1/bearers", "network")] {
                let listed = by.get(&format!("{room}?{of}={}&limit=200", network.id));
                for item in listed.is(200).items() {
                    seen.insert(item["id"].as_str().unwrap().to_owned(), (room, item));
                }
            }
        }
        let of_these: BTreeSet<&String> = self.networks.iter().map(|one| &one.id).collect();
        for (id, told) in &mut self.told {
            let is_gone = of_these.contains(&told.fact.1) && !seen.contains_key(id);
            if is_gone && told.days().is_some() {
                told.known.push((now, None));
            }
        }
        for (id, (room, item)) in seen {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let fact = match room {
                "/v1/memberships" => (
                    text(&item["member"]["id"]),
                    item["of"]["id"].clone(),
                    item["category"].clone(),
                ),
                _ => (
                    text(&item["organisation"]),
                    item["network"].clone(),
                    item["function"].clone(),
                ),
            };
            let fact = (fact.0, text(&fact.1).unwrap(), text(&fact.2).unwrap());
            let from = day_of(&item["starts_on"]).unwrap_or(0);
            let days: Days = (from..day_of(&item["ends_before"]).unwrap_or(DAYS)).collect();
            let version = item["version"].as_i64().unwrap();
            let told = self.told.entry(id).or_insert_with(|| Told {
                room,
                fact: fact.clone(),
                version,
                known: Vec::new(),
            });
            (told.version, told.fact) = (version, fact);
            if told.days() != Some(&days) {
                told.known.push((now, Some(days)));
            }
        }
    }

    /// Records a relation, if it is allowed.
    fn tie(&mut self) {
        let of = self.below(4);
        let (from, before) = self.some_days();
        let mut said = json!({ "starts_on": from.map(date), "ends_before": before.map(date) });
        let joins = !self.one_in(3);
        let who = self.below(self.organisations.len());
        if joins {
            let network = self.below(4);
            let member = if self.one_in(2) {
                &self.organisations[who]
            } else {
                &self.networks[network]
            };
            said["member"] = reference(member);
            said["of"] = reference(&self.networks[of]);
            said["category"] = json!(if who == 0 { "adherent" } else { "expert" });
        } else {
            let autonomous = self.one_in(4);
            said["network"] = json!(self.networks[of].id);
            said["organisation"] = if autonomous {
                Value::Null
            } else {
                json!(self.organisations[who].id)
            };
            said["autonomous"] = json!(autonomous);
            said["function"] = json!("legal_representation");
        }
        let before = self.facts();
        let room = if joins {
            "/v1/memberships"
        } else {
            "/v1/bearers"
        };
        let answer = self.app.administrator().post(room, &said);
        self.look();
        if !agree(&answer, answer.status == 201) {
            assert_eq!(self.facts(), before);
        }
    }

    /// Ends or deletes one of those that are there.
    fn untie(&mut self) {
        let is_of_these = |told: &Told| self.networks.iter().any(|one| one.id == told.fact.1);
        let there = self
            .told
            .iter()
            .filter(|(_, one)| one.days().is_some() && is_of_these(one));
        let there: Vec<(String, &'static str)> =
            there.map(|(id, one)| (id.clone(), one.room)).collect();
        if there.is_empty() {
            return;
        }
        let (id, room) = there[self.below(there.len())].clone();
        let path = format!("{room}/{id}");
        if self.one_in(2) {
            self.app.administrator().delete(&path, "*").is(204);
            let now = self.app.now();
            let told = self.told.get_mut(&id).unwrap();
            told.known.push((now, None));
        } else {
            let end = json!({ "ends_before": date(self.day()) });
            let by = self.app.administrator();
            by.ask("POST", &format!("{path}/end"))
                .if_match("*")
                .json(&end)
                .send();
        }
        self.look();
    }

    /// What may be said of an event, right or wrong.
    fn say(&mut self) -> Said {
        let mut ids: Vec<String> = self.networks.iter().map(|one| one.id.clone()).collect();
        for last in (1..ids.len()).rev() {
            let other = self.below(last + 1);
            ids.swap(last, other);
        }
        let (split, day) = (self.one_in(3), self.day());
        let before = ids.split_off(ids.len() - if split || self.one_in(2) { 1 } else { 2 });
        ids.truncate(if split { 2 } else { 1 });
        let mut said = Said {
            split,
            before,
            after: ids,
            day,
            ways: BTreeMap::new(),
        };
        let taken: Vec<(String, bool)> = self
            .taken(&said)
            .into_iter()
            .map(|(id, told)| {
                (
                    id.clone(),
                    told.joins() && said.before.contains(&told.fact.1),
                )
            })
            .collect();
        for (id, goes_on_with_all) in taken {
            // Of a split it must be said, but for members; now and then it is forgotten.
            if said.split && !self.one_in(if goes_on_with_all { 2 } else { 12 }) {
                let to = said
                    .after
                    .iter()
                    .filter(|_| self.chance.random_range(0..2) == 0);
                said.ways.insert(id, to.cloned().collect());
            }
        }
        said
    }

    /// The relations that name a predecessor and hold on the day or later.
    fn taken(&self, said: &Said) -> Vec<(&String, &Told)> {
        let all = self.told.iter().filter(|(_, told)| {
            let holds = told
                .days()
                .is_some_and(|days| days.range(said.day..).next().is_some());
            holds && said.before.iter().any(|one| told.names(one))
        });
        all.collect()
    }

    /// What the list says is true once the event is; nothing where it must be refused.
    fn foretold(&self, said: &Said) -> Option<Facts> {
        for Past { said: other, .. } in &self.events {
            let comes = |id: &String, late: bool| {
                other.before.contains(id) || (other.after.contains(id) && late)
            };
            if said
                .before
                .iter()
                .any(|id| comes(id, other.day >= said.day))
                || said.after.iter().any(|id| comes(id, other.day > said.day))
            {
                return None;
            }
        }
        let taken: BTreeSet<&String> = self.taken(said).into_iter().map(|(id, _)| id).collect();
        let mut facts = Facts::new();
        let (mut tails, mut own) = (Vec::new(), Vec::new());
        for (id, told) in &self.told {
            let Some(days) = told.days() else { continue };
            let kept = if taken.contains(id) { said.day } else { DAYS };
            for day in days.range(..kept) {
                facts.entry(*day).or_default().insert(told.fact.clone());
            }
            if !taken.contains(id) {
                if !told.joins() {
                    own.push((told.fact.clone(), days.clone()));
                }
                continue;
            }
            let all = !said.split || (told.joins() && said.before.contains(&told.fact.1));
            let ways = said.ways.get(id).or(all.then_some(&said.after))?;
            for successor in ways {
                let carried = renamed(said, &told.fact, successor);
                if carried.0.as_ref() != Some(&carried.1) {
                    tails.push((
                        carried,
                        days.range(said.day..).copied().collect::<Days>(),
                        told.joins(),
                    ));
                }
            }
        }
        let rivals = |one: &Fact, on: &Days, other: &Fact, days: &Days| {
            (&one.1, &one.2) == (&other.1, &other.2) && one.0 != other.0 && !on.is_disjoint(days)
        };
        tails.retain(|(fact, on, joins)| {
            *joins
                || !own
                    .iter()
                    .any(|(other, days)| rivals(fact, on, other, days))
        });
        for (fact, on, joins) in &tails {
            if !joins
                && tails
                    .iter()
                    .any(|(other, days, _)| rivals(fact, on, other, days))
            {
                return None;
            }
            for day in on {
                facts.entry(*day).or_default().insert(fact.clone());
            }
        }
        (!has_ring(&facts)).then_some(facts)
    }

    fn become_others(&mut self) {
        let said = self.say();
        let foretold = self.foretold(&said);
        let subjects = |ids: &[String]| {
            ids.iter()
                .map(|id| json!({ "type": "network", "id": id }))
                .collect::<Vec<_>>()
        };
        let assignments = said
            .ways
            .iter()
            .map(|(id, to)| json!({ "relation": id, "to": to }));
        let answer = self.app.administrator().post(
            "/v1/lineage-events",
            &json!({
                "kind": if said.split { "split" } else { "merger" }, "effective_on": date(said.day),
                "predecessors": subjects(&said.before), "successors": subjects(&said.after),
                "assignments": assignments.collect::<Vec<_>>(),
            }),
        );

        if agree(&answer, foretold.is_some()) {
            let written = answer.json()["warnings"][0]["written"].clone();
            let written = written.as_array().unwrap().iter();
            let written = written.filter(|one| one["type"] != "network").map(|one| {
                let id = one["id"].as_str().unwrap().to_owned();
                let told = self.told.get(&id);
                let before = told.and_then(|told| Some((told.fact.clone(), told.days()?.clone())));
                let left = (one["op"] != "deleted").then(|| one["version"].as_i64().unwrap());
                (id, (before, left))
            });
            let wrote = written.collect();
            let now = self.app.now();
            for one in &said.before {
                self.merged
                    .get_mut(one)
                    .unwrap()
                    .push((now, Some(said.day)));
            }
            let path = answer.header("location").to_owned();
            self.events.push(Past { path, said, wrote });
        }
        self.look();
        if let Some(foretold) = foretold {
            assert_eq!(self.of_these(foretold), self.of_these(self.facts()));
        }
    }

    /// The facts that are about the networks of now.
    fn of_these(&self, mut facts: Facts) -> Facts {
        let these: BTreeSet<&String> = self.networks.iter().map(|one| &one.id).collect();
        for facts in facts.values_mut() {
            facts.retain(|fact| these.contains(&fact.1));
        }
        facts.retain(|_, facts| !facts.is_empty());
        facts
    }

    fn take_back(&mut self) {
        if self.events.is_empty() {
            return;
        }
        // The last one, most of the time: what came after others is more often in the way.
        let which = if self.one_in(3) {
            self.below(self.events.len())
        } else {
            self.events.len() - 1
        };
        let past = &self.events[which];
        let later = self.events.iter().any(|other| {
            past.said
                .after
                .iter()
                .any(|one| other.said.before.contains(one))
        });
        let untouched = past.wrote.iter().all(|(id, (_, left))| {
            let there = self.told.get(id).filter(|told| told.days().is_some());
            there.map(|told| told.version) == *left
        });
        let recorded_since = self
            .taken(&past.said)
            .iter()
            .any(|(id, _)| !past.wrote.contains_key(*id));
        let before = self.told.iter().map(|(id, told)| match past.wrote.get(id) {
            Some((Some((fact, days)), _)) => (fact, Some(days)),
            Some((None, _)) => (&told.fact, None),
            None => (&told.fact, told.days()),
        });
        let mut allowed = !later && untouched && !recorded_since;
        let before = allowed.then(|| all_facts(before));
        allowed = before.as_ref().is_some_and(|before| !has_ring(before));

        let by = self.app.administrator();
        let answer = by
            .ask("POST", &format!("{}/undo", past.path))
            .if_match("*")
            .json(&json!({}))
            .send();

        if agree(&answer, allowed) {
            let (past, now) = (self.events.remove(which), self.app.now());
            for one in &past.said.before {
                self.merged.get_mut(one).unwrap().push((now, None));
            }
        }
        self.look();
        if let Some(before) = before.filter(|_| allowed) {
            assert_eq!(self.facts(), before);
        }
    }

    /// What a list holds on some day is what is true then.
    fn agrees_on_a_day(&mut self) {
        let (day, one) = (self.chance.random_range(0..DAYS), self.below(4));
        let id = self.networks[one].id.clone();
        let by = self.app.reader();
        for (room, of) in [("/v1/memberships", "of"), ("/v1/bearers", "network")] {
            let listed = by.get(&format!("{room}?{of}={id}&as_of={}&limit=200", date(day)));
            let listed: BTreeSet<String> = listed.is(200).ids().into_iter().collect();
            let says = self.told.iter().filter(|(_, told)| {
                told.room == room
                    && told.fact.1 == id
                    && told.days().is_some_and(|days| days.contains(&day))
            });
            assert_eq!(
                listed,
                says.map(|(id, _)| id.clone()).collect(),
                "{room} of {id} on {}",
                date(day)
            );
        }
    }

    /// What was known at some instant of some day is what was told then.
    fn agrees_at_an_instant(&mut self, instants: &[Timestamp]) {
        let (instant, day) = (
            instants[self.below(instants.len())],
            self.chance.random_range(0..DAYS),
        );
        let asked = format!("?known_at={instant}&as_of={}", date(day));
        let by = self.app.reader();
        let one = self.below(self.merged.len());
        let (id, known) = self.merged.iter().nth(one).unwrap();
        let answer = by.get(&format!("/v1/networks/{id}{asked}"));
        match at(known, instant) {
            Some(merged) => {
                let state = if merged.is_some_and(|merged| merged <= day) {
                    "merged"
                } else {
                    "active"
                };
                assert_eq!(answer.is(200).json()["state"], state, "{id}{asked}");
            }
            None => assert_eq!(answer.status, 404, "{id}{asked}"),
        }
        if self.told.is_empty() {
            return;
        }
        let one = self.below(self.told.len());
        let (id, told) = self.told.iter().nth(one).unwrap();
        let path = format!("{}/{id}{asked}", told.room);
        let answer = by.get(&path);
        match at(&told.known, instant) {
            Some(Some(days)) => assert_eq!(
                answer.is(200).json()["state"] == "current",
                days.contains(&day),
                "{path}"
            ),
            Some(None) => assert_eq!(answer.status, 410, "{path}"),
            None => assert_eq!(answer.status, 404, "{path}"),
        }
    }

    fn step(&mut self) {
        match self.below(12) {
            0..5 => self.tie(),
            5 => self.untie(),
            6..10 => self.become_others(),
            _ => self.take_back(),
        }
    }
}

/// Whether it was done, which must be as foretold.
#[track_caller]
fn agree(answer: &Answer, allowed: bool) -> bool {
    let done = answer.status < 300;
    let refused = [409, 422].contains(&answer.status);
    assert!(
        (done || refused) && done == allowed,
        "{} {}",
        answer.status,
        answer.text()
    );
    done
}

story! {
    fn what_events_carry_and_take_back_is_that_of_a_naive_list_on_any_day_and_at_any_instant(app) {
        let organisations = ["Reseda", "APSA 30"].map(|name| app.given_association(name));
        let seed = std::env::var("MAILLAGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
        println!("seed {seed}");
        let mut world = World {
            app,
            organisations: organisations.to_vec(),
            networks: Vec::new(),
            told: BTreeMap::new(),
            events: Vec::new(),
            merged: BTreeMap::new(),
            chance: StdRng::seed_from_u64(seed),
        };
        let (mut instants, mut recorded, mut taken_back) = (Vec::new(), 0, 0);

        for step in 0..STEPS {
            app.advance(1);
            if step % A_WORLD == 0 {
                world.begin(step);
            }
            let events = world.events.len();
            world.step();
            recorded += usize::from(world.events.len() > events);
            taken_back += usize::from(world.events.len() < events);
            instants.push(app.now());
            world.agrees_on_a_day();
            world.agrees_at_an_instant(&instants);
        }

        assert!(recorded > STEPS / 40 && taken_back > STEPS / 80, "{recorded} recorded, {taken_back} taken back");
    }
}
