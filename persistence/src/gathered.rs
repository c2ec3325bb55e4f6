//! Records asked for by their ids: those that wait are read together, so that the busier a base is, the fewer
//! statements it is sent for each.

use std::collections::HashMap;
use std::iter;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::records::ResourceType;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::callers::{Asker, Rights};
use crate::{Db, Document, Fault};

/// The rights of the one who asks, if there is such a caller, and those of the records that there are.
pub type Found = Option<(Rights, HashMap<Uuid, Document>)>;

/// How a room reads some of its records for one caller, in one statement.
pub type ReadSome = fn(&mut Db, Asker, &[Uuid]) -> Result<Found, Fault>;

/// The same for one of them.
pub type FoundOne = Option<(Rights, Option<Document>)>;

/// How long those who come wait for a thread that reads already, before another is called.
pub(crate) const PATIENCE: Duration = Duration::from_millis(5);

/// Those who may wait for one type. More are refused at once, as by a full queue.
const MOST: usize = 1_024;

/// Records read at once.
const TOGETHER: usize = 64;

/// One who waits for a record.
struct Waiting {
    asker: Asker,
    id: Uuid,
    reply: oneshot::Sender<Result<FoundOne, Fault>>,
}

#[derive(Default)]
struct Place {
    waiting: Vec<Waiting>,
    /// Threads that read for them, or were called to.
    called: u32,
    /// When the last of these was called, or began another batch.
    began: Option<Instant>,
}

/// Those who wait, by the type of what they wait for.
#[derive(Default)]
pub(crate) struct Gathered(Mutex<HashMap<ResourceType, Place>>);

/// The place of a thread among those that read one type: lost with the thread's work, so that nobody waits for it.
struct Called<'a> {
    gathered: &'a Gathered,
    of: ResourceType,
}

impl Place {
    /// Whether a thread is to be called: none reads, or those that do are slow.
    fn calls(&mut self) -> bool {
        let is_slow = |began: Instant| began.elapsed() > PATIENCE;
        let calls = self.called == 0 || self.began.is_none_or(is_slow);
        if calls {
            self.called += 1;
            self.began = Some(Instant::now());
        }
        calls
    }

    /// Forgets those who went away.
    fn tidy(&mut self) {
        self.waiting.retain(|waiting| !waiting.reply.is_closed());
    }
}

impl Gathered {
    fn places(&self) -> MutexGuard<'_, HashMap<ResourceType, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one more wait. Whether a thread is to be called, which then reads by [`Self::read`].
    pub(crate) fn wait(
        &self,
        of: ResourceType,
        asker: Asker,
        id: Uuid,
        reply: oneshot::Sender<Result<FoundOne, Fault>>,
    ) -> Result<bool, Fault> {
        let mut places = self.places();
        let place = places.entry(of).or_default();
        if place.waiting.len() >= MOST {
            place.tidy();
        }
        if place.waiting.len() >= MOST {
            return Err(Fault::Unavailable("too many wait to read".to_owned()));
        }
        place.waiting.push(Waiting { asker, id, reply });
        Ok(place.calls())
    }

    /// Whether another thread is to be called for those who have waited for some time.
    pub(crate) fn wait_on(&self, of: ResourceType) -> bool {
        let mut places = self.places();
        let place = places.entry(of).or_default();
        !place.waiting.is_empty() && place.calls()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.places()
            .values()
            .map(|place| place.waiting.len())
            .sum()
    }

    /// The first of those who still wait.
    fn batch(&self, of: ResourceType) -> Vec<Waiting> {
        let mut places = self.places();
        let place = places.entry(of).or_default();
        place.began = Some(Instant::now());
        place.tidy();
        let batch = place.waiting.len().min(TOGETHER);
        place.waiting.drain(..batch).collect()
    }

    /// Nobody comes who was called: those who wait for nobody else are told so, by the loss of their
    /// place to answer to.
    pub(crate) fn give_up(&self, of: ResourceType) {
        drop(Called { gathered: self, of });
    }

    /// Reads for those who wait, a batch at a time. `true` when there are more, and the thread may do
    /// something else first.
    pub(crate) fn read(
        &self,
        of: ResourceType,
        mut attempt: impl FnMut(Asker, &[Uuid]) -> Result<Found, Fault>,
    ) -> bool {
        let called = Called { gathered: self, of };
        let mut of_each_caller: HashMap<_, Vec<Waiting>> = HashMap::new();
        for waiting in self.batch(of) {
            let token = (waiting.asker.id, waiting.asker.session);
            of_each_caller.entry(token).or_default().push(waiting);
        }
        answer_each(of_each_caller.into_values(), &mut attempt);
        // Whoever comes next calls a thread again, or is seen here.
        let mut places = self.places();
        let place = places.entry(of).or_default();
        let more = !place.waiting.is_empty();
        place.called = place.called.saturating_sub(u32::from(!more));
        // It gave its place up itself.
        std::mem::forget(called);
        more
    }
}

