//! One recorded answer of each real platform on its whole way: HTTP, refresh, store, API, page. The simulator replays
//! it in place of its own answer.

use std::path::PathBuf;

use mediakit::domain::number::exact_in;
use mediakit::domain::text::Lang;
use serde_json::{Value as Json, json};
use simulator::{Recorded, Scope};

use crate::api_server::Server;
use crate::harness::{Owner, World};

/// A recording, where it is replayed and the audience it must become.
struct Case {
    platform: &'static str,
    handle: &'static str,
    owner: Owner,
    /// Upstream, part of the path, file below the recordings.
    replays: &'static [(&'static str, &'static str, &'static str)],
    audience: i64,
}

#[rustfmt::skip]
static CASES: &[Case] = &[
    Case { platform: "instagram", handle: "facebookfordevelopers", owner: Owner::Everything, audience: 64_363,
        replays: &[("FACEBOOK_GRAPH", "/17841407673135339", "instagram/graph_ig_user_facebookfordevelopers_2021.json")] },
    Case { platform: "tiktok", handle: "illojuan", owner: Owner::Little, audience: 783_427,
        replays: &[("TIKTOK_WEB", "/@illojuan", "tiktok/profile_page_illojuan_2025.html")] },
    Case { platform: "youtube", handle: "@youtube", owner: Owner::Everything, audience: 29_500_000,
        replays: &[("YOUTUBE_API", "/channels", "youtube/channels_list_youtube_stats_2020.json")] },
    Case { platform: "twitch", handle: "day9tv", owner: Owner::Everything, audience: 8,
        replays: &[("TWITCH_API", "/helix/users", "twitch/helix_users_day9tv_2023.json"),
                   ("TWITCH_API", "/helix/channels/followers", "twitch/helix_channels_followers_docs.json")] },
    Case { platform: "x", handle: "XDevelopers", owner: Owner::Everything, audience: 583_423,
        replays: &[("X_API", "/2/users", "x/v2_user_xdevelopers_docs_2026.json")] },
    Case { platform: "discord", handle: "discord.gg/forsen", owner: Owner::Everything, audience: 44_960,
        replays: &[("DISCORD_API", "/invites/forsen", "discord/invite_forsen_2024.json")] },
    Case { platform: "bluesky", handle: "espn.com", owner: Owner::Everything, audience: 198_477,
        replays: &[("BLUESKY_API", "getProfile", "bluesky/getprofile_espn_2025.json")] },
    Case { platform: "mastodon", handle: "@someuser@mastodon.social", owner: Owner::Everything, audience: 0,
        replays: &[("MASTODON", "/accounts/lookup", "mastodon/verify_credentials_mastodon_social_2021.json")] },
];

fn recordings() -> PathBuf {
    std::env::var_os("MEDIAKIT_RECORDED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures")), PathBuf::from)
}

#[tokio::test]
async fn a_recorded_answer_of_each_platform_reaches_the_page() {
    if !recordings().is_dir() {
        println!("no recorded answers at {}: nothing was checked", recordings().display());
        return;
    }
    for case in CASES {
        follow(case).await;
    }
}

async fn follow(case: &Case) {
    let world = World::new(case.owner).await;
    let platform = case.platform;
    let creator = world.store.creator().await.unwrap();
    let about = crate::harness::about(platform);
    let handle = (about.normalise)(case.handle).unwrap();
    world.store.set_handle(creator.id, platform, &handle).await.unwrap();
    prepare(&world, case);
    let report = world.refresh_only(&[platform]).await;
    assert_eq!(report.saved(), 1, "{platform}: {report:?}");

    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let answer = server.get(&format!("/api/mediakit/analytics/{platform}")).await.json();
    let metrics = &answer["metrics"];
    let shown = metrics.get("followers").and_then(Json::as_i64);
    assert_eq!(shown, Some(case.audience), "{platform}: {answer}");
    let page = server.get(&format!("/mediakit?platform={platform}&lang=en")).await.text();
    let exact = exact_in(case.audience, Lang::En);
    assert!(page.contains(&exact), "{platform}: the page does not show {exact}");
    server.stop().await;
}

/// Puts the recordings in place of the simulator's answers, and a way to them where the recording has none.
fn prepare(world: &World, case: &Case) {
    for (upstream, path, file) in case.replays {
        let body = std::fs::read(recordings().join(file)).unwrap();
        world.sim.replay(
            upstream,
            path,
            answer(body, if file.ends_with("html") { "text/html" } else { "application/json" }),
        );
    }
    match case.platform {
        // Which of the owner's Pages the account hangs on was not recorded.
        "instagram" => {
            let account = json!({ "id": "17841407673135339", "username": case.handle });
            let page =
                json!({ "id": "1", "name": "Page", "access_token": "EAAPAGE", "instagram_business_account": account });
            let body = json!({ "data": [page] }).to_string().into_bytes();
            world.sim.replay("FACEBOOK_GRAPH", "/me/accounts", answer(body, "application/json"));
        }
        // The profile page is asked when the embed page gives nothing.
        "tiktok" => {
            let embed = Scope { path_contains: Some("/embed".to_owned()), times: None };
            world.sim.set_fault("TIKTOK_WEB", "tiktok/embed-shell", embed).unwrap();
        }
        _ => {}
    }
}

fn answer(body: Vec<u8>, content_type: &str) -> Recorded {
    Recorded { status: 200, content_type: content_type.to_owned(), body, headers: Vec::new() }
}
