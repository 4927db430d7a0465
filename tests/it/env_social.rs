//! Reading `.env.social`: the rules of the usual dotenv tools, tolerance, places in the file, and reading it again.

use std::fs::{self, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use mediakit::credentials::env_file::{MAX_FILE_BYTES, is_placeholder};
use mediakit::credentials::{CredentialSource, EnvFile, EnvFileError, Quote};
use mediakit::domain::text::Text;
use mediakit::platforms::{CredentialKey, Credentials};
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn parse(content: &str) -> EnvFile {
    EnvFile::parse(content.as_bytes().to_vec()).unwrap()
}

fn pairs(file: &EnvFile) -> Vec<(&str, &str)> {
    file.assignments().iter().map(|a| (a.key.as_str(), a.value.expose_secret())).collect()
}

#[test]
fn values_are_read_as_the_usual_tools_do() {
    let cases = [
        ("A=b", "b"),
        ("A=b\r\n", "b"),
        ("\u{feff}A=b\n", "b"),
        ("  A  =  b  \n", "b"),
        ("export A=b", "b"),
        ("\texport   A = b", "b"),
        ("A=", ""),
        ("A=   ", ""),
        ("A= # nur ein Kommentar", ""),
        ("A=#kein Kommentar", "#kein Kommentar"),
        ("A=b#c", "b#c"),
        ("A=b #c", "b"),
        ("A=b\t# c", "b"),
        ("A=b c d", "b c d"),
        ("A=b=c==", "b=c=="),
        ("A='b # c'", "b # c"),
        ("A='b' # c", "b"),
        ("A=''", ""),
        (r"A='b\n$X\'", r"b\n$X\"),
        (r#"A="b # c""#, "b # c"),
        (r#"A="b"   # c"#, "b"),
        (r#"A="""#, ""),
        (r#"A="a\nb\tc\\d\"e\$f\'g\r""#, "a\nb\tc\\d\"e$f'g\r"),
        (r#"A="\x\u""#, r"\x\u"),
        ("A=\"eins\nzwei\"\n", "eins\nzwei"),
        ("A=\"eins\r\nzwei\"\r\n", "eins\nzwei"),
        ("A=$HOME${X}", "$HOME${X}"),
        (r"A=b\n", r"b\n"),
        ("A=ümlaut", "ümlaut"),
        ("A.b-c=d", "d"),
    ];
    for (content, expected) in cases {
        let file = parse(content);
        assert!(file.complaints().is_empty(), "{content:?}: {:?}", file.complaints());
        assert_eq!(file.assignments().len(), 1, "{content:?}");
        assert_eq!(file.assignments()[0].value.expose_secret(), expected, "{content:?}");
    }
}

#[test]
fn comments_and_blank_lines_say_nothing() {
    let file = parse("# a=b\n\n   \n\t# c\n#\r\n");
    assert!(file.assignments().is_empty() && file.complaints().is_empty());
    assert!(parse("").assignments().is_empty());
}

#[test]
fn the_last_of_several_wins_and_unknown_keys_are_kept() {
    let file = parse("A=1\nSOMETHING_ELSE=x\nA=2\n");
    assert_eq!(file.get("A").unwrap().value.expose_secret(), "2");
    assert_eq!(pairs(&file), [("A", "1"), ("SOMETHING_ELSE", "x"), ("A", "2")]);
}

#[test]
fn a_bad_line_is_told_by_its_number_alone_and_the_rest_is_read() {
    let bad = [
        "canary-991",
        "=canary-991",
        "1A=canary-991",
        "A B=canary-991",
        "export canary-991",
        "Ä=canary-991",
        "A='canary-991",
        "A=\"canary-991",
        "A='canary'-991",
        "A=\"canary\"-991",
        "A=canary\0-991",
    ];
    for line in bad {
        let file = parse(&format!("FIRST=1\n{line}\nLAST='2'\n"));
        assert_eq!(pairs(&file), [("FIRST", "1"), ("LAST", "2")], "{line:?}");
        assert_eq!(file.complaints().len(), 1, "{line:?}");
        assert_eq!(file.complaints()[0].line, 2, "{line:?}");
        let said = format!("{:?} {:?}", file.complaints(), file);
        assert!(!said.contains("canary") && !said.contains("991"), "{said}");
    }
}

#[test]
fn an_open_quote_costs_its_own_line_only() {
    let file = parse("A=\"offen\nB=\"gut\"\nC=\"auch\nlang\"\nD=1");
    assert_eq!(pairs(&file), [("B", "gut"), ("C", "auch\nlang"), ("D", "1")]);
    assert_eq!(file.complaints().iter().map(|c| c.line).collect::<Vec<_>>(), [1]);
    assert_eq!(file.get("D").unwrap().line, 5);
}

#[test]
fn a_line_that_is_no_text_is_left_out() {
    let file = EnvFile::parse(b"A=1\nB=\xff\xfe\nC=3\n".to_vec()).unwrap();
    assert_eq!(pairs(&file), [("A", "1"), ("C", "3")]);
    assert_eq!(file.complaints()[0].line, 2);
}

#[test]
fn every_value_knows_its_place() {
    let content = "\u{feff}# x\r\nexport A = 'eins' # c\r\nB=\"a\\\"b\"\nC=  plain  # c\nD=\nE= # c\nF=\"x\ny\"\nG=z";
    let file = parse(content);
    let place = |key: &str| {
        let a = file.get(key).unwrap();
        (&content[a.written.clone()], a.quote, &content[a.statement.clone()], a.line)
    };
    assert_eq!(place("A"), ("eins", Quote::Single, "export A = 'eins' # c\r\n", 2));
    assert_eq!(place("B"), ("a\\\"b", Quote::Double, "B=\"a\\\"b\"\n", 3));
    assert_eq!(place("C"), ("plain", Quote::None, "C=  plain  # c\n", 4));
    assert_eq!(place("D"), ("", Quote::None, "D=\n", 5));
    assert_eq!(place("E"), ("", Quote::None, "E= # c\n", 6));
    assert_eq!(place("F"), ("x\ny", Quote::Double, "F=\"x\ny\"\n", 7));
    assert_eq!(place("G"), ("z", Quote::None, "G=z", 9));
    for key in ["D", "E"] {
        let at = file.get(key).unwrap().written.start;
        assert_eq!(&content[at - 2..at], format!("{key}="));
    }
    assert_eq!(file.source(), content.as_bytes());
}

#[test]
fn a_file_that_gives_nothing_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let read = |name: &str| EnvFile::read(&path(name)).unwrap_err();
    assert_eq!(read("missing"), EnvFileError::Missing);
    fs::create_dir(path("folder")).unwrap();
    assert_eq!(read("folder"), EnvFileError::Directory);
    fs::write(path("large"), vec![b'\n'; MAX_FILE_BYTES + 1]).unwrap();
    assert_eq!(read("large"), EnvFileError::TooLarge);
    fs::write(path("fits"), vec![b'\n'; MAX_FILE_BYTES]).unwrap();
    assert!(EnvFile::read(&path("fits")).is_ok());
    fs::write(path("utf16"), b"\xff\xfeA\0=\0").unwrap();
    assert_eq!(read("utf16"), EnvFileError::Utf16);
    assert_eq!(EnvFile::read(Path::new("/dev/null")).unwrap_err(), EnvFileError::NotAFile);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(path("fits"), path("link")).unwrap();
        assert!(EnvFile::read(&path("link")).is_ok());
        std::os::unix::fs::symlink(path("loop"), path("loop")).unwrap();
        assert_eq!(read("loop"), EnvFileError::Unreadable);
    }
}

#[test]
fn placeholders_are_told_from_names() {
    for (key, value) in [
        ("INSTAGRAM_ACCESS_TOKEN", "dein_token_hier"),
        ("INSTAGRAM_APP_ID", "deine_app_id"),
        ("INSTAGRAM_APP_SECRET", "Dein_App_Secret"),
        ("X_BEARER_TOKEN", "your_token_here"),
        ("TIKTOK_USERNAME", "your_username"),
        ("TIKTOK_USERNAME", "your-handle"),
        ("X_BEARER_TOKEN", "your-token-here"),
        ("X_BEARER_TOKEN", "Dein Token"),
        ("X_BEARER_TOKEN", "<TOKEN>"),
        ("X_BEARER_TOKEN", "xxx"),
        ("X_BEARER_TOKEN", "XXXXXXXX"),
        ("X_BEARER_TOKEN", "..."),
        ("X_BEARER_TOKEN", "changeme"),
        ("X_BEARER_TOKEN", "change-me"),
        ("X_BEARER_TOKEN", "Todo"),
    ] {
        assert!(is_placeholder(key, value), "{key}={value}");
    }
    for (key, value) in [
        ("INSTAGRAM_USERNAME", "festas_builds"),
        ("INSTAGRAM_USERNAME", "your_daily_recipe"),
        ("INSTAGRAM_USERNAME", "dein_gartenprofi"),
        ("INSTAGRAM_ACCESS_TOKEN", "EAAdein_token"),
        ("X_MONTHLY_BUDGET_USD", "1.00"),
        ("X_BEARER_TOKEN", "xxxa"),
        ("X_BEARER_TOKEN", "changemetoo"),
        ("TIKTOK_USERNAME", "xxx"),
        ("TIKTOK_USERNAME", "todo"),
    ] {
        assert!(!is_placeholder(key, value), "{key}={value}");
    }
}

const TOKEN: CredentialKey = CredentialKey {
    name: "KIT_TOKEN",
    aliases: &["KIT_OLD_TOKEN"],
    secret: true,
    required: true,
    help: Text::new("", ""),
};
const NAME: CredentialKey =
    CredentialKey { name: "KIT_USERNAME", aliases: &[], secret: false, required: false, help: Text::new("", "") };

fn source(path: &Path, environment: &[(&str, &str)]) -> CredentialSource {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CredentialSource::new(path, [TOKEN, NAME], environment)
}

fn token(credentials: &Credentials) -> Option<&str> {
    credentials.get(&TOKEN).map(ExposeSecret::expose_secret)
}

#[test]
fn empty_values_and_placeholders_count_as_unset() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env.social");
    fs::write(&path, "KIT_TOKEN=dein_token_hier\nKIT_USERNAME=''\n").unwrap();
    let now = source(&path, &[]).current();
    assert!(now.get(&TOKEN).is_none() && now.get(&NAME).is_none());
}

#[test]
fn the_environment_stands_in_for_what_the_file_lacks_and_for_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env.social");
    let environment = [("KIT_TOKEN", "from-env"), ("KIT_USERNAME", "env_name"), ("HOME", "/root")];
    let source = source(&path, &environment);
    assert_eq!(token(&source.current()), Some("from-env"));
    fs::write(&path, "KIT_OLD_TOKEN=from-file\nKIT_USERNAME=your_username\n").unwrap();
    let now = source.current();
    assert_eq!(token(&now), Some("from-file"), "an older name in the file comes before the environment");
    assert_eq!(now.plain(&NAME), Some("env_name"));
}

#[test]
fn the_file_is_read_again_when_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env.social");
    let source = source(&path, &[]);
    let write = |content: &str| fs::write(&path, content).unwrap();
    let settle = || {
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_times(FileTimes::new().set_modified(SystemTime::now() - Duration::from_mins(10))).unwrap();
    };
    assert_eq!(token(&source.current()), None);
    for content in ["one", "two", "three"] {
        write(&format!("KIT_TOKEN={content}"));
        assert_eq!(token(&source.current()), Some(content), "within the same instant");
    }
    write("KIT_TOKEN=four");
    settle();
    assert_eq!(token(&source.current()), Some("four"));
    assert_eq!(token(&source.current()), Some("four"));
    write("KIT_TOKEN=five");
    settle();
    assert_eq!(token(&source.current()), Some("five"), "same length, same times");
    let new = folder.path().join("new");
    fs::write(&new, "KIT_TOKEN=nine").unwrap();
    fs::rename(&new, &path).unwrap();
    assert_eq!(token(&source.current()), Some("nine"), "another file under the name");
    fs::write(&path, "KIT_TOKEN=ten\nbad line\n").unwrap();
    assert_eq!(token(&source.current()), Some("ten"), "a bad line beside it");
    fs::remove_file(&path).unwrap();
    assert_eq!(token(&source.current()), None);
}

/// Files of the subset in which all tools agree: no `$`, no backslash outside double quotes, no blank in plain values.
fn common_line() -> impl Strategy<Value = String> {
    let key = "[A-Za-z_][A-Za-z0-9_]{0,8}";
    let value = prop_oneof![
        "[a-zA-Z0-9_.:/+=-]{0,12}",
        "[a-zA-Z0-9_.:/+=-]{1,6}#[a-z]{0,4}",
        "'[a-zA-Z0-9 #=\"_-]{0,12}'",
        r#""([a-zA-Z0-9 #='_-]|\\n|\\\\|\\"|\\\$|\n){0,12}""#,
    ];
    let comment = prop_oneof![Just(String::new()), Just(" ".to_owned()), "[ \t]{1,3}# [a-z ]{0,8}"];
    let gap = "[ \t]{0,2}";
    let assignment = (prop_oneof![Just(""), Just("export ")], key, gap, gap, value, comment).prop_filter_map(
        "`export` itself is a word of its own",
        |(export, key, before, after, value, comment)| {
            (key != "export").then(|| format!("{export}{key}{before}={after}{value}{comment}"))
        },
    );
    prop_oneof![6 => assignment, 1 => Just(String::new()), 1 => "# [a-z=]{0,10}"]
}

proptest! {
    #[test]
    fn generated_files_read_as_dotenvy_reads_them(
        bom in any::<bool>(),
        lines in prop::collection::vec(common_line(), 0..12),
        windows in any::<bool>(),
    ) {
        let end = if windows { "\r\n" } else { "\n" };
        // dotenvy refuses a last line that ends in a blank and has no line end.
        let content = lines.iter().map(|line| format!("{line}{end}")).collect::<Vec<_>>().concat();
        let ours = parse(&format!("{}{content}", if bom { "\u{feff}" } else { "" }));
        prop_assert!(ours.complaints().is_empty(), "{:?}", ours.complaints());
        let theirs: Vec<(String, String)> = dotenvy::from_read_iter(content.as_bytes()).map(Result::unwrap).collect();
        let ours: Vec<(String, String)> = pairs(&ours).into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn any_bytes_are_read_without_harm_and_every_place_is_inside_the_file(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"A=\"'\\\n\r# ".to_vec())], 0..200),
    ) {
        let Ok(file) = EnvFile::parse(bytes.clone()) else { return Ok(()) };
        let mut last = 0;
        for assignment in file.assignments() {
            prop_assert!(assignment.statement.start >= last && assignment.statement.end <= bytes.len());
            prop_assert!(assignment.written.start >= assignment.statement.start);
            prop_assert!(assignment.written.end <= assignment.statement.end);
            last = assignment.statement.end;
        }
        let lines = bytes.split(|byte| *byte == b'\n').count();
        prop_assert!(file.complaints().iter().all(|complaint| (1..=lines).contains(&complaint.line)));
    }
}
