//! The codes of this room.

use crate::values::{Date, code_list};

code_list! {
    /// What a network is.
    pub enum NetworkKind in "network_kinds" {
        /// A réseau de santé.
        Reseau = "reseau",
        /// A plateforme territoriale d'appui.
        Pta = "pta",
        /// A dispositif d'appui à la coordination.
        Dac = "dac",
        /// A communauté professionnelle territoriale de santé.
        Cpts = "cpts",
        /// A dispositif spécifique régional.
        Dsr = "dsr",
        /// A conseil local de santé mentale.
        Clsm = "clsm",
        /// An atelier santé ville.
        Asv = "asv",
        /// A MAIA: one method of action for the integration of help and care in the field of autonomy.
        Maia = "maia",
        /// A coordination territoriale d'appui, of the PAERPA experiment.
        CtaPaerpa = "cta_paerpa",
        /// A centre local d'information et de coordination.
        Clic = "clic",
        /// A maison des réseaux: networks that share premises and logistics.
        MaisonDesReseaux = "maison_des_reseaux",
        /// Another dispositif.
        Dispositif = "dispositif",
        /// A groupe de travail.
        GroupeDeTravail = "groupe_de_travail",
        /// A project of several partners.
        Projet = "projet",
    }
}

code_list! {
    /// The four families of networks.
    pub enum NetworkFamily in "network_families" {
        /// Between establishments.
        Establishments = "establishments",
        /// Between town and hospital, on one theme.
        TownHospital = "town_hospital",
        /// Of proximity: the professionals of one territory, whatever the illness.
        Proximity = "proximity",
        /// Experimental networks of care.
        Experimental = "experimental",
    }
}

code_list! {
    /// How far a network reaches.
    pub enum Reach in "network_reaches" {
        /// A territory within a region.
        Territorial = "territorial",
        /// A region.
        Regional = "regional",
    }
}

code_list! {
    /// Where a network stands in its life.
    pub enum NetworkState in "network_states" {
        /// People begin to meet.
        Emergent = "emergent",
        /// It gives itself a form.
        Structuring = "structuring",
        /// It works.
        Active = "active",
        /// It rests, and may wake.
        Dormant = "dormant",
        /// It ended.
        Closed = "closed",
        /// It goes on as others, which its lineage says and no phase of its life.
        Merged = "merged",
    }
}

impl NetworkState {
    /// Where a network may go from here. A step that nobody noted may be left out; none goes back but
    /// from rest to work.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Emergent => &[Self::Structuring, Self::Active, Self::Dormant, Self::Closed],
            Self::Structuring => &[Self::Active, Self::Dormant, Self::Closed],
            Self::Active => &[Self::Dormant, Self::Closed],
            Self::Dormant => &[Self::Structuring, Self::Active, Self::Closed],
            Self::Closed | Self::Merged => &[],
        }
    }
}

code_list! {
    /// The article of law under which a network works.
    pub enum LegalBasis in "legal_bases" {
        /// Réseau de santé: article L6321-1 of the Code de la santé publique, repealed by article 23 of
        /// law 2019-774 of 24 July 2019.
        L6321_1 = "l6321_1",
        /// Dispositif d'appui à la coordination: articles L6327-1 to L6327-5.
        L6327_1 = "l6327_1",
        /// Dispositif spécifique régional: article L6327-6.
        L6327_6 = "l6327_6",
        /// Communauté professionnelle territoriale de santé: article L1434-12.
        L1434_12 = "l1434_12",
        /// None: it works by agreement of those who take part.
        None = "none",
    }
}

impl LegalBasis {
    /// The day from which no network works under it any more, if it was repealed.
    ///
    /// Article 23 of law 2019-774, published on 26 July 2019, gave networks three years to join others.
    #[must_use]
    pub fn over_from(self) -> Option<Date> {
        match self {
            Self::L6321_1 => Date::new(2022, 7, 26).ok(),
            Self::L6327_1 | Self::L6327_6 | Self::L1434_12 | Self::None => None,
        }
    }
}

code_list! {
    /// Whether a network has money of its own.
    pub enum FinancingState in "financing_states" {
        /// It is funded.
        Funded = "funded",
        /// It has asked and waits.
        Awaiting = "awaiting",
        /// It has none.
        Unfunded = "unfunded",
    }
}
