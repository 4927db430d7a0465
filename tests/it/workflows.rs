//! The workflows that an owner's repository runs: every shell step of them, in order, against the simulator, and the
//! facts that their files promise.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{Options, Scope, Simulator};

use crate::desk::{Desk, Running};
use crate::runner::{PINNED, Repository, Run, as_text, root, steps, text, workflow};

const INSTAGRAM: &str = "fetch-instagram-stats.yml";
const SOCIAL: &str = "fetch-social-stats.yml";
const PREPARE: &str = "Mask every part of the secrets";
const FETCH: &str = "Fetch";
const SERVER: &str = "Have the production server refresh";

/// Lines as owners have them too: quoted, exported, commented out, with a comment, ended by Windows.
const ODD_LINES: &str = "ODD_QUOTED=\"CANARYodd/quoted%25with%2Fpercent+7Rk2\" # note\r\n\
    export ODD_EXPORTED='CANARYodd/exported+k5Wq9Zt3'\r\n\
    # ODD_OLD=CANARYodd/commented+out+x8Vb1Nm4\n\
    ODD_NOTED=CANARYodd/noted+y6Hc0Ps2  # until spring\n\
    ODD_LINES=\"CANARYodd/first+line+q3Jd7Lf5\n\
    CANARYodd/second+line+w9Tg4Xe1\"\n";
const ODD_VALUES: [&str; 6] = [
    "CANARYodd/quoted%25with%2Fpercent+7Rk2",
    "CANARYodd/exported+k5Wq9Zt3",
    "CANARYodd/commented+out+x8Vb1Nm4",
    "CANARYodd/noted+y6Hc0Ps2",
    "CANARYodd/first+line+q3Jd7Lf5",
    "CANARYodd/second+line+w9Tg4Xe1",
];

/// Mara's repository on a machine whose internet is the simulator.
struct Story {
    simulator: Simulator,
    file: String,
}

impl Story {
    async fn new() -> Self {
        let simulator = Simulator::start(Options { now: Some(Timestamp::now()), ..Options::default() }).await.unwrap();
        let file = simulator.env_social("mara") + ODD_LINES;
        Self { simulator, file }
    }

    /// The simulator's origins by the variables they go into.
    fn origins(&self) -> impl Iterator<Item = (String, String)> {
        let known = mediakit::app::known_upstreams();
        let origins = self.simulator.origins().iter().filter(move |(name, _)| known.contains(name));
        origins.map(|(name, origin)| (format!("MEDIAKIT_UPSTREAM_{name}"), origin.clone()))
    }

    /// A repository without secrets.
    fn bare(&self) -> Repository {
        let github = self.simulator.origins()["GITHUB_API"].clone();
        let bare = Repository::new().machine("GITHUB_API_URL", github).machine("MEDIAKIT_HTTP_TIMEOUT_SECS", "5");
        self.origins().fold(bare, |repository, (name, origin)| repository.machine(name, origin))
    }

    /// Her repository as the page tells her to set it up.
    fn repository(&self) -> Repository {
        let rest: Vec<String> = ["youtube", "twitch", "x", "discord", "bluesky", "mastodon"]
            .iter()
            .map(|platform| format!("{platform} {}\r\n", self.handle(platform)))
            .collect();
        self.bare().secret("INSTAGRAM_SECRET", &self.file).variable("SOCIAL_HANDLES", rest.concat())
    }

    fn handle(&self, platform: &str) -> String {
        self.simulator.creators().into_iter().find(|one| one.key == "mara").unwrap().handles[platform].clone()
    }

    fn followers(&self, platform: &str) -> i64 {
        self.simulator.truth("mara", platform).followers
    }

    /// Every value of the file that is a secret.
    fn secrets(&self) -> Vec<String> {
        let lines = self.file.lines().filter(|line| !line.contains("ODD_") && !line.contains("CANARY"));
        let pairs = lines.filter_map(|line| line.split_once('=')).filter(|(key, _)| !key.ends_with("_USERNAME"));
        let values = pairs.map(|(_, value)| value.to_owned());
        let values: Vec<String> = values.chain(ODD_VALUES.map(str::to_owned)).collect();
        assert!(values.len() > 14, "the simulator's file is not what this test takes it for");
        values
    }
}

