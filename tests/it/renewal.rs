//! Credentials that renew themselves, with the real parts: the program as it is wired, its files, the platforms'
//! answers over HTTP. The simulator's ledger is the judge of what is still valid.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Sources};
use mediakit::credentials::{Attempted, EnvFile, MirrorState};
use mediakit::domain::credential::{Kept, Phase};
use mediakit::domain::platform::About;
use mediakit::refresh::Trigger;
use secrecy::ExposeSecret;
use simulator::{InstagramLogin, Options, Scope, Simulator};
use tempfile::TempDir;

use crate::harness::{CREATOR, start};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A simulator and the program beside it, on a clock that only the test moves.
struct Desk {
    sim: Arc<Simulator>,
    clock: Clock,
    dir: TempDir,
    github: bool,
}

impl Desk {
    async fn new(login: InstagramLogin) -> Self {
        let sim = Arc::new(Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap());
        let desk = Self { clock: Clock::fixed(sim.now()), sim, dir: TempDir::new().unwrap(), github: false };
        let entered = desk.sim.env_social_with(CREATOR, login);
        fs::write(desk.file(), format!("# mine, keep it\r\n{}", entered.replace('\n', "\r\n"))).unwrap();
        desk
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("env.social")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn value(&self, key: &str) -> String {
        EnvFile::read(&self.file()).unwrap().get(key).unwrap().value.expose_secret().to_owned()
    }

    /// The program starts, as `serve` and `fetch` start it.
    async fn app(&self) -> App {
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        let mut environment = vec![
            ("MEDIAKIT_DATA_DIR".to_owned(), path("data")),
            ("MEDIAKIT_ENV_SOCIAL".to_owned(), path("env.social")),
        ];
        for (name, origin) in self.sim.origins() {
            environment.push((format!("MEDIAKIT_UPSTREAM_{name}"), origin.clone()));
        }
        if self.github {
            environment.push(("GITHUB_SECRETS_TOKEN".to_owned(), self.sim.github_token(CREATOR)));
            environment.push(("GITHUB_REPOSITORY".to_owned(), "mara/kit".to_owned()));
        }
        environment.retain(|(name, _)| name != "MEDIAKIT_UPSTREAM_FXTWITTER");
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let upstreams = mediakit::app::known_upstreams();
        let config = Config::load(&Sources { environment, upstreams, ..Sources::default() }).unwrap();
        let app = App::build(config, self.clock.clone(), []).await.unwrap();
        let creator = app.store.creator().await.unwrap();
        let mara = self.sim.creators().into_iter().find(|creator| creator.key == CREATOR).unwrap();
        for about in app.platforms.iter().map(|platform| platform.about()) {
            let handle = (about.normalise)(&mara.handles[about.id]).unwrap();
            app.store.set_handle(creator.id, about.id, &handle).await.unwrap();
        }
        app
    }

    fn pass(&self, time: SignedDuration) {
        self.sim.advance(time);
        self.clock.set(self.sim.now());
    }

    fn exchanges(&self, platform: &str) -> usize {
        self.sim.ledger().exchange_count(platform, CREATOR)
    }

    fn break_(&self, upstream: &str, fault: &str, path: &str) {
        let scope = Scope { path_contains: Some(path.to_owned()), ..Scope::default() };
        self.sim.set_fault(upstream, fault, scope).unwrap();
    }
}

fn about(app: &App, platform: &str) -> &'static About {
    app.platforms.iter().map(|known| known.about()).find(|about| about.id == platform).unwrap()
}

async fn kept(app: &App, platform: &str) -> Kept {
    let creator = app.store.creator().await.unwrap();
    app.keeper.vault().find(creator.id, about(app, platform).id).await.unwrap().unwrap()
}

async fn refresh(app: &App, platform: &str) -> mediakit::refresh::AccountOutcome {
    let creator = app.store.creator().await.unwrap();
    app.refresher.start(creator.id, &[platform.to_owned()], Trigger::Hand).await.unwrap().accounts.pop().unwrap()
}

/// What a fetch asks first.
async fn ready(app: &App) {
    mediakit::credentials::Desk::ready(&app.keeper, about(app, "tiktok")).await;
}

