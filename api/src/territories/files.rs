//! Reference lists as their publishers write them: the JSON of Etalab's « découpage administratif »
//! and the CSV of priority districts. Which list a file is, is seen from what it holds.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use domain::territories::{
    ChangeDays, Entry, EpciForm, Key, QpvList, TerritoryCode, TerritoryKind, Vintage, qpv_code,
};
use domain::values::{CodeList, Date, InseeCode, Label, Postcode, Siren, ValueError, fold};
use serde::Deserialize;

use crate::imports::table::{Table, Unreadable};

/// What is asked of an import of reference lists.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The year of the lists: they say what was true on its 1 January.
    pub year: i16,
    /// The days of the changes since the vintage before, as far as they are known.
    pub days: ChangeDays,
    /// Where the lists come from; told from the year when left out.
    pub source: Option<Label>,
}

/// A list that a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Communes, and the former ones within them.
    Communes,
    /// EPCI with their members.
    Epci,
    /// Départements.
    Departements,
    /// Régions.
    Regions,
    /// Priority districts.
    Qpv,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not JSON, or its JSON ends too early.
    #[error("it is not a list in JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is no table.
    #[error("it is not a list in CSV: {0}")]
    NotCsv(#[from] Unreadable),
    /// It is none of the lists that are known.
    #[error(
        "it is none of communes.json, epci.json, departements.json, regions.json of \
         @etalab/decoupage-administratif, nor a CSV with the columns code_qp, lib_qp, insee_com"
    )]
    Unknown,
    /// It is a list of priority districts, and none was made in that year.
    #[error("there is no list of priority districts of {0}: they are of 2015 and of 2024")]
    NoListOfYear(i16),
    /// Lists of communes and of priority districts do not share a year.
    #[error("priority districts are loaded apart from the other lists")]
    Together,
    /// The same list was given twice.
    #[error("this list was given already, as another file")]
    Twice,
    /// A value of one entry is not what it should be.
    #[error("{at}: {column} {given:?} is refused: {}", told(error))]
    Value {
        /// Which entry, as the file counts: `entry 12` of a list, `line 12` of a table.
        at: String,
        /// The name of the value in the file.
        column: &'static str,
        /// What stands there.
        given: String,
        /// Why it is refused.
        error: ValueError,
    },
    /// A row of a table cannot be read.
    #[error("line {0} cannot be read")]
    Row(u64),
    /// The year is outside the calendar.
    #[error("no such year")]
    Year(#[from] ValueError),
}

fn told(error: &ValueError) -> String {
    match error {
        ValueError::Format { expected } => format!("{} ({expected})", error.code()),
        _ => error.code().to_owned(),
    }
}

/// A file that is read, or not.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct NotTaken {
    /// The file, as it was named.
    pub file: String,
    /// Why it is not taken.
    pub why: NotRead,
}

/// Reads some files of one vintage.
///
/// Refused when a file is none of the lists, holds a bad value, or when a list is given twice.
pub fn read<R: Read + Seek>(
    files: impl IntoIterator<Item = (String, R)>,
    asked: &Asked,
) -> Result<Vintage, NotTaken> {
    let mut lists: BTreeMap<List, String> = BTreeMap::new();
    let (mut entries, mut members) = (Vec::new(), Vec::new());
    let mut last = String::new();
    for (file, content) in files {
        let not_taken = |why| NotTaken {
            file: file.clone(),
            why,
        };
        let taken = list_of(content, asked.year).map_err(not_taken)?;
        if lists.insert(taken.list, file.clone()).is_some() {
            return Err(not_taken(NotRead::Twice));
        }
        if lists.contains_key(&List::Qpv) && lists.len() > 1 {
            return Err(not_taken(NotRead::Together));
        }
        entries.extend(taken.entries);
        members.extend(taken.members);
        last = file;
    }
    let attested_on = Date::new(asked.year, 1, 1).map_err(|error| NotTaken {
        file: last.clone(),
        why: error.into(),
    })?;
    let source = match &asked.source {
        Some(source) => source.clone(),
        None => {
            source_of(asked.year, lists.contains_key(&List::Qpv)).map_err(|error| NotTaken {
                file: last.clone(),
                why: error.into(),
            })?
        }
    };
    Ok(Vintage {
        attested_on,
        source,
        days: asked.days.clone(),
        entries,
        members,
    })
}

