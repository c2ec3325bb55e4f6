//! What is odd without being refused.

use domain::records::Warning;

use super::Language;

/// The words for one warning.
#[must_use]
pub fn tell(warning: &Warning, language: Language) -> &'static str {
    let (french, english) = match warning {
        Warning::WrongKey { .. } => (
            "La clé de ce numéro paraît fausse ; elle est gardée car sa règle n'est pas certaine partout.",
            "The key of this number seems wrong; it is kept because the rule is not certain everywhere.",
        ),
        Warning::UnlistedCode { .. } => (
            "Ce code n'est pas dans l'extrait de nomenclature que nous tenons.",
            "This code is not in the extract of the nomenclature that we hold.",
        ),
        Warning::LikelyDuplicate { .. } => (
            "Des organisations déjà enregistrées ressemblent à celle-ci ; « candidates » dit lesquelles et pourquoi.",
            "Organisations already recorded look like this one; `candidates` says which and why.",
        ),
        Warning::AlsoWritten { .. } => (
            "Le même acte écrit aussi d'autres fiches ; « written » dit lesquelles et ce qu'il en fait.",
            "The same act writes other records too; `written` says which and what it makes of them.",
        ),
    };
    language.pick(french, english)
}
