//! Who sees the kit: a kit that is not for everybody is kept back on every face, a link shows what was chosen for it,
//! and whoever asks gets an answer.

use jiff::SignedDuration;
use mediakit::domain::share::Share;
use mediakit::platforms::{Settings, all};
use mediakit::web::Door;

use crate::api_server::{Answer, Server};
use crate::browser::{Browser, PASSWORD};

const HOME: &str = "/admin/mediakit/shares";
const PEOPLE: (&str, &str) = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");

async fn shares(server: &Server) -> Vec<Share> {
    server.store.shares(1).await.unwrap()
}

async fn blocks(server: &Server) -> Vec<String> {
    server.store.blocks(1).await.unwrap().iter().map(|block| format!("block-{}", block.id)).collect()
}

/// Makes a link that shows every block, and gives its address.
async fn link(server: &Server, browser: &Browser<'_>, more: &[(&str, &str)]) -> String {
    let blocks = blocks(server).await;
    let shown = blocks.iter().map(|id| (id.as_str(), "yes"));
    let fields: Vec<_> = [("brand", "Müller & Söhne")].into_iter().chain(shown).chain(more.iter().copied()).collect();
    let added = browser.post(&format!("{HOME}/new"), &fields).await;
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/admin/mediakit/shares?done=added#links"),
        "{}",
        added.text()
    );
    format!("/s/{}", shares(server).await[0].address)
}

