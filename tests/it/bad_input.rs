//! Whatever is wrong with what the owner entered has a sentence of its own in both languages, where the owner looks, and
//! costs nothing: the credentials from before go on.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::SignedDuration;
use mediakit::domain::alert;
use mediakit::domain::text::Lang;
use mediakit::refresh::Outcome;
use serde_json::Value as Json;
use simulator::Simulator;

use crate::desk::{Desk, simulated};
use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

/// One thing that is wrong: how it comes about, what `doctor` files it under, and a part of what is said in English.
struct Wrong {
    name: &'static str,
    make: fn(&Path, &str),
    topic: &'static str,
    part: &'static str,
}

const FILE: &str = "env_file";
/// The token stands in the file as this: planted, so that a sentence that shows it is seen.
const HALF: &str = "act.CANARYtiktok1/Hf6m+QwRz8KpNvXy";

const ALL: [Wrong; 12] = [
    Wrong { name: "missing", make: |file, _| fs::remove_file(file).unwrap(), topic: FILE, part: "does not exist" },
    Wrong { name: "empty", make: |file, _| fs::write(file, "").unwrap(), topic: FILE, part: "is empty" },
    Wrong {
        name: "not ours to read",
        make: |file, _| fs::set_permissions(file, Permissions::from_mode(0o000)).unwrap(),
        topic: FILE,
        part: "may not read",
    },
    Wrong {
        name: "a folder",
        make: |file, _| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
        topic: FILE,
        part: "is a folder",
    },
    Wrong {
        name: "UTF-16",
        make: |file, good| {
            let units = good.encode_utf16().flat_map(u16::to_le_bytes);
            fs::write(file, [0xFF, 0xFE].into_iter().chain(units).collect::<Vec<u8>>()).unwrap();
        },
        topic: FILE,
        part: "is UTF-16",
    },
    Wrong {
        name: "Latin-1",
        make: |file, good| fs::write(file, [good.as_bytes(), b"INSTAGRAM_USERNAME=gr\xFCn\n"].concat()).unwrap(),
        topic: FILE,
        part: "not saved in UTF-8",
    },
    Wrong {
        name: "an open quote",
        make: |file, good| fs::write(file, format!("{good}TIKTOK_ACCESS_TOKEN=\"{HALF}\n")).unwrap(),
        topic: FILE,
        part: "the quote is not closed",
    },
    Wrong {
        name: "a line without =",
        make: |file, good| fs::write(file, format!("{good}TIKTOK_ACCESS_TOKEN {HALF}\n")).unwrap(),
        topic: FILE,
        part: "no line of the form KEY=VALUE",
    },
    Wrong {
        name: "huge",
        make: |file, _| fs::write(file, "# nothing to see here\n".repeat(20_000)).unwrap(),
        topic: FILE,
        part: "larger than 256 KiB",
    },
    Wrong {
        name: "placeholders",
        make: |file, good| {
            let placed = ["INSTAGRAM_APP_SECRET=xxx", "TIKTOK_REFRESH_TOKEN=<TOKEN>", "X_BEARER_TOKEN=your-token-here"];
            fs::write(file, good.to_owned() + &placed.join("\n") + "\nX_BEARER_TOKEN=your-token-here\n").unwrap();
        },
        topic: FILE,
        part: "placeholders: INSTAGRAM_APP_SECRET, TIKTOK_REFRESH_TOKEN",
    },
    Wrong { name: "another account's token", make: |_, _| {}, topic: "credential:tiktok", part: "another account" },
    Wrong { name: "a clock that is a day off", make: |_, _| {}, topic: "clock", part: "26 h slow" },
];

async fn set_up() -> (Desk, Simulator) {
    let (desk, simulator) = simulated().await;
    let mara = simulator.creators().into_iter().find(|creator| creator.key == CREATOR).unwrap();
    desk.run(&["handle", "set", "tiktok", &mara.handles["tiktok"]]).ends(0);
    desk.run(&["fetch"]).ends(0);
    fs::set_permissions(file(&desk), Permissions::from_mode(0o600)).unwrap();
    (desk, simulator)
}

fn file(desk: &Desk) -> std::path::PathBuf {
    desk.path().join(".env.social")
}

