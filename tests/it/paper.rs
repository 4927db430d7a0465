//! The kit on paper and in pictures: what is read out of the PDF is what stands on the page, in its order; the same data
//! give the same bytes; what cannot be drawn or is not known is seen to be so.

mod pdf;

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, Uri};
use image::GenericImageView as _;
use jiff::SignedDuration;
use mediakit::domain::block::Body;
use mediakit::domain::block::body::{
    Audience, CallToAction, Disclosure, Fact, Group, Package, Partner, Partners, Rates, Share, Stats, Video, Words,
};
use mediakit::domain::picture::Picture;
use mediakit::store::PictureOrigin;
use serde_json::json;

use crate::api_server::{Server, put_row, stats};
use crate::harness::{Owner, World};
use pdf::Pdf;

async fn pdf(server: &Server, lang: &str) -> Pdf {
    let answer = server.get(&format!("/mediakit.pdf?lang={lang}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/pdf"));
    Pdf::read(&answer.body)
}

/// Every change of the profile shows everything that is stored.
async fn show(server: &Server, change: serde_json::Value) {
    assert_eq!(server.owner("PUT", "/api/profile", Some(&change)).await.status, 200);
}

/// Adds a block, or fills the one of its kind that there can be only one of.
async fn add(server: &Server, body: Body) -> i64 {
    for block in server.store.blocks(1).await.unwrap() {
        if block.body.kind() == body.kind() {
            server.store.update_block(1, block.id, block.version, &body).await.unwrap();
            return block.id;
        }
    }
    server.store.insert_block(1, &body).await.unwrap()
}

/// The owner shows nothing of platforms with fewer than a hundred thousand followers.
async fn hide_small(server: &Server) {
    let mut creator = server.store.creator().await.unwrap();
    (creator.threshold, creator.hides_small) = (100_000, true);
    server.store.update_creator(&creator).await.unwrap();
    show(server, json!({})).await;
}

fn words(heading: &str, text: &str) -> Words {
    Words { heading: Some(heading.to_owned()), text: text.to_owned() }
}

/// A kit with something in a block of every kind.
async fn full() -> Server {
    let server = Server::with_examples().await;
    let day = Some(jiff::civil::date(2026, 11, 20));
    let share = |group, label: &str, permille| Share { group, label: label.to_owned(), permille, typed_on: day };
    let work = Partner {
        brand: "Ortmann Taschen".to_owned(),
        what: Some("Drei Reels.".to_owned()),
        result: Some("1,2 Mio. Aufrufe".to_owned()),
        month: Some("2026-09".to_owned()),
        link: Some("https://example.org/reel".to_owned()),
        disclosure: Disclosure::Paid,
        typed_on: day,
    };
    let package = Package {
        name: "Reel".to_owned(),
        price: Some(120_000),
        least: true,
        includes: Some("Ein Reel\nEine Schleife".to_owned()),
    };
    for body in [
        Body::Stats(Stats {
            heading: None,
            items: vec![Fact { label: "Newsletter".to_owned(), value: "6.840 Abos".to_owned(), typed_on: day }],
        }),
        Body::Audience(Audience {
            source: Some("Instagram Insights".to_owned()),
            items: vec![share(Group::Country, "Österreich", 118), share(Group::Country, "Deutschland", 642)],
            ..Audience::default()
        }),
        Body::Partners(Partners { items: vec![work], ..Partners::default() }),
        Body::Rates(Rates { items: vec![package], note: Some("Netto.".to_owned()), ..Rates::default() }),
        Body::Text(words("Über mich", "Ich repariere.\n\nUnd fahre.")),
        Body::Markdown(words(
            "Regeln",
            "Ich teste **immer**.\n\n- zwei Wochen\n- [Liste](https://example.org/liste)\n\n> Zitat",
        )),
        Body::CallToAction(CallToAction {
            heading: "Schreib mir".to_owned(),
            link: Some("mailto:mara@example.org".to_owned()),
            ..CallToAction::default()
        }),
        Body::Video(Video {
            title: "Schotter".to_owned(),
            link: "https://www.youtube.com/v".to_owned(),
            ..Video::default()
        }),
    ] {
        add(&server, body).await;
    }
    show(&server, json!({"name": "Mara Feldkamp", "bio": "Räder & Werkzeug", "contact": "mara@example.org"})).await;
    server
}

