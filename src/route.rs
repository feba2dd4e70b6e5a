//! Every address of the edition: which page a path names, and which documents that page is made of.
//! The only place where paths are spelt; `parse` and `Display` undo each other.

use std::fmt;

use crate::content::{Href, Slug};

/// A page of the edition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// The newest items of a list.
    Front(Front),
    /// The nth archive page of a list, counted from the oldest: the front's address and
    /// `page/{n}/`.
    Archive(Front, u32),
    /// `/{section}/{slug}/`
    Article {
        /// Slug of the section.
        section: Slug,
        /// Slug of the article.
        slug: Slug,
    },
    /// `/a-lire/`: the articles that the reader keeps for later.
    ToRead,
    /// `/hors-ligne/`: all that can be read without a network.
    Offline,
}

/// What has a list of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Front {
    /// `/`: the whole edition.
    Home,
    /// `/{section}/`
    Section(Slug),
    /// `/auteur/{slug}/`
    Author(Slug),
    /// `/mot-cle/{slug}/`
    Keyword(Slug),
}

impl Route {
    /// The home page.
    pub const HOME: Self = Self::Front(Front::Home);

    /// The page at `path`, which may lack its last slash and may have a query or a fragment.
    /// Nothing is unescaped: no address of the edition needs an escape, so `%2e%2e` names no page.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let path = &path[..end];
        if path == "/" {
            return Some(Self::HOME);
        }
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').collect();
        Some(match parts[..] {
            ["a-lire"] => Self::ToRead,
            ["hors-ligne"] => Self::Offline,
            ["page", n] => Self::Archive(Front::Home, number(n)?),
            ["auteur", slug] => Self::Front(Front::Author(Slug::parse(slug)?)),
            ["mot-cle", slug] => Self::Front(Front::Keyword(Slug::parse(slug)?)),
            ["auteur", slug, "page", n] => {
                Self::Archive(Front::Author(Slug::parse(slug)?), number(n)?)
            }
            ["mot-cle", slug, "page", n] => {
                Self::Archive(Front::Keyword(Slug::parse(slug)?), number(n)?)
            }
            [section] => Self::Front(Front::Section(Slug::section(section)?)),
            [section, "page", n] => {
                Self::Archive(Front::Section(Slug::section(section)?), number(n)?)
            }
            [section, slug] => Self::Article {
                section: Slug::section(section)?,
                slug: Slug::parse(slug)?,
            },
            _ => return None,
        })
    }

    /// The page that `href` opens in the app, if it is one of the edition at `site`.
    #[must_use]
    pub fn of_href(href: &Href, site: Option<&Href>) -> Option<Self> {
        Self::parse(href.path_on(site)?)
    }

    /// The list that the page shows.
    #[must_use]
    pub fn front(&self) -> Option<&Front> {
        match self {
            Self::Front(front) | Self::Archive(front, _) => Some(front),
            _ => None,
        }
    }

    /// The section that the page belongs to.
    #[must_use]
    pub fn section(&self) -> Option<&Slug> {
        match self {
            Self::Front(Front::Section(section))
            | Self::Archive(Front::Section(section), _)
            | Self::Article { section, .. } => Some(section),
            _ => None,
        }
    }

    /// The document that the page shows, below the backend's base. A page of what the reader keeps
    /// needs the edition's own alone.
    #[must_use]
    pub fn document(&self) -> String {
        match self {
            Self::Front(front) => front.feed(),
            Self::Archive(front, n) => front.archive_feed(*n),
            Self::Article { slug, .. } => format!("articles/{slug}.json"),
            Self::ToRead | Self::Offline => SITE.to_owned(),
        }
    }

    /// The page that shows the archive document `next_url`, for a list on this page: its number
    /// is the last step of the address (`feeds/{section}/{n}.json`). None where the list comes
    /// from a backend that counts otherwise.
    #[must_use]
    pub fn archive(&self, next_url: &Href) -> Option<Self> {
        let file = next_url.as_str().rsplit('/').next()?;
        let n = number(file.strip_suffix(".json")?)?;
        Some(Self::Archive(self.front()?.clone(), n))
    }
}

impl Front {
    /// The document with its newest items, below the backend's base.
    #[must_use]
    pub fn feed(&self) -> String {
        format!("feeds/{}.json", self.folder())
    }

    /// Its nth archive document, below the backend's base.
    #[must_use]
    pub fn archive_feed(&self, n: u32) -> String {
        format!("feeds/{}/{n}.json", self.folder())
    }

    fn folder(&self) -> String {
        match self {
            Self::Home => "latest".to_owned(),
            Self::Section(slug) => slug.to_string(),
            Self::Author(slug) => format!("auteur/{slug}"),
            Self::Keyword(slug) => format!("mot-cle/{slug}"),
        }
    }
}

/// `site.json`, below the backend's base.
pub const SITE: &str = "site.json";

/// A page number as it is written: from 1, with no zero before it.
pub(crate) fn number(text: &str) -> Option<u32> {
    let canonical = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| canonical)
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Front(front) => write!(f, "{front}"),
            Self::Archive(front, n) => write!(f, "{front}page/{n}/"),
            Self::Article { section, slug } => write!(f, "/{section}/{slug}/"),
            Self::ToRead => f.write_str("/a-lire/"),
            Self::Offline => f.write_str("/hors-ligne/"),
        }
    }
}

impl fmt::Display for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::Section(slug) => write!(f, "/{slug}/"),
            Self::Author(slug) => write!(f, "/auteur/{slug}/"),
            Self::Keyword(slug) => write!(f, "/mot-cle/{slug}/"),
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

    fn front() -> impl Strategy<Value = Front> {
        prop_oneof![
            Just(Front::Home),
            section().prop_map(Front::Section),
            slug().prop_map(Front::Author),
            slug().prop_map(Front::Keyword),
        ]
    }

    fn route() -> impl Strategy<Value = Route> {
        prop_oneof![
            front().prop_map(Route::Front),
            (front(), 1_u32..).prop_map(|(front, n)| Route::Archive(front, n)),
            // An article may be called "page"; its address is still its own.
            (section(), slug()).prop_map(|(section, slug)| Route::Article { section, slug }),
            Just(Route::ToRead),
            Just(Route::Offline),
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
            "/auteur/",
            "/auteur/x/y/",
            "/mot-cle/X/",
            "/recherche/x/",
            "/a-lire/x/",
            "/hors-ligne/page/2/",
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
