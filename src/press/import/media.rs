//! Pictures, fetched and made anew: turned upright, in the widths that the pages use, as WebP, with
//! nothing of the camera left in them. A picture that can't be read costs only itself.
//
// Not AVIF: the contract names one set of addresses for a picture, so each must be one that every browser
// shows, and there is no second set for those that show less.

use std::io::{self, Cursor};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{SystemTime, UNIX_EPOCH};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, imageops::FilterType};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Visit;
use super::post::readable_slug;
use super::shelf::Shelf;
use super::store::Store;
use crate::content::{Candidate, Image, Src, Srcset};
use crate::press::http::{AT_ONCE, Answer};
use crate::press::memory::key;
use crate::press::prerender::progress;

/// The widths in which a picture is kept, in pixels.
const WIDTHS: [u32; 3] = [400, 800, 1200];
/// The largest file that is taken, in bytes.
const FILE_LIMIT: usize = 32 << 20;
/// The longest side that is taken, in pixels, and how many pixels in all.
const SIDE_LIMIT: u32 = 20_000;
const PIXEL_LIMIT: u64 = 60_000_000;
/// libwebp's quality, of 100.
const QUALITY: f32 = 78.0;
/// After how many seconds a picture that failed is asked for again.
const AGAIN: u64 = 3600;

/// What became of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shot {
    /// It is here.
    Made {
        /// Width of its largest form, in pixels.
        width: u32,
        /// Height of its largest form, in pixels.
        height: u32,
        /// Its forms, narrowest first: the file in the edition, and its width.
        files: Vec<(String, u32)>,
    },
    /// It is of a kind that can't be made anew, and stays where it is.
    Left {
        /// Why.
        what: String,
    },
    /// It can't be had.
    Broken {
        /// Why.
        what: String,
        /// When that was found, in seconds since 1970.
        at: u64,
    },
}

impl Shot {
    /// The picture, where it is here.
    pub fn image(&self) -> Option<Image> {
        let Self::Made {
            width,
            height,
            files,
        } = self
        else {
            return None;
        };
        let candidates = files.iter().filter_map(|(file, width)| {
            let url = Src::parse(&format!("/{file}"))?;
            Some(Candidate { url, width: *width })
        });
        let candidates: Vec<_> = candidates.collect();
        Some(Image {
            url: candidates.last()?.url.clone(),
            width: Some(*width),
            height: Some(*height),
            srcset: Srcset::new(candidates),
            alt: None,
            caption: None,
            credit_text: None,
        })
    }
}

/// Fetches the pictures at these addresses that are not here, and keeps the files of those that are.
pub fn fetch(
    visit: &Visit<'_>,
    store: &mut Store,
    shelf: &Shelf,
    urls: &[String],
) -> io::Result<()> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let is_here = |url: &String| match store.state.pictures.get(url) {
        Some(Shot::Made { files, .. }) => {
            !visit.full && files.iter().all(|(file, _)| store.out.join(file).is_file())
        }
        Some(Shot::Left { .. }) => !visit.full,
        Some(Shot::Broken { at, .. }) => !visit.full && now.saturating_sub(*at) < AGAIN,
        None => false,
    };
    let wanted: Vec<&String> = urls.iter().filter(|url| !is_here(url)).collect();
    if shelf.is_dry() {
        if !wanted.is_empty() {
            visit
                .log
                .note(&format!("{} pictures would be fetched", wanted.len()));
        }
        return Ok(());
    }
    let bar = progress(wanted.len(), "pictures");
    for some in wanted.chunks(8 * AT_ONCE) {
        visit.stopped()?;
        let trouble: Mutex<Option<io::Error>> = Mutex::default();
        let shots = visit.client.each(some, |url| {
            let shot = match one(visit, url) {
                Ok(made) => {
                    let written: io::Result<()> = made
                        .files
                        .iter()
                        .try_for_each(|(file, _, bytes)| shelf.put(file, key(&[bytes]), bytes));
                    if let Err(error) = written {
                        *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                    made.shot()
                }
                Err(Failed::Left(what)) => Shot::Left { what },
                Err(Failed::Broken(what)) => Shot::Broken { what, at: now },
            };
            bar.inc(1);
            ((*url).clone(), shot)
        });
        if let Some(error) = trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        store.note_pictures(&shots)?;
        store.state.pictures.extend(shots);
    }
    bar.finish_and_clear();
    Ok(())
}

#[derive(Debug)]
enum Failed {
    Left(String),
    Broken(String),
}

