//! The codes of this room.

use crate::values::code_list;

code_list! {
    /// What an organisation is, by its legal or institutional nature.
    pub enum OrganisationKind in "organisation_kinds" {
        /// An association under the law of 1 July 1901.
        Association = "association",
        /// A federation or union of organisations, whatever its legal form.
        Federation = "federation",
        /// A foundation.
        Foundation = "foundation",
        /// A mutual society.
        MutualSociety = "mutual_society",
        /// A commune, a département, a région or another local authority.
        LocalAuthority = "local_authority",
        /// An EPCI, a mixed syndicate, a PETR.
        Intercommunality = "intercommunality",
        /// A service of the State other than an ARS.
        StateService = "state_service",
        /// A regional health agency (agence régionale de santé).
        Ars = "ars",
        /// A health insurance fund: CPAM, MSA…
        HealthInsuranceFund = "health_insurance_fund",
        /// A public hospital.
        PublicHospital = "public_hospital",
        /// A private hospital, for profit or not.
        PrivateHospital = "private_hospital",
        /// A health centre with employed professionals.
        HealthCentre = "health_centre",
        /// A maison de santé pluriprofessionnelle.
        HealthHouse = "health_house",
        /// A medico-social establishment or service.
        MedicoSocialFacility = "medico_social_facility",
        /// A social establishment or service.
        SocialFacility = "social_facility",
        /// A coordination structure: DAC, CPTS, the body that carries a network.
        CoordinationBody = "coordination_body",
        /// A regional union of health professionals (URPS).
        ProfessionalUnion = "professional_union",
        /// A groupement de coopération sanitaire.
        Gcs = "gcs",
        /// A groupement de coopération sociale ou médico-sociale.
        Gcsms = "gcsms",
        /// A groupement d'intérêt public.
        Gip = "gip",
        /// A communal or intercommunal social action centre (CCAS, CIAS).
        Ccas = "ccas",
        /// A school, a training institution, an education authority.
        School = "school",
        /// A service of justice.
        JusticeService = "justice_service",
        /// A university or a research body.
        ResearchBody = "research_body",
        /// A company.
        Company = "company",
        /// A unit, service or centre that lives within another organisation.
        Unit = "unit",
        /// Anything else.
        Other = "other",
    }
}

code_list! {
    /// A sector an organisation works in.
    pub enum Sector in "sectors" {
        /// Health care and prevention.
        Health = "health",
        /// Social action.
        Social = "social",
        /// Support of disabled and older people.
        MedicoSocial = "medico_social",
        /// Education and training.
        Education = "education",
        /// Justice.
        Justice = "justice",
        /// Housing.
        Housing = "housing",
        /// Environment.
        Environment = "environment",
        /// Employment and inclusion through work.
        Employment = "employment",
        /// Local government.
        LocalGovernment = "local_government",
    }
}

code_list! {
    /// The register that gave an identifier. None is a unique key: establishments share a SIRET.
    pub enum IdentifierSystem in "identifier_systems" {
        /// SIREN, 9 digits, one for a legal entity.
        Siren = "siren",
        /// SIRET, 14 digits, one for an establishment.
        Siret = "siret",
        /// RNA number of an association.
        Rna = "rna",
        /// FINESS number of a legal entity (EJ).
        FinessEj = "finess_ej",
        /// FINESS number of an establishment (ET).
        FinessEt = "finess_et",
    }
}

code_list! {
    /// What an address is for.
    pub enum AddressUse in "address_uses" {
        /// The registered seat.
        Seat = "seat",
        /// A place where the organisation works.
        Site = "site",
        /// Where it receives post.
        Postal = "postal",
    }
}

code_list! {
    /// As what an organisation is part of another.
    pub enum PartKind in "part_kinds" {
        /// A local antenna.
        Antenna = "antenna",
        /// One of the centres of a larger space.
        Centre = "centre",
        /// An establishment of a legal entity.
        Establishment = "establishment",
        /// A service or unit.
        Service = "service",
    }
}

code_list! {
    /// Where an organisation stands in its life on a given day.
    pub enum OrganisationState in "organisation_states" {
        /// It does not exist yet.
        Expected = "expected",
        /// It exists and does not operate yet.
        Constituted = "constituted",
        /// It exists, as far as is known, and operates.
        Open = "open",
        /// It ended.
        Ended = "ended",
        /// It goes on as others.
        Merged = "merged",
    }
}
