//! The ceiling that `make bench` compares with: the framework alone, giving answers that the API
//! once gave, byte for byte and header for header, without looking anything up.
//!
//! `bare LISTEN READ LIST CREATE`: where to listen, then three files, each one whole answer as
//! `curl --include` writes it.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// An answer that is given again and again.
#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// One answer for each address.
struct Answers {
    read: Answer,
    list: Answer,
    create: Answer,
}

impl Answer {
    fn in_file(path: &str) -> Outcome<Self> {
        let text = std::fs::read_to_string(path)?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or("an answer has a head")?;
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .ok_or("an answer has a status")?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(": ").ok_or("a header has a value")?;
            let name: HeaderName = name.parse()?;
            // The framework says these by itself.
            if !["content-length", "date"].contains(&name.as_str()) {
                headers.push((name, value.parse()?));
            }
        }
        Ok(Self {
            status: status.parse()?,
            headers,
            body: Bytes::from(body.to_owned()),
        })
    }

    fn give(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        answer.body(self.body.clone())
    }
}

async fn read(_: web::Path<String>, answers: Data<Answers>) -> HttpResponse {
    answers.read.give()
}

async fn list(answers: Data<Answers>) -> HttpResponse {
    answers.list.give()
}

async fn create(_: Bytes, answers: Data<Answers>) -> HttpResponse {
    answers.create.give()
}

#[actix_web::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, read_file, list_file, create_file] = arguments.as_slice() else {
        return Err("usage: bare LISTEN READ LIST CREATE".into());
    };
    let answers = Data::new(Answers {
        read: Answer::in_file(read_file)?,
        list: Answer::in_file(list_file)?,
        create: Answer::in_file(create_file)?,
    });
    let factory = move || {
        App::new()
            .app_data(answers.clone())
            .route("/v1/organisations/{id}", web::get().to(read))
            .route("/v1/organisations", web::get().to(list))
            .route("/v1/organisations", web::post().to(create))
    };
    HttpServer::new(factory).bind(listen)?.run().await?;
    Ok(())
}