#[tokio::test]
async fn a_long_lived_token_is_renewed_after_two_thirds_of_its_life_and_not_before() {
    for (login, name) in [(InstagramLogin::Facebook, "by Facebook"), (InstagramLogin::Instagram, "by Instagram")] {
        let desk = Desk::new(login).await;
        let app = desk.app().await;
        let before = desk.text();
        let old = desk.value("INSTAGRAM_ACCESS_TOKEN");
        app.keeper.tick().await;
        // Instagram Login does not tell how long a token lives: it is asked for a new one once it may be.
        let early = usize::from(login == InstagramLogin::Instagram);
        for _ in 0..36 {
            desk.pass(DAY);
            app.keeper.tick().await;
        }
        assert_eq!(desk.exchanges("instagram"), early, "{name}");
        for _ in 0..8 {
            desk.pass(DAY);
            app.keeper.tick().await;
        }
        assert_eq!(desk.exchanges("instagram"), early + 1, "{name}");
        let new = desk.value("INSTAGRAM_ACCESS_TOKEN");
        assert!(new != old && desk.sim.ledger().is_valid(&new));
        let kept = kept(&app, "instagram").await;
        assert_eq!((kept.phase, kept.generation), (Phase::Active, 2 + i64::try_from(early).unwrap()));
        let text = desk.text();
        let marks: Vec<&str> = text.lines().filter(|line| line.starts_with("# mediakit: instagram ")).collect();
        assert_eq!(marks.len(), 1);
        assert!(marks[0].starts_with(&format!("# mediakit: instagram generation {} fp-", kept.generation)));
        let without = |text: &str| {
            let own = |line: &&str| !line.starts_with("# mediakit: ") && !line.starts_with("TIKTOK_");
            let lines = text.split_inclusive('\n').filter(own);
            lines.collect::<String>()
        };
        assert_eq!(without(&desk.text()), without(&before.replace(&old, &new)), "nothing else changed");
    }
}

#[tokio::test]
async fn a_rotating_pair_is_renewed_before_it_is_used_and_told_of() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    let first = refresh(&app, "tiktok").await;
    assert!(first.renewal.is_none(), "a pair that works is used as it is");
    app.keeper.tick().await;
    assert_eq!(desk.exchanges("tiktok"), 1, "how long it lives is learnt by renewing it");
    desk.pass(SignedDuration::from_hours(3));
    let (old, before) = (desk.value("TIKTOK_REFRESH_TOKEN"), desk.exchanges("tiktok"));
    let outcome = refresh(&app, "tiktok").await;
    assert!(matches!(outcome.outcome, mediakit::refresh::Outcome::Saved(_)));
    let Some(Attempted::Renewed(renewed)) = outcome.renewal else { panic!("{:?}", outcome.renewal) };
    assert_eq!(desk.exchanges("tiktok"), before + 1);
    assert_eq!(renewed.storage.env_file, MirrorState::Updated);
    assert_eq!(renewed.storage.github_secret, MirrorState::NotConfigured);
    assert!(renewed.reference().starts_with(&format!("stored:tiktok:gen{}:fp-", renewed.generation)));
    let new = desk.value("TIKTOK_REFRESH_TOKEN");
    assert!(!desk.sim.ledger().is_valid(&old) && desk.sim.ledger().is_valid(&new));
    assert!(desk.sim.ledger().is_valid(&desk.value("TIKTOK_ACCESS_TOKEN")));
    refresh(&app, "tiktok").await;
    assert_eq!(desk.exchanges("tiktok"), before + 1, "a fresh one is used as it is");
}

#[tokio::test]
async fn a_lost_answer_is_a_doubt_and_never_a_retry() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    desk.pass(DAY * 44);
    desk.break_("FACEBOOK_GRAPH", "transport/reset-before-answer", "oauth/access_token");
    let asked = |desk: &Desk| desk.sim.requests().iter().filter(|r| r.path.contains("oauth/access_token")).count();
    let before = asked(&desk);
    app.keeper.tick().await;
    assert_eq!(asked(&desk), before + 1);
    assert_eq!(kept(&app, "instagram").await.phase, Phase::InDoubt);
    // A start later the former token turns out to be good, and is renewed as it should have been.
    desk.sim.clear();
    let app = desk.app().await;
    for _ in 0..3 {
        desk.pass(SignedDuration::from_mins(10));
        app.keeper.tick().await;
    }
    let kept = kept(&app, "instagram").await;
    assert_eq!((kept.phase, kept.generation), (Phase::Active, 2));
    assert!(desk.sim.ledger().is_valid(&desk.value("INSTAGRAM_ACCESS_TOKEN")));
}

#[tokio::test]
async fn a_pair_that_was_lost_on_the_way_needs_the_owner_and_their_edit_is_enough() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    refresh(&app, "tiktok").await;
    desk.pass(SignedDuration::from_hours(3));
    desk.break_("TIKTOK_API", "transport/reset-before-answer", "/v2/oauth/token/");
    refresh(&app, "tiktok").await;
    assert_eq!(kept(&app, "tiktok").await.phase, Phase::InDoubt);
    desk.sim.clear();
    desk.pass(SignedDuration::from_mins(10));
    app.keeper.tick().await;
    assert_eq!(kept(&app, "tiktok").await.phase, Phase::NeedsOwner);
    let fresh = desk.sim.env_social(CREATOR);
    let old = desk.text();
    let line = |text: &str, key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    let edited = ["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"]
        .into_iter()
        .fold(old.clone(), |text, key| text.replace(&line(&old, key), &line(&fresh, key)));
    fs::write(desk.file(), edited).unwrap();
    app.keeper.tick().await;
    assert_eq!(kept(&app, "tiktok").await.phase, Phase::Active);
    assert!(matches!(refresh(&app, "tiktok").await.outcome, mediakit::refresh::Outcome::Saved(_)));
}

