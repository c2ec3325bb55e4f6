//! Who a person is: all that an erasure forgets.

use std::fmt;

use super::PersonId;
use crate::records::Warning;
use crate::values::{Date, Email, Label, Name, Names, Phone, Pointer, Rpps};

/// Who a person is, at work. It is kept in one row that can be erased, and in nothing that lasts.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// By which the person is found and sorted: the family name, and as the short one the given name.
    pub names: Names,
    /// The number in the shared directory of health professionals.
    pub rpps: Option<Rpps>,
    /// The e-mail address at work.
    pub email: Option<Email>,
    /// The telephone at work.
    pub phone: Option<Phone>,
}

/// Says nothing of the person: this may end in a log.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// Somebody of this name.
    #[must_use]
    pub fn named(family_name: Label, given_name: Option<Label>) -> Self {
        let name = Name {
            name: family_name,
            short_name: given_name,
            starts_on: None,
        };
        Self {
            names: name.into(),
            rpps: None,
            email: None,
            phone: None,
        }
    }

    /// What stands in the place of somebody who was erased: a name that tells people apart, made of nothing but
    /// the id.
    #[must_use]
    pub fn pseudonym(of: PersonId) -> Self {
        Self::named(Label::numbered(ERASED, of), None)
    }

    /// The family name.
    #[must_use]
    pub fn family_name(&self) -> &Label {
        &self.names.on(Date::MIN).name
    }

    /// The given name.
    #[must_use]
    pub fn given_name(&self) -> Option<&Label> {
        self.names.on(Date::MIN).short_name.as_ref()
    }

    /// The name as it is said: the given name first.
    #[must_use]
    pub fn name(&self) -> Label {
        let family = self.family_name();
        let whole = self.given_name().map(|given| format!("{given} {family}"));
        let whole = whole.and_then(|name| Label::parse(&name).ok());
        whole.unwrap_or_else(|| family.clone())
    }

    /// What is odd about it without being refused: a number whose key does not match.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let odd = self.rpps.iter().filter(|rpps| !rpps.key_matches());
        odd.map(|_| Warning::WrongKey {
            pointer: Pointer::root().join("rpps"),
        })
        .collect()
    }
}

/// What the name of everybody who was erased begins with.
const ERASED: &str = "Personne effacée";