/// The numbers of a page in the order they stand there.
fn values(page: &str) -> Vec<String> {
    let value = |part: &str| {
        let end = part.find("<span class=\"exact\"").or_else(|| part.find("<span class=\"source\"")).unwrap();
        let text = part[..end].split('<').map(|tag| tag.split_once('>').map_or(tag, |(_, text)| text));
        text.collect::<String>().trim().rsplit("ungefähr ").next().unwrap().to_owned()
    };
    page.split("<span class=\"value\">").skip(1).map(value).collect()
}

#[tokio::test]
async fn what_stands_on_the_page_is_read_out_in_its_order() {
    let server = full().await;
    let (page, pdf) = (server.get("/mediakit?lang=de").await.text(), pdf(&server, "de").await);
    let text = pdf.text();
    let numbers = values(&page);
    assert!(numbers.len() > 12 && numbers.contains(&"keine Angabe".to_owned()), "{numbers:?}");
    let mut rest = text.as_str();
    for number in &numbers {
        rest = rest.split_once(number.as_str()).unwrap_or_else(|| panic!("{number} is missing in {text}")).1;
    }
    let order = [
        "Mara Feldkamp",
        "Räder & Werkzeug",
        "mara@example.org",
        "Follower insgesamt",
        "170,5k",
        "170.500",
        "eigene Summe aus 2 Plattformen",
        "Instagram",
        "@festas_builds",
        "61,4",
        "Meta Graph API",
        "exakt",
        "Newsletter",
        "selbst angegeben",
        "Analytics",
        "Gefolgt",
        "523",
        "Publikum",
        "Deutschland",
        "64,2",
        "Österreich",
        "Instagram Insights",
        "Ortmann Taschen",
        "Werbung, bezahlt",
        "Drei Reels.",
        "1,2 Mio. Aufrufe",
        "Netto.",
        "Reel",
        "ab 1.200",
        "Ein Reel",
        "Über mich",
        "Und fahre.",
        "Regeln",
        "immer",
        "zwei Wochen",
        "Zitat",
        "Schreib mir",
        "Schotter",
        "youtube.com",
        "Zu den Zahlen",
        "veraltet",
    ];
    let mut rest = text.as_str();
    for part in order {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part} is missing, or not in its place, in {text}")).1;
    }
}

#[tokio::test]
async fn a_screen_reader_finds_its_way() {
    let server = full().await;
    for lang in ["de", "en"] {
        let pdf = pdf(&server, lang).await;
        assert!(pdf.is_marked());
        assert_eq!(pdf.says(b"Lang"), lang);
        assert_eq!(pdf.of("H1"), ["Mara Feldkamp"]);
        let sections = pdf.of("H2");
        assert!(
            sections.contains(&"Über mich".to_owned()) && sections.contains(&"Schreib mir".to_owned()),
            "{sections:?}"
        );
        let parts = pdf.parts();
        let pictures: Vec<_> = parts.iter().filter(|part| part.role == "Figure").collect();
        assert_eq!(pictures.len(), 2, "the code and the bar");
        assert!(pictures.iter().all(|part| part.alt.as_ref().is_some_and(|alt| alt.len() > 10)), "{pictures:?}");
        let fonts = pdf.fonts();
        assert!(fonts.len() >= 2 && fonts.values().all(|embedded| *embedded), "{fonts:?}");
        let links = pdf.links();
        for address in ["mailto:mara@example.org", "https://example.org/liste", "https://example.org/reel"] {
            assert!(links.iter().any(|link| link == address), "{address} in {links:?}");
        }
        assert!(links.iter().any(|link| link.ends_with(&format!("/mediakit?lang={lang}"))), "{links:?}");
    }
}

