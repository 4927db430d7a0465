//! The project's own rules as tests, one function each. A failure names the place and what to do; an exception is
//! an entry with a reason in one of the lists on top. Reads files only: it must not start a server or know the time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use mediakit::domain::audit;
use mediakit::platforms::{self, Settings};

mod tidy {
    pub mod source;
    pub mod words;
}
use tidy::source::{Source, functions, idents, line_of, paths_after, without_tests};
use tidy::words;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;
const TEMPLATE_LINES: usize = 250;

/// Which module may use which others, as drawn in ARCHITECTURE.md. `*` is everything.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &["*"]),
    ("cli", &["*"]),
    (
        "app",
        &[
            "web",
            "alerts",
            "refresh",
            "credentials",
            "settings",
            "sign_in",
            "store",
            "platforms",
            "outbound",
            "config",
            "clock",
            "domain",
        ],
    ),
    ("import", &["outbound", "domain"]),
    ("settings", &["alerts", "credentials", "store", "outbound", "config", "clock", "domain"]),
    (
        "web",
        &["refresh", "credentials", "import", "settings", "sign_in", "store", "platforms", "config", "clock", "domain"],
    ),
    ("alerts", &["store", "outbound", "config", "clock", "domain"]),
    ("refresh", &["credentials", "store", "platforms", "outbound", "config", "clock", "domain"]),
    ("credentials", &["store", "platforms", "outbound", "config", "clock", "domain"]),
    ("platforms", &["outbound", "clock", "domain"]),
    ("sign_in", &["store", "clock", "domain"]),
    ("store", &["clock", "domain"]),
    ("outbound", &["clock", "domain"]),
    ("config", &["platforms", "outbound", "domain"]),
    ("clock", &[]),
    ("domain", &[]),
];

/// A crate that only these modules may name.
const CONFINED: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("reqwest", &["outbound"]),
    ("axum", &["web"]),
    ("clap", &["cli", "config"]),
    ("lettre", &["alerts"]),
];

/// Where a simulator module plays several platforms: platform, module.
const PLAYED_BY: &[(&str, &str)] = &[("facebook", "meta"), ("instagram", "meta")];

/// Functions that may be longer than the limit: file, function, reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Template lines that may hold what is otherwise refused: file, text of the line, reason.
const TEMPLATE_EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("templates/parts/marks.html", "g.markup|safe", "our own glyph files, compiled in"),
    ("templates/public/badge.svg", "badge.glyph|safe", "our own glyph files, compiled in"),
    ("templates/public/card.svg", "mark|safe", "our own marks, compiled in"),
    ("templates/public/card.svg", "t.bar|safe", "numbers and colours, made by web/paper/drawings.rs"),
    ("templates/public/card.svg", "p.glyph|safe", "our own glyph files, compiled in"),
    ("templates/public/media_kit.html", "json_ld|safe", "made by web/public/data/json_ld.rs, which escapes markup"),
    ("templates/parts/growth.html", "svg|safe", "our own drawing, from a template that escapes"),
    ("templates/public/blocks/markdown.html", "html|safe", "made by web/public/markdown.rs, which drops raw HTML"),
];

/// Names and words that are the same in both languages.
const SAME_WORDS: &[&str] = &[
    "mediakit",
    "MEDIAKIT_PUBLIC_URL",
    "mediakit owner reset-password",
    "without-second-factor",
    "Port",
    "Token",
    "Webhook",
    "ntfy",
    "Repository",
    "Deutsch",
    "English",
    "{why}",
    "Name",
    "Links",
    "Link",
    "Passkeys",
    "Design",
    "Neon",
    "Sand",
    "Mono",
    "Posts",
    "Videos",
    "Likes",
    "Online",
    "Text",
    "Text in Markdown",
    "Video",
    "Euro",
    "Web",
    "Podcast",
    "ok",
];

/// Files that may print: file or folder, reason.
const MAY_PRINT: &[(&str, &str)] = &[
    ("src/cli/", "the command line's output"),
    ("src/main.rs", "the last word on an error"),
    ("simulator/src/main.rs", "the simulator's own command line"),
];

/// Names that say nothing about what a module is for.
const EMPTY_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "common", "manager", "service", "services", "core", "misc"];

