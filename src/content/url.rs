//! Addresses from outside, as types that cannot hold a script.
//! What counts as a scheme, and what is stripped first, is the WHATWG URL Standard's basic parser.

use std::fmt;

use serde::Serialize;

/// What a link may point to: `http`, `https`, `mailto`, `tel` or a relative address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Href(String);

/// Where a picture may come from: `http`, `https` or a relative address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Src(String);

impl Href {
    /// The address, unless its scheme is any other than the four that a link may have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        url_safe(text, &["http", "https", "mailto", "tel"]).map(Self)
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path (with query and fragment) when the address is on `origin` or relative to its root.
    ///
    /// `origin` is the edition's address; a scheme-relative address (`//host/…`) is another site's.
    #[must_use]
    pub fn path_on(&self, origin: Option<&Href>) -> Option<&str> {
        let text = self.as_str();
        if text.starts_with('/') {
            return (!text.starts_with("//") && !text.starts_with("/\\")).then_some(text);
        }
        let root = origin?.as_str().trim_end_matches('/');
        let path = text.strip_prefix(root)?;
        path.starts_with('/').then_some(path)
    }
}

impl Src {
    /// The address, unless its scheme is any other than `http` or `https`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        url_safe(text, &["http", "https"]).map(Self)
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where an edition is served: its origin, where that is known, and the path before all its pages.
///
/// Inside the edition every address begins at its own root, `/politique/…`; on a host that gives it
/// `https://example.org/journal/`, that page is at `/journal/politique/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// `https://example.org`, or nothing.
    origin: String,
    /// Begins and ends with a slash.
    path: String,
}

impl Default for Base {
    fn default() -> Self {
        Self {
            origin: String::new(),
            path: "/".to_owned(),
        }
    }
}

impl Base {
    /// The base that `text` spells: an http or https address, or a path from a host's root. A slash
    /// at its end may be missing; a query or a fragment may not be there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = url_safe(text, &["http", "https"])?;
        let after_scheme = text.find("://").map(|at| at + 3);
        let host_end = match after_scheme {
            Some(start) => text[start..]
                .find(['/', '\\', '?', '#'])
                .map_or(text.len(), |at| start + at),
            None => 0,
        };
        let (origin, path) = text.split_at(host_end);
        let path = path.trim_end_matches('/');
        let well_formed = !text.contains(['?', '#', '\\', '"', '\'', '<', '>', ' ', '@'])
            && !path.contains("//")
            && (path.is_empty() || path.starts_with('/'))
            && after_scheme.is_none_or(|start| host_end > start);
        well_formed.then(|| Self {
            origin: origin.to_owned(),
            path: format!("{path}/"),
        })
    }

    /// The origin alone, as in `https://example.org`; empty where it is not known.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// This base, at the place of another where that says more.
    #[must_use]
    pub fn served_at(self, other: Self) -> Self {
        let origin = if other.origin.is_empty() {
            self.origin
        } else {
            other.origin
        };
        Self {
            origin,
            path: other.path,
        }
    }

    /// The path on the host of an address that begins at the edition's root; any other stays.
    #[must_use]
    pub fn path(&self, address: &str) -> String {
        match within(address) {
            Some(rest) => format!("{}{rest}", self.path),
            None => address.to_owned(),
        }
    }

    /// The same with its origin, for machines elsewhere.
    #[must_use]
    pub fn absolute(&self, address: &str) -> String {
        match within(address) {
            Some(rest) => format!("{}{}{rest}", self.origin, self.path),
            None => address.to_owned(),
        }
    }

    /// The address inside the edition of a path on its host, if it is one of the edition's.
    #[must_use]
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        // Its last slash stays: it is the first one of what is inside.
        let root = self.path.trim_end_matches('/');
        path.strip_prefix(root)
            .filter(|inside| inside.starts_with('/'))
    }
}

