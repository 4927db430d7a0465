//! Open challenges, in bounded memory. Each is good once, for five minutes, in the browser it was made for.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// How long a ceremony may take.
const HOLDS: SignedDuration = SignedDuration::from_mins(5);
/// Open challenges at a time, of all and of an address: one that asks for many loses its own.
const MOST: usize = 4096;
const MOST_OF_ADDRESS: usize = 8;

/// 256 random bits.
pub type Challenge = [u8; 32];

/// What a challenge was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new passkey of this owner, who is signed in.
    Add(i64),
    /// A sign-in by passkey alone.
    SignIn,
    /// The second factor of this owner, whose password was right.
    SecondStep(i64),
}

/// A browser, by the hash of what only it has.
pub type Browser = [u8; 32];

#[derive(Debug)]
struct Open {
    challenge: Challenge,
    purpose: Purpose,
    browser: Browser,
    address: IpAddr,
    at: Timestamp,
}

/// The challenges that wait for their answer, oldest first.
#[derive(Debug, Default)]
pub(super) struct Challenges(Mutex<Vec<Open>>);

impl Challenges {
    /// Makes a challenge; `None` when too many are open, or the machine gives no randomness.
    pub(super) fn make(
        &self,
        purpose: Purpose,
        browser: Browser,
        address: IpAddr,
        now: Timestamp,
    ) -> Option<Challenge> {
        let mut challenge = [0; 32];
        getrandom::fill(&mut challenge).ok()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|open| open.holds(now) && open.browser != browser);
        let of_address = all.iter().filter(|open| open.address == address).count();
        if of_address >= MOST_OF_ADDRESS
            && let Some(oldest) = all.iter().position(|open| open.address == address)
        {
            all.remove(oldest);
        }
        if all.len() >= MOST {
            return None;
        }
        all.push(Open { challenge, purpose, browser, address, at: now });
        Some(challenge)
    }

    /// Takes a challenge out and says what it was for; `None` when it is not open, too old or another browser's.
    pub(super) fn take(&self, challenge: &[u8], browser: &Browser, now: Timestamp) -> Option<Purpose> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|open| open.challenge == challenge)?;
        let open = all.remove(at);
        (open.holds(now) && open.browser == *browser).then_some(open.purpose)
    }
}

impl Open {
    fn holds(&self, now: Timestamp) -> bool {
        (SignedDuration::ZERO..HOLDS).contains(&now.duration_since(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    #[test]
    fn a_challenge_is_good_once_for_five_minutes_in_its_browser() {
        let (challenges, now) = (Challenges::default(), Timestamp::UNIX_EPOCH);
        let make = |browser| challenges.make(Purpose::SignIn, [browser; 32], address(1), now).unwrap();
        let one = make(1);
        assert_eq!(challenges.take(&one, &[1; 32], now), Some(Purpose::SignIn));
        assert_eq!(challenges.take(&one, &[1; 32], now), None, "once");
        let (mine, yours) = (make(1), make(2));
        assert_eq!(challenges.take(&mine, &[2; 32], now), None, "another browser's");
        assert_eq!(challenges.take(&mine, &[1; 32], now), None, "and it is gone");
        assert_eq!(challenges.take(&yours, &[2; 32], now + SignedDuration::from_mins(5)), None, "too late");
        let (first, second) = (make(3), make(3));
        assert_eq!(challenges.take(&first, &[3; 32], now), None, "a newer one takes its place");
        assert!(challenges.take(&second, &[3; 32], now).is_some() && challenges.take(&[], &[3; 32], now).is_none());
    }

    #[test]
    fn memory_is_bounded_and_nobody_pushes_others_out() {
        let (challenges, now) = (Challenges::default(), Timestamp::UNIX_EPOCH);
        let make = |n: u32, address: IpAddr, now| {
            let browser = std::array::from_fn(|at| n.to_be_bytes()[at % 4]);
            challenges.make(Purpose::SignIn, browser, address, now)
        };
        let mine = challenges.make(Purpose::SignIn, [9; 32], address(0), now).unwrap();
        for n in 0..100 {
            make(n, address(1), now).unwrap();
        }
        assert_eq!(challenges.0.lock().unwrap().len(), 1 + MOST_OF_ADDRESS);
        for n in 100..20_000 {
            make(n, address(n), now);
        }
        assert_eq!(challenges.0.lock().unwrap().len(), MOST);
        assert!(challenges.take(&mine, &[9; 32], now).is_some());
        assert!(make(1, address(1), now + HOLDS).is_some(), "old ones make room");
        assert_eq!(challenges.0.lock().unwrap().len(), 1);
    }
}
