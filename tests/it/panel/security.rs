//! The page of sign-in and security: password, codes from an app, sessions and the log.

use jiff::SignedDuration;
use mediakit::sign_in::TotpSecret;

use crate::api_server::{Answer, Server};
use crate::browser::{Browser, PASSWORD};

const OTHER: &str = "fünf andere kurze Wörter hier";

/// The session a browser was given.
pub fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split(start).nth(1).unwrap_or_else(|| panic!("no {start} in {text}")).split(end).next().unwrap()
}

fn recovery_codes(page: &str) -> Vec<String> {
    page.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Sets up codes for an owner; gives what the app keeps, and the recovery codes.
pub async fn with_codes(server: &Server, owner: &Browser<'_>) -> (TotpSecret, Vec<String>) {
    let page = owner.get("/admin/security/codes").await.text();
    let shown = between(&page, "name=\"secret\" value=\"", "\"").to_owned();
    let secret = TotpSecret::read(&shown).unwrap();
    let code = secret.shown_at(server.clock.now());
    let fields = [("secret", shown.as_str()), ("code", &code), ("password", PASSWORD)];
    let answer = owner.post("/admin/security/codes", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    server.clock.advance(SignedDuration::from_mins(2));
    (secret, recovery_codes(&answer.text()))
}

/// A browser whose password was right, with the token of its forms.
pub async fn half_signed_in(server: &Server) -> (Browser<'_>, String) {
    let mut browser = Browser::new(server);
    let fields = [("name", "mara"), ("password", PASSWORD), ("next", "/admin/security")];
    let answer = browser.send("/admin/login", &fields).await;
    assert_eq!(answer.header("location"), "/admin/login/code?next=/admin/security");
    browser.cookie = cookie(&answer);
    let page = browser.get("/admin/login/code?next=/admin/security").await.text();
    let token = between(&page, "name=\"form_token\" value=\"", "\"").to_owned();
    (browser, token)
}

async fn gives(half: &(Browser<'_>, String), code: &str) -> Answer {
    let fields = [("code", code), ("next", "/admin/security"), ("form_token", half.1.as_str())];
    half.0.send("/admin/login/code", &fields).await
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let (secret, _) = with_codes(&server, &owner).await;
    let mut half = half_signed_in(&server).await;
    for path in ["/admin/profile", "/admin/security", "/api/profile"] {
        assert_ne!(half.0.get(path).await.status, 200, "half a session opens nothing: {path}");
    }
    assert_eq!(
        half.0.send("/admin/login/code", &[("code", "000000")]).await.status,
        403,
        "the form's token is missing"
    );
    let now = server.clock.now();
    for wrong in ["", "123", "ABCD-EFGH-JKLM-NPQR", &secret.shown_at(now - SignedDuration::from_mins(2))] {
        let refused = gives(&half, wrong).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (422, ""), "{wrong}");
        assert!(
            refused.text().contains("Dieser Code gilt nicht") && refused.text().contains("--without-second-factor")
        );
    }
    let code = secret.shown_at(now + SignedDuration::from_secs(30));
    let answer = gives(&half, &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/admin/security"));
    let full = cookie(&answer);
    assert_ne!(full, half.0.cookie, "the stage rose, and the id with it");
    assert_eq!(half.0.get("/admin/login/code").await.header("location"), "/admin/login", "the half session is gone");
    half.0.cookie = full;
    assert_eq!(half.0.get("/admin/security").await.status, 200);
    let again = half_signed_in(&server).await;
    assert_eq!(gives(&again, &code).await.status, 422, "a code serves once");
    let before = secret.shown_at(now);
    assert_eq!(gives(&again, &before).await.status, 422, "and none from before it any more");
}

#[tokio::test]
async fn the_second_factor_may_take_five_minutes() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let (secret, _) = with_codes(&server, &owner).await;
    let half = half_signed_in(&server).await;
    server.clock.advance(SignedDuration::from_mins(5));
    let late = gives(&half, &secret.shown_at(server.clock.now())).await;
    assert_eq!(late.header("location"), "/admin/login");
}

#[tokio::test]
async fn codes_are_asked_for_only_once_they_were_confirmed() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let page = owner.get("/admin/security/codes").await.text();
    assert!(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/mediakit:mara?secret="));
    let shown = between(&page, "name=\"secret\" value=\"", "\"").to_owned();
    let code = TotpSecret::read(&shown).unwrap().shown_at(server.clock.now());
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for (code, password, why) in
        [(&wrong, PASSWORD, "Dieser Code passt nicht."), (&code, "falsch", "Das ist nicht dein Passwort.")]
    {
        let fields = [("secret", shown.as_str()), ("code", code), ("password", password)];
        let refused = owner.post("/admin/security/codes", &fields).await;
        assert_eq!(refused.status, 422);
        let page = refused.text();
        assert!(page.contains(why) && page.contains(&shown), "the same secret again, it is in the app already");
        assert!(!page.contains(PASSWORD));
    }
    let none = owner.post("/admin/security/codes", &[("secret", "nonsense"), ("code", &code)]).await;
    assert_eq!(none.header("location"), "/admin/security/codes");
    Browser::signs_in(&server, "mara", PASSWORD).await.get("/admin/profile").await.text();
    assert!(!server.store.owners().await.unwrap()[0].has_totp);
    with_codes(&server, &owner).await;
    assert_eq!(owner.get("/admin/security/codes").await.header("location"), "/admin/security", "they are on already");
}

#[tokio::test]
async fn each_recovery_code_opens_once() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let (_, codes) = with_codes(&server, &owner).await;
    assert_eq!(codes.len(), 10);
    let half = half_signed_in(&server).await;
    let answer = gives(&half, &codes[3].to_lowercase().replace('-', " ")).await;
    assert_eq!(answer.header("location"), "/admin/security");
    assert_eq!(gives(&half_signed_in(&server).await, &codes[3]).await.status, 422);
    let page = owner.get("/admin/security").await.text();
    assert!(page.contains("9 Wiederherstellungscodes sind noch unbenutzt."));
    assert!(page.contains("Angemeldet mit Wiederherstellungscode"));
    assert!(codes.iter().all(|code| !page.contains(code)), "they are shown once");

    let refused = owner.post("/admin/security/recovery", &[("recovery-password", "falsch")]).await;
    assert_eq!(refused.status, 422);
    let new = owner.post("/admin/security/recovery", &[("recovery-password", PASSWORD)]).await.text();
    let fresh = recovery_codes(&new);
    assert!(new.contains(&format!("{}%0A{}", fresh[0], fresh[1])), "they can be saved as a text");
    assert_eq!(gives(&half_signed_in(&server).await, &codes[4]).await.status, 422, "the old ones are gone");
    assert_eq!(gives(&half_signed_in(&server).await, &fresh[9]).await.status, 303);
}

#[tokio::test]
async fn codes_are_switched_off_with_the_password() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let (secret, _) = with_codes(&server, &owner).await;
    let refused = owner.post("/admin/security/codes/off", &[("off-password", "falsch")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"off-password-error\"") && !refused.text().contains("falsch"));
    let half = half_signed_in(&server).await;
    let off = owner.post("/admin/security/codes/off", &[("off-password", PASSWORD)]).await;
    assert_eq!(off.header("location"), "/admin/security?done=codes-off");
    assert_eq!(gives(&half, &secret.shown_at(server.clock.now())).await.status, 422);
    Browser::signs_in(&server, "mara", PASSWORD).await.form_token().await;
    let renewed = owner.post("/admin/security/recovery", &[("recovery-password", PASSWORD)]).await;
    assert_eq!(renewed.header("location"), "/admin/security", "without codes there is nothing to recover");
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait_as_an_account() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let (secret, recovery) = with_codes(&server, &owner).await;
    for guess in ["000001", "000002", "000003", "AAAA-AAAA-AAAA-AAAA", "000004"] {
        assert_eq!(gives(&half_signed_in(&server).await, guess).await.status, 422);
    }
    for good in [&secret.shown_at(server.clock.now()), &recovery[0]] {
        let answer = gives(&half_signed_in(&server).await, good).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "300"), "a right password resets nothing");
    }
    server.clock.advance(SignedDuration::from_mins(5));
    let answer = gives(&half_signed_in(&server).await, &secret.shown_at(server.clock.now())).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_ends_other_sessions() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let other = Browser::signs_in(&server, "mara", PASSWORD).await;
    for (present, new, why) in
        [("falsch", OTHER, "Das ist nicht dein Passwort."), (PASSWORD, "kurz", "Nimm mindestens 12 Zeichen.")]
    {
        let refused = owner.post("/admin/security/password", &[("present", present), ("password", new)]).await;
        assert_eq!(refused.status, 422);
        let page = refused.text();
        assert!(page.contains(why) && [present, new].iter().all(|typed| !page.contains(&format!("value=\"{typed}\""))));
    }
    let changed = owner.post("/admin/security/password", &[("present", PASSWORD), ("password", OTHER)]).await;
    assert_eq!(changed.header("location"), "/admin/security?done=password");
    assert!(owner.get("/admin/security?done=password").await.text().contains("Das neue Passwort gilt."));
    assert_eq!(other.get("/admin/security").await.status, 303);
    let old = Browser::new(&server).send("/admin/login", &[("name", "mara"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 422);
    Browser::signs_in(&server, "mara", OTHER).await.form_token().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_from_any_of_them() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    let others = [
        Browser::signs_in(&server, "mara", PASSWORD).await,
        Browser::signs_in(&server, "mara", PASSWORD).await,
        Browser::signs_in(&server, "mara", PASSWORD).await,
    ];
    server.sign_in.create_another("ben", PASSWORD.into()).await.unwrap();
    let ben = Browser::signs_in(&server, "ben", PASSWORD).await;
    let page = owner.get("/admin/security").await.text();
    let marks: Vec<&str> =
        page.split("name=\"session\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!((marks.len(), page.matches("· hier").count()), (3, 1), "this one and three more, not Ben's");
    assert!(page.contains("127.0.0.1 · seit heute 18:00 · zuletzt benutzt heute 18:00"));
    let ended = owner.post("/admin/security/sessions/end", &[("session", marks[0])]).await;
    assert_eq!(ended.header("location"), "/admin/security?done=session-ended");
    let mut open = 0;
    for other in &others {
        open += i32::from(other.get("/admin/security").await.status == 200);
    }
    assert_eq!(open, 2);
    for nobodys in ["", "0", marks[0]] {
        let answer = owner.post("/admin/security/sessions/end", &[("session", nobodys)]).await;
        assert_eq!(answer.header("location"), "/admin/security");
    }
    owner.post("/admin/security/sessions/end-others", &[]).await;
    for other in &others {
        assert_eq!(other.get("/admin/security").await.status, 303);
    }
    assert_eq!((owner.get("/admin/security").await.status, ben.get("/admin/security").await.status), (200, 200));
}

#[tokio::test]
async fn the_log_says_what_was_done_in_the_readers_language() {
    let server = Server::empty().await;
    let owner = Browser::signed_in(&server).await;
    owner.post("/admin/profile", &[("version", "0"), ("name", "Mara")]).await;
    owner.post("/admin/lang", &[("lang", "de")]).await;
    for _ in 0..3 {
        let typed = [("name", "mein-passwort-im-falschen-feld"), ("password", "x")];
        Browser::new(&server).send("/admin/login", &typed).await;
    }
    server.store.add_audit(server.clock.now(), "cli", "key replaced", "").await.unwrap();
    server.store.add_audit(server.clock.now(), "mediakit", "flew away", "<b>").await.unwrap();
    let german = owner.get("/admin/security").await.text();
    for words in ["Angemeldet", "Profil geändert", "Sprache gewechselt", "Anmeldung gescheitert", "Unbekannt"] {
        assert!(german.contains(&format!(">{words}")), "{words}");
    }
    assert!(german.contains("Unbekannt · 127.0.0.1") && german.contains("Kommandozeile"));
    assert!(german.contains("flew away") && german.contains("mediakit selbst · &#60;b&#62;"));
    assert_eq!(german.matches("Anmeldung gescheitert").count(), 1, "guessing fills no log");
    assert!(!german.contains("mein-passwort"), "what was typed as a name may be a password");
    let english = owner.get("/admin/security?lang=en").await.text();
    for words in ["Signed in", "Profile changed", "Sign-in failed", "Unknown", "Command line", "Key replaced"] {
        assert!(english.contains(words), "{words}");
    }
    server.clock.advance(SignedDuration::from_hours(1));
    Browser::new(&server).send("/admin/login", &[("name", "x"), ("password", "x")]).await;
    assert_eq!(owner.get("/admin/security").await.text().matches("Anmeldung gescheitert").count(), 2);
}
