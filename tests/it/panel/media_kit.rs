//! The media kit tab: numbers anew, blocks that show at once, and what of the numbers nobody else sees.

use jiff::SignedDuration;
use serde_json::json;
use simulator::Scope;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::api_server::{Answer, Server};
use crate::browser::{Browser, PASSWORD};
use crate::harness::{Owner, World};

const TAB: &str = "/admin/mediakit";

/// The id of the first block of a kind.
async fn id(server: &Server, kind: &str) -> i64 {
    let blocks = server.store.blocks(1).await.unwrap();
    blocks.iter().find(|block| block.body.kind().name() == kind).unwrap().id
}

async fn page(server: &Server) -> String {
    server.get("/mediakit").await.text()
}

fn leads_to(answer: &Answer, path: &str) {
    assert_eq!((answer.status, answer.header("location")), (303, format!("{TAB}{path}").as_str()), "{}", answer.text());
}

const WORK: [(&str, &str); 7] = [
    ("version", "0"),
    ("rows", "2"),
    ("brand-0", "Ortmann <b>Taschen</b>"),
    ("disclosure-0", "paid"),
    ("result-0", "1,2 Mio. Aufrufe"),
    ("month-0", "9/2026"),
    ("disclosure-1", "own"),
];

#[tokio::test]
async fn a_saved_block_shows_at_once_with_who_said_it_and_when() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert!(!page(&server).await.contains("Zusammenarbeit"), "an empty block shows nothing");
    let partners = id(&server, "partners").await;
    let saved = browser.post(&format!("{TAB}/block/{partners}"), &WORK).await;
    leads_to(&saved, &format!("?done=saved#row-{partners}"));
    let german = page(&server).await;
    for part in [
        "Ortmann &#60;b&#62;",
        "Werbung, bezahlt",
        "Sept. 2026",
        "m-self",
        "selbst angegeben\u{a0}· 22.\u{a0}Nov.\u{a0}2026",
    ] {
        assert!(german.contains(part), "{part}");
    }
    let english = server.get("/mediakit?lang=en").await.text();
    for part in ["Past work", "Ad, paid", "Sep 2026", "self-reported\u{a0}· 22\u{a0}Nov\u{a0}2026"] {
        assert!(english.contains(part), "{part}");
    }
    let audit = server.store.audit(9).await.unwrap();
    let noted = (audit[0].who.as_str(), audit[0].what.as_str(), audit[0].detail.as_str());
    assert_eq!(noted, ("mara", "block changed", format!("{partners} (partners)").as_str()));
}

