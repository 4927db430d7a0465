//! Another password. Every other session ends with it.

use axum::http::HeaderMap;
use axum::response::Response;
use secrecy::SecretString;

use super::{Asked, confirmed, done};
use crate::domain::owner;
use crate::web::admin::login::From;
use crate::web::admin::session::Posted;
use crate::web::error::Error;
use crate::web::state::State;

/// Changes the password of whoever knows the present one.
pub async fn change(
    state: State,
    from: From,
    headers: HeaderMap,
    Posted { by, mut form }: Posted,
) -> Result<Response, Error> {
    form.take("password", owner::password(form.value("password")));
    if form.is_good() && confirmed(&state, &by, &from, &mut form, "present").await? {
        let password = SecretString::from(form.value("password"));
        state.sign_in.change_password(&by.session.owner, password, Some(&by.session.hash)).await?;
        return Ok(done("password"));
    }
    Asked { by: &by, state: &state, headers: &headers }.page(form, None).await
}
