//! `kill -9` at every system call of a renewal: no token is lost but one that the platform granted and the program had
//! no time to store, and that is said.

use tokio::runtime::Runtime;

use crate::one_renewal::{Case, MODELS, Verdict, named, side_by_side};
use crate::tracer::{Call, Deed, Reach};

/// A kill changes something for others only between calls that reach them; so many others are tried besides.
const AMONG_THE_OTHERS: usize = 8;
const LEAST_KILLS: usize = 300;
const WORKERS: usize = 3;

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Just before the n-th call that reaches a disk or the network.
    BeforeReaching(usize),
    /// Just after it.
    AfterReaching(usize),
    /// Just before the n-th call of any kind.
    Before(usize),
}

/// Counts a renewal's calls.
#[derive(Default)]
struct Counter {
    calls: usize,
    reaching: usize,
    at: String,
}

impl Counter {
    fn count(&mut self, call: &Call, kill: Option<Moment>) -> Deed {
        let reaches = call.reach != Reach::Nothing;
        let deed = match kill {
            Some(Moment::BeforeReaching(n)) if reaches && n == self.reaching => Deed::KillBefore,
            Some(Moment::AfterReaching(n)) if reaches && n == self.reaching => Deed::KillAfter,
            Some(Moment::Before(n)) if n == self.calls => Deed::KillBefore,
            _ => Deed::Let,
        };
        self.calls += 1;
        self.reaching += usize::from(reaches);
        if deed != Deed::Let {
            self.at = format!("{} ({deed:?})", named(call));
        }
        deed
    }
}

#[test]
fn a_renewal_killed_at_any_system_call_loses_no_token() {
    let runtime = Runtime::new().unwrap();
    let mut kills = 0;
    for model in &MODELS {
        let prepared = runtime.block_on(model.prepared());
        let whole = runtime.block_on(async {
            let case = Case::new(model, Some(&prepared)).await;
            let mut whole = Counter::default();
            let ended = case.renew(|call| whole.count(call, None));
            assert_eq!(ended.code, Some(0), "{}: {}{}", model.name, ended.out, ended.err);
            assert_eq!(case.judge("a whole one").await, Verdict::Kept);
            whole
        });
        let moments = moments(&whole);
        let verdicts = side_by_side(WORKERS, &moments, |moment| {
            runtime.block_on(async {
                let case = Case::new(model, Some(&prepared)).await;
                let mut counter = Counter::default();
                let ended = case.renew(|call| counter.count(call, Some(*moment)));
                let verdict = case.judge(&format!("{moment:?}, {}", counter.at)).await;
                (ended.code.is_none(), verdict)
            })
        });
        let killed = verdicts.iter().filter(|(killed, _)| *killed).count();
        let count = |wanted| verdicts.iter().filter(|(_, verdict)| *verdict == wanted).count();
        println!(
            "{}: {killed} kills in {} calls, {} of which reach out; {} kept, {} renewed anew, {} lost by the kill",
            model.name,
            whole.calls,
            whole.reaching,
            count(Verdict::Kept),
            count(Verdict::RenewedAnew),
            count(Verdict::NeedsOwner)
        );
        kills += killed;
    }
    assert!(kills >= LEAST_KILLS, "only {kills} kills came in time");
}

fn moments(whole: &Counter) -> Vec<Moment> {
    let reaching = (0..whole.reaching).map(Moment::BeforeReaching);
    let after = (0..whole.reaching).step_by(12).map(Moment::AfterReaching);
    let others = (0..AMONG_THE_OTHERS).map(|n| Moment::Before(n * whole.calls / AMONG_THE_OTHERS));
    reaching.chain(after).chain(others).collect()
}
