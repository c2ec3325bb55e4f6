//! Accounts of people. Who the person is stands in one row elsewhere that can be erased: an account
//! only points to it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{Action, CallerId, GrantFields};
use crate::records::{Cell, OnDay, Resource, ResourceType, Tabular, Tie};
use crate::values::{Date, Email, Id, Instant, Label, Version, code_list};

/// The id of an account; as a caller it has the same.
pub type AccountId = Id<Account>;

/// Marks the id of a person.
pub enum Person {}

/// The id of a person.
pub type PersonId = Id<Person>;

/// A person's access. It holds no word of who the person is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Account {
    /// Its name for ever.
    pub id: AccountId,
    /// How many times it was written.
    pub version: Version,
    /// Whose it is.
    pub person: PersonId,
    /// Until when the one-time code that was given last is good, unless it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_expires_at: Option<Instant>,
    /// When the person first set a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Instant>,
    /// When its access was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
}

/// Who the person is.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Dominique Exemple", "email": "d.exemple@example.org" }))]
pub struct PersonFields {
    /// The name.
    pub name: Label,
    /// The e-mail address, by which the person logs in. Nothing is ever sent to it.
    pub email: Email,
}

/// What is said when an account is made.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Dominique Exemple",
    "email": "d.exemple@example.org",
    "grants": [{ "role": "reader", "scope": { "kind": "everything" } }],
}))]
pub struct NewAccount {
    /// The name of the person.
    pub name: Label,
    /// The e-mail address, by which the person logs in. Nothing is ever sent to it.
    pub email: Email,
    /// The roles given at once; others can be given later.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub grants: Vec<GrantFields>,
}

/// Says nothing of the person: this may end in a log.
impl fmt::Debug for PersonFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonFields")
    }
}

/// Says nothing of the person: this may end in a log.
impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewAccount with {:?}", self.grants)
    }
}

code_list! {
    /// Where an account stands.
    pub enum AccountState in "account_states" {
        /// The person has not set a password yet.
        Invited = "invited",
        /// The person may log in.
        Active = "active",
        /// Its access was withdrawn.
        Revoked = "revoked",
    }
}

code_list! {
    /// Why a password is not good enough.
    pub enum Weakness in "password_weaknesses" {
        /// Fewer characters than needed.
        TooShort = "too_short",
        /// More characters than accepted.
        TooLong = "too_long",
        /// It is made of the person's own name or address.
        Personal = "personal",
        /// It is one that many use, or close to one.
        Common = "common",
        /// It is a word or a name.
        Word = "word",
        /// It repeats itself, or follows the alphabet or the keyboard.
        Pattern = "pattern",
        /// It is a date.
        Date = "date",
        /// It would be found by trying for all that.
        Guessable = "guessable",
    }
}

/// What is true of an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AccountPresent {
    /// Where it stands.
    pub state: AccountState,
}

/// An act on an account that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// Another account that is not withdrawn has this address.
    #[error("the address is taken")]
    EmailTaken {
        /// Which.
        account: AccountId,
    },
    /// Its access was withdrawn, for good.
    #[error("revoked")]
    Revoked,
    /// The password could be guessed.
    #[error("weak password: {0}")]
    WeakPassword(Weakness),
}

impl NewAccount {
    /// Who the person is.
    #[must_use]
    pub fn person(&self) -> PersonFields {
        PersonFields {
            name: self.name.clone(),
            email: self.email.clone(),
        }
    }
}

impl Account {
    /// For how many days a one-time code is good.
    pub const CODE_DAYS: i64 = 7;

    /// An account for a person who has a code until then to set a password with.
    #[must_use]
    pub fn invite(id: AccountId, person: PersonId, code_expires_at: Instant) -> Self {
        Self {
            id,
            version: Version::FIRST,
            person,
            code_expires_at: Some(code_expires_at),
            activated_at: None,
            revoked_at: None,
        }
    }

    /// As a caller.
    #[must_use]
    pub fn caller(&self) -> CallerId {
        CallerId::new(self.id.uuid())
    }

    /// Says that what is known of its person changes.
    ///
    /// Refused once its access was withdrawn.
    pub fn change(self) -> Result<Self, AccountRefusal> {
        if self.revoked_at.is_some() {
            return Err(AccountRefusal::Revoked);
        }
        Ok(Self {
            version: self.version.next(),
            ..self
        })
    }

