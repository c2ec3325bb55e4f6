//! A long random run of memberships and bearers over HTTP, held against a naive list of dated facts: what is true on
//! any day, and what was known of it at any instant.
//!
//! The list knows no periods: of each relation it holds the days, one by one, on which it is true, and what they
//! were after each act. `MAILLAGE_SEED` repeats a run. The laws themselves are tried a hundred thousand times in
//! `domain`; here it is the way there and back.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::memberships::reference;
use crate::networks::network;
use crate::story::{Answer, App, Given, json, story};

const STEPS: usize = 2_000;

/// Days are looked at one by one: so many. Nothing begins or ends on the first, so that it stands for all that was
/// before, and the last for all that comes after.
const DAYS: u8 = 20;

type Days = BTreeSet<u8>;

/// A relation, and when the list says it is true.
struct Fact {
    path: String,
    /// Of what it is told in the lists.
    of: String,
    /// What no two share on one day.
    alone_in: String,
    /// The member and the whole, of a membership.
    link: Option<(String, String)>,
    /// The days on which it is true since each instant, the last one now; none when it was deleted.
    known: Vec<(jiff::Timestamp, Option<Days>)>,
}

impl Fact {
    fn days(&self) -> Option<&Days> {
        self.known.last().and_then(|(_, days)| days.as_ref())
    }

    fn holds(&self, day: u8) -> bool {
        self.days().is_some_and(|days| days.contains(&day))
    }

    /// What was known at an instant: nothing before it was recorded.
    fn at(&self, instant: jiff::Timestamp) -> Option<&Option<Days>> {
        let known = self.known.iter().rfind(|(since, _)| *since <= instant);
        known.map(|(_, days)| days)
    }
}

struct World<'a> {
    app: &'a App,
    networks: Vec<Given>,
    organisations: Vec<Given>,
    facts: Vec<Fact>,
    chance: StdRng,
}

fn date(day: u8) -> String {
    format!("2020-01-{:02}", day + 1)
}

fn days(from: Option<u8>, before: Option<u8>) -> Days {
    (from.unwrap_or(0)..before.unwrap_or(DAYS)).collect()
}

