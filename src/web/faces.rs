//! The public answers, rendered ahead: made from one [`MediaKit`] when data changes, found by one map lookup.
//! Nothing here runs per request but the lookup; a database that is away leaves the last answers standing.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use jiff::Timestamp;

use super::face::{Face, Found};
use super::quick::Plain;
use super::render::{self, Site};
use super::request_lang::{self, query_value};
use crate::clock::Clock;
use crate::domain::history::Past;
use crate::domain::media_kit::{KitInput, MediaKit};
use crate::domain::share::Share;
use crate::domain::text::Lang;
use crate::store::{Store, StoreError};

/// How often the store is asked whether another process changed something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// One address's answers, German and English.
pub type Pair = [Arc<Face>; 2];

/// Every finished answer, by its address.
#[derive(Debug, Default)]
pub struct FaceMap {
    /// By path; a selected platform is part of it: `/mediakit?platform=tiktok`.
    pub faces: HashMap<String, Pair>,
    /// The language for readers who ask for neither.
    pub lang: Lang,
    /// When a mark in one of them changes by itself.
    pub valid_until: Timestamp,
}

/// The finished answers and what they are made of.
pub struct Faces {
    map: ArcSwap<FaceMap>,
    kit: ArcSwap<MediaKit>,
    input: Mutex<Arc<KitInput>>,
    /// One reads the store at a time, so that an older reading never replaces a newer one.
    renewing: tokio::sync::Mutex<()>,
    /// One renders at a time; those who wait find the result. Never held while the store is asked.
    rendering: tokio::sync::Mutex<()>,
    store_away: AtomicBool,
    store: Store,
    clock: Clock,
    site: Arc<Site>,
}

impl Faces {
    /// Reads the store and renders everything once.
    pub async fn start(store: Store, clock: Clock, site: Site) -> Result<Arc<Self>, StoreError> {
        let input = input(&store, &site).await?;
        let site = Arc::new(site);
        let kit = MediaKit::build(&input, &site.platforms, clock.now());
        let faces = Arc::new(Self {
            map: ArcSwap::from_pointee(FaceMap::default()),
            kit: ArcSwap::from_pointee(kit),
            input: Mutex::new(Arc::new(input)),
            renewing: tokio::sync::Mutex::default(),
            rendering: tokio::sync::Mutex::default(),
            store_away: AtomicBool::new(false),
            store,
            clock,
            site,
        });
        faces.render().await;
        Ok(faces)
    }

    /// The finished answer to a request, if there is one and it still holds.
    pub fn hit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Found> {
        let map = self.map.load();
        (self.clock.now() < map.valid_until).then(|| found(&map, method, uri, headers)).flatten()
    }

    /// The same as it is sent, for a request that the HTTP layer has not seen.
    pub fn sent(&self, plain: &Plain, now: Timestamp) -> Option<(Bytes, Bytes)> {
        let map = self.map.load();
        let lang = || request_lang::named(plain.query, plain.accept_language);
        let valid = now < map.valid_until;
        Some(valid.then(|| find(&map, plain.path, plain.query, lang)).flatten()?.sent(plain.accept_encoding))
    }

    /// Like [`Faces::hit`], but renders first when a mark has changed.
    pub async fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Found> {
        self.render_if_expired().await;
        found(&self.map.load(), method, uri, headers)
    }

    /// The kit as of this instant.
    pub async fn kit_now(&self) -> Arc<MediaKit> {
        self.render_if_expired().await;
        self.kit()
    }

    async fn render_if_expired(&self) {
        if self.expired() {
            self.render_if(|| self.expired()).await;
        }
    }

    /// Whether a mark on an answer has changed since it was rendered.
    pub fn expired(&self) -> bool {
        self.clock.now() >= self.map.load().valid_until
    }

    /// Whether there are answers at all.
    pub fn is_rendered(&self) -> bool {
        !self.map.load().faces.is_empty()
    }

    /// The media kit's page as it would be after a change that is not saved.
    pub async fn draft(&self, lang: Lang, change: impl FnOnce(&mut KitInput)) -> String {
        let mut input = KitInput::clone(&self.input.lock().unwrap_or_else(PoisonError::into_inner));
        change(&mut input);
        let (site, now) = (self.site.clone(), self.clock.now());
        let draft = move || render::draft(&MediaKit::build(&input, &site.platforms, now), &site, lang, now);
        tokio::task::spawn_blocking(draft).await.unwrap_or_default()
    }

    /// The link behind an address; those that ended too.
    pub fn share(&self, address: &str) -> Option<Share> {
        self.input().shares.iter().find(|share| share.address == address).cloned()
    }

