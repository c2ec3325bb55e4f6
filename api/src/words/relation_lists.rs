//! The labels of the code lists of relations, in both languages.

use domain::actions::{ActionStatus, PartnerRole};
use domain::bearers::BearerFunction;
use domain::facilitations::{Arrangement, FacilitationPhase};
use domain::founding_texts::{FoundingTextKind, ItemState, RequiredItem};
use domain::lineage::{LineageHindrance, LineageKind};
use domain::memberships::MembershipCategory;
use domain::objectives::{ObjectiveLevel, ObjectiveStatus, Validity};
use domain::poolings::{PoolingForm, Shared};
use domain::relations::RelationState;

use super::code_lists::Labelled;

impl Labelled for MembershipCategory {
    const TITLE: (&'static str, &'static str) = ("Catégories de membre", "Categories of member");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Adherent => ("Adhérent", "Member that joined"),
            Self::Founder => ("Fondateur", "Founder"),
            Self::OfRight => ("De droit", "Member of right"),
            Self::Associate => ("Associé, partenaire", "Associate, partner"),
            Self::Expert => ("Expert, personne qualifiée", "Expert, qualified person"),
            Self::Guest => ("Invité, observateur", "Guest, observer"),
            Self::Honorary => (
                "Bienfaiteur, membre d'honneur",
                "Benefactor, honorary member",
            ),
        }
    }
}

impl Labelled for BearerFunction {
    const TITLE: (&'static str, &'static str) = ("Fonctions de portage", "Functions of a bearer");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::LegalRepresentation => ("Représentation juridique", "Legal representation"),
            Self::FinancialManagement => ("Gestion financière", "Financial management"),
            Self::AdministrativeManagement => {
                ("Gestion administrative", "Administrative management")
            }
        }
    }
}

impl Labelled for FacilitationPhase {
    const TITLE: (&'static str, &'static str) =
        ("Phases d'une animation", "Phases of a facilitation");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Elaboration => ("Élaboration", "Elaboration"),
            Self::Implementation => ("Mise en œuvre", "Implementation"),
            Self::FollowUp => ("Suivi", "Follow-up"),
        }
    }
}

impl Labelled for Arrangement {
    const TITLE: (&'static str, &'static str) =
        ("Modes d'animation", "Arrangements of facilitation");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Dedicated => ("Dédiée", "Dedicated"),
            Self::Pooled => ("Par une équipe mutualisée", "By a pooled team"),
        }
    }
}

impl Labelled for ObjectiveLevel {
    const TITLE: (&'static str, &'static str) = ("Niveaux d'objectif", "Levels of objective");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::General => ("Général", "General"),
            Self::Operational => ("Opérationnel", "Operational"),
        }
    }
}

impl Labelled for ObjectiveStatus {
    const TITLE: (&'static str, &'static str) =
        ("Avancement d'un objectif", "How far an objective went");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Planned => ("Prévu", "Planned"),
            Self::Running => ("En cours", "Running"),
            Self::Reached => ("Atteint", "Reached"),
            Self::Abandoned => ("Abandonné", "Abandoned"),
        }
    }
}

impl Labelled for Validity {
    const TITLE: (&'static str, &'static str) = ("Validité", "Validity");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Proposed => ("Proposé", "Proposed"),
        }
    }
}

impl Labelled for ActionStatus {
    const TITLE: (&'static str, &'static str) =
        ("Avancement d'une action", "How far an action went");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Planned => ("Prévue", "Planned"),
            Self::Running => ("En cours", "Running"),
            Self::Suspended => ("Suspendue", "Suspended"),
            Self::Done => ("Réalisée", "Done"),
            Self::Abandoned => ("Abandonnée", "Abandoned"),
        }
    }
}

impl Labelled for PartnerRole {
    const TITLE: (&'static str, &'static str) = ("Rôles d'un partenaire", "Roles of a partner");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Pilot => ("Pilote", "Pilot"),
            Self::CoPilot => ("Copilote", "Co-pilot"),
            Self::Partner => ("Partenaire", "Partner"),
            Self::Funder => ("Financeur", "Funder"),
            Self::Contributor => ("Contributeur en moyens", "Contributor of means"),
        }
    }
}

impl Labelled for PoolingForm {
    const TITLE: (&'static str, &'static str) = ("Formes de mutualisation", "Forms of pooling");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Merger => ("Fusion", "Merger"),
            Self::MaisonDesReseaux => ("Maison des réseaux", "House of networks"),
            Self::SharedActions => ("Actions ou services communs", "Shared actions or services"),
            Self::JointRepresentation => (
                "Événements et représentation communs",
                "Joint events and representation",
            ),
        }
    }
}

