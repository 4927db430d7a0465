//! The mirror in a GitHub repository: which one, by which token, how far it is, and whether it would work.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::{Fixed, TAB, or_changed, shown};
use crate::config::{Config, Kind as _, Repository, is_sealed};
use crate::credentials::MirrorState;
use crate::credentials::mirrors::{secret_name, state_of};
use crate::domain::text::{Lang, Text};
use crate::store::{Choice, Mirror};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::public::when;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("GitHub-Spiegel", "GitHub mirror");
const TOPIC: &str = "mirror";
const REPOSITORY: &str = "github_repository";
const TOKEN: &str = "github_secrets_token";
const SAVED: Text = Text::new("Gespeichert. Es gilt ab sofort.", "Saved. It holds from now on.");
const BAD_REPOSITORY: Text = Text::new(
    "Schreib es als Besitzer/Name, zum Beispiel mara/media-kit.",
    "Write it as owner/name, for example mara/media-kit.",
);
const WORKS: Text = Text::new(
    "GitHub nimmt den Token an, und das Repository lässt sich erreichen.",
    "GitHub accepts the token, and the repository can be reached.",
);
const UNSET: Text = Text::new(
    "Trag Repository und Token ein und speichere, dann lässt es sich prüfen.",
    "Enter repository and token and save, then it can be tested.",
);

#[derive(Template)]
#[template(path = "admin/settings/mirror.html", whitespace = "minimize")]
struct MirrorPage {
    shell: Shell,
    form: Form,
    repository: Option<Fixed>,
    token: Option<Fixed>,
    own_token: bool,
    copies: Vec<Copy>,
    /// What a test said, and whether all is well.
    tried: Option<(bool, &'static str)>,
    theirs: Option<Vec<(&'static str, String)>>,
}

/// A secret of the repository.
struct Copy {
    name: String,
    state: String,
    failure: Option<String>,
}

impl MirrorPage {
    async fn new(by: &SignedIn, state: &State, form: Form) -> Result<Self, Error> {
        let (config, l) = (state.settings.config(), by.lang);
        let mirrors = state.store.mirrors(state.store.creator().await?.id).await?;
        let now = state.clock.now();
        let copies = mirrors.iter().filter_map(|mirror| {
            let name = secret_name(mirror)?.to_owned();
            Some(Copy { name, state: words(mirror, state_of(mirror, now), l), failure: mirror.failure.clone() })
        });
        Ok(Self {
            shell: Shell::new(by, state, TAB, None),
            form: form.without(&["token"]),
            repository: Fixed::of(&config, REPOSITORY, l),
            token: Fixed::of(&config, TOKEN, l),
            own_token: shown(&config, TOKEN).is_some() && !config.is_operators(TOKEN),
            copies: copies.collect(),
            tried: None,
            theirs: None,
        })
    }
}

/// How it stands, for the overview.
pub(super) fn state(config: &Config, l: Lang) -> String {
    let repository = config.github.repository.as_ref().filter(|_| config.github.token.is_some());
    repository.map_or_else(|| l.pick("aus", "off").to_owned(), |repository| repository.0.clone())
}

fn words(mirror: &Mirror, state: MirrorState, l: Lang) -> String {
    let at = |at| format!("{} UTC", when::full(at, l));
    match (state, mirror.done_at, mirror.next_at) {
        (MirrorState::Updated, Some(done), _) => format!("{} {}", l.pick("aktuell seit", "up to date since"), at(done)),
        (MirrorState::Updated, None, _) => l.pick("aktuell", "up to date").to_owned(),
        (MirrorState::Failed, ..) => l.pick("aufgegeben nach 30 Tagen", "given up after 30 days").to_owned(),
        (_, _, Some(next)) => format!("{} {}", l.pick("wartet, nächster Versuch", "waits, next attempt"), at(next)),
        _ => l.pick("wartet", "waits").to_owned(),
    }
}

/// The mirror as it is.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = MirrorPage::new(&by, &state, filled(&state).await?).await?;
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Saves repository and token; the mirror follows at once.
pub(super) async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let choices = read(&mut form, &state.settings.config());
    if !form.is_good() {
        return page::refused(&MirrorPage::new(&by, &state, form).await?, by.lang);
    }
    let version = form.value("version").parse().unwrap_or(-1);
    match state.settings.save(TOPIC, version, &choices, &by.session.owner.name).await.map_err(or_changed) {
        Ok(()) => Ok(see("/admin/settings/mirror?done=saved").into_response()),
        Err(Error::ChangedMeanwhile) => {
            form.set("version", state.settings.version(TOPIC).await?.to_string());
            let mut page = MirrorPage::new(&by, &state, form).await?;
            page.theirs = Some(Vec::new());
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

/// Asks GitHub whether it would work.
pub(super) async fn test(state: State, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let tried = match state.settings.github() {
        None => (false, UNSET),
        Some(github) => match github.check().await {
            Ok(()) => (true, WORKS),
            Err(error) => (false, error.text()),
        },
    };
    by.note(&state, "mirror tested", "").await;
    let mut page = MirrorPage::new(&by, &state, filled(&state).await?).await?;
    page.tried = Some((tried.0, tried.1.get(by.lang)));
    page::page(&page, by.lang)
}

async fn filled(state: &State) -> Result<Form, Error> {
    let mut form = Form::default();
    let repository = state.settings.config().github.repository.as_ref().map_or_else(String::new, |set| set.0.clone());
    form.set("repository", repository);
    form.set("version", state.settings.version(TOPIC).await?.to_string());
    Ok(form)
}

/// What becomes of the settings. An empty token keeps the one there is; a removed repository takes it along.
fn read(form: &mut Form, config: &Config) -> Vec<Choice> {
    let repository = form.text("repository").map(str::to_owned);
    if let Some(repository) = &repository {
        form.take("repository", Repository::parse(repository).map_err(|_| BAD_REPOSITORY));
    }
    let token = form.text("token").map(SecretString::from);
    let removed = form.has("token-remove", "yes") || repository.is_none() && !config.is_operators(REPOSITORY);
    let mut choices =
        vec![Choice { name: REPOSITORY, value: repository.map(SecretString::from), sealed: is_sealed(REPOSITORY) }];
    if token.is_some() || removed {
        choices.push(Choice { name: TOKEN, value: token.filter(|_| !removed), sealed: is_sealed(TOKEN) });
    }
    choices.retain(|choice| !config.is_operators(choice.name));
    choices
}
