//! The labels of the code lists of networks and of what they are about, in both languages.

use domain::concerns::{Determinant, Population, Theme};
use domain::networks::{
    FinancingState, LegalBasis, NetworkFamily, NetworkKind, NetworkState, Reach,
};

use super::code_lists::Labelled;

impl Labelled for NetworkKind {
    const TITLE: (&'static str, &'static str) = ("Natures de réseau", "Kinds of network");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Reseau => ("Réseau de santé", "Réseau de santé (health network)"),
            Self::Pta => (
                "Plateforme territoriale d'appui (PTA)",
                "Territorial support platform (PTA)",
            ),
            Self::Dac => (
                "Dispositif d'appui à la coordination (DAC)",
                "Coordination support service (DAC)",
            ),
            Self::Cpts => (
                "Communauté professionnelle territoriale de santé (CPTS)",
                "Territorial community of health professionals (CPTS)",
            ),
            Self::Dsr => (
                "Dispositif spécifique régional (DSR)",
                "Regional specific service (DSR)",
            ),
            Self::Clsm => (
                "Conseil local de santé mentale (CLSM)",
                "Local mental health council (CLSM)",
            ),
            Self::Asv => ("Atelier santé ville (ASV)", "City health workshop (ASV)"),
            Self::Maia => (
                "MAIA (méthode d'action pour l'intégration dans le champ de l'autonomie)",
                "MAIA (method of integrated action in the field of autonomy)",
            ),
            Self::CtaPaerpa => (
                "Coordination territoriale d'appui (Paerpa)",
                "Territorial support coordination (Paerpa)",
            ),
            Self::Clic => (
                "Centre local d'information et de coordination (CLIC)",
                "Local information and coordination centre (CLIC)",
            ),
            Self::MaisonDesReseaux => ("Maison des réseaux", "House of networks"),
            Self::Dispositif => ("Autre dispositif", "Another service"),
            Self::GroupeDeTravail => ("Groupe de travail", "Working group"),
            Self::Projet => ("Projet", "Project"),
        }
    }
}

impl Labelled for NetworkFamily {
    const TITLE: (&'static str, &'static str) = ("Familles de réseaux", "Families of networks");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Establishments => ("Entre établissements", "Between establishments"),
            Self::TownHospital => (
                "Ville-hôpital, sur un thème",
                "Town and hospital, on one theme",
            ),
            Self::Proximity => ("De proximité", "Of proximity"),
            Self::Experimental => ("Expérimental", "Experimental"),
        }
    }
}

impl Labelled for Reach {
    const TITLE: (&'static str, &'static str) =
        ("Portées d'un réseau", "How far a network reaches");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Territorial => ("Un territoire de la région", "A territory within a region"),
            Self::Regional => ("La région", "A region"),
        }
    }
}

impl Labelled for NetworkState {
    const TITLE: (&'static str, &'static str) =
        ("Phases de la vie d'un réseau", "Phases of a network's life");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Emergent => ("Émergent", "Emergent"),
            Self::Structuring => ("En structuration", "Structuring"),
            Self::Active => ("En activité", "Active"),
            Self::Dormant => ("En sommeil", "Dormant"),
            Self::Closed => ("Clos", "Closed"),
            Self::Merged => ("Devenu d'autres", "Merged"),
        }
    }
}

impl Labelled for LegalBasis {
    const TITLE: (&'static str, &'static str) = ("Fondements juridiques", "Legal bases");
    const SOURCE: &'static str = "Code de la santé publique";

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::L6321_1 => (
                "Article L6321-1 (réseaux de santé), abrogé",
                "Article L6321-1 (health networks), repealed",
            ),
            Self::L6327_1 => (
                "Articles L6327-1 à L6327-5 (appui à la coordination)",
                "Articles L6327-1 to L6327-5 (coordination support)",
            ),
            Self::L6327_6 => (
                "Article L6327-6 (dispositifs spécifiques régionaux)",
                "Article L6327-6 (regional specific services)",
            ),
            Self::L1434_12 => ("Article L1434-12 (CPTS)", "Article L1434-12 (CPTS)"),
            Self::None => ("Aucun", "None"),
        }
    }
}

impl Labelled for FinancingState {
    const TITLE: (&'static str, &'static str) = ("Financement d'un réseau", "Funding of a network");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Funded => ("Financé", "Funded"),
            Self::Awaiting => ("En attente de financement", "Awaiting funds"),
            Self::Unfunded => ("Non financé", "Unfunded"),
        }
    }
}

