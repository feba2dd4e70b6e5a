//! A CMS's HTML as the contract's nodes. There is no way from here to markup: what is understood
//! becomes a node, the text of what is not stays, and the rest is left out and counted.

pub(super) mod dom;
mod embed;
mod flow;
mod line;
mod picture;
mod see_also;
mod shortcode;
mod table;
mod tame;

use std::collections::BTreeMap;

use url::Url;

use super::text;
use crate::content::{Body, Href, Image, Slug};
use crate::route::Route;
use dom::Dom;
use flow::Writer;

/// The longest HTML that is read, in bytes (8 MiB).
pub const HTML_LIMIT: usize = 8 << 20;

/// The longest body that is written, in bytes of JSON (1.5 MiB): the contract's documents end at 2.
pub const BODY_LIMIT: usize = 3 << 19;

/// The longest address that is kept, in bytes.
const ADDRESS_LIMIT: usize = 2_048;

/// What is said of a body that was cut.
const CUT: &str = "cut: too long";

/// What the converter must know of the place where the HTML stands.
pub struct Place<'a> {
    /// The address of the page: relative addresses start from it.
    pub page: &'a Url,
    /// The edition's article that an absolute address leads to, if any: its section and slug.
    pub article: &'a (dyn Fn(&Url) -> Option<(Slug, Slug)> + Sync),
    /// The picture at an absolute address, with what is known of it better than the HTML does (its
    /// dimensions, its other widths); None leaves what the HTML says.
    pub picture: &'a (dyn Fn(&Url) -> Option<Image> + Sync),
    /// Whether French typography is applied.
    pub typography: bool,
}

/// What became of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Converted {
    /// The body: always as the contract has it.
    pub body: Body,
    /// What fell away, by its kind: "script", "iframe", "link without address", "cut: too long" …
    pub dropped: BTreeMap<String, u32>,
}

/// The body that `html` says. Total: any text gives a body, in time that grows with its length.
#[must_use]
pub fn convert(html: &str, place: &Place<'_>) -> Converted {
    let read = text::head(html, HTML_LIMIT);
    let dom = Dom::parse(read);
    let mut writer = Writer::new(&dom, place, read);
    if read.len() < html.len() {
        writer.drop(CUT);
    }
    let children = writer.body();
    Converted {
        body: Body { children },
        dropped: writer.dropped,
    }
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    href: Href,
    /// Section and slug of the edition's own article.
    own: Option<(Slug, Slug)>,
    /// Whether it is a page of the web: no mail address, no telephone number.
    web: bool,
}

impl Place<'_> {
    /// The absolute address that `text` spells here, if it is one of the web's.
    fn web(&self, text: &str) -> Option<Url> {
        self.address(text)
            .filter(|url| matches!(url.scheme(), "http" | "https"))
    }

    /// The absolute address that `text` spells here, if its scheme is one that links may have.
    fn address(&self, text: &str) -> Option<Url> {
        let text = text.trim();
        if text.is_empty() || text.len() > ADDRESS_LIMIT {
            return None;
        }
        // Forgotten so often that no site has a page of that name.
        let mut url = if text.starts_with("www.") {
            Url::parse(&format!("https://{text}")).ok()?
        } else {
            self.page.join(text).ok()?
        };
        match url.scheme() {
            "http" | "https" => {
                // "https://example.org@elsewhere.test/" leads elsewhere.
                url.set_username("").ok()?;
                url.set_password(None).ok()?;
            }
            "mailto" | "tel" => {}
            _ => return None,
        }
        (url.as_str().len() <= ADDRESS_LIMIT).then_some(url)
    }

    /// Where a link with the address `text` leads; a place on the page itself is none, for the
    /// contract has no anchors.
    fn target(&self, text: &str) -> Option<Target> {
        if text.trim_start().starts_with('#') {
            return None;
        }
        self.target_of(&self.address(text)?)
    }

    fn target_of(&self, url: &Url) -> Option<Target> {
        let web = matches!(url.scheme(), "http" | "https");
        let own = if web { (self.article)(url) } else { None };
        let href = match own.clone() {
            Some((section, slug)) => Href::parse(&Route::Article { section, slug }.to_string()),
            None => Href::parse(url.as_str()),
        };
        Some(Target {
            href: href?,
            own,
            web,
        })
    }
}
