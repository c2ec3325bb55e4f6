//! Every operation of the document, asked by nobody, by each role, and by one who was revoked.

use std::collections::BTreeMap;

use domain::access::{Action, Role, Scope, TokenScope};
use domain::records::ResourceType;
use domain::values::CodeList;

use crate::actions::action;
use crate::bearers::bearer;
use crate::facilitations::facilitation;
use crate::founding_texts::charter;
use crate::lineage::event;
use crate::memberships::membership;
use crate::networks::network;
use crate::objectives::objective;
use crate::people::{person, working};
use crate::poolings::pooling;
use crate::story::client::Asking;
use crate::story::database::{GIVEN, HOME, HOME_NETWORK};
use crate::story::given;
use crate::story::people;
use crate::story::{Answer, App, Client, Given, Value, association, exercised, json, story};

/// The scope that an operation asks of a token; nothing when anybody may.
fn needed(operation: &Value) -> Option<Vec<TokenScope>> {
    let needs = operation["security"].as_array().unwrap();
    let bearer = needs.iter().find_map(|need| need.get("bearer"))?;
    let scopes = bearer.as_array().unwrap().iter();
    Some(
        scopes
            .map(|scope| scope.as_str().unwrap().parse().unwrap())
            .collect(),
    )
}

/// A record on which the operation can be done, part of a whole if one is given.
fn ready_for(app: &App, template: &str, whole: Option<&Given>) -> Given {
    if template == "/v1/auth/activate" {
        let invited = app.invited("Dominique Exemple", Role::Reader);
        return Given {
            id: invited.email,
            path: String::new(),
            etag: invited.code,
        };
    }
    if template.starts_with("/v1/accounts") {
        return app.invited("Dominique Exemple", Role::Reader).account;
    }
    if template.starts_with("/v1/clients") {
        let new = json!({ "name": "Synchronisation" });
        return people::client_of(&app.administrator().post("/v1/clients", &new));
    }
    if template.starts_with("/v1/territories/") {
        return app.given_bassin("Bassin alésien", json!([]));
    }
    if template.starts_with("/v1/networks/") {
        return network_within(app, whole);
    }
    if template.starts_with("/v1/people/") {
        return app.given_person(&person_within(whole));
    }
    if let Some(room) = RELATIONS.iter().find(|room| template.starts_with(**room)) {
        return match template.strip_prefix(room) {
            Some("") => network_within(app, whole),
            _ => app.given_at(room, &relation(app, room, whole)),
        };
    }
    if template.starts_with("/v1/grants/") {
        return app.given_grant(Role::Reader, Scope::Everything);
    }
    if template.starts_with("/v1/imports/") {
        return app.given_import();
    }
    let given = match whole {
        Some(whole) => app.given_part("Réseau gérontologique", whole),
        None => app.given_association("Réseau gérontologique"),
    };
    if template.ends_with("/reopen") {
        return app.ended(&given, "2026-01-01");
    }
    if template.ends_with("/undo-duplicate") {
        return app.folded(&given, &twin_for(app, whole));
    }
    given
}

/// The rooms of what ties records to a network.
const RELATIONS: [&str; 8] = [
    "/v1/memberships",
    "/v1/bearers",
    "/v1/facilitations",
    "/v1/objectives",
    "/v1/actions",
    "/v1/poolings",
    "/v1/founding-texts",
    "/v1/lineage-events",
];

/// A network that a role over the whole reaches, if one is given.
fn network_within(app: &App, whole: Option<&Given>) -> Given {
    if let Some(whole) = whole.filter(|whole| whole.path.starts_with("/v1/networks/")) {
        return whole.clone();
    }
    let fresh = app.given_network(&network("Réseau gérontologique"));
    if let Some(team) = whole {
        app.given_at("/v1/facilitations", &facilitation(&fresh, team));
    }
    fresh
}

/// What is said of a person whom a role over the whole reaches, if one is given.
fn person_within(whole: Option<&Given>) -> Value {
    whole.map_or_else(|| person("Exemple"), |whole| working("Exemple", whole))
}

/// What is said of a new relation of such a network.
fn relation(app: &App, room: &str, whole: Option<&Given>) -> Value {
    let network = network_within(app, whole);
    let other = app.given_association("Une autre");
    match room {
        "/v1/memberships" => membership(&other, &network),
        "/v1/bearers" => bearer(&network, &other),
        "/v1/objectives" => objective(&network),
        "/v1/actions" => action(&network),
        "/v1/poolings" => pooling(&network, &[&network, &other]),
        "/v1/founding-texts" => charter(&app.under_the_article(&network)),
        "/v1/lineage-events" => {
            let before = network_within(
                app,
                whole.filter(|whole| whole.path.starts_with("/v1/organisations/")),
            );
            event("succession", &[&before], &[&network], "2027-01-01")
        }
        _ => facilitation(&network, &other),
    }
}

