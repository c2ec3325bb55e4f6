//! A federation that copies what it may see, while what it may see changes.

use std::collections::BTreeMap;

use domain::access::{CallerId, Role, Scope};
use domain::organisations::OrganisationId;

use crate::story::database::{HOME, client_of};
use crate::story::{Answer, App, Client, Value, association, given, json, story};

/// As many as are told of one after the other in the long run.
const STEPS: u64 = 10_000;

/// The most organisations there are at one time.
const MOST: usize = 40;

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.below(all.len())])
    }
}

/// What a client that follows the feed knows: the version of each record, and where it stands.
#[derive(Default)]
struct Copy {
    versions: BTreeMap<String, i64>,
    cursor: Option<String>,
    resyncs: usize,
    entered: usize,
    left: usize,
}

impl Copy {
    /// Follows the feed to its end, page by page; a client without a role knows nothing.
    fn follow(&mut self, client: &Client, limit: usize) {
        self.follow_for(usize::MAX, client, limit);
    }

    /// Follows the feed for some pages, and stops in the middle of whatever it is told.
    fn follow_for(&mut self, pages: usize, client: &Client, limit: usize) {
        for _ in 0..pages {
            let after = self
                .cursor
                .as_ref()
                .map(|cursor| format!("&after={cursor}"));
            let address = format!(
                "/v1/changes?type=organisation&limit={limit}{}",
                after.unwrap_or_default()
            );
            let answer = client.get(&address);
            match answer.status {
                200 => {
                    for entry in answer.items() {
                        self.take(&entry);
                    }
                    self.cursor = Some(answer.next());
                    if answer.json()["more"] == false {
                        return;
                    }
                }
                403 => {
                    self.versions.clear();
                    self.cursor = None;
                    return;
                }
                410 => self.start_again(client),
                _ => panic!("{answer}"),
            }
        }
    }

    fn take(&mut self, entry: &Value) {
        let id = entry["id"].as_str().unwrap().to_owned();
        let op = entry["op"].as_str().unwrap();
        match op {
            "left_scope" | "deleted" | "duplicate" => {
                assert!(op == "duplicate" || entry["body"].is_null(), "{entry}");
                self.left += usize::from(op == "left_scope");
                self.versions.remove(&id);
            }
            _ => {
                assert_eq!(entry["body"]["id"], entry["id"], "{entry}");
                self.versions.insert(id, entry["version"].as_i64().unwrap());
                self.entered += usize::from(op == "entered_scope");
            }
        }
    }

    fn start_again(&mut self, client: &Client) {
        self.resyncs += 1;
        self.cursor = Some(client.get("/v1/changes?after=now").is(200).next());
        self.versions = seen(client);
    }
}

/// The version of each organisation that a client sees.
fn seen(client: &Client) -> BTreeMap<String, i64> {
    let answer = client.get("/v1/organisations?limit=200");
    if answer.status == 403 {
        return BTreeMap::new();
    }
    let items = answer.is(200).items().into_iter();
    items
        .map(|item| {
            let id = item["id"].as_str().unwrap().to_owned();
            (id, item["version"].as_i64().unwrap())
        })
        .collect()
}

/// Everything that may happen to organisations and to the rights of one client.
struct World<'a> {
    app: &'a App,
    administrator: Client,
    chance: Chance,
    federation: CallerId,
    organisations: Vec<String>,
    folded: Vec<String>,
    /// The grants of the client, and whether each is over everything.
    grants: Vec<(String, bool)>,
    day: i64,
    done: BTreeMap<String, usize>,
}

