//! Taking over from elsewhere: what was found is shown first, the ticked is taken, and nothing of it is run.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use mediakit::store::Imported;

use crate::api_server::{Server, evening};
use crate::browser::Browser;
use crate::databases;

const IMPORT: &str = "/admin/settings/import";
const TAKE: &str = "/admin/settings/import/take";
const PAGE: &str = r#"<html><head><meta property="og:title" content="Mara &lt;baut&gt; | Seite"><meta name="description" content="Räder"></head>
    <body><a href="https://shop.example/">Shop <script>alert(1)</script></a><a href="javascript:alert(1)">Böse</a>
    <a href="https://blog.example/">Blog</a></body></html>"#;

#[tokio::test]
async fn what_was_found_is_shown_and_only_the_ticked_is_taken() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let shown = browser.post(IMPORT, &[("text", PAGE)]).await;
    assert_eq!(shown.status, 200);
    let page = shown.text();
    assert!(page.contains("Mara &#60;baut&#62;") && page.contains("value=\"https://shop.example/\""), "{page}");
    assert!(!page.contains("alert(1)") && !page.contains("javascript:"), "{page}");
    assert_eq!(page.matches(" checked").count(), 4, "name, bio and two links");

    let back = [
        ("shown", "yes"),
        ("name", "Mara"),
        ("bio", "Räder"),
        ("title-0", "Shop"),
        ("url-0", "https://shop.example/"),
        ("title-1", "Blog"),
        ("url-1", "https://blog.example/"),
    ];
    let none = browser.post(TAKE, &back).await;
    assert_eq!(none.status, 422);
    assert!(none.text().contains("Wähle mindestens eines aus.") && none.text().contains("Blog"));
    let ticked = [("take-bio", "yes"), ("take-1", "yes")];
    let taken = browser.post(TAKE, &[back.as_slice(), &ticked].concat()).await;
    assert_eq!((taken.status, taken.header("location")), (303, "/admin/settings/import?done=taken"));
    let creator = server.store.creator().await.unwrap();
    assert_eq!((creator.name.as_str(), creator.bio.as_deref()), ("", Some("Räder")));
    assert!(server.get("/mediakit").await.text().contains("Räder"), "visitors see it at once");
    let audit = server.store.audit(1).await.unwrap().remove(0);
    assert_eq!((audit.what.as_str(), audit.detail.as_str()), ("imported", "1"));
}

#[tokio::test]
async fn what_comes_back_from_a_browser_is_held_to_the_same_rules() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let forged = [("take-0", "yes"), ("title-0", "Böse"), ("url-0", "javascript:alert(1)")];
    assert_eq!(browser.post(TAKE, &forged).await.status, 422, "nothing good is left");
}

#[tokio::test]
async fn a_file_is_read_and_an_empty_page_says_what_to_do() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let shown = browser.post_file(IMPORT, &[("address", ""), ("text", "")], ("file", PAGE.as_bytes())).await;
    assert!(shown.text().contains("https://blog.example/"), "{}", shown.text());
    for (fields, words) in [
        (vec![("text", "nur Text")], "ließ sich nichts finden"),
        (vec![], "Gib eine Adresse an"),
        (vec![("address", "https://")], "Das ist keine Adresse."),
        (vec![("address", "ftp://x.example")], "Das ist keine Adresse."),
        (vec![("address", "https://127.0.0.1/")], "Diese Adresse wird nicht abgerufen"),
        (vec![("address", "http://10.0.0.1/latest/meta-data")], "Diese Adresse wird nicht abgerufen"),
        (vec![("address", "https://[::1]:8080/")], "Diese Adresse wird nicht abgerufen"),
        (vec![("address", "https://user:pw@linktr.ee/")], "Diese Adresse wird nicht abgerufen"),
    ] {
        let refused = browser.post(IMPORT, &fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(refused.text().contains(words), "{fields:?}");
    }
}

#[tokio::test]
async fn an_address_is_fetched_and_a_move_to_a_private_one_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2048];
            let length = stream.read(&mut head).unwrap_or(0);
            let asked = String::from_utf8_lossy(&head[..length]).into_owned();
            let answer = if asked.starts_with("GET /moved") {
                "HTTP/1.1 302 Found\r\nlocation: /page\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
            } else if asked.starts_with("GET /inside") {
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_owned()
            } else {
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{PAGE}", PAGE.len())
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let database = databases::sqlite();
    let server = Server::set(database.open().await, Some(database), &[("github_api_url", &origin)]).await;
    let browser = Browser::signed_in(&server).await;
    let found = browser.post(IMPORT, &[("address", &format!("{origin}/moved"))]).await;
    assert!(found.text().contains("https://shop.example/"), "{}", found.text());
    let inside = browser.post(IMPORT, &[("address", &format!("{origin}/inside"))]).await;
    assert_eq!(inside.status, 422);
    assert!(inside.text().contains("Diese Adresse wird nicht abgerufen"));
}

#[tokio::test]
async fn links_are_put_behind_those_there_are_and_never_doubled() {
    for database in databases::each().await {
        let store = database.open().await;
        let there = "insert into link_entries (creator_id, kind, title, url, place) values (1, 'link', 'Da', 'https://a.example/', 7)";
        database.run(there).await.unwrap();
        let entry = |title: &str, url: Option<&str>| Imported { title: title.to_owned(), url: url.map(str::to_owned) };
        let entries = [
            entry("Neu", None),
            entry("A", Some("https://a.example/")),
            entry("B", Some("https://b.example/")),
            entry("B noch einmal", Some("https://b.example/")),
        ];
        assert_eq!(store.import_links((Some("Mara"), None), &entries, "mara", evening()).await.unwrap(), 2);
        let creator = store.creator().await.unwrap();
        assert_eq!((creator.name.as_str(), creator.bio, creator.version), ("Mara", None, 1));
        let places = "insert into spending (platform, month, micro_usd) select 'places', 'x', sum(place) from link_entries where (kind, title) in (('heading', 'Neu'), ('link', 'B'))";
        database.run(places).await.unwrap();
        assert_eq!(store.spent("places", "x").await.unwrap(), 8 + 9);
    }
}