/// What follows the first slash of an address that begins at a root. (`//host` is another host.)
fn within(address: &str) -> Option<&str> {
    let rest = address.strip_prefix('/')?;
    (!rest.starts_with(['/', '\\'])).then_some(rest)
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        f.write_str(&self.path)
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Src {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` as a browser would read it, if its scheme is one of `schemes` or it has none.
///
/// A browser drops white space and controls at both ends and every tab and line break within
/// before it looks for the scheme, so that is done first: `java\nscript:` is `javascript:`.
#[must_use]
pub fn url_safe(text: &str, schemes: &[&str]) -> Option<String> {
    let text: String = text
        .trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    if text.is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        });
    match scheme {
        Some(scheme) if !schemes.iter().any(|s| s.eq_ignore_ascii_case(scheme)) => None,
        _ => Some(text),
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    impl JsonSchema for super::Href {
        fn schema_name() -> Cow<'static, str> {
            "Href".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "string",
                "format": "iri-reference",
                "description": "http, https, mailto, tel or relative"
            })
        }
    }

    impl JsonSchema for super::Src {
        fn schema_name() -> Cow<'static, str> {
            "Src".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "string",
                "format": "iri-reference",
                "description": "http, https or relative"
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_four_schemes_and_relative_addresses() {
        for good in [
            "https://example.org/a?b#c",
            "HTTP://example.org",
            "mailto:a@example.org",
            "tel:+212500000000",
            "/politique/a/",
            "a/b",
            "?q=1",
            "#note",
            "//example.org/a",
            "a/b:c",
            "1:2",
        ] {
            assert!(Href::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn refuses_every_other_scheme_however_it_is_dressed() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " \u{1}javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\r\nscript:alert(1)",
            "javascript\n:alert(1)",
            "data:text/html,<script>1</script>",
            "vbscript:x",
            "blob:https://example.org/1",
            "file:///etc/passwd",
            "filesystem:x",
            "view-source:x",
            "a+b-c.d:x",
            "",
            "  ",
            "a\u{0}b",
        ] {
            assert_eq!(Href::parse(bad), None, "{bad:?}");
            assert_eq!(Src::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Src::parse("mailto:a@example.org"), None);
    }

    #[test]
    fn a_base_is_put_before_what_is_inside_and_taken_off_again() {
        let at = |text: &str| Base::parse(text).expect(text);
        let journal = at("https://example.org/journal");
        assert_eq!(journal, at("https://example.org/journal/"));
        assert_eq!(journal.to_string(), "https://example.org/journal/");
        assert_eq!(journal.path("/culture/"), "/journal/culture/");
        assert_eq!(journal.path("/"), "/journal/");
        assert_eq!(
            journal.absolute("/media/a.webp"),
            "https://example.org/journal/media/a.webp"
        );
        for elsewhere in [
            "https://a.test/x",
            "//a.test/x",
            "x/y",
            "#note",
            "/\\a.test",
        ] {
            assert_eq!(journal.path(elsewhere), elsewhere);
            assert_eq!(journal.absolute(elsewhere), elsewhere);
        }
        assert_eq!(journal.strip("/journal/culture/"), Some("/culture/"));
        assert_eq!(journal.strip("/journal/"), Some("/"));
        assert_eq!(journal.strip("/journalisme/"), None);
        assert_eq!(journal.strip("/culture/"), None);
        let root = at("/");
        assert_eq!(root, Base::default());
        assert_eq!(root.path("/culture/"), "/culture/");
        assert_eq!(root.strip("/culture/"), Some("/culture/"));
        assert_eq!(
            at("https://example.org").to_string(),
            "https://example.org/"
        );
        assert_eq!(
            at("https://example.org/a/")
                .served_at(at("/b/"))
                .to_string(),
            "https://example.org/b/"
        );
        for bad in [
            "journal",
            "//example.org/",
            "ftp://example.org/",
            "https:///x",
            "https://example.org/?a",
            "/a\"b/",
            "https://a.test\"><img/",
            "https://a.test'x/",
            "https://who@a.test/",
            "",
        ] {
            assert_eq!(Base::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn knows_its_own_site() {
        let site = Href::parse("https://example.org/");
        let path = |text: &str| {
            let href = Href::parse(text).expect("a link");
            href.path_on(site.as_ref()).map(str::to_owned)
        };
        assert_eq!(path("https://example.org/a/b/"), Some("/a/b/".into()));
        assert_eq!(path("/a/b/"), Some("/a/b/".into()));
        assert_eq!(path("https://example.org.evil.test/a/"), None);
        assert_eq!(path("https://example.com/a/"), None);
        assert_eq!(path("//evil.test/a/"), None);
        assert_eq!(path("/\\evil.test/a/"), None);
        assert_eq!(path("a/b/"), None);
    }
}
