//! What of the numbers is shown: from which size on a platform counts, in which order they stand, and which private
//! numbers everybody may see.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, json};

use super::{DONE, TAB};
use crate::domain::media_kit::Panel;
use crate::domain::metric::{MetricAbout, Unit, Value};
use crate::domain::number::{exact_in, percent_in};
use crate::domain::platform::About;
use crate::domain::profile::{Creator, MOST_LEAST_SHARE};
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::api::profile_changes;
use crate::web::error::Error;
use crate::web::public::{audience, when};
use crate::web::state::State;

const NO_NUMBER: Text = Text::new(
    "Schreib eine ganze Zahl von 0 bis 1.000.000.000.000.",
    "Write a whole number from 0 to 1,000,000,000,000.",
);
const NO_SHARE: Text = Text::new("Schreib eine ganze Zahl von 0 bis 30.", "Write a whole number from 0 to 30.");

/// A private number with what it is now.
struct Private {
    field: String,
    label: Text,
    meaning: Text,
    now: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/kit/numbers.html", whitespace = "minimize")]
struct NumbersPage {
    shell: Shell,
    form: Form,
    /// Each platform that has private numbers, with them.
    private: Vec<(&'static About, Vec<Private>)>,
    /// The platforms of the profile in the order of the page.
    order: Vec<&'static About>,
    is_ordered: bool,
    theirs: Option<Vec<(&'static str, String)>>,
}

impl NumbersPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let kit = state.faces.kit();
        let private =
            state.platforms.iter().map(|about| (*about, privates(about, kit.panel(about.id), state, by.lang)));
        Self {
            shell: Shell::new(by, state, TAB, None),
            form,
            private: private.filter(|(_, numbers)| !numbers.is_empty()).collect(),
            order: ordered(state),
            is_ordered: !kit.creator.platform_order.is_empty(),
            theirs: None,
        }
    }
}

fn privates(about: &'static About, panel: Option<&Panel>, state: &State, lang: Lang) -> Vec<Private> {
    let snapshot = panel.and_then(|panel| panel.snapshot.as_ref());
    let now = |metric: &MetricAbout| {
        let figure = snapshot?.figures.get(metric.key)?;
        let value = match figure.value {
            Value::Count(count) => exact_in(count, lang),
            Value::Rate(rate) if metric.unit == Unit::Percent => percent_in(rate, lang),
            Value::Rate(_) | Value::Flag(_) => return None,
        };
        Some(format!("{value}, {} UTC", when::near(figure.fetched_at, state.clock.now(), lang)))
    };
    let who = |dimension| {
        let known = snapshot?.demographics.get(dimension)?;
        let at = when::near(known.fetched_at, state.clock.now(), lang);
        Some(format!("{}, {at} UTC", audience::in_a_line(&known.breakdown, lang)))
    };
    // Of what the last fetch could not read, its owner is told why.
    let why = |key: &str| {
        let note = snapshot?.notes.iter().find(|note| note.part == key)?;
        Some(note.kind.sentence(about.name, lang))
    };
    let metrics = about.metrics.iter().filter(|metric| metric.private).map(|metric| Private {
        field: field(about, metric.key),
        label: metric.label,
        meaning: metric.meaning,
        now: now(metric).or_else(|| why(metric.key)),
    });
    let audience = about.demographics.iter().map(|dimension| Private {
        field: field(about, dimension.key()),
        label: dimension.label(),
        meaning: dimension.meaning(),
        now: who(dimension).or_else(|| why(dimension.key())),
    });
    metrics.chain(audience).collect()
}

/// The platforms of the profile, as the page orders them; those it hides too, at the end.
fn ordered(state: &State) -> Vec<&'static About> {
    let kit = state.faces.kit();
    let shown = kit.shown_panels().into_iter().map(|panel| panel.about);
    let hidden = kit.panels.iter().filter(|panel| panel.hidden).map(|panel| panel.about);
    shown.chain(hidden).collect()
}

/// The settings as they are.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    let mut page = NumbersPage::new(&by, &state, filled(&creator));
    page.shell = page.shell.done(&uri, &DONE);
    page::page(&page, by.lang)
}

