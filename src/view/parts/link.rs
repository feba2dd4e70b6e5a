//! Where a link leads, and how it is marked: into the edition, elsewhere on the site, or away.
//! An address of the edition is written as its path, so that it opens in the app.

use crate::content::{Href, Item, Site};
use crate::route::Route;
use crate::view::markup::{Element, Markup, el};

/// What a link points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A page of the edition.
    Page(Route),
    /// A file on the same site, a mail address, a telephone number.
    Plain(Href),
    /// Another site.
    Away(Href),
}

impl Target {
    /// The target of an address.
    pub fn of(href: &Href, site: &Site) -> Self {
        if let Some(route) = Route::of_href(href, site.url.as_ref()) {
            return Self::Page(route);
        }
        let text = href.as_str();
        let web = text.starts_with("//")
            || ["http:", "https:"].iter().any(|scheme| {
                text.get(..scheme.len())
                    .is_some_and(|t| t.eq_ignore_ascii_case(scheme))
            });
        if web && href.path_on(site.url.as_ref()).is_none() {
            Self::Away(href.clone())
        } else {
            Self::Plain(href.clone())
        }
    }

    /// The target of a list's item: its address, else its place in the edition.
    pub fn of_item(item: &Item, site: &Site) -> Option<Self> {
        if let Some(url) = &item.url {
            return Some(Self::of(url, site));
        }
        Some(Self::Page(Route::Article {
            section: item.manchette.section.clone()?,
            slug: item.manchette.slug.clone()?,
        }))
    }

    /// The `href` attribute, where the edition is served.
    fn href(&self, site: &Site) -> String {
        match self {
            Self::Page(route) => href(route, site),
            Self::Plain(href) | Self::Away(href) => site.base.path(href.as_str()),
        }
    }

    /// The `rel` attribute: marks another site, which also learns nothing of this page.
    pub fn rel(&self) -> Option<&'static str> {
        matches!(self, Self::Away(_)).then_some("external noopener")
    }
}

/// The address of a page of the edition, where it is served.
pub fn href(route: &Route, site: &Site) -> String {
    site.base.path(&route.to_string())
}

/// A link around `children`.
pub fn link(target: &Target, site: &Site, children: impl Into<Markup>) -> Element {
    el("a")
        .attr("href", target.href(site))
        .attr("rel", target.rel())
        .child(children)
}

/// A list's item by its headline, which is a link where it leads somewhere.
pub fn item_link(item: &Item, site: &Site) -> Markup {
    let headline = item.headline().to_owned();
    match Target::of_item(item, site) {
        Some(target) => link(&target, site, headline).into(),
        None => headline.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_home_from_away() {
        let mut site = Site::unknown();
        site.url = Href::parse("https://example.org/");
        let target = |text: &str| Target::of(&Href::parse(text).expect("a link"), &site);
        assert!(matches!(target("/culture/zellige/"), Target::Page(_)));
        assert!(matches!(
            target("https://example.org/culture/zellige/"),
            Target::Page(_)
        ));
        for plain in [
            "/media/plan.pdf",
            "mailto:a@example.org",
            "tel:+2125",
            "#note",
        ] {
            assert!(matches!(target(plain), Target::Plain(_)), "{plain}");
        }
        for away in [
            "https://example.com/culture/zellige/",
            "HTTPS://example.com/",
            "//example.com/culture/zellige/",
        ] {
            assert!(matches!(target(away), Target::Away(_)), "{away}");
            assert_eq!(target(away).rel(), Some("external noopener"));
        }
    }
}