async fn choose(server: &Server, browser: &Browser<'_>, access: &str) {
    let version = server.store.creator().await.unwrap().version.to_string();
    let saved = browser.post(HOME, &[("access", access), ("version", &version)]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
}

/// Sends a form that no owner sends.
async fn send(server: &Server, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let mut browser = Browser::new(server);
    cookie.clone_into(&mut browser.cookie);
    browser.send(path, fields).await
}

/// Every face of the kit: its address, the files it becomes, what it answers when the kit is on request and when it is
/// private.
const FACES: [(&str, &[&str], [u16; 2]); 24] = [
    ("/mediakit", &["mediakit.html", "mediakit.en.html"], [200, 403]),
    ("/mediakit?platform=instagram", &["mediakit.instagram.html", "mediakit.instagram.en.html"], [200, 403]),
    ("/mediakit.pdf", &["mediakit.pdf", "mediakit.en.pdf"], [403; 2]),
    ("/card.png", &["card.png", "card.en.png"], [403; 2]),
    ("/badge/instagram.svg", &["badge/instagram.svg", "badge/instagram.en.svg"], [403; 2]),
    ("/badge/instagram.json", &["badge/instagram.json", "badge/instagram.en.json"], [403; 2]),
    ("/badge/total.svg", &["badge/total.svg", "badge/total.en.svg"], [403; 2]),
    ("/badge/total.json", &["badge/total.json", "badge/total.en.json"], [403; 2]),
    ("/embed", &["embed.html", "embed.en.html"], [403; 2]),
    ("/oembed?url=http%3A%2F%2F127.0.0.1%2Fmediakit", &["oembed.json", "oembed.en.json"], [403; 2]),
    ("/oembed?url=http%3A%2F%2F127.0.0.1%2F", &[], [403; 2]),
    ("/mediakit.json", &["mediakit.json"], [403; 2]),
    ("/mediakit.csv", &["mediakit.csv"], [403; 2]),
    ("/mediakit.vcf", &["mediakit.vcf"], [403; 2]),
    ("/feed.xml", &["feed.xml", "feed.en.xml"], [403; 2]),
    ("/atom.xml", &["atom.xml", "atom.en.xml"], [403; 2]),
    ("/feed.json", &["feed.json", "feed.en.json"], [403; 2]),
    ("/sitemap.xml", &["sitemap.xml"], [403; 2]),
    ("/llms.txt", &["llms.txt", "llms.en.txt"], [403; 2]),
    ("/mediakit/check", &[], [403; 2]),
    ("/qr.svg", &["qr.svg", "qr.en.svg"], [200; 2]),
    (API[0], &[], [403; 2]),
    (API[1], &[], [403; 2]),
    (API[2], &[], [403; 2]),
];
/// The faces that the owner's programs see all the same.
const API: [&str; 3] =
    ["/api/mediakit/follower-summary", "/api/mediakit/analytics/instagram", "/api/mediakit/history/instagram"];
/// What is no face of the kit: it tells no number and stays whoever may see the kit.
const OTHERS: [&str; 19] = [
    "/",
    "/go/1",
    "/assets/1",
    "/robots.txt",
    "/favicon.svg",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/icon-192.png",
    "/icon-512.png",
    "/mediakit/ask",
    "/mediakit/asked",
    "/s/1",
    "/s/1/mediakit.pdf",
    "/impressum",
    "/imprint",
    "/datenschutz",
    "/privacy",
    "/healthz",
    "/readyz",
];

/// Whether a text tells one of the examples' numbers.
fn tells(text: &str) -> bool {
    ["104.7", "104700", "104,7", "170.5", "170500", "170,5"].iter().any(|number| text.contains(number))
}

#[tokio::test]
async fn a_kit_that_is_not_public_is_kept_back_on_every_face() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    for (n, access) in ["gated", "private"].into_iter().enumerate() {
        choose(&server, &browser, access).await;
        for (face, _, status) in FACES.into_iter().chain(OTHERS.map(|path| (path, &[][..], [0; 2]))) {
            for encoding in ["identity", "br"] {
                let answer = server.send("GET", face, &[("accept-encoding", encoding)], b"").await;
                let text = String::from_utf8_lossy(&answer.unpacked()).into_owned();
                assert!(status[n] == 0 || answer.status == status[n], "{access} {face}: {}", answer.status);
                assert!(!tells(&text), "{access} {face}: {text}");
                assert!(!text.contains(" 0 Follower"), "a number that is kept back is not 0: {text}");
            }
            let head = server.send("HEAD", face, &[], b"").await;
            assert!(status[n] == 0 || head.status == status[n], "{access} HEAD {face}");
        }
        for api in API {
            let problem = server.get(api).await.text();
            assert!(problem.contains("not-public"), "{problem}");
            let owner = server.send("GET", api, &[("authorization", "Bearer mk_read")], b"").await;
            assert_eq!(owner.status, 200, "{access} {api}: {}", owner.text());
            let unable = server.send("GET", api, &[("authorization", "Bearer mk_write")], b"").await;
            assert_eq!(unable.status, 403, "{access} {api}");
        }
        let robots = server.get("/robots.txt").await.text();
        assert!(robots.contains("Disallow: /admin") && !robots.contains("Sitemap"), "{robots}");
        assert!(!server.get("/").await.text().contains("/card.png"), "no preview that is kept back");
    }
    assert!(browser.get("/mediakit").await.text().contains("104,7"), "the owner sees it");
    assert_eq!(server.get("/mediakit").await.status, 403);
    assert!(server.get("/mediakit").await.text().contains("Dieses Media-Kit sieht nur, wer einen Link"));
    assert!(!server.get("/").await.text().contains("href=\"/mediakit"), "the link page leads nowhere");
    choose(&server, &browser, "public").await;
    for (face, ..) in FACES {
        assert_eq!(server.get(face).await.status, 200, "{face}");
    }
    assert!(server.get("/").await.text().contains("/card.png"));
}

#[test]
fn every_public_address_is_a_face_of_the_kit_or_known_to_be_none() {
    let abouts: Vec<_> = all(&Settings::default()).iter().map(|platform| platform.about()).collect();
    let known: Vec<&str> = FACES.iter().map(|(face, ..)| *face).chain(OTHERS).collect();
    let is = |address: &str, path: &str| {
        let (mut asked, mut known) = (address.split('?').next().unwrap().split('/'), path.split('/'));
        let same = |(a, k): (&str, &str)| a == k || k.starts_with('{');
        asked.by_ref().zip(known.by_ref()).all(same) && asked.next().is_none() && known.next().is_none()
    };
    for (_, path, door) in mediakit::web::doors(&abouts).into_iter().filter(|(method, ..)| method == "GET") {
        let of_panel = path.starts_with("/admin") || path.starts_with("/api/docs") || path.starts_with("/api/openapi");
        let found = known.iter().any(|address| is(address, &path));
        assert!(door != Door::Public || of_panel || found, "{path} has to be in FACES or OTHERS");
    }
}

