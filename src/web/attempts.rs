//! Wrong tokens by address: a bucket each, in bounded memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Wrong tokens an address may offer at once.
const BURST: f64 = 60.0;
/// Wrong tokens it may offer a second after that.
const PER_SECOND: f64 = 1.0;
/// Addresses remembered at a time.
const MOST: usize = 10_000;

/// How many attempts each address has left.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<IpAddr, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Bucket {
    fn at(self, now: Timestamp) -> f64 {
        let secs = now.duration_since(self.at).as_secs_f64().max(0.0);
        secs.mul_add(PER_SECOND, self.left).min(BURST)
    }
}

impl Attempts {
    /// Whether the address may try again, or how many seconds it has to wait.
    pub fn check(&self, key: IpAddr, now: Timestamp) -> Result<(), u64> {
        let buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match buckets.get(&key) {
            Some(bucket) if bucket.at(now) < 1.0 => Err(1),
            _ => Ok(()),
        }
    }

    /// Takes one attempt from the address.
    pub fn failed(&self, key: IpAddr, now: Timestamp) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.at(now) < BURST);
            if buckets.len() >= MOST {
                // Under attack from everywhere: forgetting everybody costs less than remembering everybody.
                buckets.clear();
            }
        }
        let left = buckets.get(&key).map_or(BURST, |bucket| bucket.at(now));
        buckets.insert(key, Bucket { left: (left - 1.0).max(0.0), at: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::net::Ipv4Addr;

    #[test]
    fn an_address_that_guesses_has_to_wait_and_others_do_not() {
        let (attempts, now) = (Attempts::default(), Timestamp::UNIX_EPOCH);
        let (guesser, other) = (IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)), IpAddr::V4(Ipv4Addr::LOCALHOST));
        for _ in 0..60 {
            assert!(attempts.check(guesser, now).is_ok());
            attempts.failed(guesser, now);
        }
        assert_eq!(attempts.check(guesser, now), Err(1));
        assert!(attempts.check(other, now).is_ok());
        assert!(attempts.check(guesser, now + SignedDuration::from_secs(2)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let (attempts, now) = (Attempts::default(), Timestamp::UNIX_EPOCH);
        for n in 0..30_000_u32 {
            attempts.failed(IpAddr::V4(Ipv4Addr::from_bits(n)), now);
        }
        assert!(attempts.0.lock().unwrap().len() <= MOST);
    }
}
