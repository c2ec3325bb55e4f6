//! The key that tokens are signed with, and the tokens.

use domain::access::{CallerId, SessionId, TokenScope};
use domain::values::CodeList;
use jiff::Timestamp;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Unproven;
use crate::http::asked::Caller;

const ISSUER: &str = "maillage";
const AUDIENCE: &str = "maillage";

/// The fewest bytes of a signing key: as many as HMAC-SHA-256 gives.
const KEY_BYTES: usize = 32;

/// How many characters of a signature make a seal: 128 bits and some.
pub const SEAL_BYTES: usize = 24;

/// A signing key that could be guessed.
#[derive(Debug, thiserror::Error)]
#[error("the signing key must be {KEY_BYTES} bytes or more, and not the same byte over and over")]
pub struct WeakKey;

/// What a token says (RFC 7519).
#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: CallerId,
    iat: i64,
    exp: i64,
    jti: Uuid,
    scope: String,
    /// The session of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
}

/// Signs tokens and proves them.
pub struct Keys {
    signing: EncodingKey,
    proving: DecodingKey,
    validation: Validation,
    lifetime_seconds: i64,
}

impl Keys {
    /// Refused when the key could be guessed.
    pub fn new(key: &[u8], lifetime_seconds: u32) -> Result<Self, WeakKey> {
        let first = key.first().copied();
        if key.len() < KEY_BYTES || key.iter().all(|byte| Some(*byte) == first) {
            return Err(WeakKey);
        }
        // One algorithm, whatever the token's header says; time is compared with our own clock.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_exp = false;
        Ok(Self {
            signing: EncodingKey::from_secret(key),
            proving: DecodingKey::from_secret(key),
            validation,
            lifetime_seconds: i64::from(lifetime_seconds),
        })
    }

    /// A token for a caller, and for how many seconds it is good.
    pub fn sign(
        &self,
        caller: CallerId,
        session: Option<SessionId>,
        scopes: &[TokenScope],
        id: Uuid,
        now: Timestamp,
    ) -> Result<(String, i64), persistence::Fault> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: caller,
            iat: now.as_second(),
            exp: now.as_second().saturating_add(self.lifetime_seconds),
            jti: id,
            scope: scopes
                .iter()
                .map(|scope| scope.code())
                .collect::<Vec<_>>()
                .join(" "),
            sid: session,
        };
        let token =
            encode(&Header::new(Algorithm::HS256), &claims, &self.signing).map_err(|error| {
                persistence::Fault::Schema(format!("a token cannot be signed: {error}"))
            })?;
        Ok((token, self.lifetime_seconds))
    }

    /// A digest of texts that nobody can make or try without the key: what stands for an address
    /// where the address itself must not be kept.
    pub fn digest(&self, parts: &[&str]) -> Result<String, persistence::Fault> {
        // No token has this byte, so no digest is the signature of one.
        let message = parts.join("\0") + "\0";
        sign(message.as_bytes(), &self.signing, Algorithm::HS256)
            .map_err(|error| persistence::Fault::Schema(format!("no digest: {error}")))
    }

    /// A seal on bytes that we give away and must know again: nobody else can make it.
    pub fn seal(&self, bytes: &[u8]) -> Result<Vec<u8>, persistence::Fault> {
        let sealed = [b"cursor:", bytes].concat();
        let seal = jsonwebtoken::crypto::sign(&sealed, &self.signing, Algorithm::HS256);
        let seal = seal.map_err(|error| persistence::Fault::Schema(error.to_string()))?;
        Ok(seal.bytes().take(SEAL_BYTES).collect())
    }

    /// The caller that a token stands for.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, Unproven> {
        let proved =
            decode::<Claims>(token, &self.proving, &self.validation).map_err(
                |error| match error.kind() {
                    ErrorKind::ExpiredSignature => Unproven::ExpiredToken,
                    _ => Unproven::BadToken,
                },
            )?;
        if proved.claims.exp <= now.as_second() {
            return Err(Unproven::ExpiredToken);
        }
        let scopes = proved
            .claims
            .scope
            .split(' ')
            .filter_map(|scope| scope.parse().ok())
            .collect();
        Ok(Caller {
            id: proved.claims.sub,
            scopes,
            session: proved.claims.sid,
            at: now,
            open: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn caller() -> CallerId {
        CallerId::new(Uuid::nil())
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        assert!(Keys::new(b"short", 900).is_err());
        assert!(Keys::new(&[0; 64], 900).is_err());
        assert!(Keys::new(b"0123456789abcdef0123456789abcdef", 900).is_ok());
    }

    #[test]
    fn a_token_is_good_until_its_last_second_and_with_its_own_key_only() {
        let keys = Keys::new(b"0123456789abcdef0123456789abcdef", 900).unwrap();
        let other = Keys::new(b"another key, another key, another", 900).unwrap();
        let (token, seconds) = keys
            .sign(caller(), None, &[TokenScope::Read], Uuid::nil(), now())
            .unwrap();

        let later = |seconds| now() + jiff::SignedDuration::from_secs(seconds);

        assert_eq!(seconds, 900);
        assert_eq!(
            keys.verify(&token, later(899)).unwrap().scopes,
            [TokenScope::Read]
        );
        assert_eq!(
            keys.verify(&token, later(900)).unwrap_err(),
            Unproven::ExpiredToken
        );
        assert_eq!(other.verify(&token, now()).unwrap_err(), Unproven::BadToken);
    }

    #[test]
    fn no_other_algorithm_is_believed() {
        let keys = Keys::new(b"0123456789abcdef0123456789abcdef", 900).unwrap();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: caller(),
            iat: now().as_second(),
            exp: now().as_second() + 900,
            jti: Uuid::nil(),
            scope: "read".to_owned(),
            sid: None,
        };
        let key = EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
        let hs384 = encode(&Header::new(Algorithm::HS384), &claims, &key).unwrap();

        assert_eq!(keys.verify(&hs384, now()).unwrap_err(), Unproven::BadToken);
    }

    #[test]
    fn another_audience_is_not_ours() {
        let keys = Keys::new(b"0123456789abcdef0123456789abcdef", 900).unwrap();
        let claims = serde_json::json!({
            "iss": ISSUER, "aud": "another", "sub": caller(), "iat": 0,
            "exp": now().as_second() + 900, "jti": Uuid::nil(), "scope": "read",
        });
        let key = EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
        let token = encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();

        assert_eq!(keys.verify(&token, now()).unwrap_err(), Unproven::BadToken);
    }
}
