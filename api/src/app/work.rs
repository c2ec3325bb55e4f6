//! The shapes of every piece of work: read, list, create, change, delete.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use domain::access::{Action, Actor, Permit, Reached, Target, Visibility};
use domain::records::{Resource, ResourceType, Warning};
use domain::values::{Date, Id, Since};
use persistence::gathered::ReadSome;
use persistence::{
    Db, Document, Fault, Location, Origin, Replay, Tx, Written, callers, folds, history, joined,
    scopes,
};

use uuid::Uuid;

use super::App;
use crate::http::answer::{self, Shown};
use crate::http::asked::{Caller, Writing, found};
use crate::http::body::Body;
use crate::problem::Problem;
use crate::words::{Failed, Request};

impl App {
    /// Reads, for a caller who may do `action`, what that caller may see.
    pub async fn read<T: Send + 'static>(
        &self,
        caller: &Caller,
        action: Action,
        work: impl Fn(&mut Db, &Actor, Visibility) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (asker, caller) = (caller.asker(), caller.clone());
        let work = move |db: &mut Db, rights| {
            let actor = caller.actor(rights)?;
            let visible = actor.visibility(action)?;
            work(db, &actor, visible)
        };
        self.in_time(self.database.read_as(asker, work), Failed::TimedOut)
            .await
    }

    /// Reads a list: in one moment when it takes several statements that must agree.
    pub async fn list<T: Send + 'static>(
        &self,
        caller: &Caller,
        action: Action,
        several: bool,
        work: impl Fn(&mut Db, &Actor, Visibility) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if several {
            self.snapshot(caller, action, work).await
        } else {
            self.read(caller, action, work).await
        }
    }

    /// Reads one record and the rights of the one who asks for it.
    pub async fn read_one(
        &self,
        caller: &Caller,
        of: ResourceType,
        read: ReadSome,
        id: Uuid,
    ) -> Result<(Actor, Option<Document>), Problem> {
        let found = self.database.one(of, read, caller.asker(), id);
        let found = async { Ok(found.await?) };
        let (rights, document) = self.in_time(found, Failed::TimedOut).await?.unzip();
        Ok((caller.actor(rights)?, document.flatten()))
    }

    /// Reads by a statement that fetches the caller's rights itself.
    pub async fn read_with_rights<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Db) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_time(self.database.read(work), Failed::TimedOut)
            .await
    }

    /// The same over several statements that must see one moment.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        caller: &Caller,
        action: Action,
        work: impl Fn(&mut Db, &Actor, Visibility) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let caller = caller.clone();
        self.in_time(
            self.database
                .snapshot(move |db| within(db, &caller, action, &work)),
            Failed::TimedOut,
        )
        .await
    }

    /// Records something new, and answers with it and its address. One whose rights reach only part
    /// of what there is records what belongs to that part.
    ///
    /// Since the answer shows the record, a token that writes must read too.
    pub async fn create<R: Resource + 'static, T: Send + 'static>(
        &self,
        writing: impl Into<Telling>,
        action: Action,
        id: Id<R>,
        new: Body<T>,
        belongs_to: impl Fn(&T) -> Vec<(Reached, Since)> + Send + 'static,
        work: impl Fn(&mut Tx, &Permit, &T) -> Result<Document, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let Body { value, digest } = new;
        self.write::<R>(
            writing.into(),
            action,
            &digest,
            StatusCode::CREATED,
            move |tx, actor, _| {
                let within = if actor.is_narrow() {
                    scopes::reaching_through(tx, id.uuid(), &belongs_to(&value))?
                } else {
                    Vec::new()
                };
                let own = R::TYPE.scope(id.uuid());
                let target = Target::One {
                    own,
                    within: &within,
                };
                let permit = actor.authorise(action, target)?;
                // The answer, and its replay, show the record.
                actor.visibility(R::READ)?;
                let mut document = work(tx, &permit, &value)?;
                document.within = within;
                Ok(document)
            },
        )
        .await
    }

    /// Changes a record: finds it, asks whether this caller may and knows its present version, and
    /// answers with what `work` made of it.
    pub async fn change<R: Resource + 'static, T: Send + 'static>(
        &self,
        writing: impl Into<Telling>,
        action: Action,
        id: Id<R>,
        find: impl Fn(&mut Tx, Id<R>) -> Result<Option<R>, Fault> + Send + 'static,
        asked: Body<T>,
        work: impl Fn(&mut Tx, &Permit, R, &T) -> Result<Document, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let Body { value, digest } = asked;
        self.write::<R>(
            writing.into(),
            action,
            &digest,
            StatusCode::OK,
            move |tx, actor, writing| {
                let present = found(tx, actor, &find, id)?;
                let permit = writing.authorise(actor, action, &present, tx.today())?;
                let mut document = work(tx, &permit, present.record, &value)?;
                document.within = stands::<R>(tx, actor, action, &document)?;
                Ok(document)
            },
        )
        .await
    }

    /// Deletes a record, found and permitted as for a change.
    pub async fn delete<R: Resource + 'static>(
        &self,
        writing: Writing,
        action: Action,
        id: Id<R>,
        find: impl Fn(&mut Tx, Id<R>) -> Result<Option<R>, Fault> + Send + 'static,
        work: impl Fn(&mut Tx, &Permit, &R) -> Result<(), Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        self.let_write().await?;
        let origin = self.origin(&writing);
        let dry_run = writing.dry_run;
        let work = move |tx: &mut Tx| {
            let actor = actor(tx, &writing.caller)?;
            let present = found(tx, &actor, &find, id)?;
            let permit = writing.authorise(&actor, action, &present, tx.today())?;
            work(tx, &permit, &present.record)
        };
        self.in_time(self.database.transact(origin, work), Failed::OutcomeUnknown)
            .await?;
        let mut answer = HttpResponse::NoContent();
        if dry_run {
            answer.insert_header(("Dry-Run", "true"));
        }
        Ok(answer.finish())
    }

    /// Writes one record and answers with it; or with what the same request answered before.
    async fn write<R: Resource + 'static>(
        &self,
        telling: Telling,
        action: Action,
        body: &[u8],
        status: StatusCode,
        work: impl Fn(&mut Tx, &Actor, &Writing) -> Result<Document, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        self.let_write().await?;
        let Telling { writing, odd } = telling;
        let origin = Origin {
            retried: writing.retried(body, status.as_u16()),
            ..self.origin(&writing)
        };
        let today = origin.today;
        let (language, dry_run, caller) =
            (writing.language, writing.dry_run, writing.caller.clone());
        let work = move |tx: &mut Tx| {
            let actor = actor(tx, &writing.caller)?;
            let mut document = work(tx, &actor, &writing)?;
            joined::fill(tx, [&mut document].into_iter())?;
            let odd = odd.map_or(Ok(Vec::new()), |odd| odd(tx, &actor, &document, today))?;
            Ok((document, (actor, odd)))
        };
        let written = self
            .in_time(self.database.write(origin, work), Failed::OutcomeUnknown)
            .await?;
        let (document, (actor, odd), status, replayed) = match written {
            Written::Kept(document, told) => (document, told, status, false),
            Written::OtherRequest => {
                let asked = move |db: &mut Db| actor(db, &caller);
                let actor = self
                    .in_time(self.database.read(asked), Failed::TimedOut)
                    .await?;
                actor.entitle(action)?;
                return Err(Request::KeyOfOtherRequest.into());
            }
            Written::Replay(replay) => {
                let status = StatusCode::from_u16(replay.status).unwrap_or(status);
                let (document, told) = self.replayed::<R>(caller, replay, odd, today).await?;
                (document, told, status, true)
            }
        };
        let shown = Shown {
            actor: &actor,
            day: today,
        };
        answer::written::<R>(&shown, &document, odd, status, language, replayed, dry_run)
    }

    /// The record as the first success of a request left it, if the caller may still do that.
    async fn replayed<R: Resource>(
        &self,
        caller: Caller,
        replay: Replay,
        odd: Option<Odd>,
        today: Date,
    ) -> Result<(Document, (Actor, Vec<Warning>)), Problem> {
        let past = move |db: &mut Db| {
            let actor = actor(db, &caller)?;
            let visible = actor.visibility(R::READ)?;
            let past =
                history::version_of(db, visible, replay.resource_type, replay.id, replay.version)?;
            let within = folds::reaching(db, replay.resource_type, replay.id)?;
            let body = past
                .ok_or(Request::NotFound)?
                .body
                .ok_or(Request::Deleted)?;
            let resource: R = persistence::documents::read_back(&body, replay.id)?;
            let mut document = Document::render(&resource, today)?;
            document.within = within;
            joined::fill(db, [&mut document].into_iter())?;
            actor.authorise(replay.action, document.target())?;
            let odd = odd.map_or(Ok(Vec::new()), |odd| odd(db, &actor, &document, today))?;
            Ok::<_, Problem>((document, (actor, odd)))
        };
        self.in_time(self.database.read(past), Failed::TimedOut)
            .await
    }

    /// The outcome of some work, or what is told when it does not come in time. The first work of a
    /// day waits until what that day alone changes was done.
    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
        late: Failed,
    ) -> Result<T, Problem> {
        let origin = || Origin::by_operator(self.clock(), self.today());
        let work = async {
            self.database.turn_day(self.today(), origin).await?;
            work.await
        };
        self.within_patience(work, late).await
    }

    /// The same, whatever day it is.
    pub(crate) async fn within_patience<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
        late: Failed,
    ) -> Result<T, Problem> {
        match tokio::time::timeout(self.limits.patience, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(late.into()),
        }
    }

    /// Does something that leaves no record to answer with, and takes no turn in the feed: only where
    /// there is one writer does an import in one transaction keep it waiting.
    pub async fn act<T: Send + 'static>(
        &self,
        request_id: String,
        work: impl Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if matches!(self.database.location(), Location::Sqlite(_)) {
            self.let_write().await?;
        }
        let mut origin = Origin::by_operator(self.clock(), self.today());
        origin.request_id = request_id;
        self.in_time(self.database.transact(origin, work), Failed::OutcomeUnknown)
            .await
    }

    fn origin(&self, writing: &Writing) -> Origin {
        Origin {
            at: self.now(),
            clock: self.clock(),
            today: self.today(),
            request_id: writing.request_id.clone(),
            reason: writing.reason.clone(),
            dry_run: writing.dry_run,
            retried: None,
        }
    }
}

