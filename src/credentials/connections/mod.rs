//! What the panel does with connections: an account is connected on the platform's own page or by values that are typed
//! in, looked at, and disconnected. Everything that is kept goes through the keeper; nothing here knows a page of ours.

mod board;
mod flows;

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

pub use board::{Key, Row};
use flows::{Flow, Flows, Found, Undecided};

use super::keeper::Keeper;
use crate::domain::credential::{Credentials, Grant, Life, Standing};
use crate::domain::failure::FailureKind;
use crate::domain::platform::{About, Connect, CredentialKey, Scope};
use crate::outbound::FetchError;
use crate::platforms::Platform;
use crate::platforms::connect::{Asking, Code, page};
use crate::platforms::fields::oauth_refusal;
use crate::platforms::page::is_web_pin;
use crate::store::{HandleChanges, StoreError};

/// The connections of the creator. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    keeper: Keeper,
    flows: Arc<Flows>,
}

/// Who is at it: a connection that was begun in one browser ends in no other.
#[derive(Clone, Debug)]
pub struct Who {
    /// The hash of the session.
    pub session: [u8; 32],
    /// The owner's name, for the audit log.
    pub name: String,
}

/// Where the browser goes to connect.
#[derive(Debug)]
pub enum Begun {
    /// To this page of the platform.
    At(Url),
    /// Nowhere: the app's id or secret is unset.
    NoApp(Vec<&'static CredentialKey>),
}

/// What the browser came back with.
#[derive(Debug, Default)]
pub struct CameBack {
    /// What we sent along.
    pub state: Option<String>,
    /// What is traded for credentials.
    pub code: Option<SecretString>,
    /// The platform's refusal, as RFC 6749, section 4.1.2.1 names it.
    pub error: Option<String>,
}

/// How connecting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Connected; these permissions are missing.
    Connected(Vec<&'static Scope>),
    /// The credentials are kept; the platform could not be asked about them yet.
    Unconfirmed(FailureKind),
    /// It is another account than the profile's: the owner decides.
    OtherAccount,
    /// The person did not agree.
    Denied,
    /// What came back was not begun here, in this session, or was used before.
    NotOurs,
    /// It took too long.
    Late,
    /// The platform did not take the code.
    CodeRefused,
    /// The person has no account there that could be connected.
    NoAccount,
    /// Something else; nothing was kept.
    Failed(FailureKind),
}

/// How entering values ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// They work and are kept.
    Works,
    /// They are kept; the platform could not be asked.
    Unconfirmed(FailureKind),
    /// They are kept; asking costs money, so the next fetch will tell.
    NotAsked,
    /// They do not work; nothing was kept.
    Refused(FailureKind),
}

impl Connections {
    /// The connections a keeper keeps.
    pub fn new(keeper: Keeper) -> Self {
        Self { keeper, flows: Arc::default() }
    }

    /// Begins to connect: keeps the app's keys where the owner typed them in, and gives the platform's page.
    pub async fn begin(
        &self,
        who: &Who,
        (about, way): (&'static About, &'static Connect),
        app: Credentials,
        redirect_uri: &str,
    ) -> Result<Begun, StoreError> {
        if !app.is_empty() {
            self.keeper.keep_app(about, &app).await?;
        }
        let app = self.app_of(about, way).await?;
        let unset: Vec<_> = way.app.into_iter().filter(|key| app.get(key).is_none()).collect();
        let [id, _] = way.app;
        let (Some(platform), Some(client_id), true) = (self.keeper.platform(about), app.get(id), unset.is_empty())
        else {
            return Ok(Begun::NoApp(unset));
        };
        let (state, verifier) = (flows::random()?, flows::random()?);
        let client_id = secrecy::ExposeSecret::expose_secret(client_id);
        let asking = Asking { client_id, redirect_uri, state: &state, verifier: &verifier };
        let address = self.keeper.http().address(&page(way, &platform.page_path(way), asking));
        let address = address.ok_or_else(|| StoreError::unexpected("a platform's page has no address"))?;
        let redirect_uri = redirect_uri.to_owned();
        let flow = Flow { session: who.session, about, way, redirect_uri, verifier, app, begun_at: self.now() };
        self.flows.begin(&state, flow);
        Ok(Begun::At(address))
    }

    /// The origins of a platform's pages, to which forms of ours lead.
    pub fn page_origins(&self, about: &About) -> Vec<String> {
        let Some(platform) = self.keeper.platform(about) else { return Vec::new() };
        let asked = SecretString::default();
        let asking = Asking { client_id: "", redirect_uri: "", state: &asked, verifier: &asked };
        let calls = about.connects.iter().map(|way| page(way, &platform.page_path(way), asking));
        let addresses = calls.filter_map(|call| self.keeper.http().address(&call));
        addresses.map(|address| address.origin().ascii_serialization()).collect()
    }

