//! The form that every page is poured into: `index.html` as it was built, cut at the places that a
//! page fills, with the addresses that it has where the edition is served.

use super::assets::{AFTERWARDS, between};
use super::html::attribute;
use crate::content::{Base, direction};

/// The form, cut at the places that a page fills.
#[derive(Debug)]
pub struct Shell {
    before_head: String,
    head: String,
    before_app: String,
    app: String,
    /// What follows where the app makes the page.
    after_app: String,
    /// What follows a page that stands there already, and does not wait for the app.
    after_page: String,
}

/// Where the page's own part of the head is, in `index.html`.
const HEAD: (&str, &str) = ("<!--head-->", "<!--/head-->");
/// The mount element.
const APP: (&str, &str) = ("<div id=\"app\">", "</div><!--app-->");
/// What only a page that waits for the app needs, after the mount element.
const WAITING: (&str, &str) = ("<!--waiting-->", "<!--/waiting-->");
/// Where the form says where the edition is served.
const BASE: &str = "<meta name=\"manchette:base\" content=\"/\">";
/// The attributes that hold an address.
const ADDRESSES: [&str; 3] = [" href=\"/", " src=\"/", " content=\"/"];

/// The name of the page that starts the app where there is no page of its own for an address.
pub const FALLBACK: &str = "404.html";

impl Shell {
    /// Cuts a form for an edition in this language that is served at `base`. What is wrong with the
    /// form is said of `index.html`.
    pub fn cut(form: &str, base: &Base, language: &str) -> Result<Self, String> {
        let text = at_base(form, base)?;
        let text = text.replacen(
            "<html lang=\"fr\">",
            &match direction(language) {
                "ltr" => format!("<html lang=\"{}\">", word(language)),
                other => format!("<html lang=\"{}\" dir=\"{other}\">", word(language)),
            },
            1,
        );
        // Comments are for who reads the source.
        let (before_head, head, rest) = between(&text, HEAD)?;
        let (before_app, app, after_app) = between(rest, APP)?;
        // A page that has nothing to show yet waits for nothing.
        let (before, afterwards, after) = between(after_app, AFTERWARDS)?;
        let (links, start) = afterwards.split_at(afterwards.find("<script").unwrap_or(0));
        let (open, close) = AFTERWARDS;
        let at_once = [before, open, links, close, start, after].concat();
        let (after, _, end) = between(after_app, WAITING)?;
        Ok(Self {
            before_head: without_comments(before_head),
            head: head.to_owned(),
            before_app: without_comments(before_app),
            app: app.to_owned(),
            after_app: at_once,
            after_page: without_comments(&format!("{after}{end}")),
        })
    }

    /// The page that starts the app at an address that has no page of its own.
    #[must_use]
    pub fn fallback(&self) -> String {
        // An address that names nothing is no page to find.
        let head = format!("{}<meta name=\"robots\" content=\"noindex\">", self.head);
        self.pour(&head, &self.app, &[&self.after_app])
    }

    /// A page: its part of the head, what stands in the mount element, and the documents that it
    /// was made of.
    #[must_use]
    pub fn page(&self, head: &str, html: &str, documents: &str) -> String {
        let open = "\n<script type=\"application/json\" id=\"documents\">";
        self.pour(
            head,
            html,
            &[open, documents, "</script>", &self.after_page],
        )
    }

    fn pour(&self, head: &str, app: &str, after: &[&str]) -> String {
        let (open, close) = APP;
        let parts = [&self.before_head, head, &self.before_app, open, app, close];
        let mut page =
            String::with_capacity(parts.iter().chain(after).map(|part| part.len()).sum());
        parts
            .iter()
            .chain(after)
            .for_each(|part| page.push_str(part));
        page
    }
}

/// The form with its addresses as they are where the edition is served.
fn at_base(form: &str, base: &Base) -> Result<String, String> {
    match form.split(BASE).collect::<Vec<_>>()[..] {
        [before, after] => Ok([
            &moved(before, base),
            &BASE.replace("\"/\"", &format!("\"{}\"", attribute(&base.to_string()))),
            &moved(after, base),
        ]
        .map(String::as_str)
        .concat()),
        _ => Err(BASE.to_owned()),
    }
}

