//! The pages of the connections tab.

use askama::Template;

use super::told::Told;
use super::view::{Note, RowView};
use super::{TAB, callback, is_app_set_elsewhere, who};
use crate::credentials::Place;
use crate::credentials::connections::{Key, Row};
use crate::domain::platform::{About, Connect, CredentialKey};
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::admin::page::Shell;
use crate::web::admin::session::SignedIn;
use crate::web::assets::glyph;
use crate::web::state::State;

/// A platform's mark, drawn once a page.
pub struct Glyph {
    pub platform: &'static str,
    /// Inner SVG; written unescaped, so only ever the platform's own constant.
    pub markup: &'static str,
}

fn glyphs(rows: &[&'static About]) -> Vec<Glyph> {
    rows.iter().map(|about| Glyph { platform: about.id, markup: glyph(about.id) }).collect()
}

/// Every connection.
#[derive(Template)]
#[template(path = "admin/connections.html", whitespace = "minimize")]
pub struct BoardPage {
    shell: Shell,
    glyphs: Vec<Glyph>,
    /// What is or was connected.
    connected: Vec<RowView>,
    /// What could be.
    others: Vec<RowView>,
    /// The names of the platforms that need nothing.
    open: Option<String>,
    reads_only: bool,
}

impl BoardPage {
    /// The board, with what was just done beside its platform.
    pub fn new(by: &SignedIn, state: &State, rows: &[Row], told: Option<&Told>) -> Self {
        let (now, may_renew) = (state.clock.now(), state.credentials.may_renew());
        let view = |row: &Row| {
            let told = told.filter(|told| told.is_of(row.about));
            RowView::new(row, told.map(|told| Note::new(told, row.about, by.lang)), may_renew, now, by.lang)
        };
        let closed = |row: &&Row| !row.about.credentials.is_empty();
        let (connected, others) = rows.iter().filter(closed).partition::<Vec<&Row>, _>(|row| is_alive(row));
        let open: Vec<&str> = rows.iter().filter(|row| !closed(row)).map(|row| row.about.name).collect();
        Self {
            shell: Shell::new(by, state, TAB, None),
            glyphs: glyphs(&rows.iter().map(|row| row.about).collect::<Vec<_>>()),
            connected: connected.into_iter().map(view).collect(),
            others: others.into_iter().map(view).collect(),
            open: (!open.is_empty()).then(|| open.join(", ")),
            reads_only: !may_renew,
        }
    }
}

fn is_alive(row: &Row) -> bool {
    row.is_connected
}

/// One platform.
#[derive(Template)]
#[template(path = "admin/connection.html", whitespace = "minimize")]
pub struct ConnectionPage {
    shell: Shell,
    glyphs: Vec<Glyph>,
    form: Form,
    about: &'static About,
    note: Option<Note>,
    /// The handle of an account that is not the profile's, and the profile's.
    undecided: Option<(String, String)>,
    ways: Vec<WayView>,
    redirect_uri: String,
    keys: Vec<KeyView>,
    is_connected: bool,
    may_enter: bool,
}

/// A way to connect.
pub struct WayView {
    pub way: &'static Connect,
    /// The app's keys that are typed in here.
    pub keys: Vec<KeyView>,
    /// Whether the operator set the app's keys elsewhere.
    pub is_set_elsewhere: bool,
}

/// A key's field.
pub struct KeyView {
    pub field: String,
    pub name: &'static str,
    pub kind: &'static str,
    /// Keeps browsers from filling in a password that they know.
    pub autocomplete: &'static str,
    pub help: String,
    /// Where the operator set it, in words; such a key has no field.
    pub place: Option<&'static str>,
}

impl KeyView {
    fn new(key: &Key, field: String, lang: Lang) -> Self {
        let help = key.about.help.get(lang);
        let kept = Text::new(" Gespeichert; leer lassen, um ihn zu behalten.", " Saved; leave empty to keep it.");
        Self {
            field,
            name: key.about.name,
            kind: if key.about.secret { "password" } else { "text" },
            autocomplete: if key.about.secret { "new-password" } else { "off" },
            help: if key.is_kept && key.place.is_none() {
                format!("{help}{}", kept.get(lang))
            } else {
                help.to_owned()
            },
            place: key.place.map(|place| place_words(place).get(lang)),
        }
    }
}

const fn place_words(place: Place) -> Text {
    match place {
        Place::File => {
            Text::new("Gesetzt in .env.social; ändere den Wert dort.", "Set in .env.social; change it there.")
        }
        Place::Environment => Text::new(
            "Gesetzt in der Umgebung des Programms; ändere den Wert dort.",
            "Set in the program's environment; change it there.",
        ),
    }
}

impl ConnectionPage {
    /// A platform's page, with what was typed and what was just done.
    pub fn new(by: &SignedIn, state: &State, row: &Row, form: Form, told: Option<Told>) -> Self {
        let (about, lang) = (row.about, by.lang);
        let handle = row.account.as_ref().map(|account| account.handle.clone()).unwrap_or_default();
        let undecided = state.credentials.undecided(&who(by), about).map(|other| (other, handle));
        let way = |way: &'static Connect| {
            let own = row.keys.iter().filter(|key| way.app.iter().any(|app| app.name == key.about.name));
            WayView {
                way,
                keys: own
                    .map(|key| KeyView::new(key, format!("{}-{}", way.id, entered_field(key.about)), lang))
                    .collect(),
                is_set_elsewhere: is_app_set_elsewhere(row, way),
            }
        };
        let keys: Vec<_> = row.keys.iter().map(|key| KeyView::new(key, entered_field(key.about), lang)).collect();
        Self {
            shell: Shell::new(by, state, TAB, Some("connections")),
            glyphs: glyphs(&[about]),
            note: told.filter(|told| told.is_of(about)).map(|told| Note::new(&told, about, lang)),
            ways: about.connects.iter().map(way).collect(),
            redirect_uri: callback(state, about),
            may_enter: keys.iter().any(|key| key.place.is_none()),
            is_connected: row.is_connected,
            form,
            about,
            undecided,
            keys,
        }
    }
}

/// The question before disconnecting.
#[derive(Template)]
#[template(path = "admin/disconnect.html", whitespace = "minimize")]
pub struct DisconnectPage {
    shell: Shell,
    about: &'static About,
    /// Whether values stay in `.env.social` or the environment.
    stays_elsewhere: bool,
}

impl DisconnectPage {
    pub fn new(by: &SignedIn, state: &State, row: &Row) -> Self {
        let stays_elsewhere = row.keys.iter().any(|key| key.place.is_some() && key.about.secret);
        Self { shell: Shell::new(by, state, TAB, None), about: row.about, stays_elsewhere }
    }
}

/// The name of a key's field: `TIKTOK_CLIENT_KEY` is `tiktok-client-key`.
pub fn entered_field(key: &CredentialKey) -> String {
    key.name.to_ascii_lowercase().replace('_', "-")
}