impl Drop for Called<'_> {
    fn drop(&mut self) {
        let mut places = self.gathered.places();
        let place = places.entry(self.of).or_default();
        place.called = place.called.saturating_sub(1);
        if place.called == 0 {
            place.waiting.clear();
        }
    }
}

/// Answers some, one after the other. What fails for all is not tried for those who come after, and given back.
fn answer_each(
    all: impl Iterator<Item = Vec<Waiting>>,
    attempt: &mut impl FnMut(Asker, &[Uuid]) -> Result<Found, Fault>,
) -> Option<Fault> {
    let mut failed = None;
    for together in all {
        match &failed {
            None => failed = answer(together, attempt),
            Some(fault) => refuse(together, fault),
        }
    }
    failed
}

/// Reads what one caller waits for, and answers each.
fn answer(
    mut together: Vec<Waiting>,
    attempt: &mut impl FnMut(Asker, &[Uuid]) -> Result<Found, Fault>,
) -> Option<Fault> {
    together.retain(|waiting| !waiting.reply.is_closed());
    let askers = together.iter().map(|waiting| waiting.asker);
    let last = askers.max_by_key(|asker| asker.at)?;
    let mut ids: Vec<Uuid> = together.iter().map(|waiting| waiting.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let fault = match attempt(last, &ids) {
        Ok(found) => {
            for Waiting { id, reply, .. } in together {
                let one = found
                    .as_ref()
                    .map(|(rights, documents)| (rights.clone(), documents.get(&id).cloned()));
                // Nobody listens any more when the client went away.
                drop(reply.send(Ok(one)));
            }
            return None;
        }
        Err(fault) => fault,
    };
    if fault.for_others().is_some() {
        refuse(together, &fault);
        return Some(fault);
    }
    // What is wrong with one record is not wrong with the others.
    if together.len() > 1 {
        return answer_each(together.into_iter().map(|one| vec![one]), attempt);
    }
    if let Some(Waiting { reply, .. }) = together.pop() {
        drop(reply.send(Err(fault)));
    }
    None
}

/// Tells some what fails for all.
fn refuse(together: Vec<Waiting>, fault: &Fault) {
    let faults = iter::from_fn(|| fault.for_others());
    for (waiting, fault) in together.into_iter().zip(faults) {
        drop(waiting.reply.send(Err(fault)));
    }
}

#[cfg(test)]
mod tests {
    use domain::access::CallerId;
    use jiff::Timestamp;

    use super::*;

    const OF: ResourceType = ResourceType::Organisation;

    fn asker(number: u128) -> Asker {
        Asker {
            id: CallerId::new(Uuid::from_u128(number)),
            session: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    type Answer = oneshot::Receiver<Result<FoundOne, Fault>>;

    /// Lets callers of these numbers wait for records of these.
    fn waiting(gathered: &Gathered, of: &[(u128, u128)]) -> (Vec<Answer>, Vec<bool>) {
        let one = |(caller, record): &(u128, u128)| {
            let (reply, answer) = oneshot::channel();
            let call = gathered.wait(OF, asker(*caller), Uuid::from_u128(*record), reply);
            (answer, call.unwrap())
        };
        of.iter().map(one).unzip()
    }

    fn numbers(ids: &[Uuid]) -> Vec<u128> {
        ids.iter().map(Uuid::as_u128).collect()
    }

    #[test]
    fn one_thread_is_called_for_those_who_come_together() {
        let gathered = Gathered::default();

        let (_answers, called) = waiting(&gathered, &[(1, 10), (1, 11), (2, 10)]);

        assert_eq!(called, [true, false, false]);
    }

    #[test]
    fn each_caller_is_read_for_alone_and_once() {
        let gathered = Gathered::default();
        let (answers, _) = waiting(&gathered, &[(1, 10), (2, 10), (1, 11), (1, 12)]);
        let mut asked = Vec::new();

        let more = gathered.read(OF, |asker, ids| {
            asked.push((asker.id.uuid().as_u128(), numbers(ids)));
            Ok(None)
        });

        asked.sort();
        assert_eq!(asked, [(1, vec![10, 11, 12]), (2, vec![10])]);
        assert!(!more);
        for mut answer in answers {
            assert!(answer.try_recv().unwrap().unwrap().is_none());
        }
    }

    #[test]
    fn what_is_wrong_with_one_record_is_not_told_of_another() {
        let gathered = Gathered::default();
        let (mut answers, _) = waiting(&gathered, &[(1, 10), (1, 11)]);

        gathered.read(OF, |_, ids| {
            let is_well = !numbers(ids).contains(&11);
            is_well
                .then_some(None)
                .ok_or(Fault::Schema("bad".to_owned()))
        });

        assert!(answers[0].try_recv().unwrap().is_ok());
        assert!(answers[1].try_recv().unwrap().is_err());
    }

    #[test]
    fn a_base_out_of_reach_is_asked_once_and_told_to_all() {
        let gathered = Gathered::default();
        let (answers, _) = waiting(&gathered, &[(1, 10), (1, 11), (2, 12)]);
        let mut asked = 0;

        gathered.read(OF, |_, _| {
            asked += 1;
            Err(Fault::Unavailable("away".to_owned()))
        });

        assert_eq!(asked, 1);
        for mut answer in answers {
            let told = answer.try_recv().unwrap();
            assert!(matches!(told, Err(Fault::Unavailable(_))));
        }
    }

    #[test]
    fn those_who_come_while_a_batch_is_read_are_left_to_the_same_thread() {
        let gathered = Gathered::default();
        let (_first, _) = waiting(&gathered, &[(1, 10)]);
        let mut later = Vec::new();

        let more = gathered.read(OF, |_, _| {
            later.push(waiting(&gathered, &[(1, 11)]));
            Ok(None)
        });

        assert!(more);
        assert_eq!(later[0].1, [false]);
        assert!(!gathered.read(OF, |_, _| Ok(None)));
        assert!(later[0].0[0].try_recv().unwrap().is_ok());
    }

    #[test]
    fn another_thread_is_called_when_the_first_is_slow() {
        let gathered = Gathered::default();
        let (_first, _) = waiting(&gathered, &[(1, 10)]);
        std::thread::sleep(PATIENCE * 2);

        let (_next, called) = waiting(&gathered, &[(1, 11)]);

        assert_eq!(called, [true]);
    }

    #[test]
    fn those_who_wait_for_a_slow_thread_call_another_once() {
        let gathered = Gathered::default();
        let (_first, _) = waiting(&gathered, &[(1, 10)]);
        assert!(!gathered.wait_on(OF));
        std::thread::sleep(PATIENCE * 2);

        assert!(gathered.wait_on(OF));
        assert!(!gathered.wait_on(OF));
    }

    #[test]
    fn a_record_is_read_once_for_all_who_wait_for_it() {
        let gathered = Gathered::default();
        let (answers, _) = waiting(&gathered, &[(1, 10), (1, 10), (1, 10)]);

        gathered.read(OF, |_, ids| {
            assert_eq!(numbers(ids), [10]);
            Ok(None)
        });

        for mut answer in answers {
            assert!(answer.try_recv().unwrap().is_ok());
        }
    }

    #[test]
    fn more_than_may_wait_are_refused_unless_some_went_away() {
        let gathered = Gathered::default();
        let most: Vec<(u128, u128)> = (0..1_024).map(|record| (1, record)).collect();
        let (answers, _) = waiting(&gathered, &most);
        let one_more = || {
            let (reply, _) = oneshot::channel();
            gathered.wait(OF, asker(1), Uuid::nil(), reply)
        };

        assert_eq!(gathered.waiting(), MOST);
        assert!(matches!(one_more(), Err(Fault::Unavailable(_))));
        drop(answers);
        assert!(one_more().is_ok());
    }

    #[test]
    fn nobody_waits_for_a_thread_that_never_comes_or_that_broke() {
        let gathered = Gathered::default();
        let (mut given_up, _) = waiting(&gathered, &[(1, 10), (1, 11)]);
        gathered.give_up(OF);
        assert!(given_up.iter_mut().all(|answer| answer.try_recv().is_err()));

        let (mut broken, called) = waiting(&gathered, &[(1, 10)]);
        let broke = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            gathered.read(OF, |_, _| std::panic::resume_unwind(Box::new("broken")))
        }));
        assert!(broke.is_err() && called == [true]);
        assert!(broken[0].try_recv().is_err());

        assert_eq!(waiting(&gathered, &[(1, 12)]).1, [true]);
    }

    #[test]
    fn nothing_is_read_for_those_who_went_away() {
        let gathered = Gathered::default();
        drop(waiting(&gathered, &[(1, 10)]));

        gathered.read(OF, |_, _| unreachable!());
    }
}