#[tokio::test]
async fn new_values_that_can_not_be_confirmed_yet_are_kept_over_a_restart() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    desk.pass(DAY * 44);
    desk.break_("FACEBOOK_GRAPH", "status/503", "debug_token");
    let exchanges = desk.exchanges("instagram");
    app.keeper.tick().await;
    assert_eq!(kept(&app, "instagram").await.phase, Phase::Pending);
    assert_eq!(desk.exchanges("instagram"), exchanges + 1);
    drop(app);
    desk.sim.clear();
    let app = desk.app().await;
    desk.pass(DAY);
    app.keeper.tick().await;
    let kept = kept(&app, "instagram").await;
    assert_eq!((kept.phase, kept.generation), (Phase::Active, 2));
    assert_eq!(desk.exchanges("instagram"), exchanges + 1, "what was granted is used, not asked for again");
}

#[tokio::test]
async fn new_values_that_ran_out_before_they_were_confirmed_are_renewed_and_not_thrown_away() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    desk.pass(SignedDuration::from_hours(3));
    desk.break_("TIKTOK_API", "status/503", "/v2/user/info/");
    ready(&app).await;
    let pending = kept(&app, "tiktok").await;
    assert_eq!(pending.phase, Phase::Pending);
    let exchanges = desk.exchanges("tiktok");
    // The platform stays away for longer than the new token for calls lives.
    desk.pass(DAY * 2);
    desk.sim.clear();
    app.keeper.tick().await;
    let kept = kept(&app, "tiktok").await;
    assert_eq!((kept.phase, kept.generation), (Phase::Active, pending.generation + 1), "{:?}", kept.failure);
    assert_eq!(desk.exchanges("tiktok"), exchanges + 1, "renewed with what came, not with what had ended");
    for key in ["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"] {
        assert!(desk.sim.ledger().is_valid(&desk.value(key)), "{key}");
    }
}

/// The file with other values of TikTok's pair.
fn with_pair(text: &str, access: &str, refresh: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((key @ "TIKTOK_ACCESS_TOKEN", _)) => format!("{key}={access}\r\n"),
        Some((key @ "TIKTOK_REFRESH_TOKEN", _)) => format!("{key}={refresh}\r\n"),
        _ => format!("{line}\r\n"),
    };
    text.lines().map(line).collect()
}

