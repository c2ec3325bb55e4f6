//! What networks share: neighbours, and the mesh of all of them, as far as a reader sees.

use domain::access::{Action, Actor, Role, Target};
use domain::networks::{Network, NetworkFields, NetworkId};
use domain::records::Known;
use persistence::records;
use uuid::Uuid;

use crate::memberships::membership;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Client, Given, Value, json, story};

/// The neighbours of a network, each with how many members, themes and communes both have.
#[track_caller]
fn near(by: &Client, of: &Given, query: &str) -> Vec<Value> {
    let items = by
        .get(&format!("{}/neighbours?{query}", of.path))
        .is(200)
        .items();
    items
        .iter()
        .map(|one| {
            json!([
                one["network"]["name"],
                one["members"],
                one["themes"],
                one["communes"]
            ])
        })
        .collect()
}

/// The names of the networks of a mesh, and how many edges it has.
#[track_caller]
fn mesh(by: &Client, query: &str) -> (Vec<Value>, usize) {
    let told = by.get(&format!("/v1/mesh?{query}")).is(200).json();
    let nodes = told["nodes"].as_array().unwrap();
    (
        nodes.iter().map(|node| node["name"].clone()).collect(),
        told["edges"].as_array().unwrap().len(),
    )
}

fn join(app: &App, member: &Given, of: &Given, more: Value) {
    app.given_membership(&with(membership(member, of), more));
}

story! {
    fn the_neighbours_of_a_network_share_members_themes_or_communes_the_strongest_first(app) {
        let around = app.given_around();
        let about = |theme: &str| json!({ "themes": [theme], "main_theme": theme });
        let own = app.given_network_in("Le sien", &[&around.epci], about("addictions"));
        let by_members = app.given_network_in("Par ses membres", &[], about("cancer"));
        app.given_network_in("Par son thème", &[], about("addictions"));
        app.given_network_in("Par ses communes", &[&around.commune, &around.elsewhere], about("diabetes"));
        app.given_network_in("Sans lien", &[&around.elsewhere], about("diabetes"));
        let joined = app.given_network_in("Membre", &[], about("obesity"));
        let member = app.given_association("Reseda");
        join(app, &member, &own, json!({}));
        join(app, &member, &by_members, json!({ "starts_on": "2020-01-01" }));
        join(app, &joined, &own, json!({}));
        let reader = app.reader();

        let told = near(&reader, &own, "");

        assert_eq!(told, [
            json!(["Membre", 0, [], 0]), json!(["Par ses membres", 1, [], 0]),
            json!(["Par son thème", 0, ["addictions"], 0]), json!(["Par ses communes", 0, [], 1]),
        ]);
        let items = reader.get(&format!("{}/neighbours", own.path)).is(200).items();
        assert_eq!((&items[0]["joined"], &items[1]["joined"]), (&json!(true), &json!(false)));
        assert_eq!(items[1]["shared_members"][0]["name"], "Reseda");
        assert_eq!(items[3]["shared_communes"], json!(["30132"]));
        assert_eq!(near(&reader, &joined, "").len(), 1);
        assert_eq!(near(&reader, &own, "as_of=2019-12-31").len(), 3);
        let (mut met, mut after) = (Vec::new(), String::new());
        loop {
            let page = reader.get(&format!("{}/neighbours?limit=1{after}", own.path));
            met.extend(page.is(200).items());
            match page.json()["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(met, items);
    }
}

story! {
    fn the_mesh_is_drawn_from_networks_and_what_every_two_share(app) {
        let around = app.given_around();
        let one = app.given_network_in("Un", &[&around.commune], json!({}));
        let two = app.given_network_in("Deux", &[&around.epci], json!({}));
        app.given_network_in("Seul", &[&around.elsewhere], json!({ "themes": ["cancer"], "main_theme": "cancer" }));
        app.given_network_in("Fermé", &[], json!({ "life": [{ "state": "active", "starts_on": "2010-01-01" }, { "state": "closed", "starts_on": "2020-01-01" }] }));
        let member = app.given_association("Reseda");
        join(app, &member, &one, json!({}));
        join(app, &member, &two, json!({}));
        let reader = app.reader();

        let edges = reader.get("/v1/mesh").is(200).json()["edges"].clone();

        assert_eq!(edges, json!([{ "one": one.id, "other": two.id, "joined": false, "members": 1, "themes": 1, "communes": 1 }]));
        assert_eq!(mesh(&reader, ""), (vec![json!("Un"), json!("Deux"), json!("Seul")], 1));
        assert_eq!(mesh(&reader, "theme=cancer"), (vec![json!("Seul")], 0));
        assert_eq!(mesh(&reader, "territory=commune:30132"), (vec![json!("Un"), json!("Deux")], 1));
        // With the closed one, which was about addictions too.
        assert_eq!(mesh(&reader, "as_of=2019-12-31").1, 3);
        reader.get("/v1/mesh?territory=ailleurs").is_problem(400, "request.bad_query");
    }
}

story! {
    fn what_is_hidden_neither_shows_nor_counts_among_neighbours_and_in_the_mesh(app) {
        let [own, kept, hidden] = ["Le sien", "Aussi le sien", "Un autre"].map(|name| {
            app.given_network(&with(network(name), json!({ "themes": ["addictions"], "main_theme": "addictions" })))
        });
        let member = app.given_association("Reseda");
        for of in [&own, &kept, &hidden] {
            join(app, &member, of, json!({}));
        }
        let (id, by) = app.new_client_on(Role::NetworkCoordinator, own.scope());

        assert_eq!(near(&by, &own, ""), Vec::<Value>::new());
        assert_eq!(mesh(&by, ""), (vec![json!("Le sien")], 0));
        by.get(&format!("{}/neighbours", hidden.path)).is_problem(404, "request.not_found");
        app.give(id, Role::NetworkCoordinator, kept.scope());
        assert_eq!(near(&by, &own, ""), [json!(["Aussi le sien", 1, ["addictions"], 0])]);
        assert_eq!(mesh(&by, "").1, 1);
        assert_eq!(mesh(&app.reader(), "").1, 3);
        by.get(&member.path).is_problem(404, "request.not_found");
        // The member sees its memberships, and none of the networks.
        let as_member = app.new_client_on(Role::Reader, member.scope()).1;
        assert_eq!(mesh(&as_member, ""), (Vec::new(), 0));
    }
}

story! {
    fn a_mesh_of_more_networks_than_can_be_drawn_is_refused(app) {
        let permit = Actor::operator().authorise(Action::CreateNetwork, Target::Everything).unwrap();
        let fields: NetworkFields = serde_json::from_value(network("Un parmi tant d'autres")).unwrap();
        let new = || Network::create(NetworkId::new(Uuid::now_v7()), fields.clone(), &Known::default()).unwrap();
        let all: Vec<Network> = std::iter::repeat_with(new).take(200).collect();
        app.by_operator(move |tx| records::insert_all(tx, &permit, &all)).unwrap();

        assert_eq!(mesh(&app.reader(), "").0.len(), 200);
        app.given_network(&network("Un de trop"));
        let refused = app.reader().get("/v1/mesh");

        assert_eq!(refused.is_problem(422, "request.too_many_nodes")["most"], 200);
        assert_eq!(mesh(&app.reader(), "theme=cancer"), (Vec::new(), 0));
    }
}
