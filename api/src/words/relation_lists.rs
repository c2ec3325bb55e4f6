//! The labels of the code lists of relations, in both languages.

use domain::bearers::BearerFunction;
use domain::facilitations::{Arrangement, FacilitationPhase};
use domain::memberships::MembershipCategory;
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
