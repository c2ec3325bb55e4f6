//! Keys that sign, and the few tokens that they signed: any other that is believed was forged.

use std::sync::LazyLock;

use domain::access::{CallerId, TokenScope};
use domain::values::CodeList;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::elliptic_curve::rand_core::{self, CryptoRng, RngCore};
use p256::pkcs8::EncodePrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{keys, now};

/// The issuer that is believed.
pub const ISSUER: &str = "https://id.example/realms/sante";

/// For whom its tokens must be.
pub const AUDIENCE: &str = "maillage";

/// How the issuer signs, and with which private key: always the same, so that inputs mean what they meant.
pub fn pairs() -> [(Algorithm, EncodingKey); 3] {
    let rsa = rsa::RsaPrivateKey::new(&mut Counting(0), 2048).unwrap();
    let rsa = EncodingKey::from_rsa_der(rsa.to_pkcs1_der().unwrap().as_bytes());
    let ec = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    let ec = EncodingKey::from_ec_der(ec.to_pkcs8_der().unwrap().as_bytes());
    // In the form of RFC 8410, 7.
    let form = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    let ed = EncodingKey::from_ed_der(&[form.as_slice(), &[7; 32]].concat());
    [
        (Algorithm::RS256, rsa),
        (Algorithm::ES256, ec),
        (Algorithm::EdDSA, ed),
    ]
}

/// What comes instead of chance where a key must be the same each time.
struct Counting(u64);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(32) {
            self.0 += 1;
            let digest = Sha256::digest(self.0.to_be_bytes());
            piece.copy_from_slice(&digest[..piece.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

/// The set that it publishes.
pub fn key_set() -> String {
    let keys = pairs().map(|(algorithm, key)| {
        let mut key = Jwk::from_encoding_key(&key, algorithm).unwrap();
        key.common.key_id = Some(format!("{algorithm:?}"));
        key
    });
    json!({ "keys": keys }).to_string()
}

/// A token of the issuer.
pub fn by_issuer(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some(format!("{algorithm:?}"));
    encode(&header, claims, key).unwrap()
}

/// What the issuer says of somebody.
pub fn claims() -> Value {
    let at = now().as_second();
    json!({ "iss": ISSUER, "aud": [AUDIENCE], "sub": "claude", "iat": at, "exp": at + 300 })
}

/// The tokens that were given away: one of ours, and one by each key of the issuer.
pub static GIVEN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (caller, scopes) = (CallerId::new(Uuid::nil()), TokenScope::ALL);
    let (own, _) = keys()
        .sign(caller, None, scopes, Uuid::nil(), now())
        .unwrap();
    let pairs = pairs();
    let issued = pairs
        .iter()
        .map(|(algorithm, key)| by_issuer(*algorithm, key, &claims()));
    std::iter::once(own).chain(issued).collect()
});
