//! Blocks from an input through all threads, joined in their order.
//!
//! Each thread takes the next block, has it judged and hands it over; whoever completes the order joins. Reading is
//! thereby the work of whichever thread is free, and nobody waits for a round to end. A thread that is far ahead of the
//! next block in order waits: what is judged and not joined is bounded.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::ThreadPool;

use crate::io::read::block::Block;
use crate::io::read::source::Source;
use crate::pipeline::error::RunError;

/// Judged blocks that may wait for their turn, for each thread.
const AHEAD_OF_A_THREAD: u64 = 4;

/// Reads a source to its end. Each thread has a memory of its own, which it takes from block to block.
pub(super) fn read_through<J: Send, M: Default>(
    pool: &ThreadPool,
    source: &mut Source,
    judge: impl Fn(&Block, &mut M) -> J + Sync,
    join: impl FnMut(J) -> Result<(), RunError> + Send,
) -> Result<(), RunError> {
    let ahead = AHEAD_OF_A_THREAD * pool.current_num_threads() as u64;
    let reader = Mutex::new(Reader { source, next: 0, ended: false });
    let joiner = Joiner {
        queue: Mutex::new(Queue { next: 0, waiting: BTreeMap::new(), join, failed: None, ended: false }),
        moved: Condvar::new(),
        ahead,
    };
    pool.broadcast(|_| {
        let _leaving = Leaving(&joiner);
        let (mut read, mut memory) = (None, M::default());
        loop {
            // A statement of its own: the input is free for others while this block is judged.
            let taken = locked(&reader).take(read.take(), &joiner);
            let Some((number, block)) = taken else { break };
            joiner.hand_over(number, judge(&block, &mut memory));
            read = Some(block);
        }
    });
    let queue = joiner.queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    queue.failed.map_or(Ok(()), Err)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The input, of which one thread at a time takes a block.
struct Reader<'s> {
    source: &'s mut Source,
    /// The number of the next block.
    next: u64,
    ended: bool,
}

impl Reader<'_> {
    /// The next block with its number; `read` is one whose room is free.
    fn take<J, F>(&mut self, read: Option<Block>, joiner: &Joiner<J, F>) -> Option<(u64, Block)> {
        if let Some(block) = read {
            self.source.give_back(block);
        }
        if self.ended || joiner.has_ended() {
            return None;
        }
        match self.source.next_block() {
            Ok(Some(block)) => {
                self.next += 1;
                return Some((self.next - 1, block));
            }
            Ok(None) => {}
            Err(error) => joiner.fail(error.into()),
        }
        self.ended = true;
        None
    }
}

/// Where judged blocks come together.
struct Joiner<J, F> {
    queue: Mutex<Queue<J, F>>,
    /// Rung whenever the next block in order is another one, and at the end.
    moved: Condvar,
    ahead: u64,
}

struct Queue<J, F> {
    /// The number of the block that is to be joined next.
    next: u64,
    waiting: BTreeMap<u64, J>,
    join: F,
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
    /// Joins a block, and those that waited for it; or leaves it for whoever hands over the one before it.
    fn hand_over(&self, number: u64, judged: J) {
        let mut queue = locked(&self.queue);
        while number >= queue.next + self.ahead && !queue.ended {
            queue = self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.insert(number, judged);
        let joined = queue.join_all();
        drop(queue);
        self.moved.notify_all();
        if let Err(error) = joined {
            self.fail(error);
        }
    }
}

impl<J, F: FnMut(J) -> Result<(), RunError>> Queue<J, F> {
    fn join_all(&mut self) -> Result<(), RunError> {
        while let Some(judged) = self.waiting.remove(&self.next).filter(|_| !self.ended) {
            (self.join)(judged)?;
            self.next += 1;
        }
        Ok(())
    }
}

/// A thread at its work: should it die, the others must not wait for its block.
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
    use std::io::{Cursor, Read};
    use std::time::Duration;

    use super::*;
    use crate::io::read::source::over;
    use crate::io::read::{Hashing, ReadOptions};
    use crate::io::write::WriteError;

    /// More than is looked at to find out how an input is written.
    const ROWS: usize = 8000;

    /// An input of many small blocks, with something else behind it.
    fn source(behind: impl Read + Send + 'static) -> Source {
        let rows = "{\"phone\":\"-\"}\n".repeat(ROWS);
        let options = ReadOptions { block_bytes: 40, hashing: Hashing::None, ..ReadOptions::default() };
        over("calls.ndjson", Box::new(Cursor::new(rows).chain(behind)), &options).expect("an input")
    }

    fn threads(count: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads")
    }

    /// The first line of a block, told after a time that puts the threads out of order.
    fn first_line(source: &Source) -> impl Fn(&Block, &mut ()) -> u64 + Sync + use<> {
        let layout = source.layout();
        move |block, ()| {
            let mut lines = Vec::new();
            block.rows(&layout, |row| lines.push(row.line));
            std::thread::sleep(Duration::from_micros(lines[0] * 37 % 211));
            lines[0]
        }
    }

    #[test]
    fn blocks_are_joined_in_their_order_whoever_is_first() {
        for count in [1, 2, 7] {
            let (mut source, mut joined) = (source(std::io::empty()), Vec::new());
            let judge = first_line(&source);
            let join = |line| {
                joined.push(line);
                Ok(())
            };
            read_through(&threads(count), &mut source, judge, join).expect("reads");
            assert!(joined.len() > 100 && joined.is_sorted(), "{count}: {joined:?}");
        }
    }

    #[test]
    fn what_cannot_be_joined_ends_the_reading() {
        let (mut source, mut joined) = (source(std::io::empty()), 0);
        let judge = first_line(&source);
        let join = |_| {
            joined += 1;
            let full = WriteError::at("spool".as_ref())(std::io::ErrorKind::StorageFull.into());
            if joined == 10 { Err(full.into()) } else { Ok(()) }
        };
        let error = read_through(&threads(3), &mut source, judge, join).expect_err("the disk is full");
        assert!(matches!(error, RunError::Write(_)), "{error}");
        assert_eq!(joined, 10);
    }

    /// A disk that fails.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("a bad sector"))
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let mut source = source(Broken);
        let judge = first_line(&source);
        let error = read_through(&threads(3), &mut source, judge, |_| Ok(())).expect_err("a bad sector");
        assert!(error.to_string().contains("a bad sector"), "{error}");
    }

    #[test]
    fn a_thread_that_dies_leaves_nobody_waiting() {
        let mut source = source(std::io::empty());
        let line = first_line(&source);
        let judge = |block: &Block, memory: &mut ()| {
            assert_ne!(line(block, memory), 1, "the first block is nobody's");
        };
        let threads = threads(2);
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = read_through(&threads, &mut source, judge, |()| Ok(()));
        }));
        assert!(died.is_err());
    }
}
