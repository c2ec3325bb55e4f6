//! The labels of our code lists, in both languages.

use domain::organisations::{
    AddressUse, Hindrance, IdentifierSystem, LikenessReason, OrganisationKind, OrganisationState,
    PartKind, Sector,
};
use domain::records::{ChangeKind, ResourceType};
use domain::territories::{EpciForm, Setting, TerritoryKind, TerritoryState, Uncertain};
use domain::values::CodeList;

/// A code list whose every code has a label in French and in English.
pub trait Labelled: CodeList {
    /// The title of the list, in French and in English.
    const TITLE: (&'static str, &'static str);
    /// Where the list comes from.
    const SOURCE: &'static str = "maillage";

    /// The label of one code, in French and in English.
    fn labels(self) -> (&'static str, &'static str);
}

impl Labelled for OrganisationKind {
    const TITLE: (&'static str, &'static str) = ("Natures d'organisation", "Kinds of organisation");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Association => ("Association loi 1901", "Association (1901 Act)"),
            Self::Federation => ("Fédération ou union", "Federation or union"),
            Self::Foundation => ("Fondation", "Foundation"),
            Self::MutualSociety => ("Mutuelle", "Mutual society"),
            Self::LocalAuthority => ("Collectivité territoriale", "Local authority"),
            Self::Intercommunality => (
                "Intercommunalité (EPCI, syndicat mixte, PETR)",
                "Intercommunal body (EPCI, mixed syndicate, PETR)",
            ),
            Self::StateService => ("Service de l'État", "Service of the State"),
            Self::Ars => (
                "Agence régionale de santé (ARS)",
                "Regional health agency (ARS)",
            ),
            Self::HealthInsuranceFund => ("Caisse d'assurance maladie", "Health insurance fund"),
            Self::PublicHospital => ("Établissement public de santé", "Public hospital"),
            Self::PrivateHospital => ("Établissement privé de santé", "Private hospital"),
            Self::HealthCentre => ("Centre de santé", "Health centre"),
            Self::HealthHouse => (
                "Maison de santé pluriprofessionnelle",
                "Multi-professional health house",
            ),
            Self::MedicoSocialFacility => (
                "Établissement ou service médico-social",
                "Medico-social establishment or service",
            ),
            Self::SocialFacility => (
                "Établissement ou service social",
                "Social establishment or service",
            ),
            Self::CoordinationBody => (
                "Structure de coordination (DAC, CPTS…)",
                "Coordination structure (DAC, CPTS…)",
            ),
            Self::ProfessionalUnion => (
                "Union régionale de professionnels de santé (URPS)",
                "Regional union of health professionals (URPS)",
            ),
            Self::Gcs => (
                "Groupement de coopération sanitaire (GCS)",
                "Health cooperation grouping (GCS)",
            ),
            Self::Gcsms => (
                "Groupement de coopération sociale ou médico-sociale (GCSMS)",
                "Social or medico-social cooperation grouping (GCSMS)",
            ),
            Self::Gip => (
                "Groupement d'intérêt public (GIP)",
                "Public interest grouping (GIP)",
            ),
            Self::Ccas => (
                "Centre communal ou intercommunal d'action sociale",
                "Communal or intercommunal social action centre",
            ),
            Self::School => (
                "Établissement ou autorité d'enseignement",
                "School or education authority",
            ),
            Self::JusticeService => ("Service de la justice", "Service of justice"),
            Self::ResearchBody => (
                "Université ou organisme de recherche",
                "University or research body",
            ),
            Self::Company => ("Entreprise", "Company"),
            Self::Unit => (
                "Unité, service ou centre d'une autre organisation",
                "Unit, service or centre of another organisation",
            ),
            Self::Other => ("Autre", "Other"),
        }
    }
}

impl Labelled for LikenessReason {
    const TITLE: (&'static str, &'static str) = (
        "Raisons de croire à un doublon",
        "Reasons to believe in a duplicate",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::SameIdentifier => ("Même numéro", "Same number"),
            Self::SameName => ("Même nom dans la même commune", "Same name in one commune"),
            Self::SimilarName => (
                "Mêmes mots du nom dans la même commune",
                "Same words of the name in one commune",
            ),
        }
    }
}

