//! The audience over days on the page: drawn from what was stored, gaps and all, and small whatever was stored.

use jiff::SignedDuration;
use mediakit::store::Store;
use simulator::Scope;
use sqlx::{Connection as _, Executor as _};

use crate::api_server::Server;
use crate::harness::{Owner, World};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MOST_BYTES: usize = 30 * 1024;
const YEARS: &str = "insert into history (account_id, metric_id, day, value, precision, origin_id, fetched_at) \
    with recursive days(day) as (select 1 union all select day + 1 from days where day < 3650) \
    select h.account_id, h.metric_id, h.day - d.day, max(h.value - abs(random() % 40) - 23 * d.day, 0), h.precision, \
    h.origin_id, h.fetched_at - 86400000 * d.day \
    from history h cross join days d where d.day % 97 > 3 on conflict do nothing";

async fn server_of(world: &World) -> Server {
    Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await
}

async fn run(world: &World, sql: &'static str) {
    let url = Store::url_of(&world.dir.path().join("mediakit.db"));
    sqlx::SqliteConnection::connect(&url).await.unwrap().execute(sql).await.unwrap();
}

/// The part of a page about a platform.
fn panel<'a>(page: &'a str, platform: &str) -> &'a str {
    let rest = page.split(&format!("id=\"panel-{platform}\"")).nth(1).unwrap();
    rest.split("class=\"panel\"").next().unwrap()
}

#[tokio::test]
async fn a_gap_stays_a_gap_and_says_why() {
    let world = World::new(Owner::Everything).await;
    for day in 1..=12 {
        if day == 5 {
            world.sim.set_fault("TIKTOK_API", "status/503", Scope::default()).unwrap();
        }
        if day == 7 {
            world.sim.clear();
        }
        if day != 9 {
            world.refresh_only(&["tiktok", "mastodon"]).await;
        }
        world.advance(DAY);
    }
    let server = server_of(&world).await;
    let page = server.get("/mediakit?lang=de").await.text();
    let (tiktok, mastodon) = (panel(&page, "tiktok"), panel(&page, "mastodon"));
    assert!(tiktok.contains("26. Nov. 2026 bis 27. Nov. 2026: kein Wert. TikTok hat gerade selbst eine Störung."));
    assert!(tiktok.contains("30. Nov. 2026: kein Wert. In dieser Zeit wurde nicht abgerufen."));
    assert!(tiktok.contains("An 3 Tagen fehlt der Wert, deshalb steht hier kein Prozentwert."));
    assert!(!mastodon.contains("26. Nov. 2026 bis"), "one platform's outage is its own");
    assert_eq!(tiktok.matches("class=\"plot\"").count(), 4, "a chart for each window");
    assert!(tiktok.contains("stroke-dasharray"));
    let english = server.get("/mediakit?lang=en").await.text();
    assert!(
        panel(&english, "tiktok").contains("26 Nov 2026 to 27 Nov 2026: no value. TikTok is having trouble itself.")
    );
}

#[tokio::test]
async fn the_next_day_s_number_is_drawn_without_a_restart() {
    let world = World::new(Owner::Everything).await;
    world.refresh_only(&["mastodon"]).await;
    let server = server_of(&world).await;
    let first = server.get("/mediakit?lang=en").await.text();
    assert!(first.contains("Too few days for a chart yet.") && !first.contains("class=\"plot\""));
    world.advance(DAY);
    world.refresh_only(&["mastodon"]).await;
    server.state.show_changes().await;
    let second = server.get("/mediakit?lang=en").await.text();
    assert!(second.contains("22 Nov 2026 to 23 Nov 2026: from ") && second.contains("class=\"plot\""));
}

#[tokio::test]
async fn ten_years_of_every_platform_fit_into_the_page() {
    let world = World::new(Owner::Granted).await;
    world.publish_audiences().await;
    world.refresh().await;
    run(&world, YEARS).await;
    let server = server_of(&world).await;
    for lang in ["de", "en"] {
        let path = format!("/mediakit?lang={lang}");
        let packed = server.send("GET", &path, &[("accept-encoding", "br")], b"").await;
        assert!(packed.body.len() < MOST_BYTES, "{lang}: {} bytes", packed.body.len());
        let gzipped = server.send("GET", &path, &[("accept-encoding", "gzip")], b"").await;
        assert!(gzipped.body.len() < MOST_BYTES, "{lang}: {} bytes", gzipped.body.len());
        let page = server.get(&path).await.text();
        assert_eq!(page.matches("class=\"plot\"").count(), 8 * 4);
        assert_eq!(page.matches("class=\"shares\"").count(), 2 * 6, "in the panels and in the section on the audience");
    }
}

#[tokio::test]
async fn a_hostile_source_is_text_and_nothing_else() {
    let world = World::new(Owner::Everything).await;
    world.refresh_only(&["mastodon"]).await;
    world.advance(DAY);
    world.refresh_only(&["mastodon"]).await;
    run(&world, "update origins set source = '<img src=x onerror=alert(1)>\"\u{202e}' where id = 1").await;
    run(&world, "update origins set api_version = '</svg><script>' where id = 1").await;
    let page = server_of(&world).await.get("/mediakit").await.text();
    assert!(page.contains("&#60;img") || page.contains("&lt;img"));
    assert!(!page.contains("<img src=x") && !page.contains("</svg><script"));
}

#[tokio::test]
async fn the_median_stands_before_the_mean_and_a_rate_has_its_other_definitions() {
    let world = World::new(Owner::Everything).await;
    let mut creator = world.store.creator().await.unwrap();
    world.refresh_only(&["tiktok", "instagram"]).await;
    let page = server_of(&world).await.get("/mediakit?lang=en").await.text();
    let (tiktok, instagram) = (panel(&page, "tiktok"), panel(&page, "instagram"));
    let place = |figure: &str| tiktok.find(&format!("data-figure=\"tiktok.{figure}\"")).unwrap();
    assert!(place("median_views") < place("average_views"));
    assert!(place("engagement_rate") < place("engagement_by_followers"));
    assert!(place("posts_per_week") > 0);
    assert!(!instagram.contains("engagement_by_reach"), "a private number is not told by a rate of it");
    creator.published.push("instagram.reach_28d".to_owned());
    world.store.update_creator(&creator).await.unwrap();
    let page = server_of(&world).await.get("/mediakit?lang=en").await.text();
    assert!(panel(&page, "instagram").contains("data-figure=\"instagram.engagement_by_reach\""));
}