/// Everything that was found against one rule; none is a pass.
struct Findings(Vec<String>);

impl Findings {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, path: &Path, line: usize, what_to_do: &str) {
        self.0.push(format!("{}:{line}: {what_to_do}", shown(path)));
    }

    fn none(mut self) {
        self.0.sort();
        let text = self.0.iter().fold(String::new(), |mut text, finding| {
            let _ = writeln!(text, "  {finding}");
            text
        });
        assert!(self.0.is_empty(), "{} findings\n{text}", self.0.len());
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The path from the root of the project, with `/` between its parts.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// All files under a folder of the project whose name ends in one of `ends`; none when it isn't there.
fn files(folder: &str, ends: &[&str]) -> Vec<PathBuf> {
    const FOREIGN: &[&str] = &["target", "node_modules", "artifacts", "data"];
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files of a folder, with comments and strings blanked out.
fn sources(folder: &str) -> Vec<Source> {
    files(folder, &[".rs"]).into_iter().map(|path| Source::new(&read(&path), path)).collect()
}

/// The module at the top of `src` that a file belongs to: `src/web/api/x.rs` is `web`.
fn top_module(path: &Path) -> String {
    let shown = shown(path);
    let first = shown.trim_start_matches("src/").split('/').next().unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

/// The module inside a top module: `src/platforms/x/api.rs` and `src/platforms/x.rs` are `x`.
fn inner_module(path: &Path) -> Option<String> {
    shown(path).split('/').nth(2).map(|part| part.trim_end_matches(".rs").to_owned())
}

/// The modules of `src/platforms` that are a platform; the others are what platforms share.
fn platform_modules() -> BTreeSet<String> {
    let platforms = sources("src/platforms").into_iter().filter(|source| source.code.contains("Platform for "));
    platforms.filter_map(|source| inner_module(&source.path)).filter(|name| name != "mod").collect()
}

#[test]
fn modules_look_in_one_direction_only() {
    let mut findings = Findings::new();
    for source in sources("src") {
        let module = top_module(&source.path);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            findings.add(
                &source.path,
                1,
                &format!(
                    "module `{module}` has no place yet; give it one in MAY_USE of tests/tidy.rs and in ARCHITECTURE.md"
                ),
            );
            continue;
        };
        let code = without_tests(&source.code);
        let start = if module == "main" { "mediakit::" } else { "crate::" };
        for (at, path) in paths_after(&code, start).into_iter().chain(source.through_super(&code)) {
            let used = path[0].as_str();
            let is_module = MAY_USE.iter().any(|(name, _)| *name == used);
            if is_module && used != module && !allowed.contains(&used) && !allowed.contains(&"*") {
                findings.add(
                    &source.path,
                    line_of(&code, at),
                    &format!(
                        "`{module}` must not use `{used}`; let a caller hand it in, or move the type down to `domain`"
                    ),
                );
            }
        }
    }
    findings.none();
}

#[test]
fn a_crate_stays_in_its_module() {
    let mut findings = Findings::new();
    for source in sources("src") {
        let module = top_module(&source.path);
        for (name, homes) in CONFINED {
            if !homes.contains(&module.as_str()) {
                for at in idents(&source.code, name) {
                    findings.add(
                        &source.path,
                        line_of(&source.code, at),
                        &format!("`{name}` is used in {} only; call that module", homes.join(", ")),
                    );
                }
            }
        }
    }
    findings.none();
}

#[test]
fn a_platform_sees_no_other_platform_and_nobody_looks_inside_one() {
    let mut findings = Findings::new();
    let platforms = platform_modules();
    for source in sources("src") {
        let inside = top_module(&source.path) == "platforms";
        let own = inner_module(&source.path).filter(|_| inside);
        if own.as_deref() == Some("mod.rs") || own.as_deref() == Some("mod") {
            continue;
        }
        let code = without_tests(&source.code);
        let mut paths = paths_after(&code, "crate::platforms::");
        if inside {
            paths.extend(paths_after(&code, "super::"));
        }
        for (at, path) in paths {
            let other = path[0].as_str();
            if platforms.iter().any(|name| name == other) && own.as_deref() != Some(other) {
                findings.add(
                    &source.path,
                    line_of(&code, at),
                    &format!(
                        "must not name the platform `{other}`; use what `platforms/mod.rs` offers for all of them"
                    ),
                );
            }
        }
    }
    findings.none();
}

#[test]
fn a_platform_comes_with_its_page_glyph_keys_and_fake() {
    let mut findings = Findings::new();
    let root = root();
    let example = fs::read_to_string(root.join(".env.social.example")).unwrap_or_default();
    for platform in platforms::all(&Settings::default()) {
        let about = platform.about();
        let id = about.id;
        let played_by = PLAYED_BY.iter().find(|(name, _)| *name == id).map_or(id, |(_, module)| module);
        let either = |file: String| root.join(format!("{file}.rs")).is_file() || root.join(file).is_dir();
        let source = root.join("src/platforms").join(id).with_extension("rs");
        for (there, what_to_do) in [
            (either(format!("src/platforms/{id}")), format!("give it one file of its name, src/platforms/{id}.rs")),
            (
                root.join(format!("docs/platforms/{id}.md")).is_file(),
                format!(
                    "write docs/platforms/{id}.md: what can be read, with which permission, what the owner has to do"
                ),
            ),
            (
                root.join(format!("templates/parts/glyphs/{id}.svg")).is_file(),
                format!("draw templates/parts/glyphs/{id}.svg in one colour"),
            ),
            (
                either(format!("simulator/src/upstream/{played_by}")),
                format!("write its fake, simulator/src/upstream/{played_by}.rs, or name in PLAYED_BY who plays it"),
            ),
        ] {
            if !there {
                findings.add(&source, 1, &format!("platform `{id}`: {what_to_do}"));
            }
        }
        for key in about.credentials {
            let set = format!("{}=", key.name);
            if !example.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&set)) {
                findings.add(
                    &source,
                    1,
                    &format!(
                        "platform `{id}`: add {set} to .env.social.example with a line of help in German and English"
                    ),
                );
            }
        }
    }
    findings.none();
}