#[tokio::test]
async fn a_kit_that_is_not_public_is_in_no_file() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let abouts: Vec<_> = all(&Settings::default()).iter().map(|platform| platform.about()).collect();
    let mut of_links = Vec::new();
    for access in ["gated", "private", "public"] {
        choose(&server, &browser, access).await;
        let export = mediakit::web::export(server.store.clone(), &server.clock, abouts.clone(), "https://kit.example");
        let files = export.await.unwrap().unwrap();
        for file in FACES.iter().flat_map(|(_, files, _)| *files) {
            assert_eq!(files.contains_key(*file), access == "public", "{access}: {file}");
        }
        if access == "public" {
            let more: Vec<_> = files.keys().filter(|name| !of_links.contains(*name)).map(String::as_str).collect();
            let faces: Vec<_> = FACES.iter().flat_map(|(_, files, _)| *files).copied().collect();
            let other =
                |name: &&&str| !faces.contains(*name) && !name.contains("tiktok") && !name.starts_with("assets/");
            assert_eq!(more.iter().find(other), None, "a file of the kit that FACES does not know");
            break;
        }
        of_links = files.keys().cloned().collect();
        for (name, body) in &files {
            let text = String::from_utf8_lossy(body);
            assert!(!tells(&text), "{access} {name}: {text}");
            let leads = ["mediakit", "embed", "card.", "badge", "feed", "/api"].iter().find(|to| text.contains(**to));
            let styled = name.starts_with("assets/") || name == "robots.txt";
            assert!(styled || leads.is_none(), "{access} {name} leads to {leads:?}: {text}");
        }
        assert!(files.contains_key("index.html") && files.contains_key("favicon.svg"), "the link page stays whole");
    }
}

#[tokio::test]
async fn a_link_opens_a_private_kit_and_counts_who_opens_it() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    choose(&server, &browser, "private").await;
    let path = link(&server, &browser, &[]).await;
    assert!(path.starts_with("/s/mueller-soehne-"), "{path}");
    let page = server.send("GET", &path, &[PEOPLE], b"").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("104,7") && page.text().contains("content=\"noindex\""));
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("private, no-cache", "noindex, nofollow"));
    assert!(page.header("set-cookie").is_empty(), "nobody who opens it gets a cookie");
    assert!(!page.text().contains("rel=\"canonical\""), "it names no public address");
    let other = server.get(&format!("{path}?lang=en&platform=tiktok")).await.text();
    assert!(other.contains("lang=\"en\"") && other.contains("65.8k"), "{other}");
    let panel = browser.get(HOME).await.text();
    assert!(panel.contains("Einmal geöffnet, zuletzt"), "a program and the owner are nobody's visit: {panel}");
    assert!(browser.get(&path).await.text().contains("104,7"));
    server.send("HEAD", &path, &[PEOPLE], b"").await;
    assert!(browser.get(HOME).await.text().contains("Einmal geöffnet"));
    server.send("GET", &path, &[PEOPLE], b"").await;
    assert!(browser.get(HOME).await.text().contains("2-mal geöffnet"));
    assert_eq!(server.get("/s/mueller-soehne-aaaaaaaaaaaaaaaa").await.status, 404);
    let pdf = server.send("GET", &format!("{path}/mediakit.pdf"), &[PEOPLE], b"").await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
    assert_eq!(pdf.header("cache-control"), "private, no-cache");
    assert!(String::from_utf8_lossy(&pdf.body).contains(&format!("{path}?lang=de")), "its code leads to the link");
}