#[tokio::test]
async fn the_same_data_give_the_same_bytes() {
    let (first, second) = (full().await, full().await);
    second.clock.advance(SignedDuration::from_hours(3));
    for path in ["/mediakit.pdf?lang=de", "/mediakit.pdf?lang=en", "/card.png?lang=de", "/badge/total.svg"] {
        let (one, other) = (first.get(path).await, second.get(path).await);
        assert!(one.status == 200 && one.body == other.body, "{path}");
        assert_eq!(one.header("etag"), other.header("etag"), "{path}");
    }
    let languages = ["de", "en"].map(|lang| format!("/mediakit.pdf?lang={lang}"));
    assert_ne!(first.get(&languages[0]).await.body, first.get(&languages[1]).await.body);
}

#[tokio::test]
async fn it_is_made_once_and_kept_until_the_data_change() {
    let server = full().await;
    let uri: Uri = "/mediakit.pdf?lang=de".parse().unwrap();
    let face = || async { server.state.lazy.face(&uri, &HeaderMap::new()).await.unwrap() };
    let (one, other) = tokio::join!(face(), face());
    assert!(Arc::ptr_eq(&one, &other), "those who ask at a time get the same one");
    assert!(Arc::ptr_eq(&one, &face().await));
    put_row(server.database.as_ref().unwrap(), "tiktok", "festas_builds", &stats(99_900)).await;
    show(&server, json!({})).await;
    assert!(!Arc::ptr_eq(&one, &face().await));
    assert!(pdf(&server, "en").await.text().contains("99.9k"));
}

#[tokio::test]
async fn it_comes_with_a_name_in_the_reader_s_language_and_only_when_it_changed() {
    let server = full().await;
    let answer = server.send("GET", "/mediakit.pdf", &[("accept-language", "en")], b"").await;
    assert_eq!(answer.header("content-disposition"), "inline; filename=\"mediakit-mara-feldkamp-2026-11-22.pdf\"");
    assert_eq!(answer.header("content-language"), "en");
    let known = [("accept-language", "en"), ("if-none-match", answer.header("etag"))];
    assert_eq!(server.send("GET", "/mediakit.pdf", &known, b"").await.status, 304);
    assert!(server.get("/mediakit?lang=en").await.text().contains("href=\"/mediakit.pdf?lang=en\""));
}

#[tokio::test]
async fn what_is_hidden_on_the_page_is_not_printed() {
    let server = full().await;
    let blocks = server.store.blocks(1).await.unwrap();
    for block in blocks.iter().filter(|block| matches!(block.body, Body::Rates(_) | Body::Stats(_))) {
        server.store.hide_block(1, block.id, true).await.unwrap();
    }
    hide_small(&server).await;
    let text = pdf(&server, "de").await.text();
    assert!(text.contains("Ortmann") && !text.contains("1.200") && !text.contains("insgesamt"), "{text}");
    assert!(!text.contains("15.000"), "a private number");
    assert_eq!(server.get("/badge/total.svg").await.status, 404);
}

#[tokio::test]
async fn a_long_kit_goes_over_pages_and_loses_no_word() {
    let server = full().await;
    let line =
        |n: usize| format!("Satz {n} über Schotter, Schrauben und sehr lange Donaudampfschifffahrtsgesellschaften.");
    let long = (0..400).map(|n| line(n) + if n % 7 == 0 { "\n\n" } else { " " }).collect::<String>();
    let works = (0..12).map(|n| Partner {
        brand: format!("Marke {n}"),
        what: Some((0..12).map(line).collect::<Vec<_>>().join("\n")),
        result: Some(format!("{n} Mio. Aufrufe")),
        month: None,
        link: None,
        disclosure: Disclosure::Gifted,
        typed_on: None,
    });
    add(&server, Body::Text(words("Lang", &long))).await;
    add(&server, Body::Partners(Partners { items: works.collect(), ..Partners::default() })).await;
    show(&server, json!({"bio": "Wort ".repeat(60).trim()})).await;
    let pdf = pdf(&server, "de").await;
    assert!(pdf.pages() > 12, "{} pages", pdf.pages());
    let text = pdf.text().replace('\n', " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for n in 0..400 {
        assert!(text.contains(&line(n)), "sentence {n}");
    }
    for n in 0..12 {
        assert!(text.contains(&format!("Marke {n}")) && text.contains(&format!("{n} Mio. Aufrufe")), "{n}");
    }
    assert_eq!(text.matches("Wort").count(), 60);
}

