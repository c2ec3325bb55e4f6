//! The formats that answers come in, and which of them a request prefers.

use std::collections::HashMap;

use actix_web::http::header::{self, Accept, Header, Quality, QualityItem};
use actix_web::mime::Mime;
use actix_web::{HttpMessage, HttpRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::{OpenApi, RefOr};

use crate::words::Request;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document.
    Json,
    /// One line for each record, with its columns.
    Csv,
    /// One JSON object on each line.
    Ndjson,
}

impl Format {
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Ndjson];

    /// Its media type without parameters.
    #[must_use]
    pub fn essence(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// Its media type as answered.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::Ndjson => self.essence(),
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What names of files in it end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// For whom CSV is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// For programs (RFC 4180): commas, decimal points, every text as it is.
    #[default]
    Standard,
    /// For a French spreadsheet: semicolons, decimal commas, a byte order mark, and a `'` before
    /// what it would take for a formula.
    Fr,
}

/// In which form a list is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page, in JSON.
    Page,
    /// All of it.
    Whole(Whole),
}

/// How a whole list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Each record as it is stored, one JSON object on each line.
    Stored,
    /// Each record as a page shows it, one JSON object on each line.
    Lines,
    /// As CSV.
    Table(Dialect),
}

impl Form {
    /// The form that a request for a list asks for. To name a dialect is to ask for CSV.
    pub fn asked(request: &HttpRequest, csv: Option<Dialect>) -> Result<Self, Request> {
        let offered = match csv {
            Some(_) => &[Format::Csv][..],
            None => &Format::ALL[..],
        };
        Ok(match preferred(request, offered)? {
            Format::Json => Self::Page,
            Format::Ndjson => Self::Whole(Whole::Lines),
            Format::Csv => Self::Whole(Whole::Table(csv.unwrap_or_default())),
        })
    }
}

impl Whole {
    /// Its format.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Stored | Self::Lines => Format::Ndjson,
            Self::Table(_) => Format::Csv,
        }
    }
}

/// The format that `Accept` prefers among those offered; of equals, the one offered first.
pub fn preferred(request: &impl HttpMessage, offered: &[Format]) -> Result<Format, Request> {
    let refused = || Request::NotAcceptable {
        offered: offered.iter().map(|format| format.essence()).collect(),
    };
    let Some(first) = offered.first() else {
        return Err(refused());
    };
    let Ok(Accept(ranges)) = Accept::parse(request) else {
        let given = request.headers().contains_key(header::ACCEPT);
        return if given { Err(refused()) } else { Ok(*first) };
    };
    if ranges.is_empty() {
        return Ok(*first);
    }
    let mut best: Option<(Quality, Format)> = None;
    for format in offered {
        let weight = weight(&ranges, *format);
        if weight > best.map_or(Quality::ZERO, |(highest, _)| highest) {
            best = Some((weight, *format));
        }
    }
    // One who can read our problems can read our JSON.
    let reads_problems = || {
        ranges.iter().any(|range| {
            range.quality > Quality::ZERO && range.item.essence_str() == "application/problem+json"
        })
    };
    match best {
        Some((_, format)) => Ok(format),
        None if offered.contains(&Format::Json) && reads_problems() => Ok(Format::Json),
        None => Err(refused()),
    }
}

/// The weight that the most particular of the ranges which hold a format gives to it.
fn weight(ranges: &[QualityItem<Mime>], format: Format) -> Quality {
    let family = format.essence().split('/').next();
    let particular = |range: &Mime| match range.essence_str() {
        "*/*" => Some(0),
        some if some == format.essence() => Some(2),
        some if some.ends_with("/*") && some.split('/').next() == family => Some(1),
        _ => None,
    };
    let holding = ranges
        .iter()
        .filter_map(|range| Some((particular(&range.item)?, range.quality)));
    holding.max().map_or(Quality::ZERO, |(_, weight)| weight)
}

/// The formats that addresses answer in when read, where that is not JSON alone. The published
/// document says it, so that what it promises is what is served.
#[derive(Debug, Default)]
pub struct Offered(HashMap<String, Vec<Format>>);

impl Offered {
    /// As the document says.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let mut offered = HashMap::new();
        for (path, item) in &document.paths.paths {
            let read = item.get.as_ref();
            let answer = read.and_then(|read| read.responses.responses.get("200"));
            let Some(RefOr::T(answer)) = answer else {
                continue;
            };
            let known = |format: &Format| answer.content.contains_key(format.essence());
            let formats: Vec<Format> = Format::ALL.into_iter().filter(known).collect();
            offered.insert(path.clone(), formats);
        }
        Self(offered)
    }

    /// Those of an address, by its pattern.
    #[must_use]
    pub fn at(&self, pattern: Option<&str>) -> &[Format] {
        pattern
            .and_then(|pattern| self.0.get(pattern))
            .map_or(&[Format::Json], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn choice(accept: &str, offered: &[Format]) -> Option<Format> {
        let request = TestRequest::default().insert_header((header::ACCEPT, accept));
        preferred(&request.to_http_request(), offered).ok()
    }

    #[test]
    fn the_heaviest_format_is_chosen_and_of_equals_the_first() {
        for (accept, chosen) in [
            ("*/*", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            ("text/*", Some(Format::Csv)),
            ("application/x-ndjson", Some(Format::Ndjson)),
            ("application/*", Some(Format::Json)),
            ("application/json;q=0.5, text/csv;q=0.9", Some(Format::Csv)),
            ("application/json;q=0.5, text/csv;q=0.5", Some(Format::Json)),
            ("text/csv, application/problem+json", Some(Format::Csv)),
            ("application/problem+json", Some(Format::Json)),
            ("text/csv;q=0, */*;q=0.1", Some(Format::Json)),
            (
                "application/json;q=0, application/*;q=0.2",
                Some(Format::Ndjson),
            ),
            ("TEXT/CSV; charset=utf-8", Some(Format::Csv)),
            (
                "text/html, application/xhtml+xml, */*;q=0.8",
                Some(Format::Json),
            ),
            ("text/html", None),
            ("text/csv;q=0", None),
        ] {
            assert_eq!(choice(accept, &Format::ALL), chosen, "{accept}");
        }
    }

    #[test]
    fn only_what_is_offered_is_chosen() {
        assert_eq!(choice("text/csv", &[Format::Json]), None);
        assert_eq!(choice("*/*", &[Format::Ndjson]), Some(Format::Ndjson));
        assert_eq!(choice("application/json", &[Format::Ndjson]), None);
        assert_eq!(choice("application/problem+json", &[Format::Ndjson]), None);
    }
}
