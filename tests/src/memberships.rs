//! Memberships: who belongs to what, as what, since when; what both sides and a federation see of it.

use std::collections::BTreeSet;

use domain::access::Role;

use crate::federation;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{Answer, App, Client, Given, Value, json, story, together};

/// The least that is said of a membership.
pub fn membership(member: &Given, of: &Given) -> Value {
    json!({ "member": reference(member), "of": reference(of), "category": "adherent" })
}

/// A record as another names it.
pub fn reference(given: &Given) -> Value {
    let of = given.scope().kind();
    json!({ "type": of, "id": given.id })
}

impl App {
    /// Records something in a room.
    #[track_caller]
    pub fn given_at(&self, room: &str, fields: &Value) -> Given {
        Given::located(self.administrator().post(room, fields).is(201))
    }

    /// Records a membership.
    #[track_caller]
    pub fn given_membership(&self, fields: &Value) -> Given {
        self.given_at("/v1/memberships", fields)
    }
}

/// A network and an organisation.
fn two(app: &App) -> (Given, Given) {
    (
        app.given_network(&network("Addictologie")),
        app.given_association("Réseda"),
    )
}

fn record(app: &App, member: &Given, of: &Given, more: Value) -> Answer {
    app.administrator()
        .post("/v1/memberships", &with(membership(member, of), more))
}

fn end(app: &App, given: &Given, day: &str) -> Answer {
    app.administrator()
        .ask("POST", &format!("{}/end", given.path))
        .if_match("*")
        .json(&json!({ "ends_before": day, "reason": "Départ." }))
        .send()
}

/// What the feed tells a client after a cursor, in whatever order.
fn told_after(by: &Client, at: &mut String) -> BTreeSet<(String, String)> {
    federation::told(by, at).into_iter().collect()
}

/// What the feed tells a client of a type of records.
fn told(by: &Client, of: &str) -> Vec<(Value, Value)> {
    let entries = by.get(&format!("/v1/changes?type={of}")).is(200).items();
    entries
        .iter()
        .map(|entry| (entry["op"].clone(), entry["id"].clone()))
        .collect()
}

story! {
    fn a_membership_says_who_belongs_to_what_as_what_and_since_when(app) {
        let (network, organisation) = two(app);
        let fields = with(membership(&organisation, &network), json!({
            "category": "founder", "college": "Établissements", "role": "Pilote",
            "expertise": [{ "name": "Sevrage tabagique", "theme": "addictions" }],
            "starts_on": "2004-06-01", "ends_before": "2027-01-01",
        }));

        let given = app.given_membership(&fields);

        let read = app.reader().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        let state = |day: &str| app.reader().get(&format!("{}?as_of={day}", given.path)).is(200).json()["state"].clone();
        assert_eq!([state("2004-05-31"), state("2004-06-01"), state("2026-12-31"), state("2027-01-01")],
            ["expected", "current", "current", "ended"]);
    }
}

story! {
    fn nobody_is_twice_a_member_of_one_category_on_one_day_and_adjacent_days_are_fine(app) {
        let (network, organisation) = two(app);
        let first = app.given_membership(&with(membership(&organisation, &network), json!({
            "starts_on": "2010-01-01", "ends_before": "2015-01-01",
        })));
        let join = |more: Value| record(app, &organisation, &network, more);

        let refused = join(json!({ "starts_on": "2014-12-31" }));

        assert_eq!(refused.is_problem(409, "relations.overlapping")["with"], json!([first.id]));
        join(json!({})).is_problem(409, "relations.overlapping");
        let second = Given::located(join(json!({ "starts_on": "2015-01-01" })).is(201));
        join(json!({ "category": "expert" })).is(201);
        let back = app.administrator().patch(&second.path, &second.etag, &json!({ "starts_on": "2014-12-31" }));
        back.is_problem(409, "relations.overlapping");
        let later = app.administrator().patch(&second.path, &second.etag, &json!({ "starts_on": "2015-02-01" }));
        later.is(200);
    }
}

