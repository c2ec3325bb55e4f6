//! Others' code systems, as far as we hold them (see `data/README.md` for sources and vintages).

use std::sync::LazyLock;

use crate::values::Coded;

/// A nomenclature, or an extract of one.
#[derive(Clone, Debug)]
pub struct Nomenclature {
    /// Its name, as [`Coded::system`] gives it.
    pub system: &'static str,
    /// Whether it holds every code that ever was; an extract does not.
    pub complete: bool,
    /// Who publishes it.
    pub source: &'static str,
    /// The state of it that we hold, as a year and month.
    pub vintage: &'static str,
    /// Its concepts.
    pub concepts: Vec<Concept>,
}

/// A concept with the labels of its publisher in French, and ours in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concept {
    /// The code.
    pub code: &'static str,
    /// The French label.
    pub label_fr: &'static str,
    /// The English label.
    pub label_en: &'static str,
}

static HELD: LazyLock<Vec<Nomenclature>> = LazyLock::new(|| {
    let ans = "Agence du numérique en santé, nomenclatures des objets de santé";
    vec![
        Nomenclature {
            system: "TRE_R66-CategorieEtablissement",
            complete: false,
            source: ans,
            vintage: "2023-01",
            concepts: concepts(include_str!("../data/TRE_R66-CategorieEtablissement.csv")),
        },
        Nomenclature {
            system: "TRE_R72-FinessStatutJuridique",
            complete: false,
            source: ans,
            vintage: "2021-03",
            concepts: concepts(include_str!("../data/TRE_R72-FinessStatutJuridique.csv")),
        },
    ]
});

/// Every nomenclature we hold.
#[must_use]
pub fn held() -> &'static [Nomenclature] {
    &HELD
}

/// Whether a concept is in its nomenclature, or that nomenclature is one we do not hold.
#[must_use]
pub fn may_hold(coded: &Coded) -> bool {
    held()
        .iter()
        .find(|held| held.system == coded.system.as_str())
        .is_none_or(|held| {
            held.concepts
                .iter()
                .any(|concept| concept.code == coded.code.as_str())
        })
}

/// The lines after the header. Our files quote a label when it holds a comma, and nothing else.
fn concepts(csv: &'static str) -> Vec<Concept> {
    csv.lines().skip(1).filter_map(concept).collect()
}

fn concept(line: &'static str) -> Option<Concept> {
    let (code, rest) = line.split_once(',')?;
    let (label_fr, label_en) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",")?,
        None => rest.split_once(',')?,
    };
    Some(Concept {
        code,
        label_fr,
        label_en: label_en.trim_matches('"'),
    })
}

#[cfg(test)]
mod laws {
    use super::*;

    #[test]
    fn every_line_of_the_files_is_read() {
        let counts: Vec<usize> = held().iter().map(|held| held.concepts.len()).collect();

        assert_eq!(counts, [47, 70]);
    }

    #[test]
    fn a_gcsms_is_a_legal_status_and_not_a_category() {
        let label = |system: &str, code: &str| {
            let held = held().iter().find(|held| held.system == system).unwrap();
            held.concepts
                .iter()
                .find(|concept| concept.code == code)
                .unwrap()
                .label_fr
        };

        assert!(label("TRE_R72-FinessStatutJuridique", "66").contains("GCSMS"));
        assert!(!label("TRE_R66-CategorieEtablissement", "698").contains("GCSMS"));
    }
}
