//! Reports and refused rows as files for a spreadsheet, written as they are read.

use std::io;
use std::rc::Rc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use domain::imports::RowError;
use futures_util::stream;
use persistence::imports::{Counts, Job, Line};
use uuid::Uuid;

use super::resource::lines_of;
use super::view::ImportLine;
use crate::app::App;
use crate::http::format::{Format, preferred};
use crate::words::{self, Language, Request};

/// Lines that are read at a time.
const AT_ONCE: i64 = 500;

/// Whether the caller would rather have a sheet than JSON.
pub fn is_wanted(request: &HttpRequest) -> Result<bool, Request> {
    Ok(preferred(request, &[Format::Json, Format::Csv])? == Format::Csv)
}

/// The whole report.
#[must_use]
pub fn report(app: Data<App>, job: &Job, language: Language) -> HttpResponse {
    let head = ["line", "column", "code", "value", "outcome", "detail"];
    let head = record(&head.map(str::to_owned), ',');
    sheet(app, job.id, language, false, head, move |line| {
        ImportLine::of(line, language).map(|line| {
            record(
                &[
                    line.line.to_string(),
                    line.column.unwrap_or_default(),
                    line.code,
                    line.value.unwrap_or_default(),
                    line.outcome.to_owned(),
                    line.detail,
                ],
                ',',
            )
        })
    })
}

/// The rows that were not taken, each with the first reason why.
#[must_use]
pub fn refused(app: Data<App>, job: &Job, language: Language) -> HttpResponse {
    let header = job.progress.counts.header.clone();
    let width = header.len();
    let separator = separator_of(&job.progress.counts);
    let head = refused_head(&header, separator, language);
    sheet(app, job.id, language, true, head, move |line| {
        refused_row(&line, width, separator, language)
    })
}

/// The columns of a file of refused rows.
#[must_use]
pub fn refused_head(header: &[String], separator: char, language: Language) -> Vec<u8> {
    let why = language.pick("refus", "refused_because").to_owned();
    // Without the mark, the spreadsheets that write semicolons read accents wrongly.
    let mark = if separator == ';' { "\u{FEFF}" } else { "" };
    let head = record(&[header, &[why]].concat(), separator);
    [mark.as_bytes(), &head].concat()
}

/// What stood between the cells of the file.
#[must_use]
pub fn separator_of(counts: &Counts) -> char {
    counts.separator.unwrap_or(';')
}

/// A row as it came, filled up to the width of the table, and why it was not taken.
#[must_use]
pub fn refused_row(
    line: &Line,
    width: usize,
    separator: char,
    language: Language,
) -> Option<Vec<u8>> {
    let mut cells: Vec<String> = serde_json::from_str(line.cells.as_deref()?).ok()?;
    let error: RowError = serde_json::from_str(&line.error).ok()?;
    while cells.len() < width {
        cells.push(String::new());
    }
    let place = line.column.iter().map(|column| format!("{column} : "));
    let why = place.chain([words::tell_row(&error, language)]).collect();
    cells.push(why);
    Some(record(&cells, separator))
}

/// One line of a CSV file.
fn record(cells: &[String], separator: char) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .from_writer(Vec::new());
    // Writing to memory does not fail.
    drop(writer.write_record(cells));
    writer.into_inner().unwrap_or_default()
}

/// A sheet: its head, then what each line becomes, page after page.
fn sheet(
    app: Data<App>,
    import: Uuid,
    language: Language,
    with_cells: bool,
    head: Vec<u8>,
    row: impl Fn(Line) -> Option<Vec<u8>> + 'static,
) -> HttpResponse {
    let row = Rc::new(row);
    let pages = stream::unfold(Some((head, 0)), move |place| {
        let (app, row) = (app.clone(), row.clone());
        async move {
            let (mut sheet, after) = place?;
            let lines = match lines_of(&app, import, with_cells, after, AT_ONCE).await {
                Ok(lines) => lines,
                // The status is gone by now: breaking off is all that tells.
                Err(problem) => {
                    let broken = io::Error::other(problem.to_string());
                    return Some((Err(broken), None));
                }
            };
            let next = lines.last().map(|line| (Vec::new(), line.number));
            for line in lines {
                sheet.extend(row(line).unwrap_or_default());
            }
            Some((Ok(Bytes::from(sheet)), next))
        }
    });
    let mut answer = HttpResponse::Ok();
    answer.content_type(Format::Csv.content_type());
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    answer.streaming(pages)
}
