//! Records asked for by their ids: those that wait are read together, so that the busier a base is, the fewer
//! statements it is sent for each.

use std::collections::HashMap;
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
const PATIENCE: Duration = Duration::from_millis(5);

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
    ) -> bool {
        let mut places = self.places();
        let place = places.entry(of).or_default();
        place.waiting.push(Waiting { asker, id, reply });
        let is_slow = |began: Instant| began.elapsed() > PATIENCE;
        let call = place.called == 0 || place.began.is_none_or(is_slow);
        if call {
            place.called += 1;
            place.began = Some(Instant::now());
        }
        call
    }

    /// The first of those who still wait.
    fn batch(&self, of: ResourceType) -> Vec<Waiting> {
        let mut places = self.places();
        let place = places.entry(of).or_default();
        place.began = Some(Instant::now());
        place.waiting.retain(|waiting| !waiting.reply.is_closed());
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
        for together in of_each_caller.into_values() {
            answer(together, &mut attempt);
        }
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

/// Reads what one caller waits for, and answers each.
fn answer(
    together: Vec<Waiting>,
    attempt: &mut impl FnMut(Asker, &[Uuid]) -> Result<Found, Fault>,
) {
    let Some(last) = together
        .iter()
        .map(|waiting| waiting.asker)
        .max_by_key(|asker| asker.at)
    else {
        return;
    };
    let ids: Vec<Uuid> = together.iter().map(|waiting| waiting.id).collect();
    match attempt(last, &ids) {
        Ok(found) => {
            for Waiting { id, reply, .. } in together {
                let one = found
                    .as_ref()
                    .map(|(rights, documents)| (rights.clone(), documents.get(&id).cloned()));
                // Nobody listens any more when the client went away.
                drop(reply.send(Ok(one)));
            }
        }
        Err(Fault::Unavailable(why)) => {
            for Waiting { reply, .. } in together {
                drop(reply.send(Err(Fault::Unavailable(why.clone()))));
            }
        }
        // What is wrong with one record is not wrong with the others.
        Err(_) if together.len() > 1 => {
            for one in together {
                answer(vec![one], attempt);
            }
        }
        Err(fault) => {
            if let Some(Waiting { reply, .. }) = together.into_iter().next() {
                drop(reply.send(Err(fault)));
            }
        }
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
            (answer, call)
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
        let (answers, _) = waiting(&gathered, &[(1, 10), (1, 11), (1, 12)]);
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