#[test]
fn every_platform_file_is_in_the_list() {
    let mut findings = Findings::new();
    let listed: Vec<&str> = platforms::all(&Settings::default()).iter().map(|platform| platform.about().id).collect();
    for name in platform_modules() {
        if !listed.contains(&name.as_str()) {
            let path = root().join("src/platforms").join(&name);
            findings.add(
                &path,
                1,
                &format!("no platform `{name}` in platforms::all; list it, or name the module after its id"),
            );
        }
    }
    findings.none();
}

#[test]
fn files_stay_short() {
    let mut findings = Findings::new();
    let rust = files("src", &[".rs"]).into_iter().chain(files("simulator", &[".rs"])).map(|path| (path, FILE_LINES));
    let templates = files("templates", &[".html", ".svg"]).into_iter().map(|path| (path, TEMPLATE_LINES));
    for (path, limit) in rust.chain(templates) {
        let lines = read(&path).lines().count();
        if lines > limit {
            findings.add(
                &path,
                limit + 1,
                &format!("{lines} lines, the limit is {limit}; split it along what it is about"),
            );
        }
    }
    findings.none();
}

#[test]
fn functions_stay_short() {
    let mut findings = Findings::new();
    for source in sources("src").into_iter().chain(sources("simulator")) {
        for (name, first, last) in functions(&source.code) {
            let lines = last - first + 1;
            let excused =
                LONG_FUNCTIONS.iter().any(|(file, function, _)| *file == shown(&source.path) && *function == name);
            if lines > FUNCTION_LINES && !excused {
                findings.add(
                    &source.path,
                    first,
                    &format!("`{name}` has {lines} lines, the limit is {FUNCTION_LINES}; give its parts names"),
                );
            }
        }
    }
    findings.none();
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let mut findings = Findings::new();
    let folders = ["src", "simulator", "tests", "benches", "fuzz"];
    let build = Some(root().join("build.rs")).filter(|path| path.is_file());
    for path in folders.iter().flat_map(|folder| files(folder, &[".rs"])).chain(build) {
        if !read(&path).starts_with("//! ") {
            findings.add(&path, 1, "begin with `//! `: what the file is for and what it must not do");
        }
    }
    findings.none();
}

