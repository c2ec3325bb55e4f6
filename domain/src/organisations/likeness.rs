//! Whether two records may tell of one organisation. What is found here is proposed, never refused
//! by itself: several establishments share a SIRET, and two sections of an association a name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Identifier, IdentifierSystem, Organisation, OrganisationFields, OrganisationId, OtherName,
    identifier_facet,
};
use crate::records::{Facet, Resource};
use crate::values::{Date, InseeCode, Label, Name, code_list, fold};

code_list! {
    /// What two records have in common that may make them one organisation.
    pub enum LikenessReason in "likeness_reasons" {
        /// A number that a register gave to one organisation, borne by both, now or once.
        SameIdentifier = "same_identifier",
        /// A name, a past or short one perhaps, in one commune.
        SameName = "same_name",
        /// The same words that matter in their names, in one commune.
        SimilarName = "similar_name",
    }
}

/// One thing that two records have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Likeness {
    /// Why that counts.
    pub reason: LikenessReason,
    /// The register, for a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<IdentifierSystem>,
    /// The number, or the name without accents, case and signs.
    pub value: String,
    /// The INSEE code of the commune, for a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commune: Option<InseeCode>,
}

/// A recorded organisation that may be the one spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookAlike {
    /// Which.
    pub id: OrganisationId,
    /// The name it bears.
    pub name: Label,
    /// What both have in common.
    pub because: Vec<Likeness>,
}

/// What is to be done with a record that looks like others that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// Keep it, and tell of the others.
    #[default]
    Warn,
    /// Refuse it.
    Refuse,
}

/// Words that tell no organisation from another: articles, and the commonest legal form.
const WORDS_THAT_DO_NOT_MATTER: &[&str] = &[
    "a",
    "association",
    "au",
    "aux",
    "d",
    "dans",
    "de",
    "des",
    "du",
    "en",
    "et",
    "l",
    "la",
    "le",
    "les",
    "pour",
    "sur",
];

/// The longest text of words that a mark holds, in characters.
const LONGEST: usize = 150;

/// The most marks by names that one record is found by: nobody bears so many in so many communes.
const MOST_MARKS: usize = 500;

impl LookAlike {
    /// What `recorded` has in common with what is said of another, which bears the `id` when it is
    /// recorded too; nothing when they have nothing in common, when they are one record, or when
    /// one is or was part of the other, which says that they are two.
    #[must_use]
    pub fn of(
        said: &OrganisationFields,
        id: Option<OrganisationId>,
        recorded: &Organisation,
        today: Date,
    ) -> Option<Self> {
        let whole_and_part = said.wholes().any(|whole| whole == recorded.id)
            || recorded.fields.wholes().any(|whole| Some(whole) == id);
        if id == Some(recorded.id) || whole_and_part {
            return None;
        }
        let because = likeness(said, &recorded.fields);
        (!because.is_empty()).then(|| Self {
            id: recorded.id,
            name: recorded.on(today).answer.name,
            because,
        })
    }
}