fn moved(form: &str, base: &Base) -> String {
    let mut text = form.to_owned();
    let root = attribute(&base.path("/"));
    for open in ADDRESSES {
        let before = open.trim_end_matches('/');
        let mut parts = text.split(open);
        let mut moved = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // An address that begins with two slashes is another host's.
            let elsewhere = part.starts_with(['/', '\\']);
            moved.push_str(before);
            moved.push_str(if elsewhere { "/" } else { &root });
            moved.push_str(part);
        }
        text = moved;
    }
    text
}

/// A language tag is letters, digits and hyphens (RFC 5646); anything else would end the attribute.
fn word(language: &str) -> String {
    language
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

/// A head without the comments and the line breaks that a reader would have to fetch. What stands in
/// a script or a style has its hash in the policy, and stays as it is.
fn without_comments(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        out.push_str(text.trim_end_matches('\n'));
        let to = |close: &str| tag.find(close).map_or(tag.len(), |at| at + close.len());
        if tag.starts_with("<!--") {
            rest = tag[to("-->")..].trim_start_matches('\n');
            continue;
        }
        let end = if tag.starts_with("<script>") {
            to("</script>")
        } else if tag.starts_with("<style>") {
            to("</style>")
        } else {
            to(">")
        };
        out.push_str(&tag[..end]);
        rest = &tag[end..];
    }
    out.push_str(rest.trim_end_matches('\n'));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n<!--head--><title>T</title><!--/head-->\n<!-- why -->\n<meta name=\"manchette:api\" content=\"/api/\">\n<meta name=\"manchette:base\" content=\"/\">\n<script>\n// <b> \"/\"\n</script>\n<link rel=\"icon\" href=\"/icon.svg\"><link href=\"//cdn.test/x\">\n</head>\n<body>\n<div id=\"app\">S</div><!--app-->\n<!--waiting--><template><a href=\"/\">x</a></template><!--/waiting-->\n<div hidden></div>\n<template id=\"ensuite\"><link href=\"/m\"><script></script></template>\n</body>\n</html>\n";

    #[test]
    fn a_page_has_its_addresses_where_it_is_served() {
        let base = Base::parse("https://example.org/journal/").expect("a base");
        let shell = Shell::cut(FORM, &base, "fr-MA").expect("a form");
        let page = shell.page("<title>P</title>", "<p>p</p>", "{}");
        for there in [
            "<html lang=\"fr-MA\"><head><meta charset=\"utf-8\"><title>P</title><meta name=\"manchette:api\" content=\"/journal/api/\"><meta name=\"manchette:base\" content=\"https://example.org/journal/\">",
            "<script>\n// <b> \"/\"\n</script>",
            "href=\"/journal/icon.svg\"",
            "href=\"//cdn.test/x\"",
            "<div id=\"app\"><p>p</p></div><!--app-->",
            "<script type=\"application/json\" id=\"documents\">{}</script>",
            "<div hidden></div>",
            "<template id=\"ensuite\"><link href=\"/journal/m\"><script></script></template>",
        ] {
            assert!(page.contains(there), "{there} in {page}");
        }
        assert!(!page.contains("<template><a") && !page.contains("why"));
        let fallback = shell.fallback();
        assert!(fallback.contains("<template><a href=\"/journal/\">x</a></template>"));
        assert!(fallback.contains("<div id=\"app\">S</div>"));
        let start =
            "<template id=\"ensuite\"><link href=\"/journal/m\"></template><script></script>";
        assert!(fallback.contains(start), "{fallback}");
        let from_the_right = Shell::cut(FORM, &base, "ar").expect("a form").fallback();
        assert!(from_the_right.contains("<html lang=\"ar\" dir=\"rtl\">"));
    }

    #[test]
    fn a_base_stays_within_its_attributes() {
        let base = Base::parse("https://example.org/r&copy/").expect("a base");
        let shell = Shell::cut(FORM, &base, "fr").expect("a form");
        let page = shell.page("", "", "{}");
        for there in [
            "<meta name=\"manchette:base\" content=\"https://example.org/r&amp;copy/\">",
            "<meta name=\"manchette:api\" content=\"/r&amp;copy/api/\">",
            "href=\"/r&amp;copy/icon.svg\"",
        ] {
            assert!(page.contains(there), "{there} in {page}");
        }
    }

    #[test]
    fn a_form_that_lacks_a_place_is_refused_by_its_name() {
        for part in ["<!--head-->", "<div id=\"app\">", "<!--/waiting-->", BASE] {
            let form = FORM.replace(part, "");
            let error = Shell::cut(&form, &Base::default(), "fr").expect_err(part);
            assert!(part.contains(&error) || error.contains(part), "{error}");
        }
    }
}