    /// Ends what was begun, on a task of its own: a code works once, so what it brings must not be lost with a browser
    /// that leaves.
    pub async fn finish(&self, who: &Who, about: &'static About, back: CameBack) -> Result<Ended, StoreError> {
        let flow = match self.flows.take(back.state.as_deref(), who.session, about.id, self.now()) {
            Found::Flow(flow) => flow,
            Found::Late => return Ok(Ended::Late),
            Found::None => return Ok(Ended::NotOurs),
        };
        let code = match (back.error.as_deref(), back.code) {
            (Some("access_denied"), _) => return Ok(Ended::Denied),
            (Some(error), _) => {
                let refusal = oauth_refusal(&json!({ "error": error }));
                return Ok(Ended::Failed(refusal.map_or(FailureKind::Upstream, |refusal| refusal.kind)));
            }
            (None, None) => return Ok(Ended::NotOurs),
            (None, Some(code)) => code,
        };
        let (connections, who) = (self.clone(), who.clone());
        let task = tokio::spawn(async move { connections.redeem(&who, *flow, code).await });
        task.await.unwrap_or(Err(StoreError::Conflict))
    }

    async fn redeem(&self, who: &Who, flow: Flow, code: SecretString) -> Result<Ended, StoreError> {
        let about = flow.about;
        let Some(platform) = self.keeper.platform(about) else { return Ok(Ended::NotOurs) };
        let http = self.keeper.http().for_one_fetch();
        let Flow { way, redirect_uri, verifier, app, .. } = flow;
        let code = Code { way, code, redirect_uri, verifier, app: app.clone() };
        let granted = match platform.redeem(&http, &code, self.now()).await {
            Ok(granted) => granted,
            Err(error) if is_passing(error.kind) => return Ok(Ended::Failed(error.kind)),
            Err(_) => return Ok(Ended::CodeRefused),
        };
        let grant = Grant { values: app.with(&granted.values), ..granted };
        let creator = self.keeper.store().creator().await?;
        let account = self.keeper.store().account(creator.id, about.id).await?;
        let wanted = account.as_ref().map(|account| account.handle.as_str());
        let standing = match platform.whose(&http, &grant.values, wanted, self.now()).await {
            Ok(standing) if standing.account_id.is_none() => return Ok(Ended::NoAccount),
            Ok(standing) => standing,
            Err(error) if error.kind == FailureKind::NotFound => return Ok(Ended::NoAccount),
            Err(error) if is_refusal(error.kind) => return Ok(Ended::Failed(error.kind)),
            Err(error) => {
                let kind = error.kind;
                self.keeper.take(about, grant, Err(error)).await?;
                self.audit(who, "connected", about, "not confirmed yet").await?;
                return Ok(Ended::Unconfirmed(kind));
            }
        };
        let found = Undecided { session: who.session, about, way, grant, standing, since: self.now() };
        let pinned = account.as_ref().and_then(|account| account.memory.pinned_id.as_deref());
        match (account.as_ref(), found.handle()) {
            (Some(_), _) if pinned.is_some() && pinned == found.standing.account_id.as_deref() => {}
            // Nobody tells platforms' names apart by upper and lower case.
            (Some(account), Some(handle)) if !account.handle.eq_ignore_ascii_case(&handle) => {
                self.flows.wait_for_decision(found);
                return Ok(Ended::OtherAccount);
            }
            (Some(_), _) if pinned.is_some_and(|pinned| !is_web_pin(pinned)) => {
                return Ok(Ended::Failed(FailureKind::AccountMismatch));
            }
            (None, Some(handle)) => self.set_handle(about, handle).await?,
            _ => {}
        }
        self.keep_found(who, found).await
    }

    /// The handle of the account that was connected and is not the profile's, while its owner decides.
    pub fn undecided(&self, who: &Who, about: &About) -> Option<String> {
        self.flows.undecided(who.session, about.id, self.now())
    }

    /// Takes the connected account's handle into the profile, or drops the connection. `None` when there is nothing to
    /// decide any more.
    pub async fn decide(&self, who: &Who, about: &About, takes_over: bool) -> Result<Option<Ended>, StoreError> {
        let found = self.flows.take_undecided(who.session, about.id, self.now());
        let (Some(found), true) = (found, takes_over) else { return Ok(None) };
        if let Some(handle) = found.handle() {
            self.set_handle(found.about, handle).await?;
        }
        self.keep_found(who, found).await.map(Some)
    }

    async fn keep_found(&self, who: &Who, found: Undecided) -> Result<Ended, StoreError> {
        let Undecided { about, way, grant, standing, .. } = found;
        let told = if standing.scopes.is_empty() { &grant.scopes } else { &standing.scopes };
        let missing = if told.is_empty() { Vec::new() } else { way.missing(told) };
        self.keeper.take(about, grant, Ok(standing)).await?;
        self.audit(who, "connected", about, way.name).await?;
        Ok(Ended::Connected(missing))
    }