#[tokio::test]
async fn a_link_ends_when_it_should() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let path = link(&server, &browser, &[("ends", "2026-11-23")]).await;
    assert_eq!(server.get(&path).await.status, 200);
    server.clock.advance(SignedDuration::from_hours(29) - SignedDuration::from_secs(1));
    assert_eq!(server.get(&path).await.status, 200, "until the end of that day by the creator's clocks");
    server.clock.advance(SignedDuration::from_secs(1));
    let ended = server.get(&path).await;
    assert_eq!(ended.status, 404);
    assert!(ended.text().contains("er gilt nicht mehr"), "{}", ended.text());

    let browser = Browser::signs_in(&server, "mara", PASSWORD).await;
    let path = link(&server, &browser, &[]).await;
    let id = shares(&server).await[0].id;
    assert!(browser.get(&format!("{HOME}/{id}/revoke")).await.text().contains("Diesen Link widerrufen?"));
    assert_eq!(browser.post(&format!("{HOME}/{id}/delete"), &[]).await.status, 409, "one that holds is not deleted");
    assert_eq!(browser.post(&format!("{HOME}/{id}/revoke"), &[]).await.status, 303);
    assert_eq!(server.get(&path).await.status, 404);
    let edited = browser.post(&format!("{HOME}/{id}"), &[("brand", "Neu"), ("version", "0")]).await;
    assert_eq!(edited.status, 409, "a revoked link is not brought back");
    assert!(edited.text().contains("inzwischen widerrufen") && edited.text().contains("value=\"Neu\""));
    assert_eq!(browser.post(&format!("{HOME}/{id}/delete"), &[]).await.status, 303);
    assert_eq!(shares(&server).await.len(), 1);
}

