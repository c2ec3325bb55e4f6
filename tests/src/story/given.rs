//! What stories begin with, recorded through the API itself.

use domain::access::{Action, Actor, Role, Scope, Target};
use domain::organisations::{Organisation, OrganisationFields, OrganisationId, Wholes};
use domain::records::ResourceType;
use domain::territories::Territory;
use domain::values::CodeList;
use persistence::{Fault, Tx, organisations, territories};
use serde_json::{Value, json};
use uuid::Uuid;

use super::database::{HOME, client_of};
use super::{Answer, App};

/// An organisation as its recorder knows it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its id.
    pub id: String,
    /// Its address.
    pub path: String,
    /// The tag of its last known state.
    pub etag: String,
}

/// What may be said of an association.
pub fn association(name: &str) -> Value {
    json!({ "kind": "association", "names": [{ "name": name }] })
}

/// The fields with more members.
pub fn with(mut fields: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

/// An association with more members.
pub fn association_with(name: &str, more: Value) -> Value {
    with(association(name), more)
}

/// Records an association within a transaction of the program itself.
pub fn insert_association(tx: &mut Tx, name: &str) -> Result<(), Fault> {
    let permit = Actor::operator()
        .authorise(Action::CreateOrganisation, Target::Everything)
        .unwrap();
    let fields: OrganisationFields = serde_json::from_value(association(name)).unwrap();
    let id = OrganisationId::new(Uuid::now_v7());
    let organisation = Organisation::create(id, fields, &Wholes::default()).unwrap();
    organisations::insert(tx, &permit, &organisation).map(drop)
}

impl Given {
    /// The organisation that an answer tells of.
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        Self {
            path: format!("/v1/organisations/{id}"),
            id,
            etag: answer.etag(),
        }
    }

    /// The record that an answer says where to find.
    #[track_caller]
    pub fn located(answer: &Answer) -> Self {
        Self {
            path: answer.header("location").to_owned(),
            ..Self::of(answer)
        }
    }

    /// Its scope.
    pub fn scope(&self) -> Scope {
        let of = ResourceType::ALL
            .iter()
            .find(|of| self.path.split('/').nth(2) == Some(of.collection()));
        of.unwrap().scope(self.id.parse().unwrap())
    }

    /// Being part of it.
    pub fn as_whole(&self) -> Value {
        json!([{ "whole": self.id, "as": "antenna" }])
    }
}

impl App {
    /// Records an organisation.
    #[track_caller]
    pub fn given(&self, fields: &Value) -> Given {
        let answer = self.administrator().post("/v1/organisations", fields);
        answer.is(201);
        Given::of(&answer)
    }

    /// Records an association.
    #[track_caller]
    pub fn given_association(&self, name: &str) -> Given {
        self.given(&association(name))
    }

    /// Records an association that is part of another.
    #[track_caller]
    pub fn given_part(&self, name: &str, whole: &Given) -> Given {
        self.given(&association_with(
            name,
            json!({ "part_of": whole.as_whole() }),
        ))
    }

    /// The same organisation with the tag it has now.
    #[track_caller]
    pub fn fresh(&self, given: &Given) -> Given {
        Given::of(self.administrator().get(&given.path).is(200))
    }

    /// Records that one is a duplicate of another.
    #[track_caller]
    pub fn folded(&self, given: &Given, of: &Given) -> Given {
        let answer = self
            .administrator()
            .ask("POST", &format!("{}/duplicate", given.path))
            .if_match(&given.etag)
            .json(&json!({ "of": of.id }))
            .send();
        answer.is(200);
        Given::of(&answer)
    }

    /// Records that it ended.
    #[track_caller]
    pub fn ended(&self, given: &Given, ends_before: &str) -> Given {
        let answer = self
            .administrator()
            .ask("POST", &format!("{}/end", given.path))
            .if_match(&given.etag)
            .json(&json!({ "ends_before": ends_before }))
            .send();
        answer.is(200);
        Given::of(&answer)
    }

    /// The organisation on which narrow roles are held.
    pub fn home(&self) -> Given {
        let permit = Actor::operator()
            .authorise(Action::CreateOrganisation, Target::Everything)
            .unwrap();
        let fields = serde_json::from_value(association("Maison des réseaux")).unwrap();
        let home = Organisation::create(HOME, fields, &Wholes::default()).unwrap();
        self.by_operator(move |tx| organisations::insert(tx, &permit, &home).map(drop))
            .unwrap();
        let given = Given {
            path: format!("/v1/organisations/{HOME}"),
            id: HOME.to_string(),
            etag: String::new(),
        };
        self.fresh(&given)
    }

    /// A role given to the reader that every base has.
    pub fn given_grant(&self, role: Role, scope: Scope) -> Given {
        let id = self.give(client_of(Role::Reader), role, scope);
        let path = format!("/v1/grants/{id}");
        Given {
            id: id.to_string(),
            etag: self.administrator().get(&path).is(200).etag(),
            path,
        }
    }

    /// Loads a commune, as only the program itself does.
    pub fn given_commune(&self, code: &str, name: &str) -> Given {
        self.given_territory(
            json!({ "kind": "commune", "code": code, "names": [{ "name": name }] }),
        )
    }

    /// Draws a basin of these communes and EPCI.
    #[track_caller]
    pub fn given_bassin(&self, name: &str, members: Value) -> Given {
        let fields = json!({ "kind": "bassin", "names": [{ "name": name }], "members": members });
        let answer = self.administrator().post("/v1/territories", &fields);
        answer.is(201);
        Given::located(&answer)
    }

    /// Loads a territory, as only the program itself does.
    pub fn given_territory(&self, fields: Value) -> Given {
        let known = json!({
            "id": Uuid::now_v7(), "version": 1, "form": null, "siren": null, "postcodes": [],
            "population": null, "part_of": [], "attested_on": "2026-01-01", "source": "COG 2026",
        });
        let territory: Territory = serde_json::from_value(with(known, fields)).unwrap();
        let id = territory.id.to_string();
        let permit = Actor::operator()
            .authorise(Action::LoadTerritories, Target::Everything)
            .unwrap();
        self.by_operator(move |tx| territories::insert(tx, &permit, &territory).map(drop))
            .unwrap();
        Given {
            path: format!("/v1/territories/{id}"),
            id,
            etag: String::new(),
        }
    }
}