/// What is said of both of two organisations and may make them one, in order.
///
/// - The same SIRET, FINESS ET or RNA, whenever each bore it.
/// - The same SIREN or FINESS EJ, unless both bear a number of an establishment: an entity and its
///   establishments share the number of the entity, and these are told apart by their own.
/// - The same name in the same commune, without accents, case or signs: any name, short and past
///   ones too. Or names whose words are the same once those that tell nothing are left out.
#[must_use]
pub fn likeness(one: &OrganisationFields, other: &OrganisationFields) -> Vec<Likeness> {
    let both_tell = one.is_of_establishments() && other.is_of_establishments();
    let theirs: Vec<_> = other.recognised_numbers().collect();
    let numbers = one
        .recognised_numbers()
        .filter(|(system, _)| !(both_tell && is_of_entity(*system)))
        .filter(|number| theirs.contains(number));
    let numbers = numbers.map(|(system, value)| Likeness {
        reason: LikenessReason::SameIdentifier,
        system: Some(system),
        value,
        commune: None,
    });
    let mut found: Vec<Likeness> = numbers.collect();
    let (names, other_names) = (one.folded_names(), other.folded_names());
    let communes: Vec<_> = other.communes().collect();
    for commune in one.communes().filter(|commune| communes.contains(commune)) {
        for name in &names {
            let reason = if other_names.contains(name) {
                LikenessReason::SameName
            } else if other_names
                .iter()
                .any(|other| what_matters(other) == what_matters(name))
            {
                LikenessReason::SimilarName
            } else {
                continue;
            };
            found.push(Likeness {
                reason,
                system: None,
                value: name.clone(),
                commune: Some(commune.clone()),
            });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl OrganisationFields {
    /// The marks by which a record that looks like this one is found: two look alike when they have
    /// a mark of [`Facet::Likeness`] in common, or when one has as [`Facet::OfEntity`] what the
    /// other has as [`Facet::Likeness`].
    #[must_use]
    pub fn marks(&self) -> Vec<(Facet, String)> {
        let of_establishments = self.is_of_establishments();
        let numbers = self.recognised_numbers().map(|(system, value)| {
            let facet = if of_establishments && is_of_entity(system) {
                Facet::OfEntity
            } else {
                Facet::Likeness
            };
            (facet, identifier_facet(system, &value))
        });
        let mut marks: Vec<(Facet, String)> = numbers.collect();
        let names: Vec<String> = self
            .folded_names()
            .iter()
            .map(|name| what_matters(name))
            .collect();
        let by_name = self.communes().flat_map(|commune| {
            let mark = move |name| (Facet::Likeness, format!("name:{name}@{commune}"));
            names.iter().map(mark)
        });
        marks.extend(by_name.take(MOST_MARKS));
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// The numbers that tell an organisation from others; a SIRET tells the SIREN too.
    fn recognised_numbers(&self) -> impl Iterator<Item = (IdentifierSystem, String)> {
        self.identifiers.iter().flat_map(|number| {
            let of_entity = (number.system() == IdentifierSystem::Siret)
                .then(|| number.siren())
                .flatten();
            let own = (number.system(), number.value().to_owned());
            let of_entity = of_entity.map(|siren| (IdentifierSystem::Siren, siren.to_string()));
            std::iter::once(own).chain(of_entity)
        })
    }

    /// Whether it bears the number of an establishment.
    fn is_of_establishments(&self) -> bool {
        let mut systems = self.identifiers.iter().map(Identifier::system);
        systems.any(|system| matches!(system, IdentifierSystem::Siret | IdentifierSystem::FinessEt))
    }

    /// Every name that it bears or bore, short ones too, folded, each once.
    fn folded_names(&self) -> Vec<String> {
        let texts = self.names.iter().flat_map(Name::texts);
        let texts = texts.chain(self.other_names.iter().flat_map(OtherName::texts));
        let mut folded: Vec<String> = texts
            .map(|text| fold(text.as_str()))
            .filter(|folded| !folded.is_empty())
            .collect();
        folded.sort_unstable();
        folded.dedup();
        folded
    }

    /// The communes where it has an address.
    fn communes(&self) -> impl Iterator<Item = &InseeCode> {
        self.addresses
            .iter()
            .filter_map(|address| address.commune.as_ref())
    }
}

/// Whether a register gives such a number to a legal entity whatever its establishments. The RNA
/// does too, but hardly anybody writes it beside the number of an establishment.
fn is_of_entity(system: IdentifierSystem) -> bool {
    match system {
        IdentifierSystem::Siren | IdentifierSystem::FinessEj => true,
        IdentifierSystem::Siret | IdentifierSystem::FinessEt | IdentifierSystem::Rna => false,
    }
}

/// The words of a folded name that tell what bears it from others, sorted, each once; all of them
/// when none does.
pub(crate) fn what_matters(folded: &str) -> String {
    let mut words: Vec<&str> = folded.split(' ').collect();
    let telling = |word: &&str| !WORDS_THAT_DO_NOT_MATTER.contains(word);
    if words.iter().any(telling) {
        words.retain(telling);
    }
    words.sort_unstable();
    words.dedup();
    words.join(" ").chars().take(LONGEST).collect()
}

/// Whether a record may be kept beside those it looks like.
pub fn allow(on_duplicate: OnDuplicate, candidates: Vec<LookAlike>) -> Result<(), super::Refusal> {
    match on_duplicate {
        OnDuplicate::Refuse if !candidates.is_empty() => {
            Err(super::Refusal::LikelyDuplicate { candidates })
        }
        OnDuplicate::Warn | OnDuplicate::Refuse => Ok(()),
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn said(more: &Value) -> OrganisationFields {
        let mut all = json!({ "kind": "association", "names": [{ "name": "Réseda" }] });
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn at(commune: &str, name: &str) -> OrganisationFields {
        said(&json!({
            "names": [{ "name": name }],
            "addresses": [{ "use": "seat", "commune": commune }],
        }))
    }

    fn with(numbers: &[(&str, &str)]) -> OrganisationFields {
        let numbers: Vec<Value> = numbers
            .iter()
            .map(|(system, value)| json!({ "system": system, "value": value }))
            .collect();
        said(&json!({ "identifiers": numbers }))
    }

    fn reasons(one: &OrganisationFields, other: &OrganisationFields) -> Vec<&'static str> {
        use crate::values::CodeList;
        let found = likeness(one, other);
        found.iter().map(|found| found.reason.code()).collect()
    }

    const SIREN: (&str, &str) = ("siren", "732829320");
    const SIRET: (&str, &str) = ("siret", "73282932000074");
    const OTHER_SIRET: (&str, &str) = ("siret", "73282932000082");

    #[test]
    fn the_number_of_an_establishment_makes_two_records_alike() {
        for number in [SIRET, ("finess_et", "300780038"), ("rna", "W302003454")] {
            assert_eq!(
                reasons(&with(&[number]), &with(&[number])),
                ["same_identifier"]
            );
        }
    }

    #[test]
    fn a_past_number_counts() {
        let past = said(&json!({ "identifiers": [
            { "system": "rna", "value": "W302003454", "ends_before": "2010-01-01" },
        ] }));

        assert_eq!(
            reasons(&past, &with(&[("rna", "W302003454")])),
            ["same_identifier"]
        );
    }

    #[test]
    fn the_number_of_an_entity_counts_unless_establishments_are_told_apart() {
        assert_eq!(
            reasons(&with(&[SIREN]), &with(&[SIREN])),
            ["same_identifier"]
        );
        assert_eq!(
            reasons(&with(&[SIREN]), &with(&[SIRET])),
            ["same_identifier"]
        );
        assert_eq!(
            reasons(&with(&[SIREN, SIRET]), &with(&[SIREN, OTHER_SIRET])),
            [""; 0]
        );
        assert_eq!(
            reasons(
                &with(&[("finess_ej", "300780038"), ("finess_et", "300780046")]),
                &with(&[("finess_ej", "300780038"), ("finess_et", "300000015")]),
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_name_counts_in_one_commune_only() {
        assert_eq!(
            reasons(&at("30007", "Réseda"), &at("30007", "RESEDA")),
            ["same_name"]
        );
        assert_eq!(
            reasons(&at("30007", "Réseda"), &at("30189", "Réseda")),
            [""; 0]
        );
        assert_eq!(reasons(&said(&json!({})), &said(&json!({}))), [""; 0]);
    }

    #[test]
    fn words_that_tell_nothing_and_their_order_do_not_matter() {
        let one = at("30007", "Association Réseau de santé des Cévennes");
        let other = at("30007", "Réseau Cévennes santé");

        assert_eq!(reasons(&one, &other), ["similar_name"]);
        assert_eq!(
            reasons(&at("30007", "L'Association"), &at("30007", "Santé")),
            [""; 0]
        );
        assert_eq!(
            reasons(
                &at("30007", "L'Association"),
                &at("30007", "Association l'")
            ),
            ["similar_name"]
        );
    }

    #[test]
    fn a_short_name_and_a_past_name_count() {
        let one = said(&json!({
            "names": [{ "name": "Comité d'hier" }, { "name": "Union", "short_name": "CEV", "starts_on": "2020-01-01" }],
            "addresses": [{ "use": "seat", "commune": "30007" }],
        }));

        assert_eq!(reasons(&one, &at("30007", "cev")), ["same_name"]);
        assert_eq!(reasons(&one, &at("30007", "Comité d’hier")), ["same_name"]);
    }

    #[test]
    fn a_part_is_not_taken_for_its_whole() {
        let id = |number| OrganisationId::new(uuid::Uuid::from_u64_pair(7, number));
        let recorded = Organisation {
            id: id(1),
            version: crate::values::Version::FIRST,
            fields: with(&[SIRET]),
            ended: None,
            folded: None,
            provenance: Vec::new(),
            lineage: crate::lineage::Lineage::default(),
        };
        let mut part = with(&[SIRET]);
        let found = |said: &OrganisationFields| {
            LookAlike::of(said, Some(id(2)), &recorded, Date::MAX).is_some()
        };

        assert!(found(&part));
        part.part_of =
            vec![serde_json::from_value(json!({ "whole": id(1), "as": "antenna" })).unwrap()];
        assert!(!found(&part));
        assert!(LookAlike::of(&with(&[SIRET]), Some(id(1)), &recorded, Date::MAX).is_none());
    }

    fn anything() -> impl Strategy<Value = OrganisationFields> {
        let names = prop::sample::select(vec![
            "Réseda",
            "RESEDA",
            "Association Réseda",
            "Santé Alès",
            "Alès santé",
            "L'",
        ]);
        let communes = prop::sample::subsequence(vec!["30007", "30189"], 0..=2);
        let numbers = prop::sample::subsequence(
            vec![
                SIREN,
                SIRET,
                OTHER_SIRET,
                ("finess_et", "300780038"),
                ("finess_ej", "300780046"),
                ("rna", "W302003454"),
            ],
            0..=3,
        );
        (names, communes, numbers).prop_map(|(name, communes, numbers)| {
            let addresses: Vec<Value> = communes
                .iter()
                .map(|commune| json!({ "use": "seat", "commune": commune }))
                .collect();
            let mut fields = with(&numbers);
            let placed = said(&json!({ "names": [{ "name": name }], "addresses": addresses }));
            fields.names = placed.names;
            fields.addresses = placed.addresses;
            fields
        })
    }

    proptest! {
        #[test]
        fn likeness_has_no_direction(one in anything(), other in anything()) {
            let mark = |found: &Likeness| (found.system, found.commune.clone());
            let mut there: Vec<_> = likeness(&one, &other).iter().map(mark).collect();
            let mut back: Vec<_> = likeness(&other, &one).iter().map(mark).collect();
            there.dedup();
            back.dedup();

            prop_assert_eq!(there, back);
        }

        #[test]
        fn two_records_that_look_alike_are_found_by_their_marks(one in anything(), other in anything()) {
            let (marks, others) = (one.marks(), other.marks());
            let meets = |facet: Facet, marks: &[(Facet, String)], others: &[(Facet, String)]| {
                marks.iter().any(|(of, value)| *of == facet && others.contains(&(Facet::Likeness, value.clone())))
            };

            let found = meets(Facet::Likeness, &marks, &others)
                || meets(Facet::OfEntity, &marks, &others)
                || meets(Facet::OfEntity, &others, &marks);

            prop_assert_eq!(found, !likeness(&one, &other).is_empty());
        }
    }

    #[test]
    fn a_likely_duplicate_is_refused_only_when_asked() {
        let found = || {
            vec![LookAlike {
                id: OrganisationId::new(uuid::Uuid::nil()),
                name: Label::parse("Réseda").unwrap(),
                because: Vec::new(),
            }]
        };

        assert_eq!(allow(OnDuplicate::Warn, found()), Ok(()));
        assert_eq!(allow(OnDuplicate::Refuse, Vec::new()), Ok(()));
        assert!(allow(OnDuplicate::Refuse, found()).is_err());
    }
}
