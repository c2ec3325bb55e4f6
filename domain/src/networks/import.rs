//! Networks as rows of a file: what each column means, and what a row makes of a record.

use std::collections::BTreeMap;
use std::str::FromStr;

use uuid::Uuid;

use super::{
    Life, Network, NetworkFamily, NetworkFields, NetworkId, NetworkKind, NetworkState,
    NetworkTerritory, Phase, Reach,
};
use crate::concerns::{Population, Theme};
use crate::imports::{
    BadCells, Cells, Columns, Reader, RowOf, Said, dates, mended, set, truth, unrounded,
};
use crate::organisations::Contact;
use crate::territories::{TerritoryCode, TerritoryId, TerritoryKind};
use crate::values::{
    Date, Email, Label, Name, Names, PartialDate, Phone, Pointer, Text, ValueError, WebAddress,
    code_list, fold,
};

code_list! {
    /// A column of a file of networks, in the order of the export.
    pub enum NetworkColumn in "network_columns" {
        /// Our id.
        Id = "id",
        /// Its nature, as a code.
        Kind = "kind",
        /// Its family, as a code.
        Family = "family",
        /// The name it bears.
        Name = "name",
        /// Its acronym or usual short name.
        ShortName = "short_name",
        /// The theme that comes first, as a code.
        MainTheme = "main_theme",
        /// Its themes as codes, joined by `|`.
        Themes = "themes",
        /// For whom, as codes joined by `|`.
        Populations = "populations",
        /// How far it reaches.
        Reach = "reach",
        /// Where it works: ids, or kinds with official codes, joined by `|`.
        Territories = "territories",
        /// Where it stands in its life; of one that is new.
        State = "state",
        /// Since when; of one that is new.
        StateSince = "state_since",
        /// The law it works under; written by exports, ignored by imports.
        LegalBasis = "legal_basis",
        /// Whether it has money; written by exports, ignored by imports.
        FinancingState = "financing_state",
        /// Who funds it; written by exports, ignored by imports.
        Funders = "funders",
        /// Its site.
        Website = "website",
        /// Its mailbox.
        Email = "email",
        /// Its telephone.
        Phone = "phone",
        /// Whether it was invented.
        Fictitious = "fictitious",
        /// Its version; written by exports, ignored by imports.
        Version = "version",
        /// What it is there for.
        Summary = "summary",
        /// The source's own key; only imports know it.
        SourceKey = "source_key",
    }
}

impl Columns for NetworkColumn {
    const REQUIRED: &'static [Self] = &[Self::Kind, Self::Name];

    const DATED: &'static [Self] = &[Self::StateSince];

    const IGNORED: &'static [Self] = &[
        Self::LegalBasis,
        Self::FinancingState,
        Self::Funders,
        Self::Version,
    ];

    const SOURCE_KEY: Self = Self::SourceKey;
}

/// A territory as a file names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Located {
    /// By our id.
    Id(TerritoryId),
    /// By its official code within its kind: `commune:30132`.
    Code(TerritoryKind, TerritoryCode),
}

impl FromStr for Located {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Ok(match text.split_once(':') {
            Some((kind, code)) => Self::Code(kind.parse()?, code.parse()?),
            None => Self::Id(text.parse()?),
        })
    }
}

/// The territories that rows name, by how they name them.
pub type Places = BTreeMap<Located, TerritoryId>;

/// What a row says of a network. Columns that the file lacks say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkRow {
    id: Option<NetworkId>,
    kind: Option<NetworkKind>,
    name: Option<Label>,
    family: Said<NetworkFamily>,
    short_name: Said<Label>,
    summary: Said<Text>,
    main_theme: Said<Theme>,
    themes: Option<Vec<Theme>>,
    populations: Option<Vec<Population>>,
    reach: Said<Reach>,
    territories: Option<Vec<Located>>,
    state: Said<NetworkState>,
    state_since: Said<PartialDate>,
    website: Said<WebAddress>,
    email: Said<Email>,
    phone: Said<Phone>,
    fictitious: Option<bool>,
}

impl RowOf for NetworkRow {
    type Column = NetworkColumn;

