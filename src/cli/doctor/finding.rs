//! A finding of `doctor`: how it is, in a sentence, and the exact fix.

use serde_json::{Value as Json, json};

use crate::cli::stop::Exit;
use crate::domain::alert::Words;
use crate::domain::text::Lang;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    /// It works, and soon may not.
    Warn,
    /// It does not work.
    Fail,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// What was looked at: `clock`, `credentials:tiktok`.
    topic: String,
    state: State,
    said: Words,
    fix: Option<Words>,
    /// How the command ends because of it, when nothing can work.
    ends: Option<Exit>,
}

impl Finding {
    pub(super) fn ok(topic: impl Into<String>, said: impl Into<Words>) -> Self {
        Self { topic: topic.into(), state: State::Ok, said: said.into(), fix: None, ends: None }
    }

    pub(super) fn warn(topic: impl Into<String>, said: impl Into<Words>, fix: impl Into<Words>) -> Self {
        Self { state: State::Warn, fix: Some(fix.into()), ..Self::ok(topic, said) }
    }

    pub(super) fn fail(topic: impl Into<String>, said: impl Into<Words>, fix: impl Into<Words>) -> Self {
        Self { state: State::Fail, ..Self::warn(topic, said, fix) }
    }

    /// A finding of a text that says first what it is and then what to do, as all of the product's do.
    pub(super) fn told(topic: impl Into<String>, state: State, told: &Words) -> Self {
        let (de, en) = (halves(told.get(Lang::De)), halves(told.get(Lang::En)));
        let fix = de.1.zip(en.1).map(|(de, en)| Words::new(de, en));
        Self { state, fix, ..Self::ok(topic, Words::new(de.0, en.0)) }
    }

    /// Nothing can work because of it.
    pub(super) fn ending(self, exit: Exit) -> Self {
        Self { ends: Some(exit), ..self }
    }

    pub(super) fn line(&self, lang: Lang) -> String {
        let fix = self.fix.as_ref().map(|fix| format!("      → {}\n", fix.get(lang))).unwrap_or_default();
        format!("{:<4}  {}\n{fix}", self.state.name(), self.said.get(lang))
    }

    pub(super) fn json(&self, lang: Lang) -> Json {
        json!({
            "topic": self.topic,
            "state": self.state.name(),
            "detail": self.said.get(lang),
            "fix": self.fix.as_ref().map(|fix| fix.get(lang)),
        })
    }
}

/// The first sentence, and the rest.
fn halves(text: &str) -> (String, Option<String>) {
    match text.split_once(". ") {
        Some((first, rest)) => (format!("{first}."), Some(rest.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// 0 when all is well, else 3; what a finding says that nothing can work with comes first.
pub(super) fn exit(findings: &[Finding]) -> Exit {
    let ends = findings.iter().find_map(|finding| finding.ends);
    let well = findings.iter().all(|finding| finding.state == State::Ok);
    ends.unwrap_or(if well { Exit::All } else { Exit::Partly })
}

/// How many there are of a state.
pub(super) fn count(findings: &[Finding], state: State) -> usize {
    findings.iter().filter(|finding| finding.state == state).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::new(text, text)
    }

    #[test]
    fn the_first_sentence_says_what_it_is_and_the_rest_what_to_do() {
        let finding = Finding::told("disk", State::Fail, &words("/a/.env.social is a folder. Remove it. Then go on."));
        let json = finding.json(Lang::En);
        assert_eq!(json["detail"], "/a/.env.social is a folder.");
        assert_eq!(json["fix"], "Remove it. Then go on.");
        assert!(Finding::told("disk", State::Fail, &words("Nothing to do.")).json(Lang::De)["fix"].is_null());
    }

    #[test]
    fn the_exit_code_says_whether_anything_can_work() {
        let (ok, warn) = (Finding::ok("a", words("")), Finding::warn("b", words(""), words("")));
        let ended = Finding::fail("c", words(""), words("")).ending(Exit::Nothing);
        assert_eq!(exit(&[]), Exit::All);
        assert_eq!(exit(std::slice::from_ref(&ok)), Exit::All);
        assert_eq!(exit(&[ok.clone(), warn.clone()]), Exit::Partly);
        assert_eq!(exit(&[ok, warn, ended]), Exit::Nothing);
    }
}