/// Another record, for what is done with two.
fn twin_for(app: &App, whole: Option<&Given>) -> Given {
    match whole {
        Some(whole) => app.given_part("Réseau jumeau", whole),
        None => app.given_association("Réseau jumeau"),
    }
}

/// The operation as one who may would ask for it.
fn asking<'a>(
    app: &App,
    by: &'a Client,
    method: &str,
    template: &str,
    on: &Given,
    whole: Option<&Given>,
) -> Asking<'a> {
    let path = template
        .replace("{id}", &on.id)
        .replace("{session}", HOME.to_string().as_str())
        .replace("{list}", "roles")
        .replace("{type}", "organisations");
    let asking = by.ask(method, &path);
    let asking = if template.contains("{id}") && method != "GET" {
        asking.if_match(&on.etag)
    } else {
        asking
    };
    match (method, template) {
        ("GET", "/v1/directory") => by.ask(method, "/v1/directory?commune=30132"),
        // All that the roles before made are more than a mesh is drawn of.
        ("GET", "/v1/mesh") => by.ask(method, "/v1/mesh?theme=rare_diseases"),
        ("GET", "/v1/coverage") => by.ask(method, "/v1/coverage?territory=commune:30132"),
        ("POST", "/v1/auth/token") => {
            let (secret, _) = crate::story::database::secret();
            let id = crate::story::database::client_of(Role::Reader);
            asking.form(&format!(
                "grant_type=client_credentials&client_id={id}&client_secret={secret}"
            ))
        }
        ("POST", "/v1/auth/activate") => asking.json(&json!({
            "email": on.id, "code": on.etag, "password": people::PASSWORD,
        })),
        ("POST", "/v1/me/password") => asking.json(&json!({
            "current": people::PASSWORD, "new": people::PASSWORD,
        })),
        ("POST", "/v1/accounts") => asking.json(&people::person(
            "Camille Exemple",
            &people::new_address(),
            Role::Reader,
        )),
        ("POST", "/v1/clients") => asking.json(&json!({ "name": "Lecture" })),
        ("POST", "/v1/clients/{id}/rotate") => asking.json(&json!({})),
        ("PATCH", "/v1/accounts/{id}" | "/v1/clients/{id}") => {
            asking.json(&json!({ "name": "Claude Exemple" }))
        }
        ("POST", "/v1/organisations") => {
            let part_of = whole.map_or_else(|| json!([]), Given::as_whole);
            asking.json(&given::with(
                association("Réseda"),
                json!({ "part_of": part_of }),
            ))
        }
        ("POST", room) if RELATIONS.contains(&room) => asking.json(&relation(app, room, whole)),
        ("PATCH", one) if RELATIONS.iter().any(|room| one.starts_with(room)) => {
            asking.json(&json!({ "fictitious": true }))
        }
        ("POST", "/v1/bearers/{id}/hand-over") => {
            asking.json(&json!({ "on": "2027-01-01", "autonomous": true }))
        }
        ("POST", "/v1/people") => asking.json(&person_within(whole)),
        ("PATCH", "/v1/people/{id}") => asking.json(&json!({ "given_name": "Camille" })),
        ("POST", "/v1/networks") => asking.json(&network("Addictologie")),
        ("PATCH", "/v1/networks/{id}") => asking.json(&json!({ "reach": "regional" })),
        ("POST", "/v1/networks/{id}/phases") => {
            asking.json(&json!({ "state": "dormant", "starts_on": "2026-01-01" }))
        }
        ("POST", "/v1/territories") => {
            asking.json(&json!({ "kind": "pays", "names": [{ "name": "Pays des Cévennes" }] }))
        }
        ("PATCH", "/v1/territories/{id}") => asking.json(&json!({ "setting": "rural" })),
        ("POST", "/v1/grants") => asking.json(&json!({
            "caller": crate::story::database::client_of(Role::Reader),
            "role": "reader",
            "scope": { "kind": "everything" },
        })),
        ("POST", "/v1/imports") => {
            let path = format!("{path}?type=organisations&mode=partial&source=permissions");
            let row = "kind,name\nassociation,Réseda\n";
            by.ask(method, &path).body("text/csv", row)
        }
        ("PATCH", _) => asking.json(&json!({ "sectors": ["health"] })),
        ("POST", template) if template.ends_with("/duplicate") => {
            asking.json(&json!({ "of": twin_for(app, whole).id }))
        }
        ("POST", template) if template.ends_with("distinct") => {
            asking.json(&json!({ "from": twin_for(app, whole).id }))
        }
        ("POST", "/v1/founding-texts/{id}/end") => {
            asking.json(&json!({ "ends_before": "2020-01-01" }))
        }
        ("POST", "/v1/lineage-events/{id}/undo") => asking.json(&json!({})),
        ("POST", template) if template.ends_with("/end") => {
            asking.json(&json!({ "ends_before": "2027-01-01" }))
        }
        _ => asking,
    }
}

