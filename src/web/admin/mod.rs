//! The panel: server-rendered pages that need no script, one file a tab. Every page is drawn from a struct, every change
//! is a form that comes back with its messages or ends in a redirect.

pub mod form;
mod login;
pub mod page;
mod passkey_sign_in;
mod profile;
mod second_step;
mod security;
pub mod session;
mod setup;

use axum::response::IntoResponse;

use super::route::{Door, Route};
use page::see;
use session::SignedIn;

/// The panel's routes.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::at("/admin").get(Door::Owner, home),
        Route::at("/admin/setup").get(Door::Public, setup::show).post(Door::Form, setup::create),
        Route::at("/admin/login").get(Door::Public, login::show).post(Door::Form, login::sign_in),
        Route::at(second_step::PATH).get(Door::Public, second_step::show).post(Door::Form, second_step::check),
        Route::at("/admin/login/passkey").post(Door::Form, passkey_sign_in::sign_in),
        Route::at("/admin/login/passkey/challenge").post(Door::Form, passkey_sign_in::challenge),
        Route::at("/admin/logout").post(Door::Owner, login::sign_out),
        Route::at("/admin/lang").post(Door::Owner, profile::choose_language),
        Route::at("/admin/profile").get(Door::Owner, profile::show).post(Door::Owner, profile::save),
    ];
    routes.extend(security::routes());
    routes
}

async fn home(_: SignedIn) -> impl IntoResponse {
    see("/admin/profile")
}
