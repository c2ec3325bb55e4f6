//! The labels of the code lists of access, in both languages.

use domain::access::{
    AccountState, Action, CallerKind, GrantState, Role, ScopeKind, TokenScope, Weakness,
};

use super::code_lists::Labelled;

impl Labelled for Role {
    const TITLE: (&'static str, &'static str) = ("Rôles", "Roles");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Administrator => ("Administrateur", "Administrator"),
            Self::Coordinator => ("Coordonnateur", "Coordinator"),
            Self::NetworkCoordinator => ("Coordonnateur d'un réseau", "Coordinator of a network"),
            Self::Secretary => ("Secrétaire d'une instance", "Secretary of a body"),
            Self::Contributor => ("Contributeur", "Contributor"),
            Self::Funder => ("Financeur", "Funder"),
            Self::Federation => ("Fédération", "Federation"),
            Self::Reader => ("Lecteur", "Reader"),
            Self::Public => ("Public, sans jeton", "Public, without a token"),
        }
    }
}

impl Labelled for ScopeKind {
    const TITLE: (&'static str, &'static str) = ("Champs d'un rôle", "Scopes of a role");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Everything => ("Tout ce qui est enregistré", "All that is recorded"),
            Self::Organisation => (
                "Une organisation et ce qui en fait partie",
                "An organisation and what is part of it",
            ),
            Self::Network => (
                "Un réseau et ce qui en dépend",
                "A network and what belongs to it",
            ),
        }
    }
}

impl Labelled for CallerKind {
    const TITLE: (&'static str, &'static str) = ("Natures d'appelant", "Kinds of caller");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Client => ("Script ou serveur", "Script or server"),
            Self::Account => ("Personne qui a un compte", "Person with an account"),
            Self::Subject => (
                "Personne dont un autre émetteur répond",
                "Person whom another issuer vouches for",
            ),
            Self::Public => ("N'importe qui", "Anybody"),
        }
    }
}

impl Labelled for GrantState {
    const TITLE: (&'static str, &'static str) = ("États d'un rôle donné", "States of a role given");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Expected => ("À venir", "Expected"),
            Self::Held => ("Tenu", "Held"),
            Self::Ended => ("Terminé", "Ended"),
        }
    }
}

impl Labelled for AccountState {
    const TITLE: (&'static str, &'static str) = ("États d'un compte", "States of an account");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Invited => ("Invité", "Invited"),
            Self::Active => ("Actif", "Active"),
            Self::Revoked => ("Retiré", "Revoked"),
        }
    }
}

impl Labelled for Weakness {
    const TITLE: (&'static str, &'static str) =
        ("Faiblesses d'un mot de passe", "Weaknesses of a password");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::TooShort => ("Moins de 12 caractères", "Fewer than 12 characters"),
            Self::TooLong => ("Plus de 200 caractères", "More than 200 characters"),
            Self::Personal => (
                "Fait du nom ou de l'adresse de la personne",
                "Made of the person's name or address",
            ),
            Self::Common => (
                "Déjà pris par beaucoup d'autres, ou tout proche",
                "One that many use, or close to one",
            ),
            Self::Word => ("Un mot ou un nom courant", "A common word or name"),
            Self::Pattern => (
                "Se répète, ou suit l'alphabet ou le clavier",
                "Repeats itself, or follows the alphabet or the keyboard",
            ),
            Self::Date => ("Une date", "A date"),
            Self::Guessable => ("Se devine en essayant", "Found by trying"),
        }
    }
}

impl Labelled for TokenScope {
    const TITLE: (&'static str, &'static str) = ("Portées de jeton", "Token scopes");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Read => ("Lire", "Read"),
            Self::Write => ("Écrire", "Write"),
            Self::Administer => ("Administrer", "Administer"),
        }
    }
}

impl Labelled for Action {
    const TITLE: (&'static str, &'static str) = ("Actions", "Actions");