/// A number as the summary writes it.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// The summary's row about a platform, by columns.
fn row<'a>(run: &'a Run, platform: &str) -> Vec<&'a str> {
    let start = format!("| {platform} |");
    let line = run.summary.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{}", run.summary));
    line.split('|').map(str::trim).collect()
}

#[track_caller]
fn shows_no_secret(run: &Run, secrets: &[String]) {
    for (place, bytes) in run.written() {
        let text = String::from_utf8_lossy(&bytes);
        for (number, secret) in secrets.iter().enumerate() {
            let hex = |text: &str| text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            // Nine characters from the start are whole groups of base64.
            let forms = [
                ("raw", secret.clone()),
                ("base64", STANDARD.encode(secret)),
                ("base64 of its start", STANDARD.encode(&secret[..9])),
                ("hex", hex(secret)),
                ("its first 12 characters", secret[..12].to_owned()),
                ("its last 8 characters", secret[secret.len() - 8..].to_owned()),
            ];
            for (form, spelled) in forms {
                assert!(!text.contains(&spelled), "{place} shows secret {number}, {form}");
            }
        }
    }
}

#[track_caller]
fn masks_first(run: &Run, secrets: &[String]) {
    let masked = run.masked();
    for (number, secret) in secrets.iter().enumerate() {
        assert!(masked.contains(secret), "secret {number} is not masked before something else is printed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_fetches_reports_and_leaves_no_secret() {
    let story = Story::new().await;
    let key = STANDARD.encode([0xa7; 32]);
    let mut secrets = story.secrets();
    secrets.extend([
        key.clone(),
        "github_pat_CANARYgithub/pat+Lw8rDq5".to_owned(),
        "mk_CANARYapi+token+Zk4".to_owned(),
    ]);
    let repository = story
        .repository()
        .secret("MEDIAKIT_SECRET_KEY", &key)
        .secret("GITHUB_SECRETS_TOKEN", &secrets[secrets.len() - 2])
        .secret("MEDIAKIT_API_TOKEN", &secrets[secrets.len() - 1])
        .machine("MEDIAKIT_LOG", "trace");
    for (file, platforms) in [(INSTAGRAM, &["instagram"][..]), (SOCIAL, &["instagram", "tiktok", "twitch", "bluesky"])]
    {
        let run = repository.run(file);
        assert!(run.is_green(), "{file}: {:?}\n{}", run.codes, run.summary);
        masks_first(&run, &secrets);
        shows_no_secret(&run, &secrets);
        for platform in platforms {
            let row = row(&run, platform);
            assert_eq!((row[2], row[4], row[5]), (grouped(story.followers(platform)).as_str(), "saved", "just now"));
        }
        let report: Value = serde_json::from_slice(&run.files["report.json"]).unwrap();
        assert_eq!(report["platforms"].as_array().unwrap().len(), if file == SOCIAL { 8 } else { 1 });
        assert!(run.files.contains_key("mediakit.log") && !run.output.contains("::warning"), "{}", run.output);
    }
    assert_eq!(story.simulator.ledger().exchange_count("tiktok", "mara"), 0, "the server renews, this side only reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_platform_is_a_warning_and_no_red_run() {
    let story = Story::new().await;
    story.simulator.set_fault("BLUESKY_API", "status/503", Scope::default()).unwrap();
    let run = story.repository().run(SOCIAL);
    assert!(run.is_green(), "{:?}", run.codes);
    let warnings: Vec<&str> = run.output.lines().filter(|line| line.starts_with("::warning")).collect();
    assert!(warnings.len() == 1 && warnings[0].starts_with("::warning title=bluesky::Bluesky"), "{warnings:?}");
    let bluesky = row(&run, "bluesky");
    assert_eq!((bluesky[2], bluesky[4], bluesky[5]), ("n/a", "failed", "n/a"), "unknown is not 0");
    assert_eq!(row(&run, "twitch")[2], grouped(story.followers("twitch")));
    shows_no_secret(&run, &story.secrets());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_which_all_fail_is_red_and_says_why() {
    let story = Story::new().await;
    story.simulator.set_fault("", "status/401", Scope::default()).unwrap();
    for file in [INSTAGRAM, SOCIAL] {
        let run = story.repository().run(file);
        assert_eq!((run.codes[PREPARE], run.codes[FETCH]), (0, 1), "{}", run.output);
        assert!(run.output.contains("::error title=instagram::Instagram"), "{}", run.output);
        assert_eq!(row(&run, "instagram")[4], "failed");
        assert!(run.files.contains_key("mediakit.log"), "the log of a red run is kept too");
        shows_no_secret(&run, &story.secrets());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_set_is_told_with_what_to_do() {
    let story = Story::new().await;
    let unset = story.bare();
    for file in [INSTAGRAM, SOCIAL] {
        let run = unset.run(file);
        assert_eq!(run.codes.get(PREPARE), Some(&2), "{}", run.output);
        assert_eq!(run.codes.len(), 1, "nothing is built or fetched");
        for words in ["Copy the whole content of your .env.social into the secret INSTAGRAM_SECRET", "Kopiere"] {
            assert!(run.output.contains(words) && run.summary.contains(words), "{}", run.output);
        }
    }
    let nameless = story.file.replace("INSTAGRAM_USERNAME=", "# INSTAGRAM_USERNAME=");
    let run = story.bare().secret("INSTAGRAM_SECRET", nameless).run(INSTAGRAM);
    assert_eq!(run.codes[FETCH], 2);
    assert!(run.output.contains("Add the line INSTAGRAM_USERNAME="), "{}", run.output);

    let run = story.bare().variable("SOCIAL_HANDLES", "twich marabikes").run(SOCIAL);
    assert_eq!(run.codes[FETCH], 2);
    assert!(run.output.contains("Did you mean twitch?"), "{}", run.output);

    let key = STANDARD.encode([1; 32]);
    let token = "github_pat_CANARYgithub/pat+Lw8rDq5";
    for (missing, given, value) in
        [("MEDIAKIT_SECRET_KEY", "GITHUB_SECRETS_TOKEN", token), ("GITHUB_SECRETS_TOKEN", "MEDIAKIT_SECRET_KEY", &key)]
    {
        let owner = story.repository().variable("MEDIAKIT_ROTATION_OWNER", "actions").secret(given, value);
        let run = owner.run(SOCIAL);
        assert_eq!((run.codes[PREPARE], run.codes.len()), (2, 1), "tokens that can't be kept are never renewed");
        assert!(run.output.contains(&format!("set the secret {missing}")), "{}", run.output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tiktok_alone_and_platforms_without_credentials_work_too() {
    let story = Story::new().await;
    let tiktok: Vec<&str> = story.file.lines().filter(|line| line.starts_with("TIKTOK_")).collect();
    let run = story.bare().secret("TIKTOK_SECRET", tiktok.join("\r\n")).run(SOCIAL);
    assert!(run.is_green(), "{}", run.output);
    assert_eq!(row(&run, "tiktok")[2], grouped(story.followers("tiktok")), "exact, so by the token");

    let without = "INSTAGRAM_USERNAME=dein_username\nTIKTOK_ACCESS_TOKEN=dein_token_hier\n";
    let both = story.bare().secret("INSTAGRAM_SECRET", without).secret("TIKTOK_SECRET", tiktok.join("\n"));
    let run = both.run(SOCIAL);
    assert_eq!(row(&run, "tiktok")[2], grouped(story.followers("tiktok")), "placeholders do not hide it");
    assert!(!run.summary.contains("instagram"), "{}", run.summary);

    let run = story.bare().variable("SOCIAL_HANDLES", format!("bluesky {}", story.handle("bluesky"))).run(SOCIAL);
    assert!(run.is_green(), "{}", run.output);
    assert_eq!(row(&run, "bluesky")[4], "saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_knows_what_this_one_knew_and_nobody_else_can_read_it() {
    let story = Story::new().await;
    let key = STANDARD.encode([0x5c; 32]);
    let repository = story.repository().secret("MEDIAKIT_SECRET_KEY", &key);
    let first = repository.run(SOCIAL);
    assert_eq!(row(&first, "twitch")[3], "n/a", "there was none before");
    let kept = &first.files["database.enc"];
    assert!(kept.starts_with(b"Salted__") && !kept.windows(9).any(|part| part == b"marabikes"), "not encrypted");

    story.simulator.advance(SignedDuration::from_hours(48));
    let before: i64 = row(&first, "twitch")[2].replace(',', "").parse().unwrap();
    let repository = repository.variable("SOCIAL_HANDLES", format!("twitch {}", story.handle("twitch")));
    let second = repository.run(SOCIAL);
    assert_eq!(row(&second, "twitch")[3], format!("+{}", grouped(story.followers("twitch") - before)));
    assert!(!second.summary.contains("bluesky"), "a handle that was taken away is not fetched: {}", second.summary);

    let third = repository.secret("MEDIAKIT_SECRET_KEY", STANDARD.encode([9; 32])).run(SOCIAL);
    assert!(third.output.contains("::warning title=Begins anew::"), "{}", third.output);
    assert_eq!((third.codes[FETCH], row(&third, "twitch")[3]), (0, "n/a"));
}

#[tokio::test(flavor = "multi_thread")]
async fn as_owner_of_the_rotation_a_run_renews_and_writes_the_secret_back() {
    let story = Story::new().await;
    story.simulator.advance(SignedDuration::from_hours(3)); // TikTok's token lives for two
    let github = story.simulator.github_token("mara");
    let repository = story
        .repository()
        .variable("MEDIAKIT_ROTATION_OWNER", "actions")
        .secret("MEDIAKIT_SECRET_KEY", STANDARD.encode([0x3e; 32]))
        .secret("GITHUB_SECRETS_TOKEN", &github);
    let run = repository.run(SOCIAL);
    assert!(run.is_green(), "{}\n{}", run.output, run.summary);
    assert_eq!(story.simulator.ledger().exchange_count("tiktok", "mara"), 1);
    assert_eq!(row(&run, "tiktok")[2], grouped(story.followers("tiktok")), "exact, so by the new token");
    let written: Vec<String> = story.simulator.secrets().into_keys().collect();
    assert!(written.iter().any(|name| name.ends_with("INSTAGRAM_SECRET")), "{written:?}");
    let tokens = story.simulator.ledger().tokens.into_iter().map(|token| token.value);
    shows_no_secret(&run, &tokens.filter(|token| token.len() > 20).collect::<Vec<_>>());

    let next = repository.run(SOCIAL);
    assert!(next.is_green(), "the kept database has the new token although the secret is the old one");
    assert_eq!(story.simulator.ledger().exchange_count("tiktok", "mara"), 1, "the renewed pair was kept");
    assert_eq!(row(&next, "tiktok")[2], grouped(story.followers("tiktok")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_hands_over_the_pages_when_there_is_an_address_for_them() {
    let story = Story::new().await;
    let repository = story.repository();
    assert!(!repository.run(SOCIAL).files.contains_key("mediakit.html"), "nobody asked for pages");
    let run = repository.variable("MEDIAKIT_PAGES_URL", "https://mara.github.io/kit").run(SOCIAL);
    assert!(run.is_green(), "{}", run.output);
    let page = String::from_utf8(run.files["mediakit.html"].clone()).unwrap();
    assert!(
        page.contains("href=\"https://mara.github.io/kit/mediakit.html\"") && page.contains("href=\"mediakit.en.html")
    );
    let kit: Value = serde_json::from_slice(&run.files["mediakit.json"]).unwrap();
    assert_eq!(kit["platforms"].as_array().unwrap().len(), 8);
    shows_no_secret(&run, &story.secrets());

    let run = story.repository().variable("MEDIAKIT_PAGES_URL", "mara.github.io").run(SOCIAL);
    assert_eq!(run.codes[FETCH], 2);
    assert!(run.output.contains("::error title=MEDIAKIT_PAGES_URL::") && !run.files.contains_key("mediakit.html"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_kept() {
    let story = Story::new().await;
    let repository = story.repository();
    let run = repository.run(INSTAGRAM);
    assert!(run.is_green() && !run.files.contains_key("database.enc"));
    assert_eq!(fs::read_dir(repository.temp()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_production_server_refreshes_when_told() {
    let story = Story::new().await;
    let desk = story
        .origins()
        .fold(Desk::new().set("MEDIAKIT_REFRESH_AT", "off"), |desk, (name, origin)| desk.set(name, origin));
    fs::write(desk.path().join(".env.social"), story.simulator.env_social("mara")).unwrap();
    for platform in ["twitch", "bluesky"] {
        desk.run(&["handle", "set", platform, &story.handle(platform)]).ends(0);
    }
    let token = desk.token();
    let (_server, address) = desk.serve();
    let repository = story.repository().variable("MEDIAKIT_URL", format!("http://{address}/"));

    let run = repository.run(INSTAGRAM);
    assert_eq!((run.codes[FETCH], run.codes[SERVER]), (0, 1));
    assert!(run.output.contains("api-token create actions --scope refresh"), "{}", run.output);

    let repository = repository.secret("MEDIAKIT_API_TOKEN", "mk_CANARYapi+token+of+another+server+Zk4");
    let run = repository.run(INSTAGRAM);
    assert_eq!(run.codes[SERVER], 1);
    assert!(run.output.contains("does not accept the secret MEDIAKIT_API_TOKEN"), "{}", run.output);
    assert!(!Running::get(&address, "/api/mediakit/follower-summary").contains("twitch"));

    let repository = repository.secret("MEDIAKIT_API_TOKEN", &token);
    let run = repository.run(INSTAGRAM);
    assert!(run.is_green(), "{}", run.output);
    masks_first(&run, std::slice::from_ref(&token));
    shows_no_secret(&run, std::slice::from_ref(&token));
    let summary = Running::get(&address, "/api/mediakit/follower-summary");
    assert!(summary.contains(&format!("\"followers\":{}", story.followers("twitch"))), "{summary}");

    story.simulator.set_fault("BLUESKY_API", "status/503", Scope::default()).unwrap();
    let run = repository.run(INSTAGRAM);
    assert!(
        run.is_green() && run.output.contains("::warning title=Production server::Refreshed, but"),
        "{}",
        run.output
    );
    story.simulator.set_fault("", "status/503", Scope::default()).unwrap();
    let run = repository.run(INSTAGRAM);
    assert_eq!((run.codes[FETCH], run.codes[SERVER]), (1, 1), "the server is asked even when this side got nothing");
    assert!(run.output.contains("The server answered with status 502"), "{}", run.output);

    for (address, words) in [("http://kit.example", "must begin with https://"), ("http://127.0.0.1:1", "reached")] {
        let run =
            story.repository().variable("MEDIAKIT_URL", address).secret("MEDIAKIT_API_TOKEN", &token).run(INSTAGRAM);
        assert_eq!(run.codes[SERVER], 1);
        assert!(run.output.contains(words), "{}", run.output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_says_can_not_command_the_runner() {
    let story = Story::new().await;
    let hostile = "a|b <img src=x>\n::set-output name=x::y\r\n::add-mask::z %0A::error::w";
    let report = json!({"saved": 1, "failed": 1, "platforms": [
        {"platform": "twitch", "state": "saved", "followers": 1_234_567, "change": -1_000, "source": hostile,
         "fetched_at": "2026-11-22T03:00:04.123456789Z", "error": null},
        {"platform": "x", "state": "failed", "followers": null, "change": null, "source": null, "fetched_at": null,
         "error": {"kind": "upstream", "detail": hostile}},
    ]});
    let repository = story.repository();
    let answer = repository.temp().join("../answer.json");
    fs::write(&answer, report.to_string()).unwrap();
    fs::remove_file(repository.binary()).unwrap();
    let program = format!(
        "#!/bin/sh\nprintf '%s\\n' '::error::from the log' >&2\n[ \"$1\" = fetch ] && cat '{}' && exit 3\nexit 0\n",
        answer.display()
    );
    fs::write(repository.binary(), program).unwrap();
    fs::set_permissions(repository.binary(), fs::Permissions::from_mode(0o755)).unwrap();

    let run = repository.run(SOCIAL);
    assert!(run.is_green(), "{}", run.output);
    let commands = run.output.lines().filter(|line| line.contains("::") && !line.starts_with("::add-mask::"));
    let commands: Vec<&str> = commands.collect();
    let expected = "::warning title=x::a|b <img src=x>%0A::set-output name=x::y%0D%0A::add-mask::z %250A::error::w";
    assert_eq!(commands, [expected], "a line of a platform's would be a command");
    assert_eq!(row(&run, "twitch")[2..5], ["1,234,567", "-1,000", "saved"]);
    assert!(run.summary.contains("a\\|b \\<img") && !run.summary.contains(" <img"), "{}", run.summary);
    let lines = run.summary.lines().filter(|line| !line.is_empty()).count();
    assert_eq!(lines, 6, "a heading, a table of two platforms and the sum: {}", run.summary);
}

#[test]
fn the_workflows_hold_what_is_promised() {
    for (file, name, cron) in
        [(INSTAGRAM, "Daily Instagram Stats Update", "0 3 * * *"), (SOCIAL, "Daily Social Stats Update", "23 3 * * *")]
    {
        let workflow = workflow(file);
        assert_eq!(workflow["name"], name);
        assert_eq!(workflow["on"], json!({"schedule": [{"cron": cron}], "workflow_dispatch": null}));
        assert_eq!(workflow["concurrency"], json!({"group": "mediakit-stats", "cancel-in-progress": false}));
        let uploads = steps(&workflow).into_iter().filter(|step| as_text(&step["uses"]).contains("upload-artifact"));
        assert!(uploads.map(|step| &step["with"]["retention-days"]).eq([&json!(7)]), "{file}: logs are kept 7 days");
        assert!(text(file).contains(&format!("secrets.{}", "INSTAGRAM_SECRET")));
    }
}

#[test]
fn every_workflow_is_pinned_bounded_and_asks_for_little() {
    let files = fs::read_dir(root().join(".github/workflows")).unwrap();
    let files: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        let (text, workflow) = (text(file), workflow(file));
        assert_eq!(workflow["permissions"], json!({"contents": "read"}), "{file}");
        assert!(!text.contains("pull_request_target"), "{file}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            // What GitHub Pages asks of whoever publishes there, and of no other job.
            let pages = json!({"pages": "write", "id-token": "write"});
            let asked = if name == "publish" { pages } else { Value::Null };
            assert!(job["timeout-minutes"].is_u64() && job["permissions"] == asked, "{file} {name}");
            assert!(!as_text(&job["env"]).contains("secrets."), "{file}: a secret is for the steps that need it");
        }
        assert!(!as_text(&workflow["env"]).contains("secrets."), "{file}: a secret is for the steps that need it");
        for step in steps(&workflow) {
            let run = as_text(&step["run"]);
            assert!(!run.contains("${{"), "{file}: what is put into a shell line can be a command: {run}");
            assert!(!as_text(&step["with"]).contains("secrets."), "{file}: secrets go through env");
            if let Some(uses) = step["uses"].as_str() {
                let line = PINNED.iter().map(|(name, commit, version)| format!("{name}@{commit} # {version}"));
                let written = text.lines().filter_map(|line| line.trim().strip_prefix("uses: "));
                assert!(
                    written.filter(|line| line.starts_with(uses)).all(|used| line.clone().any(|line| line == used)),
                    "{file}: {uses} is not in PINNED of tests/it/runner.rs with its version"
                );
                let (_, commit) = uses.split_once('@').unwrap();
                assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}: {uses}");
                if uses.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"], false, "{file}");
                }
            }
        }
    }
}

#[test]
fn both_workflows_differ_in_name_time_and_platforms_only() {
    let differing = |file: &str| {
        let text = text(file);
        let own = ["# Fetches ", "name: Daily", "- cron:", "PLATFORMS:"];
        let same = text.lines().filter(|line| !own.iter().any(|start| line.trim().starts_with(start)));
        same.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(differing(INSTAGRAM), differing(SOCIAL));
}
