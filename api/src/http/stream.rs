//! Long answers, page after page.
//!
//! Each page is one piece of work on a reading thread, begun when the client has taken the one
//! before: a slow client holds no thread, no snapshot and no more than a page of memory. The rights
//! of who reads are asked anew for each page.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use domain::access::{Action, Actor, Visibility};
use futures_util::stream::{self, StreamExt};
use persistence::{Database, Db};

use super::asked::Caller;
use super::guard;
use crate::app::App;
use crate::problem::Problem;
use crate::words::Request;

/// How many rows a piece of a long answer has.
pub const ROWS: i64 = 250;

/// How often a piece that could not be read for now is tried again.
const ATTEMPTS: u32 = 5;

/// One piece of a long answer, and the place after which the next begins.
pub struct Piece<P> {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The place; nothing at the end.
    pub next: Option<P>,
}

/// Who reads.
pub enum Reader {
    /// A caller of the API, whose rights are asked anew for each piece.
    Caller(Data<App>, Caller),
    /// The one who runs the program.
    Operator(Database),
}

type Read<P> =
    dyn Fn(&mut Db, &Actor, Visibility, Option<&P>) -> Result<Piece<P>, Problem> + Send + Sync;

/// An answer that is read piece by piece.
pub struct Long<P> {
    reader: Reader,
    action: Action,
    read: Arc<Read<P>>,
    place: Place<P>,
    rights: Option<i64>,
}

enum Place<P> {
    Beginning,
    After(P),
    End,
}

impl<P: Clone + Send + Sync + 'static> Long<P> {
    /// What one who may do `action` may see, each piece read from after a place.
    pub fn new(
        reader: Reader,
        action: Action,
        read: impl Fn(&mut Db, &Actor, Visibility, Option<&P>) -> Result<Piece<P>, Problem>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            reader,
            action,
            read: Arc::new(read),
            place: Place::Beginning,
            rights: None,
        }
    }

    /// The next piece; nothing after the last.
    ///
    /// Refused once whoever reads lost the right to, or has other rights than at the beginning: the
    /// whole would be complete for neither.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let after = match &self.place {
            Place::Beginning => None,
            Place::After(place) => Some(place.clone()),
            Place::End => return Ok(None),
        };
        let mut attempt = 0;
        let (piece, rights) = loop {
            match self.attempt(after.clone()).await {
                Err(problem) if attempt < ATTEMPTS && after.is_some() && is_for_now(&problem) => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(200) * attempt).await;
                }
                outcome => break outcome?,
            }
        };
        if self.rights.is_some_and(|before| before != rights) {
            let reason = "rights_changed";
            return Err(Request::Resync { reason }.into());
        }
        self.rights = Some(rights);
        self.place = piece.next.map_or(Place::End, Place::After);
        Ok(Some(piece.bytes.into()))
    }

    async fn attempt(&self, after: Option<P>) -> Result<(Piece<P>, i64), Problem> {
        let read = self.read.clone();
        let work = move |db: &mut Db, actor: &Actor, visible: Visibility| {
            let piece = read(db, actor, visible, after.as_ref())?;
            Ok((piece, actor.rights_version))
        };
        let action = self.action;
        match &self.reader {
            Reader::Caller(app, caller) => {
                let caller = Caller {
                    at: app.now(),
                    ..caller.clone()
                };
                app.read(&caller, action, work).await
            }
            Reader::Operator(database) => {
                let operator = Actor::operator();
                let work = move |db: &mut Db| work(db, &operator, operator.visibility(action)?);
                database.read(work).await
            }
        }
    }

    /// The answer. What goes wrong before its first byte is told as a problem; later it ends
    /// abruptly, so that what came is not taken for the whole.
    pub async fn answer(
        mut self,
        request: &HttpRequest,
        mut head: HttpResponseBuilder,
    ) -> Result<HttpResponse, Problem> {
        let first = self.piece().await?.unwrap_or_default();
        // The encoder leaves out the body of an answer to HEAD, but would have it read.
        if guard::is_head(request) {
            return Ok(head.streaming(stream::empty::<Result<Bytes, std::io::Error>>()));
        }
        let request_id = guard::request_id(request);
        let rest = stream::try_unfold(self, move |mut long| {
            let request_id = request_id.clone();
            async move {
                match long.piece().await {
                    Ok(piece) => Ok(piece.map(|bytes| (bytes, long))),
                    Err(problem) => {
                        let (code, cause) = (problem.code(), problem.cause());
                        tracing::warn!(request_id, code, ?cause, "a long answer was cut off");
                        Err(std::io::Error::other(code))
                    }
                }
            }
        });
        let first = stream::once(std::future::ready(Ok(first)));
        Ok(head.streaming(first.chain(rest)))
    }
}

/// Whether the same may well succeed in a moment.
fn is_for_now(problem: &Problem) -> bool {
    problem.status() == actix_web::http::StatusCode::SERVICE_UNAVAILABLE
}