#[test]
fn only_the_clock_knows_the_time() {
    let mut findings = Findings::new();
    for source in sources("src").into_iter().filter(|source| shown(&source.path) != "src/clock.rs") {
        for call in ["SystemTime::now", "Timestamp::now", "Zoned::now", "Utc::now", "Local::now"] {
            for at in idents(&source.code, call) {
                findings.add(
                    &source.path,
                    line_of(&source.code, at),
                    "ask a `Clock` that is handed in, so that a test can set the time",
                );
            }
        }
    }
    findings.none();
}

#[test]
fn only_the_command_line_prints() {
    let mut findings = Findings::new();
    for source in sources("src").into_iter().chain(sources("simulator/src")) {
        if MAY_PRINT.iter().any(|(place, _)| shown(&source.path).starts_with(place)) {
            continue;
        }
        for name in ["println!", "print!", "eprintln!", "eprint!", "dbg!"] {
            for at in idents(&source.code, name) {
                findings.add(&source.path, line_of(&source.code, at), "use `tracing`, or return the text to `cli`");
            }
        }
    }
    findings.none();
}

#[test]
fn tests_do_not_sleep() {
    let mut findings = Findings::new();
    for source in sources("tests").into_iter().chain(sources("simulator/tests")) {
        for name in ["sleep", "sleep_until"] {
            for at in idents(&source.code, name) {
                if source.code[at + name.len()..].starts_with('(') {
                    findings.add(
                        &source.path,
                        line_of(&source.code, at),
                        "wait for the event itself, or set the `Clock`",
                    );
                }
            }
        }
    }
    findings.none();
}

#[test]
fn nothing_is_left_for_later() {
    let mut findings = Findings::new();
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let ends = [".rs", ".html", ".css", ".js", ".mjs", ".sql", ".py", ".lua", ".toml", ".md", ".yml", ".example"];
    for path in
        files("", &ends).into_iter().chain([root().join("test"), root().join("bench")]).filter(|path| path.is_file())
    {
        let text = read(&path);
        for mark in marks {
            for at in idents(&text, mark) {
                findings.add(&path, line_of(&text, at), "do it now, or write it down where open work is kept");
            }
        }
    }
    findings.none();
}

#[test]
fn modules_have_names_that_say_something() {
    let mut findings = Findings::new();
    for path in ["src", "simulator", "tests"].iter().flat_map(|folder| files(folder, &[".rs"])) {
        let shown = shown(&path);
        if let Some(name) = shown.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part)) {
            findings.add(&path, 1, &format!("`{name}` says nothing; name it after what its readers call it"));
        }
    }
    findings.none();
}

#[test]
fn lock_files_name_no_foreign_address() {
    const CRATES_IO: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let mut findings = Findings::new();
    let mut check = |path: PathBuf, refused: fn(&str) -> bool| {
        for (index, line) in fs::read_to_string(&path).unwrap_or_default().lines().enumerate() {
            if refused(line) {
                findings.add(&path, index + 1, "take packages from the default registries by name; record no address");
            }
        }
    };
    check(root().join("Cargo.lock"), |line| line.starts_with("source = ") && line != CRATES_IO);
    check(root().join(".cargo/config.toml"), |line| line.contains("registry") || line.contains("replace-with"));
    for path in files("", &["package-lock.json"]) {
        check(path, |line| line.contains("\"resolved\""));
    }
    for path in files("", &["package.json", ".npmrc"]) {
        check(path, |line| line.starts_with("registry") || line.contains(":registry") || line.contains("git+"));
    }
    for path in files("tests", &["requirements.txt"]) {
        check(path, |line| !line.starts_with('#') && (line.starts_with('-') || line.contains("://")));
    }
    findings.none();
}

#[test]
fn templates_hold_no_inline_style_no_script_and_nothing_unescaped() {
    let mut findings = Findings::new();
    for path in files("templates", &[".html", ".svg"]) {
        for (index, line) in read(&path).lines().enumerate() {
            let excused =
                TEMPLATE_EXCEPTIONS.iter().any(|(file, part, _)| *file == shown(&path) && line.contains(part));
            if let (Some(what), false) = (refused_in_template(line), excused) {
                findings.add(&path, index + 1, &format!("{what}; the Content-Security-Policy or escaping forbids it"));
            }
        }
    }
    findings.none();
}