/// Who publishes the lists of a year.
pub fn source_of(year: i16, districts: bool) -> Result<Label, ValueError> {
    Label::parse(&if districts {
        format!("ANCT, quartiers prioritaires de la politique de la ville, {year}")
    } else {
        format!("INSEE (COG {year}) et DGCL, par Etalab (@etalab/decoupage-administratif)")
    })
}

/// A list with what it says.
struct Taken {
    list: List,
    entries: Vec<Entry>,
    members: Vec<(Key, Key)>,
}

fn list_of<R: Read + Seek>(mut content: R, year: i16) -> Result<Taken, NotRead> {
    let mut beginning = [0; 64];
    let read = content.read(&mut beginning)?;
    content.seek(SeekFrom::Start(0))?;
    let beginning = beginning.get(..read).unwrap_or_default();
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'[' | b'{')) {
        of_etalab(serde_json::from_reader(BufReader::new(content))?)
    } else {
        districts(Table::open(content)?, year)
    }
}

/// One entry of any of Etalab's lists; what a list does not say of it is absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    code: Option<String>,
    nom: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    chef_lieu: Option<String>,
    commune: Option<String>,
    departement: Option<String>,
    region: Option<String>,
    siren: Option<String>,
    #[serde(default)]
    codes_postaux: Vec<String>,
    population: Option<u32>,
    #[serde(default)]
    anciens_codes: Vec<String>,
    membres: Option<Vec<Member>>,
}

#[derive(Deserialize)]
struct Member {
    code: String,
}

impl Item {
    /// Which list such an entry stands in.
    fn list(&self) -> Option<List> {
        let kind = self.kind.as_deref();
        match (&self.membres, kind, &self.departement, &self.region) {
            // An établissement public territorial is no EPCI with its own taxes.
            (Some(_), Some("EPT"), _, _) => None,
            (Some(_), Some(_), _, _) => Some(List::Epci),
            (None, Some(kind), Some(_), _) if kind_of(kind).is_some() => Some(List::Communes),
            (None, None, None, Some(_)) => Some(List::Departements),
            (None, None, None, None) if self.chef_lieu.is_some() => Some(List::Regions),
            _ => None,
        }
    }
}

fn kind_of(kind: &str) -> Option<TerritoryKind> {
    match kind {
        "commune-actuelle" => Some(TerritoryKind::Commune),
        "commune-deleguee" => Some(TerritoryKind::CommuneDeleguee),
        "commune-associee" => Some(TerritoryKind::CommuneAssociee),
        "arrondissement-municipal" => Some(TerritoryKind::ArrondissementMunicipal),
        _ => None,
    }
}

