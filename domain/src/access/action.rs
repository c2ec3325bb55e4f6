//! Actions: what a right is a right to.

use crate::values::code_list;

code_list! {
    /// Something a caller may be allowed to do. One operation of the API asks for one action.
    pub enum Action in "actions" {
        /// Read organisations and their parts.
        ReadOrganisations = "read_organisations",
        /// Read past states of what may be read.
        ReadHistory = "read_history",
        /// Record an organisation.
        CreateOrganisation = "create_organisation",
        /// Change what is recorded of an organisation.
        ChangeOrganisation = "change_organisation",
        /// Say that an organisation ended.
        EndOrganisation = "end_organisation",
        /// Take back an end that was recorded by mistake.
        ReopenOrganisation = "reopen_organisation",
        /// Delete an organisation recorded by mistake.
        DeleteOrganisation = "delete_organisation",
        /// Fold the record of an organisation into another record of the same one.
        FoldOrganisation = "fold_organisation",
        /// Take back such a fold.
        UnfoldOrganisation = "unfold_organisation",
        /// Judge that two organisations that look alike are two, or take that back.
        TellOrganisationsApart = "tell_organisations_apart",
        /// Import organisations from a file.
        ImportOrganisations = "import_organisations",
        /// Import networks from a file.
        ImportNetworks = "import_networks",
        /// Import memberships from a file.
        ImportMemberships = "import_memberships",
        /// Read the directory: what is public of who works where.
        ReadDirectory = "read_directory",
        /// Read networks.
        ReadNetworks = "read_networks",
        /// Record a network.
        CreateNetwork = "create_network",
        /// Change what is recorded of a network.
        ChangeNetwork = "change_network",
        /// Say that a phase of a network's life begins.
        EnterPhase = "enter_phase",
        /// Delete a network recorded by mistake.
        DeleteNetwork = "delete_network",
        /// Read people at work: their names and what they do.
        ReadPeople = "read_people",
        /// Read the RPPS number and the contact at work of people.
        ReadContacts = "read_contacts",
        /// Record a person.
        CreatePerson = "create_person",
        /// Change what is recorded of a person.
        ChangePerson = "change_person",
        /// Erase who a person is.
        ErasePerson = "erase_person",
        /// Delete a person recorded by mistake.
        DeletePerson = "delete_person",
        /// Read memberships.
        ReadMemberships = "read_memberships",
        /// Record a membership.
        CreateMembership = "create_membership",
        /// Change what is recorded of a membership.
        ChangeMembership = "change_membership",
        /// Say that a membership ended.
        EndMembership = "end_membership",
        /// Delete a membership recorded by mistake.
        DeleteMembership = "delete_membership",
        /// Read bearers.
        ReadBearers = "read_bearers",
        /// Record a bearer.
        CreateBearer = "create_bearer",
        /// Change what is recorded of a bearer.
        ChangeBearer = "change_bearer",
        /// Say that a bearer ceased to bear.
        EndBearer = "end_bearer",
        /// Hand a function of a bearer over to another.
        HandOverBearer = "hand_over_bearer",
        /// Delete a bearer recorded by mistake.
        DeleteBearer = "delete_bearer",
        /// Read facilitations.
        ReadFacilitations = "read_facilitations",
        /// Record a facilitation.
        CreateFacilitation = "create_facilitation",
        /// Change what is recorded of a facilitation.
        ChangeFacilitation = "change_facilitation",
        /// Say that a facilitation ended.
        EndFacilitation = "end_facilitation",
        /// Delete a facilitation recorded by mistake.
        DeleteFacilitation = "delete_facilitation",
        /// Read objectives.
        ReadObjectives = "read_objectives",
        /// Record an objective.
        CreateObjective = "create_objective",
        /// Change what is recorded of an objective.
        ChangeObjective = "change_objective",
        /// Say that an objective ended.
        EndObjective = "end_objective",
        /// Delete an objective recorded by mistake.
        DeleteObjective = "delete_objective",
        /// Read actions.
        ReadActions = "read_actions",
        /// Record an action.
        CreateAction = "create_action",
        /// Change what is recorded of an action.
        ChangeAction = "change_action",
        /// Say that an action ended.
        EndAction = "end_action",
        /// Delete an action recorded by mistake.
        DeleteAction = "delete_action",
        /// Read poolings.
        ReadPoolings = "read_poolings",
        /// Record a pooling.
        CreatePooling = "create_pooling",
        /// Change what is recorded of a pooling.
        ChangePooling = "change_pooling",
        /// Say that a pooling ended.
        EndPooling = "end_pooling",
        /// Delete a pooling recorded by mistake.
        DeletePooling = "delete_pooling",
        /// Read founding texts.
        ReadFoundingTexts = "read_founding_texts",
        /// Record a founding text.
        CreateFoundingText = "create_founding_text",
        /// Change what is recorded of a founding text.
        ChangeFoundingText = "change_founding_text",
        /// Say that a founding text ended.
        EndFoundingText = "end_founding_text",
        /// Delete a founding text recorded by mistake.
        DeleteFoundingText = "delete_founding_text",
        /// Read lineage events.
        ReadLineage = "read_lineage",
        /// Record a merger, a split or a succession.
        RecordLineage = "record_lineage",
        /// Take a lineage event back.
        UndoLineage = "undo_lineage",
        /// Read territories.
        ReadTerritories = "read_territories",
        /// Record a territory that somebody draws.
        CreateTerritory = "create_territory",
        /// Change what is recorded of a drawn territory.
        ChangeTerritory = "change_territory",
        /// Say that a drawn territory ended.
        EndTerritory = "end_territory",
        /// Delete a drawn territory recorded by mistake.
        DeleteTerritory = "delete_territory",
        /// Load reference territories; only the program itself does it for now.
        LoadTerritories = "load_territories",
        /// Follow the change feed.
        ReadChanges = "read_changes",
        /// Export all records of a type.
        ExportRecords = "export_records",
        /// Read the measures of the running server.
        ReadMetrics = "read_metrics",
        /// Read who has access, and with which rights.
        ReadAccess = "read_access",
        /// Give a script its access.
        CreateClient = "create_client",
        /// Change what is recorded of a script, or give it another secret.
        ChangeClient = "change_client",
        /// Withdraw a script's access.
        RevokeClient = "revoke_client",
        /// Give a person an account.
        CreateAccount = "create_account",
        /// Change what is recorded of an account, or give it another one-time code.
        ChangeAccount = "change_account",
        /// Withdraw a person's access.
        RevokeAccount = "revoke_account",
        /// Heed what another issuer says of somebody: that one may call, with which roles. Only the
        /// program itself does it.
        HeedIssuer = "heed_issuer",
        /// Give somebody a role.
        GiveGrant = "give_grant",
        /// Say until when somebody holds a role.
        EndGrant = "end_grant",
        /// Take back a role that was given by mistake.
        DeleteGrant = "delete_grant",
        /// Read who did what.
        ReadAudit = "read_audit",
    }
}

