//! `/v1/code-lists`: every enumeration and nomenclature, in French and in English.

use actix_web::http::{StatusCode, header};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::nomenclatures;
use domain::records::Cell;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ROOMS;
use crate::http::answer;
use crate::http::format::{Dialect, Form, Whole};
use crate::http::query::Query;
use crate::http::table::Table;
use crate::problem::Problem;
use crate::room::Room;
use crate::words::code_lists::Labelled;
use crate::words::{Failed, Request};

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "code lists",
        "Every enumeration and nomenclature, with French and English labels.",
    ),
    routes: |v1| {
        v1.service(list_code_lists).service(read_code_list);
    },
    code_lists: Vec::new,
};

/// A code list.
#[derive(Serialize, ToSchema)]
pub struct CodeList {
    /// Its name in the address; the system of its codes.
    #[schema(example = "organisation_kinds")]
    list: String,
    /// Its title in French.
    title_fr: String,
    /// Its title in English.
    title_en: String,
    /// Who publishes it.
    source: String,
    /// The state that is held, as a year and month, for others' nomenclatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    vintage: Option<String>,
    /// Whether every code is held; a code outside an extract is accepted with a warning.
    complete: bool,
    /// Its codes, in the order they are shown.
    codes: Vec<CodeEntry>,
}

/// A code and its labels.
#[derive(Serialize, ToSchema)]
pub struct CodeEntry {
    /// The code.
    #[schema(example = "association")]
    code: String,
    /// Its label in French.
    #[schema(example = "Association loi 1901")]
    label_fr: String,
    /// Its label in English.
    #[schema(example = "Association (1901 Act)")]
    label_en: String,
}

/// All code lists, without their codes.
#[derive(Serialize, ToSchema)]
pub struct CodeLists {
    /// The lists.
    items: Vec<CodeListSummary>,
}

/// What a code list is.
#[derive(Serialize, ToSchema)]
pub struct CodeListSummary {
    /// Its name in the address.
    list: String,
    /// Its title in French.
    title_fr: String,
    /// Its title in English.
    title_en: String,
    /// How many codes it has.
    count: usize,
}

/// For whom CSV is written.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CodeListQuery {
    /// For whom CSV is written; to say it is to ask for CSV.
    #[param(inline)]
    csv: Option<Dialect>,
}

/// List the code lists.
#[utoipa::path(tag = "code lists", params(CodeListQuery), security(()),
    responses((status = 200, description = "The lists.", body = CodeLists)))]
#[get("/code-lists")]
pub(crate) async fn list_code_lists(
    query: Query<CodeListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let summary = |list: CodeList| CodeListSummary {
        count: list.codes.len(),
        list: list.list,
        title_fr: list.title_fr,
        title_en: list.title_en,
    };
    let items = all().into_iter().map(summary).collect();
    let lists = CodeLists { items };
    match Form::asked(&request, query.0.csv)? {
        Form::Page => Ok(public().json(lists)),
        Form::Whole(whole) => {
            let row = |list: &CodeListSummary| {
                vec![
                    Cell::text(&list.list),
                    Cell::text(&list.title_fr),
                    Cell::text(&list.title_en),
                    Cell::Whole(i64::try_from(list.count).unwrap_or(i64::MAX)),
                ]
            };
            let columns = &["list", "title_fr", "title_en", "count"];
            held(whole, "code-lists", columns, &lists.items, row)
        }
    }
}

/// Read a code list.
#[utoipa::path(tag = "code lists", params(("list" = String, Path, description = "The name of the list.", example = "organisation_kinds"), CodeListQuery),
    security(()), responses((status = 200, description = "The list with its codes.", body = CodeList)))]
#[get("/code-lists/{list}")]
pub(crate) async fn read_code_list(
    list: Path<String>,
    query: Query<CodeListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let found = all().into_iter().find(|known| known.list == *list);
    let found = found.ok_or(Request::NotFound)?;
    match Form::asked(&request, query.0.csv)? {
        Form::Page => Ok(public().json(found)),
        Form::Whole(whole) => {
            let row = |entry: &CodeEntry| {
                vec![
                    Cell::text(&entry.code),
                    Cell::text(&entry.label_fr),
                    Cell::text(&entry.label_en),
                ]
            };
            let columns = &["code", "label_fr", "label_en"];
            held(whole, &found.list, columns, &found.codes, row)
        }
    }
}

/// A list that is all in memory, as NDJSON or CSV.
fn held<T: Serialize>(
    whole: Whole,
    name: &str,
    columns: &[&str],
    items: &[T],
    row: impl Fn(&T) -> Vec<Cell>,
) -> Result<HttpResponse, Problem> {
    let mut answer = public();
    answer::as_file(&mut answer, whole.format(), name);
    if let Whole::Table(dialect) = whole {
        let mut table = Table::begin(columns, dialect)?;
        for item in items {
            table.row(&row(item))?;
        }
        return Ok(answer.body(table.bytes()?));
    }
    let mut lines = String::new();
    for item in items {
        lines.push_str(&serde_json::to_string(item).or(Err(Failed::Internal))?);
        lines.push('\n');
    }
    Ok(answer.body(lines))
}

/// Anybody may keep these for an hour: they change with the program only.
fn public() -> actix_web::HttpResponseBuilder {
    let mut answer = answer::json(StatusCode::OK);
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    answer
}

fn all() -> Vec<CodeList> {
    let ours = ROOMS.iter().flat_map(|room| (room.code_lists)());
    let theirs = nomenclatures::held().iter().map(theirs);
    ours.chain(theirs).collect()
}

/// A list of ours, to be published.
pub(crate) fn ours<L: Labelled>() -> CodeList {
    let entry = |code: &L| {
        let (label_fr, label_en) = code.labels();
        CodeEntry {
            code: code.code().to_owned(),
            label_fr: label_fr.to_owned(),
            label_en: label_en.to_owned(),
        }
    };
    let (title_fr, title_en) = L::TITLE;
    CodeList {
        list: L::LIST.to_owned(),
        title_fr: title_fr.to_owned(),
        title_en: title_en.to_owned(),
        source: L::SOURCE.to_owned(),
        vintage: None,
        complete: true,
        codes: L::ALL.iter().map(entry).collect(),
    }
}

fn theirs(held: &nomenclatures::Nomenclature) -> CodeList {
    let entry = |concept: &nomenclatures::Concept| CodeEntry {
        code: concept.code.to_owned(),
        label_fr: concept.label_fr.to_owned(),
        label_en: concept.label_en.to_owned(),
    };
    CodeList {
        list: held.system.to_owned(),
        title_fr: held.system.to_owned(),
        title_en: held.system.to_owned(),
        source: held.source.to_owned(),
        vintage: Some(held.vintage.to_owned()),
        complete: held.complete,
        codes: held.concepts.iter().map(entry).collect(),
    }
}