impl World<'_> {
    /// A day around today.
    fn some_day(&mut self) -> String {
        let beginning = jiff::civil::date(2026, 11, 22);
        let offset = self.day - 3 + i64::try_from(self.chance.below(8)).unwrap();
        let day = beginning.checked_add(jiff::Span::new().days(offset));
        day.unwrap().to_string()
    }

    /// Perhaps a first day, and perhaps an end after it.
    fn period(&mut self, mut of: Value) -> Value {
        let (first, second) = (self.some_day(), self.some_day());
        if self.chance.one_in(2) {
            of["starts_on"] = json!(first);
        }
        if self.chance.one_in(2) && second > first {
            of["ends_before"] = json!(second);
        }
        of
    }

    fn part_of(&mut self) -> Value {
        if self.chance.one_in(4) {
            return json!([]);
        }
        let Some(whole) = self.chance.of(&self.organisations).cloned() else {
            return json!([]);
        };
        let part = json!({ "whole": whole, "as": "antenna" });
        json!([self.period(part)])
    }

    fn happen(&mut self) {
        let one = self.chance.of(&self.organisations).cloned();
        let room = self.organisations.len() < MOST;
        let (act, answer) = match (self.chance.below(100), one) {
            (0..15, _) if room => ("record", Some(self.record())),
            (0..40, Some(one)) => {
                let change = json!({ "part_of": self.part_of() });
                ("move", Some(self.change(&one, &change)))
            }
            (40..50, Some(one)) => {
                let change = json!({ "fictitious": self.chance.one_in(2) });
                ("change", Some(self.change(&one, &change)))
            }
            (50..56, Some(one)) => ("delete", Some(self.delete(&one))),
            (56..59, Some(one)) => ("fold", self.fold(&one)),
            (59..60, _) => ("undo", self.undo()),
            (60..78, Some(one)) if self.grants.len() < 6 => ("give", Some(self.give(&one))),
            (60..90, _) => ("take", self.take_back()),
            (90..92, _) => ("give all", Some(self.give_all())),
            _ => {
                self.app.advance_days(1);
                self.day += 1;
                ("a day", None)
            }
        };
        let refused = answer.filter(|answer| answer.status >= 300);
        let told = match &refused {
            None => act.to_owned(),
            Some(answer) => format!("{act}: {}", answer.json()["code"].as_str().unwrap()),
        };
        *self.done.entry(told).or_default() += 1;
    }

    fn record(&mut self) -> Answer {
        let part_of = self.part_of();
        let new = given::with(association("Réseau"), json!({ "part_of": part_of }));
        let answer = self.administrator.post("/v1/organisations", &new);
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            self.organisations.push(id);
        }
        answer
    }

    fn change(&self, one: &str, change: &Value) -> Answer {
        let path = format!("/v1/organisations/{one}");
        self.administrator.patch(&path, "*", change)
    }

    fn delete(&mut self, one: &str) -> Answer {
        let path = format!("/v1/organisations/{one}");
        let answer = self.administrator.delete(&path, "*");
        if answer.status == 204 {
            self.organisations.retain(|known| known != one);
        }
        answer
    }

    /// Says that one is recorded twice.
    fn fold(&mut self, one: &str) -> Option<Answer> {
        let other = self.chance.of(&self.organisations).cloned()?;
        let path = format!("/v1/organisations/{one}/duplicate");
        let asking = self.administrator.ask("POST", &path).if_match("*");
        let answer = asking.json(&json!({ "of": other })).send();
        if answer.status == 200 {
            self.organisations.retain(|known| known != one);
            self.folded.push(one.to_owned());
        }
        Some(answer)
    }

    /// Takes the last fold back.
    fn undo(&mut self) -> Option<Answer> {
        let one = self.folded.pop()?;
        let path = format!("/v1/organisations/{one}/undo-duplicate");
        let answer = self.administrator.ask("POST", &path).if_match("*").send();
        if answer.status == 200 {
            self.organisations.push(one);
        }
        Some(answer)
    }

    fn give(&mut self, one: &str) -> Answer {
        let role = if self.chance.one_in(4) {
            "reader"
        } else {
            "federation"
        };
        let grant = json!({
            "caller": self.federation, "role": role,
            "scope": { "kind": "organisation", "id": one },
        });
        let grant = self.period(grant);
        self.give_this(&grant, false)
    }

    fn give_all(&mut self) -> Answer {
        let grant = json!({
            "caller": self.federation, "role": "federation", "scope": { "kind": "everything" },
        });
        self.give_this(&grant, true)
    }

    fn give_this(&mut self, grant: &Value, wide: bool) -> Answer {
        let answer = self.administrator.post("/v1/grants", grant);
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            self.grants.push((id, wide));
        }
        answer
    }

    /// A wide grant first, so that none stays for long.
    fn take_back(&mut self) -> Option<Answer> {
        let wide = self.grants.iter().position(|(_, wide)| *wide);
        let some = self.chance.below(self.grants.len().max(1));
        let one = wide.unwrap_or(some);
        if one >= self.grants.len() {
            return None;
        }
        let (id, _) = self.grants.swap_remove(one);
        Some(self.administrator.delete(&format!("/v1/grants/{id}"), "*"))
    }
}