/// Saves the settings, all of them or nothing.
pub async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let (threshold, share) = (form.value("threshold").trim().to_owned(), form.value("least-share").trim().to_owned());
    let threshold = form.take("threshold", whole(&threshold).ok_or(NO_NUMBER));
    let share = form.take("least-share", whole(&share).filter(|n| *n <= MOST_LEAST_SHARE).ok_or(NO_SHARE));
    let (Some(threshold), Some(share)) = (threshold, share) else {
        return page::refused(&NumbersPage::new(&by, &state, form), by.lang);
    };
    let published = published(&form, &state.platforms);
    let changes =
        Map::from_iter([("threshold".to_owned(), json!(threshold)), ("published".to_owned(), json!(&published))]);
    let saved = state.store.change_profile(|creator| {
        if form.value("version") != creator.version.to_string() {
            return Err(Error::ChangedMeanwhile);
        }
        creator.least_share = share;
        creator.hides_small = form.has("hides-small", "yes");
        profile_changes::read(changes, creator, &state.platforms)
    });
    match saved.await {
        Ok(_) => {}
        Err(Error::Invalid(field, why)) => {
            form.refuse(&field, why);
            return page::refused(&NumbersPage::new(&by, &state, form), by.lang);
        }
        Err(Error::ChangedMeanwhile) => return changed(&by, &state, form).await,
        Err(error) => return Err(error),
    }
    let detail = format!("from {threshold}, {share} %, published: {}", published.join(" "));
    by.note(&state, "shown numbers changed", &detail).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}/numbers?done=saved")).into_response())
}

/// The name of a private number's tick.
fn field(about: &About, key: &str) -> String {
    format!("publish-{}-{}", about.id, key.replace('_', "-"))
}

/// The private numbers that are ticked, as the profile keeps them.
fn published(form: &Form, platforms: &[&'static About]) -> Vec<String> {
    let private = |about: &&'static About| {
        let about = *about;
        let ticked = about.private_keys().filter(move |key| form.has(&field(about, key), "yes"));
        ticked.map(move |key| format!("{}.{key}", about.id))
    };
    platforms.iter().flat_map(private).collect()
}

/// Somebody else saved the profile or this page: what was typed stays, what is saved stands beside it.
async fn changed(by: &SignedIn, state: &State, mut form: Form) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    form.set("version", creator.version.to_string());
    let l = by.lang;
    let yes = if creator.hides_small { l.pick("ja", "yes") } else { l.pick("nein", "no") };
    let mut page = NumbersPage::new(by, state, form);
    page.theirs = Some(vec![
        (l.pick("Zählt ab", "Counts from"), exact_in(creator.threshold, l)),
        (l.pick("Kleinster Anteil", "Least share"), creator.least_share.to_string()),
        (l.pick("Kleinere ausblenden", "Hide smaller ones"), yes.to_owned()),
        (l.pick("Veröffentlicht", "Published"), creator.published.join(", ")),
    ]);
    page::with_status(StatusCode::CONFLICT, &page, l)
}

/// Moves a platform to a place, or leaves the order to the numbers again.
pub async fn order(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let mut order: Vec<String> = ordered(&state).iter().map(|about| about.id.to_owned()).collect();
    if form.has("reset", "yes") {
        order.clear();
    } else {
        let to: usize = form.value("to").parse().map_err(|_| Error::BadRequest)?;
        let from = order.iter().position(|id| id == form.value("platform")).ok_or(Error::BadRequest)?;
        let moved = order.remove(from);
        order.insert(to.min(order.len()), moved);
    }
    let detail = order.join(" ");
    let keep = |creator: &mut Creator| {
        creator.platform_order = order;
        Ok::<_, Error>(Vec::new())
    };
    state.store.change_profile(keep).await?;
    by.note(&state, "platforms ordered", &detail).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}/numbers?done=moved#order")).into_response())
}

fn filled(creator: &Creator) -> Form {
    let mut form = Form::default();
    form.set("version", creator.version.to_string());
    form.set("threshold", creator.threshold.to_string());
    form.set("least-share", creator.least_share.to_string());
    form.set("hides-small", if creator.hides_small { "yes" } else { "" });
    for (platform, metric) in creator.published.iter().filter_map(|name| name.split_once('.')) {
        form.set(&format!("publish-{platform}-{}", metric.replace('_', "-")), "yes");
    }
    form
}

/// A whole number as people write it, with or without marks between its digits.
fn whole(typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}')).collect();
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().filter(|n| *n <= 1_000_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_people_write_them() {
        for (typed, read) in
            [("1.000", Some(1000)), ("2,500,000", Some(2_500_000)), ("0", Some(0)), ("1 000", Some(1000))]
        {
            assert_eq!(whole(typed), read, "{typed}");
        }
        for typed in ["", "-1", "1e3", "tausend", "1000000000001", "99999999999999999999"] {
            assert_eq!(whole(typed), None, "{typed}");
        }
    }
}
