//! What the settings say of an issuer.

use std::path::PathBuf;
use std::sync::Mutex;

use actix_web::http::Uri;
use clap::Args;
use domain::access::{BadRule, Claim, Rule, RuleFields, TokenScope};
use domain::values::CodeList;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::Deserialize;

use super::Issuer;
use super::source::{KeySource, Place};

/// Whose tokens are believed beside our own, and what they give. Section `[issuer]` of the file.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// Another issuer whose tokens are believed, exactly as they name it in `iss`.
    #[arg(long = "issuer-url", id = "issuer_url", env = "MAILLAGE_ISSUER_URL")]
    pub url: Option<String>,
    /// For whom its tokens must be (`aud`); may be given several times.
    #[arg(
        long = "issuer-audience",
        id = "issuer_audiences",
        env = "MAILLAGE_ISSUER_AUDIENCES",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Its key set (JWKS): a file, or an address in https.
    #[arg(long = "issuer-keys", id = "issuer_keys", env = "MAILLAGE_ISSUER_KEYS")]
    pub keys: Option<String>,
    /// For how many seconds a key set got from an address is good. [default: 600]
    #[arg(
        long = "issuer-keys-seconds",
        id = "issuer_keys_seconds",
        env = "MAILLAGE_ISSUER_KEYS_SECONDS"
    )]
    pub keys_seconds: Option<u32>,
    /// An algorithm its tokens may be signed with. [default: RS256, PS256, ES256, `EdDSA`]
    #[arg(
        long = "issuer-algorithm",
        id = "issuer_algorithms",
        env = "MAILLAGE_ISSUER_ALGORITHMS",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub algorithms: Vec<String>,
    /// By how many seconds its clock may differ from ours. [default: 60]
    #[arg(
        long = "issuer-leeway-seconds",
        id = "issuer_leeway_seconds",
        env = "MAILLAGE_ISSUER_LEEWAY_SECONDS"
    )]
    pub leeway_seconds: Option<u32>,
    /// What of a token names its bearer. [default: sub]
    #[arg(
        long = "issuer-subject-claim",
        id = "issuer_subject_claim",
        env = "MAILLAGE_ISSUER_SUBJECT_CLAIM"
    )]
    pub subject_claim: Option<String>,
    /// What a token is for when its `scope` names none of ours: read, write, administer. [default: all]
    #[arg(
        long = "issuer-scope",
        id = "issuer_scopes",
        env = "MAILLAGE_ISSUER_SCOPES",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Which roles follow from what a token says; in the file only.
    #[arg(skip)]
    #[serde(default)]
    pub grants: Vec<RuleFields>,
}

/// Settings by which no issuer can be believed.
#[derive(Debug, thiserror::Error)]
pub enum BadIssuer {
    /// Something is said of an issuer, and not which one.
    #[error("settings of an issuer are given without its `url`")]
    NoUrl,
    /// Its name is not an address.
    #[error("issuer: `{0}` is no https address without a password")]
    Url(String),
    /// Tokens for anybody would be believed.
    #[error("issuer: give the `audiences` that its tokens must be for")]
    NoAudience,
    /// Nothing to prove its tokens by.
    #[error("issuer: give `keys`, the file or the https address of its key set")]
    NoKeys,
    /// An algorithm we do not believe, or do not know.
    #[error(
        "issuer: `{0}` is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA"
    )]
    Algorithm(String),
    /// No such token scope.
    #[error("issuer: `{0}` is none of read, write, administer")]
    Scope(String),
    /// Longer than anybody's clock is wrong.
    #[error("issuer: a leeway of {0} seconds is more than 600")]
    Leeway(u32),
    /// The subject is looked for nowhere.
    #[error("issuer: subject_claim: {0}")]
    SubjectClaim(BadRule),
    /// A rule cannot be followed.
    #[error("issuer: rule {number} of `grants`: {reason}")]
    Rule {
        /// Which one, from 1 on.
        number: usize,
        /// Why not.
        reason: BadRule,
    },
}

const USUAL: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::EdDSA,
];

/// How long a file is taken as read before it is read again.
const FILE_FRESH_FOR: SignedDuration = SignedDuration::from_secs(10);

/// The least time between two looks for a key that the set lacks.
const BETWEEN_FETCHES: SignedDuration = SignedDuration::from_secs(30);
const BETWEEN_READINGS: SignedDuration = SignedDuration::from_secs(1);

