//! An issuer of tokens for stories: keys of its own, and an address that publishes them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use api::access::issuer::IssuerSettings;
use domain::access::RuleFields;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::elliptic_curve::rand_core::OsRng;
use p256::pkcs8::EncodePrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};
use uuid::Uuid;

use super::database::BEGINNING;

/// As it names itself.
pub const ISSUER: &str = "https://id.example/realms/sante";

/// A key pair, by its id.
#[derive(Clone)]
pub struct KeyPair {
    /// Its id in the set.
    pub id: &'static str,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Its private half.
    pub private: EncodingKey,
}

impl KeyPair {
    /// An RSA pair; one for all stories, since it takes long to make.
    pub fn rsa(id: &'static str, algorithm: Algorithm) -> Self {
        static PAIR: OnceLock<Vec<u8>> = OnceLock::new();
        let der = PAIR.get_or_init(|| {
            let pair = rsa::RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
            pair.to_pkcs1_der().unwrap().as_bytes().to_vec()
        });
        Self {
            id,
            algorithm,
            private: EncodingKey::from_rsa_der(der),
        }
    }

    /// A new pair on the curve P-256.
    pub fn ec(id: &'static str) -> Self {
        let pair = p256::SecretKey::random(&mut OsRng);
        Self {
            id,
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(pair.to_pkcs8_der().unwrap().as_bytes()),
        }
    }

    /// A new pair on the curve Ed25519, in the form of RFC 8410, 7.
    pub fn ed(id: &'static str) -> Self {
        let mut der = vec![
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        der.extend(Uuid::new_v4().into_bytes());
        der.extend(Uuid::new_v4().into_bytes());
        Self {
            id,
            algorithm: Algorithm::EdDSA,
            private: EncodingKey::from_ed_der(&der),
        }
    }

    /// Its public half, as a set holds it.
    pub fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        key.common.key_id = Some(self.id.to_owned());
        key.common.public_key_use = Some(PublicKeyUse::Signature);
        serde_json::to_value(key).unwrap()
    }

    /// A token that it signed.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        self.sign_with(&header, claims)
    }

    /// A token that it signed, with this header.
    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.private).unwrap()
    }
}

/// What a good token says of somebody, given so many seconds after the beginning.
pub fn claims(subject: &str, after: i64, more: Value) -> Value {
    let beginning: jiff::Timestamp = BEGINNING.parse().unwrap();
    let at = beginning.as_second() + after;
    let usual = json!({
        "iss": ISSUER, "aud": ["account", "maillage"], "sub": subject, "iat": at, "exp": at + 300,
        "scope": "openid profile", "name": "Claude Durand", "email": "claude@id.example",
    });
    super::given::with(usual, more)
}

/// An address that publishes keys, and counts who comes for them.
pub struct Published {
    address: SocketAddr,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

impl Published {
    /// Publishes these keys.
    pub fn keys(keys: &[&KeyPair]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let published = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::default(),
            asked: Arc::default(),
            ended: Arc::default(),
        };
        published.rotate(keys);
        let (answer, asked) = (published.answer.clone(), published.asked.clone());
        let ended = published.ended.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head = lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty());
                if head.count() == 0 {
                    continue;
                }
                asked.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answer.lock().unwrap().clone();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nlocation: /elsewhere\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(body.as_bytes());
            }
        });
        published
    }

    /// Publishes these keys from now on.
    pub fn rotate(&self, keys: &[&KeyPair]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        self.answers(200, &json!({ "keys": keys }).to_string());
    }

    /// Answers this from now on.
    pub fn answers(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = (status, body.to_owned());
    }

    /// How often the keys were asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The settings that believe this issuer, with these rules: claim, value, role, scope.
    pub fn settings(&self, rules: &[[&str; 4]]) -> IssuerSettings {
        let keys = format!("http://{}/keys", self.address);
        believing(&keys, rules)
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(self.address);
    }
}

/// The settings that believe the issuer by the keys in this place.
pub fn believing(keys: &str, rules: &[[&str; 4]]) -> IssuerSettings {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    IssuerSettings {
        url: Some(ISSUER.to_owned()),
        audiences: vec!["maillage".to_owned()],
        keys: Some(keys.to_owned()),
        grants: rules
            .iter()
            .map(|[claim, value, role, scope]| RuleFields {
                claim: some(claim),
                value: some(value),
                role: (*role).to_owned(),
                scope: (*scope).to_owned(),
            })
            .collect(),
        ..IssuerSettings::default()
    }
}
