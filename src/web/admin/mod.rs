//! The panel: server-rendered pages that need no script, one file a tab. Every page is drawn from a struct, every change
//! is a form that comes back with its messages or ends in a redirect.

mod connections;
mod design;
pub mod form;
mod kit;
mod links;
mod login;
pub mod page;
mod passkey_sign_in;
mod profile;
mod second_step;
mod security;
pub mod session;
mod settings;
mod setup;
mod start;
mod upload;
mod visits;

use axum::response::IntoResponse;

use super::route::{Door, Route};
use page::see;
use session::SignedIn;

/// The panel's routes.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::at("/admin").get(Door::Owner, home),
        Route::at("/admin/setup").get(Door::Public, setup::show).post(Door::Form, setup::create),
        Route::at("/admin/start").get(Door::Owner, start::name).post(Door::Owner, start::keep_name),
        Route::at("/admin/start/accounts").get(Door::Owner, start::accounts).post(Door::Owner, start::keep_accounts),
        Route::at("/admin/start/numbers").get(Door::Owner, start::numbers),
        Route::at("/admin/login").get(Door::Public, login::show).post(Door::Form, login::sign_in),
        Route::at(second_step::PATH).get(Door::Public, second_step::show).post(Door::Form, second_step::check),
        Route::at("/admin/login/passkey").post(Door::Form, passkey_sign_in::sign_in),
        Route::at("/admin/login/passkey/challenge").post(Door::Form, passkey_sign_in::challenge),
        Route::at("/admin/logout").post(Door::Owner, login::sign_out),
        Route::at("/admin/lang").post(Door::Owner, profile::choose_language),
        Route::at("/admin/connections").get(Door::Owner, connections::show),
        Route::at("/admin/connections/{platform}").get(Door::Owner, connections::show_one),
        Route::at("/admin/connections/{platform}/connect").post(Door::Owner, connections::connect),
        Route::at("/admin/connections/{platform}/callback").get(Door::Owner, connections::came_back),
        Route::at("/admin/connections/{platform}/decide").post(Door::Owner, connections::decide),
        Route::at("/admin/connections/{platform}/enter").post(Door::Owner, connections::enter),
        Route::at("/admin/connections/{platform}/test").post(Door::Owner, connections::test),
        Route::at("/admin/connections/{platform}/renew").post(Door::Owner, connections::renew),
        Route::at("/admin/connections/{platform}/disconnect")
            .get(Door::Owner, connections::ask_disconnect)
            .post(Door::Owner, connections::disconnect),
        Route::at("/admin/links").get(Door::Owner, links::show),
        Route::at("/admin/links/order").post(Door::Owner, links::order),
        Route::at("/admin/links/new").get(Door::Owner, links::blank).post(Door::Owner, links::create),
        Route::at("/admin/links/{link}").get(Door::Owner, links::open).post(Door::Owner, links::save),
        Route::at("/admin/links/{link}/step").post(Door::Owner, links::step),
        Route::at("/admin/links/{link}/hide").post(Door::Owner, links::hide),
        Route::at("/admin/links/{link}/delete").get(Door::Owner, links::ask).post(Door::Owner, links::delete),
        Route::at(visits::PATH).get(Door::Owner, visits::show).post(Door::Owner, visits::save),
        Route::at("/admin/profile").get(Door::Owner, profile::show).post(Door::Owner, profile::save),
        Route::at("/admin/design").get(Door::Owner, design::show).post(Door::Owner, design::save),
        Route::at("/admin/design/preview").get(Door::Owner, design::preview),
        Route::at("/admin/profile/look").post(Door::Owner, profile::look),
    ];
    routes.extend(settings::routes());
    routes.extend(kit::routes());
    routes.extend(security::routes());
    routes
}

async fn home(_: SignedIn) -> impl IntoResponse {
    see("/admin/profile")
}
