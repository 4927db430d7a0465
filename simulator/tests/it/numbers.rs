//! The numbers: a function of seed and time, never falling, alive within the day.

use jiff::SignedDuration;
use simulator::{Creator, Options, Simulator, Truth};

use crate::client::{NOON, start};

const PLATFORMS: [&str; 8] = ["instagram", "tiktok", "youtube", "twitch", "x", "discord", "bluesky", "mastodon"];

async fn seeded(seed: u64) -> Simulator {
    Simulator::start(Options { seed, now: Some(NOON.parse().unwrap()), base_port: None }).await.unwrap()
}

fn all(simulator: &Simulator) -> Vec<Truth> {
    PLATFORMS.iter().map(|platform| simulator.truth("mara", platform)).collect()
}

/// Tests and the demo share one between threads.
#[test]
fn a_simulator_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Simulator>();
}

#[tokio::test]
async fn same_seed_and_time_give_the_same_numbers_and_tokens() {
    let (one, two, other) = (seeded(7).await, seeded(7).await, seeded(8).await);
    assert_eq!(all(&one), all(&two));
    assert_eq!(one.env_social("mara"), two.env_social("mara"));
    assert_ne!(all(&one), all(&other));
    assert_ne!(one.env_social("mara"), other.env_social("mara"));
}

#[tokio::test]
async fn counts_never_fall_and_move_within_the_hour() {
    let simulator = start().await;
    for platform in PLATFORMS {
        simulator.set_now("2026-11-01T00:00:00Z".parse().unwrap());
        let mut last = simulator.truth("mara", platform);
        for _ in 0..2_000 {
            simulator.advance(SignedDuration::from_mins(37));
            let now = simulator.truth("mara", platform);
            assert!(now.followers >= last.followers && now.posts >= last.posts, "{platform}");
            assert!(now.views >= last.views && now.likes >= last.likes, "{platform}");
            last = now;
        }
    }
    simulator.set_now(NOON.parse().unwrap());
    let before = simulator.truth("mara", "tiktok");
    simulator.advance(SignedDuration::from_mins(1));
    assert!(simulator.truth("mara", "tiktok").views > before.views);
}

#[tokio::test]
async fn the_built_in_sizes_hold_at_the_anchor() {
    let simulator = start().await;
    simulator.set_now("2026-11-22T00:00:00Z".parse().unwrap());
    let sizes: Vec<i64> = all(&simulator).iter().map(|truth| truth.followers).collect();
    assert_eq!(sizes, [104_712, 65_800, 48_263, 41_230, 12_004, 2_310, 3_104, 903]);
}

#[tokio::test]
async fn a_distant_past_and_a_distant_future_stay_plausible() {
    let simulator = start().await;
    simulator.set_now("2016-01-01T00:00:00Z".parse().unwrap());
    assert!((0..200).contains(&simulator.truth("mara", "instagram").followers));
    simulator.set_now("2036-11-22T00:00:00Z".parse().unwrap());
    assert!((900_000..1_100_000).contains(&simulator.truth("mara", "instagram").followers));
}

#[tokio::test]
async fn a_running_clock_follows_the_system() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let away = simulator.now().duration_since(jiff::Timestamp::now()).abs();
    assert!(away < SignedDuration::from_secs(5));
    simulator.advance(SignedDuration::from_hours(48));
    let ahead = simulator.now().duration_since(jiff::Timestamp::now());
    assert!(ahead > SignedDuration::from_hours(47));
}

#[tokio::test]
async fn a_new_creator_has_accounts_at_once() {
    let simulator = start().await;
    let creator = r#"{"key": "ada", "name": "Ada Quill", "language": "en", "handles": {"bluesky": "ada.example"}}"#;
    let creator: Creator = serde_json::from_str(creator).unwrap();
    simulator.add_creator(creator);
    assert_eq!(simulator.truth("ada", "bluesky").handle, "ada.example");
    assert_eq!(simulator.truth("ada", "x"), Truth::default());
    assert_eq!(simulator.creators().len(), 3);
}