code_list! {
    /// What a token was asked for. It can only narrow the rights of its caller.
    pub enum TokenScope in "token_scopes" {
        /// Read what the caller may read.
        Read = "read",
        /// Write what the caller may write.
        Write = "write",
        /// Manage the installation as far as the caller may.
        Administer = "administer",
    }
}

impl Action {
    /// The scope a token must hold for this action.
    #[must_use]
    pub fn token_scope(self) -> TokenScope {
        match self {
            Self::ReadOrganisations
            | Self::ReadDirectory
            | Self::ReadNetworks
            | Self::ReadPeople
            | Self::ReadContacts
            | Self::ReadMemberships
            | Self::ReadBearers
            | Self::ReadFacilitations
            | Self::ReadObjectives
            | Self::ReadActions
            | Self::ReadPoolings
            | Self::ReadFoundingTexts
            | Self::ReadLineage
            | Self::ReadHistory
            | Self::ReadTerritories
            | Self::ReadChanges
            | Self::ExportRecords => TokenScope::Read,
            Self::CreateOrganisation
            | Self::ChangeOrganisation
            | Self::EndOrganisation
            | Self::ReopenOrganisation
            | Self::DeleteOrganisation
            | Self::FoldOrganisation
            | Self::UnfoldOrganisation
            | Self::TellOrganisationsApart
            | Self::CreateNetwork
            | Self::ChangeNetwork
            | Self::EnterPhase
            | Self::DeleteNetwork
            | Self::CreatePerson
            | Self::ChangePerson
            | Self::ErasePerson
            | Self::DeletePerson
            | Self::CreateMembership
            | Self::ChangeMembership
            | Self::EndMembership
            | Self::DeleteMembership
            | Self::CreateBearer
            | Self::ChangeBearer
            | Self::EndBearer
            | Self::HandOverBearer
            | Self::DeleteBearer
            | Self::CreateFacilitation
            | Self::ChangeFacilitation
            | Self::EndFacilitation
            | Self::DeleteFacilitation
            | Self::CreateObjective
            | Self::ChangeObjective
            | Self::EndObjective
            | Self::DeleteObjective
            | Self::CreateAction
            | Self::ChangeAction
            | Self::EndAction
            | Self::DeleteAction
            | Self::CreatePooling
            | Self::ChangePooling
            | Self::EndPooling
            | Self::DeletePooling
            | Self::CreateFoundingText
            | Self::ChangeFoundingText
            | Self::EndFoundingText
            | Self::DeleteFoundingText
            | Self::RecordLineage
            | Self::UndoLineage
            | Self::CreateTerritory
            | Self::ChangeTerritory
            | Self::EndTerritory
            | Self::DeleteTerritory
            | Self::ImportOrganisations
            | Self::ImportNetworks
            | Self::ImportMemberships => TokenScope::Write,
            Self::LoadTerritories
            | Self::ReadMetrics
            | Self::ReadAccess
            | Self::CreateClient
            | Self::ChangeClient
            | Self::RevokeClient
            | Self::CreateAccount
            | Self::ChangeAccount
            | Self::RevokeAccount
            | Self::HeedIssuer
            | Self::GiveGrant
            | Self::EndGrant
            | Self::DeleteGrant
            | Self::ReadAudit => TokenScope::Administer,
        }
    }

    /// Whether only the program itself does it: no request asks for it.
    #[must_use]
    pub fn is_of_the_program(self) -> bool {
        matches!(self, Self::LoadTerritories | Self::HeedIssuer)
    }

    /// Whether it reads what is the same for everybody and belongs to nobody.
    #[must_use]
    pub fn reads_reference(self) -> bool {
        self == Self::ReadTerritories
    }
}