impl Labelled for Theme {
    const TITLE: (&'static str, &'static str) =
        ("Thèmes de santé publique", "Themes of public health");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Precarity => (
                "Précarité, publics vulnérables",
                "Poverty and vulnerable groups",
            ),
            Self::YouthHealth => ("Santé des jeunes", "Health of young people"),
            Self::Addictions => ("Addictions", "Addictions"),
            Self::PalliativeCare => (
                "Soins palliatifs, fin de vie",
                "Palliative care, end of life",
            ),
            Self::PerinatalHealth => ("Périnatalité", "Perinatal health"),
            Self::RespiratoryHealth => ("Santé respiratoire, tabac", "Respiratory health, tobacco"),
            Self::Obesity => ("Obésité", "Obesity"),
            Self::SexualHealth => ("Santé sexuelle, VIH et IST", "Sexual health, HIV and STIs"),
            Self::Diabetes => ("Diabète", "Diabetes"),
            Self::MentalHealth => ("Santé mentale", "Mental health"),
            Self::AccessToCare => (
                "Accès aux soins et aux droits",
                "Access to care and to rights",
            ),
            Self::ChronicDiseases => (
                "Maladies chroniques, éducation thérapeutique",
                "Chronic diseases, patient education",
            ),
            Self::LossOfAutonomy => (
                "Perte d'autonomie, vieillissement, aidants",
                "Loss of autonomy, ageing, carers",
            ),
            Self::EnvironmentalHealth => ("Santé et environnement", "Health and environment"),
            Self::Cancer => ("Cancer", "Cancer"),
            Self::RareDiseases => ("Maladies rares", "Rare diseases"),
            Self::CardiovascularHealth => ("Santé cardiovasculaire", "Cardiovascular health"),
            Self::Nutrition => ("Alimentation, nutrition", "Food, nutrition"),
            Self::OralHealth => ("Santé bucco-dentaire", "Oral health"),
            Self::Disability => ("Handicap", "Disability"),
            Self::Violence => ("Violences", "Violence"),
            Self::ComplexPathways => ("Parcours complexes", "Complex pathways"),
            Self::Other => ("Autre", "Other"),
        }
    }
}

impl Labelled for Population {
    const TITLE: (&'static str, &'static str) = ("Publics", "Populations");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Everybody => ("Tout public", "Everybody"),
            Self::Perinatal => (
                "Femmes enceintes et nouveau-nés",
                "Pregnant women and newborns",
            ),
            Self::Children => ("Enfants", "Children"),
            Self::YoungPeople => (
                "Adolescents et jeunes adultes",
                "Adolescents and young adults",
            ),
            Self::OlderPeople => ("Personnes âgées", "Older people"),
            Self::PeopleInPrecarity => ("Personnes en précarité", "People in poverty"),
            Self::Migrants => ("Personnes migrantes", "Migrants"),
            Self::PeopleWithDisability => (
                "Personnes en situation de handicap",
                "People with a disability",
            ),
            Self::Carers => ("Aidants", "Carers"),
            Self::Detainees => (
                "Personnes détenues ou sortant de prison",
                "People in detention, or who were",
            ),
            Self::ChronicallyIll => (
                "Personnes atteintes d'une maladie chronique",
                "People with a chronic disease",
            ),
            Self::SubstanceUsers => ("Usagers de substances", "People who use substances"),
            Self::Professionals => (
                "Professionnels de la santé et du social",
                "Health and social professionals",
            ),
            Self::Other => ("Autre public", "Anybody else"),
        }
    }
}

impl Labelled for Determinant {
    const TITLE: (&'static str, &'static str) = ("Déterminants de santé", "Determinants of health");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Housing => ("Logement", "Housing"),
            Self::Environment => ("Environnement", "Environment"),
            Self::Education => ("Éducation", "Education"),
            Self::Work => ("Travail", "Work"),
            Self::Transport => ("Transports", "Transport"),
            Self::Food => ("Alimentation", "Food"),
            Self::Income => ("Revenus", "Income"),
            Self::SocialTies => ("Liens sociaux", "Social ties"),
            Self::AccessToRights => ("Accès aux droits", "Access to rights"),
            Self::Other => ("Autre", "Other"),
        }
    }
}
