//! What one query can tell: which rows break a rule that holds between tables.
//!
//! These are the only queries written as SQL, which is the same for both engines: each is a rule to be
//! read as a sentence, and none is ever part of another.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use domain::access::{Action, CallerKind};
use domain::records::{ChangeKind, ResourceType};
use domain::values::CodeList;

use super::{AT_ONCE, Finding, Tell};
use crate::columns::{Key, sql};
use crate::connection::on_engine;
use crate::transaction::REACHED;
use crate::{Db, Fault, records};

/// A rule, with the query that gives the rows that break it: an `id`, a number `n` and a word `w` that tell the
/// row apart.
pub(super) struct Rule {
    pub(super) table: &'static str,
    pub(super) wrong: &'static str,
    broken_by: String,
}

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Nullable<sql::Key>)]
    id: Option<Key>,
    #[diesel(sql_type = Nullable<BigInt>)]
    n: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    w: Option<String>,
}

pub(super) fn check(db: &mut Db, tell: Tell) -> Result<(), Fault> {
    for rule in all() {
        let first = format!(
            "SELECT id, CAST(n AS bigint) AS n, CAST(w AS text) AS w FROM ({}) AS broken LIMIT {AT_ONCE}",
            rule.broken_by
        );
        let rows: Vec<Broken> = on_engine!(db, |conn| diesel::sql_query(first).load(conn))?;
        for row in rows {
            let parts = [
                row.id.map(|id| id.0.to_string()),
                row.n.map(|n| n.to_string()),
                row.w,
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            tell(Finding {
                table: rule.table,
                id: parts.join(" "),
                wrong: rule.wrong,
            });
        }
    }
    Ok(())
}

/// Every rule.
pub(super) fn all() -> Vec<Rule> {
    let mut rules = Vec::new();
    rules.extend(of_versions());
    rules.extend(of_the_feed());
    rules.extend(of_the_audit());
    rules.extend(of_scopes());
    rules.extend(of_folds());
    rules.extend(of_callers());
    rules.extend(of_what_is_kept());
    for of in ResourceType::ALL.iter().filter(|of| is_kept_whole(**of)) {
        rules.extend(of_records(*of));
    }
    rules
}

/// Whether such records have a table of their own, each with its body.
pub(super) fn is_kept_whole(of: ResourceType) -> bool {
    of != ResourceType::Subject
}

fn rule(table: &'static str, wrong: &'static str, broken_by: impl Into<String>) -> Rule {
    Rule {
        table,
        wrong,
        broken_by: broken_by.into(),
    }
}

/// Codes as a list of SQL.
fn listed(codes: impl Iterator<Item = &'static str>) -> String {
    let quoted: Vec<String> = codes.map(|code| format!("'{code}'")).collect();
    format!("({})", quoted.join(", "))
}

/// Types of which the feed tells.
fn told() -> String {
    let told = ResourceType::ALL.iter().filter(|of| of.is_in_feed());
    listed(told.map(|of| of.code()))
}

/// Changes after which a record is there no longer.
fn finals() -> String {
    let finals = ChangeKind::ALL.iter().filter(|change| change.is_final());
    listed(finals.map(|change| change.code()))
}

const FLOOR: &str = "(SELECT floor_position FROM base)";

const IS_NEWEST: &str =
    "v.version = (SELECT max(version) FROM versions AS newest WHERE newest.id = v.id)";

/// Where the records of a type are kept.
fn rows_of(of: ResourceType) -> String {
    if records::holds(of) {
        let of = of.code();
        format!("(SELECT id, version, body FROM records WHERE type = '{of}')")
    } else {
        of.collection().to_owned()
    }
}

/// What holds between the records of a type and their versions.
fn of_records(of: ResourceType) -> Vec<Rule> {
    let (table, rows, of, finals) = (of.collection(), rows_of(of), of.code(), finals());
    let mut rules = vec![
        rule(
            table,
            "no version of it is kept",
            format!(
                "SELECT id, version AS n, NULL AS w FROM {rows} AS t WHERE NOT EXISTS
                (SELECT 1 FROM versions AS v WHERE v.id = t.id AND v.type = '{of}')"
            ),
        ),
        rule(
            table,
            "its newest version is another",
            format!(
                "SELECT id, version AS n, NULL AS w FROM {rows} AS t
                WHERE version <> (SELECT max(version) FROM versions AS v WHERE v.id = t.id)"
            ),
        ),
        rule(
            table,
            "its version says something else",
            format!(
                "SELECT t.id, t.version AS n, NULL AS w FROM {rows} AS t
                JOIN versions AS v ON v.id = t.id AND v.version = t.version
                WHERE v.type <> '{of}' OR v.body IS NULL OR CAST(v.body AS text) <> CAST(t.body AS text)"
            ),
        ),
        rule(
            table,
            "its newest version says that it is gone",
            format!(
                "SELECT t.id, t.version AS n, NULL AS w FROM {rows} AS t JOIN versions AS v ON v.id = t.id
                WHERE v.change IN {finals} AND {IS_NEWEST}"
            ),
        ),
        rule(
            "versions",
            "its record is in no table",
            format!(
                "SELECT id, version AS n, type AS w FROM versions AS v
                WHERE type = '{of}' AND change NOT IN {finals} AND {IS_NEWEST}
                AND NOT EXISTS (SELECT 1 FROM {rows} AS t WHERE t.id = v.id)"
            ),
        ),
        rule(
            "scope_members",
            "it reaches a record that is not there",
            format!(
                "SELECT id, from_position AS n, scope AS w FROM scope_members AS m WHERE type = '{of}'
                AND until_position IS NULL AND from_position > 0
                AND NOT EXISTS (SELECT 1 FROM {rows} AS t WHERE t.id = m.id)"
            ),
        ),
    ];
    for index in ["names", "facets", "spans"] {
        rules.push(rule(
            index,
            "its record is not there",
            format!(
                "SELECT DISTINCT id, NULL AS n, NULL AS w FROM {index} AS i WHERE type = '{of}'
                AND NOT EXISTS (SELECT 1 FROM {rows} AS t WHERE t.id = i.id)"
            ),
        ));
    }
    for end in ["tied", "target"] {
        rules.push(rule(
            "ties",
            "a record that it ties is not there",
            format!(
                "SELECT source AS id, position AS n, kind AS w FROM ties AS i WHERE {end}_type = '{of}'
                AND NOT EXISTS (SELECT 1 FROM {rows} AS t WHERE t.id = i.{end})"
            ),
        ));
    }
    rules
}

/// What holds between versions, and between them, the feed and the audit.
fn of_versions() -> Vec<Rule> {
    let (told, deleted) = (told(), ChangeKind::Deleted.code());
    vec![
        rule(
            "versions",
            "the version before it is missing",
            "SELECT id, version AS n, NULL AS w FROM versions AS v WHERE version > 1 AND NOT EXISTS
            (SELECT 1 FROM versions AS b WHERE b.id = v.id AND b.version = v.version - 1 AND b.type = v.type)",
        ),
        rule(
            "versions",
            "the audit has no line of it",
            "SELECT id, version AS n, NULL AS w FROM versions AS v WHERE NOT EXISTS
            (SELECT 1 FROM audit AS a WHERE a.id = v.id AND a.version_after = v.version AND a.type = v.type)",
        ),
        rule(
            "versions",
            "the audit has several lines of it",
            "SELECT id, version AS n, NULL AS w FROM versions AS v WHERE 1 <
            (SELECT count(*) FROM audit AS a WHERE a.id = v.id AND a.version_after = v.version)",
        ),
        rule(
            "versions",
            "the feed has no entry of it",
            format!(
                "SELECT id, version AS n, NULL AS w FROM versions AS v
                WHERE type IN {told} AND position > {FLOOR} AND NOT EXISTS
                (SELECT 1 FROM feed AS f WHERE f.position = v.position AND f.id = v.id AND f.version = v.version
                AND f.type = v.type AND f.change = v.change AND f.at = v.at)"
            ),
        ),
        rule(
            "versions",
            "it has no position, or one although the feed does not tell of its type",
            format!(
                "SELECT id, version AS n, NULL AS w FROM versions
                WHERE (type IN {told} AND position < 1) OR (type NOT IN {told} AND position <> 0)"
            ),
        ),
        rule(
            "versions",
            "it stands before the version before it",
            format!(
                "SELECT v.id, v.version AS n, NULL AS w FROM versions AS v
                JOIN versions AS b ON b.id = v.id AND b.version = v.version - 1
                WHERE v.type IN {told} AND v.position <= b.position"
            ),
        ),
        rule(
            "versions",
            "it has a body although it tells of a deletion, or none although it does not",
            format!(
                "SELECT id, version AS n, NULL AS w FROM versions
                WHERE (change = '{deleted}' AND body IS NOT NULL) OR (change <> '{deleted}' AND body IS NULL)"
            ),
        ),
    ]
}

fn of_the_feed() -> Vec<Rule> {
    vec![
        rule(
            "feed",
            "the position before it is missing",
            format!(
                "SELECT id, position AS n, NULL AS w FROM feed AS f WHERE position > {FLOOR} + 1
                AND NOT EXISTS (SELECT 1 FROM feed AS b WHERE b.position = f.position - 1)"
            ),
        ),
        rule(
            "feed",
            "it stands where the feed was trimmed away",
            format!("SELECT id, position AS n, NULL AS w FROM feed WHERE position <= {FLOOR}"),
        ),
        rule(
            "feed",
            "it is dated before the entry before it",
            "SELECT f.id, f.position AS n, NULL AS w FROM feed AS f
            JOIN feed AS b ON b.position = f.position - 1 WHERE f.at < b.at",
        ),
        rule(
            "feed",
            "its version is not kept",
            "SELECT id, position AS n, NULL AS w FROM feed AS f WHERE NOT EXISTS
            (SELECT 1 FROM versions AS v WHERE v.id = f.id AND v.version = f.version AND v.type = f.type)",
        ),
        rule(
            "feed",
            "its version stands elsewhere",
            format!(
                "SELECT f.id, f.position AS n, NULL AS w FROM feed AS f
                JOIN versions AS v ON v.id = f.id AND v.version = f.version
                WHERE f.change <> '{REACHED}' AND v.position <> f.position"
            ),
        ),
        rule(
            "feed",
            "no scope begins or ceases there to reach its record",
            format!(
                "SELECT id, position AS n, NULL AS w FROM feed AS f WHERE change = '{REACHED}' AND NOT EXISTS
                (SELECT 1 FROM scope_members AS m WHERE m.id = f.id
                AND (m.from_position = f.position OR m.until_position = f.position))"
            ),
        ),
    ]
}

fn of_the_audit() -> Vec<Rule> {
    vec![
        rule(
            "audit",
            "the version it tells of is not kept",
            "SELECT id, line AS n, NULL AS w FROM audit AS a WHERE version_after IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM versions AS v WHERE v.id = a.id AND v.version = a.version_after AND v.type = a.type)",
        ),
        rule(
            "audit",
            "the versions it tells of do not follow each other",
            "SELECT id, line AS n, NULL AS w FROM audit
            WHERE COALESCE(version_before, 0) <> COALESCE(version_after, 1) - 1",
        ),
        rule(
            "audit",
            "its caller is not known",
            "SELECT id, line AS n, NULL AS w FROM audit AS a WHERE caller IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM callers AS c WHERE c.id = a.caller)",
        ),
    ]
}

/// What holds of the spans during which a scope reaches a record.
fn of_scopes() -> Vec<Rule> {
    vec![
        rule(
            "scope_members",
            "it ends before it begins",
            "SELECT id, from_position AS n, scope AS w FROM scope_members WHERE until_position <= from_position",
        ),
        rule(
            "scope_members",
            "it begins before the one before it ends",
            "SELECT m.id, m.from_position AS n, m.scope AS w FROM scope_members AS m
            JOIN scope_members AS b ON b.id = m.id AND b.scope = m.scope AND b.from_position < m.from_position
            WHERE b.until_position IS NULL OR b.until_position > m.from_position",
        ),
        rule(
            "scope_members",
            "the feed does not tell of its record where it begins",
            format!(
                "SELECT id, from_position AS n, scope AS w FROM scope_members AS m WHERE from_position > {FLOOR}
                AND NOT EXISTS (SELECT 1 FROM feed AS f WHERE f.position = m.from_position AND f.id = m.id)"
            ),
        ),
        rule(
            "scope_members",
            "the feed does not tell of its record where it ends",
            format!(
                "SELECT id, until_position AS n, scope AS w FROM scope_members AS m WHERE until_position > {FLOOR}
                AND NOT EXISTS (SELECT 1 FROM feed AS f WHERE f.position = m.until_position AND f.id = m.id)"
            ),
        ),
    ]
}

fn of_folds() -> Vec<Rule> {
    let duplicate = ChangeKind::Duplicate.code();
    vec![
        rule(
            "folded",
            "its newest version does not say that it was folded",
            format!(
                "SELECT id, version AS n, NULL AS w FROM folded AS f WHERE NOT EXISTS
                (SELECT 1 FROM versions AS v WHERE v.id = f.id AND v.version = f.version AND v.type = f.type
                AND v.change = '{duplicate}' AND {IS_NEWEST})"
            ),
        ),
        rule(
            "folded",
            "the record that stands for it never was",
            "SELECT id, version AS n, NULL AS w FROM folded AS f WHERE NOT EXISTS
            (SELECT 1 FROM versions AS v WHERE v.id = f.survivor AND v.type = f.type)",
        ),
        rule(
            "versions",
            "it was folded, and nothing says where to",
            format!(
                "SELECT id, version AS n, NULL AS w FROM versions AS v WHERE change = '{duplicate}' AND {IS_NEWEST}
                AND NOT EXISTS (SELECT 1 FROM folded AS f WHERE f.id = v.id)"
            ),
        ),
        rule(
            "fold_changes",
            "the states before and after it are not kept",
            "SELECT id, version AS n, NULL AS w FROM fold_changes AS c WHERE 2 <>
            (SELECT count(*) FROM versions AS v WHERE v.id = c.id AND v.version IN (c.version, c.version - 1))",
        ),
        rule(
            "lineage_changes",
            "the state in which its event left it is not kept",
            "SELECT id, version AS n, NULL AS w FROM lineage_changes AS c WHERE NOT EXISTS
            (SELECT 1 FROM versions AS v WHERE v.id = c.id AND v.version = c.version)",
        ),
        rule(
            "told_apart",
            "one of the two never was",
            "SELECT one AS id, NULL AS n, NULL AS w FROM told_apart AS t
            WHERE NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.id = t.one)
            OR NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.id = t.other)",
        ),
    ]
}

