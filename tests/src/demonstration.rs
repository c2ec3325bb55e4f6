//! The demonstration answers what its readers ask first.

use crate::story::database::block_on;
use crate::story::{App, story};

/// The base of the demonstration.
fn demonstration(app: &App) {
    let today = "2026-11-22".parse().unwrap();
    block_on(api::demo::fill(&app.database, false, today, false)).unwrap();
}

story! {
    fn the_demonstration_tells_which_networks_work_in_ales_who_bears_and_who_animates_them(app) {
        demonstration(app);
        let reader = app.reader();
        let the = |path: &str| reader.get(path).is(200).items()[0].clone();

        let epci = the("/v1/territories?code=200066918")["id"].as_str().unwrap().to_owned();
        let here = format!("/v1/networks?territory={epci}&theme=addictions&fictitious=false&sort=name");
        let names = reader.get(&here).names();
        let network = the(&format!("{here}&q=addictologie"))["id"].as_str().unwrap().to_owned();
        let bearers = reader.get(&format!("/v1/bearers?network={network}&as_of=2012-01-01&expand=organisation")).is(200).items();

        assert!(names.contains(&"Réseau addictologie".to_owned()), "{names:?}");
        let functions: Vec<&str> = bearers.iter().map(|one| one["function"].as_str().unwrap()).collect();
        assert_eq!(functions, ["legal_representation", "financial_management", "administrative_management"]);
        for bearer in &bearers {
            assert_eq!(bearer["expanded"]["organisation"]["name"], "Reseda");
            assert_eq!((&bearer["interim"], &bearer["fictitious"]), (&true.into(), &true.into()));
        }
    }
}

story! {
    fn the_demonstration_tells_what_networks_and_federations_come_from_and_each_on_its_day(app) {
        demonstration(app);
        let reader = app.reader();
        let the = |room: &str, name: &str| {
            let found = reader.get(&format!("/v1/{room}?q={name}&sort=name")).is(200).items();
            format!("/v1/{room}/{}", found[0]["id"].as_str().unwrap())
        };
        let state = |path: &str, day: &str| reader.get(&format!("{path}?as_of={day}")).is(200).json()["state"].clone();
        let merged = |path: &str| {
            let tree = reader.get(&format!("{path}/lineage")).is(200).json();
            let nodes = tree["nodes"].as_array().unwrap().iter();
            let mut names: Vec<String> = nodes.filter(|one| one["state"] == "merged").map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };

        let federation = the("organisations", "reso+occitanie");
        let before = ["resomip", "resod"].map(|name| the("organisations", name));

        let [eve, day, today] = ["2018-12-31", "2019-01-01", "2026-11-22"];
        assert_eq!([eve, day].map(|day| state(&federation, day)), ["constituted", "open"]);
        for path in &before {
            assert_eq!([eve, day, today].map(|day| state(path, day)), ["open", "merged", "merged"]);
            assert_eq!(merged(path), ["Résod'Oc", "Résomip"]);
        }
        let addictions = the("networks", "addictologie");
        assert_eq!(merged(&addictions), ["Réseau ville-hôpital alcool", "Réseau ville-hôpital toxicomanie"]);
        assert_eq!(merged(&the("networks", "onco-occitanie")), ["OncoLR", "Oncomip"]);
        assert_eq!(merged(&the("networks", "coordination+haute-garonne")).len(), 6);
        assert_eq!(merged(&the("networks", "coordination+tarn")), ["MAIA du Tarn", "RESOPALID"]);
        let member = the("networks", "pta+31").replace("/v1/networks/", "");
        let ended = reader.get(&format!("/v1/memberships?member={member}")).is(200).items();
        assert_eq!(ended[0]["ends_before"], "2022-07-01");
        let directory = reader.get("/v1/directory?commune=30132&theme=addictions").is(200).items();
        assert_eq!((&directory[0]["card"]["name"], &directory[0]["through"]["code"]), (&"Réseau addictologie".into(), &"200066918".into()));
    }
}
