//! The columns of organisations, the same in files that come and in files that go.

use super::super::IdentifierSystem;
use crate::imports::Columns;
use crate::values::code_list;

code_list! {
    /// A column of a file of organisations, in the order of the export.
    pub enum Column in "organisation_columns" {
        /// Our id.
        Id = "id",
        /// Its nature, as a code.
        Kind = "kind",
        /// The name it bears.
        Name = "name",
        /// Its acronym or usual short name.
        ShortName = "short_name",
        /// Its SIREN.
        Siren = "siren",
        /// Its SIRET, several joined by `|`.
        Siret = "siret",
        /// Its number in the register of associations.
        Rna = "rna",
        /// Its FINESS number as a legal entity.
        FinessEj = "finess_ej",
        /// Its FINESS numbers as an establishment, joined by `|`.
        FinessEt = "finess_et",
        /// Its sectors as codes, joined by `|`.
        Sectors = "sectors",
        /// The lines of its first address, joined by `|`.
        Address = "address",
        /// The postcode of that address.
        Postcode = "postcode",
        /// The town of that address.
        Locality = "locality",
        /// The INSEE code of the commune of that address.
        Commune = "commune",
        /// Its site.
        Website = "website",
        /// Its mailbox.
        Email = "email",
        /// Its telephone.
        Phone = "phone",
        /// The id of the organisation that it is part of.
        PartOf = "part_of",
        /// As what it is part of it.
        PartAs = "part_as",
        /// When it was constituted.
        ConstitutedOn = "constituted_on",
        /// When it began to work.
        OperatesFrom = "operates_from",
        /// The first day on which it no longer exists.
        EndsBefore = "ends_before",
        /// Whether it was invented.
        Fictitious = "fictitious",
        /// Its version; written by exports, ignored by imports.
        Version = "version",
        /// Where it stands in its life; written by exports, ignored by imports.
        State = "state",
        /// The source's own key; only imports know it.
        SourceKey = "source_key",
    }
}

impl Columns for Column {
    const REQUIRED: &'static [Self] = &[Self::Kind, Self::Name];

    const DATED: &'static [Self] = &[Self::ConstitutedOn, Self::OperatesFrom, Self::EndsBefore];

    const IGNORED: &'static [Self] = &[Self::Version, Self::State];

    const SOURCE_KEY: Self = Self::SourceKey;
}

impl Column {
    /// The column that holds the numbers of a register.
    #[must_use]
    pub fn of_register(system: IdentifierSystem) -> Self {
        match system {
            IdentifierSystem::Siren => Self::Siren,
            IdentifierSystem::Siret => Self::Siret,
            IdentifierSystem::Rna => Self::Rna,
            IdentifierSystem::FinessEj => Self::FinessEj,
            IdentifierSystem::FinessEt => Self::FinessEt,
        }
    }
}
