//! A disk that is full, read-only or broken at any write of a renewal: nothing is lost or half-written, and somebody is
//! told. When the disk works again, so does everything else.

use std::fs;

use jiff::SignedDuration;
use mediakit::domain::credential::Phase;
use mediakit::store::Store;
use nix::errno::Errno;
use simulator::Scope;
use sqlx::Connection as _;
use tokio::runtime::Runtime;

use crate::one_renewal::{Case, MODELS, Model, Verdict, named, side_by_side};
use crate::tracer::{Call, Deed, Reach};

const FAULTS: [Errno; 3] = [Errno::ENOSPC, Errno::EROFS, Errno::EIO];
/// Most of a run that fails is waiting for a disk that works again.
const WORKERS: usize = 6;
/// The pages of one change and the call that makes them durable.
const WRITES_OF_ONE_COMMIT: usize = 4;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// One write.
    Once,
    /// Every write from there on.
    FromThereOn,
    /// Every write from there on, to the data folder only.
    DataFolder,
}

/// Which writes fail, and how.
#[derive(Clone, Copy, Debug)]
struct Fault {
    extent: Extent,
    first: usize,
    errno: Errno,
}

/// Counts a renewal's writes.
#[derive(Default)]
struct Counter {
    writes: usize,
    failed: Vec<String>,
}

impl Counter {
    fn count(&mut self, call: &Call, fault: Option<Fault>) -> Deed {
        let Reach::Disk(path) = &call.reach else { return Deed::Let };
        let n = self.writes;
        self.writes += 1;
        let failing = fault.filter(|fault| match fault.extent {
            Extent::Once => n == fault.first,
            Extent::FromThereOn => n >= fault.first,
            Extent::DataFolder => n >= fault.first && path.parent().is_some_and(|folder| folder.ends_with("data")),
        });
        failing.map_or(Deed::Let, |fault| {
            self.failed.push(named(call));
            Deed::Fail(fault.errno)
        })
    }
}

/// Lets every write of a model's renewal fail in each of these ways, and gives how many runs there were.
fn every_write_fails(model: &'static Model, extents: &[Extent]) -> Vec<(Fault, Verdict)> {
    let runtime = Runtime::new().unwrap();
    let prepared = runtime.block_on(model.prepared());
    let mut whole = Counter::default();
    runtime.block_on(Case::new(model, Some(&prepared))).renew(|call| whole.count(call, None));
    let fault = |first: usize, extent| Fault { extent, first, errno: FAULTS[first % FAULTS.len()] };
    let faults = extents.iter().flat_map(|extent| (0..whole.writes).map(move |first| fault(first, *extent)));
    let faults: Vec<Fault> = faults.collect();
    side_by_side(WORKERS, &faults, |fault| {
        runtime.block_on(async {
            let case = Case::new(model, Some(&prepared)).await;
            let mut counter = Counter::default();
            let ended = case.renew(|call| counter.count(call, Some(*fault)));
            let when = format!("{fault:?}: {:?}", counter.failed);
            let told = ended.code != Some(0) || ended.err.contains("ERROR");
            assert!(told || case.is_complete(), "{}: {when}: nobody is told", model.name);
            assert!(!ended.err.contains("panicked"), "{}: {when}: {}", model.name, ended.err);
            (*fault, case.judge(&when).await)
        })
    })
}

#[test]
fn a_write_that_fails_costs_no_token() {
    for model in [&MODELS[0], &MODELS[2], &MODELS[4]] {
        let verdicts = every_write_fails(model, &[Extent::Once]);
        println!("{}: {} runs", model.name, verdicts.len());
        for (fault, verdict) in verdicts {
            assert_eq!(verdict, Verdict::Kept, "{}: {fault:?}", model.name);
        }
    }
}

#[test]
fn a_disk_that_takes_no_more_loses_only_what_could_be_put_nowhere() {
    for model in [&MODELS[2], &MODELS[4]] {
        let verdicts = every_write_fails(model, &[Extent::FromThereOn, Extent::DataFolder]);
        let lost: Vec<_> = verdicts.iter().filter(|(_, verdict)| *verdict != Verdict::Kept).collect();
        println!("{}: {} runs, {} lost", model.name, verdicts.len(), lost.len());
        // The platform was asked because a moment before the disk took the intent; then nothing took the answer.
        assert!(lost.len() <= WRITES_OF_ONE_COMMIT, "{}: {lost:?}", model.name);
        assert!(lost.iter().all(|(fault, _)| fault.extent == Extent::FromThereOn), "the file takes it: {lost:?}");
    }
}

const DATABASE_TAKES_NO_GRANT: &str = "create trigger full before update on credentials when new.phase = 'pending' \
     begin select raise(fail, 'no room'); end";

#[tokio::test]
async fn what_nothing_takes_is_held_until_it_is_stored_and_somebody_is_told_meanwhile() {
    let case = Case::new(&MODELS[2], None).await;
    let app = case.app(SignedDuration::ZERO).await;
    case.sim.set_fault("TIKTOK_API", "status/503", Scope::default()).unwrap();
    app.keeper.tick().await;
    case.sim.clear();
    let url = Store::url_of(&case.folder.path().join("data/mediakit.db"));
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(DATABASE_TAKES_NO_GRANT).execute(&mut database).await.unwrap();
    fs::remove_file(case.folder.path().join(".env.social")).unwrap();

    assert_eq!(app.watched().await.unwrap().disk_fails_since, None);
    app.clock.set(case.passes(SignedDuration::from_mins(10)));
    let failed_at = app.clock.now();
    app.keeper.tick().await;
    assert_eq!((case.exchanges(), case.kept(&app).await.unwrap().phase), (1, Phase::Intent));
    app.clock.set(case.passes(SignedDuration::from_mins(20)));
    app.keeper.tick().await;
    assert_eq!(app.watched().await.unwrap().disk_fails_since, Some(failed_at));

    sqlx::raw_sql("drop trigger full").execute(&mut database).await.unwrap();
    app.keeper.tick().await;
    let kept = case.kept(&app).await.unwrap();
    assert_eq!((kept.phase, kept.generation, case.exchanges()), (Phase::Active, 2, 1));
    case.all_are_valid(&kept.active, "with room again");
    assert_eq!(app.watched().await.unwrap().disk_fails_since, None);
}
