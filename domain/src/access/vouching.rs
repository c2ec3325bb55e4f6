//! What another issuer of tokens says of somebody, and which roles that gives here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Held, Role, Scope, ScopeKind};
use crate::values::ValueError;

/// The most roles that one token may give: each widens every list that its bearer reads.
pub const MOST_HELD: usize = 200;

/// Where in a token something is said: the name of a member, or a JSON pointer (RFC 6901) to one
/// that lies deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim(String);

impl Claim {
    /// Refused when empty.
    pub fn parse(text: &str) -> Result<Self, BadRule> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadRule::NoClaim);
        }
        Ok(Self(text.to_owned()))
    }

    /// The texts said there: one, several, or none. What is not text says nothing.
    #[must_use]
    pub fn texts<'a>(&self, claims: &'a Value) -> Vec<&'a str> {
        let said = if self.0.starts_with('/') {
            claims.pointer(&self.0)
        } else {
            claims.get(&self.0)
        };
        match said {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// A rule as the settings give it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFields {
    /// What of a token the rule looks at; left out, it is for everybody whom the issuer vouches
    /// for.
    pub claim: Option<String>,
    /// What must be said there, alone or among others; left out, anything will do.
    pub value: Option<String>,
    /// The role that is held then.
    pub role: String,
    /// Over what: a scope in one word, or `organisation:{claim}` for each that the claim names.
    pub scope: String,
}

/// A rule that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// A claim without a name.
    #[error("a claim has no name")]
    NoClaim,
    /// A value, and nowhere to look for it.
    #[error("`value` is given without `claim`")]
    ValueWithoutClaim,
    /// No such role.
    #[error("there is no role `{0}`")]
    UnknownRole(String),
    /// Not a scope.
    #[error("`{0}` is no scope: give everything, organisation:<id> or organisation:{{claim}}")]
    UnknownScope(String),
    /// The role is not given on such a scope.
    #[error("the role {role} is not given on {kind}")]
    NotGivenOn {
        /// The role.
        role: Role,
        /// The kind of scope.
        kind: ScopeKind,
    },
}

/// By what is said in a token, a role is held over something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    said: Option<(Claim, Option<String>)>,
    role: Role,
    over: Over,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Over {
    /// The same for everybody.
    This(Scope),
    /// What a claim names.
    Named(ScopeKind, Claim),
}

impl Over {
    fn parse(text: &str) -> Result<Self, BadRule> {
        let unknown = || BadRule::UnknownScope(text.to_owned());
        let named = text.split_once(':').and_then(|(kind, id)| {
            let claim = id.strip_prefix('{')?.strip_suffix('}')?;
            Some((kind, claim))
        });
        match named {
            None => text.parse().map(Self::This).or(Err(unknown())),
            Some((kind, claim)) => {
                let kind: ScopeKind = kind.parse().or(Err(unknown()))?;
                scope_named(kind, &Uuid::nil().to_string()).or(Err(unknown()))?;
                Ok(Self::Named(kind, Claim::parse(claim)?))
            }
        }
    }

    fn kind(&self) -> ScopeKind {
        match self {
            Self::This(scope) => scope.kind(),
            Self::Named(kind, _) => *kind,
        }
    }
}

fn scope_named(kind: ScopeKind, id: &str) -> Result<Scope, ValueError> {
    format!("{kind}:{id}").parse()
}

impl Rule {
    /// Refused when it names what does not exist, or gives a role on what that is not given on
    /// ([`Role::may_be_given_on`]): so nobody is made `public`.
    pub fn new(fields: &RuleFields) -> Result<Self, BadRule> {
        let claim = fields.claim.as_deref().map(Claim::parse).transpose()?;
        if claim.is_none() && fields.value.is_some() {
            return Err(BadRule::ValueWithoutClaim);
        }
        let unknown = |_: ValueError| BadRule::UnknownRole(fields.role.clone());
        let role: Role = fields.role.parse().map_err(unknown)?;
        let over = Over::parse(&fields.scope)?;
        let example = match over {
            Over::This(scope) => Ok(scope),
            Over::Named(kind, _) => scope_named(kind, &Uuid::nil().to_string()),
        };
        if !example.is_ok_and(|scope| role.may_be_given_on(scope)) {
            let kind = over.kind();
            return Err(BadRule::NotGivenOn { role, kind });
        }
        Ok(Self {
            said: claim.map(|claim| (claim, fields.value.clone())),
            role,
            over,
        })
    }

