//! Pieces of work through all threads, joined in their order.
//!
//! Each thread takes the next piece, does its work and hands over what came of it; whoever completes the order joins.
//! Taking is thereby the work of whichever thread is free, and nobody waits for a round to end, nor for another's
//! joining. A thread that is far ahead of the next piece in order waits: what is done and not joined is bounded.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::RunError;

/// Pieces that are done and may wait for their turn, for each thread.
const AHEAD_OF_A_THREAD: u64 = 4;

/// Takes pieces to the last one, on all threads of the pool that this is called in. A thread gives its last piece back
/// when it takes the next, and has a memory of its own, which it takes from piece to piece.
pub(super) fn through<P, J: Send, M: Default>(
    take: impl FnMut(Option<P>) -> Result<Option<P>, RunError> + Send,
    work: impl Fn(&mut P, &mut M) -> Result<J, RunError> + Sync,
    join: impl FnMut(J) -> Result<(), RunError> + Send,
) -> Result<(), RunError> {
    let pieces = Mutex::new(Pieces { take, next: 0, ended: false });
    let joiner = Joiner {
        queue: Mutex::new(Queue { next: 0, waiting: BTreeMap::new(), joining: false, failed: None, ended: false }),
        join: Mutex::new(join),
        moved: Condvar::new(),
        ahead: AHEAD_OF_A_THREAD * rayon::current_num_threads() as u64,
    };
    rayon::broadcast(|_| {
        let _leaving = Leaving(&joiner);
        let (mut done, mut memory) = (None, M::default());
        loop {
            // A statement of its own: the next piece is free for others while this one is worked on.
            let taken = locked(&pieces).take(done.take(), &joiner);
            let Some((number, mut piece)) = taken else { break };
            match work(&mut piece, &mut memory) {
                Ok(judged) => joiner.hand_over(number, judged),
                Err(error) => joiner.fail(error),
            }
            done = Some(piece);
        }
    });
    let queue = joiner.queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    queue.failed.map_or(Ok(()), Err)
}

/// A lock, whatever became of the thread that held it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the pieces come from, of which one thread at a time takes one.
struct Pieces<T> {
    take: T,
    /// The number of the next piece.
    next: u64,
    ended: bool,
}

impl<T> Pieces<T> {
    /// The next piece with its number; `done` is one that nobody needs any more.
    fn take<P, J, F>(&mut self, done: Option<P>, joiner: &Joiner<J, F>) -> Option<(u64, P)>
    where
        T: FnMut(Option<P>) -> Result<Option<P>, RunError>,
    {
        if self.ended || joiner.has_ended() {
            return None;
        }
        match (self.take)(done) {
            Ok(Some(piece)) => {
                self.next += 1;
                return Some((self.next - 1, piece));
            }
            Ok(None) => {}
            Err(error) => joiner.fail(error),
        }
        self.ended = true;
        None
    }
}

/// Where all comes together.
struct Joiner<J, F> {
    queue: Mutex<Queue<J>>,
    /// Held by nobody but the one who joins.
    join: Mutex<F>,
    /// Rung whenever the next piece in order is another one, and at the end.
    moved: Condvar,
    ahead: u64,
}

struct Queue<J> {
    /// The number of the piece that is to be joined next.
    next: u64,
    waiting: BTreeMap<u64, J>,
    /// Whether somebody joins at this time.
    joining: bool,
    failed: Option<RunError>,
    ended: bool,
}

impl<J, F> Joiner<J, F> {
    fn has_ended(&self) -> bool {
        locked(&self.queue).ended
    }

    /// Ends the work of all threads; the first reason stands.
    fn fail(&self, error: RunError) {
        let mut queue = locked(&self.queue);
        queue.failed.get_or_insert(error);
        queue.ended = true;
        self.moved.notify_all();
    }
}