story! {
    fn of_two_who_record_the_same_membership_at_once_one_is_refused(app) {
        let (network, organisation) = two(app);
        let fields = membership(&organisation, &network);

        let answers = together(8, |_| app.administrator().post("/v1/memberships", &fields).status);

        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 409).count(), 7, "{answers:?}");
    }
}

story! {
    fn nothing_is_a_member_of_itself_also_through_a_ring_of_networks_on_any_day(app) {
        let [a, b, c] = ["A", "B", "C"].map(|name| app.given_network(&network(name)));
        let join = |member: &Given, of: &Given, from: &str, before: &str| {
            record(app, member, of, json!({ "starts_on": from, "ends_before": before }))
        };

        let alone = record(app, &a, &a, json!({}));
        join(&a, &b, "2020-01-01", "2024-01-01").is(201);
        join(&b, &c, "2022-01-01", "2026-01-01").is(201);
        let ring = join(&c, &a, "2023-12-31", "2025-01-01");
        let later = join(&c, &a, "2024-01-01", "2025-01-01");

        assert_eq!(alone.is_problem(409, "relations.part_of_itself")["through"], 0);
        assert_eq!(ring.is_problem(409, "relations.part_of_itself")["through"], 2);
        later.is(201);
    }
}

story! {
    fn a_membership_is_ended_and_both_sides_hear_of_it(app) {
        let (network, organisation) = two(app);
        let other = app.given_association("Une autre");
        let side = |given: &Given| app.new_client_on(Role::Reader, given.scope()).1;
        let (of_network, of_member, of_other) = (side(&network), side(&organisation), side(&other));

        let given = app.given_membership(&membership(&organisation, &network));
        end(app, &given, "2026-07-01").is(200);

        let known = |op: &str| (json!(op), json!(given.id));
        for by in [&of_network, &of_member] {
            assert_eq!(told(by, "membership"), [known("created"), known("ended")]);
            assert_eq!(by.get(&given.path).is(200).json()["end_reason"], "Départ.");
            assert_eq!(by.get("/v1/memberships?count=exact").is(200).json()["count"], 1);
        }
        assert_eq!(told(&of_other, "membership"), []);
        of_other.get(&given.path).is_problem(404, "request.not_found");
        assert_eq!(of_other.get("/v1/memberships?count=exact").is(200).json()["count"], 0);
        end(app, &given, "2026-08-01").is_problem(409, "relations.already_ended");
        end(app, &given, "2026-06-01").is(200);
    }
}

story! {
    fn the_whole_keeps_its_memberships_and_the_member_only_sees_them(app) {
        let (network, organisation) = two(app);
        let keeper = app.new_client_on(Role::NetworkCoordinator, network.scope()).1;
        let member = app.new_client_on(Role::Coordinator, organisation.scope()).1;

        let joins = member.post("/v1/memberships", &membership(&organisation, &network));
        let kept = Given::located(keeper.post("/v1/memberships", &membership(&organisation, &network)).is(201));
        let seen = member.get(&kept.path).is(200).json();
        let changed = member.patch(&kept.path, &kept.etag, &json!({ "college": "Usagers" }));

        joins.is_problem(403, "access.scope");
        assert_eq!(seen["acts"], json!([]));
        changed.is_problem(403, "access.scope");
        keeper.patch(&kept.path, &kept.etag, &json!({ "college": "Usagers" })).is(200);
        // Of what it is, is said once and for all: a membership of something else is another one.
        let other = app.given_network(&crate::networks::network("Un autre"));
        keeper.patch(&kept.path, "*", &json!({ "of": reference(&other) })).is_bad("relations.bad_values", "/of", "fixed");
    }
}

