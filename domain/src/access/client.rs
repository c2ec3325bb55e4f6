//! Clients: scripts and other servers, with a secret of their own.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{Action, CallerId, GrantFields, TokenScope};
use crate::records::{Cell, OnDay, Resource, ResourceType, Tabular, Tie};
use crate::values::{CodeList, Date, Id, Instant, Label, Version};

/// The id of a client; as a caller it has the same.
pub type ClientId = Id<Client>;

/// How long the secret before the present one may stay good, in hours.
const MOST_HOURS_OF_OLD_SECRET: i64 = 7 * 24;

/// A script or another server that calls the API. Its secrets are kept elsewhere, hashed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
// Generated programs have a `Client` of their own.
#[schema(as = RegisteredClient)]
pub struct Client {
    /// Its name for ever.
    pub id: ClientId,
    /// How many times it was written.
    pub version: Version,
    /// What is said of it.
    #[serde(flatten)]
    pub fields: ClientFields,
    /// When its present secret was made.
    pub secret_since: Instant,
    /// Until when the secret before is good too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_good_until: Option<Instant>,
    /// When its access was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
}

/// What is said of a client, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Synchronisation de la fédération", "token_scopes": ["read"] }))]
pub struct ClientFields {
    /// Its name, for those who read the audit.
    pub name: Label,
    /// The most that its tokens may ever be for; everything when left out.
    #[serde(default = "every_scope")]
    #[validate(length(min = 1, max = 3))]
    #[schema(min_items = 1, max_items = 3)]
    pub token_scopes: Vec<TokenScope>,
    /// From when on it is served no longer; never when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

/// What is said when a client is made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Synchronisation de la fédération",
    "token_scopes": ["read"],
    "expires_at": "2027-12-31T23:00:00Z",
    "grants": [{ "role": "federation", "scope": { "kind": "everything" } }],
}))]
pub struct NewClient {
    /// Its name, for those who read the audit.
    pub name: Label,
    /// The most that its tokens may ever be for; everything when left out.
    #[serde(default = "every_scope")]
    #[validate(length(min = 1, max = 3))]
    #[schema(min_items = 1, max_items = 3)]
    pub token_scopes: Vec<TokenScope>,
    /// From when on it is served no longer; never when left out.
    #[serde(default)]
    pub expires_at: Option<Instant>,
    /// The roles given to it at once; others can be given later.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub grants: Vec<GrantFields>,
}

/// What is said when a client gets another secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "old_good_until": null }))]
pub struct RotationOfSecret {
    /// Until when the present secret stays good beside the new one, seven days from now at most; it
    /// is good no longer when left out.
    #[serde(default)]
    pub old_good_until: Option<Instant>,
}

/// What depends on the day: nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ClientPresent {}

/// An act on a client that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefusal {
    /// Its access was withdrawn, for good.
    #[error("revoked")]
    Revoked,
    /// The old secret cannot stay good until then.
    #[error("the old secret is good until {latest} at most")]
    OldSecret {
        /// Now.
        earliest: Instant,
        /// The latest it can.
        latest: Instant,
    },
}

fn every_scope() -> Vec<TokenScope> {
    TokenScope::ALL.to_vec()
}

impl NewClient {
    /// What can be changed later.
    #[must_use]
    pub fn fields(&self) -> ClientFields {
        ClientFields {
            name: self.name.clone(),
            token_scopes: self.token_scopes.clone(),
            expires_at: self.expires_at,
        }
    }
}

impl Client {
    /// A client whose secret was made now.
    #[must_use]
    pub fn create(id: ClientId, fields: ClientFields, now: Instant) -> Self {
        Self {
            id,
            version: Version::FIRST,
            fields,
            secret_since: now,
            old_secret_good_until: None,
            revoked_at: None,
        }
    }

    /// As a caller.
    #[must_use]
    pub fn caller(&self) -> CallerId {
        CallerId::new(self.id.uuid())
    }

    /// What is said of it from now on.
    ///
    /// Refused once its access was withdrawn.
    pub fn change(self, fields: ClientFields) -> Result<Self, ClientRefusal> {
        let next = self.next()?;
        Ok(Self { fields, ..next })
    }

