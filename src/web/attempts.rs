//! Failed attempts by who made them: a bucket each, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Keys remembered at a time.
const MOST: usize = 10_000;

/// How many attempts each key has left.
#[derive(Debug)]
pub struct Attempts<K> {
    /// Failures in a row that cost nothing.
    burst: f64,
    /// Attempts given back a second.
    per_second: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl<K: Eq + Hash> Attempts<K> {
    /// Room for `burst` failures at once, and one more every `secs` seconds.
    pub fn new(burst: u32, secs: u32) -> Self {
        Self { burst: f64::from(burst), per_second: 1.0 / f64::from(secs), buckets: Mutex::default() }
    }

    fn left(&self, bucket: Bucket, now: Timestamp) -> f64 {
        let secs = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        secs.mul_add(self.per_second, bucket.left).min(self.burst)
    }

    /// Whether `key` may try again, or how many seconds it has to wait.
    pub fn check(&self, key: &K, now: Timestamp) -> Result<(), u64> {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let left = buckets.get(key).map_or(self.burst, |bucket| self.left(*bucket, now));
        if left >= 1.0 {
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a few hours of seconds")]
        Err(((1.0 - left) / self.per_second).ceil().max(1.0) as u64)
    }

    /// Takes one attempt from `key`.
    pub fn failed(&self, key: K, now: Timestamp) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| self.left(*bucket, now) < self.burst);
            if buckets.len() >= MOST {
                // Under attack from everywhere: forgetting everybody costs less than remembering everybody.
                buckets.clear();
            }
        }
        let left = buckets.get(&key).map_or(self.burst, |bucket| self.left(*bucket, now));
        buckets.insert(key, Bucket { left: (left - 1.0).max(0.0), at: now });
    }

    /// Forgets the failures of `key`.
    pub fn succeeded(&self, key: &K) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn an_address_that_guesses_has_to_wait_and_others_do_not() {
        let (attempts, now) = (Attempts::new(60, 1), Timestamp::UNIX_EPOCH);
        let (guesser, other) = (IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)), IpAddr::V4(Ipv4Addr::LOCALHOST));
        for _ in 0..60 {
            assert!(attempts.check(&guesser, now).is_ok());
            attempts.failed(guesser, now);
        }
        assert_eq!(attempts.check(&guesser, now), Err(1));
        assert!(attempts.check(&other, now).is_ok());
        assert!(attempts.check(&guesser, now + SignedDuration::from_secs(2)).is_ok());
        attempts.succeeded(&guesser);
        assert!(attempts.check(&guesser, now).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let (attempts, now) = (Attempts::new(60, 1), Timestamp::UNIX_EPOCH);
        for n in 0..30_000_u32 {
            attempts.failed(IpAddr::V4(Ipv4Addr::from_bits(n)), now);
        }
        assert!(attempts.buckets.lock().unwrap().len() <= MOST);
    }
}
