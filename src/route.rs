//! Every address of the edition: which page a path names, and which documents that page is made of.
//! The only place where paths are spelt; `parse` and `Display` undo each other.

use std::fmt;

use crate::content::{Href, Slug};

/// A page of the edition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/`
    Home,
    /// `/page/{n}/`: the nth archive page of the whole edition, counted from the oldest.
    HomePage(u32),
    /// `/{section}/`
    Section(Slug),
    /// `/{section}/page/{n}/`: the nth archive page of a section, counted from the oldest.
    SectionPage(Slug, u32),
    /// `/{section}/{slug}/`
    Article {
        /// Slug of the section.
        section: Slug,
        /// Slug of the article.
        slug: Slug,
    },
}

impl Route {
    /// The page at `path`, which may lack its last slash and may have a query or a fragment.
    /// Nothing is unescaped: no address of the edition needs an escape, so `%2e%2e` names no page.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let path = &path[..end];
        if path == "/" {
            return Some(Self::Home);
        }
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["page", n] => Some(Self::HomePage(number(n)?)),
            [section] => Some(Self::Section(Slug::section(section)?)),
            [section, slug] => Some(Self::Article {
                section: Slug::section(section)?,
                slug: Slug::parse(slug)?,
            }),
            [section, "page", n] => Some(Self::SectionPage(Slug::section(section)?, number(n)?)),
            _ => None,
        }
    }

    /// The page that `href` opens in the app, if it is one of the edition at `site`.
    #[must_use]
    pub fn of_href(href: &Href, site: Option<&Href>) -> Option<Self> {
        Self::parse(href.path_on(site)?)
    }

    /// The section that the page belongs to.
    #[must_use]
    pub fn section(&self) -> Option<&Slug> {
        match self {
            Self::Home | Self::HomePage(_) => None,
            Self::Section(section)
            | Self::SectionPage(section, _)
            | Self::Article { section, .. } => Some(section),
        }
    }

    /// The document that the page shows, below the backend's base.
    #[must_use]
    pub fn document(&self) -> String {
        match self {
            Self::Home => head_feed(None),
            Self::HomePage(n) => format!("feeds/latest/{n}.json"),
            Self::Section(section) => head_feed(Some(section)),
            Self::SectionPage(section, n) => format!("feeds/{section}/{n}.json"),
            Self::Article { slug, .. } => format!("articles/{slug}.json"),
        }
    }

    /// The page that shows the archive document `next_url`, for a list on this page: its number
    /// is the last step of the address (`feeds/{section}/{n}.json`). None where the list comes
    /// from a backend that counts otherwise.
    #[must_use]
    pub fn archive(&self, next_url: &Href) -> Option<Self> {
        let file = next_url.as_str().rsplit('/').next()?;
        let n = number(file.strip_suffix(".json")?)?;
        Some(match self.section() {
            Some(section) => Self::SectionPage(section.clone(), n),
            None => Self::HomePage(n),
        })
    }
}

/// `site.json`, below the backend's base.
pub const SITE: &str = "site.json";

/// The newest items of a section, or of the whole edition, below the backend's base.
#[must_use]
pub fn head_feed(section: Option<&Slug>) -> String {
    match section {
        Some(section) => format!("feeds/{section}.json"),
        None => "feeds/latest.json".to_owned(),
    }
}

/// A page number as it is written: from 1, with no zero before it.
fn number(text: &str) -> Option<u32> {
    let canonical = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| canonical)
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::HomePage(n) => write!(f, "/page/{n}/"),
            Self::Section(section) => write!(f, "/{section}/"),
            Self::SectionPage(section, n) => write!(f, "/{section}/page/{n}/"),
            Self::Article { section, slug } => write!(f, "/{section}/{slug}/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::RESERVED_SECTIONS;

    fn slug() -> impl Strategy<Value = Slug> {
        "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,4}".prop_filter_map("a slug", |text| Slug::parse(&text))
    }

    fn section() -> impl Strategy<Value = Slug> {
        slug().prop_filter("not the site's own", |slug| {
            !RESERVED_SECTIONS.contains(&slug.as_str())
        })
    }

    fn route() -> impl Strategy<Value = Route> {
        prop_oneof![
            Just(Route::Home),
            (1_u32..).prop_map(Route::HomePage),
            section().prop_map(Route::Section),
            (section(), 1_u32..).prop_map(|(section, n)| Route::SectionPage(section, n)),
            // An article may be called "page"; its address is still its own.
            (section(), slug()).prop_map(|(section, slug)| Route::Article { section, slug }),
        ]
    }

    proptest! {
        #[test]
        fn parse_undoes_display(route in route()) {
            prop_assert_eq!(Route::parse(&route.to_string()), Some(route.clone()));
            let bare = route.to_string();
            let bare = if bare.len() > 1 { bare.trim_end_matches('/') } else { &bare };
            prop_assert_eq!(Route::parse(bare), Some(route.clone()));
            prop_assert_eq!(Route::parse(&format!("{route}?a=/b/#c/")), Some(route));
        }

        #[test]
        fn display_undoes_parse(path in "(/[a-z0-9.%-]{0,6}){0,4}/") {
            if let Some(route) = Route::parse(&path) {
                prop_assert_eq!(route.to_string(), path);
            }
        }

        #[test]
        fn nothing_panics(path in ".*") {
            let _ = Route::parse(&path);
        }
    }

    #[test]
    fn odd_paths_name_no_page() {
        for path in [
            "",
            "politique/",
            "//",
            "//politique/",
            "/politique//",
            "/api/site/",
            "/media/",
            "/auteur/x/",
            "/politique/../x/",
            "/politique/..%2fx/",
            "/politique/%61/",
            "/politique/Le-Role/",
            "/politique/a/b/",
            "/politique/page/0/",
            "/politique/page/01/",
            "/politique/page/+1/",
            "/politique/page/99999999999/",
            "/page/",
            "/politique/a.json",
            "/politique/é/",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn archive_pages_are_found_from_next_url() {
        let route = Route::parse("/politique/").expect("a section");
        let next = |url: &str| {
            let url = Href::parse(url).expect("a link");
            route.archive(&url).map(|route| route.to_string())
        };
        assert_eq!(
            next("https://example.org/api/feeds/politique/7.json"),
            Some("/politique/page/7/".into())
        );
        assert_eq!(next("politique/2.json"), Some("/politique/page/2/".into()));
        assert_eq!(next("https://example.org/feed?page=2"), None);
        assert_eq!(next("/feeds/politique/x.json"), None);
    }
}