    /// Another secret. The old one is good until then, if at all.
    ///
    /// Refused once its access was withdrawn, and when the old secret would stay good for more than
    /// seven days or until a moment that is past.
    pub fn rotate(self, asked: &RotationOfSecret, now: Instant) -> Result<Self, ClientRefusal> {
        let most = SignedDuration::from_hours(MOST_HOURS_OF_OLD_SECRET);
        let latest = now.jiff().checked_add(most).ok();
        let latest = latest.and_then(|at| at.try_into().ok()).unwrap_or(now);
        if let Some(until) = asked.old_good_until
            && !(now..=latest).contains(&until)
        {
            let earliest = now;
            return Err(ClientRefusal::OldSecret { earliest, latest });
        }
        let next = self.next()?;
        Ok(Self {
            secret_since: now,
            old_secret_good_until: asked.old_good_until.filter(|until| *until > now),
            ..next
        })
    }

    /// Withdraws its access for good.
    ///
    /// Refused when that was done already.
    pub fn revoke(self, now: Instant) -> Result<Self, ClientRefusal> {
        let next = self.next()?;
        Ok(Self {
            revoked_at: Some(now),
            old_secret_good_until: None,
            ..next
        })
    }

    fn next(self) -> Result<Self, ClientRefusal> {
        if self.revoked_at.is_some() {
            return Err(ClientRefusal::Revoked);
        }
        Ok(Self {
            version: self.version.next(),
            ..self
        })
    }
}

impl Resource for Client {
    const TYPE: ResourceType = ResourceType::Client;

    const READ: Action = Action::ReadAccess;

    type Present = ClientPresent;

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
            None => vec![Action::ChangeClient, Action::RevokeClient],
            Some(_) => Vec::new(),
        }
    }

    fn on(&self, _: Date) -> OnDay<ClientPresent> {
        OnDay {
            answer: ClientPresent {},
            since: None,
            until: None,
        }
    }
}

impl Tabular for Client {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "token_scopes",
        "expires_at",
        "secret_since",
        "old_secret_good_until",
        "revoked_at",
        "version",
    ];

    type Around = ();

    fn cells(&self, _: Date, (): &()) -> Vec<Cell> {
        vec![
            Cell::text(&self.id),
            Cell::text(&self.fields.name),
            Cell::several(&self.fields.token_scopes),
            Cell::known(self.fields.expires_at),
            Cell::text(&self.secret_since),
            Cell::known(self.old_secret_good_until),
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

    fn client() -> Client {
        let fields = ClientFields {
            name: Label::parse("Synchronisation").unwrap(),
            token_scopes: every_scope(),
            expires_at: None,
        };
        Client::create(
            ClientId::new(Uuid::nil()),
            fields,
            at("2026-01-01T00:00:00Z"),
        )
    }

    #[test]
    fn an_old_secret_is_good_for_seven_days_at_most() {
        let now = at("2026-11-22T12:00:00Z");
        let until = |text: &str| RotationOfSecret {
            old_good_until: Some(at(text)),
        };

        let week = client().rotate(&until("2026-11-29T12:00:00Z"), now);
        let more = client().rotate(&until("2026-11-29T12:00:01Z"), now);
        let past = client().rotate(&until("2026-11-22T11:59:59Z"), now);
        let at_once = client().rotate(&RotationOfSecret::default(), now);

        assert!(week.unwrap().old_secret_good_until.is_some());
        assert!(more.is_err() && past.is_err());
        assert_eq!(at_once.unwrap().old_secret_good_until, None);
    }

    #[test]
    fn what_was_withdrawn_stays_so() {
        let now = at("2026-11-22T12:00:00Z");
        let revoked = client().revoke(now).unwrap();

        let refused = Err(ClientRefusal::Revoked);
        assert!(revoked.acts().is_empty());
        assert_eq!(revoked.clone().revoke(now), refused);
        assert_eq!(
            revoked.clone().rotate(&RotationOfSecret::default(), now),
            refused
        );
        assert_eq!(revoked.clone().change(client().fields), refused);
    }
}