    fn applies(&self, claims: &Value) -> bool {
        match &self.said {
            None => true,
            Some((claim, None)) => !claim.texts(claims).is_empty(),
            Some((claim, Some(value))) => claim.texts(claims).contains(&value.as_str()),
        }
    }

    /// What is held by this rule. A text that is no id names nothing.
    fn held(&self, claims: &Value) -> Vec<Held> {
        let scopes = match &self.over {
            _ if !self.applies(claims) => Vec::new(),
            Over::This(scope) => vec![*scope],
            Over::Named(kind, claim) => claim
                .texts(claims)
                .iter()
                .filter_map(|id| scope_named(*kind, id).ok())
                .collect(),
        };
        let role = self.role;
        scopes
            .into_iter()
            .map(|scope| Held { role, scope })
            .collect()
    }
}

/// A token that gives more than [`MOST_HELD`] roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it gives {0} roles, more than {MOST_HELD}")]
pub struct TooManyHeld(pub usize);

/// The roles that all rules together give by what is said in a token.
///
/// Refused when they are too many, rather than cut where nobody would expect it.
pub fn held_by(rules: &[Rule], claims: &Value) -> Result<BTreeSet<Held>, TooManyHeld> {
    let held: BTreeSet<Held> = rules.iter().flat_map(|rule| rule.held(claims)).collect();
    if held.len() > MOST_HELD {
        return Err(TooManyHeld(held.len()));
    }
    Ok(held)
}

/// What an issuer says of somebody: the newest word counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testimony {
    /// When the issuer said so.
    pub said_at: Timestamp,
    /// The roles that follow.
    pub held: BTreeSet<Held>,
}