story! {
    fn a_network_that_joins_a_federation_enters_its_sight_with_all_that_hangs_on_it_and_stays_its_own(app) {
        let (network, organisation) = two(app);
        let federation = app.given(&json!({ "kind": "federation", "names": [{ "name": "Réso Occitanie" }] }));
        let inner = app.given_membership(&membership(&organisation, &network));
        let (id, reader) = app.new_client_on(Role::Federation, federation.scope());
        let (other, _) = app.new_client_on(Role::Coordinator, federation.scope());
        let mut at = reader.get("/v1/changes?after=now").next();
        reader.get(&network.path).is_problem(404, "request.not_found");

        let joined = app.given_membership(&with(membership(&network, &federation), json!({
            "starts_on": "2026-11-24", "ends_before": "2026-11-26",
        })));

        let each = |op: &str, all: &[&Given]| -> BTreeSet<(String, String)> {
            all.iter().map(|one| (op.to_owned(), one.id.clone())).collect()
        };
        assert_eq!(told_after(&reader, &mut at), each("created", &[&joined]));
        reader.get(&network.path).is_problem(404, "request.not_found");
        app.advance_days(2);
        let [reader, coordinator] = [id, other].map(|id| app.bearing(&app.token(id, None)));
        assert_eq!(told_after(&reader, &mut at), each("entered_scope", &[&network, &inner]));
        assert_eq!(reader.get("/v1/networks?count=exact").is(200).json()["count"], 1);
        assert!(reader.get("/v1/exports/memberships").is(200).text().contains(&inner.id));
        // The member organisations of a network stay out of sight.
        reader.get(&organisation.path).is_problem(404, "request.not_found");
        // A network is sovereign: who coordinates the federation only sees it.
        let renamed = coordinator.patch(&network.path, "*", &json!({ "names": [{ "name": "Le nôtre" }] }));
        renamed.is_problem(403, "access.scope");
        coordinator.patch(&inner.path, "*", &json!({ "college": "Usagers" })).is_problem(403, "access.scope");
        assert_eq!(coordinator.get(&network.path).is(200).json()["acts"], json!([]));
        app.advance_days(2);
        let reader = app.bearing(&app.token(id, None));
        assert_eq!(told_after(&reader, &mut at), each("left_scope", &[&network, &inner]));
        reader.get(&network.path).is_problem(404, "request.not_found");
    }
}

