//! Everything that can be made to go wrong, as one closed list of names, and the rules that
//! say where and how often. How each fault looks on the wire is in the files beside this one;
//! the platforms' own refusals are with the platforms, in `upstream`.

mod body;
mod list;
mod schema;
mod status;
mod token;
mod wire;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use body::distort;
pub use list::faults;
pub use schema::mutate;
pub use status::{http_date, refuse};
pub use token::garble;
pub use wire::Wire;

/// One kind of fault.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FaultInfo {
    /// Its name, for example `transport/reset-after-accept`.
    pub name: &'static str,
    /// The part before the slash: a kind of fault, or the platform it belongs to.
    pub group: &'static str,
    /// What it does, in one line.
    pub note: &'static str,
}

/// Which requests a fault strikes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Only paths with this text; all when `None`.
    pub path_contains: Option<String>,
    /// Only this many requests; all when `None`.
    pub times: Option<u32>,
}

/// The name is not on the list of [`faults`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(
    /// The name that was asked for.
    pub String,
);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no fault named {:?}", self.0)
    }
}

impl std::error::Error for UnknownFault {}

/// A fault that strikes one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hit {
    pub name: &'static str,
    pub group: &'static str,
    /// How many requests it struck before this one.
    pub before: u32,
}

#[derive(Debug)]
struct Rule {
    upstream: String,
    fault: &'static FaultInfo,
    scope: Scope,
    struck: u32,
}

/// The faults that are switched on.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub fn set(&mut self, upstream: &str, name: &str, scope: Scope) -> Result<(), UnknownFault> {
        let fault = faults().iter().find(|known| known.name == name).ok_or_else(|| UnknownFault(name.to_owned()))?;
        let upstream = upstream.to_owned();
        self.0.push(Rule { upstream, fault, scope, struck: 0 });
        Ok(())
    }

    /// The fault for this request, if any: of several the one that was set last.
    pub fn strike(&mut self, upstream: &str, path: &str) -> Option<Hit> {
        let rule = self.0.iter_mut().rev().find(|rule| rule.fits(upstream, path))?;
        let before = rule.struck;
        rule.struck += 1;
        Some(Hit { name: rule.fault.name, group: rule.fault.group, before })
    }
}

impl Rule {
    fn fits(&self, upstream: &str, path: &str) -> bool {
        let here = self.upstream.is_empty() || self.upstream == upstream;
        let path_fits = self.scope.path_contains.as_ref().is_none_or(|part| path.contains(part));
        let left = self.scope.times.is_none_or(|times| self.struck < times);
        here && path_fits && left
    }
}
