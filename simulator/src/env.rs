//! A working `.env.social` for a creator: credentials fresh from the ledger, written the way
//! a person would write the file.

use jiff::SignedDuration;

use crate::ledger::{Order, TokenKind};
use crate::state::Shared;
use crate::upstream::{
    App, Login, TIKTOK_SCOPES, TWITCH_SCOPES, X_SCOPES, meta_scopes, twitch_order, x_order, x_user_order,
};

/// Which login an Instagram token comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstagramLogin {
    /// Facebook Login: the token starts with `EAA`.
    #[default]
    Facebook,
    /// Instagram Login: the token starts with `IG`.
    Instagram,
}

const SIXTY_DAYS_SECS: i64 = 5_183_944;
const GOOGLE_SECS: i64 = 3_599;
const GOOGLE_SCOPES: [&str; 2] =
    ["https://www.googleapis.com/auth/youtube.readonly", "https://www.googleapis.com/auth/yt-analytics.readonly"];

/// The file's content; empty for a creator who does not exist.
pub fn env_social(shared: &Shared, key: &str, login: InstagramLogin) -> String {
    let Some(creator) = shared.creator(key) else {
        return String::new();
    };
    let handle = |platform: &str| creator.handles.get(platform);
    let mut lines = vec![format!("# {}", creator.name)];
    if let Some(handle) = handle("instagram") {
        lines.extend(instagram(shared, key, handle, login));
    }
    if let Some(handle) = handle("tiktok") {
        lines.extend(tiktok(shared, key, handle));
    }
    if handle("youtube").is_some() {
        let value =
            issue(shared, Order { prefix: "AIza", length: 35, ..Order::new(TokenKind::ApiKey, "youtube", key) });
        lines.push(format!("\nYOUTUBE_API_KEY={value}"));
    }
    if handle("twitch").is_some() {
        let app = app(shared, key, "twitch");
        lines.push(format!("\nTWITCH_CLIENT_ID={}\nTWITCH_CLIENT_SECRET={}", app.id, app.secret));
    }
    if handle("x").is_some() {
        lines.push(format!("\nX_BEARER_TOKEN={}", issue(shared, x_order(key))));
    }
    lines.join("\n") + "\n"
}

/// The lines of a grant of the creator's own account on YouTube, Twitch or X, with the app it was given to; empty
/// without an account there.
pub fn grant(shared: &Shared, key: &str, platform: &str) -> String {
    if shared.creator(key).is_none_or(|creator| !creator.handles.contains_key(platform)) {
        return String::new();
    }
    let (name, of, scopes): (_, _, &[&str]) = match platform {
        "youtube" => ("YOUTUBE", "google", &GOOGLE_SCOPES),
        "twitch" => ("TWITCH", "twitch", &TWITCH_SCOPES),
        "x" => ("X", "x", &X_SCOPES),
        _ => return String::new(),
    };
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let token = |kind| {
        let order = match platform {
            "youtube" => google_order(kind, key, &scopes),
            "twitch" => twitch_order(kind, key, key, &scopes),
            _ => x_user_order(kind, key, key, &scopes),
        };
        issue(shared, order)
    };
    let (access, refresh) = (token(TokenKind::Access), token(TokenKind::Refresh));
    let App { id, secret, .. } = app(shared, key, of);
    format!(
        "{name}_ACCESS_TOKEN={access}\n{name}_REFRESH_TOKEN={refresh}\n{name}_CLIENT_ID={id}\n{name}_CLIENT_SECRET={secret}\n"
    )
}

fn google_order<'a>(kind: TokenKind, key: &'a str, scopes: &'a [String]) -> Order<'a> {
    let (prefix, life) = match kind {
        TokenKind::Access => ("ya29.", Some(SignedDuration::from_secs(GOOGLE_SECS))),
        _ => ("1//0", None),
    };
    Order { prefix, length: 120, life, scopes, ..Order::new(kind, "youtube", key) }
}

/// A personal access token for the GitHub API.
pub fn github_token(shared: &Shared, key: &str) -> String {
    issue(shared, Order { prefix: "github_pat_", length: 60, ..Order::new(TokenKind::ApiKey, "github", key) })
}

/// The app whose secret somebody writes into the file.
fn app(shared: &Shared, key: &str, platform: &str) -> App {
    let app = shared.app(key, platform);
    shared.books().tell(&app.secret);
    app
}

fn issue(shared: &Shared, order: Order<'_>) -> String {
    let now = shared.now();
    shared.books().issue(now, order)
}

fn instagram(shared: &Shared, key: &str, handle: &str, login: InstagramLogin) -> Vec<String> {
    let (prefix, of, scopes) = match login {
        InstagramLogin::Facebook => ("EAA", "facebook", meta_scopes(Login::Facebook)),
        InstagramLogin::Instagram => ("IGA", "instagram", meta_scopes(Login::Instagram)),
    };
    let token = issue(
        shared,
        Order {
            prefix,
            length: 160,
            life: Some(SignedDuration::from_secs(SIXTY_DAYS_SECS)),
            scopes: &scopes,
            ..Order::new(TokenKind::Access, "instagram", key)
        },
    );
    let App { id, secret, .. } = app(shared, key, of);
    vec![
        format!("\nINSTAGRAM_ACCESS_TOKEN={token}"),
        format!("INSTAGRAM_USERNAME={handle}"),
        format!("INSTAGRAM_APP_ID={id}"),
        format!("INSTAGRAM_APP_SECRET={secret}"),
    ]
}

fn tiktok(shared: &Shared, key: &str, handle: &str) -> Vec<String> {
    let scopes = TIKTOK_SCOPES.map(str::to_owned);
    let order = |kind, prefix, life| Order {
        prefix,
        length: 60,
        life: Some(life),
        scopes: &scopes,
        ..Order::new(kind, "tiktok", key)
    };
    let access = issue(shared, order(TokenKind::Access, "act.", SignedDuration::from_hours(2)));
    let refresh = issue(shared, order(TokenKind::Refresh, "rft.", SignedDuration::from_hours(180 * 24)));
    let App { id, secret, .. } = app(shared, key, "tiktok");
    vec![
        format!("\nTIKTOK_ACCESS_TOKEN={access}"),
        format!("TIKTOK_REFRESH_TOKEN={refresh}"),
        format!("TIKTOK_CLIENT_KEY={id}"),
        format!("TIKTOK_CLIENT_SECRET={secret}"),
        format!("TIKTOK_USERNAME={handle}"),
    ]
}
