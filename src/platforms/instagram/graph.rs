//! One reading through the Graph API. With a pinned account it takes two steps, one after the other: the user node,
//! which proves token and account, then media and insights at once.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::account::{GraphUser, page_account, parse_media, parse_user};
use super::error::{Refusal, refusal, usage_of};
use super::insights::{GROUPS, Group, numbers, without_artefacts};
use super::{Login, audience};
use crate::domain::demographics::{Dimension, Part};
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{Note, Post, Reading, Reported};
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, at, text};
use crate::platforms::page::{official_pin, settled};
use crate::platforms::{Connected, FetchError};

/// More pages of Pages than this are not looked through.
const MAX_PAGES: usize = 10;
const LINKED: &str = "instagram_business_account{id,username}";

/// The Graph API as one token sees it.
#[derive(Clone, Copy)]
pub(super) struct Graph<'a> {
    pub http: &'a Outbound,
    pub login: Login,
    pub version: &'a str,
    pub token: &'a SecretString,
}

/// A good answer.
struct Reply {
    json: Json,
    version: Option<String>,
    usage: Option<u8>,
}

/// A bad one, and whether only a parameter was at fault.
struct Failed {
    error: FetchError,
    bad_parameter: bool,
}

impl From<Failed> for FetchError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// What the second step brought, bit by bit.
#[derive(Default)]
struct Extras {
    posts: Vec<Post>,
    numbers: BTreeMap<&'static str, i64>,
    audience: Vec<(Dimension, Vec<Part>)>,
    notes: Vec<Note>,
    usage: Option<u8>,
}

impl Extras {
    fn failed(parts: impl IntoIterator<Item = &'static str>, error: &FetchError) -> Self {
        let note = |part: &'static str| Note { part: part.to_owned(), kind: error.kind, detail: error.detail.clone() };
        let usage = (error.kind == FailureKind::RateLimited).then_some(100);
        Self { notes: parts.into_iter().map(note).collect(), usage, ..Self::default() }
    }

    fn and(mut self, other: Self) -> Self {
        self.posts.extend(other.posts);
        self.numbers.extend(other.numbers);
        self.audience.extend(other.audience);
        self.notes.extend(other.notes);
        self.usage = self.usage.max(other.usage);
        self
    }
}

