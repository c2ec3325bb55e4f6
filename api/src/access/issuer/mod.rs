//! Another issuer of tokens (`OpenID` Connect), believed by its published keys.
//!
//! Getting a token is between its users and it: here is only the proof, and what follows from what
//! a token says.

mod key_set;
mod settings;
mod source;
mod subjects;

use std::collections::HashMap;
use std::sync::Mutex;

use domain::access::{CallerId, Claim, Rule, Testimony, TokenScope, held_by};
use domain::values::CodeList;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde_json::Value;

use self::source::KeySource;
use super::Unproven;

pub use self::settings::{BadIssuer, IssuerSettings};
pub use self::source::NoKeySet;

/// The longest name of somebody, in characters (`OpenID` Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// An issuer whose tokens are believed, and the callers it vouches for.
pub struct Issuer {
    name: String,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    leeway: SignedDuration,
    subject: Claim,
    scopes: Vec<TokenScope>,
    rules: Vec<Rule>,
    keys: KeySource,
    /// What was last heard of whom, so that the same token is not asked of the base each time.
    heard: Mutex<HashMap<String, (CallerId, Testimony)>>,
}

/// What a proved token says.
struct Word {
    subject: String,
    testimony: Testimony,
    scopes: Vec<TokenScope>,
}

impl Issuer {
    /// Whether a token is signed as this issuer signs, and so is not one of ours.
    #[must_use]
    pub fn signs_like(&self, token: &str) -> bool {
        decode_header(token).is_ok_and(|header| self.algorithms.contains(&header.alg))
    }

    /// Gets the keys before the first token comes. Refused when they are in a file that is not
    /// there; an issuer that does not answer may be back by then.
    pub async fn prepare(&self, now: Timestamp) -> Result<(), NoKeySet> {
        match self.keys.renew(now).await {
            Err(cause) if self.keys.is_file() => Err(cause),
            Err(cause) => {
                tracing::warn!(%cause, "the issuer's keys could not be had");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What a token says, once proved: by a key of this issuer, for us, and now.
    async fn prove(&self, token: &str, now: Timestamp) -> Result<Word, Unproven> {
        let bad = |_| Unproven::BadToken;
        let header = decode_header(token).map_err(bad)?;
        if !self.algorithms.contains(&header.alg) || !is_access_token(&header) {
            return Err(Unproven::BadToken);
        }
        // Nobody's keys are looked for on behalf of a token that says it is another's.
        let unproved: Value = insecure_decode_claims(token).map_err(bad)?;
        if unproved.get("iss").and_then(Value::as_str) != Some(&self.name) {
            return Err(Unproven::BadToken);
        }
        let key = self
            .keys
            .key(header.kid.as_deref(), header.alg, now)
            .await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.name]);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Time is compared with our own clock.
        validation.validate_exp = false;
        let claims = decode::<Value>(token, &key, &validation)
            .map_err(bad)?
            .claims;
        // A token bound to a key that its bearer must show is no bearer's token (RFC 7800).
        if claims.get("cnf").is_some() {
            return Err(Unproven::BadToken);
        }
        let said_at = self.said_at(&claims, now)?;
        let held = held_by(&self.rules, &claims).map_err(|too_many| {
            tracing::warn!(cause = %too_many, "a token of the issuer is refused");
            Unproven::BadToken
        })?;
        Ok(Word {
            subject: self.subject_of(&claims)?,
            testimony: Testimony { said_at, held },
            scopes: self.scopes_of(&claims),
        })
    }

    /// When the issuer said so. Refused when it is not good yet, or no longer.
    fn said_at(&self, claims: &Value, now: Timestamp) -> Result<Timestamp, Unproven> {
        let issued = instant(claims, "iat")?.ok_or(Unproven::BadToken)?;
        let expires = instant(claims, "exp")?.ok_or(Unproven::BadToken)?;
        let begins = instant(claims, "nbf")?.unwrap_or(issued);
        let latest = now.checked_add(self.leeway).unwrap_or(Timestamp::MAX);
        let earliest = now.checked_sub(self.leeway).unwrap_or(Timestamp::MIN);
        if issued > latest || begins > latest {
            return Err(Unproven::BadToken);
        }
        if expires <= earliest {
            return Err(Unproven::ExpiredToken);
        }
        Ok(issued)
    }

    fn subject_of(&self, claims: &Value) -> Result<String, Unproven> {
        let subject = match self.subject.texts(claims).as_slice() {
            [one] => (*one).to_owned(),
            _ => return Err(Unproven::BadToken),
        };
        let fits = (1..=LONGEST_SUBJECT).contains(&subject.chars().count())
            && !subject.chars().any(char::is_control);
        fits.then_some(subject).ok_or(Unproven::BadToken)
    }

    /// What the token was asked for, where it says so in our words.
    fn scopes_of(&self, claims: &Value) -> Vec<TokenScope> {
        let said = claims.get("scope").and_then(Value::as_str);
        let said: Vec<&str> = said.unwrap_or_default().split(' ').collect();
        let ours = TokenScope::ALL.iter().copied();
        let named: Vec<TokenScope> = ours.filter(|scope| said.contains(&scope.code())).collect();
        if named.is_empty() {
            self.scopes.clone()
        } else {
            named
        }
    }
}

/// Whether a token may be one for access (RFC 9068, 2.1; plain `JWT` by those who came before), and
/// demands nothing that we do not understand (RFC 7515, 4.1.11).
fn is_access_token(header: &Header) -> bool {
    let fits = header.typ.as_deref().is_none_or(|typ| {
        ["JWT", "at+jwt", "application/at+jwt"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(typ))
    });
    fits && header.crit.is_none()
}

/// An instant in seconds, whose fraction is left out.
fn instant(claims: &Value, name: &str) -> Result<Option<Timestamp>, Unproven> {
    let Some(said) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = said.as_i64().or_else(|| {
        let text = said.is_number().then(|| said.to_string())?;
        text.split_once('.')?.0.parse().ok()
    });
    let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.map(Some).ok_or(Unproven::BadToken)
}