fn of_callers() -> Vec<Rule> {
    let of_kind = |kind: &str, table: &str, id: &str| {
        format!(
            "SELECT id, NULL AS n, kind AS w FROM callers AS c WHERE kind = '{kind}'
            AND NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{id} = c.id)"
        )
    };
    let unknown = [
        of_kind("client", "clients", "id"),
        of_kind("account", "accounts", "id"),
        of_kind("subject", "subjects", "caller"),
    ];
    let public = CallerKind::Public.code();
    vec![
        rule("callers", "nothing says who it is", unknown.join(" UNION ALL ")),
        rule(
            "callers",
            "it stands for anybody at all although it is not the first, or the first does not",
            format!(
                "SELECT id, NULL AS n, kind AS w FROM callers
                WHERE (kind = '{public}') <> (id = (SELECT id FROM callers ORDER BY id LIMIT 1))"
            ),
        ),
        rule(
            "persons",
            "it was erased, and something is still known of it",
            "SELECT id, NULL AS n, NULL AS w FROM persons WHERE erased_at IS NOT NULL
            AND (name IS NOT NULL OR email IS NOT NULL OR email_key IS NOT NULL OR words <> '')",
        ),
        rule(
            "persons",
            "no record is of it",
            "SELECT id, NULL AS n, NULL AS w FROM persons AS p
            WHERE NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.person = p.id)",
        ),
        rule(
            "identities",
            "it was erased, and something is still known of it",
            "SELECT id, NULL AS n, NULL AS w FROM identities WHERE erased_at IS NOT NULL
            AND (given_name IS NOT NULL OR rpps IS NOT NULL OR email IS NOT NULL OR phone IS NOT NULL
            OR family_name NOT LIKE 'Personne effacée %')",
        ),
        rule(
            "identities",
            "no record is of it",
            "SELECT id, NULL AS n, NULL AS w FROM identities AS i WHERE erased_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM records AS r WHERE r.id = i.id AND r.type = 'person')",
        ),
        rule(
            "held",
            "it ends before it begins",
            "SELECT caller AS id, from_version AS n, word AS w FROM held WHERE until_version <= from_version",
        ),
        rule(
            "held",
            "it is of a version of rights that never was",
            "SELECT h.caller AS id, h.from_version AS n, h.word AS w FROM held AS h JOIN callers AS c ON c.id = h.caller
            WHERE h.from_version > c.rights_version OR h.until_version > c.rights_version",
        ),
    ]
}

