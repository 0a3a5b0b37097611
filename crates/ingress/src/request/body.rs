use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::{
    answer::refusal::Refusal,
    limits::memory_budget::{MemoryBudget, Reservation},
};

/// Most room that is made at once, whatever `Content-Length` claims.
const FIRST_ROOM: usize = 64 << 10;
/// Room that is made when nothing is claimed.
const UNKNOWN_ROOM: usize = 4 << 10;

/// Most of a refused body that is read, in bytes.
const MAX_DRAINED_BYTES: usize = 64 << 10;
/// Longest time that reading it may take.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// Reads and drops what is left of a refused body, so that its connection can serve another request. False when that is too
/// much or takes too long: then the connection has to be closed.
///
/// # Cancel safety
/// If the future is dropped, some of the body has been read.
pub(crate) async fn drain(body: &mut Incoming) -> bool {
    let all = async {
        let mut left = MAX_DRAINED_BYTES;
        while let Some(frame) = body.frame().await {
            let read = frame.ok().map(|frame| frame.data_ref().map_or(0, Bytes::len));
            match read.and_then(|read| left.checked_sub(read)) {
                Some(less) => left = less,
                None => return false,
            }
        }
        true
    };
    timeout(DRAIN_TIMEOUT, all).await.unwrap_or(false)
}

/// A receipt in the making: the envelope's head, and behind it the body as far as it has come.
///
/// The memory it takes is reserved before it is taken.
pub(crate) struct ReceiptBuffer {
    bytes: Vec<u8>,
    head: usize,
    limit: usize,
    reservation: Reservation,
}

impl ReceiptBuffer {
    /// Begins behind `head`. `limit` bounds the body, in bytes; `claimed` is what the sender says it will send.
    pub(crate) fn behind(
        head: Vec<u8>,
        limit: usize,
        claimed: Option<u64>,
        budget: &MemoryBudget,
    ) -> Result<Self, Refusal> {
        let claimed = claimed.map_or(UNKNOWN_ROOM, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let room = claimed.min(FIRST_ROOM).min(limit);
        let mut buffer = Self { head: head.len(), bytes: head, limit, reservation: budget.reserve() };
        buffer.make_room(buffer.head.saturating_add(room))?;
        Ok(buffer)
    }

    /// Takes the next bytes of the body.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        let end = self.bytes.len().saturating_add(chunk.len());
        let largest = self.head.saturating_add(self.limit);
        if end > largest {
            return Err(Refusal::TooLarge { limit: self.limit });
        }
        if end > self.bytes.capacity() {
            self.make_room(self.bytes.capacity().saturating_mul(2).clamp(end, largest))?;
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The bytes. What they reserve is given back when the last clone is dropped.
    pub(crate) fn finish(self) -> Result<Bytes, Refusal> {
        if self.bytes.len() == self.head { Err(Refusal::Empty) } else { Ok(Bytes::from_owner(self)) }
    }

    fn make_room(&mut self, total: usize) -> Result<(), Refusal> {
        self.reservation.grow_to(total).map_err(|_| Refusal::Memory)?;
        let more = total.saturating_sub(self.bytes.len());
        self.bytes.try_reserve_exact(more).map_err(|_| Refusal::Memory)
    }
}

impl AsRef<[u8]> for ReceiptBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use prometheus::IntGauge;

    use super::*;

    fn budget(limit: usize) -> (MemoryBudget, IntGauge) {
        let gauge = IntGauge::new("g", "g").unwrap();
        (MemoryBudget::new(limit, gauge.clone()), gauge)
    }

    #[test]
    fn memory_follows_what_has_come_and_not_what_is_claimed() {
        let (budget, gauge) = budget(usize::MAX);
        let buffer = ReceiptBuffer::behind(vec![1], 1 << 30, Some(1 << 29), &budget).ok().unwrap();
        assert_eq!(usize::try_from(gauge.get()).unwrap(), FIRST_ROOM + 1);
        drop(buffer);
        assert_eq!(gauge.get(), 0);
    }

    #[test]
    fn the_limit_is_on_the_body_alone_and_exact() {
        let (budget, _) = budget(usize::MAX);
        let mut buffer = ReceiptBuffer::behind(vec![0; 10], 4, None, &budget).ok().unwrap();
        buffer.push(b"abc").unwrap();
        buffer.push(b"d").unwrap();
        assert_eq!(buffer.push(b"e"), Err(Refusal::TooLarge { limit: 4 }));
    }

    #[test]
    fn a_spent_budget_refuses_the_next_chunk() {
        let (budget, _) = budget(10_000);
        let mut buffer = ReceiptBuffer::behind(Vec::new(), 1 << 20, None, &budget).ok().unwrap();
        buffer.push(&[0; 4096]).unwrap();
        buffer.push(&[0; 4096]).unwrap();
        assert_eq!(buffer.push(&[0; 4096]), Err(Refusal::Memory));
    }

    #[test]
    fn the_memory_stays_reserved_until_the_last_clone_is_dropped() {
        let (budget, gauge) = budget(usize::MAX);
        let mut buffer = ReceiptBuffer::behind(vec![1], 10, Some(1), &budget).ok().unwrap();
        buffer.push(b"x").unwrap();
        let bytes = buffer.finish().unwrap();
        let clone = bytes.clone();
        drop(bytes);
        assert_eq!(gauge.get(), 2);
        drop(clone);
        assert_eq!(gauge.get(), 0);
    }

    #[test]
    fn no_body_is_no_receipt() {
        let (budget, _) = budget(usize::MAX);
        let mut buffer = ReceiptBuffer::behind(vec![1], 10, None, &budget).ok().unwrap();
        buffer.push(b"").unwrap();
        assert_eq!(buffer.finish(), Err(Refusal::Empty));
    }
}