/// Tells what is odd about a record that was written, as this actor sees it beside others on a day.
pub type Odd = fn(&mut Db, &Actor, &Document, Date) -> Result<Vec<Warning>, Problem>;

/// A write, and what is to be told beside the record that it leaves.
pub struct Telling {
    /// The conditions of the write.
    pub writing: Writing,
    /// What depends on other records; computed again when the request comes again.
    pub odd: Option<Odd>,
}

impl From<Writing> for Telling {
    fn from(writing: Writing) -> Self {
        Self { writing, odd: None }
    }
}

/// The scopes that reach a record as it was just changed, where it matters to the actor. What is
/// changed may not be taken out of where the actor may change it.
fn stands<R: Resource>(
    tx: &mut Tx,
    actor: &Actor,
    action: Action,
    document: &Document,
) -> Result<Vec<Reached>, Problem> {
    if !actor.is_narrow() {
        return Ok(Vec::new());
    }
    let belongs_to = document.resource::<R>()?.belongs_to();
    let within = scopes::reaching_through(tx, document.id, &belongs_to)?;
    let own = document.resource_type.scope(document.id);
    let target = Target::One {
        own,
        within: &within,
    };
    actor.authorise(action, target)?;
    Ok(within)
}

fn within<T>(
    db: &mut Db,
    caller: &Caller,
    action: Action,
    work: &impl Fn(&mut Db, &Actor, Visibility) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let actor = actor(db, caller)?;
    let visible = actor.visibility(action)?;
    work(db, &actor, visible)
}

/// The caller with the rights held now.
pub fn actor(db: &mut Db, caller: &Caller) -> Result<Actor, Problem> {
    Ok(caller.actor(callers::rights(db, caller.asker())?)?)
}
