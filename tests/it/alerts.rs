//! Alerts reach people: by each channel, once, whatever the others do, and with no secret in them.

pub mod receivers;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use mediakit::alerts::{AlertError, Alerts, Channel, Delivery};
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Sources};
use mediakit::domain::alert::{CredentialHealth, MirrorHealth, Watched, Words};
use mediakit::domain::credential::{Life, Phase};
use mediakit::domain::share::Request;
use mediakit::domain::text::Lang;
use mediakit::outbound::{Outbound, Overrides};
use mediakit::store::Store;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::canary::Log;
use crate::databases::{self, Database};
use crate::desk::Desk;
use crate::harness::start;
use receivers::{Encryption, MailServer, WebServer};

const USER: &str = "kit@kit.example";
const PASSWORD: &str = "CANARYowner/password+9mTfKpYg4Rbn";
const SIGNING_KEY: &str = "CANARYclient/app+secret6bVyKzTn3M";
const TOKEN: &str = "CANARYgithub/pat+Lw8rDq5HxJs2ZcVe";
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Somebody who gets alerts by every channel.
struct Person {
    hook: WebServer,
    topic: WebServer,
    mail: MailServer,
    clock: Clock,
    database: Database,
    alerts: Alerts,
}

impl Person {
    async fn new() -> Self {
        Self::with(WebServer::start(), Lang::En).await
    }

    async fn with(hook: WebServer, lang: Lang) -> Self {
        let (topic, mail) = (WebServer::start(), MailServer::start(USER, PASSWORD));
        let (clock, database) = (Clock::fixed(start()), databases::sqlite());
        let settings = settings(&hook, &topic, &mail, lang);
        let alerts = alerts(&settings, database.open().await, &clock);
        Self { hook, topic, mail, clock, database, alerts }
    }

    /// The server stops and starts again.
    async fn restart(&mut self, lang: Lang) {
        let settings = settings(&self.hook, &self.topic, &self.mail, lang);
        self.alerts = alerts(&settings, self.database.open().await, &self.clock);
    }

    /// A minute of the schedule; how many messages each channel got: webhook, mail, ntfy.
    async fn minute(&self, watched: &Watched) -> [usize; 3] {
        self.alerts.send_due(watched).await;
        self.got()
    }

    fn got(&self) -> [usize; 3] {
        [self.hook.take().len(), self.mail.take().len(), self.topic.take().len()]
    }
}

fn settings(hook: &WebServer, topic: &WebServer, mail: &MailServer, lang: Lang) -> Vec<(&'static str, String)> {
    vec![
        ("MEDIAKIT_ALERT_WEBHOOK", format!("http://{}/hook/{TOKEN}?key={TOKEN}", hook.address)),
        ("MEDIAKIT_ALERT_WEBHOOK_SECRET", SIGNING_KEY.to_owned()),
        ("MEDIAKIT_ALERT_EMAIL", "me@kit.example".to_owned()),
        ("MEDIAKIT_ALERT_FROM", USER.to_owned()),
        ("MEDIAKIT_SMTP_URL", smtp(&mail.address.to_string(), PASSWORD)),
        ("MEDIAKIT_ALERT_NTFY", format!("http://{}/my-topic", topic.address)),
        ("MEDIAKIT_ALERT_NTFY_TOKEN", TOKEN.to_owned()),
        ("MEDIAKIT_ALERT_LANG", lang.tag().to_owned()),
        ("MEDIAKIT_PUBLIC_URL", "https://kit.example".to_owned()),
    ]
}

fn smtp(at: &str, password: &str) -> String {
    let user = USER.replace('@', "%40");
    format!("smtp://{user}:{}@{at}", password.replace('/', "%2F").replace('+', "%2B"))
}

