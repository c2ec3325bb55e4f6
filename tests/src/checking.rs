//! A base that agrees with itself, and every way in which it might not.

use std::collections::BTreeSet;

use domain::access::{Role, Scope};
use domain::records::ResourceType;
use domain::values::CodeList;
use persistence::{changes, checking};

use crate::actions::action;
use crate::bearers::bearer;
use crate::facilitations::facilitation;
use crate::founding_texts::charter;
use crate::lineage::event;
use crate::memberships::membership;
use crate::networks::{network, network_with};
use crate::objectives::objective;
use crate::people::person;
use crate::poolings::pooling;
use crate::story::given::{association_with, with};
use crate::story::people::client_of;
use crate::story::{App, Base, Engine, Given, json, story};

/// What does not agree, as table and what is wrong.
fn faults(base: &Base) -> BTreeSet<(&'static str, &'static str)> {
    let found = base.faults().into_iter();
    found.map(|one| (one.table, one.wrong)).collect()
}

fn scope_of(given: &Given) -> Scope {
    format!("organisation:{}", given.id).parse().unwrap()
}

/// How an engine writes what the statements here need.
struct Written {
    now: &'static str,
    new_id: &'static str,
    least_id: &'static str,
    no_bytes: &'static str,
    yes: &'static str,
    no: &'static str,
}

fn written(base: &Base) -> Written {
    match base.engine() {
        Engine::Sqlite => Written {
            now: "0",
            new_id: "randomblob(16)",
            least_id: "zeroblob(16)",
            no_bytes: "x''",
            yes: "1",
            no: "0",
        },
        Engine::Postgres => Written {
            now: "now()",
            new_id: "gen_random_uuid()",
            least_id: "CAST('00000000-0000-0000-0000-000000000000' AS uuid)",
            no_bytes: "CAST('' AS bytea)",
            yes: "true",
            no: "false",
        },
    }
}