impl Labelled for Hindrance {
    const TITLE: (&'static str, &'static str) = (
        "Ce qui empêche de revenir sur un doublon",
        "What is in the way of taking back a duplicate",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Changed => ("Modifiée depuis", "Changed since"),
            Self::Folded => (
                "Devenue depuis le doublon d'une autre",
                "Folded into another since",
            ),
            Self::Deleted => ("Disparue", "Gone"),
        }
    }
}

impl Labelled for Sector {
    const TITLE: (&'static str, &'static str) = ("Secteurs", "Sectors");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Health => ("Sanitaire", "Health"),
            Self::Social => ("Social", "Social"),
            Self::MedicoSocial => ("Médico-social", "Medico-social"),
            Self::Education => ("Éducation", "Education"),
            Self::Justice => ("Justice", "Justice"),
            Self::Housing => ("Logement", "Housing"),
            Self::Environment => ("Environnement", "Environment"),
            Self::Employment => ("Emploi et insertion", "Employment and inclusion"),
            Self::LocalGovernment => ("Administration locale", "Local government"),
        }
    }
}

impl Labelled for IdentifierSystem {
    const TITLE: (&'static str, &'static str) =
        ("Registres d'identifiants", "Identifier registers");
    const SOURCE: &'static str = "INSEE (Sirene), RNA, FINESS";

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Siren => ("Numéro SIREN", "SIREN number"),
            Self::Siret => ("Numéro SIRET", "SIRET number"),
            Self::Rna => ("Numéro RNA", "RNA number"),
            Self::FinessEj => ("FINESS entité juridique", "FINESS legal entity"),
            Self::FinessEt => ("FINESS établissement", "FINESS establishment"),
        }
    }
}

impl Labelled for AddressUse {
    const TITLE: (&'static str, &'static str) = ("Usages d'adresse", "Uses of an address");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Seat => ("Siège", "Seat"),
            Self::Site => ("Lieu d'activité", "Place of work"),
            Self::Postal => ("Adresse postale", "Postal address"),
        }
    }
}

impl Labelled for PartKind {
    const TITLE: (&'static str, &'static str) = ("Façons de faire partie", "Ways of being part");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Antenna => ("Antenne", "Antenna"),
            Self::Centre => ("Centre d'un espace plus large", "Centre of a larger space"),
            Self::Establishment => ("Établissement", "Establishment"),
            Self::Service => ("Service ou unité", "Service or unit"),
        }
    }
}

impl Labelled for OrganisationState {
    const TITLE: (&'static str, &'static str) =
        ("États d'une organisation", "States of an organisation");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Expected => ("À venir", "Expected"),
            Self::Constituted => (
                "Constituée, pas encore en activité",
                "Constituted, not operating yet",
            ),
            Self::Open => ("En activité", "Open"),
            Self::Ended => ("Terminée", "Ended"),
            Self::Merged => ("Fusionnée", "Merged"),
        }
    }
}

impl Labelled for TerritoryKind {
    const TITLE: (&'static str, &'static str) = ("Natures de territoire", "Kinds of territory");
    const SOURCE: &'static str = "Code officiel géographique (INSEE)";

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Commune => ("Commune", "Commune"),
            Self::Epci => ("EPCI à fiscalité propre", "EPCI with its own taxes"),
            Self::Departement => ("Département", "Département"),
            Self::Region => ("Région", "Région"),
            Self::CommuneDeleguee => ("Commune déléguée", "Delegated commune"),
            Self::CommuneAssociee => ("Commune associée", "Associated commune"),
            Self::ArrondissementMunicipal => {
                ("Arrondissement municipal", "Municipal arrondissement")
            }
            Self::Qpv => (
                "Quartier prioritaire de la politique de la ville (QPV)",
                "Priority district of the city policy (QPV)",
            ),
            Self::Bassin => (
                "Bassin (de santé, de vie)",
                "Basin (of health, of everyday life)",
            ),
            Self::Pays => ("Pays", "« Pays »"),
            Self::Petr => (
                "Pôle d'équilibre territorial et rural (PETR)",
                "Pole of territorial and rural balance (PETR)",
            ),
            Self::Drawn => ("Autre territoire dessiné", "Another drawn territory"),
        }
    }
}