#[tokio::test]
async fn blocks_are_added_moved_hidden_and_deleted() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields =
        [("heading", "Über <mich>"), ("text", "**fett** <script>alert(1)</script>\n\n[x](javascript:alert(2))")];
    leads_to(&browser.post(&format!("{TAB}/new/markdown"), &fields).await, "?done=added");
    let shown = page(&server).await;
    assert!(
        shown.contains("<strong>fett</strong>") && !shown.contains("<script>alert") && !shown.contains("javascript:")
    );
    let added = id(&server, "markdown").await;
    let at = |what: &str| format!("{TAB}/block/{added}/{what}");
    leads_to(&browser.post(&at("move"), &[("to", "0")]).await, &format!("?done=moved#row-{added}"));
    let moved = page(&server).await;
    assert!(moved.find("Über &#60;mich").unwrap() < moved.find("class=\"hero").unwrap());
    browser.post(&at("hide"), &[("hidden", "yes")]).await;
    assert!(!page(&server).await.contains("Über &#60;mich"));
    browser.post(&at("hide"), &[("hidden", "no")]).await;
    assert!(page(&server).await.contains("Über &#60;mich"));
    assert!(browser.get(&at("delete")).await.text().contains("Endgültig löschen"), "it asks first");
    leads_to(&browser.post(&at("delete"), &[("version", "0")]).await, "?done=deleted");
    assert!(!page(&server).await.contains("Über &#60;mich"));
    leads_to(&browser.post(&at("delete"), &[("version", "0")]).await, "?done=gone");
    let audit = server.store.audit(5).await.unwrap();
    let whats: Vec<_> = audit.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(whats, ["block deleted", "block shown", "block hidden", "block moved", "block added"]);
    for path in ["/new/hologram", "/block/x", "/new/text/else"] {
        assert_eq!(browser.get(&format!("{TAB}{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_stands_beside_its_field_in_both_languages() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let long = "x".repeat(601);
    let fields = [("rows", "1"), ("currency", "EUR"), ("name-0", "Reel"), ("price-0", "viel"), ("includes-0", &long)];
    for (lang, price, size) in [
        ("de", "Schreib den Betrag als Zahl", "Nimm höchstens 600 Zeichen."),
        ("en", "Write the amount as a number", "Use at most 600 characters."),
    ] {
        let refused = browser.post(&format!("{TAB}/new/rates?lang={lang}"), &fields).await;
        let form = refused.text();
        assert_eq!(refused.status, 422);
        assert!(form.contains(price) && form.contains(size) && form.contains("id=\"price-0-error\""), "{lang}");
        assert!(form.contains("value=\"viel\"") && form.contains(&long), "what was typed stays");
    }
    let again = browser.post(&format!("{TAB}/new/hero"), &[("picture", "yes")]).await;
    assert!(again.status == 409 && again.text().contains("Diesen Baustein gibt es schon"));
    assert_eq!(server.store.blocks(1).await.unwrap().len(), 6, "nothing was saved");
}

#[tokio::test]
async fn the_second_tab_is_told_and_nothing_is_lost() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let partners = id(&server, "partners").await;
    let path = format!("{TAB}/block/{partners}");
    browser.post(&path, &WORK).await;
    let mut second = WORK;
    second[2].1 = "Zweiter Tab";
    let told = browser.post(&path, &second).await;
    let form = told.text();
    assert_eq!(told.status, 409);
    assert!(
        form.contains("value=\"Zweiter Tab\"") && form.contains("Ortmann &#60;b&#62;"),
        "both versions stand there"
    );
    assert!(form.contains("name=\"version\" value=\"1\"") && page(&server).await.contains("Ortmann"));
    second[0].1 = "1";
    leads_to(&browser.post(&path, &second).await, &format!("?done=saved#row-{partners}"));
    assert!(page(&server).await.contains("Zweiter Tab"));

    let late = browser.post(&format!("{path}/delete"), &[("version", "1")]).await;
    assert!(late.status == 409 && late.text().contains("inzwischen geändert"), "a deletion overwrites nothing either");
    browser.post(&format!("{path}/delete"), &[("version", "2")]).await;
    let fields: Vec<_> = second.iter().copied().chain([("kind", "partners")]).collect();
    let gone = browser.post(&path, &fields).await;
    assert!(gone.status == 409 && gone.text().contains("action=\"/admin/mediakit/new/partners\""));
    assert!(gone.text().contains("value=\"Zweiter Tab\""));
}

#[tokio::test]
async fn a_preview_shows_what_is_typed_and_saves_nothing() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields = [("heading", "Entwurf"), ("text", "noch nicht")];
    let draft = browser.post(&format!("{TAB}/new/text/preview"), &fields).await;
    assert!(draft.status == 200 && draft.text().contains("Entwurf") && !draft.text().contains("<script"));
    assert!(draft.header("content-security-policy").contains("frame-ancestors 'self'"));
    assert_eq!(draft.header("x-frame-options"), "SAMEORIGIN");
    assert!(!page(&server).await.contains("Entwurf"));
    let wrong = browser.post(&format!("{TAB}/new/text/preview"), &[("heading", "Entwurf")]).await;
    assert!(wrong.status == 422 && !wrong.text().contains("Entwurf"), "what cannot be saved is not shown");
    assert!(browser.get(&format!("{TAB}/preview")).await.text().contains("104,7k"));
}

/// Everything a visitor can get of a server with the two examples.
async fn faces(server: &Server) -> String {
    let mut all = String::new();
    for path in [
        "/mediakit",
        "/mediakit?lang=en",
        "/mediakit?platform=instagram",
        "/api/mediakit/analytics/instagram",
        "/api/mediakit/follower-summary",
        "/api/mediakit/history/instagram",
        "/api/mediakit/history/instagram?metric=reach_daily",
    ] {
        all += &server.get(path).await.text();
    }
    all
}

#[tokio::test]
async fn an_unpublished_number_is_on_no_face_and_a_published_one_on_each() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let numbers = format!("{TAB}/numbers");
    let hidden = async || {
        let all = faces(&server).await;
        for trace in
            ["15000", "15.000", "15,000", "15,0k", "15.0k", "Reichweite am letzten Tag", "instagram.reach_daily"]
        {
            assert!(!all.contains(trace), "{trace}");
        }
    };
    hidden().await;
    assert!(browser.get(&numbers).await.text().contains("15.000, heute 03:00 UTC"), "its owner sees it");
    let plain = [("version", "0"), ("threshold", "1.000"), ("least-share", "0")];
    let tick: Vec<_> = plain.iter().copied().chain([("publish-instagram-reach-daily", "yes")]).collect();
    leads_to(&browser.post(&numbers, &tick).await, "/numbers?done=saved");
    assert!(page(&server).await.contains("15,0k"));
    assert_eq!(server.get("/api/mediakit/analytics/instagram").await.json()["metrics"]["reach_daily"], 15_000);
    assert_eq!(server.get("/api/mediakit/history/instagram?metric=reach_daily").await.status, 200);
    let stale = browser.post(&numbers, &plain).await;
    assert!(stale.status == 409 && stale.text().contains("instagram.reach_daily"), "another tab saved meanwhile");
    let again = [("version", "1"), ("threshold", "1000"), ("least-share", "0")];
    leads_to(&browser.post(&numbers, &again).await, "/numbers?done=saved");
    hidden().await;
}

