//! A set of public keys (JWKS, RFC 7517), and which of them may prove a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The fewest bytes of an RSA modulus (RFC 7518, 3.3: 2048 bits or larger).
const MODULUS_BYTES: usize = 256;

/// The keys that an issuer published.
pub(super) struct KeySet(Vec<(Jwk, DecodingKey)>);

#[derive(Deserialize)]
struct Members {
    keys: Vec<Value>,
}

impl KeySet {
    /// The keys of a set that we can use. Others may stand beside them: sets are shared.
    pub(super) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let members: Members = serde_json::from_slice(json)?;
        let usable = members.keys.into_iter().filter_map(|key| {
            let key: Jwk = serde_json::from_value(key).ok()?;
            let proving = DecodingKey::from_jwk(&key).ok()?;
            Some((key, proving))
        });
        Ok(Self(usable.collect()))
    }

    /// The key of this id that fits an algorithm; without an id, the only key that fits.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let named = |key: &Jwk| id.is_none() || key.common.key_id.as_deref() == id;
        let mut fitting = self
            .0
            .iter()
            .filter(|(key, _)| named(key) && fits(key, algorithm));
        let (_, found) = fitting.next()?;
        fitting.next().is_none().then_some(found)
    }
}

/// Whether a key is for signatures by this algorithm. What the token's header says chooses among
/// keys, never what a key is good for.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};

    let common = &key.common;
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|meant| *meant == PublicKeyUse::Signature);
    let proves = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let same = common
        .key_algorithm
        .is_none_or(|named| named == KeyAlgorithm::from(algorithm));
    let suits = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(rsa), RS256 | RS384 | RS512 | PS256 | PS384 | PS512) => {
            URL_SAFE_NO_PAD.decode(&rsa.n).is_ok_and(|modulus| {
                modulus.iter().skip_while(|byte| **byte == 0).count() >= MODULUS_BYTES
            })
        }
        (AlgorithmParameters::EllipticCurve(ec), ES256) => ec.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(ec), ES384) => ec.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(pair), EdDSA) => pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    signs && proves && same && suits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(keys: &Value) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn rsa(bytes: usize, more: &Value) -> Value {
        let mut key = json!({ "kty": "RSA", "kid": "a", "e": "AQAB" });
        key["n"] = json!(URL_SAFE_NO_PAD.encode(vec![0xC5; bytes]));
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    #[test]
    fn a_key_proves_what_it_is_meant_for_and_nothing_else() {
        let fits = |key: Value, algorithm| set(&json!([key])).find(Some("a"), algorithm).is_some();

        assert!(fits(rsa(256, &json!({})), Algorithm::RS256));
        assert!(fits(
            rsa(256, &json!({ "use": "sig", "alg": "PS256" })),
            Algorithm::PS256
        ));
        assert!(fits(
            rsa(256, &json!({ "key_ops": ["verify"] })),
            Algorithm::RS256
        ));
        for other in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
            assert!(!fits(rsa(256, &json!({})), other), "{other:?}");
        }
        assert!(!fits(rsa(256, &json!({ "use": "enc" })), Algorithm::RS256));
        assert!(!fits(
            rsa(256, &json!({ "alg": "RS512" })),
            Algorithm::RS256
        ));
        assert!(!fits(
            rsa(256, &json!({ "alg": "RSA-OAEP" })),
            Algorithm::RS256
        ));
        assert!(!fits(
            rsa(256, &json!({ "key_ops": ["encrypt"] })),
            Algorithm::RS256
        ));
        assert!(!fits(rsa(128, &json!({})), Algorithm::RS256), "1024 bits");
        let secret = json!({ "kty": "oct", "kid": "a", "k": "c2VjcmV0" });
        assert!(!fits(secret, Algorithm::HS256));
    }

    #[test]
    fn what_we_cannot_use_does_not_spoil_the_set() {
        let others = json!([
            { "kty": "OKP", "crv": "X25519", "kid": "b", "x": "AA" },
            { "kty": "EC", "crv": "secp256k1", "kid": "c", "x": "AA", "y": "AA" },
            { "kty": "future" }, 7, null, rsa(256, &json!({}))
        ]);

        assert!(set(&others).find(Some("a"), Algorithm::RS256).is_some());
        assert!(KeySet::parse(b"{}").is_err());
        assert!(KeySet::parse(b"<html>").is_err());
    }

    #[test]
    fn a_token_that_names_no_key_is_proved_by_the_only_one_that_fits() {
        let one = set(&json!([rsa(256, &json!({}))]));
        let two = set(&json!([
            rsa(256, &json!({})),
            rsa(256, &json!({ "kid": "b" }))
        ]));

        assert!(one.find(None, Algorithm::RS256).is_some());
        assert!(one.find(Some("b"), Algorithm::RS256).is_none());
        assert!(two.find(None, Algorithm::RS256).is_none());
        assert!(two.find(Some("b"), Algorithm::RS256).is_some());
    }
}
