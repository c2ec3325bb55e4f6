//! What imports refuse, and what they report of a row.

use actix_web::http::StatusCode;
use domain::imports::{CellError, ImportMode, ImportState, Reason, RowError, RowFault};
use serde_json::{Map, Value, json};

use super::code_lists::Labelled;
use super::{Language, Tell, facts, values};

/// An import that cannot be taken in, or a write that must wait for one.
#[derive(Clone, Debug)]
pub enum Import {
    /// The mapping cannot be read.
    BadMapping {
        /// Why, in the reader's own words.
        reason: String,
    },
    /// Everything or nothing of a file is being recorded, and nobody else writes meanwhile.
    Running {
        /// When it will have ended, by its own pace, in seconds.
        retry_after_seconds: u64,
    },
}

impl Tell for Import {
    fn code(&self) -> &'static str {
        match self {
            Self::BadMapping { .. } => "imports.bad_mapping",
            Self::Running { .. } => "imports.running",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadMapping { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Running { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::BadMapping { .. } => ("Correspondance illisible", "Unreadable mapping"),
            Self::Running { .. } => ("Import en cours", "Import running"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::BadMapping { reason } => (
                format!("La correspondance ne peut être lue : {reason}."),
                format!("The mapping cannot be read: {reason}."),
            ),
            Self::Running {
                retry_after_seconds,
            } => (
                format!(
                    "Un fichier est importé d'un bloc. Rien n'a été fait ; réessayez dans {retry_after_seconds} s."
                ),
                format!(
                    "A file is being imported as one. Nothing was done; try again in {retry_after_seconds} s."
                ),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::BadMapping { reason } => facts([("reason", json!(reason))]),
            Self::Running {
                retry_after_seconds,
            } => facts([("retry_after_seconds", json!(retry_after_seconds))]),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let all = [
        Import::BadMapping {
            reason: "unknown column `colour`".to_owned(),
        },
        Import::Running {
            retry_after_seconds: 12,
        },
    ];
    super::boxed(all)
}

/// Why a whole import came to nothing.
#[must_use]
pub fn tell_reason(reason: &Reason, language: Language) -> String {
    let (french, english) = match reason {
        Reason::NotCsv => (
            "Ce n'est pas un fichier CSV. Dans le tableur, enregistrez au format CSV UTF-8.".to_owned(),
            "This is no CSV file. In the spreadsheet, save as CSV UTF-8.".to_owned(),
        ),
        Reason::Empty => (
            "Le fichier n'a pas de ligne d'en-tête.".to_owned(),
            "The file has no header line.".to_owned(),
        ),
        Reason::UnreadableHeader => (
            "La première ligne ne peut être lue comme des noms de colonne : vérifiez ses guillemets."
                .to_owned(),
            "The first line cannot be read as names of columns: check its quotes.".to_owned(),
        ),
        Reason::RepeatedColumn { name } => (
            format!("La colonne « {name} » est nommée deux fois : renommez-en une."),
            format!("The column `{name}` is named twice: rename one of them."),
        ),
        Reason::MissingColumns { columns } => (
            format!("Colonnes manquantes : {}. Ajoutez-les ou donnez une correspondance.", columns.join(", ")),
            format!("Missing columns: {}. Add them or give a mapping.", columns.join(", ")),
        ),
        Reason::UnnamedSource => (
            "Le fichier porte ses propres clés : dites de quelle source elles viennent (source).".to_owned(),
            "The file brings keys of its own: say whose they are (source).".to_owned(),
        ),
        Reason::RowsRefused => (
            "Des lignes sont refusées, donc rien n'a été gardé ; le rapport dit lesquelles.".to_owned(),
            "Rows are refused, so nothing was kept; the report says which.".to_owned(),
        ),
        Reason::Interrupted => (
            "Le programme s'est arrêté pendant l'import. Relancez-le : ce qui fut gardé ne changera pas."
                .to_owned(),
            "The program stopped during the import. Run it again: what was kept will not change."
                .to_owned(),
        ),
        Reason::NotAllowed => (
            "L'auteur de l'import n'en a plus le droit.".to_owned(),
            "The import's author may no longer import.".to_owned(),
        ),
        Reason::Failed => (
            "L'import a échoué de notre côté. Relancez-le : ce qui fut gardé ne changera pas.".to_owned(),
            "The import failed on our side. Run it again: what was kept will not change.".to_owned(),
        ),
    };
    language.pick(french, english)
}

/// What is wrong with a row, and what to do.
#[must_use]
pub fn tell_row(error: &RowError, language: Language) -> String {
    let (french, english) = match error {
        RowError::Shape { fault } => return tell_shape(fault, language),
        RowError::Cell { error } => return tell_cell(error, language),
        RowError::RepeatedKey { first_line } => (
            format!("La ligne {first_line} a la même clé : gardez-en une."),
            format!("Line {first_line} has the same key: keep one of them."),
        ),
        RowError::RepeatedRecord { first_line } => (
            format!("La ligne {first_line} parle de la même fiche : gardez-en une."),
            format!("Line {first_line} tells of the same record: keep one of them."),
        ),
        RowError::Ambiguous { count } => (
            format!("{count} fiches portent ce numéro : donnez l'id de la bonne dans la colonne id."),
            format!("{count} records bear this number: give the id of the right one in the column id."),
        ),
        RowError::UnknownRecord => (
            "Aucune fiche ne porte cet id : videz la cellule pour en créer une.".to_owned(),
            "No record bears this id: empty the cell to make a new one.".to_owned(),
        ),
        RowError::DeletedRecord => (
            "Cette fiche a été supprimée ici comme une erreur : retirez la ligne, ou donnez-lui une autre clé."
                .to_owned(),
            "This record was deleted here as a mistake: take the row out, or give it another key."
                .to_owned(),
        ),
        RowError::Rule { code } => {
            let known = super::organisations::samples();
            let known = known.iter().find(|told| told.code() == code);
            let title = known.map_or_else(|| code.clone(), |told| told.title(language).to_owned());
            (
                format!("{title} : corrigez la ligne."),
                format!("{title}: mend the row."),
            )
        }
        RowError::LikelyDuplicate { ids } => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let ids = ids.join(", ");
            (
                format!("Créée, mais elle ressemble à {ids} : vérifiez que ce n'est pas la même."),
                format!("Created, but it looks like {ids}: check that it is not the same."),
            )
        }
    };
    language.pick(french, english)
}

fn tell_shape(fault: &RowFault, language: Language) -> String {
    let (french, english) = match fault {
        RowFault::StrayQuote { .. } => (
            "Guillemet mal placé : doublez-le, ou entourez toute la cellule de guillemets."
                .to_owned(),
            "Misplaced quote: double it, or put quotes around the whole cell.".to_owned(),
        ),
        RowFault::Cells { expected, found } => (
            format!(
                "{found} cellules pour {expected} colonnes : vérifiez les séparateurs de la ligne."
            ),
            format!("{found} cells for {expected} columns: check the separators of the row."),
        ),
        RowFault::NotUtf8 { .. } => (
            "Le fichier est en UTF-8, mais pas cette cellule : saisissez-la de nouveau.".to_owned(),
            "The file is in UTF-8, but not this cell: type it again.".to_owned(),
        ),
        RowFault::LongCell { max, .. } => (
            format!("Cellule de plus de {max} octets : raccourcissez-la."),
            format!("Cell of more than {max} bytes: shorten it."),
        ),
    };
    language.pick(french, english)
}

fn tell_cell(error: &CellError, language: Language) -> String {
    let (french, english) = match error {
        CellError::Value { error } => return values::tell(error, language),
        CellError::RoundedNumber => (
            "Le tableur a arrondi ce numéro : mettez la colonne au format texte et saisissez-le de nouveau.",
            "The spreadsheet rounded this number: make the column a text and type it again.",
        ),
        CellError::ImpossibleDate => (
            "Ce jour n'existe pas dans le calendrier.",
            "The calendar has no such day.",
        ),
        CellError::UnreadableDate => (
            "Date illisible : écrivez AAAA-MM-JJ ou JJ/MM/AAAA, ou videz la cellule.",
            "Unreadable date: write YYYY-MM-DD or DD/MM/YYYY, or empty the cell.",
        ),
        CellError::UnknownCommune => (
            "Aucune commune ne porte ce code INSEE : vérifiez que ce n'est pas un code postal.",
            "No commune bears this INSEE code: check that it is not a postcode.",
        ),
        CellError::UnmappedValue => (
            "La correspondance ne dit pas ce que cette valeur signifie : complétez-la.",
            "The mapping does not say what this value means: complete it.",
        ),
    };
    language.pick(french, english).to_owned()
}

impl Labelled for ImportMode {
    const TITLE: (&'static str, &'static str) = ("Modes d'import", "Modes of an import");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Atomic => ("Tout ou rien", "Everything or nothing"),
            Self::Partial => ("Les lignes valables seulement", "The good rows only"),
        }
    }
}

impl Labelled for ImportState {
    const TITLE: (&'static str, &'static str) = ("États d'un import", "States of an import");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("En attente", "Waiting"),
            Self::Running => ("En cours", "Running"),
            Self::Done => ("Terminé", "Done"),
            Self::Refused => ("Refusé", "Refused"),
            Self::Failed => ("Interrompu", "Broken off"),
        }
    }
}