#[tokio::test]
async fn an_entered_pair_whose_access_token_ran_out_is_renewed_and_a_wrong_one_costs_nothing() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    let fresh = desk.sim.env_social(CREATOR);
    let value = |key: &str| {
        let line = fresh.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap().trim_matches('"').to_owned()
    };
    let (access, refresh) = (value("TIKTOK_ACCESS_TOKEN"), value("TIKTOK_REFRESH_TOKEN"));
    // The platform is away while the owner enters a new pair.
    desk.break_("TIKTOK_API", "status/503", "");
    fs::write(desk.file(), with_pair(&desk.text(), &access, &refresh)).unwrap();
    app.keeper.tick().await;
    desk.pass(DAY * 2);
    desk.sim.clear();
    app.keeper.tick().await;
    let entered = kept(&app, "tiktok").await;
    assert_eq!(entered.phase, Phase::Active, "{:?}", entered.failure);
    assert!(!desk.sim.ledger().is_valid(&refresh), "it was renewed with");
    assert!(desk.sim.ledger().is_valid(&desk.value("TIKTOK_REFRESH_TOKEN")));
    let good = desk.value("TIKTOK_REFRESH_TOKEN");
    for trouble in [None, Some("transport/reset-before-answer")] {
        let wrong = format!("rft.wrong{}", trouble.is_some());
        fs::write(desk.file(), with_pair(&desk.text(), "act.wrong", &wrong)).unwrap();
        if let Some(fault) = trouble {
            desk.break_("TIKTOK_API", fault, "/v2/oauth/token/");
        }
        app.keeper.tick().await;
        desk.sim.clear();
        desk.pass(SignedDuration::from_mins(10));
        app.keeper.tick().await;
        let kept = kept(&app, "tiktok").await;
        let in_use = kept.active.iter().find(|(key, _)| *key == "TIKTOK_REFRESH_TOKEN").unwrap().1;
        assert!(kept.phase == Phase::Active && in_use.expose_secret() == good, "{trouble:?}: {:?}", kept.phase);
        assert!(desk.sim.ledger().is_valid(&good), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_too_young_is_asked_for_by_hand_once_and_then_left_until_it_is_old_enough() {
    let desk = Desk::new(InstagramLogin::Instagram).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    let asked = || desk.sim.requests().iter().filter(|asked| asked.path.contains("refresh_access_token")).count();
    assert!(matches!(app.keeper.renew("instagram").await.unwrap(), Some(Attempted::Failed(_))));
    assert_eq!(asked(), 1, "whoever asks by hand is answered by the platform");
    for _ in 0..20 {
        desk.pass(SignedDuration::from_hours(1));
        app.keeper.tick().await;
    }
    assert_eq!(asked(), 1);
    desk.pass(SignedDuration::from_hours(5));
    app.keeper.tick().await;
    let kept = kept(&app, "instagram").await;
    assert_eq!((kept.phase, kept.generation), (Phase::Active, 2), "{:?}", kept.failure);
}

#[tokio::test]
async fn a_wrong_edit_costs_nothing_and_an_old_copy_is_written_over() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    let copy = desk.text();
    desk.pass(DAY * 44);
    app.keeper.tick().await;
    let (renewed, good) = (desk.text(), desk.value("INSTAGRAM_ACCESS_TOKEN"));
    fs::write(desk.file(), renewed.replace(&good, "EAAnonsense")).unwrap();
    app.keeper.tick().await;
    let after = kept(&app, "instagram").await;
    assert_eq!((after.phase, after.generation), (Phase::Active, 2));
    assert!(after.failure.is_some(), "the refusal is told");
    let in_use = after.active.iter().find(|(key, _)| *key == "INSTAGRAM_ACCESS_TOKEN").unwrap().1;
    assert_eq!(in_use.expose_secret(), good);
    let asked = desk.sim.requests().len();
    app.keeper.tick().await;
    assert_eq!(desk.sim.requests().len(), asked, "the same edit is tried once");
    // Somebody puts yesterday's file back: its mark is of a lower generation.
    let older = copy
        .replace("INSTAGRAM_ACCESS_TOKEN", "# mediakit: instagram generation 1 fp-00000000\r\nINSTAGRAM_ACCESS_TOKEN");
    fs::write(desk.file(), &older).unwrap();
    app.keeper.tick().await;
    assert_eq!(kept(&app, "instagram").await.active.iter().count(), after.active.iter().count());
    assert!(matches!(refresh(&app, "instagram").await.outcome, mediakit::refresh::Outcome::Saved(_)));
}

#[tokio::test]
async fn the_repositorys_secret_follows_a_renewal_and_waits_while_it_can_not() {
    let mut desk = Desk::new(InstagramLogin::Facebook).await;
    desk.github = true;
    let app = desk.app().await;
    app.keeper.tick().await;
    let secrets = desk.sim.secrets();
    assert_eq!(
        secrets.keys().map(String::as_str).collect::<Vec<_>>(),
        ["mara/kit/INSTAGRAM_SECRET", "mara/kit/TIKTOK_SECRET"]
    );
    desk.pass(SignedDuration::from_hours(3));
    desk.break_("GITHUB_API", "github/403-integration", "");
    let Some(Attempted::Renewed(renewed)) = refresh(&app, "tiktok").await.renewal else { panic!("not renewed") };
    assert_eq!(renewed.storage.github_secret, MirrorState::Pending);
    assert_eq!(renewed.storage.env_file, MirrorState::Updated);
    desk.sim.clear();
    desk.pass(SignedDuration::from_mins(2));
    app.keeper.tick().await;
    assert!(desk.sim.secrets().iter().all(|(name, sealed)| secrets[name] != *sealed), "put again by itself");
    let read = desk.sim.secret_contents();
    assert!(read["mara/kit/INSTAGRAM_SECRET"].as_deref() == Some(desk.text().as_str()), "a workflow reads the file");
    let part = EnvFile::parse(read["mara/kit/TIKTOK_SECRET"].clone().unwrap().into_bytes()).unwrap();
    let token = part.get("TIKTOK_REFRESH_TOKEN").unwrap().value.expose_secret().to_owned();
    assert!(part.assignments().iter().all(|one| one.key.starts_with("TIKTOK_")) && desk.sim.ledger().is_valid(&token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_together_renew_once() {
    let desk = Desk::new(InstagramLogin::Facebook).await;
    let apps = [desk.app().await, desk.app().await, desk.app().await];
    apps[0].keeper.tick().await;
    for round in 0..5 {
        desk.pass(SignedDuration::from_hours(3));
        let before = desk.exchanges("tiktok");
        let [a, b, c] = &apps;
        tokio::join!(ready(a), ready(b), ready(c));
        assert_eq!(desk.exchanges("tiktok"), before + 1, "round {round}");
        assert!(desk.sim.ledger().is_valid(&desk.value("TIKTOK_REFRESH_TOKEN")));
    }
}
