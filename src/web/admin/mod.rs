//! The panel: server-rendered pages that need no script, one file a tab. Every page is drawn from a struct, every change
//! is a form that comes back with its messages or ends in a redirect.

mod connections;
pub mod form;
mod login;
pub mod page;
mod profile;
pub mod session;
mod setup;

use axum::response::IntoResponse;

use super::route::{Door, Route};
use page::see;
use session::SignedIn;

/// The panel's routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::at("/admin").get(Door::Owner, home),
        Route::at("/admin/setup").get(Door::Public, setup::show).post(Door::Form, setup::create),
        Route::at("/admin/login").get(Door::Public, login::show).post(Door::Form, login::sign_in),
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
        Route::at("/admin/profile").get(Door::Owner, profile::show).post(Door::Owner, profile::save),
    ]
}

async fn home(_: SignedIn) -> impl IntoResponse {
    see("/admin/profile")
}