#[tokio::test]
async fn hostile_and_foreign_names_are_printed_as_far_as_they_can_be_and_said_in_full() {
    let server = full().await;
    for name in [
        "مريم الحسيني",
        "山田太郎",
        "👩‍🔧 Mara 🚲",
        "\u{202e}dnib",
        "<svg onload=alert(1)>&\"'",
        &"Donaudampfschifffahrt".repeat(9),
    ] {
        let mut creator = server.store.creator().await.unwrap();
        name.clone_into(&mut creator.name);
        server.store.update_creator(&creator).await.unwrap();
        add(&server, Body::Markdown(words(name, &format!("{name} **{name}**\n\n1. {name}")))).await;
        show(&server, json!({})).await;
        let pdf = pdf(&server, "de").await;
        assert_eq!(pdf.of("H1").first().map_or("", String::as_str), name, "{name:?}");
        for path in ["/card.png", "/favicon.svg", "/favicon.ico", "/icon-192.png", "/badge/instagram.svg", "/qr.svg"] {
            assert_eq!(server.get(path).await.status, 200, "{path} of {name:?}");
        }
        let icon = server.get("/favicon.svg").await.text();
        assert!(!icon.contains("onload"), "{icon}");
    }
}

#[tokio::test]
async fn a_number_that_is_missing_says_so_and_an_old_one_its_age() {
    let server = Server::with_examples().await;
    let database = server.database.as_ref().unwrap();
    put_row(database, "tiktok", "festas_builds", &stats(65_800).replace("\"followers\"", "\"likes\"")).await;
    show(&server, json!({})).await;
    let text = pdf(&server, "de").await.text();
    assert!(text.contains("keine Angabe") && text.contains("TikTok hat diesen Wert beim letzten Abruf nicht genannt."));
    assert!(text.contains("Unvollständig: TikTok fehlt in der Summe.") && !text.contains("heute"));
    let badge = server.get("/badge/tiktok.json?lang=en").await.json();
    assert_eq!((&badge["message"], &badge["isError"]), (&json!("not available"), &json!(true)));
    server.clock.advance(SignedDuration::from_hours(96));
    assert!(pdf(&server, "en").await.text().contains("stale, 4 days old"));
    assert!(server.get("/badge/instagram.json?lang=en").await.json()["message"].as_str().unwrap().contains("stale"));
}

#[tokio::test]
async fn an_empty_kit_has_a_sheet_and_a_card_too() {
    let server = Server::empty().await;
    let pdf = pdf(&server, "de").await;
    assert_eq!((pdf.pages(), pdf.of("H1")), (1, vec!["Media-Kit".to_owned()]));
    assert!(pdf.text().contains("Noch keine Zahlen"));
    assert_eq!(server.get("/card.png").await.status, 200);
    assert!(server.get("/favicon.svg").await.text().contains("#2346a3"), "the program's own icon");
}

#[tokio::test]
async fn previews_of_links_show_a_picture_with_the_numbers_of_now() {
    let server = full().await;
    for page in ["/", "/mediakit"] {
        let html = server.get(&format!("{page}?lang=en")).await.text();
        assert!(html.contains("property=\"og:image\" content=\"http://127.0.0.1/card.png?lang=en\""), "{html}");
    }
    let card = server.get("/card.png?lang=en").await;
    assert_eq!((card.status, card.header("content-type")), (200, "image/png"));
    assert_eq!(card.header("cross-origin-resource-policy"), "cross-origin");
    let picture = image::load_from_memory(&card.body).unwrap();
    assert_eq!(picture.dimensions(), (1200, 630));
    put_row(server.database.as_ref().unwrap(), "tiktok", "festas_builds", &stats(99_900)).await;
    show(&server, json!({})).await;
    let later = image::load_from_memory(&server.get("/card.png?lang=en").await.body).unwrap();
    let changed = |area: (u32, u32, u32, u32)| {
        let (x, y, wide, high) = area;
        picture.view(x, y, wide, high).pixels().ne(later.view(x, y, wide, high).pixels())
    };
    assert!(changed((60, 290, 1080, 140)), "the total");
    assert!(changed((60, 540, 1080, 60)), "the platforms");
    assert!(!changed((60, 110, 800, 110)), "the name stays");
}