impl<J, F: FnMut(J) -> Result<(), RunError>> Joiner<J, F> {
    /// Joins what came of a piece, and what waited for it; or leaves it for whoever joins, or has the one before it.
    fn hand_over(&self, number: u64, done: J) {
        let mut queue = locked(&self.queue);
        while number >= queue.next + self.ahead && !queue.ended {
            queue = self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.insert(number, done);
        if queue.joining {
            return;
        }
        queue.joining = true;
        while let Some(done) = queue.in_turn() {
            drop(queue);
            if let Err(error) = (locked(&self.join))(done) {
                self.fail(error);
            }
            queue = locked(&self.queue);
            queue.next += 1;
            self.moved.notify_all();
        }
        queue.joining = false;
    }
}

impl<J> Queue<J> {
    fn in_turn(&mut self) -> Option<J> {
        self.waiting.remove(&self.next).filter(|_| !self.ended)
    }
}

/// A thread at its work: should it die, the others must not wait for its piece.
struct Leaving<'j, J, F>(&'j Joiner<J, F>);

impl<J, F> Drop for Leaving<'_, J, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            locked(&self.0.queue).ended = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use rayon::ThreadPool;

    use super::*;
    use crate::io::write::WriteError;

    const PIECES: u64 = 2000;

    fn threads(count: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads")
    }

    /// Gives numbers, each once.
    fn numbers() -> impl FnMut(Option<u64>) -> Result<Option<u64>, RunError> {
        let mut numbers = 0..PIECES;
        move |_| Ok(numbers.next())
    }

    /// A number, told after a time that puts the threads out of order.
    fn slowly(number: u64) -> u64 {
        std::thread::sleep(Duration::from_micros(number * 37 % 211));
        number
    }

    fn full() -> RunError {
        WriteError::at("spool".as_ref())(std::io::ErrorKind::StorageFull.into()).into()
    }

    #[test]
    fn pieces_are_joined_in_their_order_whoever_is_first() {
        for count in [1, 2, 7] {
            let mut joined = Vec::new();
            let join = |number| {
                joined.push(number);
                Ok(())
            };
            threads(count)
                .install(|| through(numbers(), |number, (): &mut ()| Ok(slowly(*number)), join))
                .expect("goes through");
            assert!(joined.iter().copied().eq(0..PIECES), "{count}: {joined:?}");
        }
    }

    #[test]
    fn what_cannot_be_joined_ends_the_work() {
        let mut joined = 0;
        let join = |_| {
            joined += 1;
            if joined == 10 { Err(full()) } else { Ok(()) }
        };
        let error = threads(3)
            .install(|| through(numbers(), |number, (): &mut ()| Ok(slowly(*number)), join))
            .expect_err("the disk is full");
        assert!(matches!(error, RunError::Write(_)), "{error}");
        assert_eq!(joined, 10);
    }

    #[test]
    fn what_cannot_be_taken_or_worked_on_is_told_and_nothing_behind_it_is_joined() {
        let bad = 1234;
        for fails_at_taking in [true, false] {
            let (mut all, mut last) = (numbers(), 0);
            let take =
                |done| all(done).and_then(|n| if fails_at_taking && n == Some(bad) { Err(full()) } else { Ok(n) });
            let work = |n: &mut u64, (): &mut ()| if *n == bad { Err(full()) } else { Ok(slowly(*n)) };
            let join = |number| {
                last = number;
                Ok(())
            };
            let error = threads(3).install(|| through(take, work, join)).expect_err("a bad piece");
            assert!(matches!(error, RunError::Write(_)), "{error}");
            assert!(last < bad, "{last}");
        }
    }

    #[test]
    fn nobody_waits_for_anothers_joining() {
        let (begun, has_begun) = mpsc::sync_channel(usize::try_from(PIECES).expect("few"));
        let work = |number: &mut u64, (): &mut ()| {
            begun.send(*number).expect("is heard");
            Ok(*number)
        };
        // While the first piece is joined, two behind it are begun: the second thread has handed one over.
        let join = move |number| {
            let late = "the other thread waits";
            while number == 0 && has_begun.recv_timeout(Duration::from_mins(1)).expect(late) < 2 {}
            Ok(())
        };
        threads(2).install(|| through(numbers(), work, join)).expect("goes through");
    }

    #[test]
    fn a_thread_that_dies_leaves_nobody_waiting() {
        for dies_joining in [true, false] {
            let work = |number: &mut u64, (): &mut ()| {
                assert!(dies_joining || *number != 0, "the first piece is nobody's");
                Ok(*number)
            };
            let join = |number| {
                assert!(!dies_joining || number != 5, "not to be joined");
                Ok(())
            };
            let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = threads(2).install(|| through(numbers(), work, join));
            }));
            assert!(died.is_err());
        }
    }
}
