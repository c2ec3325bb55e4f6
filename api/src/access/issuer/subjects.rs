//! From what an issuer says of somebody to a caller of ours.

use std::sync::PoisonError;

use domain::access::{Action, Actor, CallerId, Target, Testimony};
use persistence::subjects::{self, Named};
use persistence::{Db, Fault, Origin, Tx};

use super::{Issuer, Word};
use crate::app::App;
use crate::http::asked::Caller;
use crate::problem::Problem;
use crate::words::Failed;

/// How many of those heard of last are remembered.
const REMEMBERED: usize = 10_000;

impl Issuer {
    /// The caller that a token stands for.
    ///
    /// Somebody who comes for the first time becomes a caller; a newer token says anew which roles
    /// follow. A token that was heard before asks nothing of the base.
    pub async fn caller(
        &self,
        app: &App,
        token: &str,
        request_id: &str,
    ) -> Result<Caller, Problem> {
        let now = app.now();
        let word = self.prove(token, now).await?;
        let id = match self.remembered(&word) {
            Some(id) => id,
            None => self.heeded(app, &word, request_id).await?,
        };
        Ok(Caller {
            id,
            scopes: word.scopes,
            session: None,
            at: now,
            open: false,
        })
    }

    /// Who it is, when what was heard before makes this word no news.
    fn remembered(&self, word: &Word) -> Option<CallerId> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, counts) = heard.get(&word.subject)?;
        counts.hearing(&word.testimony).is_none().then_some(*id)
    }

    fn remember(&self, subject: &str, id: CallerId, counts: Testimony) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= REMEMBERED {
            heard.clear();
        }
        heard.insert(subject.to_owned(), (id, counts));
    }

    async fn heeded(&self, app: &App, word: &Word, request_id: &str) -> Result<CallerId, Problem> {
        let asking = self.ask_base(app, word, request_id);
        let late = |_| Failed::TimedOut;
        let (id, counts) = tokio::time::timeout(app.limits().patience, asking)
            .await
            .map_err(late)??;
        self.remember(&word.subject, id, counts);
        Ok(id)
    }

    async fn ask_base(
        &self,
        app: &App,
        word: &Word,
        request_id: &str,
    ) -> Result<(CallerId, Testimony), Problem> {
        let (issuer, subject) = (self.name.clone(), word.subject.clone());
        let known = move |db: &mut Db| {
            let (issuer, subject) = (&issuer, &subject);
            subjects::known(db, Named { issuer, subject })
        };
        let known = app.database().read(known).await?;
        let no_news = |counts: &Testimony| counts.hearing(&word.testimony).is_none();
        if let Some(known) = known.clone().filter(|(_, counts)| no_news(counts)) {
            return Ok(known);
        }
        // The rules that give roles are the operator's, and so is the act.
        let permit = Actor::operator().authorise(Action::HeedIssuer, Target::Everything)?;
        let origin = Origin {
            request_id: request_id.to_owned(),
            ..Origin::by_operator(app.clock(), app.today())
        };
        let (issuer, subject) = (self.name.clone(), word.subject.clone());
        let (new, testimony) = (CallerId::new(app.new_id()), word.testimony.clone());
        let heed = move |tx: &mut Tx| {
            let (issuer, subject) = (&issuer, &subject);
            subjects::heed(tx, &permit, Named { issuer, subject }, new, &testimony)
        };
        match (app.database().transact(origin, heed).await, known) {
            // Where nothing may be written, one who may do what was known before is let in all the same.
            (Err(Fault::ReadOnly), Some(known)) if known.1.held == word.testimony.held => Ok(known),
            (heeded, _) => Ok(heeded?),
        }
    }
}
