//! The communes, EPCI, départements and régions of `data/geo` (see its README for source, vintage
//! and licence).

use std::collections::HashMap;

use csv::StringRecord;
use domain::territories::{Territory, TerritoryCode, TerritoryId, TerritoryKind, TerritoryPart};
use domain::values::{CodeList, Version};
use persistence::{Tx, territories};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::NotFilled;
use super::files::Keys;
use crate::territories::files::source_of;
use crate::territories::load::permit;

/// The vintage of the files.
const YEAR: i16 = 2026;

type Ids = HashMap<(TerritoryKind, String), TerritoryId>;

/// Records every territory of the files, wholes before their parts. The others call them by kind and code:
/// `commune:30007`.
pub(super) fn record_all(tx: &mut Tx, mut step: impl FnMut()) -> Result<Keys, NotFilled> {
    let files = [
        (
            TerritoryKind::Region,
            "regions.csv",
            include_str!("../../data/geo/regions.csv"),
        ),
        (
            TerritoryKind::Departement,
            "departements.csv",
            include_str!("../../data/geo/departements.csv"),
        ),
        (
            TerritoryKind::Epci,
            "epci.csv",
            include_str!("../../data/geo/epci.csv"),
        ),
        (
            TerritoryKind::Commune,
            "communes.csv",
            include_str!("../../data/geo/communes.csv"),
        ),
    ];
    let permit = permit()?;
    let mut ids = Ids::new();
    for (kind, name, text) in files {
        let mut file = csv::Reader::from_reader(text.as_bytes());
        let unreadable = |why: String| NotFilled::Unreadable(name.to_owned(), why);
        let headers = file
            .headers()
            .map_err(|error| unreadable(error.to_string()))?
            .clone();
        for line in file.records() {
            let line = line.map_err(|error| unreadable(error.to_string()))?;
            let territory = territory(kind, &headers, &line, &ids).map_err(unreadable)?;
            let code = territory.code.as_ref().map_or("", TerritoryCode::as_str);
            ids.insert((kind, code.to_owned()), territory.id);
            territories::insert(tx, &permit, &territory)?;
            step();
        }
    }
    let keys = ids.into_iter();
    Ok(keys
        .map(|((kind, code), id)| (format!("{kind}:{code}"), id.uuid()))
        .collect())
}

/// The territory that a line says, read like anything else that comes from outside.
fn territory(
    kind: TerritoryKind,
    headers: &StringRecord,
    line: &StringRecord,
    ids: &Ids,
) -> Result<Territory, String> {
    let column = |name: &str| {
        let at = headers.iter().position(|header| header == name)?;
        line.get(at).filter(|value| !value.is_empty())
    };
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(Uuid::now_v7()));
    members.insert("version".to_owned(), json!(Version::FIRST));
    members.insert("kind".to_owned(), json!(kind));
    members.insert("code".to_owned(), json!(column("code").or(column("siren"))));
    members.insert("names".to_owned(), json!([{ "name": column("name") }]));
    members.insert("form".to_owned(), json!(column("type")));
    members.insert("siren".to_owned(), json!(column("siren")));
    let postcodes = column("postcodes")
        .unwrap_or_default()
        .split('|')
        .filter(|code| !code.is_empty());
    members.insert("postcodes".to_owned(), postcodes.collect());
    members.insert(
        "population".to_owned(),
        json!(column("population").and_then(|text| text.parse::<u32>().ok())),
    );
    let wholes = [
        (TerritoryKind::Region, column("region")),
        (TerritoryKind::Departement, column("departement")),
        (TerritoryKind::Epci, column("epci")),
    ];
    members.insert("part_of".to_owned(), json!(part_of(&wholes, ids)?));
    members.insert("attested_on".to_owned(), json!(format!("{YEAR}-01-01")));
    let source = source_of(YEAR, false).map_err(|error| error.to_string())?;
    members.insert("source".to_owned(), json!(source));
    serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())
}

/// The links to wholes. The files hold the state of one day and no day of change, so none is given.
fn part_of(
    wholes: &[(TerritoryKind, Option<&str>)],
    ids: &Ids,
) -> Result<Vec<TerritoryPart>, String> {
    let mut parts = Vec::new();
    for (kind, code) in wholes {
        let Some(code) = code else { continue };
        let whole = ids
            .get(&(*kind, (*code).to_owned()))
            .ok_or_else(|| format!("no {} {code}", kind.code()))?;
        parts.push(TerritoryPart::from(*whole, *kind, None));
    }
    Ok(parts)
}
