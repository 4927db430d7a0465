//! Answers that cost more than a page and are asked for less often: made when somebody first asks, once, however many ask at
//! a time, and kept until the kit changes. `web::paper` knows what they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, Uri};
use tokio::sync::OnceCell;

use super::face::{Face, Source};
use super::faces::Faces;
use super::paper;
use super::public::media_kit::Shown;
use super::public::share::SHARES;
use super::render::{self, PAGE, Site};
use super::request_lang;
use crate::clock::Clock;
use crate::domain::media_kit::MediaKit;
use crate::domain::share::Share;
use crate::domain::text::Lang;

/// One answer: `None` inside when there is nothing at its address.
type Cell = Arc<OnceCell<Option<Arc<Face>>>>;

/// The answers made so far, all of one kit.
#[derive(Default)]
struct Made {
    kit: Option<Arc<MediaKit>>,
    cells: HashMap<Key, Cell>,
}

/// For which link an answer is, if for one; its path; its language.
type Key = (Option<i64>, String, Lang);

/// What there is behind a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The page.
    Page,
    /// The same on paper.
    Pdf,
}

/// Makes answers when they are asked for.
pub struct LazyFaces {
    faces: Arc<Faces>,
    site: Arc<Site>,
    clock: Clock,
    made: Mutex<Made>,
}

impl LazyFaces {
    /// Nothing is made yet.
    pub fn new(faces: Arc<Faces>, clock: Clock) -> Self {
        Self { site: faces.site(), faces, clock, made: Mutex::default() }
    }

    /// The answer at an address that the router knows, in the reader's language; `None` when there is nothing.
    pub async fn face(&self, uri: &Uri, headers: &HeaderMap) -> Option<Arc<Face>> {
        let (kit, lang) = self.asked(uri, headers).await;
        let (path, site, now) = (uri.path().to_owned(), self.site.clone(), self.clock.now());
        let key = (None, path.clone(), lang);
        let of = kit.clone();
        self.once(&kit, key, move || paper::make(&path, &of, &site, (&site.address(PAGE, lang), lang), now)).await
    }

    /// The page or the PDF for whoever has a link, in the reader's language.
    pub async fn shared(&self, share: &Share, form: Shape, uri: &Uri, headers: &HeaderMap) -> Option<Arc<Face>> {
        let (kit, lang) = self.asked(uri, headers).await;
        let selected = request_lang::query_value(uri.query().unwrap_or_default(), "platform");
        let selected = selected.filter(|id| kit.panel(id).is_some()).map(str::to_owned);
        let key = (Some(share.id), format!("{form:?} {}", selected.as_deref().unwrap_or_default()), lang);
        let (site, now, share) = (self.site.clone(), self.clock.now(), share.clone());
        let input = self.faces.input();
        let make = move || {
            let kit = MediaKit::build(&share.input(&input), &site.platforms, now);
            match form {
                Shape::Page => Some(render::shared(&kit, &site, (&share.address, selected.as_deref()), lang, now)),
                Shape::Pdf => {
                    let live = site.address(&format!("{SHARES}{}", share.address), lang);
                    let source = paper::pdf(&kit, &site, Shown::Shared(&share.address), (&live, lang), now)?;
                    Some(Source { cache_control: render::FOR_ONE, ..source })
                }
            }
        };
        self.once(&kit, key, make).await
    }

    async fn asked(&self, uri: &Uri, headers: &HeaderMap) -> (Arc<MediaKit>, Lang) {
        let kit = self.faces.kit_now().await;
        let asked = request_lang::asked(uri.query().unwrap_or_default(), headers);
        let lang = asked.or(kit.creator.lang).unwrap_or_default();
        (kit, lang)
    }

    /// Made by the first who asks for `key` since `kit` was made; all others wait for it.
    async fn once(
        &self,
        kit: &Arc<MediaKit>,
        key: Key,
        make: impl FnOnce() -> Option<Source> + Send + 'static,
    ) -> Option<Arc<Face>> {
        let cell = self.cell(kit, key.clone());
        let https = self.site.https;
        let making = || async move {
            let face = tokio::task::spawn_blocking(move || Some(Arc::new(Face::new(make()?, https)))).await;
            face.unwrap_or_else(|error| {
                tracing::error!(%error, "an answer could not be made");
                None
            })
        };
        let face = cell.get_or_init(making).await.clone();
        if face.is_none() {
            self.forget(&key);
        }
        face
    }

    fn cell(&self, kit: &Arc<MediaKit>, key: Key) -> Cell {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !made.kit.as_ref().is_some_and(|of| Arc::ptr_eq(of, kit)) {
            *made = Made { kit: Some(kit.clone()), cells: HashMap::new() };
        }
        made.cells.entry(key).or_default().clone()
    }

    /// Addresses where there is nothing are not remembered: there is no end to them.
    fn forget(&self, key: &Key) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).cells.remove(key);
    }
}