/// Something of everything: parts that move, folds, ends, deletions, accounts, grants, keys, days that
/// pass, a feed that was trimmed.
fn something_of_everything(app: &App) {
    let administrator = app.administrator();
    app.home();
    let (union, other) = (
        app.given_association("Union"),
        app.given_association("Autre"),
    );
    let (reader, _) = app.new_client_on(Role::Reader, scope_of(&union));
    app.give(reader, Role::Reader, scope_of(&other));
    let branch = app.given_part("Antenne", &union);
    app.given_part("Permanence", &branch);
    let to_other = json!({ "part_of": other.as_whole(), "identifiers": [{ "system": "siren", "value": "732829320" }] });
    administrator
        .patch(&branch.path, &branch.etag, &to_other)
        .is(200);
    app.given(&association_with(
        "Demain",
        json!({ "part_of": [
        { "whole": union.id, "as": "antenna", "starts_on": "2026-11-23" },
    ] }),
    ));
    let twice = app.given_part("Réseda", &other);
    app.given_part("Partie", &twice);
    app.folded(&twice, &app.given_association("Reseda"));
    let distinct = (app.given_association("Ici"), app.given_association("Là"));
    administrator
        .ask("POST", &format!("{}/distinct", distinct.0.path))
        .if_match(&distinct.0.etag)
        .json(&json!({ "from": distinct.1.id }))
        .send()
        .is(200);
    app.ended(&distinct.0, "2026-01-01");
    let mistake = app.given_part("Erreur", &union);
    administrator.delete(&mistake.path, &mistake.etag).is(204);

    let epci = app.given_territory(
        json!({ "kind": "epci", "code": "200066918", "names": [{ "name": "Alès Agglomération" }] }),
    );
    let commune = app.given_territory(
        json!({ "kind": "commune", "code": "30007", "names": [{ "name": "Alès" }],
        "part_of": [{ "whole": epci.id, "kind": "epci", "starts_on": "2017-01-01" }] }),
    );
    app.given_bassin("Bassin", json!([{ "territory": commune.id }]));

    for name in ["Exemple", "Autre"] {
        let works = json!({ "rpps": "10000000009", "works_for": [{ "organisation": union.id }] });
        app.given_person(&with(person(name), works));
        let erase = format!("{}/erase", app.given_person(&person("Effacé")).path);
        administrator
            .ask("POST", &erase)
            .if_match("*")
            .send()
            .is(200);
    }
    for name in ["Addictologie", "Diabète"] {
        let about = json!({ "territories": [{ "territory": epci.id }] });
        let network = app.given_network(&network_with(name, about));
        app.given_membership(&membership(&union, &network));
        app.given_at("/v1/bearers", &bearer(&network, &union));
        app.given_at("/v1/facilitations", &facilitation(&network, &union));
        app.given_at("/v1/objectives", &objective(&network));
        app.given_at("/v1/actions", &action(&network));
        app.given_at("/v1/poolings", &pooling(&network, &[&network, &union]));
        let network = app.under_the_article(&network);
        app.given_at("/v1/founding-texts", &charter(&network));
    }
    for names in [["MAIA", "DAC"], ["Réseau", "PTA"]] {
        let [before, after] = names.map(|name| app.given_network(&network(name)));
        app.given_membership(&membership(&union, &before));
        let succession = event("succession", &[&before], &[&after], "2022-07-01");
        app.given_at("/v1/lineage-events", &succession);
    }

    app.active(Role::Reader);
    let left = app.invited("Camille Exemple", Role::Coordinator).account;
    administrator
        .ask("POST", &format!("{}/revoke", left.path))
        .if_match(&left.etag)
        .send()
        .is(200);
    let made = administrator.post(
        "/v1/clients",
        &json!({ "name": "script", "token_scopes": ["read"] }),
    );
    let script = client_of(made.is(201));
    administrator
        .ask("POST", &format!("{}/revoke", script.path))
        .if_match(&script.etag)
        .send()
        .is(200);
    administrator
        .ask("POST", "/v1/organisations")
        .key("k")
        .json(&json!({ "kind": "association", "names": [{ "name": "Une fois" }] }))
        .send()
        .is(201);

    let early = app.now();
    app.advance_days(1);
    app.given_association("Le lendemain");
    app.by_operator(move |tx| changes::trim(tx, early)).unwrap();
    let Written {
        now,
        new_id,
        no_bytes,
        no,
        ..
    } = written(&app.base);
    app.base.sql(&format!(
        "INSERT INTO imports (id, type, state, mode, dry_run, source, request, process, asked_at, ended_at, progress, forgotten)
         VALUES ({new_id}, 'organisation', 'done', 'partial', {no}, 's', {no_bytes}, {new_id}, {now}, {now}, '{{}}', {no});
         INSERT INTO import_rows (import, number, line, error) SELECT id, 1, 2, '{{}}' FROM imports;
         INSERT INTO imported (type, source, key, id, digest, line, import)
         SELECT 'organisation', 's', 'k', organisations.id, {no_bytes}, 2, imports.id FROM organisations, imports LIMIT 1",
    ));
}

story! {
    fn a_base_that_holds_something_of_everything_agrees_with_itself(app) {
        something_of_everything(app);

        assert_eq!(app.base.faults(), []);
    }
}

