//! Expertise: whom the members of a network may call on, for what, and who may know.

use domain::access::Role;

use crate::memberships::membership;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Client, Given, Value, json, story};

/// A member of a network with what it knows how to do.
fn given_expert(app: &App, of: &Given, name: &str, more: Value) -> Given {
    let member = app.given_association(name);
    app.given_membership(&with(membership(&member, of), more));
    member
}

/// The names of the members that may be called on, each with what for.
#[track_caller]
fn called_on(by: &Client, of: &Given, query: &str) -> Vec<(String, Vec<String>)> {
    let answer = by.get(&format!("{}/expertise?{query}", of.path));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = answer.is(200).items();
    let told = items.iter().map(|item| {
        let known = item["expertise"].as_array().unwrap();
        (
            text(&item["card"]["name"]),
            known.iter().map(|one| text(&one["name"])).collect(),
        )
    });
    told.collect()
}

story! {
    fn the_members_of_a_network_tell_one_another_what_they_may_be_called_on_for(app) {
        let own = app.given_network(&network("Addictologie"));
        given_expert(app, &own, "CSAPA Logos", json!({ "starts_on": "2010-01-01", "expertise": [
            { "name": "Sevrage tabagique", "theme": "addictions" }, { "name": "Éducation thérapeutique" },
        ] }));
        given_expert(app, &own, "Partie", json!({ "ends_before": "2020-01-01", "expertise": [{ "name": "Sevrage tabagique" }] }));
        given_expert(app, &own, "Sans savoir", json!({}));

        let told = app.reader().get(&format!("{}/expertise", own.path)).is(200).items();

        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((&told[0]["card"]["name"], &told[0]["starts_on"]), (&json!("CSAPA Logos"), &json!("2010-01-01")));
        let logos = |known: &[&str]| vec![("CSAPA Logos".to_owned(), known.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())];
        let both = logos(&["Sevrage tabagique", "Éducation thérapeutique"]);
        let reader = app.reader();
        assert_eq!(called_on(&reader, &own, ""), both);
        assert_eq!(called_on(&reader, &own, "q=tabag"), logos(&["Sevrage tabagique"]));
        assert_eq!(called_on(&reader, &own, "theme=addictions"), logos(&["Sevrage tabagique"]));
        // Words of two expertises are not those of one.
        assert_eq!(called_on(&reader, &own, "q=sevrage%20therapeutique"), []);
        assert_eq!(called_on(&reader, &own, "as_of=2009-12-31").len(), 1);
        assert_eq!(called_on(&reader, &own, "as_of=2019-12-31").len(), 2);
        reader.get(&format!("{}/expertise?q=!", own.path)).is_problem(422, "request.no_words");
        reader.get(&format!("{}/expertise?member=x", own.path)).is_problem(400, "request.bad_query");
    }
}

story! {
    fn expertise_comes_page_after_page_and_each_member_once(app) {
        let own = app.given_network(&network("Addictologie"));
        let all: Vec<String> = (0..5).map(|number| {
            let knows = json!({ "expertise": [{ "name": "Sevrage" }] });
            given_expert(app, &own, &format!("Membre {number}"), knows).id
        }).collect();

        let (mut met, mut after) = (Vec::new(), String::new());
        loop {
            let page = app.reader().get(&format!("{}/expertise?limit=2{after}", own.path));
            met.extend(page.is(200).items().iter().map(|item| item["member"]["id"].as_str().unwrap().to_owned()));
            match page.json()["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }

        assert_eq!(met, all);
        app.reader().get(&format!("{}/expertise?after=nowhere", own.path)).is_problem(400, "request.bad_cursor");
    }
}

story! {
    fn the_expertise_of_a_network_is_for_those_who_see_the_network_and_no_other_is_told(app) {
        let [own, other] = ["Le sien", "Un autre"].map(|name| app.given_network(&network(name)));
        let knows = |name: &str| json!({ "expertise": [{ "name": name }] });
        let member = given_expert(app, &own, "Ici", knows("Sevrage"));
        given_expert(app, &other, "Ailleurs", knows("Sevrage"));
        let by = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;
        let as_member = app.new_client_on(Role::Reader, member.scope()).1;

        assert_eq!(called_on(&by, &own, "q=sevrage"), [("Ici".to_owned(), vec!["Sevrage".to_owned()])]);
        by.get(&format!("{}/expertise", other.path)).is_problem(404, "request.not_found");
        // Beside the public fields of a member, its record stays out of sight.
        by.get(&member.path).is_problem(404, "request.not_found");
        as_member.get(&format!("{}/expertise", own.path)).is_problem(404, "request.not_found");
        let mistake = app.given_network(&network("Erreur"));
        app.administrator().delete(&mistake.path, "*").is(204);
        app.reader().get(&format!("{}/expertise", mistake.path)).is_problem(410, "request.deleted");
        app.nobody().get(&format!("{}/expertise", own.path)).is_problem(401, "access.no_token");
    }
}