    #[expect(clippy::too_many_lines, reason = "a table, a line for each")]
    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::ReadOrganisations => ("Lire les organisations", "Read organisations"),
            Self::ReadHistory => ("Lire les états passés", "Read past states"),
            Self::CreateOrganisation => ("Enregistrer une organisation", "Record an organisation"),
            Self::ChangeOrganisation => ("Modifier une organisation", "Change an organisation"),
            Self::EndOrganisation => (
                "Dire qu'une organisation a pris fin",
                "Say that an organisation ended",
            ),
            Self::ReopenOrganisation => (
                "Reprendre une fin enregistrée par erreur",
                "Take back an end recorded by mistake",
            ),
            Self::FoldOrganisation => (
                "Dire qu'une organisation est le doublon d'une autre",
                "Say that an organisation is a duplicate of another",
            ),
            Self::UnfoldOrganisation => ("Revenir sur un doublon déclaré", "Take back a duplicate"),
            Self::TellOrganisationsApart => (
                "Dire que deux organisations qui se ressemblent sont distinctes",
                "Say that two organisations that look alike are two",
            ),
            Self::DeleteOrganisation => (
                "Supprimer une organisation enregistrée par erreur",
                "Delete an organisation recorded by mistake",
            ),
            Self::ImportOrganisations => (
                "Importer des organisations depuis un fichier",
                "Import organisations from a file",
            ),
            Self::ImportNetworks => (
                "Importer des réseaux depuis un fichier",
                "Import networks from a file",
            ),
            Self::ImportMemberships => (
                "Importer des adhésions depuis un fichier",
                "Import memberships from a file",
            ),
            Self::ReadDirectory => ("Lire l'annuaire", "Read the directory"),
            Self::ReadNetworks => ("Lire les réseaux", "Read networks"),
            Self::CreateNetwork => ("Enregistrer un réseau", "Record a network"),
            Self::ChangeNetwork => ("Modifier un réseau", "Change a network"),
            Self::EnterPhase => (
                "Dire qu'une phase de la vie d'un réseau commence",
                "Say that a phase of a network's life begins",
            ),
            Self::DeleteNetwork => (
                "Supprimer un réseau enregistré par erreur",
                "Delete a network recorded by mistake",
            ),
            Self::ReadPeople => ("Lire les personnes", "Read people"),
            Self::ReadContacts => (
                "Lire le numéro RPPS et les coordonnées professionnelles",
                "Read RPPS numbers and contacts at work",
            ),
            Self::CreatePerson => ("Enregistrer une personne", "Record a person"),
            Self::ChangePerson => ("Modifier la fiche d'une personne", "Change a person"),
            Self::ErasePerson => ("Effacer l'identité d'une personne", "Erase who a person is"),
            Self::DeletePerson => (
                "Supprimer une personne enregistrée par erreur",
                "Delete a person recorded by mistake",
            ),
            Self::ReadMemberships => ("Lire les adhésions", "Read memberships"),
            Self::CreateMembership => ("Enregistrer une adhésion", "Record a membership"),
            Self::ChangeMembership => ("Modifier une adhésion", "Change a membership"),
            Self::EndMembership => (
                "Dire qu'une adhésion a pris fin",
                "Say that a membership ended",
            ),
            Self::DeleteMembership => (
                "Supprimer une adhésion enregistrée par erreur",
                "Delete a membership recorded by mistake",
            ),
            Self::ReadBearers => ("Lire les portages", "Read bearers"),
            Self::CreateBearer => ("Enregistrer un portage", "Record a bearer"),
            Self::ChangeBearer => ("Modifier un portage", "Change a bearer"),
            Self::EndBearer => (
                "Dire qu'un portage a pris fin",
                "Say that a bearer ceased to bear",
            ),
            Self::HandOverBearer => (
                "Transmettre un portage à un autre porteur",
                "Hand a function over to another bearer",
            ),
            Self::DeleteBearer => (
                "Supprimer un portage enregistré par erreur",
                "Delete a bearer recorded by mistake",
            ),
            Self::ReadFacilitations => ("Lire les animations", "Read facilitations"),
            Self::CreateFacilitation => ("Enregistrer une animation", "Record a facilitation"),
            Self::ChangeFacilitation => ("Modifier une animation", "Change a facilitation"),
            Self::EndFacilitation => (
                "Dire qu'une animation a pris fin",
                "Say that a facilitation ended",
            ),
            Self::DeleteFacilitation => (
                "Supprimer une animation enregistrée par erreur",
                "Delete a facilitation recorded by mistake",
            ),
            Self::ReadObjectives => ("Lire les objectifs", "Read objectives"),
            Self::CreateObjective => ("Enregistrer un objectif", "Record an objective"),
            Self::ChangeObjective => ("Modifier un objectif", "Change an objective"),
            Self::EndObjective => (
                "Dire qu'un objectif a pris fin",
                "Say that an objective ended",
            ),
            Self::DeleteObjective => (
                "Supprimer un objectif enregistré par erreur",
                "Delete an objective recorded by mistake",
            ),
            Self::ReadActions => ("Lire les actions", "Read actions"),
            Self::CreateAction => ("Enregistrer une action", "Record an action"),
            Self::ChangeAction => ("Modifier une action", "Change an action"),
            Self::EndAction => ("Dire qu'une action a pris fin", "Say that an action ended"),
            Self::DeleteAction => (
                "Supprimer une action enregistrée par erreur",
                "Delete an action recorded by mistake",
            ),
            Self::ReadPoolings => ("Lire les mutualisations", "Read poolings"),
            Self::CreatePooling => ("Enregistrer une mutualisation", "Record a pooling"),
            Self::ChangePooling => ("Modifier une mutualisation", "Change a pooling"),
            Self::EndPooling => (
                "Dire qu'une mutualisation a pris fin",
                "Say that a pooling ended",
            ),
            Self::DeletePooling => (
                "Supprimer une mutualisation enregistrée par erreur",
                "Delete a pooling recorded by mistake",
            ),
            Self::ReadFoundingTexts => ("Lire les textes fondateurs", "Read founding texts"),
            Self::CreateFoundingText => {
                ("Enregistrer un texte fondateur", "Record a founding text")
            }
            Self::ChangeFoundingText => ("Modifier un texte fondateur", "Change a founding text"),
            Self::EndFoundingText => (
                "Dire qu'un texte fondateur a pris fin",
                "Say that a founding text ended",
            ),
            Self::DeleteFoundingText => (
                "Supprimer un texte fondateur enregistré par erreur",
                "Delete a founding text recorded by mistake",
            ),
            Self::ReadLineage => (
                "Lire les fusions, scissions et successions",
                "Read mergers, splits and successions",
            ),
            Self::RecordLineage => (
                "Enregistrer une fusion, une scission ou une succession",
                "Record a merger, a split or a succession",
            ),
            Self::UndoLineage => (
                "Revenir sur une fusion, une scission ou une succession",
                "Take a merger, a split or a succession back",
            ),
            Self::ReadTerritories => ("Lire les territoires", "Read territories"),
            Self::CreateTerritory => ("Dessiner un territoire", "Draw a territory"),
            Self::ChangeTerritory => ("Modifier un territoire dessiné", "Change a drawn territory"),
            Self::EndTerritory => (
                "Déclarer la fin d'un territoire dessiné",
                "Say that a drawn territory ended",
            ),
            Self::DeleteTerritory => (
                "Supprimer un territoire dessiné par erreur",
                "Delete a territory drawn by mistake",
            ),
            Self::LoadTerritories => (
                "Charger les territoires de référence",
                "Load reference territories",
            ),
            Self::ReadChanges => ("Suivre les changements", "Follow changes"),
            Self::ExportRecords => (
                "Exporter toutes les fiches d'un type",
                "Export all records of a type",
            ),
            Self::ReadMetrics => ("Lire les mesures du serveur", "Read the server's measures"),
            Self::ReadAccess => (
                "Lire qui a accès, et avec quels droits",
                "Read who has access, and with which rights",
            ),
            Self::CreateClient => ("Donner un accès à un script", "Give a script its access"),
            Self::ChangeClient => (
                "Modifier l'accès d'un script, ou lui donner un autre secret",
                "Change a script's access, or give it another secret",
            ),
            Self::RevokeClient => ("Retirer l'accès d'un script", "Withdraw a script's access"),
            Self::CreateAccount => (
                "Ouvrir un compte à une personne",
                "Give a person an account",
            ),
            Self::ChangeAccount => (
                "Modifier un compte, ou lui donner un autre code à usage unique",
                "Change an account, or give it another one-time code",
            ),
            Self::RevokeAccount => (
                "Retirer l'accès d'une personne",
                "Withdraw a person's access",
            ),
            Self::HeedIssuer => (
                "Tenir compte de ce qu'un autre émetteur dit de quelqu'un",
                "Heed what another issuer says of somebody",
            ),
            Self::GiveGrant => ("Donner un rôle", "Give a role"),
            Self::EndGrant => (
                "Dire jusqu'à quand un rôle est tenu",
                "Say until when a role is held",
            ),
            Self::DeleteGrant => (
                "Reprendre un rôle donné par erreur",
                "Take back a role given by mistake",
            ),
            Self::ReadAudit => ("Lire qui a fait quoi", "Read who did what"),
        }
    }
}
