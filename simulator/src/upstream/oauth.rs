//! What the platforms' OAuth flows have in common: registered apps, a consent page that
//! agrees at once, codes that work one time.

use jiff::SignedDuration;

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

/// Agrees and sends the browser back with a code, or shows the error to the person.
pub fn consent(shared: &Shared, call: &Call, dialog: &Dialog) -> Answer {
    let client = call.arg(dialog.client).unwrap_or_default();
    let (Some(app), Some(back)) = (shared.app_by_id(dialog.app, client), call.arg("redirect_uri")) else {
        return Answer::html(400, "<h1>Sorry, something went wrong.</h1><p>Invalid app or redirect address.</p>");
    };
    if call.arg("response_type") != Some("code") {
        return Answer::redirect(with_query(back, &[("error", "unsupported_response_type")]));
    }
    let scopes = list(call.arg("scope").unwrap_or_default());
    let code = shared.books().issue(
        call.now,
        Order {
            length: 32,
            life: Some(SignedDuration::from_mins(10)),
            scopes: &scopes,
            subject: Some(back.to_owned()),
            ..Order::new(TokenKind::Code, dialog.platform, &app.owner)
        },
    );
    let state = call.arg("state").unwrap_or_default();
    let back = with_query(back, &[("code", &code), ("state", state)]);
    Answer::redirect(format!("{back}{}", dialog.tail))
}

/// Uses a code up; it must be fresh, of this platform and for this redirect address.
pub fn redeem(shared: &Shared, call: &Call, platform: &str, code: &str, back: &str) -> Option<Token> {
    let mut books = shared.books();
    let token = books
        .find(code, call.now)
        .filter(|token| token.kind == TokenKind::Code && token.platform == platform)
        .filter(|token| token.state == TokenState::Valid)
        .filter(|token| token.subject.as_deref() == Some(back));
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
