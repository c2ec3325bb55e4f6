//! The labels of the code lists of relations, in both languages.

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
