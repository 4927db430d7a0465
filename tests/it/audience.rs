//! Who an audience is made of, from the platforms to every form of the kit: only what is published is shown, everywhere
//! the same, with its source, its time and what it is a share of; and whatever a fetch lacks stays as it was.

use jiff::SignedDuration;
use mediakit::domain::demographics::{Dimension, Whole};
use mediakit::domain::failure::FailureKind;
use mediakit::domain::snapshot::Snapshot;
use serde_json::{Value as Json, json};
use simulator::Scope;

use crate::api_server::Server;
use crate::harness::{Owner, World, outcome, saved};

const KEYS: [&str; 3] = ["audience_country", "audience_age", "audience_gender"];

async fn server_of(world: &World) -> Server {
    Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await
}

/// What is kept of a platform.
async fn kept(world: &World, platform: &str) -> Snapshot {
    let (kit, _) = world.store.kit().await.unwrap();
    kit.snapshots.into_iter().find(|snapshot| snapshot.platform == platform).unwrap()
}

/// The groups of a figure on a page, in their order: what stands there, from the heading to the facts.
fn groups<'p>(page: &'p str, figure: &str) -> Vec<&'p str> {
    let mark = format!("data-figure=\"{figure}\"");
    page.split(&mark).skip(1).map(|rest| rest.split("</li>").next().unwrap()).collect()
}

/// The rows of a group, as they are written.
fn rows(group: &str) -> Vec<(String, String)> {
    let cell = |row: &str, mark: &str| row.split_once(mark).unwrap().1.split('<').next().unwrap().to_owned();
    group
        .split("<dt")
        .skip(1)
        .filter(|row| row.contains("<svg"))
        .map(|row| (cell(row, "\">"), cell(row, "<span>")))
        .collect()
}

/// A fraction as the English page writes it.
fn written(share: &Json) -> String {
    let permille = (share.as_f64().unwrap() * 1000.0).round();
    format!("{}%", permille / 10.0)
}

#[tokio::test]
async fn both_platforms_say_who_their_audience_is() {
    let world = World::new(Owner::Granted).await;
    assert!(world.refresh().await.accounts.iter().all(saved));
    let truth = world.sim.truth("mara", "instagram");
    let instagram = kept(&world, "instagram").await;
    for dimension in Dimension::ALL {
        let known = &instagram.demographics[&dimension];
        assert_eq!((known.breakdown.whole, known.breakdown.total), (Whole::Followers, truth.followers));
        assert_eq!((known.fetched_at, known.breakdown.window_days), (instagram.fetched_at, None));
        assert_eq!(known.breakdown.origin, instagram.origin);
    }
    let youtube = kept(&world, "youtube").await;
    for (dimension, whole) in
        [(Dimension::Country, Whole::Views), (Dimension::Age, Whole::Viewers), (Dimension::Gender, Whole::Viewers)]
    {
        let breakdown = &youtube.demographics[&dimension].breakdown;
        assert_eq!((breakdown.whole, breakdown.window_days), (whole, Some(28)), "{dimension:?}");
        assert_eq!(breakdown.origin.source, "YouTube Analytics API");
    }
    let reports = world.sim.requests().into_iter().filter(|request| request.upstream == "YOUTUBE_ANALYTICS");
    assert!(reports.into_iter().all(|asked| asked.query.contains("startDate=2026-10-25&endDate=2026-11-21")));
}

#[tokio::test]
async fn nothing_is_shown_before_it_is_published_and_each_by_itself() {
    let world = World::new(Owner::Granted).await;
    world.refresh().await;
    let server = server_of(&world).await;
    let faces = async || {
        let mut all = String::new();
        for path in ["/mediakit", "/mediakit?lang=en", "/mediakit.json", "/mediakit.csv", "/llms.txt", "/embed"] {
            all += &server.get(path).await.text();
        }
        all + &server.get("/api/mediakit/analytics/instagram").await.text()
    };
    let before = faces().await;
    for told in ["audience_", "sterreich", "Austria", "18–24", "18-24", "Frauen", "female"] {
        assert!(!before.contains(told), "{told}");
    }
    let publish = async |published: Json| {
        let change = json!({ "published": published });
        server.owner("PUT", "/api/profile", Some(&change)).await.status
    };
    assert_eq!(publish(json!(["instagram.audience_age"])).await, 200);
    let after = faces().await;
    assert!(after.contains("18–24") && after.contains("instagram.audience_age"));
    for told in ["audience_country", "audience_gender", "youtube.audience", "female"] {
        assert!(!after.contains(told), "{told}");
    }
    for unknown in ["tiktok.audience_age", "instagram.audience_city"] {
        assert_eq!(publish(json!([unknown])).await, 422, "{unknown}");
    }
}

