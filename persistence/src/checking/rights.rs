//! Whether callers hold what their grants and their issuer give them.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::{CallerId, CallerKind, Held, Role, Scope};
use domain::values::{CodeList, Date, ValueError};

use super::{AT_ONCE, Finding, Tell};
use crate::columns::Key;
use crate::connection::{Begin, on_engine};
use crate::schema::{callers, held, scope_members};
use crate::{Db, Fault, callers as rights, scopes};

const OTHERS: &str = "its rights are not those that it is given";
const UNTOLD: &str = "it does not tell the rights of its caller";
const ROOTLESS: &str = "a scope over which a role is held does not reach its own root";

pub(super) const KINDS: &[(&str, &str)] = &[
    ("callers", OTHERS),
    ("held", UNTOLD),
    ("scope_members", ROOTLESS),
];

pub(super) fn check(db: &mut Db, today: Date, tell: Tell) -> Result<(), Fault> {
    let mut after = Some(None);
    while let Some(last) = after {
        db.begin(Begin::Snapshot)?;
        let day = scopes::turned_on(db)?.unwrap_or(today);
        let page: Vec<(Key, String, String)> = on_engine!(db, |conn: Backend| {
            let mut page = callers::table.into_boxed::<Backend>();
            if let Some(last) = last {
                page = page.filter(callers::id.gt(last));
            }
            page.order(callers::id)
                .limit(AT_ONCE)
                .select((callers::id, callers::kind, callers::rights))
                .load(conn)
        })?;
        after = page.last().map(|row| Some(row.0));
        for (id, kind, kept) in page {
            let kept: BTreeSet<String> = kept.split_whitespace().map(str::to_owned).collect();
            // What cannot be read gives nothing, which is not what is kept.
            let given = match given(db, id, &kind, day) {
                Err(Fault::CorruptRow { .. }) => None,
                given => Some(given?),
            };
            for (table, wrong) in wrong(db, id, &kept, given.as_ref())? {
                let id = id.0.to_string();
                tell(Finding { table, id, wrong });
            }
        }
        db.roll_back()?;
    }
    Ok(())
}

/// What a caller is given; the one who stands for anybody at all has no grants.
fn given(db: &mut Db, caller: Key, kind: &str, day: Date) -> Result<BTreeSet<String>, Fault> {
    if kind == CallerKind::Public.code() {
        let (role, scope) = (Role::Public, Scope::Everything);
        return Ok(BTreeSet::from([Held { role, scope }.to_string()]));
    }
    rights::given(db, CallerId::new(caller.0), day)
}

fn wrong(
    db: &mut Db,
    caller: Key,
    kept: &BTreeSet<String>,
    given: Option<&BTreeSet<String>>,
) -> Result<Vec<(&'static str, &'static str)>, Fault> {
    let mut found = Vec::new();
    if given != Some(kept) {
        found.push(("callers", OTHERS));
    }
    let told: Vec<String> = on_engine!(db, |conn| held::table
        .filter(held::caller.eq(caller))
        .filter(held::until_version.is_null())
        .select(held::word)
        .load(conn))?;
    if told.into_iter().collect::<BTreeSet<_>>() != *kept {
        found.push(("held", UNTOLD));
    }
    let roots = kept.iter().filter_map(|word| {
        let held: Result<Held, ValueError> = word.parse();
        held.ok().map(|held| held.scope)
    });
    for scope in roots.filter(|scope| *scope != Scope::Everything) {
        let Some(root) = scope.root() else { continue };
        let reached = scope_members::table.find((Key(root), scope.to_string(), 0_i64));
        let open: Option<Option<i64>> = on_engine!(db, |conn| reached
            .select(scope_members::until_position)
            .get_result(conn)
            .optional())?;
        if open != Some(None) {
            found.push(("scope_members", ROOTLESS));
        }
    }
    Ok(found)
}