impl World<'_> {
    fn day(&mut self) -> u8 {
        self.chance.random_range(1..DAYS)
    }

    fn one_in(&mut self, chances: u8) -> bool {
        self.chance.random_range(0..chances) == 0
    }

    /// A run of days; perhaps without a first, or a last, or empty.
    fn some_days(&mut self) -> (Option<u8>, Option<u8>) {
        let from = (!self.one_in(6)).then(|| self.day());
        let before = (!self.one_in(4)).then(|| self.day());
        (from, before)
    }

    fn network(&mut self) -> Given {
        let one = self.chance.random_range(0..self.networks.len());
        self.networks[one].clone()
    }

    fn organisation(&mut self) -> Given {
        let one = self.chance.random_range(0..self.organisations.len());
        self.organisations[one].clone()
    }

    /// One of the relations of a room that are still there.
    fn some(&mut self, room: &str) -> Option<usize> {
        let there: Vec<usize> = (0..self.facts.len())
            .filter(|i| self.facts[*i].path.starts_with(room) && self.facts[*i].days().is_some())
            .collect();
        (!there.is_empty()).then(|| there[self.chance.random_range(0..there.len())])
    }

    /// Whether a fact, true on these days, contradicts no other but `own`.
    fn allows(
        &self,
        alone_in: &str,
        link: Option<&(String, String)>,
        own: &[usize],
        on: &Days,
    ) -> bool {
        let others = || {
            self.facts
                .iter()
                .enumerate()
                .filter(|(i, _)| !own.contains(i))
                .map(|(_, fact)| fact)
        };
        !on.is_empty()
            && on.iter().all(|day| {
                let rival = others().any(|fact| fact.alone_in == alone_in && fact.holds(*day));
                let ring = link.is_some_and(|(member, of)| {
                    let (mut reached, mut next) = (BTreeSet::from([of]), vec![of]);
                    while let Some(one) = next.pop() {
                        for (part, whole) in others()
                            .filter(|fact| fact.holds(*day))
                            .filter_map(|fact| fact.link.as_ref())
                        {
                            if part == one && reached.insert(whole) {
                                next.push(whole);
                            }
                        }
                    }
                    reached.contains(member)
                });
                !rival && !ring
            })
    }

    #[track_caller]
    fn agree(answer: &Answer, allowed: bool) -> bool {
        let done = answer.status < 300;
        assert_eq!(done, allowed, "{} {}", answer.status, answer.text());
        assert!(
            done || [409, 422].contains(&answer.status),
            "{} {}",
            answer.status,
            answer.text()
        );
        done
    }

    /// That this is now known of a fact.
    fn learn(&mut self, fact: usize, days: Option<Days>) {
        let now = self.app.now();
        self.facts[fact].known.push((now, days));
    }

    fn record(
        &mut self,
        answer: &Answer,
        of: &Given,
        alone_in: String,
        link: Option<(String, String)>,
        on: Days,
    ) {
        let path = Given::located(answer).path;
        let known = vec![(self.app.now(), Some(on))];
        self.facts.push(Fact {
            path,
            of: of.id.clone(),
            alone_in,
            link,
            known,
        });
    }

    fn join(&mut self) {
        let of = self.network();
        let member = if self.one_in(3) {
            self.organisation()
        } else {
            self.network()
        };
        let category = if self.one_in(2) { "adherent" } else { "expert" };
        let (from, before) = self.some_days();
        let alone_in = format!("{} {} {category}", member.id, of.id);
        let link = Some((member.id.clone(), of.id.clone()));
        let on = days(from, before);
        let allowed = self.allows(&alone_in, link.as_ref(), &[], &on);

        let answer = self.app.administrator().post(
            "/v1/memberships",
            &json!({
                "member": reference(&member), "of": reference(&of), "category": category,
                "starts_on": from.map(date), "ends_before": before.map(date),
            }),
        );

        if Self::agree(&answer, allowed) {
            self.record(&answer, &of, alone_in, link, on);
        }
    }

    fn bear(&mut self) {
        let network = self.network();
        let by = (!self.one_in(4)).then(|| self.organisation().id);
        let function = if self.one_in(2) {
            "legal_representation"
        } else {
            "financial_management"
        };
        let (from, before) = self.some_days();
        let alone_in = format!("{} {function}", network.id);
        let on = days(from, before);
        let allowed = self.allows(&alone_in, None, &[], &on);

        let answer = self.app.administrator().post("/v1/bearers", &json!({
            "network": network.id, "function": function, "organisation": by, "autonomous": by.is_none(),
            "starts_on": from.map(date), "ends_before": before.map(date),
        }));

        if Self::agree(&answer, allowed) {
            self.record(&answer, &network, alone_in, None, on);
        }
    }

    fn move_days(&mut self) {
        let Some(fact) = self.some("/v1/") else {
            return;
        };
        let (from, before) = self.some_days();
        let on = days(from, before);
        let Fact {
            path,
            alone_in,
            link,
            ..
        } = &self.facts[fact];
        let allowed = self.allows(alone_in, link.as_ref(), &[fact], &on);

        let changes = json!({ "starts_on": from.map(date), "ends_before": before.map(date), "end_reason": null });
        let answer = self.app.administrator().patch(path, "*", &changes);

        if Self::agree(&answer, allowed) {
            self.learn(fact, Some(on));
        }
    }

    /// The days from that one on are no longer true, and it must have held before.
    fn end(&mut self) {
        let Some(fact) = self.some("/v1/") else {
            return;
        };
        let at = self.day();
        let (before, after) = self.cut(fact, at);

        let path = format!("{}/end", self.facts[fact].path);
        let said = json!({ "ends_before": date(at) });
        let answer = self
            .app
            .administrator()
            .ask("POST", &path)
            .if_match("*")
            .json(&said)
            .send();

        if Self::agree(&answer, !before.is_empty() && !after.is_empty()) {
            self.learn(fact, Some(before));
        }
    }

    /// The days of a fact before one, and from that one on.
    fn cut(&self, fact: usize, at: u8) -> (Days, Days) {
        let days = self.facts[fact].days().cloned().unwrap_or_default();
        days.into_iter().partition(|day| *day < at)
    }

    fn hand_over(&mut self) {
        let Some(fact) = self.some("/v1/bearers") else {
            return;
        };
        let (at, to) = (self.day(), self.organisation());
        let (before, after) = self.cut(fact, at);
        let Fact {
            path, of, alone_in, ..
        } = &self.facts[fact];
        let (path, of, alone_in) = (
            path.clone(),
            Given {
                id: of.clone(),
                ..to.clone()
            },
            alone_in.clone(),
        );
        let allowed = !before.is_empty() && self.allows(&alone_in, None, &[fact], &after);

        let said = json!({ "on": date(at), "organisation": to.id });
        let handing = format!("{path}/hand-over");
        let answer = self
            .app
            .administrator()
            .ask("POST", &handing)
            .if_match("*")
            .json(&said)
            .send();

        if Self::agree(&answer, allowed) {
            self.learn(fact, Some(before));
            let path = format!("/v1/bearers/{}", answer.json()["id"].as_str().unwrap());
            let known = vec![(self.app.now(), Some(after))];
            self.facts.push(Fact {
                path,
                of: of.id,
                alone_in,
                link: None,
                known,
            });
        }
    }

    fn forget(&mut self) {
        let Some(fact) = self.some("/v1/") else {
            return;
        };
        self.app
            .administrator()
            .delete(&self.facts[fact].path, "*")
            .is(204);
        self.learn(fact, None);
    }

    /// What the lists hold on some day is what the list of facts says.
    fn agrees_on_a_day(&mut self) {
        let (day, network) = (self.chance.random_range(0..DAYS), self.network());
        for (room, of) in [("/v1/memberships", "of"), ("/v1/bearers", "network")] {
            let listed = format!("{room}?{of}={}&as_of={}&limit=200", network.id, date(day));
            let listed: BTreeSet<String> = self
                .app
                .reader()
                .get(&listed)
                .is(200)
                .ids()
                .into_iter()
                .collect();
            let says = self
                .facts
                .iter()
                .filter(|fact| fact.path.starts_with(room) && fact.of == network.id);
            let says = says.filter(|fact| fact.holds(day));
            let says = says.map(|fact| fact.path.rsplit('/').next().unwrap().to_owned());
            assert_eq!(
                listed,
                says.collect(),
                "{room} of {} on {}",
                network.id,
                date(day)
            );
        }
    }

    /// What was known at some instant of some day is what the list of facts held then.
    fn agrees_at_an_instant(&mut self, instants: &[jiff::Timestamp]) {
        if self.facts.is_empty() {
            return;
        }
        let instant = instants[self.chance.random_range(0..instants.len())];
        let fact = self.chance.random_range(0..self.facts.len());
        let (fact, day) = (&self.facts[fact], self.chance.random_range(0..DAYS));

        let path = format!("{}?known_at={instant}&as_of={}", fact.path, date(day));
        let answer = self.app.reader().get(&path);

        match fact.at(instant) {
            Some(Some(days)) => {
                let is_current = answer.is(200).json()["state"] == "current";
                assert_eq!(is_current, days.contains(&day), "{path}");
            }
            Some(None) => assert_eq!(answer.status, 410, "{path}"),
            None => assert_eq!(answer.status, 404, "{path}"),
        }
    }

    fn step(&mut self) {
        match self.chance.random_range(0..12) {
            0..3 => self.join(),
            3..6 => self.bear(),
            6 | 7 => self.move_days(),
            8 => self.end(),
            9 => self.hand_over(),
            _ => self.forget(),
        }
    }
}

story! {
    fn relations_are_those_of_a_naive_list_of_dated_facts_on_any_day_and_at_any_instant(app) {
        let networks = ["Addictologie", "Diabète", "Périnatalité"].map(|name| app.given_network(&network(name)));
        let organisations = ["Reseda", "APSA 30", "Oncomip"].map(|name| app.given_association(name));
        let seed = std::env::var("MAILLAGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
        println!("seed {seed}");
        let mut world = World {
            app,
            networks: networks.to_vec(),
            organisations: organisations.to_vec(),
            facts: Vec::new(),
            chance: StdRng::seed_from_u64(seed),
        };
        let mut instants = Vec::new();

        for _ in 0..STEPS {
            app.advance(1);
            world.step();
            instants.push(app.now());
            world.agrees_on_a_day();
            world.agrees_at_an_instant(&instants);
        }

        assert!(world.facts.len() > STEPS / 10, "hardly anything was allowed");
    }
}