#[tokio::test]
async fn every_form_shows_the_same_audiences() {
    let world = World::new(Owner::Granted).await;
    world.publish_audiences().await;
    world.refresh().await;
    let server = server_of(&world).await;
    let page = server.get("/mediakit?lang=en").await.text();
    let csv = server.get("/mediakit.csv").await.text();
    let llms = server.get("/llms.txt?lang=en").await.text();
    let whole = server.get("/mediakit.json").await.json();
    for platform in ["instagram", "youtube"] {
        let own = server.get(&format!("/api/mediakit/analytics/{platform}")).await.json();
        let of_kit = whole["platforms"].as_array().unwrap().iter().find(|one| one["platform"] == platform).unwrap();
        assert_eq!(of_kit["demographics"], own["demographics"], "one type for both");
        assert_eq!(own["demographics"].as_object().unwrap().len(), KEYS.len());
        for key in KEYS {
            let told = &own["demographics"][key];
            let mut shares: Vec<(String, Json)> = Vec::new();
            for part in told["parts"].as_array().unwrap() {
                assert!(part["share"].as_f64().unwrap() >= 0.01, "{platform} {key}: {part}");
                shares.push((part["key"].as_str().unwrap().to_owned(), part["share"].clone()));
            }
            shares.push(("other".to_owned(), told["other"].clone()));
            shares.retain(|(_, share)| share.as_f64() != Some(0.0));
            let sum: f64 = shares.iter().map(|(_, share)| share.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 0.01, "{platform} {key}: {sum}");

            let shown = groups(&page, &format!("{platform}.{key}"));
            assert_eq!(shown.len(), 2, "in the panel and in the section on the audience");
            assert_eq!(rows(shown[0]), rows(shown[1]));
            let numbers: Vec<String> = rows(shown[0]).into_iter().map(|(_, share)| share).collect();
            assert_eq!(numbers, shares.iter().map(|(_, share)| written(share)).collect::<Vec<_>>(), "{platform} {key}");
            assert!(shown[0].contains(told["source"].as_str().unwrap()));
            let line = llms.lines().filter(|line| line.contains(&rows(shown[0])[0].1)).count();
            assert!(line > 0, "{platform} {key}: {llms}");
            for (part, share) in &shares {
                let row = csv.lines().find(|row| row.contains(&format!(",{key}.{part},")) && row.starts_with(platform));
                let cells: Vec<&str> = row.unwrap_or_else(|| panic!("{key}.{part}: {csv}")).split(',').collect();
                let days = told["window_days"].as_i64().map(|days| days.to_string()).unwrap_or_default();
                assert_eq!(cells[12], days);
                assert_eq!((cells[3], cells[4]), (share.to_string().as_str(), "fraction"));
                assert_eq!(
                    (cells[9], cells[10]),
                    (
                        told["fetched_at"].as_str().unwrap(),
                        format!("share of {}", told["share_of"].as_str().unwrap()).as_str(),
                    )
                );
            }
        }
    }
    let countries = rows(groups(&page, "instagram.audience_country")[0]);
    assert_eq!((countries[0].0.as_str(), countries.last().unwrap().0.as_str()), ("Germany", "Other or unknown"));
    assert!(!countries.iter().any(|(name, _)| name == "Luxembourg"), "under one per cent");
    let block = page.split("<h3>Instagram: Countries</h3>").nth(1).unwrap();
    assert!(block.contains("share of 104,7"), "what it is a share of stands beside it");
}