impl IssuerSettings {
    /// These settings, and those of a file where these say nothing.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        fn several<T>(ours: Vec<T>, theirs: Vec<T>) -> Vec<T> {
            if ours.is_empty() { theirs } else { ours }
        }
        Self {
            url: self.url.or(file.url),
            audiences: several(self.audiences, file.audiences),
            keys: self.keys.or(file.keys),
            keys_seconds: self.keys_seconds.or(file.keys_seconds),
            algorithms: several(self.algorithms, file.algorithms),
            leeway_seconds: self.leeway_seconds.or(file.leeway_seconds),
            subject_claim: self.subject_claim.or(file.subject_claim),
            scopes: several(self.scopes, file.scopes),
            grants: several(self.grants, file.grants),
        }
    }

    /// The issuer they describe, if any.
    ///
    /// Refused when it is not said completely, or a rule of it cannot be followed.
    pub fn issuer(&self) -> Result<Option<Issuer>, BadIssuer> {
        let Some(url) = &self.url else {
            let silent = self.keys.is_none() && self.audiences.is_empty() && self.grants.is_empty();
            return if silent {
                Ok(None)
            } else {
                Err(BadIssuer::NoUrl)
            };
        };
        if !is_safe(url) {
            return Err(BadIssuer::Url(url.clone()));
        }
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Err(BadIssuer::NoAudience);
        }
        let leeway = self.leeway_seconds.unwrap_or(60);
        if leeway > 600 {
            return Err(BadIssuer::Leeway(leeway));
        }
        let subject = self.subject_claim.as_deref().unwrap_or("sub");
        let rules = self.grants.iter().enumerate().map(|(index, fields)| {
            Rule::new(fields).map_err(|reason| BadIssuer::Rule {
                number: index + 1,
                reason,
            })
        });
        Ok(Some(Issuer {
            name: url.clone(),
            audiences: self.audiences.clone(),
            algorithms: self.algorithms()?,
            leeway: SignedDuration::from_secs(i64::from(leeway)),
            subject: Claim::parse(subject).map_err(BadIssuer::SubjectClaim)?,
            scopes: self.scopes()?,
            rules: rules.collect::<Result<_, _>>()?,
            keys: self.source()?,
            heard: Mutex::default(),
        }))
    }

    fn algorithms(&self) -> Result<Vec<Algorithm>, BadIssuer> {
        if self.algorithms.is_empty() {
            return Ok(USUAL.to_vec());
        }
        let known = |name: &String| {
            name.parse::<Algorithm>()
                .ok()
                // A shared secret is not in a public key set, and ours is nobody's.
                .filter(|algorithm| algorithm.family() != AlgorithmFamily::Hmac)
                .ok_or_else(|| BadIssuer::Algorithm(name.clone()))
        };
        self.algorithms.iter().map(known).collect()
    }

    fn scopes(&self) -> Result<Vec<TokenScope>, BadIssuer> {
        if self.scopes.is_empty() {
            return Ok(TokenScope::ALL.to_vec());
        }
        let known = |name: &String| name.parse().or(Err(BadIssuer::Scope(name.clone())));
        self.scopes.iter().map(known).collect()
    }

    fn source(&self) -> Result<KeySource, BadIssuer> {
        let keys = self.keys.as_deref().filter(|keys| !keys.is_empty());
        let keys = keys.ok_or(BadIssuer::NoKeys)?;
        let source = if !keys.contains("://") {
            let place = Place::File(PathBuf::from(keys));
            KeySource::new(place, FILE_FRESH_FOR, BETWEEN_READINGS)
        } else if is_safe(keys) {
            let fresh_for = i64::from(self.keys_seconds.unwrap_or(600));
            let fresh_for = SignedDuration::from_secs(fresh_for).max(BETWEEN_FETCHES);
            KeySource::new(Place::Address(keys.to_owned()), fresh_for, BETWEEN_FETCHES)
        } else {
            return Err(BadIssuer::Url(keys.to_owned()));
        };
        Ok(source)
    }
}

/// Whether nobody between us and this address can change what it answers: https, or this machine.
/// One that carries a password is not: settings and failures are logged.
fn is_safe(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else {
        return false;
    };
    if uri
        .authority()
        .is_some_and(|host| host.as_str().contains('@'))
    {
        return false;
    }
    let here = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match uri.scheme_str() {
        Some("https") => uri.host().is_some_and(|host| !host.is_empty()),
        Some("http") => here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> IssuerSettings {
        toml::from_str(toml).unwrap()
    }

    const WHOLE: &str = r#"
        url = "https://id.example"
        audiences = ["maillage"]
        keys = "keys.json"
        [[grants]]
        claim = "groups"
        value = "maillage-admins"
        role = "administrator"
        scope = "everything"
    "#;

    fn refused(from: &str, to: &str) -> String {
        let error = settings(&WHOLE.replace(from, to)).issuer();
        error.err().expect("refused").to_string()
    }

    #[test]
    fn an_issuer_is_named_whole_or_not_at_all() {
        assert!(settings(WHOLE).issuer().unwrap().is_some());
        assert!(IssuerSettings::default().issuer().unwrap().is_none());

        assert!(refused("url = \"https://id.example\"", "").contains("without its `url`"));
        assert!(refused("https://id.example", "maillage").contains("no https address"));
        assert!(refused("https://id.example", "http://id.example").contains("no https address"));
        assert!(
            refused("keys.json", "https://me:secret@id.example/keys").contains("no https address")
        );
        assert!(refused("[\"maillage\"]", "[]").contains("audiences"));
        assert!(refused("keys = \"keys.json\"", "").contains("key set"));
        assert!(refused("keys.json", "http://id.example/keys").contains("no https address"));
        assert!(refused("keys.json", "ftp://id.example/keys").contains("no https address"));
        assert!(refused("[[grants]]", "leeway_seconds = 601\n[[grants]]").contains("601"));
        assert!(refused("[[grants]]", "scopes = [\"all\"]\n[[grants]]").contains("`all`"));
    }

    #[test]
    fn no_algorithm_with_a_shared_secret_is_believed_nor_none_at_all() {
        for name in ["HS256", "HS512", "none", "RS1", ""] {
            let with = format!("algorithms = [\"{name}\"]\n[[grants]]");
            assert!(refused("[[grants]]", &with).contains(&format!("`{name}`")));
        }
    }

    #[test]
    fn a_rule_that_cannot_be_followed_is_refused_at_the_start_by_its_number() {
        assert_eq!(
            refused("\"administrator\"", "\"public\""),
            "issuer: rule 1 of `grants`: the role public is not given on everything"
        );
        assert!(refused("\"administrator\"", "\"king\"").contains("no role `king`"));
        assert!(refused("\"everything\"", "\"organisation:{org}\"").contains("administrator"));
    }
}
