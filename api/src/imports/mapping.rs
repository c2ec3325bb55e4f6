//! From the columns of any file to ours.
//!
//! A mapping says, for each column of ours, from which columns of the file its text is made; which
//! constants stand where the file says nothing; which values of theirs mean which of ours; and
//! which columns make the source's own key. Without one, a file has our own columns.

use std::collections::BTreeMap;

use domain::imports::{CellError, Cells, Columns, Reason};
use domain::memberships::import::MembershipColumn;
use domain::networks::import::NetworkColumn;
use domain::organisations::import::Column;
use domain::records::ResourceType;
use domain::values::{Label, fold};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A mapping, in TOML or in JSON.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Whose data it is.
    pub source: Option<Label>,
    /// The columns of the file that make the source's own key.
    #[serde(default)]
    pub key: Vec<String>,
    /// How the file writes dates, such as `dd/mm/yyyy`; both usual ways when left out.
    pub dates: Option<String>,
    /// For each column of ours, what its text is made of.
    #[serde(default)]
    columns: BTreeMap<String, Made>,
    /// For columns of ours, a text that stands in every row.
    #[serde(default)]
    constants: BTreeMap<String, String>,
    /// For columns of ours, which text of theirs means which of ours; `*` for any other.
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a text of ours is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Made {
    /// One column as it is.
    Of(String),
    /// Several joined by a space.
    OfSeveral(Vec<String>),
    /// Something more.
    So(Making),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Making {
    /// These, joined.
    #[serde(default)]
    columns: Vec<String>,
    /// What joins them; a space when left out.
    join: Option<String>,
    /// The first of these that is not empty.
    #[serde(default)]
    first_of: Vec<String>,
    /// Only its first word, or only the others.
    words: Option<Words>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Words {
    First,
    Rest,
}

/// A mapping that cannot be read, in the reader's own English words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadMapping(pub String);

/// How the rows of one file become rows of ours.
pub struct Plan<C> {
    made: Vec<(C, Making, Vec<usize>)>,
    constants: Vec<(C, String)>,
    values: BTreeMap<C, BTreeMap<String, String>>,
    key: Vec<usize>,
    dates: Option<String>,
    /// The columns of the file that nothing is taken from.
    pub ignored: Vec<String>,
}

/// What a row became.
pub struct Planned<C> {
    /// Its cells by our columns.
    pub cells: Cells<C>,
    /// The source's own key, when it has one.
    pub key: Option<String>,
    /// Texts that mean nothing of ours.
    pub unmapped: Vec<C>,
}

impl Mapping {
    /// Reads a mapping in JSON when it begins with `{`, else in TOML.
    ///
    /// Refused when it cannot be read or names a column that is none of ours.
    pub fn read<C: Columns>(text: &str) -> Result<Self, BadMapping> {
        let mapping: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| BadMapping(error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| BadMapping(error.message().to_owned()))?
        };
        let named = mapping.columns.keys();
        let named = named.chain(mapping.constants.keys());
        for name in named.chain(mapping.values.keys()) {
            C::parse(name).or(Err(BadMapping(format!("unknown column `{name}`"))))?;
        }
        Ok(mapping)
    }

    /// The same for files of records of a type.
    pub fn read_for(of: ResourceType, text: &str) -> Result<Self, BadMapping> {
        match of {
            ResourceType::Network => Self::read::<NetworkColumn>(text),
            ResourceType::Membership => Self::read::<MembershipColumn>(text),
            _ => Self::read::<Column>(text),
        }
    }

    /// Whether the file is read by our own columns.
    fn is_ours(&self) -> bool {
        self.columns.is_empty()
    }

    /// How the rows of a file with these columns become ours.
    ///
    /// Refused when the file lacks a column that the mapping takes from, or that no row can do
    /// without.
    pub fn plan<C: Columns>(&self, header: &[String]) -> Result<Plan<C>, Reason> {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let mut missing = Vec::new();
        let mut used = Vec::new();
        let mut place = |name: &String| {
            let wanted = fold(name);
            let at = folded.iter().position(|known| *known == wanted);
            match at {
                Some(at) => used.push(at),
                None => missing.push(name.clone()),
            }
            at
        };
        let mut made = Vec::new();
        if self.is_ours() {
            for column in C::ALL {
                let known = folded.iter().position(|name| *name == fold(column.code()));
                if let Some(at) = known {
                    let _ = place(&column.code().to_owned());
                    made.push((*column, Making::default(), vec![at]));
                }
            }
        }
        for (name, how) in &self.columns {
            let making = how.making();
            let places = making.named().filter_map(&mut place).collect();
            if let Ok(column) = C::parse(name) {
                made.push((column, making, places));
            }
        }
        let key = self.key.iter().filter_map(&mut place).collect();
        let mut constants = Vec::new();
        for (name, text) in &self.constants {
            constants.extend(C::parse(name).ok().map(|column| (column, text.clone())));
        }
        for column in C::REQUIRED {
            let said = made.iter().map(|(column, ..)| *column);
            if !said
                .chain(constants.iter().map(|(column, _)| *column))
                .any(|one| one == *column)
            {
                missing.push(column.code().to_owned());
            }
        }
        if !missing.is_empty() {
            return Err(Reason::MissingColumns { columns: missing });
        }
        let ignored = header.iter().enumerate();
        let ignored = ignored.filter(|(at, name)| !used.contains(at) && !name.is_empty());
        Ok(Plan {
            made,
            constants,
            values: self.folded_values(),
            key,
            dates: self.dates.clone(),
            ignored: ignored.map(|(_, name)| name.clone()).collect(),
        })
    }

    fn folded_values<C: Columns>(&self) -> BTreeMap<C, BTreeMap<String, String>> {
        let mut values = BTreeMap::new();
        for (name, table) in &self.values {
            let folded = |(theirs, ours): (&String, &String)| {
                let theirs = if theirs == "*" {
                    theirs.clone()
                } else {
                    fold(theirs)
                };
                (theirs, ours.clone())
            };
            if let Ok(column) = C::parse(name) {
                values.insert(column, table.iter().map(folded).collect());
            }
        }
        values
    }
}

impl Made {
    fn making(&self) -> Making {
        match self {
            Self::Of(column) => Making {
                columns: vec![column.clone()],
                ..Making::default()
            },
            Self::OfSeveral(columns) => Making {
                columns: columns.clone(),
                ..Making::default()
            },
            Self::So(making) => making.clone(),
        }
    }
}

impl Making {
    fn named(&self) -> impl Iterator<Item = &String> {
        self.columns.iter().chain(&self.first_of)
    }

    fn text(&self, cells: &[String], places: &[usize]) -> String {
        let texts = places.iter().filter_map(|at| cells.get(*at));
        let mut texts = texts
            .map(|text| text.trim())
            .filter(|text| !text.is_empty());
        let text = if self.first_of.is_empty() {
            let join = self.join.as_deref().unwrap_or(" ");
            texts.collect::<Vec<_>>().join(join)
        } else {
            texts.next().unwrap_or_default().to_owned()
        };
        let (first, rest) = text.split_once(' ').unwrap_or((&text, ""));
        match self.words {
            None => text,
            Some(Words::First) => first.to_owned(),
            Some(Words::Rest) => rest.trim().to_owned(),
        }
    }
}

impl<C: Columns> Plan<C> {
    /// The row by our columns, with the source's own key.
    #[must_use]
    pub fn read(&self, cells: &[String]) -> Planned<C> {
        let mut unmapped = Vec::new();
        let mut ours = Cells::new();
        for (column, text) in &self.constants {
            ours.insert(*column, text.clone());
        }
        for (column, making, places) in &self.made {
            let mut text = making.text(cells, places);
            if let Some(table) = self.values.get(column).filter(|_| !text.is_empty()) {
                match table.get(&fold(&text)).or_else(|| table.get("*")) {
                    Some(meant) => text.clone_from(meant),
                    None => unmapped.push(*column),
                }
            }
            let dated = C::DATED.contains(column);
            if let Some(format) = self.dates.as_ref().filter(|_| dated) {
                text = rewritten(&text, format).unwrap_or(text);
            }
            ours.insert(*column, text);
        }
        let own = self.key.iter().filter_map(|at| cells.get(*at));
        let own: Vec<&str> = own.map(|text| text.trim()).collect();
        let own = own.join(" ");
        let given = ours.remove(&C::SOURCE_KEY).unwrap_or_default();
        let key = [own, given].into_iter().find(|key| !key.trim().is_empty());
        for ignored in C::IGNORED {
            ours.remove(ignored);
        }
        Planned {
            cells: ours,
            key,
            unmapped,
        }
    }

    /// Whether the rows bring keys of their source's own.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.key.is_empty() || self.places(C::SOURCE_KEY).next().is_some()
    }

    /// The columns of the file that a column of ours is made of.
    pub fn places(&self, column: C) -> impl Iterator<Item = usize> {
        let made = self.made.iter().filter(move |(made, ..)| *made == column);
        made.flat_map(|(_, _, places)| places.iter().copied())
    }
}

