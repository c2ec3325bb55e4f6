//! What is wrong with one value.

use domain::values::ValueError;

use super::Language;

/// The words for one bad value.
#[must_use]
pub fn tell(error: &ValueError, language: Language) -> String {
    let (french, english) = match error {
        ValueError::Required => ("Requis.".to_owned(), "Required.".to_owned()),
        ValueError::UnknownMember => ("Membre inconnu.".to_owned(), "Unknown member.".to_owned()),
        ValueError::Empty => ("Vide.".to_owned(), "Empty.".to_owned()),
        ValueError::TooLong { max } => (
            format!("Plus de {max} caractères."),
            format!("More than {max} characters."),
        ),
        ValueError::Count { min, max } => (
            format!("De {min} à {max} éléments."),
            format!("From {min} to {max} items."),
        ),
        ValueError::ControlCharacter => (
            "Contient un caractère de contrôle.".to_owned(),
            "Holds a control character.".to_owned(),
        ),
        ValueError::Format { expected } => (
            format!("Forme attendue : {expected}."),
            format!("Expected form: {expected}."),
        ),
        ValueError::CheckDigit => (
            "La clé de contrôle est fausse.".to_owned(),
            "The check digit is wrong.".to_owned(),
        ),
        ValueError::OutOfRange { min, max } => (
            format!("De {min} à {max}."),
            format!("From {min} to {max}."),
        ),
        ValueError::UnknownCode { list } => (
            format!("Code inconnu de la liste « {list} » (/v1/code-lists/{list})."),
            format!("Code unknown to the list `{list}` (/v1/code-lists/{list})."),
        ),
        ValueError::EmptyPeriod => (
            "La fin exclue doit suivre le début.".to_owned(),
            "The excluded end must come after the start.".to_owned(),
        ),
        ValueError::Repeated => (
            "Déjà donné plus haut.".to_owned(),
            "Already given above.".to_owned(),
        ),
        ValueError::Email => (
            "Adresse électronique invalide.".to_owned(),
            "Not an e-mail address.".to_owned(),
        ),
        ValueError::WebAddress => (
            "Adresse http ou https attendue.".to_owned(),
            "An http or https address is expected.".to_owned(),
        ),
        ValueError::NotInOrder => (
            "Les dates doivent se suivre.".to_owned(),
            "The dates must follow one another.".to_owned(),
        ),
        ValueError::Contradicts { with } => {
            (format!("Contredit {with}."), format!("Contradicts {with}."))
        }
        ValueError::UnknownReference => (
            "Désigne une fiche qui n'existe pas.".to_owned(),
            "Names a record that does not exist.".to_owned(),
        ),
        ValueError::Fixed => (
            "Ne change pas : enregistrez une autre fiche.".to_owned(),
            "Does not change: record another.".to_owned(),
        ),
        ValueError::Folded { into } => (
            format!("Désigne un doublon : nommez plutôt {into}."),
            format!("Names a duplicate: name {into} instead."),
        ),
    };
    language.pick(french, english)
}