#[tokio::test]
async fn who_the_audience_is_is_published_like_a_private_number() {
    let world = World::new(Owner::Granted).await;
    world.refresh().await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    let numbers = format!("{TAB}/numbers");
    let form = browser.get(&format!("{numbers}?lang=de")).await.text();
    for owner_sees in ["Deutschland 58,8", "Männer 5", "publish-youtube-audience-age"] {
        assert!(form.contains(owner_sees), "{owner_sees}: {form}");
    }
    assert!(!form.contains("publish-tiktok-audience"), "TikTok does not tell");
    assert!(!form.contains("fehlt eine Berechtigung"));
    assert!(!page(&server).await.contains("audience_country"));
    let fields =
        [("version", "0"), ("threshold", "1000"), ("least-share", "0"), ("publish-instagram-audience-country", "yes")];
    leads_to(&browser.post(&numbers, &fields).await, "/numbers?done=saved");
    let shown = page(&server).await;
    assert!(shown.contains("instagram.audience_country") && !shown.contains("instagram.audience_age"));
    assert_eq!(world.store.creator().await.unwrap().published, ["instagram.audience_country"]);
    let ticked = browser.get(&numbers).await.text();
    assert!(ticked.contains("name=\"publish-instagram-audience-country\" value=\"yes\" checked"));

    let world = World::new(Owner::Granted).await;
    world.sim.set_fault("YOUTUBE_ANALYTICS", "status/403", Scope::default()).unwrap();
    world.refresh().await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let form = Browser::signed_in(&server).await.get(&format!("{numbers}?lang=de")).await.text();
    assert_eq!(form.matches("Für YouTube fehlt eine Berechtigung").count(), 3, "its owner is told why: {form}");
}

#[tokio::test]
async fn small_platforms_leave_the_total_or_the_kit_and_the_order_is_the_owner_s() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let numbers = format!("{TAB}/numbers");
    let refused = browser.post(&numbers, &[("version", "0"), ("threshold", "viele"), ("least-share", "31")]).await;
    assert!(refused.status == 422 && refused.text().matches("class=\"error\"").count() == 2);
    let fields = [("version", "0"), ("threshold", "66000"), ("least-share", "0")];
    browser.post(&numbers, &fields).await;
    let summary = async || server.get("/api/mediakit/follower-summary").await.json();
    assert_eq!(
        (summary().await["platform_count"].clone(), summary().await["incomplete"].clone()),
        (json!(1), json!(false))
    );
    assert!(page(&server).await.contains("unter 66.000"), "it is listed with the reason");
    let fields = [("version", "1"), ("threshold", "0"), ("least-share", "30"), ("hides-small", "yes")];
    browser.post(&numbers, &fields).await;
    assert_eq!(summary().await["platform_count"], 2, "38 per cent are enough");
    let fields = [("version", "2"), ("threshold", "66000"), ("least-share", "0"), ("hides-small", "yes")];
    browser.post(&numbers, &fields).await;
    assert!(!page(&server).await.contains("TikTok"));
    assert_eq!(server.get("/api/mediakit/analytics/tiktok").await.status, 404);
    assert_eq!(server.get("/api/mediakit/history/tiktok").await.status, 404);

    let fields = [("version", "3"), ("threshold", "0"), ("least-share", "0")];
    browser.post(&numbers, &fields).await;
    let first = async || {
        let page = page(&server).await;
        page.split("data-panel=\"panel-").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(first().await, "instagram");
    leads_to(
        &browser.post(&format!("{TAB}/order"), &[("platform", "tiktok"), ("to", "0")]).await,
        "/numbers?done=moved#order",
    );
    assert_eq!(first().await, "tiktok");
    assert_eq!(summary().await["platforms"][0]["platform"], "instagram", "the summary is largest first");
    browser.post(&format!("{TAB}/order"), &[("reset", "yes")]).await;
    assert_eq!(first().await, "instagram");
}

