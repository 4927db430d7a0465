//! `kill -9` at every system call of a renewal: no token is lost but one that the platform granted and the program had
//! no time to store, and that is said.

use tokio::runtime::Runtime;

use crate::one_renewal::{Case, MODELS, Verdict, named, side_by_side};
use crate::tracer::{Call, Deed, Reach};

/// A kill changes something for others only between calls that reach them; so many others are tried besides.
const AMONG_THE_OTHERS: usize = 8;
const LEAST_KILLS: usize = 300;
const WORKERS: usize = 3;

/// When the program is killed: just before or just after the n-th call of a kind. Each kind is counted by itself, for
/// how often a socket is looked at differs from run to run and what is written does not.
#[derive(Clone, Copy, Debug)]
struct Moment {
    kind: Kind,
    n: usize,
    deed: Deed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Disk,
    Network,
    Any,
}

/// Counts a renewal's calls.
#[derive(Default)]
struct Counter {
    disk: usize,
    network: usize,
    any: usize,
    at: String,
}

impl Counter {
    fn of(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Disk => &mut self.disk,
            Kind::Network => &mut self.network,
            Kind::Any => &mut self.any,
        }
    }

    fn count(&mut self, call: &Call, kill: Option<Moment>) -> Deed {
        let reached = match call.reach {
            Reach::Disk(_) => Some(Kind::Disk),
            Reach::Network => Some(Kind::Network),
            Reach::Nothing => None,
        };
        let kinds = [Some(Kind::Any), reached];
        let struck = kill.filter(|kill| kinds.contains(&Some(kill.kind)) && *self.of(kill.kind) == kill.n);
        for kind in kinds.into_iter().flatten() {
            *self.of(kind) += 1;
        }
        struck.map_or(Deed::Let, |kill| {
            self.at = named(call);
            kill.deed
        })
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
            "{}: {killed} kills in {} calls, {} to the disk, {} to the network; {} kept, {} renewed anew, {} lost by the kill",
            model.name,
            whole.any,
            whole.disk,
            whole.network,
            count(Verdict::Kept),
            count(Verdict::RenewedAnew),
            count(Verdict::NeedsOwner)
        );
        kills += killed;
    }
    assert!(kills >= LEAST_KILLS, "only {kills} kills came in time");
}

/// Before every call that reaches out, after some of them, and among the others.
fn moments(whole: &Counter) -> Vec<Moment> {
    let moments = |kind, deed, of: usize, step: usize| {
        (0..of).step_by(step.max(1)).map(move |n| Moment { kind, n, deed }).collect::<Vec<Moment>>()
    };
    [
        moments(Kind::Disk, Deed::KillBefore, whole.disk, 1),
        moments(Kind::Network, Deed::KillBefore, whole.network, 1),
        moments(Kind::Disk, Deed::KillAfter, whole.disk, 12),
        moments(Kind::Network, Deed::KillAfter, whole.network, 4),
        moments(Kind::Any, Deed::KillBefore, whole.any, whole.any / AMONG_THE_OTHERS),
    ]
    .concat()
}
