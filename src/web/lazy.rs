//! Answers that cost more than a page and are asked for less often: made when somebody first asks, once, however many ask at
//! a time, and kept until the kit changes. `web::paper` knows what they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, Uri};
use tokio::sync::OnceCell;

use super::face::Face;
use super::faces::Faces;
use super::paper;
use super::render::Site;
use super::request_lang;
use crate::clock::Clock;
use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;

/// One answer: `None` inside when there is nothing at its address.
type Cell = Arc<OnceCell<Option<Arc<Face>>>>;

/// The answers made so far, all of one kit.
#[derive(Default)]
struct Made {
    kit: Option<Arc<MediaKit>>,
    cells: HashMap<(String, Lang), Cell>,
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
        let kit = self.faces.kit_now().await;
        let asked = request_lang::asked(uri.query().unwrap_or_default(), headers);
        let lang = asked.or(kit.creator.lang).unwrap_or_default();
        let cell = self.cell(&kit, uri.path(), lang);
        let making = cell.get_or_init(|| self.make(kit, uri.path().to_owned(), lang));
        let face = making.await.clone();
        if face.is_none() {
            self.forget(uri.path(), lang);
        }
        face
    }

    fn cell(&self, kit: &Arc<MediaKit>, path: &str, lang: Lang) -> Cell {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !made.kit.as_ref().is_some_and(|of| Arc::ptr_eq(of, kit)) {
            *made = Made { kit: Some(kit.clone()), cells: HashMap::new() };
        }
        made.cells.entry((path.to_owned(), lang)).or_default().clone()
    }

    /// Addresses where there is nothing are not remembered: there is no end to them.
    fn forget(&self, path: &str, lang: Lang) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.cells.remove(&(path.to_owned(), lang));
    }

    async fn make(&self, kit: Arc<MediaKit>, path: String, lang: Lang) -> Option<Arc<Face>> {
        let (site, now) = (self.site.clone(), self.clock.now());
        let make = move || {
            let source = paper::make(&path, &kit, &site, lang, now)?;
            Some(Arc::new(Face::new(source, site.https)))
        };
        tokio::task::spawn_blocking(make).await.unwrap_or_else(|error| {
            tracing::error!(%error, "an answer could not be made");
            None
        })
    }
}
