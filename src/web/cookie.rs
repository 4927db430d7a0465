//! The cookies: the session of a signed-in browser, for five minutes what ties a sign-in by passkey to the browser that
//! began it, and that somebody knew the password of a link to the kit. Other visitors get none.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::security::Https;
use crate::domain::share::Lock;
use crate::sign_in::SessionToken;

/// Over https the browser itself guards a name with this beginning (RFC 6265bis, section 4.1.3.2).
const SAFE: &str = "__Host-mediakit";
const PLAIN: &str = "mediakit";
const CEREMONY: &str = "-passkey";
/// For its link only, whose path it carries: no name that is bound to the whole host.
const SHARE: &str = "mediakit-share";

const fn name(https: Https) -> &'static str {
    if https.0 { SAFE } else { PLAIN }
}

/// The session token a browser sent.
pub fn session(headers: &HeaderMap, https: Https) -> Option<SessionToken> {
    sent(name(https), headers)
}

/// What a browser sent that began a sign-in by passkey.
pub fn ceremony(headers: &HeaderMap, https: Https) -> Option<SessionToken> {
    sent(&format!("{}{CEREMONY}", name(https)), headers)
}

/// Whether a browser sent what opens a link.
pub fn opens(lock: &Lock, headers: &HeaderMap) -> bool {
    values(SHARE, headers).any(|sent| URL_SAFE_NO_PAD.decode(sent).is_ok_and(|proof| lock.opens_with(&proof)))
}

fn sent(name: &str, headers: &HeaderMap) -> Option<SessionToken> {
    values(name, headers).find_map(SessionToken::read)
}

/// The values of a cookie; a browser may send several of one name.
fn values<'h>(name: &str, headers: &'h HeaderMap) -> impl Iterator<Item = &'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter_map(move |(key, value)| (key == name).then_some(value))
}

/// Has the browser keep a session. It ends with the browser or on the server, whichever is first.
pub fn keep(token: &SessionToken, https: Https) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{}={}{}", name(https), token.expose(), attributes(https))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Has the browser keep for five minutes what ties a sign-in by passkey to it.
pub fn keep_ceremony(token: &SessionToken, https: Https) -> Option<HeaderValue> {
    let attributes = attributes(https).replace("Lax", "Strict");
    let cookie = format!("{}{CEREMONY}={}; Max-Age=300{attributes}", name(https), token.expose());
    let mut value = HeaderValue::from_str(&cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Has the browser keep that it opened the link at `path`, until it ends.
pub fn keep_open(lock: &Lock, path: &str, https: Https) -> Option<HeaderValue> {
    let proof = URL_SAFE_NO_PAD.encode(lock.proof());
    let attributes = attributes(https).replace("Path=/", &format!("Path={path}"));
    let mut value = HeaderValue::from_str(&format!("{SHARE}={proof}{attributes}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Has the browser forget its session.
pub fn forget(https: Https) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}=; Max-Age=0{}", name(https), attributes(https))).ok()
}

/// Lax: the way back from a platform's sign-in is a link from another site.
const fn attributes(https: Https) -> &'static str {
    if https.0 { "; Path=/; Secure; HttpOnly; SameSite=Lax" } else { "; Path=/; HttpOnly; SameSite=Lax" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_back_from_among_other_cookies() {
        let token = SessionToken::new().unwrap();
        for https in [Https(false), Https(true)] {
            let kept = keep(&token, https).unwrap();
            let kept = kept.to_str().unwrap();
            assert_eq!(kept.contains("Secure"), https.0);
            assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax") && kept.contains("Path=/"));
            let sent = format!("a=b; {}; c=d", kept.split(';').next().unwrap());
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&sent).unwrap())]);
            assert_eq!(session(&headers, https).unwrap().hash(), token.hash());
            assert!(session(&headers, Https(!https.0)).is_none());
        }
        let begun = keep_ceremony(&SessionToken::new().unwrap(), Https(true)).unwrap();
        assert!(begun.to_str().unwrap().ends_with("; Max-Age=300; Path=/; Secure; HttpOnly; SameSite=Strict"));
        let both = format!("mediakit-passkey={}; mediakit={}", "A".repeat(43), "B".repeat(42) + "A");
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&both).unwrap())]);
        assert!(session(&headers, Https(false)).unwrap().expose().starts_with('B'));
        assert!(ceremony(&headers, Https(false)).unwrap().expose().starts_with('A'));
        let wrong = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("mediakit=x; mediakit"))]);
        assert!(session(&wrong, Https(false)).is_none());
    }
}
