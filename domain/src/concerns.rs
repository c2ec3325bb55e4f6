//! What work on health is about: themes, populations, and the determinants of health that it acts on.
//! Networks, actions and contracts share these words.

use crate::values::code_list;

code_list! {
    /// A theme of public health. The first fourteen are the axes on which the networks around Alès work
    /// (Réseda, fourteen axes).
    pub enum Theme in "themes" {
        /// Poverty and vulnerable groups.
        Precarity = "precarity",
        /// The health of young people.
        YouthHealth = "youth_health",
        /// Addictions, with or without substances.
        Addictions = "addictions",
        /// End of life and palliative care.
        PalliativeCare = "palliative_care",
        /// Pregnant women and newborns.
        PerinatalHealth = "perinatal_health",
        /// Breathing and tobacco.
        RespiratoryHealth = "respiratory_health",
        /// Obesity, of children first.
        Obesity = "obesity",
        /// Sexual health, HIV and other sexually transmitted infections.
        SexualHealth = "sexual_health",
        /// Diabetes.
        Diabetes = "diabetes",
        /// Mental health.
        MentalHealth = "mental_health",
        /// Access to care and to rights.
        AccessToCare = "access_to_care",
        /// Chronic diseases, and teaching patients to live with them.
        ChronicDiseases = "chronic_diseases",
        /// Loss of autonomy, ageing, carers.
        LossOfAutonomy = "loss_of_autonomy",
        /// Health and environment.
        EnvironmentalHealth = "environmental_health",
        /// Cancer.
        Cancer = "cancer",
        /// Rare diseases.
        RareDiseases = "rare_diseases",
        /// Heart and vessels.
        CardiovascularHealth = "cardiovascular_health",
        /// Food and nutrition.
        Nutrition = "nutrition",
        /// Teeth and mouth.
        OralHealth = "oral_health",
        /// Disability.
        Disability = "disability",
        /// Violence, at home first.
        Violence = "violence",
        /// Care pathways that are complex, whatever the illness.
        ComplexPathways = "complex_pathways",
        /// Anything else.
        Other = "other",
    }
}

code_list! {
    /// Those for whom something is done.
    pub enum Population in "populations" {
        /// Everybody.
        Everybody = "everybody",
        /// Pregnant women and newborns.
        Perinatal = "perinatal",
        /// Children.
        Children = "children",
        /// Adolescents and young adults.
        YoungPeople = "young_people",
        /// Older people.
        OlderPeople = "older_people",
        /// People in poverty.
        PeopleInPrecarity = "people_in_precarity",
        /// Migrants.
        Migrants = "migrants",
        /// People with a disability.
        PeopleWithDisability = "people_with_disability",
        /// People who care for somebody close.
        Carers = "carers",
        /// People in detention, or who were.
        Detainees = "detainees",
        /// People with a chronic disease.
        ChronicallyIll = "chronically_ill",
        /// People who use substances.
        SubstanceUsers = "substance_users",
        /// Health and social professionals.
        Professionals = "professionals",
        /// Anybody else.
        Other = "other",
    }
}

code_list! {
    /// What health depends on beside care.
    pub enum Determinant in "determinants" {
        /// Housing.
        Housing = "housing",
        /// Environment: air, water, noise, heat.
        Environment = "environment",
        /// Education.
        Education = "education",
        /// Work.
        Work = "work",
        /// Transport.
        Transport = "transport",
        /// Food.
        Food = "food",
        /// Income.
        Income = "income",
        /// Family, neighbours, isolation.
        SocialTies = "social_ties",
        /// Access to rights.
        AccessToRights = "access_to_rights",
        /// Anything else.
        Other = "other",
    }
}
