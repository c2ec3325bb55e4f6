//! Answers and headers that many operations have, told once among the components.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{Components, Type};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder};

/// An answer other than success that many operations have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    Folded,
    Unreadable,
    Unauthorised,
    Forbidden,
    NotFound,
    NotAcceptable,
    TooSlow,
    Conflict,
    Gone,
    Stale,
    TooLarge,
    UnsupportedMediaType,
    BadValues,
    Unconditional,
    TooManyRequests,
    Internal,
    Unavailable,
}

impl Shared {
    const ALL: [Self; 17] = [
        Self::Folded,
        Self::Unreadable,
        Self::Unauthorised,
        Self::Forbidden,
        Self::NotFound,
        Self::NotAcceptable,
        Self::TooSlow,
        Self::Conflict,
        Self::Gone,
        Self::Stale,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::BadValues,
        Self::Unconditional,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    pub(super) const fn status(self) -> &'static str {
        self.told().0
    }

    /// What stands for it where an operation has it.
    pub(super) fn reference(self) -> Ref {
        Ref::from_response_name(self.told().1)
    }

    /// Its status, its name, and when it is answered.
    const fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Folded => (
                "307",
                "Folded",
                "It was recorded twice: ask at the address of the record that stands for it.",
            ),
            Self::Unreadable => ("400", "Unreadable", "The request cannot be read."),
            Self::Unauthorised => ("401", "Unauthorised", "Nobody we know."),
            Self::Forbidden => ("403", "Forbidden", "Not allowed."),
            Self::NotFound => (
                "404",
                "NotFound",
                "No such record, or not for this caller's eyes.",
            ),
            Self::NotAcceptable => ("406", "NotAcceptable", "No accepted format is spoken here."),
            Self::TooSlow => ("408", "TooSlow", "The body did not come in time."),
            Self::Conflict => (
                "409",
                "Conflict",
                "A rule of the field forbids it in the present state.",
            ),
            Self::Gone => ("410", "Gone", "It was deleted."),
            Self::Stale => (
                "412",
                "Stale",
                "`If-Match` names another version; the present state is joined.",
            ),
            Self::TooLarge => ("413", "TooLarge", "The body is too large."),
            Self::UnsupportedMediaType => (
                "415",
                "UnsupportedMediaType",
                "The body is in another format.",
            ),
            Self::BadValues => (
                "422",
                "BadValues",
                "Values are refused; all of them are listed.",
            ),
            Self::Unconditional => ("428", "Unconditional", "`If-Match` is missing."),
            Self::TooManyRequests => ("429", "TooManyRequests", "Too many requests."),
            Self::Internal => ("500", "Internal", "A failure of ours."),
            Self::Unavailable => (
                "503",
                "Unavailable",
                "Unavailable for now; nothing was done unless the code says otherwise.",
            ),
        }
    }

    fn response(self) -> Response {
        let (_, _, when) = self.told();
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let media = match self {
            Self::Folded => "application/json",
            _ => "application/problem+json",
        };
        let own: &[&str] = match self {
            Self::Folded => &["Location", "ETag"],
            Self::Unauthorised => &["WWW-Authenticate"],
            Self::TooManyRequests | Self::Unavailable => &["Retry-After"],
            _ => &[],
        };
        let mut response = ResponseBuilder::new()
            .description(when)
            .content(media, content)
            .build();
        let names = ON_EVERY_ANSWER.iter().chain(OF_RATE).chain(own);
        for name in names.chain(&["Content-Language"]) {
            let header = header_reference(name);
            response.headers.insert((*name).to_owned(), header);
        }
        response
    }
}

/// The headers of every answer.
pub(super) const ON_EVERY_ANSWER: &[&str] = &["X-Request-Id", "Access-Control-Allow-Origin"];

/// The headers of every answer whose request counts for the rate limit.
pub(super) const OF_RATE: &[&str] = &["RateLimit", "RateLimit-Policy"];

/// Every header that several answers have, its greatest length, and what it tells.
const HEADERS: &[(&str, usize, &str)] = &[
    (
        "X-Request-Id",
        100,
        "The id of the request, as given or as made.",
    ),
    (
        "Access-Control-Allow-Origin",
        2_000,
        "The origin of the page that asks, when it is one of those that this server is set to allow.",
    ),
    (
        "RateLimit",
        100,
        "How many more requests may come now, and in how many seconds the allowance is full again.",
    ),
    (
        "RateLimit-Policy",
        100,
        "How many requests may come in how many seconds.",
    ),
    ("Retry-After", 10, "In how many seconds to ask again."),
    ("WWW-Authenticate", 100, "How to say who asks."),
    (
        "Content-Language",
        2,
        "The language of `title` and `detail`.",
    ),
    (
        "Content-Disposition",
        200,
        "In CSV and NDJSON, the name of the file.",
    ),
    ("ETag", 100, "The tag of this state, to give in `If-Match`."),
    ("Location", 2_000, "The address of the record."),
];

/// What stands for a header where an answer has it.
pub(super) fn header_reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

/// Tells what is shared.
pub(super) fn add_to(components: &mut Components) {
    for shared in Shared::ALL {
        let (_, name, _) = shared.told();
        let response = shared.response();
        components
            .responses
            .insert(name.to_owned(), response.into());
    }
    for (name, max_length, description) in HEADERS {
        let header = text_header(*max_length, description);
        components.headers.insert((*name).to_owned(), header.into());
    }
}

fn text_header(max_length: usize, description: &str) -> Header {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(max_length));
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
}