    fn read(cells: &Cells<NetworkColumn>) -> Result<Self, BadCells<NetworkColumn>> {
        use NetworkColumn as Column;
        let mut reader = Reader::of(cells);
        let kind = reader.value(Column::Kind);
        let name = reader.value(Column::Name);
        let row = Self {
            id: reader.value(Column::Id).flatten(),
            kind: reader.required(Column::Kind, kind),
            name: reader.required(Column::Name, name),
            family: reader.value(Column::Family),
            short_name: reader.value(Column::ShortName),
            summary: reader.value(Column::Summary),
            main_theme: reader.value(Column::MainTheme),
            themes: reader.several(Column::Themes, |text| Ok(text.parse()?)),
            populations: reader.several(Column::Populations, |text| Ok(text.parse()?)),
            reach: reader.value(Column::Reach),
            territories: reader.several(Column::Territories, |text| Ok(text.parse()?)),
            state: reader.value(Column::State),
            state_since: reader.said(Column::StateSince, dates::partial),
            website: reader.value(Column::Website),
            email: reader.value(Column::Email),
            phone: reader.said(Column::Phone, |text| {
                unrounded(text)?;
                Ok(text.parse()?)
            }),
            fictitious: reader.said(Column::Fictitious, truth).flatten(),
        };
        reader.done(row)
    }

    fn id(&self) -> Option<Uuid> {
        self.id.map(NetworkId::uuid)
    }

    fn own_key(&self) -> String {
        let name = self.name.as_ref().map(Label::as_str).unwrap_or_default();
        match self.id {
            Some(id) => format!("id:{id}"),
            None => format!("name:{}", fold(name)),
        }
    }
}

impl NetworkRow {
    /// The territories that it names.
    pub fn located(&self) -> impl Iterator<Item = &Located> {
        self.territories.iter().flatten()
    }

    /// What it makes of a network that does not exist yet. Refused without the phase of its life, which nobody
    /// guesses, and where it names a territory that is not there.
    pub fn new_fields(&self, places: &Places) -> Result<NetworkFields, BadCells<NetworkColumn>> {
        let required = |column| vec![(column, ValueError::Required.into())];
        let (Some(kind), Some(name)) = (self.kind, self.name.clone()) else {
            return Err(required(NetworkColumn::Name));
        };
        let state = self.state.flatten();
        let state = state.ok_or_else(|| required(NetworkColumn::State))?;
        let phase = Phase {
            state,
            starts_on: self.state_since.flatten(),
            reason: None,
        };
        let name = Name {
            name,
            short_name: None,
            starts_on: None,
        };
        let (Ok(names), Ok(life)) = (Names::try_from(vec![name]), Life::try_from(vec![phase]))
        else {
            return Err(required(NetworkColumn::Name));
        };
        let mut fields = NetworkFields {
            kind,
            family: None,
            names,
            summary: None,
            contact: Contact::default(),
            themes: Vec::new(),
            main_theme: None,
            populations: Vec::new(),
            pathologies: Vec::new(),
            activities: Vec::new(),
            reach: None,
            territories: Vec::new(),
            legal_bases: Vec::new(),
            life,
            financing: Vec::new(),
            fictitious: false,
        };
        self.apply(&mut fields, places, None)?;
        Ok(fields)
    }

    /// What it makes of a network: the columns of the file as they stand on the day, and the rest left. The phases of a
    /// life are said by the act that is for that.
    pub fn changed_fields(
        &self,
        present: &Network,
        places: &Places,
        today: Date,
    ) -> Result<NetworkFields, BadCells<NetworkColumn>> {
        let mut fields = present.fields.clone();
        self.apply(&mut fields, places, Some(today))?;
        Ok(fields)
    }

    fn apply(
        &self,
        fields: &mut NetworkFields,
        places: &Places,
        today: Option<Date>,
    ) -> Result<(), BadCells<NetworkColumn>> {
        let day = today.unwrap_or(Date::MAX);
        let (name, short_name) = (self.name.as_ref(), self.short_name.as_ref());
        fields.names = mended(&fields.names, day, name, short_name);
        set(&mut fields.kind, self.kind.as_ref());
        set(&mut fields.family, self.family.as_ref());
        set(&mut fields.summary, self.summary.as_ref());
        set(&mut fields.themes, self.themes.as_ref());
        set(&mut fields.main_theme, self.main_theme.as_ref());
        if let ([only], None) = (fields.themes.as_slice(), fields.main_theme) {
            fields.main_theme = Some(*only);
        }
        set(&mut fields.populations, self.populations.as_ref());
        set(&mut fields.reach, self.reach.as_ref());
        set(&mut fields.contact.website, self.website.as_ref());
        set(&mut fields.contact.email, self.email.as_ref());
        set(&mut fields.contact.phone, self.phone.as_ref());
        set(&mut fields.fictitious, self.fictitious.as_ref());
        self.apply_territories(fields, places, today)
    }