/// What `doctor` says of a topic: how it is and what to do.
fn diagnosis(desk: &Desk, lang: &str, wrong: &Wrong) -> String {
    let mut arguments = vec!["doctor", "--json", "--lang", lang];
    arguments.extend((wrong.topic == FILE).then_some("--offline"));
    let said = desk.run_as_nobody(&arguments).ends(3);
    assert!(!said.out.contains("CANARY") && !said.err.contains("CANARY"), "{}: a token is shown", wrong.name);
    let findings: Json = serde_json::from_str(&said.out).unwrap();
    let own = |finding: &&Json| finding["topic"] == wrong.topic && finding["state"] != "ok";
    let found: Vec<&Json> = findings["findings"].as_array().unwrap().iter().filter(own).collect();
    assert_eq!(found.len(), 1, "{}: {findings:#}", wrong.name);
    let text = |part: &str| found[0][part].as_str().unwrap_or_else(|| panic!("{}: no {part}", wrong.name)).to_owned();
    assert!(text("detail").ends_with('.') && text("fix").ends_with('.'), "{}", wrong.name);
    format!("{} {}", text("detail"), text("fix"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_has_a_sentence_of_its_own_and_the_old_credentials_hold() {
    let (desk, simulator) = set_up().await;
    let good = fs::read_to_string(file(&desk)).unwrap();
    let mut said: Vec<(&str, [String; 2])> = Vec::new();
    for wrong in &ALL {
        match wrong.topic {
            "credential:tiktok" => fs::write(file(&desk), with_tiktok_of_somebody_else(&good, &simulator)).unwrap(),
            "clock" => simulator.advance(SignedDuration::from_hours(26) + SignedDuration::from_mins(1)),
            _ => (),
        }
        desk.give_to_nobody();
        (wrong.make)(&file(&desk), &good);
        let sentences = ["de", "en"].map(|lang| diagnosis(&desk, lang, wrong));
        assert!(sentences[1].contains(wrong.part), "{}: {}", wrong.name, sentences[1]);
        for (other, theirs) in &said {
            for (ours, theirs) in sentences.iter().zip(theirs) {
                assert_ne!(ours, theirs, "{} and {other} are said alike", wrong.name);
            }
        }
        assert_ne!(sentences[0], sentences[1], "{}", wrong.name);
        said.push((wrong.name, sentences));
        if wrong.topic == "clock" {
            simulator.advance(-SignedDuration::from_hours(26) - SignedDuration::from_mins(1));
        } else {
            is_seen_elsewhere(&desk, wrong);
        }
        desk.run_as_nobody(&["fetch", "tiktok"]).ends(0).prints("tiktok");
        let _ = fs::remove_dir(file(&desk));
        let _ = fs::remove_file(file(&desk));
        fs::write(file(&desk), &good).unwrap();
        fs::set_permissions(file(&desk), Permissions::from_mode(0o600)).unwrap();
    }
    let status = desk.run_as_nobody(&["token", "status", "--json"]);
    let status: Json = serde_json::from_str(&status.out).unwrap();
    let tiktok = status["platforms"].as_array().unwrap().iter().find(|one| one["platform"] == "tiktok").unwrap();
    assert_eq!((&tiktok["phase"], &tiktok["generation"]), (&"active".into(), &2.into()), "nothing was taken");
}

/// `token status` says it as well, and the log of whoever reads the file.
fn is_seen_elsewhere(desk: &Desk, wrong: &Wrong) {
    // Other values are tried by a fetch before anything can be said of them.
    let logged = desk.with("MEDIAKIT_LOG", "info").run_as_nobody(&["fetch", "tiktok"]).ends(0);
    let status = desk.run_as_nobody(&["token", "status"]);
    match wrong.name {
        // That may be meant: all may come from the environment.
        "missing" => {}
        "placeholders" => {
            status.complains(wrong.part);
            logged.complains("placeholders count as unset");
        }
        _ => {
            status.ends(3).complains(wrong.part);
            if wrong.topic == FILE {
                logged.complains("WARN").complains(wrong.part);
            }
        }
    }
}

fn with_tiktok_of_somebody_else(good: &str, simulator: &Simulator) -> String {
    let other = simulator.creators().into_iter().find(|one| one.key != CREATOR && one.handles.contains_key("tiktok"));
    let theirs = simulator.env_social(&other.unwrap().key);
    let lines = |text: &str, tiktok: bool| {
        let own = |line: &&str| line.contains("TIKTOK_") == tiktok && !line.starts_with("# mediakit:");
        text.lines().filter(own).fold(String::new(), |text, line| text + line + "\n")
    };
    lines(good, false) + &lines(&theirs, true)
}

#[tokio::test]
async fn a_server_whose_clock_is_a_day_off_tells_it_and_keeps_its_credentials() {
    for hours in [26, -26] {
        let own = |sim: &Simulator| {
            sim.env_social(CREATOR).split_inclusive('\n').filter(|line| line.starts_with("TIKTOK")).collect()
        };
        let desk = TokenDesk::new("tiktok", own).await;
        let app = desk.app().await;
        assert!(matches!(desk.refresh(&app).await.outcome, Outcome::Saved(_)));
        let told = |alerts: &[alert::Alert]| alerts.iter().find(|one| one.key == "clock:machine:off").cloned();
        assert!(told(&alert::due(&app.watched().await.unwrap(), app.clock.now())).is_none());
        desk.sim.advance(SignedDuration::from_hours(hours));
        desk.refresh(&app).await;
        let alert = told(&alert::due(&app.watched().await.unwrap(), app.clock.now())).unwrap();
        let (de, en) = if hours > 0 { ("26 h nach", "26 h slow") } else { ("26 h vor", "26 h fast") };
        assert!(alert.body.get(Lang::De).contains(de) && alert.body.get(Lang::En).contains(en), "{alert:?}");
        assert!(alert.next_step.get(Lang::En).contains("timedatectl"));
        desk.sim.advance(-SignedDuration::from_hours(hours));
        desk.pass(SignedDuration::from_mins(90));
        assert!(matches!(desk.refresh(&app).await.outcome, Outcome::Saved(_)));
        assert!(desk.is_valid("TIKTOK_REFRESH_TOKEN"));
        assert!(told(&alert::due(&app.watched().await.unwrap(), app.clock.now())).is_none(), "it is right again");
    }
}
