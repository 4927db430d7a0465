//! `export --static`: the same pages as files, in any folder of any host that serves files.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use url::Url;

use crate::desk::{Desk, Running, simulated};

/// A plain server of a folder's files under `/repo/`, as hosts of static pages are.
fn host_files(listener: TcpListener, folder: PathBuf) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &folder);
        }
    });
}

fn answer(mut stream: TcpStream, folder: &Path) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap();
    let file = path.strip_prefix("/repo/").map(|name| if name.is_empty() { "index.html" } else { name });
    let body = file.and_then(|name| std::fs::read(folder.join(name)).ok());
    let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
    let body = body.unwrap_or_default();
    let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(&body);
}

fn get(url: &Url) -> (u16, String) {
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let answer = Running::get(&host, &url[url::Position::BeforePath..url::Position::AfterQuery]);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Every address in a text: what attributes hold, and whole addresses wherever they stand.
fn addresses(text: &str, base: &str) -> BTreeSet<String> {
    let attributes = [" href=\"", " src=\""].into_iter().flat_map(|a| text.split(a).skip(1));
    let attributes = attributes.filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    let whole = text.split(base).skip(1).filter_map(|rest| rest.split(|c: char| "\"'<>)\\ \r\n,".contains(c)).next());
    attributes.chain(whole.map(|rest| format!("{base}{rest}"))).map(|address| address.replace("&#38;", "&")).collect()
}

/// A page without its addresses and without the minute it was made.
fn words(html: &str) -> String {
    let mut out = String::new();
    for (n, part) in html.split("=\"").enumerate() {
        let before = out.rsplit([' ', '<']).next().unwrap_or_default().to_owned();
        let address = n > 0 && ["href", "src", "content"].contains(&before.as_str());
        out += "=\"";
        out += if address { part.split_once('"').map_or(part, |(_, rest)| rest) } else { part };
    }
    let colophon = out.find("<footer class=\"colophon\">").unwrap_or(out.len());
    let ld = out.find("<script type=\"application/ld+json\">").unwrap_or(0);
    let end = out[ld..].find("</script>").map_or(ld, |at| ld + at);
    format!("{}{}", &out[..ld], &out[end..colophon])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_the_live_pages_and_every_address_in_them_leads_somewhere() {
    let (desk, simulator) = simulated().await;
    let desk = desk.set("MEDIAKIT_REFRESH_AT", "off");
    let handles = simulator.creators().into_iter().find(|one| one.key == "mara").unwrap().handles;
    for platform in ["instagram", "tiktok", "youtube", "bluesky"] {
        desk.run(&["handle", "set", platform, &handles[platform]]).ends(0);
    }
    desk.run(&["fetch"]);
    let store = desk.store().await;
    let mut creator = store.creator().await.unwrap();
    creator.name = "Mara Festa".to_owned();
    creator.accent = Some("#0a7d5a".to_owned());
    store.update_creator(&creator).await.unwrap();
    let content = |url: &str| mediakit::domain::link::Content {
        kind: mediakit::domain::link::Kind::Link,
        title: "Laden".to_owned(),
        url: Some(url.to_owned()),
        icon: None,
        schedule: mediakit::domain::link::Schedule::default(),
    };
    store.insert_link(1, &content("https://shop.example/a?b=1&c=2")).await.unwrap();
    let facts = r#"{"name":"Mara Festa","address":"Kiel","email":"mara@kit.example"}"#;
    store.set_setting(1, "legal", Some(facts)).await.unwrap();
    store.close().await;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/repo", listener.local_addr().unwrap());
    let folder = desk.path().join("out");
    desk.run(&["export", "--static", "out", "--address", &format!("{base}/")]).ends(0).complains("out");
    host_files(listener, folder.clone());

    let start = Url::parse(&format!("{base}/")).unwrap();
    let (mut waiting, mut seen) = (vec![start.clone()], BTreeSet::new());
    for name in ["robots.txt", "llms.txt", "llms.en.txt", "sitemap.xml", "embed.html", "embed.en.html"] {
        waiting.push(start.join(name).unwrap());
    }
    while let Some(mut url) = waiting.pop() {
        url.set_fragment(None);
        if !url.as_str().starts_with(&base) || !seen.insert(url.to_string()) {
            continue;
        }
        let (status, body) = get(&url);
        assert_eq!(status, 200, "{url} is named and not there");
        assert!(url.query().is_none(), "a host of files knows no query: {url}");
        assert!(!body.contains("href=\"/") && !body.contains("/go/1"), "{url}");
        waiting.extend(addresses(&body, &base).iter().filter_map(|address| url.join(address).ok()));
    }
    let mut written = BTreeSet::new();
    files_in(&folder, &folder, &mut written);
    for name in ["mediakit.tiktok.html", "mediakit.en.html", "mediakit.json", "feed.xml", "feed.en.xml", "mediakit.vcf"]
    {
        assert!(seen.contains(&format!("{base}/{name}")), "{name} is found by following links: {seen:?}");
    }
    let found: BTreeSet<String> = seen.iter().map(|url| url.replace(&format!("{base}/"), "")).collect();
    // The other language's name of a page, as on the server; pictures that other sites name.
    let other_name = ["impressum", "imprint", "datenschutz", "privacy", "badge/", "icon-", "qr."];
    let named =
        |name: &str| found.contains(name) || name == "index.html" || other_name.iter().any(|n| name.starts_with(n));
    let unnamed: Vec<_> = written.iter().filter(|name| !named(name)).collect();
    assert!(unnamed.is_empty(), "nobody leads there: {unnamed:?}");
    let links = std::fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(links.contains("href=\"https://shop.example/a?b=1&#38;c=2\""), "no counter to go through");

    let (_server, address) = desk.serve();
    for (live, file) in [
        ("/?lang=de", "index.html"),
        ("/?lang=en", "index.en.html"),
        ("/mediakit?lang=de", "mediakit.html"),
        ("/mediakit?platform=tiktok&lang=en", "mediakit.tiktok.en.html"),
        ("/embed?lang=en", "embed.en.html"),
        ("/privacy?lang=en", "privacy.en.html"),
    ] {
        let (_, live) = get(&Url::parse(&format!("http://{address}{live}")).unwrap());
        let file = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(live.len() > 1000);
        assert_eq!(words(&file), words(&live));
    }
    let (_, live) = get(&Url::parse(&format!("http://{address}/mediakit.csv")).unwrap());
    assert_eq!(std::fs::read_to_string(folder.join("mediakit.csv")).unwrap(), live);
}

fn files_in(root: &Path, folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_in(root, &path, names);
        } else {
            names.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn what_cannot_be_exported_is_told() {
    let desk = Desk::new();
    desk.run(&["export", "--static", "out"]).ends(1).complains("handle set");
    assert!(!desk.path().join("out").exists());
    desk.run(&["export"]).ends(2).complains("--static");
    desk.run(&["handle", "set", "twitch", "marabikes"]).ends(0);
    desk.run(&["export", "--static", "out", "--address", "kit.example"])
        .ends(2)
        .complains("https://name.github.io/kit");
    std::fs::write(desk.path().join("out"), "a file").unwrap();
    desk.run(&["export", "--static", "out"]).ends(1).complains("out");
}
