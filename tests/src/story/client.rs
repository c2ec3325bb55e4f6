//! A client of the API, who checks on every answer what is always true of one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::http::{HeaderName, HeaderValue, Request, Response};
use ureq::{Agent, Body, BodyReader};

use super::Answer;

/// One who asks.
#[derive(Clone)]
pub struct Client {
    /// The server.
    pub address: SocketAddr,
    /// The token, if any.
    pub token: Option<String>,
    agent: Agent,
}

/// A request being made.
#[must_use]
pub struct Asking<'a> {
    client: &'a Client,
    method: String,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl Client {
    /// One with this token, or without any.
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_mins(1)))
            .build();
        Self {
            address,
            token,
            agent: config.new_agent(),
        }
    }

    /// The same one with connections of its own.
    pub fn again(&self) -> Self {
        Self::new(self.address, self.token.clone())
    }

    /// Asks with any method.
    pub fn ask(&self, method: &str, path: &str) -> Asking<'_> {
        Asking {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send()
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send()
    }

    /// Changes what had this tag by a merge patch.
    pub fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.ask("PATCH", path).if_match(etag).json(body).send()
    }

    /// Deletes what had this tag.
    pub fn delete(&self, path: &str, etag: &str) -> Answer {
        self.ask("DELETE", path).if_match(etag).send()
    }

    /// Asks for a token with an id and a secret, by HTTP Basic.
    pub fn ask_token(&self, id: &str, secret: &str, scope: Option<&str>) -> Answer {
        let scope = scope.map(|scope| format!("&scope={}", scope.replace(' ', "%20")));
        let form = format!("grant_type=client_credentials{}", scope.unwrap_or_default());
        self.ask("POST", "/v1/auth/token")
            .basic(id, secret)
            .form(&form)
            .send()
    }

    /// The items of every page of a list.
    pub fn all_pages(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(address) = next {
            let page = self.get(&address);
            page.is(200);
            next = page.next_address();
            items.extend(page.items());
        }
        items
    }
}

impl Asking<'_> {
    /// With this header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .push((name, HeaderValue::from_bytes(value.as_ref()).unwrap()));
        self
    }

    /// On the state with this tag.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// With this idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// As this client of OAuth.
    pub fn basic(self, id: &str, secret: &str) -> Self {
        let pair = STANDARD.encode(format!("{id}:{secret}"));
        self.header("authorization", format!("Basic {pair}"))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a form.
    pub fn form(self, form: &str) -> Self {
        self.body("application/x-www-form-urlencoded", form)
    }

    /// With a body of some type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut asking = self.header("content-type", content_type);
        asking.body = Some(body.into());
        asking
    }

    /// That accepts this format.
    pub fn accept(self, format: &str) -> Self {
        self.header("accept", format)
    }

    /// Sends it and leaves the body of the answer to be read, at whatever pace.
    pub fn begin(self) -> (u16, BodyReader<'static>) {
        let (_, response) = self.run().unwrap();
        (
            response.status().as_u16(),
            response.into_body().into_reader(),
        )
    }

    /// Sends it and checks what is always true of an answer.
    pub fn send(self) -> Answer {
        let (method, path) = (self.method.clone(), self.path.clone());
        self.try_send()
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same to a server that may go away before it has answered.
    pub fn try_send(self) -> Result<Answer, ureq::Error> {
        let (method, path) = (self.method.clone(), self.path.clone());
        let (own_id, mut response) = self.run()?;
        let bytes = response
            .body_mut()
            .with_config()
            .limit(1 << 26)
            .read_to_vec()?;
        let answer = Answer {
            method,
            path,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes,
        };
        if let Some(id) = own_id {
            assert_eq!(answer.header("x-request-id"), id, "{answer}");
        }
        answer.check();
        Ok(answer)
    }

    /// The id that the request was given, and the answer whose body is still to be read.
    fn run(self) -> Result<(Option<String>, Response<Body>), ureq::Error> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let Self {
            client,
            method,
            path,
            headers,
            body,
        } = self;
        let mut request = Request::builder()
            .method(method.as_str())
            .uri(format!("http://{}{path}", client.address));
        let given = |name: &str| headers.iter().any(|(given, _)| given == name);
        // Every second request lets the server find its own id.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let own_id =
            (!given("x-request-id") && number.is_multiple_of(2)).then(|| format!("story-{number}"));
        if let Some(id) = &own_id {
            request = request.header("x-request-id", id);
        }
        if let Some(token) = client.token.as_ref().filter(|_| !given("authorization")) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = match body {
            Some(body) => client.agent.run(request.body(body).unwrap()),
            None => client.agent.run(request.body(()).unwrap()),
        };
        Ok((own_id, response?))
    }
}

/// Sends bytes as they are and reads until the server ends, or says nothing for a while.
pub fn raw(address: SocketAddr, pieces: &[&[u8]], between: Duration) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            std::thread::sleep(between);
        }
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    // Some servers reset a connection whose request they did not read whole.
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        heard.extend_from_slice(&buffer[..count]);
        if ended(&heard) {
            break;
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// Whether an answer with a length is whole.
fn ended(heard: &[u8]) -> bool {
    let text = String::from_utf8_lossy(heard);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    length.is_some_and(|length: usize| body.len() >= length)
}
