//! Secrets, passwords and one-time codes, and the hashes by which they are known.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use persistence::clients::HashedSecret;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// A hash that no secret has, so that an unknown client costs what a wrong secret costs.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The signs of one-time codes: those of Crockford's base 32, which leaves out I, L, O and U.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many signs a code has: 140 bits.
const SIGNS_OF_CODE: usize = 28;

/// How many signs stand together.
const SIGNS_OF_GROUP: usize = 4;

/// The system gives no randomness, or hashing failed.
#[derive(Debug, thiserror::Error)]
#[error("no secret can be made: {0}")]
pub struct NoSecret(String);

impl From<NoSecret> for persistence::Fault {
    fn from(error: NoSecret) -> Self {
        Self::Schema(error.to_string())
    }
}

/// A secret as a request gives it. It never ends in a log.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct Hidden(String);

impl Hidden {
    /// The secret.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], NoSecret> {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| NoSecret(error.to_string()))?;
    Ok(bytes)
}

/// A new secret of 256 random bits.
pub fn new_secret() -> Result<String, NoSecret> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// A new one-time code of 140 random bits, in groups that can be read out and typed.
pub fn new_code() -> Result<String, NoSecret> {
    let mut code = String::new();
    for (number, byte) in random::<SIGNS_OF_CODE>()?.into_iter().enumerate() {
        if number > 0 && number.is_multiple_of(SIGNS_OF_GROUP) {
            code.push('-');
        }
        let sign = SIGNS.get(usize::from(byte % 32)).copied();
        code.push(char::from(sign.unwrap_or(b'0')));
    }
    Ok(code)
}

/// The digest of a one-time code, however it was typed: case, spaces and hyphens do not matter, nor
/// the signs that look alike.
#[must_use]
pub fn digest_of_code(typed: &str) -> Vec<u8> {
    let signs = typed.chars().filter(char::is_ascii_alphanumeric);
    let signs = signs.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    digest(&signs.collect::<String>())
}

/// The digest of a secret that is too long to be guessed and needs no slow hash.
#[must_use]
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// What tells which of two hashes a client's secret is to be compared with.
#[must_use]
pub fn tag(secret: &str) -> Vec<u8> {
    digest(secret).into_iter().take(4).collect()
}

/// A client's secret, as it is kept.
pub fn kept(secret: &str) -> Result<HashedSecret, NoSecret> {
    Ok(HashedSecret {
        hash: hash(secret)?,
        tag: tag(secret),
    })
}

/// The argon2id hash of a secret, with its salt and cost.
pub fn hash(secret: &str) -> Result<String, NoSecret> {
    let hash = Argon2::default()
        .hash_password(secret.as_bytes())
        .map_err(|error| NoSecret(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a secret is the one hashed; without a hash, the same work for nothing.
#[must_use]
pub fn matches(secret: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        return false;
    };
    let matches = Argon2::default()
        .verify_password(secret.as_bytes(), &parsed)
        .is_ok();
    matches && hash.is_some()
}

/// Whether a hash costs something else than we ask of one today.
#[must_use]
pub fn is_outdated(hash: &str) -> bool {
    let cost = PasswordHash::new(hash)
        .ok()
        .and_then(|hash| Params::try_from(&hash).ok());
    let same = |cost: &Params, now: &Params| {
        (cost.m_cost(), cost.t_cost(), cost.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
    };
    !cost.is_some_and(|cost| same(&cost, Argon2::default().params()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let secret = new_secret().unwrap();
        let hash = hash(&secret).unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(&secret, Some(&hash)));
        assert!(!matches("another", Some(&hash)));
        assert!(!matches(&secret, None));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn a_hash_of_another_cost_is_outdated() {
        assert!(!is_outdated(&hash("secret").unwrap()));
        assert!(is_outdated(&NOBODY.replace("t=2", "t=1")));
        assert!(is_outdated("nonsense"));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = new_code().unwrap();
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o");

        assert_eq!(code.len(), 34);
        assert_eq!(
            digest_of_code(&typed.replace('1', "l")),
            digest_of_code(&code)
        );
        assert_ne!(digest_of_code(&new_code().unwrap()), digest_of_code(&code));
    }

    #[test]
    fn what_is_hidden_is_not_shown() {
        let hidden: Hidden = serde_json::from_str("\"tr0ub4dor\"").unwrap();

        assert_eq!(
            (format!("{hidden:?}").as_str(), hidden.reveal()),
            ("***", "tr0ub4dor")
        );
    }
}