#[tokio::test]
async fn badges_say_what_the_page_says() {
    let server = full().await;
    let svg = server.get("/badge/instagram.svg?lang=de").await;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(svg.header("cross-origin-resource-policy"), "cross-origin");
    let text = svg.text();
    for part in ["Instagram", ">104,7k<", "104.700 Follower", "Meta Graph API"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let endpoint: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&server.get("/badge/instagram.json?lang=en").await.body).unwrap();
    assert_eq!(endpoint["schemaVersion"], 1);
    assert_eq!((&endpoint["label"], &endpoint["message"]), (&json!("Instagram"), &json!("104.7k")));
    assert_eq!(server.get("/badge/total.json?lang=en").await.json()["message"], "170.5k");
    for path in
        ["/badge/youtube.svg", "/badge/myspace.svg", "/badge/instagram.png", "/badge/instagram", "/badge/%2e.svg"]
    {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    hide_small(&server).await;
    assert_eq!(server.get("/badge/tiktok.svg").await.status, 404, "a platform that visitors do not see");
}

#[tokio::test]
async fn icons_are_the_profile_s_own() {
    let server = full().await;
    let icon = server.get("/favicon.svg").await;
    assert!(icon.header("content-type") == "image/svg+xml" && icon.text().contains(">MF<"));
    let monogram = server.get("/apple-touch-icon.png").await.body;
    let mut red = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(50, 50, image::Rgb([220, 20, 20])).write_to(&mut red, image::ImageFormat::Png).unwrap();
    let picture = Picture::from_file(red.get_ref()).unwrap();
    let origin = PictureOrigin { source: "https://example.org/red.png".to_owned(), fetched_at: server.clock.now() };
    server.store.save_picture(1, &origin, &picture).await.unwrap();
    show(&server, json!({})).await;
    for (path, side) in [("/apple-touch-icon.png", 180), ("/icon-192.png", 192), ("/icon-512.png", 512)] {
        let icon = image::load_from_memory(&server.get(path).await.body).unwrap();
        assert_eq!(icon.dimensions(), (side, side), "{path}");
        assert!(icon.get_pixel(side / 2, side / 2).0[0] > 200, "{path}");
    }
    assert_ne!(server.get("/apple-touch-icon.png").await.body, monogram);
    let ico = server.get("/favicon.ico").await;
    assert_eq!((ico.header("content-type"), &ico.body[..4]), ("image/x-icon", &[0_u8, 0, 1, 0][..]));
    assert_eq!(image::load_from_memory(&ico.body[22..]).unwrap().dimensions(), (48, 48));
    assert!(pdf(&server, "de").await.pages() > 0);
}

#[tokio::test]
async fn who_follows_is_on_paper_once_with_what_it_is_a_share_of() {
    let world = World::new(Owner::Granted).await;
    world.publish_audiences().await;
    world.refresh().await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let told = server.get("/api/mediakit/analytics/instagram").await.json();
    let largest = &told["demographics"]["audience_country"]["parts"][0];
    let share = format!("{}%", (largest["share"].as_f64().unwrap() * 1000.0).round() / 10.0);
    let text = pdf(&server, "en").await.text();
    for words in ["Instagram: Countries", "YouTube: Age", "share of signed-in viewers in 28", "Other or unknown"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(text.matches(&share).count(), 1, "the section on the audience has it, the platform's need not: {share}");
    for block in server.store.blocks(1).await.unwrap() {
        let hidden = matches!(block.body, Body::Audience(_));
        server.store.hide_block(1, block.id, hidden).await.unwrap();
    }
    show(&server, json!({})).await;
    let text = pdf(&server, "en").await.text();
    assert!(!text.contains("Instagram: Countries") && text.contains("Countries"));
    assert_eq!(text.matches(&share).count(), 1, "without that section the platform's has it");
}