    /// As the profile tab does it: another tab that shows the former handle sees that it changed.
    async fn set_handle(&self, about: &'static About, handle: String) -> Result<(), StoreError> {
        let change = |_: &mut _| Ok::<_, StoreError>(HandleChanges::from_iter([(about.id, Some(handle))]));
        self.keeper.store().change_profile(change).await.map(drop)
    }

    /// Takes values that were typed in, once the platform took them or could not be asked.
    pub async fn enter(&self, who: &Who, about: &'static About, typed: Credentials) -> Result<Entered, StoreError> {
        let Some(platform) = self.keeper.platform(about) else {
            return Ok(Entered::Refused(FailureKind::NotConfigured));
        };
        let (_, given, values) = self.keeper.look_up(about).await?;
        let of_account =
            |key: &str| about.credentials.iter().any(|own| own.name == key && own.secret) && !about.is_of_app(key);
        let rest = given.values.with(&values);
        let rest: Credentials = rest
            .iter()
            .filter(|(key, _)| !of_account(key))
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect();
        let asked = rest.with(&typed);
        let (looked, ended) = match about.price {
            Some(_) => (Ok(Standing::default()), Entered::NotAsked),
            None => match self.look(platform, &asked).await? {
                Ok(standing) => (Ok(standing), Entered::Works),
                Err(error) if is_refusal(error.kind) => return Ok(Entered::Refused(error.kind)),
                Err(error) => (Err(error.clone()), Entered::Unconfirmed(error.kind)),
            },
        };
        let life = Life { since: Some(self.now()), ..Life::default() };
        let grant = Grant { values: typed, life, scopes: Vec::new() };
        self.keeper.take(about, grant, looked).await?;
        self.audit(who, "credentials entered", about, "").await?;
        Ok(ended)
    }

    async fn look(
        &self,
        platform: &Arc<dyn Platform>,
        values: &Credentials,
    ) -> Result<Result<Standing, FetchError>, StoreError> {
        self.keeper.check_now(platform.about().id, values).await
    }

    /// Asks the platform whether what is in use works; changes nothing. `None` where asking costs money.
    pub async fn test(&self, about: &'static About) -> Result<Option<Result<Standing, FetchError>>, StoreError> {
        if about.price.is_some() {
            return Ok(None);
        }
        let (_, _, values) = self.keeper.look_up(about).await?;
        self.keeper.check_now(about.id, &values).await.map(Some)
    }

    /// Renews now, whether it is due or not; `None` when there was nothing to renew.
    pub async fn renew(&self, who: &Who, about: &'static About) -> Result<Option<super::Attempted>, StoreError> {
        let attempted = self.keeper.renew(about.id).await?;
        if attempted.is_some() {
            self.audit(who, "renewal asked for", about, "").await?;
        }
        Ok(attempted)
    }

    /// Disconnects; the numbers stay.
    pub async fn disconnect(&self, who: &Who, about: &'static About) -> Result<(), StoreError> {
        self.keeper.disconnect(about).await?;
        self.audit(who, "disconnected", about, "").await
    }

    async fn app_of(&self, about: &'static About, way: &Connect) -> Result<Credentials, StoreError> {
        let (_, given, values) = self.keeper.look_up(about).await?;
        let all = given.values.with(&values);
        Ok(way.app.iter().filter_map(|key| Some((key.name.to_owned(), all.get(key)?.clone()))).collect())
    }

    async fn audit(&self, who: &Who, what: &str, about: &About, detail: &str) -> Result<(), StoreError> {
        let detail = format!("{} {detail}", about.id);
        self.keeper.store().add_audit(self.now(), &who.name, what, detail.trim_end()).await
    }

    fn now(&self) -> Timestamp {
        self.keeper.clock().now()
    }
}

/// Whether the platform said that these values will not do.
const fn is_refusal(kind: FailureKind) -> bool {
    use FailureKind as K;
    matches!(
        kind,
        K::AuthExpired
            | K::AuthRevoked
            | K::AccountMismatch
            | K::Permission
            | K::NotFound
            | K::Private
            | K::NotConfigured
    )
}

/// Whether a failure says nothing about a code, so that another try is worth it.
const fn is_passing(kind: FailureKind) -> bool {
    use FailureKind as K;
    matches!(
        kind,
        K::Dns
            | K::Connect
            | K::Tls
            | K::Timeout
            | K::Protocol
            | K::TooLarge
            | K::LoginWall
            | K::NotJson
            | K::RateLimited
            | K::Quota
            | K::Upstream
            | K::RedirectRefused
            | K::Blocked
    )
}
