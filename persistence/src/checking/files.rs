//! Whether the file itself is sound. PostgreSQL watches over its own: `pg_amcheck`, `pg_checksums`.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{AT_ONCE, Finding, Tell};
use crate::connection::Engine;
use crate::{Db, Fault};

const UNSOUND: &str = "the file is not sound";
const DANGLING: &str = "it names a row that is not there";

pub(super) const KINDS: &[(&str, &str)] = &[("sqlite", UNSOUND), ("sqlite", DANGLING)];

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

pub(super) fn check(db: &mut Db, tell: Tell) -> Result<(), Fault> {
    let Engine::Sqlite(conn) = &mut db.engine else {
        return Ok(());
    };
    let sound = "SELECT integrity_check AS told FROM pragma_integrity_check".to_owned();
    let dangling = format!(
        "SELECT \"table\" || ' ' || coalesce(rowid, '') || ' ' || parent AS told FROM pragma_foreign_key_check LIMIT {AT_ONCE}"
    );
    for (wrong, asked) in [(UNSOUND, sound), (DANGLING, dangling)] {
        let rows: Vec<Told> = diesel::sql_query(asked).load(conn)?;
        for Told { told } in rows.into_iter().filter(|row| row.told != "ok") {
            tell(Finding {
                table: "sqlite",
                id: told,
                wrong,
            });
        }
    }
    Ok(())
}