#[tokio::test]
async fn a_refresh_goes_on_when_its_tab_is_closed() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    assert!(browser.get(TAB).await.text().contains("noch nicht abgefragt"));
    world.sim.set_latency("", std::time::Duration::from_millis(300));
    let token = browser.form_token().await;
    let body = format!("form_token={token}");
    let mut closed = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {TAB}/refresh HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nsec-fetch-site: same-origin\r\ncookie: {1}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {2}\r\n\r\n{body}",
        server.address,
        browser.cookie,
        body.len(),
    );
    closed.write_all(head.as_bytes()).await.unwrap();
    let (_, mut steps) = world.refresher.progress().watch();
    steps.recv().await.unwrap();
    drop(closed);
    let stand = browser.get(&format!("{TAB}/refresh")).await.text();
    assert!(stand.contains("data-running=\"true\"") && stand.contains("Stand ansehen"), "{stand}");
    assert!(stand.contains("fragt an") || stand.contains("wartet"));
    world.refresher.progress().settled().await;
    let accounts = world.store.accounts(1).await.unwrap().len();
    let stand = browser.get(&format!("{TAB}/refresh")).await.text();
    assert_eq!(stand.matches("data-state=\"saved\"").count(), accounts, "{stand}");
    assert!(server.get("/api/mediakit/follower-summary").await.json()["total_followers"].as_i64().unwrap() > 200_000);
}

#[tokio::test]
async fn a_page_that_says_the_refresh_is_over_shows_all_it_brought() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    Browser::signed_in(&server).await;
    let path = format!("{TAB}/refresh");
    let details = |stand: &str| -> Vec<String> {
        stand.split("class=\"detail\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    };
    for _ in 0..5 {
        world.advance(SignedDuration::from_hours(26));
        // The session before has run out meanwhile.
        let browser = Browser::signs_in(&server, "mara", PASSWORD).await;
        let stand = async || browser.get(&path).await.text();
        let before = stand().await;
        leads_to(&browser.post(&path, &[]).await, "/refresh");
        // The page is asked for the whole time, for the platforms end while it is made.
        let over = loop {
            let stand = stand().await;
            if stand.contains("data-running=\"false\"") {
                break details(&stand);
            }
        };
        world.refresher.progress().settled().await;
        assert_eq!(over, details(&stand().await), "nothing would make this page look again");
        assert_ne!(over, details(&before));
    }
}

#[tokio::test]
async fn a_failure_says_what_to_do_next_and_a_form_without_script_leads_there() {
    let world = World::new(Owner::Nothing).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    leads_to(&browser.post(&format!("{TAB}/refresh"), &[("platform", "instagram")]).await, "/refresh");
    world.refresher.progress().settled().await;
    let stand = browser.get(&format!("{TAB}/refresh")).await.text();
    assert!(stand.contains("fehlgeschlagen") && stand.contains("href=\"/admin/connections\""), "{stand}");
    assert_eq!(browser.post(&format!("{TAB}/refresh"), &[("platform", "myspace")]).await.status, 404);
    let audit = server.store.audit(1).await.unwrap();
    assert_eq!((audit[0].what.as_str(), audit[0].detail.as_str()), ("numbers refreshed", "instagram"));
    let empty = Server::empty().await;
    let browser = Browser::signed_in(&empty).await;
    leads_to(&browser.post(&format!("{TAB}/refresh"), &[]).await, "");
    assert!(browser.get(TAB).await.text().contains("Noch ist kein Konto eingetragen"));
}
