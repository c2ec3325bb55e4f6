//! The enumerations of this room.

use crate::values::code_list;

code_list! {
    /// What a territory is.
    pub enum TerritoryKind in "territory_kinds" {
        /// A commune.
        Commune = "commune",
        /// A public establishment for cooperation between communes, with its own taxes.
        Epci = "epci",
        /// A département.
        Departement = "departement",
        /// A région.
        Region = "region",
        /// A former commune kept within a new one by the law of 2010, with a mayor of its own.
        CommuneDeleguee = "commune_deleguee",
        /// A former commune kept within another by the law of 1971.
        CommuneAssociee = "commune_associee",
        /// A district of Paris, Lyon or Marseille.
        ArrondissementMunicipal = "arrondissement_municipal",
        /// A priority district of the city policy.
        Qpv = "qpv",
        /// A basin of health or of everyday life.
        Bassin = "bassin",
        /// A « pays ».
        Pays = "pays",
        /// A pole of territorial and rural balance.
        Petr = "petr",
        /// Another set of communes and EPCI that somebody works on.
        Drawn = "drawn",
    }
}

impl TerritoryKind {
    /// Whether people draw such territories; the others come from reference lists.
    #[must_use]
    pub fn is_drawn(self) -> bool {
        match self {
            Self::Bassin | Self::Pays | Self::Petr | Self::Drawn => true,
            Self::Commune
            | Self::Epci
            | Self::Departement
            | Self::Region
            | Self::CommuneDeleguee
            | Self::CommuneAssociee
            | Self::ArrondissementMunicipal
            | Self::Qpv => false,
        }
    }

    /// Whether a drawn territory may hold such a one.
    #[must_use]
    pub fn may_be_a_member(self) -> bool {
        matches!(self, Self::Commune | Self::Epci)
    }

    /// Whether it is made of communes, its own or those of what it holds.
    #[must_use]
    pub fn holds_communes(self) -> bool {
        self.is_drawn() || matches!(self, Self::Epci | Self::Departement | Self::Region)
    }

    /// Whether it is a part of a commune that the geographic code lists beside communes.
    #[must_use]
    pub fn is_within_a_commune(self) -> bool {
        matches!(
            self,
            Self::CommuneDeleguee | Self::CommuneAssociee | Self::ArrondissementMunicipal
        )
    }
}

code_list! {
    /// The legal form of an EPCI.
    pub enum EpciForm in "epci_forms" {
        /// Communauté de communes.
        Cc = "CC",
        /// Communauté d'agglomération.
        Ca = "CA",
        /// Communauté urbaine.
        Cu = "CU",
        /// Métropole.
        Metropole = "METRO",
        /// Métropole de Lyon, which is a collectivity of its own kind.
        MetropoleDeLyon = "MET69",
    }
}

code_list! {
    /// Where a territory stands in its life on a day.
    pub enum TerritoryState in "territory_states" {
        /// It does not exist yet.
        Expected = "expected",
        /// It exists, as far as is known.
        Open = "open",
        /// It ended.
        Ended = "ended",
        /// It began or ended between two days, and that day is between them.
        Unknown = "unknown",
    }
}

code_list! {
    /// What is not known of a territory on a day, because it changed between two vintages.
    pub enum Uncertain in "territory_uncertainties" {
        /// Which name it bore; the one before is shown.
        Name = "name",
        /// Whether it existed.
        State = "state",
        /// Which territories it was part of.
        PartOf = "part_of",
    }
}

code_list! {
    /// The setting of a territory that people draw.
    pub enum Setting in "settings" {
        /// In the country.
        Rural = "rural",
        /// In town.
        Urban = "urban",
        /// Both.
        Mixed = "mixed",
    }
}