#[tokio::test]
async fn one_breakdown_that_is_refused_takes_nothing_else_with_it() {
    let world = World::new(Owner::Granted).await;
    world.sim.set_fault("FACEBOOK_GRAPH", "meta/demographics-country-refused", Scope::default()).unwrap();
    world.sim.set_fault("YOUTUBE_ANALYTICS", "youtube/analytics-no-rows", Scope::default()).unwrap();
    let report = world.refresh().await;
    assert!(saved(report.accounts.iter().find(|account| account.platform == "youtube").unwrap()));
    let instagram = kept(&world, "instagram").await;
    let known: Vec<_> = instagram.demographics.keys().copied().collect();
    assert_eq!(known, [Dimension::Age, Dimension::Gender]);
    let noted: Vec<_> = instagram.notes.iter().map(|note| (note.part.as_str(), note.kind)).collect();
    assert_eq!(noted, [("audience_country", FailureKind::Schema)]);
    for metric in ["followers", "reach_28d", "views_28d", "profile_views", "engagement_rate"] {
        assert!(instagram.figures.contains_key(metric), "{metric}");
    }
    assert!(kept(&world, "youtube").await.demographics.is_empty(), "too few viewers is unknown, and not 0");

    world.publish_audiences().await;
    let page = server_of(&world).await.get("/mediakit?lang=en").await.text();
    let panel = groups(&page, "instagram.audience_country");
    assert_eq!(panel.len(), 1, "the section on the audience shows what is known");
    assert!(panel[0].contains("not available") && panel[0].contains("Instagram"), "{}", panel[0]);
    assert!(!panel[0].contains("0%"));
    assert!(groups(&page, "youtube.audience_age")[0].contains("YouTube did not give this value"));
}

#[tokio::test]
async fn what_the_last_fetch_lacks_stays_with_its_age_and_is_marked_when_it_is_old() {
    let world = World::new(Owner::Granted).await;
    world.publish_audiences().await;
    world.refresh().await;
    let before = kept(&world, "instagram").await.demographics;
    world.advance(SignedDuration::from_hours(73));
    world.sim.set_fault("FACEBOOK_GRAPH", "meta/demographics-below-threshold", Scope::default()).unwrap();
    world.sim.set_fault("YOUTUBE_ANALYTICS", "status/403", Scope::default()).unwrap();
    assert!(world.refresh().await.accounts.iter().all(saved));
    let after = kept(&world, "instagram").await;
    assert_eq!(after.demographics, before);
    assert!(after.fetched_at > before[&Dimension::Age].fetched_at);
    let server = server_of(&world).await;
    let page = server.get("/mediakit?lang=de").await.text();
    for figure in ["instagram.audience_age", "youtube.audience_country"] {
        for group in groups(&page, figure) {
            assert!(group.contains("veraltet, 3 Tage alt"), "{group}");
        }
    }
    let followers = page.split("data-figure=\"instagram.followers\"").nth(1).unwrap();
    assert!(!followers.split("</summary>").next().unwrap().contains("veraltet"), "the rest is of today");
}

#[tokio::test]
async fn a_failed_fetch_and_a_jump_touch_no_audience() {
    let world = World::new(Owner::Granted).await;
    world.refresh().await;
    let before = kept(&world, "instagram").await.demographics;
    world.advance(SignedDuration::from_hours(24));
    world.sim.set_fault("FACEBOOK_GRAPH", "status/500", Scope::default()).unwrap();
    let report = world.refresh().await;
    assert!(!matches!(outcome(&report, "instagram"), mediakit::refresh::Outcome::Saved(_)));
    assert_eq!(kept(&world, "instagram").await.demographics, before);
    world.sim.clear();
    world.refresh().await;
    let newer = kept(&world, "instagram").await.demographics;
    assert!(newer[&Dimension::Age].fetched_at > before[&Dimension::Age].fetched_at);
}

#[tokio::test]
async fn without_a_grant_youtube_tells_nothing_of_its_viewers_and_is_not_asked() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    assert!(kept(&world, "youtube").await.demographics.is_empty());
    assert!(world.sim.requests().iter().all(|request| request.upstream != "YOUTUBE_ANALYTICS"));
}