/// What holds of what is kept for requests that come again, of imports, and of the base itself.
fn of_what_is_kept() -> Vec<Rule> {
    let actions = listed(Action::ALL.iter().map(|action| action.code()));
    let types = listed(ResourceType::ALL.iter().map(|of| of.code()));
    vec![
        rule(
            "idempotent_answers",
            "it keeps no answer",
            "SELECT caller AS id, NULL AS n, key AS w FROM idempotent_answers
            WHERE action IS NULL OR status IS NULL OR type IS NULL OR id IS NULL OR version IS NULL",
        ),
        rule(
            "idempotent_answers",
            "the version that it answers is not kept",
            "SELECT caller AS id, NULL AS n, key AS w FROM idempotent_answers AS i WHERE version IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM versions AS v WHERE v.id = i.id AND v.version = i.version AND v.type = i.type)",
        ),
        rule(
            "idempotent_answers",
            "it answers with what there is not",
            format!(
                "SELECT caller AS id, NULL AS n, key AS w FROM idempotent_answers
                WHERE action NOT IN {actions} OR type NOT IN {types} OR status NOT BETWEEN 200 AND 299"
            ),
        ),
        rule(
            "audit",
            "it tells of what there is not",
            format!(
                "SELECT id, line AS n, action AS w FROM audit WHERE action NOT IN {actions} OR type NOT IN {types}"
            ),
        ),
        rule(
            "imported",
            "its import never was",
            "SELECT id, line AS n, source AS w FROM imported AS i
            WHERE NOT EXISTS (SELECT 1 FROM imports AS j WHERE j.id = i.import)",
        ),
        rule(
            "imported",
            "its record never was",
            "SELECT id, line AS n, source AS w FROM imported AS i
            WHERE NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.id = i.id AND v.type = i.type)",
        ),
        rule(
            "import_rows",
            "its import is said to be forgotten",
            "SELECT r.import AS id, r.number AS n, NULL AS w FROM import_rows AS r
            JOIN imports AS i ON i.id = r.import WHERE i.forgotten",
        ),
        rule(
            "base",
            "the row that says what it is is missing",
            "SELECT NULL AS id, NULL AS n, NULL AS w WHERE NOT EXISTS (SELECT 1 FROM base)",
        ),
    ]
}
