//! A route with who may use it: the router is built from these, and so are the tests of every door.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::state::State;

/// Who may use an address in a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everybody; changes nothing.
    Public,
    /// An API token, or a signed-in browser.
    Api,
    /// A signed-in browser; others are shown the way to sign in.
    Owner,
    /// A form of ours that nobody has to be signed in for: sign-in and first start.
    Form,
}

/// An address with its handlers.
pub struct Route {
    /// The path, as the router takes it.
    pub path: String,
    /// The methods, each with its door.
    pub doors: Vec<(Method, Door)>,
    router: MethodRouter<State>,
}

impl Route {
    /// An address that nothing answers at yet.
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), doors: Vec::new(), router: MethodRouter::new() }
    }

    /// Answers GET, and HEAD with it.
    pub fn get<H: Handler<T, State>, T: 'static>(self, door: Door, handler: H) -> Self {
        self.with(Method::GET, MethodFilter::GET, door, handler)
    }

    /// Answers POST.
    pub fn post<H: Handler<T, State>, T: 'static>(self, door: Door, handler: H) -> Self {
        self.with(Method::POST, MethodFilter::POST, door, handler)
    }

    /// Answers PUT.
    pub fn put<H: Handler<T, State>, T: 'static>(self, door: Door, handler: H) -> Self {
        self.with(Method::PUT, MethodFilter::PUT, door, handler)
    }

    fn with<H: Handler<T, State>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        door: Door,
        handler: H,
    ) -> Self {
        self.router = self.router.merge(on(filter, handler));
        self.doors.push((method, door));
        self
    }

    /// What its handlers may ask for beside the request.
    pub fn knows<T: Clone + Send + Sync + 'static>(mut self, what: T) -> Self {
        self.router = self.router.layer(axum::Extension(what));
        self
    }

    /// The path and what answers at it.
    pub fn into_parts(self) -> (String, MethodRouter<State>) {
        (self.path, self.router)
    }
}