    /// What the kit is made of.
    pub fn input(&self) -> Arc<KitInput> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the answers need besides the kit.
    pub fn site(&self) -> Arc<Site> {
        self.site.clone()
    }

    /// The kit the answers were made from.
    pub fn kit(&self) -> Arc<MediaKit> {
        self.kit.load_full()
    }

    /// Reads the store again and renders what changed. Call it after every change, before answering.
    pub async fn renew(&self) -> Result<(), StoreError> {
        let _turn = self.renewing.lock().await;
        let (mut input, bad_rows) = self.store.kit().await?;
        input.pasts = self.pasts(&input).await?;
        if !self.take(input) {
            return Ok(());
        }
        for row in bad_rows {
            tracing::warn!(%row, "a row of social_stats_cache is left out");
        }
        self.render().await;
        Ok(())
    }

    /// The pasts that go with what was just read: as known, unless an account or its numbers changed.
    async fn pasts(&self, read: &KitInput) -> Result<BTreeMap<i64, Past>, StoreError> {
        let known = self.input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.accounts == read.accounts && known.snapshots == read.snapshots {
            return Ok(known.pasts.clone());
        }
        self.store.pasts(&read.accounts, &self.site.platforms).await
    }

    /// Looks at the store once a second until the task is dropped, so that other processes' changes show.
    pub async fn watch(self: Arc<Self>) {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.look().await;
        }
    }

    async fn look(&self) {
        let away = self.renew().await.err();
        let was_away = self.store_away.swap(away.is_some(), Ordering::Relaxed);
        match away {
            Some(error) if !was_away => {
                let cause = std::error::Error::source(&error).map(tracing::field::display);
                tracing::error!(%error, cause, "the database is away; the last answers stay");
            }
            None if was_away => tracing::info!("the database is back"),
            _ => {}
        }
        self.render_if_expired().await;
    }

    /// Keeps `input` and says whether it differs from what is shown.
    fn take(&self, input: KitInput) -> bool {
        let mut current = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = **current != input;
        if changed {
            *current = Arc::new(input);
        }
        changed
    }

    async fn render(&self) {
        self.render_if(|| true).await;
    }

    /// Renders from memory when `needed` still holds once it is our turn.
    async fn render_if(&self, needed: impl Fn() -> bool + Send) {
        let _turn = self.rendering.lock().await;
        if !needed() {
            return;
        }
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (site, now) = (self.site.clone(), self.clock.now());
        let rendered = tokio::task::spawn_blocking(move || {
            let kit = MediaKit::build(&input, &site.platforms, now);
            let map = render::all(&kit, &site, now);
            (kit, map)
        });
        match rendered.await {
            Ok((kit, map)) => {
                let map = Arc::new(map);
                self.kit.store(Arc::new(kit));
                self.map.store(map);
            }
            Err(error) => tracing::error!(%error, "the public answers could not be rendered; the last ones stay"),
        }
    }

    /// Compresses the answers that somebody asked for as small as they get, once nobody waits for them.
    pub async fn make_smaller(&self) {
        let before = self.map.load_full();
        if !before.faces.values().flatten().any(|face| face.could_be_smaller()) {
            return;
        }
        let again = before.clone();
        let Ok(smaller) = tokio::task::spawn_blocking(move || render::smaller(&again)).await else { return };
        // Another rendering may have come first; then these bytes are of no use.
        self.map.compare_and_swap(&before, Arc::new(smaller));
    }
}

/// The kit as it is stored.
pub async fn kit(store: &Store, site: &Site, now: Timestamp) -> Result<MediaKit, StoreError> {
    Ok(MediaKit::build(&input(store, site).await?, &site.platforms, now))
}

async fn input(store: &Store, site: &Site) -> Result<KitInput, StoreError> {
    let (mut input, _) = store.kit().await?;
    input.pasts = store.pasts(&input.accounts, &site.platforms).await?;
    Ok(input)
}

fn found(map: &FaceMap, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Found> {
    let query = uri.query().unwrap_or_default();
    let face = find(map, uri.path(), query, || request_lang::asked(query, headers))?;
    Some(face.answer(method, headers))
}

fn find<'m>(map: &'m FaceMap, path: &str, query: &str, lang: impl Fn() -> Option<Lang>) -> Option<&'m Face> {
    let selected = query_value(query, "platform");
    let [german, english] = selected
        .filter(|platform| platform.len() <= 32)
        .and_then(|platform| map.faces.get(&format!("{path}?platform={platform}")))
        .or_else(|| map.faces.get(path))?;
    Some(match lang().unwrap_or(map.lang) {
        Lang::De => german,
        Lang::En => english,
    })
}