impl Labelled for TerritoryState {
    const TITLE: (&'static str, &'static str) = ("États d'un territoire", "States of a territory");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Expected => ("Attendu", "Expected"),
            Self::Open => ("En place", "Open"),
            Self::Ended => ("Terminé", "Ended"),
            Self::Unknown => ("Non connu ce jour-là", "Not known of that day"),
        }
    }
}

impl Labelled for Uncertain {
    const TITLE: (&'static str, &'static str) = (
        "Ce qui n'est pas connu d'un territoire un jour donné",
        "What is not known of a territory on a day",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Name => ("Son nom", "Its name"),
            Self::State => ("Son existence", "Whether it existed"),
            Self::PartOf => ("De quoi il fait partie", "What it was part of"),
        }
    }
}

impl Labelled for Setting {
    const TITLE: (&'static str, &'static str) =
        ("Cadres d'un territoire", "Settings of a territory");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Rural => ("Rural", "Rural"),
            Self::Urban => ("Urbain", "Urban"),
            Self::Mixed => ("Mixte", "Mixed"),
        }
    }
}

impl Labelled for EpciForm {
    const TITLE: (&'static str, &'static str) = ("Formes d'EPCI", "Legal forms of an EPCI");
    const SOURCE: &'static str = "DGCL";

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Cc => ("Communauté de communes", "Community of communes"),
            Self::Ca => ("Communauté d'agglomération", "Agglomeration community"),
            Self::Cu => ("Communauté urbaine", "Urban community"),
            Self::Metropole => ("Métropole", "Métropole"),
            Self::MetropoleDeLyon => ("Métropole de Lyon", "Métropole of Lyon"),
        }
    }
}

impl Labelled for ResourceType {
    const TITLE: (&'static str, &'static str) = ("Types de fiche", "Types of record");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Organisation => ("Organisation", "Organisation"),
            Self::Network => ("Réseau", "Network"),
            Self::Person => ("Personne", "Person"),
            Self::Membership => ("Adhésion", "Membership"),
            Self::Bearer => ("Portage", "Bearer"),
            Self::Facilitation => ("Animation", "Facilitation"),
            Self::Objective => ("Objectif", "Objective"),
            Self::Action => ("Action", "Action"),
            Self::Pooling => ("Mutualisation", "Pooling"),
            Self::FoundingText => ("Texte fondateur", "Founding text"),
            Self::LineageEvent => (
                "Fusion, scission ou succession",
                "Merger, split or succession",
            ),
            Self::Territory => ("Territoire", "Territory"),
            Self::Client => ("Client de l'API", "Client of the API"),
            Self::Account => ("Compte", "Account"),
            Self::Subject => (
                "Personne dont un autre émetteur répond",
                "Person whom another issuer vouches for",
            ),
            Self::Grant => ("Rôle donné", "Role given"),
        }
    }
}

impl Labelled for ChangeKind {
    const TITLE: (&'static str, &'static str) = ("Changements", "Changes");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Created => ("Enregistrée", "Recorded"),
            Self::Updated => ("Modifiée", "Changed"),
            Self::Ended => ("Terminée", "Ended"),
            Self::Merged => ("Fusionnée", "Merged"),
            Self::Duplicate => ("Repliée comme doublon", "Folded as a duplicate"),
            Self::Deleted => ("Supprimée", "Deleted"),
            Self::Erased => ("Effacée", "Erased"),
            Self::EnteredScope => ("Entrée dans le champ", "Entered scope"),
            Self::LeftScope => ("Sortie du champ", "Left scope"),
        }
    }
}