fn of_etalab(items: Vec<Item>) -> Result<Taken, NotRead> {
    let list = items.first().and_then(Item::list).ok_or(NotRead::Unknown)?;
    let (mut entries, mut members) = (Vec::with_capacity(items.len()), Vec::new());
    for (i, item) in items.into_iter().enumerate() {
        if item.list() != Some(list) {
            return Err(NotRead::Unknown);
        }
        let at = Place::Entry(i);
        let entry = entry(list, &item, at)?;
        for member in item.membres.into_iter().flatten() {
            let commune = at.read("membres.code", &member.code, commune_key)?;
            members.push((commune, entry.key.clone()));
        }
        entries.push(entry);
    }
    Ok(Taken {
        list,
        entries,
        members,
    })
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place {
    Entry(usize),
    Line(u64),
}

impl Place {
    fn read<T>(
        self,
        column: &'static str,
        given: &str,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Result<T, NotRead> {
        parse(given).map_err(|error| NotRead::Value {
            at: match self {
                Self::Entry(i) => format!("entry {i}"),
                Self::Line(line) => format!("line {line}"),
            },
            column,
            given: given.chars().take(100).collect(),
            error,
        })
    }
}

fn commune_key(code: &str) -> Result<Key, ValueError> {
    let code = InseeCode::parse(code)?;
    let code = TerritoryCode::parse(code.as_str())?;
    Ok(Key::new(TerritoryKind::Commune, code))
}

fn key_of(kind: TerritoryKind) -> impl Fn(&str) -> Result<Key, ValueError> {
    move |code| match kind {
        TerritoryKind::Epci => Ok(Key::new(
            kind,
            TerritoryCode::parse(Siren::parse(code)?.as_str())?,
        )),
        TerritoryKind::Departement | TerritoryKind::Region => {
            Ok(Key::new(kind, TerritoryCode::parse(code)?))
        }
        _ => commune_key(code).map(|key| key.as_a(kind)),
    }
}

fn entry(list: List, item: &Item, at: Place) -> Result<Entry, NotRead> {
    let kind = match list {
        List::Epci => Some(TerritoryKind::Epci),
        List::Departements => Some(TerritoryKind::Departement),
        List::Regions => Some(TerritoryKind::Region),
        List::Communes => item.kind.as_deref().and_then(kind_of),
        List::Qpv => None,
    };
    let kind = kind.ok_or(NotRead::Unknown)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (whole, column, given) = match kind {
        TerritoryKind::Commune => (TerritoryKind::Departement, "departement", &item.departement),
        TerritoryKind::Departement => (TerritoryKind::Region, "region", &item.region),
        TerritoryKind::ArrondissementMunicipal => {
            (TerritoryKind::Commune, "commune", &item.commune)
        }
        _ => (TerritoryKind::Commune, "chefLieu", &item.chef_lieu),
    };
    let has_whole = !matches!(kind, TerritoryKind::Epci | TerritoryKind::Region);
    let wholes = has_whole
        .then(|| at.read(column, &text(given), key_of(whole)))
        .into_iter()
        .collect::<Result<_, _>>()?;
    let key = at.read("code", &text(&item.code), key_of(kind))?;
    let siren = match (kind, &item.siren) {
        (TerritoryKind::Epci, _) => Some(key.code.as_str()),
        (_, siren) => siren.as_deref(),
    };
    let siren = siren
        .map(|siren| at.read("siren", siren, Siren::parse))
        .transpose()?;
    let form = item.kind.as_deref().filter(|_| list == List::Epci);
    let postcodes = item.codes_postaux.iter();
    let former = item.anciens_codes.iter();
    Ok(Entry {
        name: at.read("nom", &text(&item.nom), Label::parse)?,
        form: form
            .map(|form| at.read("type", form, EpciForm::parse))
            .transpose()?,
        siren,
        postcodes: postcodes
            .map(|code| at.read("codesPostaux", code, Postcode::parse))
            .collect::<Result<_, _>>()?,
        population: item.population,
        wholes,
        former_codes: former
            .map(|code| at.read("anciensCodes", code, |code| Ok(commune_key(code)?.code)))
            .collect::<Result<_, _>>()?,
        starts_on: None,
        ends_before: None,
        key,
    })
}

/// The districts of a table: a code, a name, and the communes, several with commas between them.
fn districts<R: Read>(table: Table<R>, year: i16) -> Result<Taken, NotRead> {
    let column = |name: &str| {
        table
            .header()
            .iter()
            .position(|header| fold(header) == fold(name))
    };
    let columns = (column("code_qp"), column("lib_qp"), column("insee_com"));
    let (Some(code), Some(name), Some(communes)) = columns else {
        return Err(NotRead::Unknown);
    };
    let list = QpvList::of(year).ok_or(NotRead::NoListOfYear(year))?;
    let mut entries: Vec<Entry> = Vec::new();
    for row in table {
        let row = row?;
        if row.fault.is_some() {
            return Err(NotRead::Row(row.line));
        }
        let at = Place::Line(row.line);
        let cell = |i: usize| row.cells.get(i).map_or("", String::as_str);
        let code = at.read("code_qp", cell(code), |text| qpv_code(list, text))?;
        let wholes = cell(communes)
            .split(',')
            .map(|code| at.read("insee_com", code, commune_key))
            .collect::<Result<_, _>>()?;
        entries.push(Entry {
            name: at.read("lib_qp", cell(name), Label::parse)?,
            form: None,
            siren: None,
            postcodes: Vec::new(),
            population: None,
            wholes,
            former_codes: Vec::new(),
            starts_on: list.starts_on(&code),
            ends_before: list.ends_before(&code),
            key: Key {
                kind: TerritoryKind::Qpv,
                list: Some(year),
                code,
            },
        });
    }
    Ok(Taken {
        list: List::Qpv,
        entries,
        members: Vec::new(),
    })
}
