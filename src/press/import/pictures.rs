//! Pictures in documents: a post's own in all the sizes that show the same, and texts without those that
//! can't be had.

use std::collections::BTreeMap;

use super::media::Shot;
use super::post::{Picture, Words};
use super::text;
use crate::content::{Block, Candidate, Image, Inline, Src, Srcset};

/// The width, in pixels, of the picture for browsers that do not choose.
const PLAIN_WIDTH: u32 = 1200;

/// The picture as the edition shows it. None where it is broken.
pub fn image(picture: &Picture, shots: &BTreeMap<String, Shot>, typography: bool) -> Option<Image> {
    let caption = picture.caption.as_ref();
    let said = caption.map(|caption| match caption {
        Words::Html(html) => text::caption(html, typography),
        Words::Plain(_) => text::Caption {
            caption: caption.line(typography),
            credit_text: None,
        },
    });
    let (caption, credit) = said.map_or((None, None), |said| (said.caption, said.credit_text));
    let own = picture
        .credit
        .as_ref()
        .and_then(|credit| credit.line(typography));
    let found = match shots.get(&picture.url) {
        Some(Shot::Broken { .. }) => return None,
        Some(shot @ Shot::Made { .. }) => shot.image(),
        Some(Shot::Left { .. }) | None => linked(picture),
    };
    Some(Image {
        alt: picture.alt.as_ref().and_then(|alt| alt.line(typography)),
        caption,
        credit_text: credit.or(own),
        ..found?
    })
}

/// The picture where the source has it, in all sizes that show the same.
fn linked(picture: &Picture) -> Option<Image> {
    let full = (picture.url.clone(), picture.width, picture.height);
    let mut sizes: Vec<(Src, u32, u32)> = Vec::new();
    let own = full.1.zip(full.2);
    let all = own.map(|(width, height)| (full.0.clone(), width, height));
    for (url, width, height) in all.into_iter().chain(picture.sizes.iter().cloned()) {
        // A square cut out of it shows something else.
        let same = own.is_none_or(|(w, h)| {
            let (one, other) = (
                u64::from(w) * u64::from(height),
                u64::from(h) * u64::from(width),
            );
            one.abs_diff(other) * 50 <= one.max(other)
        });
        // In a srcset white space and commas at the end would end the address.
        let clean = !url.contains(|c: char| c.is_whitespace() || c == ',');
        if let Some(src) = Src::parse(&url).filter(|_| same && clean)
            && !sizes.iter().any(|(_, w, _)| *w == width)
        {
            sizes.push((src, width, height));
        }
    }
    sizes.sort_by_key(|(_, width, _)| *width);
    let plain = sizes
        .iter()
        .find(|(_, width, _)| *width >= PLAIN_WIDTH)
        .or(sizes.last());
    let (url, width, height) = match plain {
        Some((url, width, height)) => (url.clone(), Some(*width), Some(*height)),
        None => (Src::parse(&picture.url)?, full.1, full.2),
    };
    let candidates = sizes
        .into_iter()
        .map(|(url, width, _)| Candidate { url, width });
    let candidates: Vec<_> = candidates.collect();
    Some(Image {
        url,
        width,
        height,
        srcset: if candidates.len() > 1 {
            Srcset::new(candidates)
        } else {
            Srcset::default()
        },
        alt: None,
        caption: None,
        credit_text: None,
    })
}

/// Takes pictures out that can't be shown.
pub fn without_broken(blocks: Vec<Block>, is_broken: &dyn Fn(&Src) -> bool) -> Vec<Block> {
    let mut out = Vec::with_capacity(blocks.len());
    for block in blocks {
        out.push(match block {
            Block::Figure { image } if is_broken(&image.url) => continue,
            Block::Paragraph { children } => {
                let had = !children.is_empty();
                let children = lines_without(children, is_broken);
                if had && children.is_empty() {
                    continue;
                }
                Block::Paragraph { children }
            }
            Block::Heading { depth, children } => Block::Heading {
                depth,
                children: lines_without(children, is_broken),
            },
            Block::Blockquote { children } => Block::Blockquote {
                children: without_broken(children, is_broken),
            },
            Block::List {
                ordered,
                start,
                mut children,
            } => {
                for item in &mut children {
                    item.children = without_broken(std::mem::take(&mut item.children), is_broken);
                }
                Block::List {
                    ordered,
                    start,
                    children,
                }
            }
            Block::Table { mut children } => {
                for cell in children.iter_mut().flat_map(|row| &mut row.children) {
                    cell.children = lines_without(std::mem::take(&mut cell.children), is_broken);
                }
                Block::Table { children }
            }
            other => other,
        });
    }
    out
}

fn lines_without(nodes: Vec<Inline>, is_broken: &dyn Fn(&Src) -> bool) -> Vec<Inline> {
    let deeper = |children| lines_without(children, is_broken);
    let keep = |node| {
        Some(match node {
            Inline::Picture(image) if is_broken(&image.url) => return None,
            Inline::Emphasis { children } => Inline::Emphasis {
                children: deeper(children),
            },
            Inline::Strong { children } => Inline::Strong {
                children: deeper(children),
            },
            Inline::Delete { children } => Inline::Delete {
                children: deeper(children),
            },
            Inline::Superscript { children } => Inline::Superscript {
                children: deeper(children),
            },
            Inline::Subscript { children } => Inline::Subscript {
                children: deeper(children),
            },
            Inline::Link { url, children } => {
                let children = deeper(children);
                // A picture that led somewhere: nothing is left to press.
                if children.is_empty() {
                    return None;
                }
                Inline::Link { url, children }
            }
            other => other,
        })
    };
    nodes.into_iter().filter_map(keep).collect()
}
