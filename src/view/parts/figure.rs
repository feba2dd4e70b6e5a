//! Pictures: their place kept before they come, caption and credit told apart.
//! A picture without a stated size is given a 16:9 box by the style sheet.

use crate::content::{Image, Site};
use crate::view::markup::{Element, el};

/// A picture with its caption; `lead` is the one that the reader sees first.
pub fn figure(image: &Image, site: &Site, sizes: &'static str, lead: bool) -> Element {
    let caption = image.caption.clone();
    let caption = caption.map(|text| el("span").class("caption").child(text));
    let credit = image.credit_text.clone();
    let credit = credit.map(|text| el("span").class("credit").child(text));
    let line = (caption.is_some() || credit.is_some())
        .then(|| el("figcaption").child(caption).child(" ").child(credit));
    el("figure")
        .class("figure")
        .child(picture(image, site, sizes, lead))
        .child(line)
}

/// The picture alone.
pub fn picture(image: &Image, site: &Site, sizes: &'static str, eager: bool) -> Element {
    let at = |address: &str| site.base.path(address);
    let srcset = (!image.srcset.is_empty()).then(|| image.srcset.written(at));
    let sized = image.width.is_some() && image.height.is_some();
    // What the browser must know before it fetches stands before `src`.
    el("img")
        .class((!sized).then_some("unsized"))
        .attr("alt", image.alt.clone().unwrap_or_default())
        .attr("width", image.width.map(|n| n.to_string()))
        .attr("height", image.height.map(|n| n.to_string()))
        .attr("loading", (!eager).then_some("lazy"))
        .attr("fetchpriority", eager.then_some("high"))
        .attr("decoding", "async")
        .attr("sizes", srcset.is_some().then_some(sizes))
        .attr("srcset", srcset)
        .attr("src", at(image.url.as_str()))
}
