//! The kit as data: every form carries the page's numbers, keeps foreign text as text, and says what it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use mediakit::domain::number;
use mediakit::domain::text::Lang;
use serde_json::{Value as Json, json};

use crate::api_server::{Server, put_row, stats};
use crate::harness::{Owner, World};

/// Every form with its media type and whether it speaks two languages.
const FORMS: [(&str, &str, bool); 10] = [
    ("/mediakit.json", "application/json", false),
    ("/mediakit.csv", "text/csv; charset=utf-8; header=present", false),
    ("/mediakit.vcf", "text/vcard; charset=utf-8", false),
    ("/embed", "text/html; charset=utf-8", true),
    ("/feed.xml", "application/rss+xml", true),
    ("/atom.xml", "application/atom+xml", true),
    ("/feed.json", "application/feed+json", true),
    ("/sitemap.xml", "application/xml", false),
    ("/robots.txt", "text/plain; charset=utf-8", false),
    ("/llms.txt", "text/plain; charset=utf-8", true),
];

/// The digits between two marks.
fn digits(text: &str) -> i64 {
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or_else(|_| panic!("{text}"))
}

/// What stands behind `mark`, up to `end`.
fn behind<'t>(text: &'t str, mark: &str, end: &str) -> &'t str {
    text.split_once(mark).unwrap_or_else(|| panic!("{mark} in {text}")).1.split(end).next().unwrap()
}

/// A figure of an HTML page, every digit of it.
fn on_page(page: &str, id: &str) -> i64 {
    let figure = behind(page, &format!("data-figure=\"{id}\""), "class=\"source\"");
    let exact = figure.split_once("class=\"exact\">").map(|(_, rest)| rest.split('<').next().unwrap());
    digits(exact.unwrap_or_else(|| behind(figure, "class=\"value\">", "</span>\n")))
}

fn json_ld(page: &str) -> Json {
    serde_json::from_str(behind(page, "<script type=\"application/ld+json\">", "</script>")).unwrap()
}

/// The rows of a table without quotes in it, by platform and metric.
fn table(text: &str) -> BTreeMap<(String, String), Vec<String>> {
    let rows = text.split("\r\n").skip(1).filter(|row| !row.is_empty());
    rows.map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|cells| ((cells[0].clone(), cells[2].clone()), cells))
        .collect()
}

#[tokio::test]
async fn every_form_shows_the_same_numbers() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let page = server.get("/mediakit?lang=en").await.text();
    let summary = server.get("/api/mediakit/follower-summary").await.json();
    let whole = server.get("/mediakit.json").await.json();
    let csv = server.get("/mediakit.csv").await.text();
    let rows = table(&csv);
    let embed = server.get("/embed?lang=en").await.text();
    let llms = server.get("/llms.txt?lang=en").await.text();
    let feed = server.get("/feed.json?lang=en").await.json();
    let profile = json_ld(&page);
    let links = server.get("/?lang=en").await.text();

    let total = summary["total_followers"].as_i64().unwrap();
    assert!(total > 100_000);
    assert_eq!(whole["summary"], summary, "one type for both");
    assert_eq!(rows[&("total".to_owned(), "followers".to_owned())][3], total.to_string());
    for html in [&page, &embed] {
        assert_eq!(on_page(html, "total.followers"), total);
    }
    assert_eq!(digits(behind(&llms, "- Followers in total: ", " (")), total);
    let parts = summary["platforms"].as_array().unwrap();
    let counters = profile["mainEntity"]["interactionStatistic"].as_array().unwrap();
    assert_eq!((counters.len(), whole["platforms"].as_array().unwrap().len()), (parts.len(), 8));
    assert_eq!(counters.iter().map(|counter| counter["userInteractionCount"].as_i64().unwrap()).sum::<i64>(), total);

    for (part, counter) in parts.iter().zip(counters) {
        let (id, followers) = (part["platform"].as_str().unwrap(), part["followers"].as_i64().unwrap());
        let analytics = server.get(&format!("/api/mediakit/analytics/{id}")).await.json();
        assert_eq!(analytics["metrics"]["followers"], followers);
        let platforms = whole["platforms"].as_array().unwrap();
        let mut own = platforms.iter().find(|platform| platform["platform"] == id).unwrap().clone();
        let fact = own["figures"]["followers"].clone();
        assert_eq!(fact["value"], followers);
        for key in ["source", "provenance", "precision", "fetched_at"] {
            assert_eq!(fact[key], part[key], "{id} {key}");
        }
        for more in ["name", "profile_url", "freshness", "figures"] {
            assert!(own.as_object_mut().unwrap().remove(more).is_some(), "{more}");
        }
        assert_eq!(own, analytics, "one type for both");
        for (metric, value) in analytics["metrics"].as_object().unwrap() {
            let cells = &rows[&(id.to_owned(), metric.clone())];
            let shown = if value.is_null() { String::new() } else { value.to_string() };
            assert_eq!(cells[3], shown, "{id} {metric}");
            assert_eq!(cells[9].is_empty(), value.is_null(), "an unknown value has no time: {id} {metric}");
        }
        let row = &rows[&(id.to_owned(), "followers".to_owned())];
        assert_eq!(
            [&row[5], &row[6], &row[7]],
            ["precision", "provenance", "source"].map(|k| part[k].as_str().unwrap())
        );
        assert_eq!((&counter["userInteractionCount"], &counter["endTime"]), (&json!(followers), &part["fetched_at"]));
        let key = match id {
            "youtube" => "subscribers",
            "discord" => "members",
            _ => "followers",
        };
        for html in [&page, &embed] {
            assert_eq!(on_page(html, &format!("{id}.{key}")), followers, "{id}");
        }
        let name = counter["interactionService"]["name"].as_str().unwrap();
        let told = behind(&llms, &format!("## {name} ("), "##").lines().find(|line| {
            ["- Followers: ", "- Subscribers: ", "- Members: "].iter().any(|label| line.starts_with(label))
        });
        assert_eq!(digits(told.unwrap().split(" (").next().unwrap()), followers, "{id}");
        let short = part["followers_formatted"].as_str().unwrap();
        assert!(links.contains(short), "{id} {short}");
        let reached = whole["milestones"].as_array().unwrap().iter().find(|m| m["platform"] == id).unwrap();
        assert_eq!((&reached["value"], &reached["at_first"]), (&json!(followers), &json!(true)), "{id}");
        let item =
            feed["items"].as_array().unwrap().iter().find(|item| item["title"].as_str().unwrap().starts_with(name));
        let text = item.unwrap()["content_text"].as_str().unwrap();
        assert_eq!(digits(behind(text, "(UTC): ", ". ")), followers, "{text}");
    }
}