story! {
    fn nobody_is_served_what_needs_a_token(app) {
        for (method, template, operation) in exercised::documented() {
            let on = ready_for(app, template, None);

            let answer = asking(app, &app.nobody(), &method, template, &on, None).send();

            match needed(operation) {
                Some(_) => { answer.is_problem(401, "access.no_token"); }
                None => assert!(answer.status < 300, "{answer}"),
            }
        }
    }
}

/// The action that an operation asks for; nothing when anybody may.
fn action_of(operation: &Value) -> Option<Action> {
    let named = operation["operationId"].as_str().unwrap();
    Some(match named {
        "list_organisations" | "list_duplicates" | "read_organisation" => Action::ReadOrganisations,
        history if history.ends_with("_history") => Action::ReadHistory,
        "list_bearers" | "read_bearer" => Action::ReadBearers,
        "create_bearer" => Action::CreateBearer,
        "change_bearer" => Action::ChangeBearer,
        "end_bearer" => Action::EndBearer,
        "hand_over_bearer" => Action::HandOverBearer,
        "delete_bearer" => Action::DeleteBearer,
        "list_objectives" | "read_objective" => Action::ReadObjectives,
        "create_objective" => Action::CreateObjective,
        "change_objective" => Action::ChangeObjective,
        "end_objective" => Action::EndObjective,
        "delete_objective" => Action::DeleteObjective,
        "list_founding_texts" | "read_founding_text" | "read_missing" => Action::ReadFoundingTexts,
        "create_founding_text" => Action::CreateFoundingText,
        "change_founding_text" => Action::ChangeFoundingText,
        "end_founding_text" => Action::EndFoundingText,
        "delete_founding_text" => Action::DeleteFoundingText,
        "list_poolings" | "read_pooling" => Action::ReadPoolings,
        "create_pooling" => Action::CreatePooling,
        "change_pooling" => Action::ChangePooling,
        "end_pooling" => Action::EndPooling,
        "delete_pooling" => Action::DeletePooling,
        "list_actions" | "read_action" | "list_activities" => Action::ReadActions,
        "create_action" => Action::CreateAction,
        "change_action" => Action::ChangeAction,
        "end_action" => Action::EndAction,
        "delete_action" => Action::DeleteAction,
        "list_facilitations" | "read_facilitation" => Action::ReadFacilitations,
        "create_facilitation" => Action::CreateFacilitation,
        "change_facilitation" => Action::ChangeFacilitation,
        "end_facilitation" => Action::EndFacilitation,
        "delete_facilitation" => Action::DeleteFacilitation,
        "list_memberships" | "read_membership" | "list_expertise" => Action::ReadMemberships,
        "create_membership" => Action::CreateMembership,
        "change_membership" => Action::ChangeMembership,
        "end_membership" => Action::EndMembership,
        "delete_membership" => Action::DeleteMembership,
        "read_directory" | "read_coverage" => Action::ReadDirectory,
        "list_lineage_events"
        | "read_lineage_event"
        | "read_network_lineage"
        | "read_organisation_lineage" => Action::ReadLineage,
        "record_lineage_event" => Action::RecordLineage,
        "undo_lineage_event" => Action::UndoLineage,
        "list_people" | "read_person" => Action::ReadPeople,
        "create_person" => Action::CreatePerson,
        "change_person" => Action::ChangePerson,
        "erase_person" => Action::ErasePerson,
        "delete_person" => Action::DeletePerson,
        "list_networks" | "read_network" | "list_neighbours" | "read_mesh" => Action::ReadNetworks,
        "create_network" => Action::CreateNetwork,
        "change_network" => Action::ChangeNetwork,
        "enter_phase" => Action::EnterPhase,
        "delete_network" => Action::DeleteNetwork,
        "create_organisation" => Action::CreateOrganisation,
        "change_organisation" => Action::ChangeOrganisation,
        "end_organisation" => Action::EndOrganisation,
        "reopen_organisation" => Action::ReopenOrganisation,
        "fold_organisation" => Action::FoldOrganisation,
        "unfold_organisation" => Action::UnfoldOrganisation,
        "tell_organisations_apart" | "propose_organisations_again" => {
            Action::TellOrganisationsApart
        }
        "delete_organisation" => Action::DeleteOrganisation,
        "create_import" | "list_imports" | "read_import" | "read_import_report"
        | "read_refused_rows" => Action::ImportOrganisations,
        "list_territories" | "read_territory" => Action::ReadTerritories,
        "create_territory" => Action::CreateTerritory,
        "change_territory" => Action::ChangeTerritory,
        "end_territory" => Action::EndTerritory,
        "delete_territory" => Action::DeleteTerritory,
        "read_changes" => Action::ReadChanges,
        "export_records" => Action::ExportRecords,
        "read_metrics" => Action::ReadMetrics,
        "list_grants" | "read_grant" | "list_accounts" | "read_account" | "list_clients"
        | "read_client" => Action::ReadAccess,
        "give_grant" => Action::GiveGrant,
        "end_grant" => Action::EndGrant,
        "delete_grant" => Action::DeleteGrant,
        "read_audit" => Action::ReadAudit,
        "create_account" => Action::CreateAccount,
        "change_account" | "give_account_code" => Action::ChangeAccount,
        "revoke_account" => Action::RevokeAccount,
        "create_client" => Action::CreateClient,
        "change_client" | "rotate_client_secret" => Action::ChangeClient,
        "revoke_client" => Action::RevokeClient,
        _ => {
            // For anybody, or for any caller about itself.
            let open = needed(operation).is_none_or(|scopes| scopes.is_empty());
            assert!(open, "say which action {named} asks for");
            return None;
        }
    })
}