impl<C: Columns> Planned<C> {
    /// A digest of what the row says.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        for (column, text) in &self.cells {
            digest.update(column.code());
            digest.update([0]);
            digest.update(text.trim());
            digest.update([0]);
        }
        digest.finalize().to_vec()
    }

    /// What is wrong with texts that mean nothing of ours.
    pub fn faults(&self) -> impl Iterator<Item = (C, CellError)> {
        let unmapped = self.unmapped.iter();
        unmapped.map(|column| (*column, CellError::UnmappedValue))
    }
}

/// A date written in a format of `y`, `m` and `d` as `YYYY-MM-DD`; nothing when it is not.
fn rewritten(text: &str, format: &str) -> Option<String> {
    let (mut year, mut month, mut day) = (String::new(), String::new(), String::new());
    let (mut text, mut format) = (text.trim().chars(), format.chars());
    loop {
        match (text.next(), format.next()) {
            (None, None) => break,
            (Some(c), Some(of)) => match of.to_ascii_lowercase() {
                'y' | 'a' => year.push(c),
                'm' => month.push(c),
                'd' | 'j' => day.push(c),
                other if other == c => {}
                _ => return None,
            },
            _ => return None,
        }
    }
    let parts = [year, month, day]
        .into_iter()
        .filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {

    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn without_a_mapping_the_columns_are_ours() {
        let plan = Mapping::default()
            .plan::<Column>(&header(&["Name", "KIND", "colour"]))
            .unwrap();

        let planned = plan.read(&header(&["Réseda", "association", "red"]));

        assert_eq!(planned.cells[&Column::Kind], "association");
        assert_eq!(planned.cells[&Column::Name], "Réseda");
        assert_eq!(plan.ignored, ["colour"]);
    }

    #[test]
    fn a_missing_column_refuses_the_file() {
        let mapping =
            Mapping::read::<Column>("key = [\"no\"]\n[columns]\nname = \"rs\"\n").unwrap();

        let Err(refused) = mapping.plan::<Column>(&header(&["rs"])) else {
            panic!()
        };

        let columns = header(&["no", "kind"]);
        assert_eq!(refused, Reason::MissingColumns { columns });
    }

    #[test]
    fn texts_are_joined_chosen_cut_and_translated() {
        let mapping = Mapping::read::<Column>(
            r#"{
            "key": ["no"], "dates": "yyyymmdd",
            "columns": {
                "name": { "first_of": ["long", "court"] }, "kind": "categ",
                "postcode": { "columns": ["ligne"], "words": "first" },
                "locality": { "columns": ["ligne"], "words": "rest" },
                "commune": { "columns": ["dep", "com"], "join": "" },
                "address": ["num", "voie"], "constituted_on": "ouvert"
            },
            "constants": { "fictitious": "true" },
            "values": { "kind": { "355": "public_hospital" } }
        }"#,
        )
        .unwrap();
        let plan = mapping
            .plan::<Column>(&header(&[
                "no", "long", "court", "categ", "ligne", "dep", "com", "num", "voie", "ouvert",
            ]))
            .unwrap();

        let planned = plan.read(&header(&[
            "7",
            "",
            "CH",
            "355",
            "30100 ALES CEDEX",
            "30",
            "007",
            "",
            "rue Basse",
            "19980531",
        ]));

        let texts: Vec<String> = planned
            .cells
            .iter()
            .map(|(column, text)| format!("{column}={text}"))
            .collect();
        assert_eq!(
            texts,
            [
                "kind=public_hospital",
                "name=CH",
                "address=rue Basse",
                "postcode=30100",
                "locality=ALES CEDEX",
                "commune=30007",
                "constituted_on=1998-05-31",
                "fictitious=true",
            ]
        );
        assert_eq!(planned.key.as_deref(), Some("7"));
        assert!(planned.unmapped.is_empty());
    }

    #[test]
    fn a_mapping_to_no_column_of_ours_is_refused() {
        for text in [
            "[columns]\ncolour = \"a\"",
            "[columns",
            "{\"columns\": 3}",
            "colour = 1",
        ] {
            assert!(Mapping::read::<Column>(text).is_err(), "{text}");
        }
    }
}