/// Statements, each of which makes this wrong.
fn plants(base: &Base) -> Vec<(&'static str, &'static str, String)> {
    let Written {
        now,
        new_id: id,
        least_id,
        yes,
        ..
    } = written(base);
    let first = |table: &str| format!("(SELECT id FROM {table} ORDER BY id LIMIT 1)");
    let entry = "(SELECT max(position) FROM feed WHERE change <> 'reached')";
    let reached = "(SELECT max(position) FROM feed WHERE change = 'reached')";
    let moved =
        "(SELECT id FROM scope_members WHERE until_position IS NOT NULL ORDER BY id LIMIT 1)";
    let mut plants = vec![
        ("versions", "the version before it is missing", "DELETE FROM versions WHERE version = 1 AND id IN (SELECT id FROM versions WHERE version = 2)".to_owned()),
        ("versions", "the audit has no line of it", "DELETE FROM audit WHERE line = (SELECT max(line) FROM audit WHERE version_after IS NOT NULL)".to_owned()),
        ("versions", "the audit has several lines of it", format!(
            "INSERT INTO audit (at, action, type, id, version_after, request_id)
             SELECT {now}, 'create_organisation', 'organisation', id, 1, 'r' FROM organisations")),
        ("versions", "the feed has no entry of it", format!("DELETE FROM feed WHERE position = {entry}")),
        ("versions", "it has no position, or one although the feed does not tell of its type", "UPDATE versions SET position = 0 WHERE type = 'organisation'".to_owned()),
        ("versions", "it stands before the version before it", "UPDATE versions SET position = 1 WHERE version = 2 AND type = 'organisation'".to_owned()),
        ("versions", "it has a body although it tells of a deletion, or none although it does not", "UPDATE versions SET body = '{}' WHERE change = 'deleted'".to_owned()),
        ("versions", "it was folded, and nothing says where to", "DELETE FROM folded".to_owned()),
        ("feed", "the position before it is missing", format!("DELETE FROM feed WHERE position = {entry} - 1")),
        ("feed", "it stands where the feed was trimmed away", "UPDATE base SET floor_position = (SELECT max(position) FROM feed)".to_owned()),
        ("feed", "it is dated before the entry before it", format!("UPDATE feed SET at = (SELECT min(at) FROM versions) WHERE position = {entry}")),
        ("feed", "its version is not kept", format!("UPDATE feed SET version = 99 WHERE position = {entry}")),
        ("feed", "its version stands elsewhere", "UPDATE versions SET position = position + 1".to_owned()),
        ("feed", "no scope begins or ceases there to reach its record", format!("DELETE FROM scope_members WHERE id = (SELECT id FROM feed WHERE position = {reached})")),
        ("audit", "the version it tells of is not kept", "UPDATE audit SET version_after = 99 WHERE version_after = 1".to_owned()),
        ("audit", "the versions it tells of do not follow each other", "UPDATE audit SET version_before = 7 WHERE version_after = 1".to_owned()),
        ("audit", "its caller is not known", format!("UPDATE audit SET caller = {id}")),
        ("scope_members", "it ends before it begins", format!("UPDATE scope_members SET until_position = 0 WHERE id = {moved}")),
        ("scope_members", "it begins before the one before it ends", format!(
            "INSERT INTO scope_members (id, type, scope, from_position) SELECT id, type, scope, from_position + 1000 FROM scope_members WHERE until_position IS NULL AND id = {moved}")),
        ("scope_members", "the feed does not tell of its record where it begins", "UPDATE scope_members SET from_position = from_position + 999 WHERE from_position > 0".to_owned()),
        ("scope_members", "the feed does not tell of its record where it ends", format!("UPDATE scope_members SET until_position = 999 WHERE id = {moved}")),
        ("scope_members", "it reaches a record that is not there", "UPDATE scope_members SET until_position = NULL WHERE id IN (SELECT id FROM versions WHERE change = 'deleted')".to_owned()),
        ("scope_members", "they are not those of the record", "DELETE FROM scope_members WHERE until_position IS NULL AND from_position > 0".to_owned()),
        ("scope_members", "a scope over which a role is held does not reach its own root", "DELETE FROM scope_members WHERE from_position = 0".to_owned()),
        ("folded", "its newest version does not say that it was folded", "UPDATE folded SET version = 1".to_owned()),
        ("folded", "the record that stands for it never was", format!("UPDATE folded SET survivor = {id}")),
        ("folded", "its last state names another record", format!("UPDATE folded SET survivor = {}", first("organisations"))),
        ("lineage_changes", "the state in which its event left it is not kept", "UPDATE lineage_changes SET version = 99".to_owned()),
        ("fold_changes", "the states before and after it are not kept", "UPDATE fold_changes SET version = 99".to_owned()),
        ("told_apart", "one of the two never was", format!("DELETE FROM told_apart; INSERT INTO told_apart (one, other) SELECT {}, {}", least_id, first("organisations"))),
        ("callers", "nothing says who it is", "DELETE FROM clients".to_owned()),
        ("callers", "its rights are not those that it is given", "UPDATE callers SET rights = 'administrator@everything' WHERE kind = 'account'".to_owned()),
        ("held", "it ends before it begins", "UPDATE held SET until_version = from_version".to_owned()),
        ("held", "it is of a version of rights that never was", "UPDATE held SET from_version = from_version + 9".to_owned()),
        ("held", "it does not tell the rights of its caller", "DELETE FROM held".to_owned()),
        ("idempotent_answers", "it keeps no answer", "UPDATE idempotent_answers SET status = NULL".to_owned()),
        ("idempotent_answers", "the version that it answers is not kept", "UPDATE idempotent_answers SET version = 99".to_owned()),
        ("imported", "its record never was", format!("UPDATE imported SET id = {id}")),
        ("import_rows", "its import is said to be forgotten", format!("UPDATE imports SET forgotten = {yes}")),
        ("base", "the row that says what it is is missing", "DELETE FROM base".to_owned()),
        ("names", "they are not those of the record", "UPDATE names SET sort_key = 'x' WHERE type = 'territory'".to_owned()),
        ("names", "its record is not there", format!("INSERT INTO names (type, id, sort_key, position) VALUES ('organisation', {id}, 'x', 0)")),
        ("facets", "they are not those of the record", "DELETE FROM facets WHERE facet = 'identifier'".to_owned()),
        ("facets", "its record is not there", format!("INSERT INTO facets (type, facet, value, id) VALUES ('organisation', 'word', 'x', {id})")),
        ("spans", "they are not those of the record", "UPDATE spans SET starts_on = '2026-01-01'".to_owned()),
        ("spans", "its record is not there", format!("INSERT INTO spans (type, facet, value, id, position) VALUES ('network', 'state', 'active', {id}, 0)")),
        ("records", "its columns are not what its body says", "UPDATE records SET exists_from = '1999-01-01'".to_owned()),
        ("ties", "they are not those of the record", "UPDATE ties SET starts_on = '2026-01-01' WHERE starts_on IS NULL".to_owned()),
        ("ties", "a record that it ties is not there", format!("UPDATE ties SET target = {id}")),
        ("organisations", "its columns are not what its body says", "UPDATE organisations SET kind = 'public_body'".to_owned()),
        ("territories", "its columns are not what its body says", "UPDATE territories SET code = '30008' WHERE kind = 'commune'".to_owned()),
        ("territory_parts", "they are not those that the record says", "DELETE FROM territory_parts".to_owned()),
        ("territory_members", "they are not those that the record says", "DELETE FROM territory_members".to_owned()),
        ("clients", "its columns are not what its body says", "UPDATE clients SET revoked = NOT revoked".to_owned()),
        ("accounts", "its columns are not what its body says", "UPDATE accounts SET state = 'invited' WHERE state = 'active'".to_owned()),
        ("persons", "its columns are not what its body says", "UPDATE persons SET words = 'x'".to_owned()),
        ("grants", "its columns are not what its body says", "UPDATE grants SET role = 'funder'".to_owned()),
    ];
    plants.extend(plants_of_access(id, now));
    for of in ResourceType::ALL
        .iter()
        .filter(|of| **of != ResourceType::Subject)
    {
        let (named, of) = (of.collection(), of.code());
        let tables_of_their_own = ["organisation", "territory", "client", "account", "grant"];
        let (table, alike) = if tables_of_their_own.contains(&of) {
            (named, String::new())
        } else {
            ("records", format!("WHERE type = '{of}'"))
        };
        let first = format!("(SELECT id FROM {table} {alike} ORDER BY id LIMIT 1)");
        let of_first = format!("WHERE id = {first}");
        plants.extend([
            (named, "no version of it is kept", format!("DELETE FROM versions {of_first}")),
            (named, "its newest version is another", format!("UPDATE {table} SET version = version + 1 {of_first}")),
            (named, "its version says something else", format!("UPDATE versions SET body = '{{}}' {of_first}")),
            (named, "its newest version says that it is gone", format!(
                "UPDATE versions SET change = 'deleted' {of_first} AND version = (SELECT max(version) FROM versions {of_first})")),
            (named, "it cannot be read", format!("UPDATE {table} SET body = '{{}}' {of_first}")),
            (named, "its body is of another record or version", format!(
                "UPDATE {table} SET body = (SELECT body FROM {table} {alike} ORDER BY id DESC LIMIT 1) {of_first}")),
            (named, "what it says of a day is not what its body says", format!("UPDATE {table} SET acts = 'read_metrics' {of_first}")),
            ("versions", "its record is in no table", format!("DELETE FROM {table} {of_first}")),
        ]);
    }
    if base.engine() == Engine::Sqlite {
        plants.extend([
            (
                "sqlite",
                "the file is not sound",
                "PRAGMA ignore_check_constraints = 1; UPDATE organisations SET fictitious = 7"
                    .to_owned(),
            ),
            (
                "sqlite",
                "it names a row that is not there",
                format!("UPDATE territory_parts SET whole = {id}"),
            ),
        ]);
    }
    plants
}

/// The same for who calls, and what was once said.
fn plants_of_access(id: &str, now: &str) -> Vec<(&'static str, &'static str, String)> {
    let asked = "what every request asks of it is not what its record says";
    let found = "its columns are not what its body says";
    let past = "version = 1 AND EXISTS (SELECT 1 FROM versions AS v WHERE v.id = versions.id AND v.version = 2)";
    let plants = [
        (
            "callers",
            asked,
            format!("UPDATE callers SET revoked_at = {now} WHERE kind = 'client'"),
        ),
        (
            "callers",
            asked,
            "UPDATE callers SET token_scopes = NULL WHERE kind = 'client'".to_owned(),
        ),
        (
            "callers",
            asked,
            format!("UPDATE callers SET expires_at = {now} WHERE kind = 'account'"),
        ),
        (
            "callers",
            "it stands for anybody at all although it is not the first, or the first does not",
            "UPDATE callers SET kind = 'public' WHERE kind = 'client'".to_owned(),
        ),
        (
            "callers",
            "its rights are not those that it is given",
            "UPDATE callers SET rights = 'administrator@everything' WHERE kind = 'public'"
                .to_owned(),
        ),
        (
            "callers",
            "its rights are not those that it is given",
            "UPDATE grants SET role = 'nobody'".to_owned(),
        ),
        (
            "client_secrets",
            "how long its old secret is good is not what its record says, or it has none",
            format!("UPDATE client_secrets SET old_good_until = {now}"),
        ),
        (
            "client_secrets",
            "how long its old secret is good is not what its record says, or it has none",
            "DELETE FROM client_secrets".to_owned(),
        ),
        (
            "persons",
            found,
            "UPDATE persons SET name = NULL".to_owned(),
        ),
        (
            "identities",
            found,
            "DELETE FROM identities WHERE erased_at IS NULL".to_owned(),
        ),
        (
            "identities",
            "it cannot be read",
            "UPDATE identities SET family_name = ''".to_owned(),
        ),
        (
            "identities",
            "it was erased, and something is still known of it",
            "UPDATE identities SET rpps = '10000000009' WHERE erased_at IS NOT NULL".to_owned(),
        ),
        (
            "identities",
            "no record is of it",
            format!("INSERT INTO identities (id, family_name) VALUES ({id}, 'Personne')"),
        ),
        (
            "persons",
            "it was erased, and something is still known of it",
            format!("UPDATE persons SET erased_at = {now}"),
        ),
        (
            "persons",
            "no record is of it",
            format!("INSERT INTO persons (id, words, created_at) VALUES ({id}, '', {now})"),
        ),
        (
            "base",
            "the last day that was turned is yet to come",
            "UPDATE base SET turned_on = '9999-01-01'".to_owned(),
        ),
        (
            "ties",
            "it cannot be read",
            "UPDATE ties SET target_type = 'organization'".to_owned(),
        ),
        (
            "scope_members",
            "it cannot be read",
            "UPDATE scope_members SET scope = 'x' || scope WHERE until_position IS NULL".to_owned(),
        ),
        (
            "versions",
            "it cannot be read",
            format!("UPDATE versions SET body = '{{}}' WHERE {past}"),
        ),
        (
            "versions",
            "its body is of another record or version",
            format!(
                "UPDATE versions SET body = (SELECT body FROM versions AS v WHERE v.id = versions.id AND v.version = 2) WHERE {past} AND type = 'organisation'"
            ),
        ),
        (
            "audit",
            "it tells of what there is not",
            "UPDATE audit SET action = 'dance'".to_owned(),
        ),
        (
            "idempotent_answers",
            "it answers with what there is not",
            "UPDATE idempotent_answers SET status = 700".to_owned(),
        ),
        (
            "imported",
            "its import never was",
            format!("UPDATE imported SET import = {id}"),
        ),
    ];
    plants.into()
}

story! {
    fn every_fault_that_is_planted_is_found(app) {
        something_of_everything(app);
        let plants = plants(&app.base);

        for (table, wrong, statement) in &plants {
            let base = app.base.restored();
            base.damage(statement);

            let found = faults(&base);

            assert!(found.contains(&(*table, *wrong)), "{table}: {wrong}\n{statement}\n{found:?}");
        }

        let planted: BTreeSet<_> = plants.iter().map(|(table, wrong, _)| (*table, *wrong)).collect();
        let known = checking::kinds().into_iter().filter(|(table, _)| *table != "sqlite" || app.engine() == Engine::Sqlite);
        let unplanted: Vec<_> = known.filter(|kind| !planted.contains(kind)).collect();
        assert_eq!(unplanted, []);
    }
}