impl Labelled for Shared {
    const TITLE: (&'static str, &'static str) = ("Ce qui est mutualisé", "What is shared");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Premises => ("Locaux", "Premises"),
            Self::Logistics => ("Logistique", "Logistics"),
            Self::Staff => ("Personnel", "Staff"),
            Self::Training => ("Formation", "Training"),
            Self::Protocols => ("Protocoles", "Protocols"),
            Self::Record => ("Dossier partagé", "Shared record"),
            Self::Prevention => ("Prévention", "Prevention"),
            Self::PatientEducation => ("Éducation thérapeutique", "Patient education"),
            Self::InformationSystems => ("Systèmes d'information", "Information systems"),
            Self::Events => ("Communication, événements", "Communication, events"),
            Self::Purchases => ("Achats", "Purchases"),
            Self::Other => ("Autre", "Other"),
        }
    }
}

impl Labelled for FoundingTextKind {
    const TITLE: (&'static str, &'static str) = ("Textes fondateurs", "Founding texts");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Charter => ("Charte (D6321-4)", "Charter (D6321-4)"),
            Self::ConstitutiveConvention => (
                "Convention constitutive (D6321-5)",
                "Constitutive convention (D6321-5)",
            ),
        }
    }
}

impl Labelled for RequiredItem {
    const TITLE: (&'static str, &'static str) = (
        "Contenu obligatoire des textes fondateurs",
        "What founding texts must say",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::AccessAndExit => (
                "Accès au réseau et sortie",
                "Access to the network and exit",
            ),
            Self::RolesAndSteering => (
                "Rôle des intervenants, coordination et pilotage",
                "Roles, coordination and steering",
            ),
            Self::QualityAndTraining => ("Qualité et formation", "Quality and training"),
            Self::InformationSharing => (
                "Partage de l'information et secret professionnel",
                "Sharing of information and professional secrecy",
            ),
            Self::NoAdvertising => ("Pas d'usage publicitaire", "No use for advertising"),
            Self::Protocols => ("Annexe : protocoles", "Annex: protocols"),
            Self::UsersInformation => (
                "Annexe : document d'information des usagers",
                "Annex: document that informs users",
            ),
            Self::ObjectAndAims => ("Objet et objectifs", "Object and aims"),
            Self::AreaAndPopulation => ("Aire géographique et population", "Area and population"),
            Self::SeatAndPromoters => (
                "Siège, promoteurs, responsable du système d'information",
                "Seat, promoters, who is in charge of the information system",
            ),
            Self::Composition => (
                "Personnes qui composent le réseau et leurs domaines",
                "Who composes the network, and in which fields",
            ),
            Self::EntryAndExit => (
                "Entrée, sortie et intervention",
                "Entry, exit and taking part",
            ),
            Self::UsersRepresentation => ("Représentation des usagers", "Representation of users"),
            Self::LegalStructure => (
                "Structure juridique et statuts",
                "Legal structure and statutes",
            ),
            Self::CoordinationAndContinuity => (
                "Coordination, pilotage, continuité des soins",
                "Coordination, steering, continuity of care",
            ),
            Self::InformationSystem => ("Système d'information", "Information system"),
            Self::Evaluation => ("Évaluation", "Evaluation"),
            Self::DurationAndRenewal => ("Durée et renouvellement", "Duration and renewal"),
            Self::Calendar => ("Calendrier prévisionnel", "Planned calendar"),
            Self::Dissolution => ("Dissolution", "Dissolution"),
        }
    }
}

impl Labelled for ItemState {
    const TITLE: (&'static str, &'static str) = (
        "Avancement d'un point d'un texte fondateur",
        "How far an item of a founding text is",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Settled => ("Arrêté", "Settled"),
            Self::Drafted => ("En rédaction", "Drafted"),
            Self::Missing => ("Manquant", "Missing"),
        }
    }
}

impl Labelled for RelationState {
    const TITLE: (&'static str, &'static str) = ("États d'un lien", "States of a relation");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Expected => ("À venir", "Expected"),
            Self::Current => ("En cours", "Current"),
            Self::Ended => ("Terminé", "Ended"),
        }
    }
}

impl Labelled for LineageKind {
    const TITLE: (&'static str, &'static str) = (
        "Fusions, scissions, successions",
        "Mergers, splits, successions",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Merger => ("Fusion", "Merger"),
            Self::Split => ("Scission", "Split"),
            Self::Succession => ("Succession", "Succession"),
        }
    }
}

impl Labelled for LineageHindrance {
    const TITLE: (&'static str, &'static str) = (
        "Ce qui empêche de revenir sur une fusion",
        "What keeps a merger from being taken back",
    );

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Changed => ("Modifiée depuis", "Changed since"),
            Self::Deleted => ("Supprimée depuis", "Deleted since"),
            Self::RecordedSince => ("Enregistrée depuis", "Recorded since"),
            Self::Tied => ("D'autres fiches y tiennent", "Others are tied to it"),
            Self::LaterEvent => (
                "Un acte plus récent en dépend",
                "A later event depends on it",
            ),
        }
    }
}