/// A picture in its forms: file, width, bytes.
#[derive(Debug)]
struct Made {
    width: u32,
    height: u32,
    files: Vec<(String, u32, Vec<u8>)>,
}

impl Made {
    fn shot(self) -> Shot {
        Shot::Made {
            width: self.width,
            height: self.height,
            files: self
                .files
                .into_iter()
                .map(|(file, width, _)| (file, width))
                .collect(),
        }
    }
}

fn one(visit: &Visit<'_>, address: &str) -> Result<Made, Failed> {
    let url = Url::parse(address).map_err(|error| Failed::Broken(error.to_string()))?;
    let answer = visit.client.get(&url, &[], FILE_LIMIT);
    let answer = answer.map_err(|failure| Failed::Broken(failure.what))?;
    if !answer.is_ok() {
        return Err(Failed::Broken(format!("answers {}", answer.status)));
    }
    make(&answer.body, &name_of(&url, &answer))
}

/// The beginning of a picture's file names: what it is called there, so that people know it, and what
/// it holds, so that two are never one.
fn name_of(url: &Url, answer: &Answer) -> String {
    let last = url
        .path_segments()
        .and_then(|mut parts| parts.next_back())
        .unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let slug = readable_slug(stem).map_or_else(|| "image".to_owned(), |slug| slug.to_string());
    let slug = slug[..slug.len().min(60)].trim_end_matches('-');
    format!("media/{slug}-{:016x}", key(&[&answer.body]))
}

/// A picture in all its forms.
fn make(bytes: &[u8], name: &str) -> Result<Made, Failed> {
    let broken = |what: &dyn std::fmt::Display| {
        Failed::Broken(format!("is no picture that can be read: {what}"))
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_LIMIT);
    limits.max_image_height = Some(SIDE_LIMIT);
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| broken(&error))?;
    if reader.format().is_none() {
        let text = bytes.trim_ascii_start();
        let svg = text.starts_with(b"<svg")
            || (text.starts_with(b"<?xml") && bytes.windows(4).any(|w| w == b"<svg"));
        let avif = bytes.get(4..8) == Some(b"ftyp");
        return Err(if svg || avif {
            Failed::Left("is of a kind that is not made anew".to_owned())
        } else {
            Failed::Broken("is no picture".to_owned())
        });
    }
    let mut reader = reader;
    reader.limits(limits);
    let mut decoder = match reader.into_decoder() {
        Ok(decoder) => decoder,
        Err(image::ImageError::Unsupported(_)) => {
            return Err(Failed::Left(
                "is of a kind that is not made anew".to_owned(),
            ));
        }
        Err(error) => return Err(broken(&error)),
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXEL_LIMIT {
        return Err(Failed::Broken(format!(
            "is too large: {width} × {height} pixels"
        )));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    picture.apply_orientation(orientation);
    let transparent = picture.color().has_alpha();
    let own = picture.width();
    let mut widths: Vec<u32> = WIDTHS.into_iter().filter(|width| *width < own).collect();
    widths.push(own.min(WIDTHS[WIDTHS.len() - 1]));
    widths.dedup();
    let mut files = Vec::new();
    let mut size = (0, 0);
    // From the widest down: each is made of the one before, which is less to read.
    for width in widths.into_iter().rev() {
        if width < picture.width() {
            let height =
                u64::from(picture.height()) * u64::from(width) / u64::from(picture.width());
            let height = u32::try_from(height).unwrap_or(1).max(1);
            picture = picture.resize_exact(width, height, FilterType::CatmullRom);
        }
        if size == (0, 0) {
            size = (picture.width(), picture.height());
        }
        let coded = if transparent {
            let pixels = picture.to_rgba8();
            encode(&webp::Encoder::from_rgba(
                &pixels,
                pixels.width(),
                pixels.height(),
            ))
        } else {
            let pixels = picture.to_rgb8();
            encode(&webp::Encoder::from_rgb(
                &pixels,
                pixels.width(),
                pixels.height(),
            ))
        };
        files.push((format!("{name}-{width}.webp"), width, coded?));
    }
    files.reverse();
    Ok(Made {
        width: size.0,
        height: size.1,
        files,
    })
}

fn encode(encoder: &webp::Encoder<'_>) -> Result<Vec<u8>, Failed> {
    let coded = encoder.encode_simple(false, QUALITY);
    coded
        .map(|bytes| bytes.to_vec())
        .map_err(|error| Failed::Broken(format!("can't be encoded: {error:?}")))
}
