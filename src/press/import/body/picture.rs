//! A picture as a CMS writes it, plain or lazy, with the other widths in which it comes.
//! Knows the attributes that plug-ins put the true address into.

use url::Url;

use crate::content::{Image, Src, Srcset};
use crate::press::import::text;

use super::Place;
use super::dom::{Dom, Id};

/// Where the true address stands, the surest first.
const SOURCES: [&str; 7] = [
    "data-lazy-src",
    "data-src",
    "data-original",
    "data-litespeed-src",
    "src",
    "data-orig-file",
    "data-full-url",
];

const SRCSETS: [&str; 3] = ["data-lazy-srcset", "data-srcset", "srcset"];

/// Widths that are kept of one picture.
const WIDTHS_LIMIT: usize = 12;

/// The longest text that stands for a picture, in bytes.
const ALT_LIMIT: usize = 1_000;

/// The picture of an `img`, if it has an address that may be fetched.
pub fn read(dom: &Dom, id: Id, place: &Place) -> Option<Image> {
    let attribute = |name| dom.attribute(id, name);
    let mut candidates = SRCSETS
        .iter()
        .filter_map(|name| attribute(name))
        .map(|set| srcset(set, place))
        .find(|set| !set.is_empty())
        .unwrap_or_default();
    let source = SOURCES
        .iter()
        .filter_map(|name| attribute(name))
        .find_map(|text| place.web(text));
    let largest = candidates.iter().max_by_key(|(_, width)| *width);
    let url = source.or_else(|| largest.map(|(url, _)| url.clone()))?;
    candidates.truncate(WIDTHS_LIMIT);
    let alt = attribute("alt").map(text::plain).unwrap_or_default();
    let alt = text::head(&alt, ALT_LIMIT);
    let alt = if place.typography {
        text::french(alt)
    } else {
        alt.to_owned()
    };
    let alt = Some(alt.trim().to_owned()).filter(|alt| !alt.is_empty());
    if let Some(image) = (place.picture)(&url) {
        return Some(Image {
            alt: alt.or(image.alt),
            ..image
        });
    }
    let written: Vec<String> = candidates
        .iter()
        .map(|(url, width)| format!("{url} {width}w"))
        .collect();
    Some(Image {
        url: Src::parse(url.as_str())?,
        width: size(attribute("width")),
        height: size(attribute("height")),
        srcset: Srcset::parse(&written.join(", ")).unwrap_or_default(),
        alt,
        caption: None,
        credit_text: None,
    })
}

/// Whether the picture is there to count readers: one point wide or high.
pub fn is_pixel(dom: &Dom, id: Id) -> bool {
    let tiny = |name| {
        dom.attribute(id, name)
            .is_some_and(|size| matches!(size.trim().trim_end_matches("px"), "0" | "1"))
    };
    tiny("width") || tiny("height")
}

/// Whether the picture is a letter among others.
pub fn is_small(image: &Image) -> bool {
    let small = |size: Option<u32>| size.is_some_and(|size| size <= 48);
    small(image.width) && small(image.height)
}

/// A width or height in pixels (HTML, "Rules for parsing dimension values", without percentages).
pub fn size(text: Option<&str>) -> Option<u32> {
    let text = text?.trim();
    let text = text.strip_suffix("px").unwrap_or(text);
    text.parse()
        .ok()
        .filter(|size| (1..=100_000).contains(size))
}

/// The addresses with widths in a `srcset` (HTML, "Parsing a srcset attribute"); those with
/// densities are not the contract's.
fn srcset(text: &str, place: &Place) -> Vec<(Url, u32)> {
    let mut found: Vec<(Url, u32)> = Vec::new();
    let mut rest = text;
    while found.len() < 4 * WIDTHS_LIMIT {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        if bare.len() < address.len() {
            rest = after;
            continue;
        }
        let end = after.find(',').unwrap_or(after.len());
        let (descriptor, after) = after.split_at(end);
        rest = after;
        let width = descriptor.trim().strip_suffix('w');
        let width = width.and_then(|width| width.parse().ok());
        if let Some(width) = width.filter(|width| *width > 0)
            && let Some(url) = place.web(bare)
            && !url.as_str().ends_with(',')
            && found.iter().all(|(_, w)| *w != width)
        {
            found.push((url, width));
        }
    }
    found
}