fn alerts(settings: &[(&'static str, String)], store: Store, clock: &Clock) -> Alerts {
    let environment = settings.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let config = Config::load(&Sources { environment, ..Sources::default() }).unwrap();
    let http = Outbound::new(Duration::from_secs(5), Overrides::new());
    Alerts::new(&config.alerts, &config.public_url(config.listen), &http, store, clock.clone())
}

/// TikTok's access, which can't be renewed and ends in so many days.
fn ends_in(days: i32) -> CredentialHealth {
    named("TikTok", Some(start() + DAY * days))
}

fn named(name: &str, expires_at: Option<Timestamp>) -> CredentialHealth {
    CredentialHealth {
        platform: name.to_lowercase(),
        name: name.to_owned(),
        phase: Phase::Active,
        life: Life { expires_at, ..Life::default() },
        renewable: false,
        failures: 0,
        failure: None,
        refused: None,
    }
}

fn watched(credentials: impl IntoIterator<Item = CredentialHealth>) -> Watched {
    Watched { credentials: credentials.into_iter().collect(), ..Watched::default() }
}

fn result(deliveries: &[Delivery], channel: Channel) -> &Result<(), AlertError> {
    &deliveries.iter().find(|delivery| delivery.channel == channel).unwrap().result
}

#[tokio::test]
async fn every_channel_delivers() {
    let person = Person::new().await;
    let deliveries = person.alerts.send_due(&watched([ends_in(3)])).await;
    assert!(deliveries.len() == 3 && deliveries.iter().all(|delivery| delivery.result.is_ok()), "{deliveries:?}");

    let [post] = person.hook.take().try_into().unwrap();
    assert!(post.target.starts_with("POST /hook/CANARYgithub/pat+"), "{}", post.target);
    assert_eq!(post.headers["content-type"], "application/json");
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_bytes()).unwrap();
    mac.update(&post.body);
    let signed = mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(post.headers["x-mediakit-signature"], format!("sha256={signed}"));
    let expected = json!({
        "key": "credential:tiktok:expires",
        "severity": "urgent",
        "title": "TikTok: access ends in 3 days",
        "body": "The access to TikTok ends on 25 November 2026 and can't be renewed by itself.",
        "next_step": "Connect TikTok again, under connections or in .env.social.",
        "platform": "tiktok",
        "at": "2026-11-22T03:00:00Z",
        "url": "https://kit.example/admin/connections",
    });
    assert_eq!(serde_json::from_slice::<Value>(&post.body).unwrap(), expected);

    let [post] = person.topic.take().try_into().unwrap();
    assert_eq!(post.target, "POST /my-topic HTTP/1.1");
    let header = |name: &str| post.headers[name].as_str();
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!([header("title"), header("priority")], ["TikTok: access ends in 3 days", "urgent"]);
    assert_eq!([header("tags"), header("click")], ["rotating_light", "https://kit.example/admin/connections"]);
    assert!(
        String::from_utf8(post.body)
            .unwrap()
            .ends_with("\n\nConnect TikTok again, under connections or in .env.social.")
    );

    let [letter] = person.mail.take().try_into().unwrap();
    assert_eq!(letter.login, Some((USER.to_owned(), PASSWORD.to_owned())));
    assert!(letter.from.contains("<kit@kit.example>") && letter.to.contains("<me@kit.example>"), "{letter:?}");
    assert_eq!(letter.header("Subject"), "TikTok: access ends in 3 days");
    assert_eq!(letter.header("Date"), "Sun, 22 Nov 2026 03:00:00 +0000");
    assert_eq!(letter.header("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    let id = letter.header("Message-ID");
    assert!(id.starts_with('<') && id.ends_with("@kit.example>") && id.len() == 46, "{id}");
    assert!(
        letter.text().trim_end().ends_with("\n\nhttps://kit.example/admin/connections\n\n-- \nmediakit"),
        "{}",
        letter.text()
    );
}

#[tokio::test]
async fn german_arrives_as_german() {
    let person = Person::with(WebServer::start(), Lang::De).await;
    let disk = Watched { disk_fails_since: Some(start()), ..Watched::default() };
    person.alerts.send_due(&disk).await;
    let title = "mediakit kann nichts speichern";
    let post = person.hook.take().remove(0);
    assert_eq!(serde_json::from_slice::<Value>(&post.body).unwrap()["title"], title);
    let letter = person.mail.take().remove(0);
    assert_eq!(letter.header("Subject"), title);
    assert!(letter.text().contains("Schreiben in den Datenordner schlägt seit 22.11.2026 fehl."), "{}", letter.text());
    person.topic.take();

    let late = CredentialHealth { phase: Phase::Active, renewable: true, failures: 9, ..named("TikTok", None) };
    let late = CredentialHealth {
        life: Life { since: Some(start() - DAY * 50), expires_at: Some(start() + DAY * 10), ..Life::default() },
        ..late
    };
    person.alerts.send_due(&Watched { credentials: vec![late], ..disk }).await;
    let title = "TikTok: Erneuerung des Zugangs überfällig";
    assert_eq!(person.mail.take()[0].header("Subject"), title);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, title);
    assert_eq!(person.topic.take()[0].headers["title"], format!("=?UTF-8?B?{encoded}?="));
}

#[tokio::test]
async fn a_channel_that_is_down_stops_no_other_and_gets_its_message_later() {
    let person = Person::new().await;
    let two = watched([ends_in(3), named("Instagram", Some(start() + DAY * 2))]);
    person.hook.answer(503);
    assert_eq!(person.minute(&two).await, [2, 2, 2], "each message is tried once by each channel");
    assert_eq!(person.minute(&two).await, [0, 0, 0], "and then left alone for a while");
    person.clock.advance(MINUTE);
    assert_eq!(person.minute(&two).await, [2, 0, 0]);
    person.clock.advance(MINUTE * 4);
    assert_eq!(person.minute(&two).await, [0, 0, 0], "longer and longer");
    person.clock.advance(MINUTE);
    person.hook.answer(204);
    assert_eq!(person.minute(&two).await, [2, 0, 0]);
    person.clock.advance(MINUTE * 60);
    assert_eq!(person.minute(&two).await, [0, 0, 0]);
}

#[tokio::test]
async fn nothing_is_repeated_within_a_stage_after_a_restart_neither() {
    let mut person = Person::new().await;
    let access = watched([ends_in(14)]);
    let mut told = Vec::new();
    for day in 0..=22 {
        person.clock.set(start() + DAY * day);
        if person.minute(&access).await == [1, 1, 1] {
            told.push(14 - day);
        }
        person.restart(Lang::En).await;
        assert_eq!(person.minute(&access).await, [0, 0, 0], "day {day}");
    }
    assert_eq!(told, [14, 7, 3, 1, 0, -7], "each stage once, and a reminder after a week");
}

#[tokio::test]
async fn all_is_well_again_is_said_once() {
    let mut person = Person::new().await;
    let well = watched([ends_in(300)]);
    assert_eq!(person.minute(&well).await, [0, 0, 0], "nobody worried");
    person.hook.answer(500);
    let needs_owner = CredentialHealth { phase: Phase::NeedsOwner, ..ends_in(2) };
    assert_eq!(person.minute(&watched([ends_in(2)])).await, [1, 1, 1]);
    assert_eq!(person.minute(&watched([needs_owner])).await, [1, 1, 1], "one cause gave way to another");
    person.restart(Lang::En).await;
    person.alerts.send_due(&well).await;
    assert_eq!(person.hook.take().len(), 0, "who was never told is not relieved either");
    assert_eq!(person.mail.take()[0].header("Subject"), "TikTok: all is well again");
    let post = person.topic.take().remove(0);
    assert_eq!([&post.headers["priority"], &post.headers["tags"]], ["default", "white_check_mark"]);
    person.clock.advance(DAY * 30);
    assert_eq!(person.minute(&well).await, [0, 0, 0]);
    person.hook.answer(200);
    assert_eq!(person.minute(&watched([ends_in(2)])).await, [1, 1, 1], "a new cause is news");
}

#[tokio::test]
async fn hostile_names_do_nothing() {
    let person = Person::new().await;
    let hostile = "Tik\r\nBcc: evil@evil.example\r\n\r\n.\r\nMAIL FROM:<evil>\u{202e}\n=?UTF-8?B?eA==?= \"<b>";
    let mirror = MirrorHealth {
        name: hostile.to_owned(),
        pending_since: Some(start() - DAY * 2),
        failure: Some(Words::new(hostile, hostile)),
    };
    let both = Watched { mirrors: vec![mirror], ..watched([named(hostile, Some(start()))]) };
    assert_eq!(person.alerts.send_due(&both).await.iter().filter(|delivery| delivery.result.is_ok()).count(), 6);
    for letter in person.mail.take() {
        let head = letter.data.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\r\nBcc") && letter.header("Subject").starts_with("Tik Bcc: evil@"), "{head}");
        assert!(letter.text().contains("\n-- \nmediakit") && letter.to.contains("<me@kit.example>"));
    }
    let verbs = person.mail.commands().into_iter().filter(|command| command.starts_with("MAIL")).count();
    assert_eq!(verbs, 2);
    for post in person.topic.take().into_iter().chain(person.hook.take()) {
        let text = format!("{:?} {}", post.headers, String::from_utf8(post.body).unwrap());
        assert!(!post.headers.contains_key("bcc") && !text.contains('\u{202e}'), "{text}");
    }
}

fn asks(name: &str, brand: &str, minutes: i32) -> Request {
    let (name, brand, email) = (name.to_owned(), brand.to_owned(), "ben@radwerk.example".to_owned());
    Request { id: 0, name, brand, email, message: Some("Canary".to_owned()), asked_at: start() + MINUTE * minutes }
}

#[tokio::test]
async fn whoever_asks_for_the_kit_is_announced_with_where_to_answer() {
    let person = Person::new().await;
    let store = person.database.open().await;
    assert!(store.insert_request(1, &asks("Ben", "Radwerk", 0)).await.unwrap());
    let waiting = Watched { requests: store.requests(1).await.unwrap(), ..Watched::default() };
    person.alerts.send_due(&waiting).await;
    let message: Value = serde_json::from_slice(&person.hook.take()[0].body).unwrap();
    let expected = json!({
        "key": "requests:kit:waiting",
        "severity": "notice",
        "title": "A request for your media kit",
        "body": "Ben (Radwerk) asks for a link to your media kit.",
        "next_step": "Answer in the panel, under media kit at “Who sees it”.",
        "platform": null,
        "at": "2026-11-22T03:00:00Z",
        "url": "https://kit.example/admin/mediakit/shares#requests",
    });
    assert_eq!(message, expected);
    let post = person.topic.take().remove(0);
    assert_eq!([&post.headers["priority"], &post.headers["tags"]], ["default", "incoming_envelope"]);
    assert_eq!(post.headers["click"], "https://kit.example/admin/mediakit/shares#requests");
    assert!(person.mail.take()[0].text().contains("Ben (Radwerk) asks for a link"));

    let person = Person::with(WebServer::start(), Lang::De).await;
    let requests = (1..=7).map(|n| asks(&format!("N{n}"), "Velo", n)).collect();
    person.alerts.send_due(&Watched { requests, ..Watched::default() }).await;
    let letter = person.mail.take().remove(0);
    assert_eq!(letter.header("Subject"), "7 Anfragen nach deinem Media-Kit");
    let said = "bitten: N7 (Velo), N6 (Velo), N5 (Velo), N4 (Velo), N3 (Velo) und 2 mehr.\n";
    assert!(letter.text().replace("\r\n", "\n").contains(said), "{}", letter.text());
    assert!(letter.text().contains("Antworte im Panel, unter Media-Kit bei „Wer es sieht“."));
    assert!(!letter.text().contains("Canary") && !letter.text().contains("ben@"), "what is not needed stays here");
}

#[tokio::test]
async fn the_program_looks_for_requests() {
    let folder = tempfile::tempdir().unwrap();
    let environment = vec![("MEDIAKIT_DATA_DIR".into(), folder.path().join("data").into_os_string())];
    let config = Config::load(&Sources { environment, ..Sources::default() }).unwrap();
    let app = App::build(config, Clock::fixed(start()), []).await.unwrap();
    assert!(app.watched().await.unwrap().requests.is_empty());
    assert!(app.store.insert_request(1, &asks("Ben", "Radwerk", 0)).await.unwrap());
    assert_eq!(app.watched().await.unwrap().requests.len(), 1);
}

#[tokio::test]
async fn requests_do_not_flood_their_owner() {
    let mut person = Person::new().await;
    let (mut requests, mut told) = (Vec::new(), 0);
    for minute in 0..60 {
        person.clock.set(start() + MINUTE * minute);
        requests.push(asks("Ben", "Radwerk", minute));
        let waiting = Watched { requests: requests.clone(), ..Watched::default() };
        let [hook, mail, topic] = person.minute(&waiting).await;
        assert!(hook == mail && mail == topic);
        told += hook;
        person.restart(Lang::En).await;
    }
    assert_eq!(told, 4, "an hour of requests, one a minute");
    person.clock.advance(MINUTE * 20);
    let waiting = Watched { requests, ..Watched::default() };
    assert_eq!(person.minute(&waiting).await, [1, 1, 1], "the last ones are told too");
    person.clock.advance(MINUTE * 20);
    assert_eq!(person.minute(&waiting).await, [0, 0, 0], "and not again");
    assert_eq!(person.minute(&Watched::default()).await, [0, 0, 0], "whoever answered knows it");
    let next = Watched { requests: vec![asks("Mia", "Velo", 200)], ..Watched::default() };
    assert_eq!(person.minute(&next).await, [1, 1, 1]);
}

#[tokio::test]
async fn what_a_stranger_typed_does_nothing_in_any_channel() {
    let person = Person::new().await;
    let hostile = "a\r\nBcc: evil@evil.example\r\n.\r\nMAIL FROM:<e>\u{202e} https://evil.example/login \"<b>";
    let long = "x".repeat(100_000);
    let requests = vec![asks(hostile, hostile, 0), asks(&long, "www.evil.example", 1)];
    let deliveries = person.alerts.send_due(&Watched { requests, ..Watched::default() }).await;
    assert!(deliveries.len() == 3 && deliveries.iter().all(|delivery| delivery.result.is_ok()), "{deliveries:?}");
    let letter = person.mail.take().remove(0);
    assert_eq!(letter.header("Subject"), "2 requests for your media kit", "no word of theirs");
    assert!(!letter.data.contains("\r\nBcc") && letter.to.contains("<me@kit.example>"));
    let verbs = person.mail.commands().into_iter().filter(|command| command.starts_with("MAIL")).count();
    assert_eq!(verbs, 1);
    let posts = person.topic.take().into_iter().chain(person.hook.take());
    for text in posts.map(|post| String::from_utf8(post.body).unwrap()).chain([letter.text()]) {
        let linked = text.contains("://evil") || text.contains("evil.example");
        assert!(!linked && !text.contains('\u{202e}') && text.len() < 1200, "{text}");
    }
}

#[tokio::test]
async fn no_secret_is_in_a_message_or_in_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    // Beside a single subscriber, what another test's thread logs first would be off for this thread as well.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let mut written = String::new();
    for status in [200, 302, 401, 500] {
        let person = Person::new().await;
        person.hook.answer(status);
        person.topic.answer(status);
        write!(written, "{:?}", person.alerts.send_due(&watched([ends_in(3)])).await).unwrap();
        for request in person.hook.take() {
            written += &String::from_utf8(request.body).unwrap();
        }
        for request in person.topic.take() {
            written += &String::from_utf8(request.body).unwrap();
        }
        written.extend(person.mail.take().into_iter().map(|letter| letter.data));
    }
    let (hook, topic, mail) = (WebServer::start(), WebServer::start(), MailServer::start(USER, "another"));
    let mut settings = settings(&hook, &topic, &mail, Lang::De);
    settings[0].1 = format!("http://127.0.0.1:1/{TOKEN}?key={TOKEN}");
    let alerts = alerts(&settings, databases::sqlite().open().await, &Clock::fixed(start()));
    let deliveries = alerts.send_due(&watched([ends_in(3)])).await;
    assert_eq!(result(&deliveries, Channel::Webhook), &Err(AlertError::Unreachable));
    assert_eq!(result(&deliveries, Channel::Email), &Err(AlertError::Credentials(535)));
    for delivery in &deliveries {
        for lang in Lang::ALL {
            written.extend(delivery.result.as_ref().err().map(|error| error.sentence(delivery.channel, lang)));
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("alert delivered") && logged.contains("alert not delivered"), "{logged}");
    for secret in [PASSWORD, SIGNING_KEY, TOKEN, "CANARY", "Q0FOQVJZ", "not with that password"] {
        assert!(!logged.contains(secret) && !written.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_an_answer_means_is_told_apart() {
    let person = Person::new().await;
    for (status, error) in [
        (201, None),
        (302, Some(AlertError::Refused(302))),
        (401, Some(AlertError::Credentials(401))),
        (403, Some(AlertError::Credentials(403))),
        (404, Some(AlertError::Refused(404))),
        (503, Some(AlertError::Refused(503))),
    ] {
        person.hook.answer(status);
        let results = person.alerts.send_test().await;
        assert_eq!(results[0], (Channel::Webhook, error.map_or(Ok(()), Err)));
        assert!(results[1..].iter().all(|(_, result)| result.is_ok()));
        assert_eq!(person.hook.take().len(), 1, "sent once, no redirect followed");
    }
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear_to_another_machine() {
    let (hook, topic, mail) = (WebServer::start(), WebServer::start(), MailServer::start(USER, PASSWORD));
    let mut settings = settings(&hook, &topic, &mail, Lang::En);
    // The kernel takes this address to be this machine; mediakit can't know.
    settings[4].1 = smtp(&format!("0.0.0.0:{}", mail.address.port()), PASSWORD);
    let alerts = alerts(&settings, databases::sqlite().open().await, &Clock::fixed(start()));
    let results = alerts.send_test().await;
    assert_eq!(results[1], (Channel::Email, Err(AlertError::NotOffered)));
    let commands = mail.commands();
    assert!(!commands.is_empty() && commands.iter().all(|command| !command.contains("AUTH")), "{commands:?}");
}

#[test]
fn mail_is_encrypted_from_the_start_or_by_starttls_and_only_for_a_certificate_that_is_trusted() {
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/alerts/tls/authority.pem");
    // The kernel takes 0.0.0.0 to be this machine; mediakit can't know, and takes it for another one.
    for (scheme, host, encryption) in
        [("smtps", "localhost", Encryption::FromTheStart), ("smtp", "0.0.0.0", Encryption::StartTls)]
    {
        let mail = MailServer::encrypted(USER, PASSWORD, encryption);
        let url = smtp(&format!("{host}:{}", mail.address.port()), PASSWORD).replace("smtp:", &format!("{scheme}:"));
        let desk = Desk::new().set("MEDIAKIT_ALERT_EMAIL", "me@kit.example").set("MEDIAKIT_SMTP_URL", url);
        desk.run(&["alert", "test"]).ends(1).prints("email: The encrypted connection failed.");
        assert!(mail.commands().iter().all(|command| !command.contains("AUTH")) && mail.take().is_empty());
        let trusting = desk.set("SSL_CERT_FILE", authority);
        trusting.run(&["alert", "test"]).ends(0).prints("email: delivered");
        assert_eq!(mail.take()[0].login, Some((USER.to_owned(), PASSWORD.to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_round_is_under_way_at_a_time() {
    let (arrived, has_arrived) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let hook = WebServer::start_with(move || {
        arrived.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
    });
    let person = Arc::new(Person::with(hook, Lang::En).await);
    let first = tokio::spawn({
        let person = person.clone();
        async move { person.alerts.send_due(&watched([ends_in(3)])).await.len() }
    });
    tokio::task::block_in_place(|| has_arrived.recv().unwrap());
    assert!(person.alerts.send_due(&watched([ends_in(3)])).await.is_empty());
    go_on.send(()).unwrap();
    assert_eq!(first.await.unwrap(), 3);
}

#[tokio::test]
async fn two_servers_on_one_database_tell_once() {
    for database in databases::each().await {
        let (hook, topic, mail) = (WebServer::start(), WebServer::start(), MailServer::start(USER, PASSWORD));
        let (settings, clock) = (settings(&hook, &topic, &mail, Lang::En), Clock::fixed(start()));
        let one = alerts(&settings, database.open().await, &clock);
        let other = alerts(&settings, database.open().await, &clock);
        let access = watched([ends_in(3)]);
        for expected in [1, 0] {
            tokio::join!(one.send_due(&access), other.send_due(&access));
            assert_eq!([hook.take().len(), mail.take().len(), topic.take().len()], [expected; 3]);
        }
        clock.advance(DAY * 7);
        tokio::join!(one.send_due(&access), other.send_due(&access));
        assert_eq!([hook.take().len(), mail.take().len(), topic.take().len()], [1; 3]);
        let well = watched([]);
        tokio::join!(one.send_due(&well), other.send_due(&well));
        assert_eq!([hook.take().len(), mail.take().len(), topic.take().len()], [1; 3]);
        assert!(database.open().await.list_alerts_sent().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_database_that_fails_is_told_of_once_and_caught_up_with() {
    let mut person = Person::new().await;
    let disk = Watched { disk_fails_since: Some(start()), ..Watched::default() };
    person.database.run("alter table alerts_sent rename to away").await.unwrap();
    assert_eq!(person.minute(&disk).await, [1, 1, 1]);
    assert_eq!(person.minute(&disk).await, [0, 0, 0]);
    person.database.run("alter table away rename to alerts_sent").await.unwrap();
    assert_eq!(person.minute(&disk).await, [0, 0, 0]);
    person.restart(Lang::En).await;
    assert_eq!(person.minute(&disk).await, [0, 0, 0]);
    assert_eq!(person.minute(&Watched::default()).await, [1, 1, 1]);
}

#[test]
fn the_command_line_tries_every_channel_and_says_what_became_of_it() {
    let (hook, topic, mail) = (WebServer::start(), WebServer::start(), MailServer::start(USER, PASSWORD));
    let desk = settings(&hook, &topic, &mail, Lang::De).into_iter().fold(Desk::new(), |desk, (n, v)| desk.set(n, v));
    desk.run(&["alert", "test"])
        .ends(0)
        .prints("webhook: delivered")
        .prints("email: delivered")
        .prints("ntfy: delivered");
    assert_eq!([hook.take().len(), mail.take().len(), topic.take().len()], [1; 3]);
    assert!(!desk.path().join("data").exists(), "a test leaves no trace");
    hook.answer(401);
    desk.run(&["alert", "test", "--lang", "de"])
        .ends(3)
        .prints("webhook: Die Zugangsdaten wurden abgelehnt (Status 401). Prüfe MEDIAKIT_ALERT_WEBHOOK_SECRET.")
        .prints("ntfy: zugestellt");
    let shown = desk.run(&["config", "show"]).ends(0);
    assert!(!shown.out.contains("CANARY") && shown.out.contains("smtp://"), "{}", shown.out);

    let nobody = Desk::new().set("MEDIAKIT_ALERT_NTFY", "http://127.0.0.1:1/topic");
    nobody.run(&["alert", "test"]).ends(1).prints("ntfy: Nobody answers at the address. Check MEDIAKIT_ALERT_NTFY");
    let half = Desk::new().set("MEDIAKIT_ALERT_EMAIL", "me@kit.example");
    half.run(&["alert", "test"]).ends(1).prints("email: MEDIAKIT_SMTP_URL is missing. Set the variable.");
    Desk::new().run(&["alert", "test"]).ends(2).complains("No channel for alerts is set up");
    Desk::new().run(&["alert"]).ends(2);
}
