//! A picture from outside, made ours: decoded within limits, cropped to a square, written anew as JPEG. Nothing of
//! the original file survives: no metadata, no trailing bytes.

use std::fmt;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageReader, Limits, RgbImage, Rgba};
use sha2::{Digest, Sha256};

/// The largest file that is looked at, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most pixels that are decoded.
const MAX_PIXELS: u64 = 24_000_000;
/// The side of the square, in pixels: twice what the page shows.
const SIDE: u32 = 384;
const QUALITY: u8 = 84;

/// A picture as it is stored and served.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// A square JPEG of 384 by 384 pixels.
    pub jpeg: Vec<u8>,
    /// The first 16 hex digits of the file's SHA-256: its name in addresses.
    pub name: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.name, self.jpeg.len())
    }
}

/// Why a file is no picture for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than 5 MB, or more than 24 megapixels.
    #[error("the picture is too large")]
    TooLarge,
    /// Not a PNG, JPEG, WebP or GIF, or a broken one.
    #[error("the file is not a picture that can be read")]
    Unreadable,
}

impl Picture {
    /// Makes a picture of ours from a file of anybody's.
    pub fn from_file(bytes: &[u8]) -> Result<Self, PictureError> {
        if bytes.len() > MAX_BYTES {
            return Err(PictureError::TooLarge);
        }
        let (width, height) = reader(bytes)?.into_dimensions().map_err(|_| PictureError::Unreadable)?;
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(PictureError::TooLarge);
        }
        let decoded = reader(bytes)?.decode().map_err(|_| PictureError::Unreadable)?;
        Self::encode(&square(&decoded)).ok_or(PictureError::Unreadable)
    }

    /// A picture read back from the store.
    pub fn from_stored(jpeg: Vec<u8>) -> Self {
        let digest = Sha256::digest(&jpeg);
        let name = format!("{:016x}", digest.iter().take(8).fold(0_u64, |name, byte| (name << 8) | u64::from(*byte)));
        Self { jpeg, name }
    }

    fn encode(pixels: &RgbImage) -> Option<Self> {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(pixels).ok()?;
        Some(Self::from_stored(jpeg))
    }
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, PictureError> {
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| PictureError::Unreadable)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    Ok(reader)
}

/// The middle square, scaled; what is transparent becomes white.
fn square(decoded: &DynamicImage) -> RgbImage {
    let side = decoded.width().min(decoded.height());
    let (left, top) = ((decoded.width() - side) / 2, (decoded.height() - side) / 2);
    let cropped = decoded.crop_imm(left, top, side, side).resize_exact(SIDE, SIDE, FilterType::CatmullRom).to_rgba8();
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let Rgba([red, green, blue, alpha]) = *cropped.get_pixel(x, y);
        image::Rgb([red, green, blue].map(|channel| on_white(channel, alpha)))
    })
}

fn on_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u16::from(channel), u16::from(alpha));
    u8::try_from((channel * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let pixels = image::RgbaImage::from_pixel(width, height, Rgba([200, 30, 30, 255]));
        pixels.write_to(&mut file, image::ImageFormat::Png).unwrap();
        file.into_inner()
    }

    #[test]
    fn any_picture_becomes_a_square_jpeg() {
        for (width, height) in [(640, 480), (10, 900), (384, 384)] {
            let picture = Picture::from_file(&png(width, height)).unwrap();
            let read = image::load_from_memory(&picture.jpeg).unwrap();
            assert_eq!((read.width(), read.height()), (SIDE, SIDE));
            assert_eq!(picture.name.len(), 16);
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\ntruncated", b"GIF89a"] {
            assert_eq!(Picture::from_file(bytes).err(), Some(PictureError::Unreadable));
        }
        assert_eq!(Picture::from_file(&vec![0; MAX_BYTES + 1]).err(), Some(PictureError::TooLarge));
        assert_eq!(Picture::from_file(&png(6000, 4100)).err(), Some(PictureError::TooLarge));
    }
}
