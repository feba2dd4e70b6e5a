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
