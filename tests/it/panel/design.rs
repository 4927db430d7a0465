//! The design tab: what is chosen shows at once, and no colour becomes unreadable.

use mediakit::domain::design::THEMES;

use crate::api_server::Server;
use crate::browser::Browser;

#[test]
fn every_theme_has_its_sheet_of_pictures() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let listed = std::fs::read_to_string(docs.join("themes.md")).unwrap();
    for name in THEMES.iter().map(|(name, _)| *name).chain(["empty"]) {
        let sheet = format!("screenshots/sheet-{name}.png");
        assert!(listed.contains(&format!("({sheet})")), "docs/themes.md lacks {sheet}");
        let picture =
            std::fs::read(docs.join(&sheet)).unwrap_or_else(|_| panic!("node tests/browser/sheets.mjs {name}"));
        assert!(picture.starts_with(b"\x89PNG") && picture.len() < 400 * 1024, "{sheet}: {} bytes", picture.len());
    }
}

#[tokio::test]
async fn a_saved_design_shows_at_once() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields = [
        ("version", "0"),
        ("theme", "forest"),
        ("own-accent", "yes"),
        ("accent", "#FFE100"),
        ("font", "serif"),
        ("layout", "column"),
    ];
    let saved = browser.post("/admin/design", &fields).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/admin/design?done=saved"));
    let page = server.get("/mediakit").await.text();
    assert!(page.contains("data-theme=\"forest\" data-font=\"serif\" data-layout=\"column\""));
    assert!(page.contains("href=\"/assets/accent.ffe100.css\""));
    let css = server.get("/assets/accent.ffe100.css").await;
    assert_eq!((css.status, css.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(css.text().contains(",#ffe100)") && !css.text().contains("(#ffe100,"), "dark as picked, light darkened");
    let panel = browser.get("/admin/design").await.text();
    assert!(panel.contains("Auf hellen Seiten") && !panel.contains("Auf dunklen Seiten"), "what was moved is said");
    let without = [("version", "1"), ("theme", "forest"), ("accent", "#ffe100"), ("font", "serif"), ("layout", "wide")];
    assert_eq!(browser.post("/admin/design", &without).await.status, 303);
    assert!(!server.get("/mediakit").await.text().contains("/assets/accent."), "the theme's own is back");
}

#[tokio::test]
async fn what_is_no_choice_is_refused_and_a_second_tab_overwrites_nothing() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let good = [("theme", "ink"), ("font", "system"), ("layout", "wide")];
    for wrong in [("theme", "glitter"), ("font", ""), ("layout", "wide\"><script>"), ("accent", "red")] {
        let fields = good.iter().filter(|(field, _)| *field != wrong.0).copied();
        let fields: Vec<_> = fields.chain([wrong, ("own-accent", "yes"), ("version", "0")]).collect();
        let refused = browser.post("/admin/design", &fields).await;
        assert_eq!(refused.status, 422, "{wrong:?}");
        assert!(!refused.text().contains("<script>"));
    }
    let fields: Vec<_> = good.iter().copied().chain([("version", "7")]).collect();
    assert_eq!(browser.post("/admin/design", &fields).await.status, 409);
    assert_eq!(server.store.creator().await.unwrap().theme, "paper");
}

#[tokio::test]
async fn a_preview_shows_what_is_not_saved_to_our_own_frames_only() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let preview =
        browser.get("/admin/design/preview?theme=neon&font=slab&layout=centred&accent=%23123456&own-accent=yes");
    let preview = preview.await;
    assert!(preview.text().contains("data-theme=\"neon\" data-font=\"slab\" data-layout=\"centred\""));
    assert!(preview.header("content-security-policy").contains("frame-ancestors 'self'"));
    assert_eq!(preview.header("x-frame-options"), "SAMEORIGIN");
    let page = server.get("/mediakit").await;
    assert!(page.text().contains("data-theme=\"paper\""), "nothing was saved");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    for odd in ["zzzzzz", "12345", "../kit", "ffe100.css"] {
        assert_eq!(server.get(&format!("/assets/accent.{odd}.css")).await.status, 404, "{odd}");
    }
}