    /// Another one-time code, good until then.
    ///
    /// Refused once its access was withdrawn.
    pub fn give_code(self, expires_at: Instant) -> Result<Self, AccountRefusal> {
        Ok(Self {
            code_expires_at: Some(expires_at),
            ..self.change()?
        })
    }

    /// The person used the code and set a password.
    ///
    /// Refused once its access was withdrawn.
    pub fn activate(self, now: Instant) -> Result<Self, AccountRefusal> {
        let changed = self.change()?;
        Ok(Self {
            code_expires_at: None,
            activated_at: changed.activated_at.or(Some(now)),
            ..changed
        })
    }

    /// Withdraws its access for good.
    ///
    /// Refused when that was done already.
    pub fn revoke(self, now: Instant) -> Result<Self, AccountRefusal> {
        Ok(Self {
            code_expires_at: None,
            revoked_at: Some(now),
            ..self.change()?
        })
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> AccountState {
        match (self.activated_at, self.revoked_at) {
            (_, Some(_)) => AccountState::Revoked,
            (Some(_), None) => AccountState::Active,
            (None, None) => AccountState::Invited,
        }
    }
}

impl Resource for Account {
    const TYPE: ResourceType = ResourceType::Account;

    const READ: Action = Action::ReadAccess;

    type Present = AccountPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn ties(&self) -> Vec<Tie> {
        Vec::new()
    }

    fn acts(&self) -> Vec<Action> {
        match self.revoked_at {
            None => vec![Action::ChangeAccount, Action::RevokeAccount],
            Some(_) => Vec::new(),
        }
    }

    fn on(&self, _: Date) -> OnDay<AccountPresent> {
        OnDay {
            answer: AccountPresent {
                state: self.state(),
            },
            since: None,
            until: None,
        }
    }
}

impl Tabular for Account {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "email",
        "state",
        "code_expires_at",
        "activated_at",
        "revoked_at",
        "version",
    ];

    /// Who the person is.
    type Around = BTreeMap<AccountId, PersonFields>;

    fn cells(&self, _: Date, people: &Self::Around) -> Vec<Cell> {
        let person = people.get(&self.id);
        vec![
            Cell::text(&self.id),
            Cell::known(person.map(|person| &person.name)),
            Cell::known(person.map(|person| &person.email)),
            Cell::text(&self.state()),
            Cell::known(self.code_expires_at),
            Cell::known(self.activated_at),
            Cell::known(self.revoked_at),
            Cell::Whole(self.version.number()),
        ]
    }
}

#[cfg(test)]
mod laws {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn invited() -> Account {
        let (id, person) = (AccountId::new(Uuid::nil()), PersonId::new(Uuid::nil()));
        Account::invite(id, person, at("2026-11-29T12:00:00Z"))
    }

    #[test]
    fn an_account_is_invited_then_active_then_revoked() {
        let now = at("2026-11-22T12:00:00Z");
        let active = invited().activate(now).unwrap();
        let revoked = active.clone().revoke(now).unwrap();

        let states = [invited().state(), active.state(), revoked.state()];

        let expected = [
            AccountState::Invited,
            AccountState::Active,
            AccountState::Revoked,
        ];
        assert_eq!(states, expected);
        assert_eq!((active.code_expires_at, active.version.number()), (None, 2));
        assert_eq!(revoked.activate(now), Err(AccountRefusal::Revoked));
    }

    #[test]
    fn another_code_leaves_an_active_account_active() {
        let now = at("2026-11-22T12:00:00Z");
        let active = invited().activate(now).unwrap();

        let reset = active.give_code(at("2026-11-30T12:00:00Z")).unwrap();

        assert_eq!(reset.state(), AccountState::Active);
        assert_eq!(
            reset
                .activate(at("2026-11-23T12:00:00Z"))
                .unwrap()
                .activated_at,
            Some(now)
        );
    }

    #[test]
    fn what_may_be_logged_names_nobody() {
        let person = PersonFields {
            name: Label::parse("Dominique Exemple").unwrap(),
            email: Email::parse("d.exemple@example.org").unwrap(),
        };
        let new = NewAccount {
            name: person.name.clone(),
            email: person.email.clone(),
            grants: Vec::new(),
        };

        let told = format!("{person:?} {new:?}");

        assert!(!told.contains("xemple"), "{told}");
    }
}
