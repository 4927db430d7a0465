//! What the platforms' OAuth flows have in common: registered apps, a consent page that
//! asks people and agrees at once with plain clients, codes that work one time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use crate::answer::{Answer, with_query};
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind, TokenState};
use crate::random::BASE62;
use crate::state::Shared;

/// An app a creator registered with a platform.
#[derive(Clone, Debug)]
pub struct App {
    /// Creator key.
    pub owner: String,
    pub id: String,
    pub secret: String,
}

impl Shared {
    /// The creator's app at a platform; `facebook` and `google` have apps of their own.
    pub fn app(&self, owner: &str, platform: &str) -> App {
        let dice = self.dice().text(owner).text("app").text(platform);
        let id = match platform {
            "facebook" | "instagram" => dice.digits(15),
            "tiktok" => format!("aw{}", dice.letters("abcdefghijklmnopqrstuvwxyz0123456789", 14)),
            "google" => format!("{}-{}.apps.googleusercontent.com", dice.digits(12), dice.hex(16)),
            _ => dice.letters("abcdefghijklmnopqrstuvwxyz0123456789", 30),
        };
        let secret = dice.text("secret").letters(BASE62, 32);
        App { owner: owner.to_owned(), id, secret }
    }

    /// The app with this client id.
    pub fn app_by_id(&self, platform: &str, id: &str) -> Option<App> {
        self.creators().iter().map(|creator| self.app(&creator.key, platform)).find(|app| app.id == id)
    }
}

/// How a platform's consent page differs from the others'.
pub struct Dialog {
    /// Platform of the token.
    pub platform: &'static str,
    /// Platform of the app.
    pub app: &'static str,
    /// Name of the parameter with the app's id.
    pub client: &'static str,
    /// What is put behind the code.
    pub tail: &'static str,
}

/// Asks a person in a browser; for a plain client, agrees at once. Sends them back with a code, unless a fault of the
/// group `consent` has it otherwise; or shows the error to the person.
pub fn consent(shared: &Shared, call: &Call, dialog: &Dialog) -> Answer {
    let client = call.arg(dialog.client).unwrap_or_default();
    let (Some(app), Some(back)) = (shared.app_by_id(dialog.app, client), call.arg("redirect_uri")) else {
        return Answer::html(400, "<h1>Sorry, something went wrong.</h1><p>Invalid app or redirect address.</p>");
    };
    if call.arg("response_type") != Some("code") {
        return Answer::redirect(with_query(back, &[("error", "unsupported_response_type")]));
    }
    let state = match call.fault().name {
        "consent/wrong-state" => "a-state-of-somebody-else".to_owned(),
        "consent/no-state" => String::new(),
        _ => call.arg("state").unwrap_or_default().to_owned(),
    };
    let with_state = |pairs: &[(&str, &str)]| {
        let state = Some(("state", state.as_str())).filter(|_| !state.is_empty());
        with_query(back, &pairs.iter().copied().chain(state).collect::<Vec<_>>())
    };
    let refused =
        |error| Answer::redirect(with_state(&[("error", error), ("error_description", "The request was refused.")]));
    match (call.fault().name, call.arg("decision")) {
        ("consent/denied", _) | (_, Some("deny")) => return refused("access_denied"),
        ("consent/trouble", _) => return refused("server_error"),
        (_, None) if is_browser(call) => return page(shared, call, dialog, &app),
        _ => {}
    }
    let code = shared.books().issue(
        call.now,
        Order {
            length: 32,
            life: Some(SignedDuration::from_mins(10)),
            scopes: &granted(call),
            subject: Some(back.to_owned()),
            challenge: call.arg("code_challenge").map(str::to_owned),
            ..Order::new(TokenKind::Code, dialog.platform, &person(shared, call, dialog, &app))
        },
    );
    Answer::redirect(format!("{}{}", with_state(&[("code", &code)]), dialog.tail))
}

/// Browsers of today say that they go to a page.
fn is_browser(call: &Call) -> bool {
    call.header("sec-fetch-mode") == Some("navigate")
}

/// The scopes the person leaves ticked.
fn granted(call: &Call) -> Vec<String> {
    let mut scopes = list(call.arg("scope").unwrap_or_default());
    if call.arg("decision").is_some() {
        let ticked: Vec<&String> =
            call.query.0.iter().filter(|(name, _)| name == "grant").map(|(_, scope)| scope).collect();
        scopes.retain(|scope| ticked.contains(&scope));
    }
    if call.shows("consent/fewer-scopes") {
        scopes.pop();
    }
    scopes
}

/// Who is signed in at the platform: the app's owner, or somebody else who has an account there.
fn person(shared: &Shared, call: &Call, dialog: &Dialog, app: &App) -> String {
    let other = |account: &crate::world::Account| account.creator.key != app.owner;
    let other =
        shared.accounts(dialog.platform).into_iter().find(other).filter(|_| call.shows("consent/other-account"));
    other.map_or_else(|| app.owner.clone(), |account| account.creator.key)
}

/// The page that a person sees.
fn page(shared: &Shared, call: &Call, dialog: &Dialog, app: &App) -> Answer {
    let shown = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let kept: String = call.query.0.iter().fold(String::new(), |all, (name, value)| {
        all + &format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", shown(name), shown(value))
    });
    let scopes = list(call.arg("scope").unwrap_or_default()).iter().fold(String::new(), |all, scope| {
        let scope = shown(scope);
        all + &format!(
            "<p><label><input type=\"checkbox\" name=\"grant\" value=\"{scope}\" checked> {scope}</label></p>"
        )
    });
    let account = shared.account(&person(shared, call, dialog, app), dialog.platform);
    let handle = account.map(|account| account.handle).unwrap_or_default();
    Answer::html(
        200,
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <link rel=\"icon\" href=\"data:,\"><title>Simulated {platform}</title>\
             <style>body{{font:1rem/1.5 system-ui;max-width:28rem;margin:3rem auto;padding:0 1rem}}button{{font:inherit;padding:.5rem 1rem}}</style>\
             <h1>Simulated {platform}</h1><p>The app wants to read the account <b>{handle}</b>:</p>\
             <form>{kept}{scopes}<p><button name=\"decision\" value=\"allow\">Allow</button> \
             <button name=\"decision\" value=\"deny\">Deny</button></p></form></html>",
            platform = dialog.platform,
            handle = shown(&handle),
        ),
    )
}

/// Uses a code up; it must be fresh, of this platform, for this redirect address, and redeemed by whoever asked for it.
pub fn redeem(shared: &Shared, call: &Call, platform: &str, code: &str, back: &str) -> Option<Token> {
    let form = call.form();
    let proved = |token: &Token| match (&token.challenge, form.get("code_verifier")) {
        (None, _) => true,
        (Some(challenge), Some(verifier)) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        (Some(_), None) => false,
    };
    let mut books = shared.books();
    let token = books
        .find(code, call.now)
        .filter(|token| token.kind == TokenKind::Code && token.platform == platform)
        .filter(|token| token.state == TokenState::Valid)
        .filter(|token| token.subject.as_deref() == Some(back))
        .filter(proved);
    if token.is_some() {
        books.supersede(code);
    } else {
        let why = "invalid code";
        books.refused(call.now, platform, "authorization_code", code, why);
    }
    token
}

/// Scopes are separated by commas or spaces.
pub fn list(scopes: &str) -> Vec<String> {
    scopes.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