fn run(app: &App, seed: u64, steps: u64) {
    println!("seed {seed}");
    let (federation, _) = app.new_client_on(Role::Federation, Scope::Everything);
    for grant in app
        .administrator()
        .get(&format!("/v1/grants?caller={federation}"))
        .items()
    {
        let path = format!("/v1/grants/{}", grant["id"].as_str().unwrap());
        app.administrator().delete(&path, "*").is(204);
    }
    let mut world = World {
        app,
        administrator: app.bearing(&App::lasting_token(client_of(Role::Administrator))),
        chance: Chance(seed),
        federation,
        organisations: Vec::new(),
        folded: Vec::new(),
        grants: Vec::new(),
        day: 0,
        done: BTreeMap::new(),
    };
    let mut copy = Copy::default();
    let client = &app.bearing(&App::lasting_token(federation));
    for step in 0..steps {
        world.happen();
        let limit = 1 + world.chance.below(20);
        if world.chance.one_in(8) {
            copy.follow_for(1, client, limit);
            continue;
        }
        copy.follow(client, limit);
        let sees = seen(client);
        assert_eq!(copy.versions, sees, "seed {seed}, step {step}");
        if step % 500 == 499 {
            let mut fresh = Copy::default();
            fresh.follow(client, 200);
            assert_eq!(
                fresh.versions, sees,
                "from nothing: seed {seed}, step {step}"
            );
        }
    }
    let (entered, left, resyncs) = (copy.entered, copy.left, copy.resyncs);
    println!(
        "{steps} steps: {:?}, entered {entered}, left {left}, resyncs {resyncs}",
        world.done
    );
    assert!(entered > 100 && left > 100 && resyncs > 10);
}

story! {
    fn a_federation_s_copy_equals_what_it_may_see_at_every_step_of_a_long_random_run(app) {
        let seed = std::env::var("MAILLAGE_SEED").ok().and_then(|seed| seed.parse().ok());
        run(app, seed.unwrap_or(20_261_122), STEPS);
    }
}

pub fn told(client: &Client, cursor: &mut String) -> Vec<(String, String)> {
    let answer = client.get(&format!("/v1/changes?after={cursor}"));
    *cursor = answer.is(200).next();
    let items = answer.items().into_iter();
    items
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            (text("op"), text("id"))
        })
        .collect()
}

story! {
    fn a_branch_that_moves_leaves_one_federation_s_sight_and_enters_another_s(app) {
        let (north, south) = (app.given_association("Nord"), app.given_association("Sud"));
        let branch = app.given_part("Antenne", &north);
        let leaf = app.given_part("Permanence", &branch);
        let of = |given: &crate::story::Given| Scope::Organisation(given.id.parse::<OrganisationId>().unwrap());
        let (_, northern) = app.new_client_on(Role::Federation, of(&north));
        let (_, southern) = app.new_client_on(Role::Federation, of(&south));
        let mut north_at = northern.get("/v1/changes?after=now").next();
        let mut south_at = southern.get("/v1/changes?after=now").next();

        app.administrator().patch(&branch.path, &branch.etag, &json!({ "part_of": south.as_whole() })).is(200);

        let pair = |op: &str, given: &crate::story::Given| (op.to_owned(), given.id.clone());
        assert_eq!(told(&northern, &mut north_at), [pair("left_scope", &branch), pair("left_scope", &leaf)]);
        assert_eq!(told(&southern, &mut south_at), [pair("entered_scope", &branch), pair("entered_scope", &leaf)]);
    }
}