/// The right to see what an operation is about.
fn sight_of(template: &str) -> Option<Action> {
    let room = template.split('/').nth(2)?;
    let of = ResourceType::ALL
        .iter()
        .find(|of| of.collection() == room)?;
    Some(of.read())
}

/// Whether what an operation is done on may be had within a scope.
fn reaches(scope: Scope, method: &str, template: &str) -> bool {
    match scope {
        Scope::Everything => true,
        // No network is recorded within anything, and what ties it to anything keeps it from being deleted.
        Scope::Organisation(_) => {
            template != "/v1/networks" && (method, template) != ("DELETE", "/v1/networks/{id}")
        }
        Scope::Network(_) => {
            // An event is about two networks: a role on one of them is not enough.
            let writes_lineage = method == "POST" && template.starts_with("/v1/lineage-events");
            let mut rooms = RELATIONS.iter().chain(&["/v1/networks/"]);
            !writes_lineage && rooms.any(|room| template.starts_with(room))
        }
    }
}

/// What the policy says of a role that is held on one scope and asks for an operation on a record
/// that this scope reaches, or does not.
fn verdict(role: Role, wide: bool, in_scope: bool, template: &str, action: Action) -> Verdict {
    let one = template.contains("{id}");
    if action == Action::ImportOrganisations {
        return match role {
            _ if !role.rights().contains(&action) => Verdict::Refused(403, "access.role"),
            _ if !wide => Verdict::Refused(403, "access.scope"),
            Role::Administrator => Verdict::Served,
            // Somebody else's import.
            _ if one => Verdict::Refused(404, "request.not_found"),
            _ => Verdict::Served,
        };
    }
    let sees = sight_of(template).is_none_or(|read| role.rights().contains(&read));
    // What is the same for everybody belongs to nobody: no narrower grant reaches it.
    let reference = sight_of(template).is_some_and(Action::reads_reference);
    let reaches = wide || (in_scope && !reference);
    if !sees {
        return Verdict::Refused(403, "access.role");
    }
    if one && !reaches && !reference {
        return Verdict::Refused(404, "request.not_found");
    }
    if !role.rights().contains(&action) {
        return Verdict::Refused(403, "access.role");
    }
    if (!one || reference) && action.token_scope() != TokenScope::Read && !reaches {
        return Verdict::Refused(403, "access.scope");
    }
    Verdict::Served
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Served,
    Refused(u16, &'static str),
}

impl Verdict {
    fn check(self, answer: &Answer, who: &str) {
        match self {
            Self::Served => assert!(answer.status < 300, "{who}: {answer}"),
            Self::Refused(status, code) => {
                assert_eq!(answer.status, status, "{who}: {answer}");
                answer.is_problem(status, code);
            }
        }
    }
}

story! {
    fn each_role_does_what_the_matrix_says_where_its_grant_is_on_and_nothing_else(app) {
        let home = app.home();
        for role in GIVEN {
            let scopes = [Scope::Everything, Scope::Organisation(HOME), Scope::Network(HOME_NETWORK)];
            for scope in scopes.into_iter().filter(|scope| role.may_be_given_on(*scope)) {
                let (id, by) = app.new_client_on(*role, scope);
                for (method, template, operation) in exercised::documented() {
                    let Some(action) = action_of(operation) else { continue };
                    for in_scope in [true, false].into_iter().filter(|inside| !inside || reaches(scope, &method, template)) {
                        let own = (in_scope && scope == Scope::Network(HOME_NETWORK)).then(|| {
                            let network = app.given_network(&network("Le sien"));
                            app.give(id, *role, network.scope());
                            network
                        });
                        let whole = (in_scope && scope != Scope::Everything).then_some(own.as_ref().unwrap_or(&home));
                        let on = ready_for(app, template, whole);

                        let answer = asking(app, &by, &method, template, &on, whole).send();

                        let wide = scope == Scope::Everything;
                        verdict(*role, wide, in_scope, template, action)
                            .check(&answer, &format!("{role} on {scope}, in scope: {in_scope}"));
                    }
                }
            }
        }
    }
}

story! {
    fn a_revoked_client_is_served_nothing_that_needs_a_token(app) {
        let (id, revoked) = app.new_client(Role::Administrator);
        app.revoke(id);

        for (method, template, operation) in exercised::documented() {
            let Some(_) = needed(operation) else { continue };
            let on = ready_for(app, template, None);

            let answer = asking(app, &revoked, &method, template, &on, None).send();

            answer.is_problem(401, "access.revoked");
        }
    }
}

story! {
    fn a_token_does_only_what_it_was_asked_for(app) {
        for scope in TokenScope::ALL {
            let id = crate::story::database::client_of(Role::Administrator);
            let narrow = app.bearing(&app.token(id, Some(scope.code())));

            for (method, template, operation) in exercised::documented() {
                let Some(asked) = needed(operation) else { continue };
                let on = ready_for(app, template, None);

                let answer = asking(app, &narrow, &method, template, &on, None).send();

                if !asked.is_empty() && asked != [*scope] {
                    answer.is_problem(403, "access.token_scope");
                }
            }
        }
    }
}

story! {
    fn a_token_suffices_with_the_scope_that_the_document_names(app) {
        // One token for each set of scopes: they are not given by the dozen.
        let mut tokens = BTreeMap::new();
        for (method, template, operation) in exercised::documented() {
            let Some(scopes) = needed(operation) else { continue };
            // Of those for any caller about itself, some are for people: a script has no session.
            if scopes.is_empty() { continue }
            let scopes = scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(" ");
            let token = tokens.entry(scopes.clone()).or_insert_with(|| {
                app.token(crate::story::database::client_of(Role::Administrator), Some(&scopes))
            });
            let on = ready_for(app, template, None);

            let answer = asking(app, &app.bearing(token), &method, template, &on, None).send();

            assert!(answer.status < 300, "{scopes}: {answer}");
        }
    }
}

story! {
    fn the_acts_of_a_record_are_those_its_reader_may_do(app) {
        let given = app.given_association("Réseau gérontologique");

        let kept = app.administrator().get(&given.path).json();
        let read = app.reader().get(&given.path).json();
        let narrow = app.token(crate::story::database::client_of(Role::Administrator), Some("read"));
        let narrowed = app.bearing(&narrow).get(&given.path).json();

        assert_eq!(kept["acts"], json!([
            "change_organisation", "end_organisation", "fold_organisation", "tell_organisations_apart",
            "delete_organisation",
        ]));
        assert_eq!(read["acts"], json!([]));
        assert_eq!(narrowed["acts"], json!([]));
    }
}

story! {
    fn one_who_may_not_change_learns_nothing_of_the_version(app) {
        let given = app.given_association("Réseda");

        let without = app.reader().ask("PATCH", &given.path).json(&json!({})).send();
        let stale = app.reader().patch(&given.path, "\"7\"", &json!({}));

        without.is_problem(403, "access.role");
        stale.is_problem(403, "access.role");
    }
}
