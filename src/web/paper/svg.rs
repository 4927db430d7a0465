//! SVG in our own typeface: read for the PDF, painted for pictures. It loads nothing from anywhere.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use resvg::tiny_skia::{Pixmap, PremultipliedColorU8, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::letters::FILES;

/// Reads and paints SVG.
pub struct Svg(Options<'static>);

impl Svg {
    /// With the typeface of the program.
    pub fn new() -> Self {
        let mut fonts = Database::new();
        for file in FILES {
            fonts.load_font_source(Source::Binary(Arc::new(file)));
        }
        let family = fonts.faces().find_map(|face| face.families.first().cloned()).map(|(name, _)| name);
        let family = family.unwrap_or_default();
        fonts.set_sans_serif_family(&family);
        fonts.set_serif_family(&family);
        fonts.set_monospace_family(&family);
        Self(Options {
            font_family: family,
            fontdb: Arc::new(fonts),
            image_href_resolver: ImageHrefResolver {
                resolve_string: Box::new(|_, _| None),
                ..ImageHrefResolver::default()
            },
            ..Options::default()
        })
    }

    /// The drawing that a text describes.
    pub fn read(&self, svg: &str) -> Option<Tree> {
        Tree::from_str(svg, &self.0).inspect_err(|error| tracing::error!(%error, "a drawing cannot be read")).ok()
    }

    /// A drawing as a PNG of this width.
    pub fn paint(&self, svg: &str, width: u32) -> Option<Vec<u8>> {
        let tree = self.read(svg)?;
        #[expect(clippy::cast_precision_loss, reason = "the width of a picture")]
        let scale = width as f32 / tree.size().width();
        let size = tree.size().to_int_size().scale_to_width(width)?;
        let mut pixels = Pixmap::new(size.width(), size.height())?;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        png(&pixels)
    }
}

fn png(pixels: &Pixmap) -> Option<Vec<u8>> {
    let opaque = pixels.pixels().iter().all(PremultipliedColorU8::is_opaque);
    let straight = pixels.pixels().iter().map(PremultipliedColorU8::demultiply);
    let (bytes, colours): (Vec<u8>, _) = if opaque {
        (straight.flat_map(|p| [p.red(), p.green(), p.blue()]).collect(), ExtendedColorType::Rgb8)
    } else {
        (straight.flat_map(|p| [p.red(), p.green(), p.blue(), p.alpha()]).collect(), ExtendedColorType::Rgba8)
    };
    let mut file = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up);
    encoder.write_image(&bytes, pixels.width(), pixels.height(), colours).ok()?;
    Some(file.into_inner())
}