impl Graph<'_> {
    /// Reads the account's numbers.
    pub(super) async fn read(self, account: &Connected) -> Result<Reading, FetchError> {
        let (reply, user) = match self.login {
            Login::Instagram => self.own_node().await?,
            Login::Facebook => {
                let id = match official_pin(account) {
                    Some(id) => id.to_owned(),
                    None => self.find(&account.handle).await?,
                };
                self.node(&id).await?
            }
        };
        let account_id = settled(account, &user.id, user.username.as_deref())?;
        let extras = self.extras(&user.id, account.now).await;
        Ok(self.reading(account, account_id, user, &reply, extras))
    }

    /// <https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user>
    async fn node(self, id: &str) -> Result<(Reply, GraphUser), FetchError> {
        let fields = "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count";
        let reply = self.get(&Call::segment(id), &[("fields", fields.to_owned())], "instagram_basic").await?;
        let user = parse_user(&reply.json, "/id")?;
        if user.id != id {
            return Err(FetchError::new(FailureKind::AccountMismatch).because("another account id answered"));
        }
        Ok((reply, user))
    }

    /// <https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started>
    async fn own_node(self) -> Result<(Reply, GraphUser), FetchError> {
        let fields = "user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count";
        let reply = self.get("me", &[("fields", fields.to_owned())], "instagram_business_basic").await?;
        let user = parse_user(&reply.json, "/user_id")?;
        Ok((reply, user))
    }

    /// The id of the account with this handle among the token's Pages.
    /// <https://developers.facebook.com/docs/graph-api/reference/user/accounts/>
    async fn find(self, handle: &str) -> Result<String, FetchError> {
        let (mut after, mut seen) = (None::<String>, BTreeSet::new());
        for page in 0..MAX_PAGES {
            let (list, cursor) = match self.pages(after).await {
                Err(failed) if failed.bad_parameter && page == 0 => return self.find_by_page_token().await,
                pages => pages?,
            };
            if let Some(id) = named(&list, handle) {
                return Ok(id);
            }
            match cursor {
                Some(cursor) if seen.insert(cursor.clone()) => after = Some(cursor),
                _ => break,
            }
        }
        self.find_in_businesses(handle).await
    }

    /// Some of the token's Pages, and where the next ones begin.
    async fn pages(self, after: Option<String>) -> Result<(Vec<Json>, Option<String>), Failed> {
        let mut query = vec![("fields", format!("id,name,{LINKED}")), ("limit", "100".to_owned())];
        query.extend(after.map(|cursor| ("after", cursor)));
        let reply = self.get("me/accounts", &query, "pages_show_list").await?;
        let list = at(&reply.json, "/data").and_then(Json::as_array).cloned();
        let missing = || FetchError::new(FailureKind::Schema).because("/data is missing");
        let list = list.ok_or_else(|| Failed { error: missing(), bad_parameter: false })?;
        // `paging.next` carries the token; its presence counts, the cursor is used.
        let cursor = at(&reply.json, "/paging/next").and_then(|_| text(&reply.json, "/paging/cursors/after"));
        Ok((list, cursor))
    }

    /// Every Instagram account that hangs on one of the token's Pages: its id, and its name where it is told.
    pub(super) async fn linked(self) -> Result<Vec<(String, Option<String>)>, FetchError> {
        let (mut linked, mut after) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let (list, cursor) = self.pages(after).await?;
            linked.extend(list.iter().filter_map(page_account));
            after = cursor;
            if after.is_none() {
                break;
            }
        }
        Ok(linked)
    }

    /// A Page's own token knows no `me/accounts`; `me` is the Page. Whose account it is, the user node tells.
    /// <https://developers.facebook.com/docs/graph-api/reference/page/>
    async fn find_by_page_token(self) -> Result<String, FetchError> {
        let reply = self.get("me", &[("fields", format!("id,{LINKED}"))], "pages_read_engagement").await?;
        page_account(&reply.json).map(|(id, _)| id).ok_or_else(no_account)
    }

    /// Pages of a business portfolio that were not ticked in the consent dialog; without the permission, none.
    /// <https://developers.facebook.com/docs/marketing-api/reference/business/owned_pages/>
    async fn find_in_businesses(self, handle: &str) -> Result<String, FetchError> {
        let fields = format!("owned_pages.limit(100){{{LINKED}}},client_pages.limit(100){{{LINKED}}}");
        let reply = match self.get("me/businesses", &[("fields", fields)], "business_management").await {
            Ok(reply) => reply,
            Err(failed) => {
                let denied = [FailureKind::Permission, FailureKind::Schema, FailureKind::NotFound];
                return Err(if denied.contains(&failed.error.kind) { no_account() } else { failed.error });
            }
        };
        let businesses = at(&reply.json, "/data").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let edges = ["/owned_pages/data", "/client_pages/data"];
        let pages = businesses.iter().flat_map(|b| edges.into_iter().filter_map(move |edge| at(b, edge)?.as_array()));
        let all: Vec<Json> = pages.flatten().cloned().collect();
        named(&all, handle).ok_or_else(no_account)
    }

    /// Media and insights at once. None of it can fail the reading.
    async fn extras(self, id: &str, now: Timestamp) -> Extras {
        let [reach, views, visits, month] = GROUPS;
        let audience = join_all(Dimension::ALL.map(|dimension| self.audience(id, dimension)));
        let (media, reach, views, visits, month, audience) = tokio::join!(
            self.media(id),
            self.group(id, reach, now),
            self.group(id, views, now),
            self.group(id, visits, now),
            self.group(id, month, now),
            audience,
        );
        let mut all = audience.into_iter().fold(media.and(reach).and(views).and(visits).and(month), Extras::and);
        without_artefacts(&mut all.numbers);
        all
    }

    /// <https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media>
    async fn media(self, id: &str) -> Extras {
        let fields = "id,media_product_type,permalink,timestamp,like_count,comments_count";
        let query = [("fields", fields.to_owned()), ("limit", "25".to_owned())];
        match self.get(&format!("{}/media", Call::segment(id)), &query, "instagram_basic").await {
            Ok(reply) => Extras { posts: parse_media(&reply.json), usage: reply.usage, ..Extras::default() },
            Err(failed) => Extras::failed(["engagement_rate"], &failed.error),
        }
    }

    /// Who follows, by one dimension.
    async fn audience(self, id: &str, dimension: Dimension) -> Extras {
        let path = format!("{}/insights", Call::segment(id));
        match self.get(&path, &audience::query(dimension), self.login.insights_scope()).await {
            Ok(reply) => {
                let parts = audience::parse_audience(dimension, &reply.json);
                Extras { audience: vec![(dimension, parts)], usage: reply.usage, ..Extras::default() }
            }
            Err(failed) => Extras::failed([dimension.key()], &failed.error),
        }
    }

    /// Asks a group; when Meta refuses one of two metrics, each is asked once more by itself.
    async fn group(self, id: &str, group: Group, now: Timestamp) -> Extras {
        match (self.insights(id, group, group.metrics, now).await, group.metrics) {
            (Ok(found), _) => found,
            (Err(failed), [first, second]) if failed.bad_parameter => {
                let (first, second) = tokio::join!(
                    self.insights(id, group, std::slice::from_ref(first), now),
                    self.insights(id, group, std::slice::from_ref(second), now),
                );
                let or_note = |found: Result<Extras, Failed>, part| match found {
                    Ok(found) => found,
                    Err(failed) => Extras::failed([part], &failed.error),
                };
                or_note(first, group.metrics[0].1).and(or_note(second, group.metrics[1].1))
            }
            (Err(failed), metrics) => Extras::failed(metrics.iter().map(|(_, ours)| *ours), &failed.error),
        }
    }

    /// <https://developers.facebook.com/docs/instagram-platform/api-reference/instagram-user/insights>
    async fn insights(
        self,
        id: &str,
        group: Group,
        metrics: &[(&str, &'static str)],
        now: Timestamp,
    ) -> Result<Extras, Failed> {
        let path = format!("{}/insights", Call::segment(id));
        let reply = self.get(&path, &group.query(metrics, now), self.login.insights_scope()).await?;
        let numbers = numbers(metrics, &reply.json, now).into_iter().collect();
        Ok(Extras { numbers, usage: reply.usage, ..Extras::default() })
    }

    async fn get(self, path: &str, query: &[(&'static str, String)], needed: &str) -> Result<Reply, Failed> {
        let call = Call::get(self.login.upstream(), format!("/{}/{path}", self.version));
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, value.as_str()));
        let plain = |error| Failed { error, bad_parameter: false };
        let answer = self.http.send(&call.secret_query("access_token", self.token)).await.map_err(plain)?;
        let mut bad_parameter = false;
        let json = accepted(&answer, Access::Credentials, |json| {
            bad_parameter = Refusal::parse(json).is_some_and(|refusal| refusal.is_bad_parameter());
            refusal(&answer, json, needed)
        });
        let version = answer.header("facebook-api-version").filter(|v| v.len() <= 8 && v.starts_with('v'));
        match json {
            Ok(json) => Ok(Reply { json, version: version.map(str::to_owned), usage: usage_of(&answer) }),
            Err(error) => Err(Failed { error, bad_parameter }),
        }
    }

    fn reading(
        self,
        account: &Connected,
        account_id: String,
        user: GraphUser,
        reply: &Reply,
        extras: Extras,
    ) -> Reading {
        let mut numbers = BTreeMap::from([("followers", Reported::exact(user.followers))]);
        numbers.extend(user.following.map(|n| ("following", Reported::exact(n))));
        numbers.extend(user.posts.map(|n| ("posts", Reported::exact(n))));
        numbers.extend(extras.numbers.into_iter().map(|(key, n)| (key, Reported::exact(n))));
        let rate = engagement::by_followers(&extras.posts, user.followers, account.now);
        numbers.extend(rate.map(|rate| ("engagement_rate", rate)));
        let mut notes = extras.notes;
        notes.extend(reply.version.as_deref().filter(|answered| *answered != self.version).map(|answered| Note {
            part: "api_version".to_owned(),
            kind: FailureKind::ApiVersion,
            detail: Some(format!("{} was asked, {answered} answered", self.version)),
        }));
        let mut profile = user.profile;
        if profile.username.is_empty() {
            profile.username.clone_from(&account.handle);
        }
        let origin = Origin {
            source: "Meta Graph API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: Some(self.version.to_owned()),
            api_version_answered: reply.version.clone(),
        };
        let audience = extras.audience.into_iter();
        let breakdowns =
            audience.filter_map(|(dimension, parts)| audience::breakdown(dimension, parts, user.followers, &origin));
        Reading {
            breakdowns: breakdowns.collect(),
            posts: extras.posts,
            notes,
            usage_percent: reply.usage.max(extras.usage),
            ..Reading::of(account_id, profile, origin, numbers)
        }
    }
}

/// The account with this handle among Pages; Pages without an account are passed over.
fn named(pages: &[Json], handle: &str) -> Option<String> {
    let mut linked = pages.iter().filter_map(page_account);
    linked.find(|(_, name)| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(handle))).map(|(id, _)| id)
}

fn no_account() -> FetchError {
    FetchError::new(FailureKind::NotFound)
        .because("no professional Instagram account with this handle on the token's Facebook Pages")
}