story! {
    fn memberships_are_found_by_both_sides_category_college_expertise_and_day(app) {
        let (network, organisation) = two(app);
        let other = app.given_association("CPTS Cévennes");
        app.given_membership(&with(membership(&organisation, &network), json!({
            "category": "founder", "college": "Établissements de santé", "starts_on": "2010-01-01", "ends_before": "2020-01-01",
            "expertise": [{ "name": "Sevrage tabagique", "theme": "addictions" }],
        })));
        app.given_membership(&with(membership(&other, &network), json!({ "fictitious": true, "starts_on": "2015-01-01" })));
        let count = |query: &str| {
            app.administrator().get(&format!("/v1/memberships?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };

        for (query, found) in [
            (format!("of={}", network.id), 2), (format!("of={}", organisation.id), 0),
            (format!("member={}", organisation.id), 1), (format!("of={}&as_of=2009-12-31", network.id), 0),
            (format!("of={}&as_of=2015-01-01", network.id), 2), (format!("of={}&as_of=2020-01-01", network.id), 1),
            ("category=founder".to_owned(), 1), ("college=etablissements".to_owned(), 1), ("college=usagers".to_owned(), 0),
            ("theme=addictions".to_owned(), 1), ("q=tabag".to_owned(), 1), ("q=usage".to_owned(), 0),
            ("fictitious=true".to_owned(), 1),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
    }
}

story! {
    fn what_is_public_of_a_member_comes_beside_its_membership_and_nothing_else(app) {
        let network = app.given_network(&network("Addictologie"));
        let member = app.given(&json!({
            "kind": "association", "names": [{ "name": "Avant" }, { "name": "Réseda", "starts_on": "2015-01-01" }],
            "contact": { "website": "https://reseda.example", "email": "contact@reseda.example", "phone": "04 66 00 00 00" },
        }));
        app.given_membership(&membership(&member, &network));
        let keeper = app.new_client_on(Role::NetworkCoordinator, network.scope()).1;

        let listed = |more: &str| keeper.get(&format!("/v1/memberships?of={}&expand=member{more}", network.id));

        assert_eq!(listed("").is(200).items()[0]["expanded"], json!({ "member": {
            "type": "organisation", "id": member.id, "kind": "association", "name": "Réseda", "short_name": null,
            "state": "open", "website": "https://reseda.example", "fictitious": false,
        } }));
        assert_eq!(listed("&as_of=2014-12-31").is(200).items()[0]["expanded"]["member"]["name"], "Avant");
        let of = keeper.get("/v1/memberships?expand=of").is(200).items()[0]["expanded"]["of"]["name"].clone();
        assert_eq!(of, "Addictologie");
        keeper.get(&member.path).is_problem(404, "request.not_found");
    }
}

story! {
    fn who_is_named_must_be_there_and_not_go_while_it_is_a_member(app) {
        let (network, organisation) = two(app);
        let unknown = json!({ "type": "organisation", "id": network.id });

        record(app, &organisation, &network, json!({ "member": unknown }))
            .is_bad("relations.bad_values", "/member/id", "unknown_reference");
        record(app, &organisation, &network, json!({ "starts_on": "2020-01-01", "ends_before": "2020-01-01" }))
            .is_bad("relations.bad_values", "/ends_before", "empty_period");
        record(app, &organisation, &network, json!({ "end_reason": "Départ." }))
            .is_bad("relations.bad_values", "/end_reason", "contradicts");
        app.given_membership(&membership(&organisation, &network));

        let gone = app.administrator().delete(&network.path, &network.etag);
        assert_eq!(gone.is_problem(409, "networks.tied")["count"], 1);
        app.administrator().delete(&organisation.path, &organisation.etag).is_problem(409, "organisations.tied");
        let twin = app.given_association("Réséda");
        let folded = app.administrator().ask("POST", &format!("{}/duplicate", organisation.path)).if_match("*")
            .json(&json!({ "of": twin.id })).send();
        assert_eq!(folded.is_problem(409, "organisations.tied")["count"], 1);
    }
}

story! {
    fn whatever_ties_records_is_changed_ended_deleted_as_a_mistake_and_keeps_its_history(app) {
        let (network, organisation) = two(app);
        for (room, fields) in [
            ("memberships", membership(&organisation, &network)),
            ("bearers", crate::bearers::bearer(&network, &organisation)),
            ("facilitations", crate::facilitations::facilitation(&network, &organisation)),
            ("objectives", crate::objectives::objective(&network)),
            ("actions", crate::actions::action(&network)),
            ("poolings", crate::poolings::pooling(&network, &[&network, &organisation])),
        ] {
            let given = app.given_at(&format!("/v1/{room}"), &fields);
            let administrator = app.administrator();

            administrator.patch(&given.path, "\"7\"", &json!({ "fictitious": true })).is_problem(412, "request.precondition_failed");
            let changed = administrator.patch(&given.path, &given.etag, &json!({ "fictitious": true }));
            assert_eq!(changed.is(200).json()["fictitious"], true);
            assert_eq!(end(app, &given, "2026-01-01").is(200).json()["state"], "ended");
            administrator.delete(&given.path, "*").is(204);

            administrator.get(&given.path).is_problem(410, "request.deleted");
            let history = administrator.get(&format!("{}/history", given.path)).is(200).items();
            let ops: Vec<&Value> = history.iter().map(|state| &state["op"]).collect();
            assert_eq!(ops, ["created", "updated", "ended", "deleted"]);
            assert_eq!(administrator.get(&format!("/v1/{room}?count=exact")).is(200).json()["count"], 0);
            let table = administrator.ask("GET", &format!("/v1/{room}")).header("accept", "text/csv").send();
            assert!(table.is(200).text().starts_with("id,"), "{table}");
        }
        // Nothing names it any more.
        app.administrator().delete(&network.path, "*").is(204);
    }
}