/// What the posts of the platforms say, by the page's name for it.
const STUDIED: [&str; 5] =
    ["median_views", "posts_per_week", "engagement_by_followers", "engagement_by_reach", "engagement_by_views"];

/// A figure as the page writes it.
fn written(key: &str, value: f64) -> String {
    match key {
        "posts_per_week" => number::decimal_in(value, Lang::En),
        "median_views" => number::exact_in(value.trunc().to_string().parse().unwrap(), Lang::En),
        _ => number::percent_in(value, Lang::En),
    }
}

#[tokio::test]
async fn every_form_tells_what_the_posts_say() {
    let world = World::new(Owner::Everything).await;
    let mut creator = world.store.creator().await.unwrap();
    world.refresh().await;
    let mut told = BTreeSet::new();
    for published in [false, true] {
        if published {
            creator.published.push("instagram.reach_28d".to_owned());
            world.store.update_creator(&creator).await.unwrap();
        }
        let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
        let page = server.get("/mediakit?lang=en").await.text();
        let llms = server.get("/llms.txt?lang=en").await.text();
        let rows = table(&server.get("/mediakit.csv").await.text());
        let whole = server.get("/mediakit.json").await.json();
        for platform in whole["platforms"].as_array().unwrap() {
            let (id, name) = (platform["platform"].as_str().unwrap(), platform["name"].as_str().unwrap());
            let section = behind(&llms, &format!("## {name} ("), "\n## ");
            for key in STUDIED {
                let fact = platform["figures"].get(key);
                let row = rows.get(&(id.to_owned(), key.to_owned()));
                assert_eq!(fact.is_some(), row.is_some(), "{id} {key}");
                let (Some(fact), Some(row)) = (fact, row) else { continue };
                let text = |of: &Json| of.as_str().map_or_else(|| of.to_string(), str::to_owned);
                if fact.is_null() {
                    assert!(row[3].is_empty() && row[5..].iter().all(String::is_empty), "{id} {key}: {row:?}");
                    assert!(!page.contains(&format!("data-figure=\"{id}.{key}\"")), "{id} {key}");
                    continue;
                }
                told.insert((id.to_owned(), key));
                assert_eq!(row[3].parse::<f64>().ok(), fact["value"].as_f64(), "{id} {key}");
                let cells = [&row[5], &row[6], &row[7], &row[9]];
                let keys = ["precision", "provenance", "source", "fetched_at"];
                assert_eq!(cells.map(String::clone), keys.map(|key| text(&fact[key])), "{id} {key}");
                let basis = ["formula", "sample_size", "window_days"].map(|key| text(&fact["basis"][key]));
                assert_eq!(row[10..13], basis, "{id} {key}");
                // The platform's usual rate has its usual name on the page.
                let usual = platform["figures"]["engagement_rate"]["basis"]["formula"] == fact["basis"]["formula"];
                let figure = format!("data-figure=\"{id}.{}\"", if usual { "engagement_rate" } else { key });
                let value = written(key, fact["value"].as_f64().unwrap());
                assert!(behind(&page, &figure, "class=\"source\"").contains(&value), "{id} {key} {value}");
                assert!(section.contains(&value), "{id} {key} {value}: {section}");
            }
        }
    }
    for expected in [
        ("tiktok", "median_views"),
        ("tiktok", "posts_per_week"),
        ("tiktok", "engagement_by_followers"),
        ("tiktok", "engagement_by_views"),
        ("instagram", "engagement_by_followers"),
        ("instagram", "engagement_by_reach"),
    ] {
        assert!(told.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {told:?}");
    }
}

#[tokio::test]
async fn every_form_says_what_it_is_and_is_not_sent_twice() {
    let server = Server::with_examples().await;
    for (path, kind, spoken) in FORMS {
        let german = server.get(path).await;
        assert_eq!((german.status, german.header("content-type")), (200, kind), "{path}");
        assert_eq!(german.header("content-language"), if spoken { "de" } else { "" }, "{path}");
        let english = server.send("GET", path, &[("accept-language", "en")], b"").await;
        assert_eq!(english.body != german.body, spoken, "{path}");
        let again = server.send("GET", path, &[("if-none-match", german.header("etag"))], b"").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(server.send("POST", path, &[], b"").await.status, 405, "{path}");
        let other = server.get(&format!("{path}x")).await;
        assert_eq!(other.status, 404, "{path}x");
    }
}

#[tokio::test]
async fn only_the_embed_may_be_shown_on_other_sites() {
    let server = Server::with_examples().await;
    let embed = server.get("/embed").await;
    assert!(embed.header("content-security-policy").contains("frame-ancestors *"));
    assert_eq!(embed.header("x-frame-options"), "");
    assert!(!embed.text().contains("<script") && embed.text().contains("104,7k"));
    assert!(embed.text().contains("Meta Graph API"), "each number stands on its source");
    server.clock.advance(SignedDuration::from_hours(80));
    assert!(server.get("/embed").await.text().contains("4 Tage alt"), "and on its age");
    for (path, ..) in
        FORMS.into_iter().filter(|(path, ..)| *path != "/embed").chain([("/", "", true), ("/mediakit", "", true)])
    {
        let answer = server.get(path).await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

#[tokio::test]
async fn the_pages_name_every_form() {
    let server = Server::with_examples().await;
    for page in ["/?lang=en", "/mediakit?lang=en"] {
        let html = server.get(page).await.text();
        let named: Vec<&str> = html.split("<link rel=\"alternate\" type=\"").skip(1).collect();
        assert_eq!(named.len(), 7, "{html}");
        for link in named {
            let address = behind(link, "href=\"", "\"").replace("&#38;", "&").replace("http://127.0.0.1", "");
            let answer = server.get(&address).await;
            assert_eq!(answer.status, 200, "{address}");
            let kind = link.split('"').next().unwrap().replace("json+oembed", "json");
            assert!(answer.header("content-type").starts_with(&kind), "{address}");
        }
    }
}

#[tokio::test]
async fn editors_get_a_frame_for_the_page_and_a_sentence_for_anything_else() {
    let server = Server::with_examples().await;
    let ours = "http%3A%2F%2F127.0.0.1%2Fmediakit%3Flang%3Den";
    let answer = server.get(&format!("/oembed?format=json&url={ours}")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let embed = answer.json();
    assert_eq!((&embed["type"], &embed["version"]), (&json!("rich"), &json!("1.0")));
    let html = embed["html"].as_str().unwrap();
    assert!(html.starts_with("<iframe src=\"http://127.0.0.1/embed?lang=en\""), "{html}");
    let small = server.get(&format!("/oembed?url={ours}&maxwidth=300&maxheight=200")).await.json();
    assert_eq!((&small["width"], &small["height"]), (&json!(300), &json!(200)));
    assert!(small["html"].as_str().unwrap().contains("width=\"300\" height=\"200\""));
    for (query, status) in [
        ("", 400),
        ("url=", 400),
        ("url=nonsense", 400),
        (&format!("url={ours}&maxwidth=wide"), 400),
        ("url=http%3A%2F%2Fevil.example%2Fmediakit", 404),
        ("url=http%3A%2F%2F127.0.0.1%2Fadmin", 404),
        ("url=javascript%3Aalert(1)", 404),
        (&format!("url={ours}&format=xml"), 501),
    ] {
        let answer = server.get(&format!("/oembed?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().unwrap().ends_with('.'), "{problem}");
    }
}

#[tokio::test]
async fn hostile_text_stays_text_in_every_form() {
    let server = Server::empty().await;
    let hostile = "</script><script>alert(1)</script>\u{2028}]]>\"'&;,\\=1+1\n# END:VCARD\nX-EVIL:1";
    let change = json!({ "name": "=cmd|' /C calc'!A0</script>\n", "bio": hostile, "location": hostile });
    assert_eq!(server.owner("PUT", "/api/profile", Some(&change)).await.status, 200);
    let database = server.database.as_ref().unwrap();
    server.store.set_handle(1, "tiktok", "-evil").await.unwrap();
    let row = stats(66_000).replace("Meta Graph API", "=HYPERLINK(\\\"x\\\"),</title>");
    put_row(database, "tiktok", "-evil", &row).await;
    server.state.show_changes().await;

    let page = server.get("/mediakit").await.text();
    assert!(!page.contains("<script>alert"), "{page}");
    let profile = json_ld(&page);
    assert!(
        profile["mainEntity"]["description"].as_str().unwrap().contains("</script><script>alert(1)</script>\u{2028}")
    );
    let csv = server.get("/mediakit.csv").await.text();
    let row = csv.split("\r\n").find(|row| row.starts_with("tiktok,") && row.contains("followers,66000")).unwrap();
    assert!(row.starts_with("tiktok,'-evil,") && row.contains(",\"'=HYPERLINK(\"\"x\"\"),</title>\","), "{row}");
    assert!(csv.split("\r\n").all(|row| !row.contains('\n')));
    let card = server.get("/mediakit.vcf").await.text();
    assert!(card.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n") && card.ends_with("\r\nEND:VCARD\r\n"));
    assert!(card.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{card}");
    let unfolded = card.replace("\r\n ", "");
    assert_eq!(unfolded.matches("\r\nEND:VCARD").count(), 1, "{card}");
    assert!(!unfolded.contains("\r\nX-EVIL") && unfolded.contains("\\;\\,\\\\=1+1\\n# END:VCARD\\nX-EVIL:1"), "{card}");
    for path in ["/feed.xml", "/atom.xml"] {
        let feed = server.get(path).await.text();
        assert!(
            !feed.contains("</script") && !feed.contains("</title>,") && feed.contains("&#60;/script&#62;"),
            "{feed}"
        );
    }
    let llms = server.get("/llms.txt").await.text();
    assert!(!llms.replace("\\<", "").contains('<') && llms.lines().all(|line| line != "# END:VCARD"), "{llms}");
    let embed = server.get("/embed").await.text();
    assert!(!embed.contains("<script") && embed.contains("cmd|"));
}

#[tokio::test]
async fn search_engines_find_the_pages_and_stay_out_of_the_rest() {
    let server = Server::with_examples().await;
    let robots = server.get("/robots.txt").await.text();
    for path in ["/admin", "/api/", "/go/"] {
        assert!(robots.contains(&format!("\nDisallow: {path}\n")), "{robots}");
    }
    let map = robots.split("Sitemap: http://127.0.0.1").nth(1).unwrap().trim();
    let map = server.get(map).await.text();
    let addresses: Vec<&str> = map.split("<loc>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(addresses.len(), 4, "two pages in two languages: {map}");
    for address in addresses {
        assert_eq!(server.get(address.strip_prefix("http://127.0.0.1").unwrap()).await.status, 200, "{address}");
    }
}

#[tokio::test]
async fn an_empty_kit_invents_nothing() {
    let server = Server::empty().await;
    for (path, ..) in FORMS {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    assert!(!server.get("/mediakit").await.text().contains("/mediakit.pdf"), "nothing to print is not offered");
    let whole = server.get("/mediakit.json").await.json();
    assert_eq!((&whole["creator"]["name"], &whole["platforms"]), (&json!(null), &json!([])));
    let csv = server.get("/mediakit.csv").await.text();
    assert_eq!(csv.split("\r\n").nth(1).unwrap(), "total,,followers,,count,,own_sum,,,,,,", "{csv}");
    assert_eq!(server.get("/feed.json").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_milestone_is_told_on_the_day_it_was_first_measured() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    world.refresh_only(&["bluesky"]).await;
    let before = server.get("/mediakit.json").await.json()["milestones"].clone();
    assert_eq!(before, json!([]), "not yet seen");
    server.state.show_changes().await;
    let after = server.get("/mediakit.json").await.json()["milestones"].clone();
    assert_eq!((&after[0]["day"], &after[0]["at_first"]), (&json!("2026-11-22"), &json!(true)), "{after}");
    world.advance(SignedDuration::from_hours(24));
    world.refresh_only(&["bluesky"]).await;
    server.state.show_changes().await;
    assert_eq!(server.get("/mediakit.json").await.json()["milestones"], after, "the same number is no milestone again");
    let german = server.get("/feed.xml?lang=de").await.text();
    assert!(german.contains("<pubDate>Sun, 22 Nov 2026") && german.contains("beim ersten Abruf"), "{german}");
}