#[tokio::test]
async fn a_password_keeps_others_out() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let path = link(&server, &browser, &[("password", "Herbst26")]).await;
    let page = server.get(&path).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.text().contains("öffnet sich mit einem Passwort") && !page.text().contains("104,7"));
    let wrong = send(&server, &path, "", &[("password", "herbst26")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Das Passwort stimmt nicht.") && !wrong.text().contains("herbst26"));
    let right = send(&server, &path, "", &[("password", "Herbst26")]).await;
    assert_eq!((right.status, right.header("location")), (303, format!("{path}?lang=de").as_str()));
    let cookie = right.header("set-cookie").to_owned();
    assert!(cookie.contains(&format!("Path={path};")) && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let kept = cookie.split(';').next().unwrap().to_owned();
    let open = server.send("GET", &path, &[("cookie", &kept)], b"").await;
    assert!(open.text().contains("104,7"));

    // Another password closes it for whoever knew the old one.
    let id = shares(&server).await[0].id;
    let ids = blocks(&server).await;
    let fields = [("brand", "M"), ("version", "0"), ("password", "Winter27"), (ids[1].as_str(), "yes")];
    assert_eq!(browser.post(&format!("{HOME}/{id}"), &fields).await.status, 303);
    assert!(!server.send("GET", &path, &[("cookie", &kept)], b"").await.text().contains("104,7"));
    let fields = [("brand", "M"), ("version", "1"), ("forget-password", "yes"), (ids[1].as_str(), "yes")];
    assert_eq!(browser.post(&format!("{HOME}/{id}"), &fields).await.status, 303);
    assert!(server.get(&path).await.text().contains("104,7"), "without a password again");

    let path = link(&server, &browser, &[("password", "Herbst26")]).await;
    let mut last = 0;
    for _ in 0..12 {
        last = send(&server, &path, "", &[("password", "falsch!")]).await.status;
    }
    assert_eq!(last, 429, "guessing is slowed down");
}

#[tokio::test]
async fn a_link_shows_its_own_blocks_and_prices() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let words = [("heading", "Nur für euch"), ("text", "Ein Gruß an die Marke.")];
    assert_eq!(browser.post("/admin/mediakit/new/text", &words).await.status, 303);
    let text = server.store.blocks(1).await.unwrap().last().unwrap().id.to_string();
    let hidden = browser.post(&format!("/admin/mediakit/block/{text}/hide"), &[("hidden", "yes")]).await;
    assert_eq!(hidden.status, 303);
    let shown = format!("block-{text}");
    let rates = [
        ("brand", "Radwerk"),
        (shown.as_str(), "yes"),
        ("own-rates", "yes"),
        ("currency", "CHF"),
        ("rows", "1"),
        ("name-0", "Reel für Radwerk"),
        ("price-0", "1.234,50"),
    ];
    let added = browser.post(&format!("{HOME}/new"), &rates).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let path = format!("/s/{}", shares(&server).await[0].address);
    let page = server.get(&path).await.text();
    assert!(page.contains("Ein Gruß an die Marke.") && page.contains("Reel für Radwerk"), "{page}");
    assert!(page.contains("1.234,50") && page.contains("CHF"), "{page}");
    assert!(!page.contains("104,7"), "the summary was not chosen");
    let public = server.get("/mediakit").await.text();
    assert!(!public.contains("Ein Gruß") && !public.contains("Radwerk") && public.contains("104,7"));
    // What the link shows follows the kit.
    let changed = [("heading", "Nur für euch"), ("text", "Neue Worte."), ("version", "0"), ("kind", "text")];
    assert_eq!(browser.post(&format!("/admin/mediakit/block/{text}"), &changed).await.status, 303);
    assert!(server.get(&path).await.text().contains("Neue Worte."));

    let id = shares(&server).await[0].id;
    let form = browser.get(&format!("{HOME}/{id}")).await.text();
    assert!(form.contains("value=\"Reel für Radwerk\"") && form.contains("value=\"yes\" checked"), "{form}");
}

#[tokio::test]
async fn what_cannot_be_stands_beside_its_field_and_two_tabs_do_not_overwrite_each_other() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let long = "x".repeat(101);
    for (field, typed, words) in [
        ("brand", "", "Schreib hinein, für wen der Link ist."),
        ("brand", long.as_str(), "länger als 100 Zeichen"),
        ("contact", "kein Postfach", "Das ist keine E-Mail-Adresse."),
        ("ends", "morgen", "Dieser Tag ist nicht lesbar."),
        ("ends", "2026-11-21", "Dieser Tag ist schon vorbei."),
        ("password", "kurz", "6 bis 200 Zeichen"),
    ] {
        let fields: Vec<_> = [("brand", "Radwerk"), ("contact", "a@b.de")]
            .into_iter()
            .filter(|(name, _)| *name != field)
            .chain([(field, typed)])
            .collect();
        let refused = browser.post(&format!("{HOME}/new"), &fields).await;
        assert_eq!(refused.status, 422, "{field}={typed}");
        let text = refused.text();
        assert!(text.contains(words) && text.contains(&format!("id=\"{field}-error\"")), "{field}={typed}: {text}");
        assert!(field == "brand" || text.contains("value=\"Radwerk\""), "{field}: what was typed stays");
    }
    let more = browser.post(&format!("{HOME}/new"), &[("brand", "Radwerk"), ("rows", "1"), ("do", "more")]).await;
    assert!(more.status == 200 && more.text().contains("id=\"entry-1\"") && more.text().contains("value=\"Radwerk\""));
    assert!(shares(&server).await.is_empty());

    link(&server, &browser, &[]).await;
    let id = shares(&server).await[0].id;
    let tab = format!("{HOME}/{id}");
    assert_eq!(browser.post(&tab, &[("brand", "Erste"), ("version", "0")]).await.status, 303);
    let second = browser.post(&tab, &[("brand", "Zweite"), ("version", "0")]).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("inzwischen woanders geändert") && second.text().contains("value=\"Zweite\""));
    assert_eq!(shares(&server).await[0].terms.brand, "Erste");
    let old = browser.post(HOME, &[("access", "private"), ("version", "99")]).await;
    assert_eq!(old.status, 409);
    assert_eq!(server.get("/mediakit").await.status, 200);
}