impl Testimony {
    /// What counts once another word was heard; nothing when that changes nothing.
    ///
    /// An older word never brings a role back. Of two words of the same second none is newer: only
    /// what both say counts, so that neither undoes the other for ever.
    #[must_use]
    pub fn hearing(&self, other: &Self) -> Option<Self> {
        let now = match other.said_at.cmp(&self.said_at) {
            std::cmp::Ordering::Less => return None,
            std::cmp::Ordering::Greater => other.clone(),
            std::cmp::Ordering::Equal => Self {
                said_at: self.said_at,
                held: self.held.intersection(&other.held).copied().collect(),
            },
        };
        (now != *self).then_some(now)
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::values::CodeList;

    const ORGANISATION: &str = "0198f1c2-7a00-7000-8000-000000000001";

    fn rule(claim: Option<&str>, value: Option<&str>, role: &str, scope: &str) -> RuleFields {
        RuleFields {
            claim: claim.map(str::to_owned),
            value: value.map(str::to_owned),
            role: role.to_owned(),
            scope: scope.to_owned(),
        }
    }

    fn words(rules: &[RuleFields], claims: &Value) -> Vec<String> {
        let rules: Vec<Rule> = rules.iter().map(|rule| Rule::new(rule).unwrap()).collect();
        let held = held_by(&rules, claims).unwrap();
        held.iter().map(Held::to_string).collect()
    }

    #[test]
    fn a_role_is_held_by_those_of_whom_the_claim_says_so_alone_or_among_others() {
        let rules = [rule(
            Some("groups"),
            Some("admins"),
            "administrator",
            "everything",
        )];
        let given = vec!["administrator@everything".to_owned()];

        assert_eq!(words(&rules, &json!({ "groups": "admins" })), given);
        assert_eq!(words(&rules, &json!({ "groups": ["x", "admins"] })), given);
        for said in [
            json!("Admins"),
            json!("admins "),
            json!(["admins2"]),
            json!(7),
            json!(null),
            json!({ "admins": true }),
            json!([["admins"]]),
        ] {
            assert!(words(&rules, &json!({ "groups": said })).is_empty());
        }
        assert!(words(&rules, &json!({})).is_empty());
    }

    #[test]
    fn a_claim_may_lie_deeper_and_its_name_may_hold_dots() {
        let deep = [rule(
            Some("/realm_access/roles"),
            Some("r"),
            "reader",
            "everything",
        )];
        let dotted = [rule(
            Some("https://a.example/r"),
            Some("r"),
            "reader",
            "everything",
        )];

        assert_eq!(
            words(&deep, &json!({ "realm_access": { "roles": ["r"] } })).len(),
            1
        );
        assert_eq!(
            words(&dotted, &json!({ "https://a.example/r": "r" })).len(),
            1
        );
    }

    #[test]
    fn a_scope_taken_from_a_claim_is_an_id_or_nothing() {
        let rules = [rule(None, None, "contributor", "organisation:{orgs}")];

        let said =
            json!({ "orgs": [ORGANISATION, "everything", "", "../x", "organisation:1", 7, null] });

        assert_eq!(
            words(&rules, &said),
            [format!("contributor@organisation:{ORGANISATION}")]
        );
        assert!(words(&rules, &json!({ "orgs": "*" })).is_empty());
    }

    #[test]
    fn a_rule_without_a_claim_is_for_everybody() {
        let rules = [rule(None, None, "reader", "everything")];

        assert_eq!(words(&rules, &json!({})), ["reader@everything"]);
    }

    #[test]
    fn a_rule_that_cannot_be_followed_is_refused() {
        let organisation = format!("organisation:{ORGANISATION}");
        for (fields, refused) in [
            (
                rule(None, None, "king", "everything"),
                BadRule::UnknownRole("king".to_owned()),
            ),
            (
                rule(None, Some("x"), "reader", "everything"),
                BadRule::ValueWithoutClaim,
            ),
            (
                rule(Some(" "), None, "reader", "everything"),
                BadRule::NoClaim,
            ),
            (
                rule(None, None, "reader", "organisation:{}"),
                BadRule::NoClaim,
            ),
            (
                rule(None, None, "public", "everything"),
                BadRule::NotGivenOn {
                    role: Role::Public,
                    kind: ScopeKind::Everything,
                },
            ),
            (
                rule(None, None, "secretary", "everything"),
                BadRule::NotGivenOn {
                    role: Role::Secretary,
                    kind: ScopeKind::Everything,
                },
            ),
            (
                rule(None, None, "administrator", &organisation),
                BadRule::NotGivenOn {
                    role: Role::Administrator,
                    kind: ScopeKind::Organisation,
                },
            ),
            (
                rule(None, None, "administrator", "organisation:{orgs}"),
                BadRule::NotGivenOn {
                    role: Role::Administrator,
                    kind: ScopeKind::Organisation,
                },
            ),
        ] {
            assert_eq!(Rule::new(&fields), Err(refused), "{fields:?}");
        }
        for scope in [
            "",
            "organisation",
            "organisation:7",
            "everything:{x}",
            "nothing:{x}",
            "{x}",
        ] {
            let fields = rule(None, None, "reader", scope);
            assert_eq!(
                Rule::new(&fields),
                Err(BadRule::UnknownScope(scope.to_owned()))
            );
        }
    }

    #[test]
    fn a_token_that_gives_too_many_roles_gives_none() {
        let rules = [Rule::new(&rule(None, None, "reader", "organisation:{orgs}")).unwrap()];
        let ids = |count: u128| -> Value {
            (1..=count)
                .map(|number| Uuid::from_u128(number).to_string())
                .collect()
        };

        assert_eq!(
            held_by(&rules, &json!({ "orgs": ids(200) })).map(|held| held.len()),
            Ok(200)
        );
        assert_eq!(
            held_by(&rules, &json!({ "orgs": ids(201) })),
            Err(TooManyHeld(201))
        );
    }

    fn testimony() -> impl Strategy<Value = Testimony> {
        let roles = prop::collection::btree_set(0..Role::ALL.len(), 0..4);
        (0_i64..4, roles).prop_map(|(second, roles)| Testimony {
            said_at: Timestamp::from_second(second).unwrap(),
            held: roles
                .into_iter()
                .map(|index| Held {
                    role: Role::ALL[index],
                    scope: Scope::Everything,
                })
                .collect(),
        })
    }

    fn heard(all: &[Testimony]) -> Testimony {
        let first = all[0].clone();
        all.iter()
            .fold(first, |known, word| known.hearing(word).unwrap_or(known))
    }

    proptest! {
        #[test]
        fn nothing_is_held_that_the_newest_words_do_not_say(all in prop::collection::vec(testimony(), 1..8)) {
            let counts = heard(&all);

            let newest = all.iter().map(|word| word.said_at).max().unwrap();
            prop_assert_eq!(counts.said_at, newest);
            for word in all.iter().filter(|word| word.said_at == newest) {
                prop_assert!(counts.held.is_subset(&word.held));
            }
        }

        #[test]
        fn it_matters_not_in_which_order_words_are_heard_nor_how_often(
            all in prop::collection::vec(testimony(), 1..8),
            seed in any::<prop::sample::Index>(),
        ) {
            let mut other = all.clone();
            other.rotate_left(seed.index(all.len()));
            other.reverse();
            other.extend(all.clone());

            prop_assert_eq!(heard(&all), heard(&other));
        }
    }
}
