//! Files of networks, and of who belongs to what.

use domain::access::Role;

use super::counts;
use crate::networks::network;
use crate::story::given;
use crate::story::{App, Client, Value, json, story};

const NETWORKS: &str = "source_key;kind;name;state;state_since;main_theme;themes;territories\n\
    r1;reseau;Addictologie;active;2004;addictions;addictions|cancer;commune:30132\n\
    r2;dispositif;Appui aux parcours;emergent;;;;commune:30132\n";

const ORGANISATIONS: &str = "source_key,kind,name,siret\n\
    o1,association,Réseda,73282932000074\n\
    o2,association,Vivadom,\n";

const MEMBERSHIPS: &str = "source_key,member_type,member,of_type,of,category,starts_on,expertise\n\
    m1,organisation,o2,network,r1,founder,01/06/2004,Sevrage|Écoute\n\
    m2,organisation,siret:732 829 320 00074,network,r1,adherent,,\n\
    m3,network,r2,organisation,o2,adherent,2010-01-01,\n";

/// A source that told of organisations and networks.
fn given_source(app: &App) {
    app.given_commune("30132", "La Grand-Combe");
    let by = &app.administrator();
    assert_eq!(
        counts(&by.import("source=reseda", ORGANISATIONS)),
        [2, 0, 0, 0, 0]
    );
    assert_eq!(
        counts(&by.import_of("networks", "source=reseda", NETWORKS)),
        [2, 0, 0, 0, 0]
    );
}

/// What a list answers, sorted by name.
#[track_caller]
fn named(by: &Client, name: &str) -> Value {
    let items = by.get(&format!("/v1/networks?q={name}")).is(200).items();
    assert_eq!(items.len(), 1, "{items:?}");
    items[0].clone()
}

/// The line, the column and the code of what an import reports.
fn reported(by: &Client, job: &Value) -> Vec<Value> {
    by.reported(job)
        .into_iter()
        .map(|line| json!(line))
        .collect()
}

story! {
    fn networks_of_a_file_are_recorded_once_and_the_columns_of_a_changed_row_change_them(app) {
        let by = &app.administrator();

        given_source(app);
        let first = named(by, "addictologie");
        let before = app.marks();
        let same = by.import_of("networks", "source=reseda", NETWORKS);

        assert_eq!((counts(&same), app.marks()), ([0, 0, 2, 0, 0], before));
        assert_eq!(first["themes"], json!(["addictions", "cancer"]));
        assert_eq!(first["life"], json!([{ "state": "active", "starts_on": "2004" }]));
        assert_eq!(first["territories"].as_array().unwrap().len(), 1);
        let path = format!("/v1/networks/{}", first["id"].as_str().unwrap());
        by.patch(&path, "*", &json!({ "summary": "Soigner ensemble." })).is(200);
        // The phases of a life are entered by the act that is for that, never by a file.
        let other = NETWORKS.replace("Addictologie;active", "Addictologie 30;closed");
        assert_eq!(counts(&by.import_of("networks", "source=reseda", other)), [0, 1, 1, 0, 0]);
        let now = named(by, "addictologie");
        assert_eq!((&now["name"], &now["state"]), (&json!("Addictologie 30"), &json!("active")));
        assert_eq!(now["summary"], "Soigner ensemble.");
        assert_eq!(by.get(&format!("{path}/history")).is(200).items().len(), 3);
    }
}

story! {
    fn members_of_a_file_are_named_by_the_keys_of_its_source_by_number_or_by_our_id(app) {
        let by = &app.administrator();
        given_source(app);

        let job = by.import_of("memberships", "source=reseda", MEMBERSHIPS);

        assert_eq!(counts(&job), [3, 0, 0, 0, 0], "{:?}", by.reported(&job));
        let network = named(by, "addictologie");
        let id = network["id"].as_str().unwrap();
        let members = by.get(&format!("/v1/memberships?of={id}")).is(200).items();
        let mut told: Vec<Value> = members.iter().map(|one| json!([one["category"], one["starts_on"]])).collect();
        told.sort_by_key(Value::to_string);
        assert_eq!(told, [json!(["adherent", null]), json!(["founder", "2004-06-01"])]);
        let expertise = by.get(&format!("/v1/networks/{id}/expertise?q=sevrage")).is(200).items();
        assert_eq!(expertise.len(), 1);
        let before = app.marks();
        let same = by.import_of("memberships", "source=reseda", MEMBERSHIPS);
        assert_eq!((counts(&same), app.marks()), ([0, 0, 3, 0, 0], before));
        let ended = "source_key,member_type,member,of_type,of,category,ends_before\n\
            m2,organisation,o1,network,r1,adherent,2020-01-01\n".to_owned();
        assert_eq!(counts(&by.import_of("memberships", "source=reseda", ended)), [0, 1, 0, 0, 0]);
        let left = by.get(&format!("/v1/memberships?of={id}&as_of=2020-01-01")).is(200).items();
        assert_eq!(left.len(), 1);
    }
}