#[tokio::test]
async fn whoever_asks_gets_an_answer() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let asks =
        [("name", "Ben"), ("brand", "Radwerk"), ("email", "ben@radwerk.example"), ("message", "Für den Herbst.")];
    assert_eq!(send(&server, "/mediakit/ask", "", &asks).await.status, 404, "a public kit needs no asking");
    choose(&server, &browser, "gated").await;
    let form = server.get("/mediakit").await;
    assert!(form.status == 200 && form.text().contains("Dieses Media-Kit gibt es auf Anfrage."));
    let wrong = send(&server, "/mediakit/ask", "", &[("name", "Ben"), ("brand", ""), ("email", "ben")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("für welche Marke") && wrong.text().contains("Das ist keine E-Mail-Adresse."));
    assert!(wrong.text().contains("value=\"Ben\""));
    let trapped: Vec<_> = asks.into_iter().chain([("homepage", "http://spam.example")]).collect();
    assert_eq!(send(&server, "/mediakit/ask", "", &trapped).await.status, 303);
    assert!(server.store.requests(1).await.unwrap().is_empty(), "a program that fills in everything is not kept");
    let sent = send(&server, "/mediakit/ask", "", &asks).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/mediakit/asked?lang=de"));
    assert!(server.get("/mediakit/asked").await.text().contains("Deine Anfrage ist angekommen."));
    let panel = browser.get(HOME).await.text();
    assert!(panel.contains("Radwerk") && panel.contains("Für den Herbst.") && panel.contains("ben@radwerk.example"));
    assert!(browser.get("/admin/mediakit").await.text().contains("Eine Anfrage wartet."));
    let facts = r#"{"name":"Mara","address":"Kiel","email":"mara@kit.example"}"#;
    server.store.set_setting(1, "legal", Some(facts)).await.unwrap();
    server.state.show_changes().await;
    let privacy = server.get("/privacy?lang=de").await.text();
    assert!(privacy.contains("Wenn du um das Media-Kit bittest") && !privacy.contains("Links für Marken"), "{privacy}");

    let request = server.store.requests(1).await.unwrap()[0].id.to_string();
    let blank = browser.get(&format!("{HOME}/new?request={request}")).await.text();
    assert!(blank.contains("value=\"Radwerk\"") && blank.contains("value=\"ben@radwerk.example\""));
    assert!(blank.contains("value=\"2026-12-22\""), "an answer holds for thirty days: {blank}");
    let path = link(&server, &browser, &[("request", &request), ("contact", "ben@radwerk.example")]).await;
    assert!(server.store.requests(1).await.unwrap().is_empty());
    let letter = browser.get(HOME).await.text();
    let body = format!("hier%20ist%20mein%20Media-Kit:%20http:%2F%2F127.0.0.1{}%0D%0A", path.replace('/', "%2F"));
    let letter = letter.split("mailto:ben@radwerk.example?subject=Mein%20Media-Kit&#38;body=Hallo,%0D%0A").nth(1);
    assert!(letter.is_some_and(|letter| letter.contains(&body)), "{body} in {letter:?}");
    assert!(server.get(&path).await.text().contains("104,7"));
    assert!(server.get("/privacy?lang=de").await.text().contains("Links für Marken"));
    let again = browser.get(&format!("{HOME}/new?request={request}")).await;
    assert_eq!(again.header("location"), "/admin/mediakit/shares?done=answered");

    assert_eq!(send(&server, "/mediakit/ask", "", &asks).await.status, 303);
    let request = server.store.requests(1).await.unwrap()[0].id;
    let declined = browser.post(&format!("/admin/mediakit/requests/{request}/decline"), &[]).await;
    assert_eq!(declined.header("location"), "/admin/mediakit/shares?done=declined");
    assert!(server.store.requests(1).await.unwrap().is_empty());
    let mut last = 0;
    for _ in 0..6 {
        last = send(&server, "/mediakit/ask", "", &asks).await.status;
    }
    assert_eq!(last, 429, "one visitor does not fill the list");
}