    /// The territories of today become those said; those of other days stay.
    fn apply_territories(
        &self,
        fields: &mut NetworkFields,
        places: &Places,
        today: Option<Date>,
    ) -> Result<(), BadCells<NetworkColumn>> {
        let Some(said) = &self.territories else {
            return Ok(());
        };
        let found: Option<Vec<TerritoryId>> =
            said.iter().map(|one| places.get(one).copied()).collect();
        let found = found.ok_or_else(|| {
            vec![(
                NetworkColumn::Territories,
                ValueError::UnknownReference.into(),
            )]
        })?;
        let holds = |one: &NetworkTerritory| today.is_none_or(|day| one.since().contains(day));
        fields
            .territories
            .retain(|one| !holds(one) || found.contains(&one.territory));
        for territory in found {
            let known = |one: &NetworkTerritory| holds(one) && one.territory == territory;
            if !fields.territories.iter().any(known) {
                fields.territories.push(NetworkTerritory {
                    territory,
                    starts_on: None,
                    ends_before: None,
                });
            }
        }
        Ok(())
    }
}

impl NetworkColumn {
    /// The column whose value stands where `pointer` leads.
    #[must_use]
    pub fn at(pointer: &Pointer) -> Self {
        use crate::values::CodeList;
        match pointer.as_str().split('/').nth(1) {
            Some("life") => Self::State,
            Some(member) => Self::parse(member).unwrap_or(Self::Name),
            None => Self::Name,
        }
    }
}

#[cfg(test)]
mod laws {
    use super::*;
    use crate::records::Tabular;
    use crate::values::{CodeList, Version};

    fn row(cells: &[(NetworkColumn, &str)]) -> NetworkRow {
        let cells = cells
            .iter()
            .map(|(column, text)| (*column, (*text).to_owned()));
        NetworkRow::read(&cells.collect()).unwrap()
    }

    const LEAST: [(NetworkColumn, &str); 3] = [
        (NetworkColumn::Kind, "reseau"),
        (NetworkColumn::Name, "Addictologie"),
        (NetworkColumn::State, "active"),
    ];

    fn recorded() -> Network {
        Network {
            id: NetworkId::new(Uuid::from_u128(1)),
            version: Version::FIRST,
            fields: row(&LEAST).new_fields(&Places::new()).unwrap(),
            lineage: crate::lineage::Lineage::default(),
        }
    }

    #[test]
    fn the_columns_of_the_export_are_those_of_the_import() {
        let columns = NetworkColumn::ALL.iter().map(|column| column.code());
        let columns: Vec<&str> = columns.take(Network::COLUMNS.len()).collect();

        assert_eq!(columns, Network::COLUMNS);
    }

    #[test]
    fn a_new_network_needs_the_phase_of_its_life_and_nobody_guesses_it() {
        let [kind, name, _] = LEAST;

        let refused = row(&[kind, name]).new_fields(&Places::new()).unwrap_err();

        assert_eq!(
            refused,
            [(NetworkColumn::State, ValueError::Required.into())]
        );
    }

    #[test]
    fn columns_that_a_file_lacks_change_nothing_and_empty_cells_clear() {
        let mut present = recorded();
        present.fields.reach = Some(Reach::Regional);
        let day = Date::new(2026, 11, 22).unwrap();
        let [kind, name, _] = LEAST;

        let same = row(&[kind, name]).changed_fields(&present, &Places::new(), day);
        let cleared = row(&[kind, name, (NetworkColumn::Reach, "")]);
        let cleared = cleared
            .changed_fields(&present, &Places::new(), day)
            .unwrap();

        assert_eq!(same.unwrap(), present.fields);
        assert_eq!(cleared.reach, None);
    }

    #[test]
    fn the_territories_of_today_become_those_said_and_those_of_the_past_stay() {
        let id = |number| TerritoryId::new(Uuid::from_u128(number));
        let day = Date::new(2026, 11, 22).unwrap();
        let mut present = recorded();
        present.fields.territories = vec![
            NetworkTerritory {
                territory: id(1),
                starts_on: None,
                ends_before: Some(day),
            },
            NetworkTerritory {
                territory: id(2),
                starts_on: Some(day),
                ends_before: None,
            },
        ];
        let [kind, name, _] = LEAST;
        let said = row(&[kind, name, (NetworkColumn::Territories, "commune:30132")]);
        let located: Located = "commune:30132".parse().unwrap();

        let changed = said
            .changed_fields(&present, &Places::from([(located, id(3))]), day)
            .unwrap();
        let unknown = said
            .changed_fields(&present, &Places::new(), day)
            .unwrap_err();

        let territories: Vec<TerritoryId> = changed
            .territories
            .iter()
            .map(|one| one.territory)
            .collect();
        assert_eq!(territories, [id(1), id(3)]);
        assert_eq!(
            unknown,
            [(
                NetworkColumn::Territories,
                ValueError::UnknownReference.into()
            )]
        );
    }
}
