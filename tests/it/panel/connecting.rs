//! Connecting on the platforms' own pages: the whole dance with each of them, and everything that goes wrong in it.

use jiff::SignedDuration;
use mediakit::domain::credential::Phase;
use mediakit::domain::failure::FailureKind;

use super::desk::{FACEBOOK, GOOGLE, INSTAGRAM, PanelDesk, TIKTOK, TWITCH, Way, X};
use crate::api_server::Answer;
use crate::browser::{Browser, PASSWORD};

/// The outcome an answer leads to, and nothing of what came in the query with it.
fn told(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let location = answer.header("location");
    for kept_back in ["code=", "state=", "access_token"] {
        assert!(!location.contains(kept_back), "{location}");
    }
    location.split("told=").nth(1).unwrap_or(location).split('#').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_leads_from_a_click_to_numbers() {
    let ways: [(Way, &str, &str, &str, usize); 6] = [
        (INSTAGRAM, "INSTAGRAM_ACCESS_TOKEN", "INSTAGRAM_GRAPH", "/insights", 2),
        (FACEBOOK, "INSTAGRAM_ACCESS_TOKEN", "FACEBOOK_GRAPH", "/insights", 4),
        (TIKTOK, "TIKTOK_ACCESS_TOKEN", "TIKTOK_API", "/video/list", 4),
        (GOOGLE, "YOUTUBE_ACCESS_TOKEN", "YOUTUBE_API", "/channels", 1),
        (TWITCH, "TWITCH_ACCESS_TOKEN", "TWITCH_API", "/subscriptions", 2),
        (X, "X_ACCESS_TOKEN", "X_API", "/tweets", 3),
    ];
    for (way, token, upstream, numbers, scopes) in ways {
        let desk = PanelDesk::empty().await;
        let browser = Browser::signed_in(&desk.server).await;
        let answer = way.dance(&desk, &browser).await;
        assert_eq!(told(&answer), "connected", "{way:?}");
        let value = desk.value(way.platform, token).await.unwrap();
        assert!(desk.sim.ledger().is_valid(&value), "{way:?}");
        let kept = desk.kept(way.platform).await.unwrap();
        assert_eq!((kept.phase, kept.pending.is_some()), (Phase::Active, false), "{way:?}");
        assert!(kept.life.expires_at.is_some() && kept.scopes.len() >= scopes, "{way:?}: {:?}", kept.scopes);
        assert!(kept.due_at.is_none_or(|at| at > desk.sim.now()), "{way:?}");
        desk.asked(upstream, numbers).await;
        let page = browser.get(answer.header("location").split('#').next().unwrap()).await.text();
        assert!(page.contains("Verbunden. Die Zahlen werden gerade geholt."), "{way:?}");
        assert!(!page.contains(&value) && !page.contains(&desk.app(way.id).1), "{way:?}");
        let audit = desk.audit().await;
        assert!(audit.iter().any(|line| line.starts_with(&format!("mara: connected {}", way.platform))), "{audit:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_connected_renews_itself_and_stands_in_the_file() {
    for (way, token, scopes) in
        [(TIKTOK, "TIKTOK_ACCESS_TOKEN", 4), (TWITCH, "TWITCH_ACCESS_TOKEN", 2), (X, "X_ACCESS_TOKEN", 3)]
    {
        let desk = PanelDesk::new(|_| "# mine\n".to_owned()).await;
        let browser = Browser::signed_in(&desk.server).await;
        assert_eq!(told(&way.dance(&desk, &browser).await), "connected");
        let first = desk.value(way.platform, token).await.unwrap();
        let file = std::fs::read_to_string(desk.file()).unwrap();
        assert!(file.starts_with("# mine\n") && file.contains(&first), "the copy in the file");
        desk.pass(SignedDuration::from_hours(3));
        let answer = browser.post(&format!("/admin/connections/{}/renew", way.platform), &[]).await;
        assert_eq!(told(&answer), "renewed", "{way:?}");
        let second = desk.value(way.platform, token).await.unwrap();
        assert!(second != first && desk.sim.ledger().is_valid(&second), "{way:?}");
        assert_eq!(desk.kept(way.platform).await.unwrap().scopes.len(), scopes, "the permissions are still known");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_changes_nothing_and_is_said() {
    let cases = [
        ("TIKTOK_WEB", "consent/denied", "", "denied"),
        ("TIKTOK_WEB", "consent/trouble", "", "connect-failed&why=upstream"),
        ("TIKTOK_WEB", "consent/wrong-state", "", "not-ours"),
        ("TIKTOK_WEB", "consent/no-state", "", "not-ours"),
        ("TIKTOK_API", "tiktok/invalid-grant", "/oauth/token", "code-refused"),
        ("TIKTOK_API", "tiktok/invalid-grant-in-200", "/oauth/token", "code-refused"),
        ("TIKTOK_API", "transport/reset-after-accept", "/oauth/token", "connect-failed&why=protocol"),
        ("TIKTOK_API", "status/503", "/oauth/token", "connect-failed&why=upstream"),
        ("TIKTOK_API", "tiktok/access-token-invalid", "/user/info", "connect-failed&why=auth_revoked"),
        ("TWITCH_AUTH", "consent/denied", "/authorize", "denied"),
        ("TWITCH_AUTH", "twitch/invalid-secret", "/token", "code-refused"),
        ("TWITCH_AUTH", "status/503", "/token", "connect-failed&why=upstream"),
        ("X_API", "consent/denied", "/authorize", "denied"),
        ("X_API", "status/400", "/oauth2/token", "code-refused"),
        ("X_API", "transport/reset-after-accept", "/oauth2/token", "connect-failed&why=protocol"),
    ];
    for (upstream, fault, path, ends) in cases {
        let (way, token) = match upstream {
            "TWITCH_AUTH" => (TWITCH, "TWITCH_ACCESS_TOKEN"),
            "X_API" => (X, "X_ACCESS_TOKEN"),
            _ => (TIKTOK, "TIKTOK_ACCESS_TOKEN"),
        };
        let desk = PanelDesk::empty().await;
        let browser = Browser::signed_in(&desk.server).await;
        desk.break_(upstream, fault, path);
        let answer = way.dance(&desk, &browser).await;
        assert_eq!(told(&answer), ends, "{fault}");
        assert_eq!(desk.value(way.platform, token).await, None, "{fault}");
        for lang in ["de", "en"] {
            let address = answer.header("location").split('#').next().unwrap();
            let page = browser.get(&format!("{address}&lang={lang}")).await.text();
            assert!(page.contains("role=\"status\""), "{fault}");
        }
        // A second try, with the app that is kept by now, works.
        desk.sim.clear();
        let again = browser.post(&format!("/admin/connections/{}/connect", way.platform), &[("way", way.id)]).await;
        assert_eq!(again.status, 303, "{fault}: {}", again.text());
        let back = crate::api_server::follow(again.header("location")).await;
        let back = super::desk::local(&desk, back.header("location"));
        assert_eq!(told(&browser.get(&back).await), "connected", "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_sent_once() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.break_("TIKTOK_API", "transport/reset-before-answer", "/oauth/token");
    told(&TIKTOK.dance(&desk, &browser).await);
    let asked = desk.sim.requests().iter().filter(|one| one.path.contains("/oauth/token")).count();
    assert_eq!(asked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_can_not_be_asked_leaves_the_token_kept_and_to_be_confirmed() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.break_("TIKTOK_API", "status/503", "/user/info");
    assert_eq!(told(&TIKTOK.dance(&desk, &browser).await), "unconfirmed&why=upstream");
    let kept = desk.kept("tiktok").await.unwrap();
    let why = kept.failure.map(|failure| failure.kind);
    assert_eq!((kept.phase, kept.failures, why), (Phase::Pending, 1, Some(FailureKind::Upstream)));
    let page = browser.get("/admin/connections?lang=de").await.text();
    assert!(page.contains("die Bestätigung der Plattform steht noch aus"));
    desk.sim.clear();
    desk.pass(SignedDuration::from_mins(30));
    desk.keeper.tick().await;
    assert_eq!(desk.kept("tiktok").await.unwrap().phase, Phase::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_not_granted_is_named_with_what_it_would_bring() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.break_("TIKTOK_WEB", "consent/fewer-scopes", "");
    assert_eq!(told(&TIKTOK.dance(&desk, &browser).await), "connected-partly");
    let page = browser.get("/admin/connections?lang=en").await.text();
    assert!(page.contains("<code>video.list</code> brings engagement rate and views per video"), "{page}");
    assert!(page.contains("3 of 4 granted") && !page.contains("<code>user.info.stats</code>"));
    for (way, upstream, says) in [
        (TWITCH, "TWITCH_AUTH", "<code>channel:read:subscriptions</code> brings subscribers"),
        (X, "X_API", "<code>offline.access</code> brings a connection that renews itself"),
        (GOOGLE, "GOOGLE_OAUTH", "yt-analytics.readonly</code> brings the countries, ages and genders of your viewers"),
    ] {
        desk.break_(upstream, "consent/fewer-scopes", "/auth");
        assert_eq!(told(&way.dance(&desk, &browser).await), "connected-partly", "{way:?}");
        let page = browser.get("/admin/connections?lang=en").await.text();
        assert!(page.contains(says), "{way:?}: {page}");
    }
    assert_eq!(desk.value("x", "X_REFRESH_TOKEN").await, None, "there is none to renew with");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_the_owners_decision() {
    let ways = [
        (TIKTOK, "TIKTOK_WEB", "TIKTOK_ACCESS_TOKEN", ["mara.bikes", "wrenafloat"]),
        (TWITCH, "TWITCH_AUTH", "TWITCH_ACCESS_TOKEN", ["marabikes", "wrenafloat"]),
        (X, "X_API", "X_ACCESS_TOKEN", ["marabikes", "wrenafloat"]),
    ];
    for ((way, upstream, token, [own, other]), takes_over) in
        ways.into_iter().flat_map(|way| [(way, true), (way, false)])
    {
        let desk = PanelDesk::empty().await;
        let browser = Browser::signed_in(&desk.server).await;
        desk.break_(upstream, "consent/other-account", "/auth");
        let answer = way.dance(&desk, &browser).await;
        let address = format!("/admin/connections/{}", way.platform);
        assert_eq!(answer.header("location"), address);
        assert_eq!(desk.value(way.platform, token).await, None, "nothing is used before the decision");
        let page = browser.get(&address).await.text();
        assert!(page.contains(other) && page.contains(own), "{way:?}");
        let decision = if takes_over { "take-over" } else { "drop" };
        let answer = browser.post(&format!("{address}/decide"), &[("decision", decision)]).await;
        let handle = desk.store().account(1, way.platform).await.unwrap().unwrap().handle;
        let kept = desk.value(way.platform, token).await.is_some();
        let ends = if takes_over { ("connected", other, true) } else { ("dropped", own, false) };
        assert_eq!((told(&answer).as_str(), handle.as_str(), kept), ends, "{way:?}");
        let again = browser.post(&format!("{address}/decide"), &[("decision", "take-over")]).await;
        assert_eq!(told(&again), "late", "a decision is made once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_in_other_letters_is_the_same_account() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.store().set_handle(1, "x", "MaraBikes").await.unwrap();
    assert_eq!(told(&X.dance(&desk, &browser).await), "connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_in_the_profile_yet_is_entered_there() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    for (way, handle) in [(TIKTOK, "mara.bikes"), (GOOGLE, "marabikes"), (FACEBOOK, "mara.bikes")] {
        desk.store().remove_handle(1, way.platform).await.unwrap();
        assert_eq!(told(&way.dance(&desk, &browser).await), "connected");
        assert_eq!(desk.store().account(1, way.platform).await.unwrap().unwrap().handle, handle);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_counts_once_in_its_session_and_in_time() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let other = Browser::signs_in(&desk.server, "mara", PASSWORD).await;

    let back = TIKTOK.consent(&desk, &browser).await;
    assert_eq!(told(&other.get(&back).await), "not-ours", "another session");
    assert_eq!(told(&browser.get(&back).await), "not-ours", "and with that it is spent");

    let back = TIKTOK.consent(&desk, &browser).await;
    assert_eq!(told(&browser.get(&back.replace("/tiktok/", "/youtube/")).await), "not-ours", "another platform");

    let back = TIKTOK.consent(&desk, &browser).await;
    desk.pass(SignedDuration::from_mins(11));
    assert_eq!(told(&browser.get(&back).await), "late");
    assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await, None);

    let back = TIKTOK.consent(&desk, &browser).await;
    assert_eq!(told(&browser.get(&back).await), "connected");
    let token = desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await;
    assert_eq!(told(&browser.get(&back).await), "not-ours", "a replay");
    assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await, token);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_returns_come_to_nothing() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let page = "/admin/connections/tiktok/callback";
    let long = format!("{page}?code={0}&state={0}", "A".repeat(4_000));
    for query in [
        page.to_owned(),
        format!("{page}?code=x"),
        format!("{page}?state="),
        format!("{page}?code=x&state=%00%ff%3Cscript%3E"),
        format!("{page}?error=%3Cscript%3Ealert(1)%3C/script%3E&state=x"),
        format!("{page}?error=access_denied&error=x&state=y"),
        long,
    ] {
        let answer = browser.get(&query).await;
        assert_eq!(told(&answer), "not-ours", "{query:.80}");
        let location = answer.header("location").split('#').next().unwrap().to_owned();
        assert!(!browser.get(&location).await.text().contains("<script>alert"));
    }
    // Who is not signed in is sent to sign in, and what came along is dropped.
    let answer = desk.server.get(&format!("{page}?code=secret&state=secret")).await;
    assert_eq!(answer.header("location"), format!("/admin/login?next={page}"));
    assert_eq!(browser.get("/admin/connections/myspace/callback?code=x&state=y").await.status, 404);
    assert_eq!(browser.get("/admin/connections/discord").await.status, 200);
    assert!(desk.kept("tiktok").await.is_none(), "nothing was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_a_good_state_is_told_by_our_own_words_only() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let page = TIKTOK.begin(&desk, &browser).await;
    let state = url::Url::parse(&page).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = format!("/admin/connections/tiktok/callback?error=%3Cb%3Eboo%3C/b%3E&state={state}");
    assert_eq!(told(&browser.get(&back).await), "connect-failed&why=upstream");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_secret_is_said_and_pages_that_take_a_proof_get_one() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let (id, _) = desk.app("tiktok");
    let fields =
        [("way", "tiktok"), (TIKTOK.fields[0], id.as_str()), (TIKTOK.fields[1], "CANARYclient/app+secret6bVyKzTn3M")];
    let answer = browser.post("/admin/connections/tiktok/connect", &fields).await;
    let back = crate::api_server::follow(answer.header("location")).await;
    let back = super::desk::local(&desk, back.header("location"));
    assert_eq!(told(&browser.get(&back).await), "code-refused");
    let page = GOOGLE.begin(&desk, &browser).await;
    let url = url::Url::parse(&page).unwrap();
    let asked = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(asked("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(asked("code_challenge").unwrap().len(), 43);
    assert_eq!((asked("access_type").as_deref(), asked("prompt").as_deref()), (Some("offline"), Some("consent")));
    let own = format!("http://{}/admin/connections/youtube/callback", desk.server.address);
    assert_eq!(asked("redirect_uri"), Some(own.clone()));
    let shown = browser.get("/admin/connections/youtube").await;
    assert!(shown.text().contains(&format!("value=\"{own}\"")), "the exact address is there to be copied");
    let url_of_x = url::Url::parse(&X.begin(&desk, &browser).await).unwrap();
    assert!(url_of_x.query_pairs().any(|(name, value)| name == "code_challenge_method" && value == "S256"));
    assert!(!TWITCH.begin(&desk, &browser).await.contains("code_challenge"), "Twitch takes none");
    let origin = url.origin().ascii_serialization();
    assert!(shown.header("content-security-policy").contains(&format!("form-action 'self' {origin};")));
    assert!(browser.get("/admin/connections").await.header("content-security-policy").contains("form-action 'self';"));
}
