//! `GET /oembed`: how other sites' editors turn the address of the media kit into its frame (<https://oembed.com>).

use askama::Template as _;
use axum::Json;
use axum::extract::RawQuery;
use axum::http::{HeaderName, header};
use serde::Serialize;
use url::Url;
use url::form_urlencoded::{self, Serializer};
use utoipa::ToSchema;

use super::EMBED;
use super::embed;
use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;
use crate::web::api::schema;
use crate::web::error::Error;
use crate::web::public::media_kit::name;
use crate::web::public::share::is_public;
use crate::web::render::{HOME, PAGE, Site};
use crate::web::request_lang;
use crate::web::state::State;
use crate::web::words::words;

/// How long an answer may be kept, in seconds.
const CACHE_AGE: u32 = 3600;

/// What oEmbed calls a rich answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Embed {
    /// Always `rich`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The version of oEmbed.
    #[schema(example = "1.0")]
    pub version: &'static str,
    /// What the frame shows.
    pub title: String,
    /// Whose kit it is.
    pub author_name: String,
    /// The media kit.
    pub author_url: String,
    /// This program.
    pub provider_name: &'static str,
    /// Where it runs.
    pub provider_url: String,
    /// For how many seconds this may be kept.
    pub cache_age: u32,
    /// The frame.
    pub html: String,
    /// How wide it is, in pixels.
    pub width: u32,
    /// How high it is, in pixels.
    pub height: u32,
}

#[derive(askama::Template)]
#[template(path = "public/embed_frame.html")]
struct Frame<'a> {
    src: &'a str,
    title: &'a str,
    width: u32,
    height: u32,
}

/// Where the answer about the page at `path` is.
pub fn address(site: &Site, path: &str, lang: Lang) -> String {
    let query = Serializer::new(String::new())
        .append_pair("url", &site.address(path, lang))
        .append_pair("format", "json")
        .finish();
    format!("{}/oembed?{query}", site.public_url)
}

/// The answer, no larger than the asker has room for.
pub fn answer(kit: &MediaKit, public_url: &str, lang: Lang, most: [Option<u32>; 2]) -> Embed {
    let author = name(kit, lang);
    let title = format!("{author} · {}", words(lang).doc_kind);
    let [width, height] = [(embed::WIDTH, most[0]), (embed::height(kit), most[1])]
        .map(|(best, most)| most.map_or(best, |most| most.min(best)));
    let src = format!("{public_url}{EMBED}?lang={}", lang.tag());
    let frame = Frame { src: &src, title: &title, width, height };
    Embed {
        kind: "rich",
        version: "1.0",
        author_name: author,
        author_url: format!("{public_url}{PAGE}"),
        provider_name: "mediakit",
        provider_url: format!("{public_url}/"),
        cache_age: CACHE_AGE,
        html: frame.render().unwrap_or_default().trim_end().to_owned(),
        title,
        width,
        height,
    }
}

/// How a page of this server is embedded.
///
/// Known are the link page, the media kit and the frame itself.
#[utoipa::path(
    get,
    path = "/oembed",
    operation_id = "showEmbed",
    tag = "public",
    params(
        ("url" = String, Query, description = "The address of the page"),
        ("format" = Option<String>, Query, description = "json", nullable = false),
        ("maxwidth" = Option<u32>, Query, description = "The room there is, in pixels", nullable = false),
        ("maxheight" = Option<u32>, Query, description = "The room there is, in pixels", nullable = false),
    ),
    responses(
        (status = 200, description = "The frame", body = Embed),
        (status = 400, description = "A parameter that is missing or cannot be read", body = schema::Problem, content_type = "application/problem+json"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "No page here that can be embedded", body = schema::Problem, content_type = "application/problem+json"),
        (status = 501, description = "A format other than JSON", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: State,
    RawQuery(query): RawQuery,
) -> Result<([(HeaderName, &'static str); 2], Json<Embed>), Error> {
    is_public(&state)?;
    let query = query.unwrap_or_default();
    let parameter = |key: &str| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == key).map(|(_, v)| v);
    if parameter("format").is_some_and(|format| format != "json") {
        return Err(Error::OnlyJson);
    }
    let asked = parameter("url").ok_or(Error::BadQuery("url"))?;
    let asked = Url::parse(&asked).map_err(|_| Error::BadQuery("url"))?;
    let room = |key| parameter(key).map(|n| n.parse().map_err(|_| Error::BadQuery(key))).transpose();
    let most = [room("maxwidth")?, room("maxheight")?];
    let kit = state.faces.kit_now().await;
    if !is_page(&asked, &state.public_url) {
        return Err(Error::NoEmbed);
    }
    let lang = request_lang::named(asked.query().unwrap_or_default(), None);
    let lang = lang.or(kit.creator.lang).unwrap_or_default();
    let headers = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, Json(answer(&kit, &state.public_url, lang, most))))
}

/// Whether it is the address of a page here that can be embedded.
fn is_page(asked: &Url, public_url: &str) -> bool {
    let Ok(ours) = Url::parse(public_url) else { return false };
    let path = asked.path().strip_prefix(ours.path().trim_end_matches('/'));
    let known = path.is_some_and(|path| [HOME, PAGE, EMBED].contains(&if path.is_empty() { HOME } else { path }));
    known && asked.origin() == ours.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_server_are_known() {
        let known = |address: &str| is_page(&Url::parse(address).unwrap(), "https://mara.example");
        assert!(known("https://mara.example"));
        assert!(known("https://mara.example/mediakit?lang=en&platform=x#top"));
        assert!(known("https://mara.example/embed"));
        for other in [
            "https://mara.example/admin",
            "https://mara.example.evil.example/mediakit",
            "https://evil.example/mediakit",
            "http://mara.example/mediakit",
            "https://mara.example:8443/mediakit",
            "https://mara.example@evil.example/mediakit",
            "data:text/html,x",
            "javascript:alert(1)",
        ] {
            assert!(!known(other), "{other}");
        }
    }
}
