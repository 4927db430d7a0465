//! The web server, and the only axum. Public answers lie ready in memory (`faces.rs`) and take the short way out
//! (`quick.rs`); the rest goes through the router below. It waits for no platform on behalf of a visitor.

pub mod admin;
pub mod api;
mod assets;
mod attempts;
pub mod auth;
mod cookie;
mod edge;
mod error;
mod error_words;
mod face;
mod faces;
mod files;
mod health;
mod lazy;
mod metrics;
mod paper;
mod peer;
mod public;
mod qr;
mod quick;
mod render;
mod request_lang;
mod route;
mod same_site;
mod security;
mod serve;
mod state;
mod visits;
mod wire;
mod words;

use std::collections::BTreeMap;

use axum::Router;
use axum::http::Method;
use bytes::Bytes;

pub use api::document::json as api_document;
pub use route::Door;
use route::Route;
pub use serve::serve;
pub use state::{Parts, State};

use crate::clock::Clock;
use crate::domain::platform::About;
use crate::store::{Store, StoreError};
use api::{analytics, docs, events, history, kit, profile, refresh, refresh_one, summary};

/// Every route of the server.
fn routes(platforms: &[&'static About]) -> Vec<Route> {
    let mut routes = vec![
        Route::at("/").get(Door::Public, public::home),
        Route::at("/go/{link}").get(Door::Public, public::follow::lead),
        Route::at("/mediakit").get(Door::Public, public::page),
        Route::at(public::share::ASK).get(Door::Public, public::share::to_kit).post(Door::Form, public::share::ask),
        Route::at(public::check::CHECK).get(Door::Public, public::check::show).post(Door::Form, public::check::begin),
        Route::at("/mediakit/asked").get(Door::Public, public::share::asked),
        Route::at("/s/{address}/mediakit.pdf").get(Door::Public, public::share::pdf),
        Route::at("/s/{address}").get(Door::Public, public::share::show).post(Door::Form, public::share::unlock),
        Route::at("/healthz").get(Door::Public, health::healthz),
        Route::at("/readyz").get(Door::Public, health::readyz),
        Route::at("/metrics").get(Door::Api, health::metrics),
        Route::at("/api/mediakit/follower-summary").get(Door::Public, summary::show),
        Route::at("/api/mediakit/analytics/{platform}").get(Door::Public, analytics::show),
        Route::at("/api/mediakit/history/{platform}").get(Door::Public, history::show),
        Route::at("/api/mediakit/refresh-social-stats").post(Door::Api, refresh::all),
        Route::at("/api/mediakit/refresh-events").get(Door::Api, events::watch_refresh),
        Route::at("/api/profile").get(Door::Api, profile::show).put(Door::Api, profile::update),
        Route::at("/api/openapi.json").get(Door::Public, docs::document),
        Route::at("/api/docs").get(Door::Public, docs::page),
        Route::at(render::KIT).get(Door::Public, kit::show),
        Route::at("/oembed").get(Door::Public, public::data::oembed::show),
        Route::at("/assets/{file}").get(Door::Public, public::asset),
    ];
    let legal = public::legal::Kind::ALL.into_iter().flat_map(public::legal::Kind::paths);
    routes.extend(legal.map(|path| Route::at(path).get(Door::Public, public::legal)));
    routes.extend(public::data::PATHS.map(|path| Route::at(path).get(Door::Public, public::data::show)));
    routes.extend(admin::routes());
    routes.extend(paper::ADDRESSES.map(|address| Route::at(address).get(Door::Public, paper::show)));
    for about in platforms {
        let path = format!("/api/mediakit/refresh-{}-api", about.id);
        routes.push(Route::at(path).post(Door::Api, refresh_one::one).knows(*about));
    }
    routes
}

fn router(state: &State) -> Router {
    let mut router = Router::new();
    for (path, methods) in routes(&state.platforms).into_iter().map(Route::into_parts) {
        router = router.route(&path, methods);
    }
    router.with_state(state.clone())
}

/// Every method of every address with who may use it.
pub fn doors(platforms: &[&'static About]) -> Vec<(Method, String, Door)> {
    let of = |route: Route| route.doors.into_iter().map(move |(method, door)| (method, route.path.clone(), door));
    routes(platforms).into_iter().flat_map(of).collect()
}

/// The public pages as files by name, as they are to stand at `address`; `None` while there is nothing to show.
pub async fn export(
    store: Store,
    clock: &Clock,
    platforms: Vec<&'static About>,
    address: &str,
) -> Result<Option<BTreeMap<String, Bytes>>, StoreError> {
    let https = security::Https(address.starts_with("https://"));
    let site = render::Site {
        platforms,
        public_url: address.to_owned(),
        https,
        assets: assets::Assets::new(https),
        live: false,
    };
    let kit = faces::kit(&store, &site, clock.now()).await?;
    let empty = kit.creator.name.is_empty() && kit.panels.is_empty();
    Ok((!empty).then(|| files::of(&kit, &site, clock.now())))
}
