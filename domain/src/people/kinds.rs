//! The codes of this room.

use crate::values::code_list;

code_list! {
    /// As what a person takes part in the health of a territory.
    pub enum PersonCapacity in "person_capacities" {
        /// A professional: of health, social or medico-social care, of justice, of education.
        Professional = "professional",
        /// An elected official.
        ElectedOfficial = "elected_official",
        /// A volunteer.
        Volunteer = "volunteer",
        /// Somebody who speaks for those who use the system of health.
        User = "user",
        /// Somebody who speaks for those who care for their kin.
        Carer = "carer",
        /// An employee of a network or of an organisation.
        Employee = "employee",
    }
}

code_list! {
    /// By what a person works for an organisation.
    pub enum Engagement in "engagements" {
        /// A contract of employment, or public office.
        Employed = "employed",
        /// Lent by another employer.
        Seconded = "seconded",
        /// On one's own account.
        SelfEmployed = "self_employed",
        /// As a volunteer.
        Volunteer = "volunteer",
        /// By a mandate of those who voted.
        Elected = "elected",
    }
}

code_list! {
    /// What a person does in an organisation.
    pub enum WorkFunction in "work_functions" {
        /// Directs it.
        Direction = "direction",
        /// Presides over it, or sits on its board.
        Governance = "governance",
        /// Coordinates.
        Coordination = "coordination",
        /// Cares for people, or accompanies them.
        Care = "care",
        /// Prevents, informs, trains.
        Prevention = "prevention",
        /// Keeps its accounts, its secretariat, its staff.
        Administration = "administration",
        /// Keeps its information systems.
        InformationSystems = "information_systems",
        /// Anything else.
        Other = "other",
    }
}