story! {
    fn what_is_exported_of_networks_and_members_and_imported_again_changes_nothing(app) {
        let by = &app.administrator();
        given_source(app);
        by.import_of("memberships", "source=reseda", MEMBERSHIPS);
        let before = app.marks();

        for of in ["networks", "memberships"] {
            let sheet = by.ask("GET", &format!("/v1/{of}")).accept("text/csv").send();
            let count = by.get(&format!("/v1/{of}")).is(200).items().len();
            let again = by.import_of(of, "", sheet.is(200).text());

            assert_eq!(counts(&again), [0, 0, u64::try_from(count).unwrap(), 0, 0], "{:?}", by.reported(&again));
        }
        assert_eq!(app.marks(), before);
    }
}

story! {
    fn of_a_file_with_a_bad_row_nothing_is_kept_and_the_report_names_the_row_and_the_column(app) {
        let by = &app.administrator();
        given_source(app);
        let networks = "source_key,kind,name,state,territories\n\
            n1,reseau,Bon,active,\n\
            n2,confrérie,Mauvais,active,\n\
            n3,reseau,Sans phase,,\n\
            n4,reseau,Ailleurs,active,commune:99999\n";
        let members = "source_key,member_type,member,of_type,of,category,starts_on,ends_before\n\
            x1,organisation,o1,network,r1,adherent,2010-01-01,\n\
            x2,organisation,o9,network,r1,adherent,,\n\
            x3,organisation,o1,network,r1,adherent,2012-01-01,\n\
            x4,organisation,o2,network,r1,expert,2012-01-01,2011-01-01\n\
            x5,commission,o2,territory,r1,expert,,\n\
            x6,network,r1,network,r1,adherent,,\n";
        let before = app.marks();

        let job = by.import_of("networks", "source=reseda", networks);
        let tried = by.import_of("memberships", "source=reseda&dry_run=true", members);

        assert_eq!((job["state"].as_str(), counts(&job)), (Some("refused"), [1, 0, 0, 3, 0]));
        assert_eq!(reported(by, &job), [
            json!([3, "kind", "unknown_code"]), json!([4, "state", "required"]), json!([5, "territories", "unknown_reference"]),
        ]);
        assert_eq!(counts(&tried), [1, 0, 0, 5, 0]);
        assert_eq!(app.marks(), before);
        let partly = by.import_of("memberships", "source=reseda&mode=partial", members);
        assert_eq!(counts(&partly), [1, 0, 0, 5, 0]);
        assert_eq!(reported(by, &partly), [
            json!([3, "member", "unknown_reference"]), json!([4, "", "relations.overlapping"]),
            json!([5, "ends_before", "empty_period"]), json!([6, "member_type", "unknown_code"]), json!([6, "of_type", "format"]),
            json!([7, "", "relations.part_of_itself"]),
        ]);
        assert_eq!(reported(by, &tried), reported(by, &partly));
    }
}

story! {
    fn a_number_that_several_bear_names_nobody_and_a_likely_twin_is_told(app) {
        let by = &app.administrator();
        let of = app.given_network(&network("Addictologie"));
        let siret = json!({ "identifiers": [{ "system": "siret", "value": "35600000000048" }] });
        for name in ["Jumeau", "Jumelle"] {
            app.given(&given::association_with(name, siret.clone()));
        }
        let file = format!("member_type,member,of_type,of,category\norganisation,siret:35600000000048,network,{},adherent\n", of.id);

        let job = by.import_of("memberships", "mode=partial", file);
        let twin = by.import_of("networks", "", "kind,name,state\nreseau,ADDICTOLOGIE,active\n");

        assert_eq!(counts(&job), [0, 0, 0, 0, 1]);
        assert_eq!(reported(by, &job), [json!([2, "", "ambiguous"])]);
        assert_eq!(counts(&twin), [1, 0, 0, 0, 0]);
        assert_eq!(reported(by, &twin), [json!([2, "", "likely_duplicate"])]);
        let unknown = by.import_of("networks", "", "kind,nom\nreseau,Addictologie\n");
        assert_eq!(unknown["reason"]["code"], "missing_columns", "{unknown}");
    }
}

story! {
    fn a_row_of_what_was_folded_tells_of_what_it_was_folded_into(app) {
        let by = &app.administrator();
        given_source(app);
        let [one, other] = ["o1", "o2"].map(|key| {
            let name = if key == "o1" { "reseda" } else { "vivadom" };
            let items = by.get(&format!("/v1/organisations?q={name}")).is(200).items();
            format!("/v1/organisations/{}", items[0]["id"].as_str().unwrap())
        });
        let stays = other.rsplit('/').next().unwrap();
        by.ask("POST", &format!("{one}/duplicate")).if_match("*").json(&json!({ "of": stays })).send().is(200);

        let job = by.import_of("memberships", "source=reseda",
            "source_key,member_type,member,of_type,of,category\nm1,organisation,o1,network,r1,adherent\n");

        assert_eq!(counts(&job), [1, 0, 0, 0, 0], "{:?}", by.reported(&job));
        assert_eq!(by.get(&format!("/v1/memberships?member={stays}")).is(200).items().len(), 1);
    }
}

story! {
    fn who_coordinates_one_network_imports_nothing(app) {
        let own = app.given_network(&network("Le sien"));
        let by = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;
        for of in ["networks", "memberships", "organisations"] {
            let refused = by.ask("POST", &format!("/v1/imports?type={of}")).body("text/csv", "kind,name\n").send();

            refused.is_problem(403, "access.role");
        }
        by.get("/v1/imports").is_problem(403, "access.role");
    }
}
