//! Secrets, and the hashes by which they are known.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;

/// A hash that no secret has, so that an unknown client costs what a wrong secret costs.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The system gives no randomness, or hashing failed.
#[derive(Debug, thiserror::Error)]
#[error("no secret can be made: {0}")]
pub struct NoSecret(String);

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
}
