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