/// What of a template's line may not be there.
fn refused_in_template(line: &str) -> Option<String> {
    let dense: String = line.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let handler = line.split(|c: char| c.is_whitespace() || c == '"' || c == '<').find(|word| {
        let name = word.split('=').next().unwrap_or_default();
        word.contains('=') && name.len() > 3 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase())
    });
    let inline_script =
        dense.contains("<script") && !dense.contains("src=") && !dense.contains("type=\"application/ld+json\"");
    if dense.contains("|safe") || dense.contains("escape=\"none\"") {
        Some("`|safe` writes text unescaped".to_owned())
    } else if line.to_ascii_lowercase().contains(" style=") || dense.contains("<style") {
        Some("a style belongs into assets/".to_owned())
    } else if inline_script || dense.contains("javascript:") {
        Some("a script belongs into assets/".to_owned())
    } else {
        handler.map(|word| format!("the handler `{word}` belongs into a script of assets/"))
    }
}

#[test]
fn documents_stand_for_themselves() {
    let mut findings = Findings::new();
    let top = fs::read_dir(root()).into_iter().flatten().flatten().map(|entry| entry.path());
    let top = top.filter(|path| path.extension().is_some_and(|end| end == "md"));
    for path in files("docs", &[".md"]).into_iter().chain(top) {
        let mut fenced = false;
        for (index, line) in read(&path).lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            // What stands between backticks is code: a colour, a selector.
            let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            let numbered = |word: &str| {
                let digits = word.trim_start_matches(['(', '[']).strip_prefix('#').unwrap_or_default();
                digits.starts_with(|c: char| c.is_ascii_digit())
                    && digits.trim_end_matches(['.', ',', ')', ']', ';', ':']).bytes().all(|b| b.is_ascii_digit())
            };
            if !fenced && prose.split_whitespace().any(numbered) {
                findings.add(&path, index + 1, "say what it was about: a number of an issue means nothing to a reader");
            }
        }
    }
    findings.none();
}

#[test]
fn the_panel_shows_nothing_untranslated() {
    let mut findings = Findings::new();
    for path in files("templates/admin", &[".html"]) {
        let text = read(&path);
        for (line, words) in words::untranslated(&text) {
            let only_names = SAME_WORDS.iter().any(|name| words.trim_matches(|c: char| !c.is_alphanumeric()) == *name);
            if !only_names {
                findings.add(&path, line, &format!("say {words:?} in both languages: `shell.l.pick(…)`"));
            }
        }
    }
    findings.none();
    let seen = words::untranslated(
        "<p title=\"Hint\">{{ l.pick(\"Ja\", \"Yes\") }} x\n<b>Bold</b>{% call a(\"Big\", \"id\") %}",
    );
    let seen: Vec<_> = seen.iter().map(|(line, words)| (*line, words.as_str())).collect();
    assert_eq!(seen, [(2, "Big"), (1, "Hint"), (2, "Bold")], "the rule sees what it is for");
}

#[test]
fn no_text_is_empty_or_the_same_in_both_languages() {
    let mut findings = Findings::new();
    let templates = files("templates", &[".html"]).into_iter().map(|path| (path, &["pick("][..]));
    let code = files("src", &[".rs"]).into_iter().map(|path| (path, &["pick(", "Text::new("][..]));
    for (path, starts) in templates.chain(code) {
        let text = read(&path);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, german, english) in starts.iter().flat_map(|start| words::pairs(text, start)) {
            let same = german == english && german.chars().any(char::is_alphabetic);
            if german.is_empty() != english.is_empty() || (same && !SAME_WORDS.contains(&german.as_str())) {
                findings.add(&path, line, &format!("{german:?} and {english:?}: one of them is missing"));
            }
        }
    }
    findings.none();
}

#[test]
fn every_deed_in_the_audit_log_has_words() {
    let mut findings = Findings::new();
    for path in files("src", &[".rs"]) {
        let text = read(&path);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in text.match_indices(".add_audit(") {
            // The third argument; the first two are the time and who.
            let what = text[at..].split(',').nth(2).and_then(words::literal);
            if let Some((what, _)) = what.filter(|(what, _)| audit::text(what).is_none()) {
                findings.add(&path, line_of(text, at), &format!("{what:?} has no words: add it to `domain::audit`"));
            }
        }
    }
    findings.none();
}