story! {
    fn a_branch_leaves_by_the_calendar_alone(app) {
        let home = app.home();
        let branch = app.given(&given::with(association("Antenne"), json!({ "part_of": [
            { "whole": home.id, "as": "antenna", "ends_before": "2026-11-24" },
        ] })));
        let (id, client) = app.new_client_on(Role::Federation, Scope::Organisation(HOME));
        let mut at = client.get("/v1/changes?after=now").next();

        app.advance_days(1);
        let client = app.bearing(&app.token(id, None));
        assert_eq!(told(&client, &mut at), []);
        app.advance_days(1);
        let client = app.bearing(&app.token(id, None));

        assert_eq!(told(&client, &mut at), [("left_scope".to_owned(), branch.id.clone())]);
        client.get(&branch.path).is_problem(404, "request.not_found");
    }
}

story! {
    fn what_a_new_role_reaches_enters_in_the_middle_of_a_copy_page_by_page(app) {
        let home = app.home();
        let branches: Vec<_> = (0..7).map(|number| app.given_part(&format!("Antenne {number}"), &home)).collect();
        let other = app.given_association("Ailleurs");
        let of_other = Scope::Organisation(other.id.parse().unwrap());
        let (id, client) = app.new_client_on(Role::Federation, of_other);
        let mut copy = Copy::default();
        copy.follow(&client, 3);
        assert_eq!(copy.versions.len(), 1);

        app.give(id, Role::Reader, Scope::Organisation(HOME));
        copy.follow(&client, 3);

        assert_eq!(copy.entered, branches.len() + 1);
        assert_eq!(copy.versions, seen(&client));
        assert_eq!(copy.resyncs, 0);
    }
}

story! {
    fn a_cursor_that_claims_older_rights_is_not_believed(app) {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        app.home();
        let (_, client) = app.new_client_on(Role::Federation, Scope::Organisation(HOME));
        let honest = client.get("/v1/changes?after=now").next();
        let bytes = URL_SAFE_NO_PAD.decode(&honest).unwrap();

        for (from, value) in [(0_usize, 0_i64), (8, 0), (16, 1), (16, 99)] {
            let mut forged = bytes.clone();
            forged[from..from + 8].copy_from_slice(&value.to_be_bytes());
            if forged == bytes {
                continue;
            }
            client.get(&format!("/v1/changes?after={}", URL_SAFE_NO_PAD.encode(&forged))).is_lost("other_past");
        }
        client.get(&format!("/v1/changes?after={honest}")).is(200);
    }
}

story! {
    fn rights_that_change_in_the_middle_of_being_told_are_told_from_the_start(app) {
        let home = app.home();
        for number in 0..4 {
            app.given_part(&format!("Antenne {number}"), &home);
        }
        let other = app.given_association("Ailleurs");
        let (id, client) = app.new_client_on(Role::Federation, Scope::Organisation(other.id.parse().unwrap()));
        let mut copy = Copy::default();
        copy.follow(&client, 50);

        let grant = app.give(id, Role::Reader, Scope::Organisation(HOME));
        copy.follow_for(1, &client, 2);
        app.administrator().delete(&format!("/v1/grants/{grant}"), "*").is(204);
        copy.follow_for(1, &client, 2);
        app.give(id, Role::Federation, Scope::Organisation(HOME));
        copy.follow(&client, 2);

        assert_eq!(copy.versions, seen(&client));
        assert_eq!(copy.resyncs, 1);
    }
}

story! {
    fn what_went_out_of_sight_is_not_told_as_it_once_was(app) {
        let home = app.home();
        let branch = app.given_part("Antenne", &home);
        app.administrator().patch(&branch.path, &branch.etag, &json!({ "part_of": [] })).is(200);

        let (_, client) = app.new_client_on(Role::Federation, Scope::Organisation(HOME));
        let told = client.get("/v1/changes").is(200).items();

        let of_branch: Vec<&Value> = told.iter().filter(|entry| entry["id"] == json!(branch.id)).collect();
        assert!(of_branch.iter().all(|entry| entry["body"].is_null()), "{of_branch:?}");
        client.get(&format!("{}/history", branch.path)).is_problem(404, "request.not_found");
    }
}
