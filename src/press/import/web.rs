//! Answers as real sites give them: JSON with a notice before it, a page in its place, an error that
//! says why. And the addresses of a REST interface, however it is reached.

use std::fmt;
use std::io;

use serde_json::Value;
use url::Url;

use crate::press::http::{Answer, Client};

/// The largest answer that is taken, in bytes: a page of posts, one of them very long.
pub const ANSWER_LIMIT: usize = 64 << 20;

/// What 503 says.
pub const MAINTAINED: &str = "the site is being maintained, or overloaded";

/// How many places are tried as the beginning of the JSON in an answer that begins otherwise.
const BEGINNINGS: usize = 64;

/// Why an answer is none.
#[derive(Debug)]
pub struct Refusal {
    /// The address that was asked.
    pub url: String,
    /// What is wrong.
    pub what: String,
    /// The site's own name for it, as in `rest_not_logged_in`.
    pub code: String,
    /// Whether asking for less may help: one post of many may be what breaks it.
    pub divides: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.what)
    }
}

impl Refusal {
    /// Whether what was asked may be at another address by now.
    pub fn may_have_moved(&self) -> bool {
        self.code == "rest_no_route"
            || self.what.contains("404")
            || (self.code.is_empty() && self.divides)
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::other(refusal.to_string())
    }
}

/// A JSON document, with the headers that came with it.
#[derive(Debug)]
pub struct Document {
    /// What it holds.
    pub value: Value,
    /// The bytes that stood before it and had to be skipped.
    pub skipped: usize,
    /// The answer without its body.
    pub answer: Answer,
}

/// Asks for a JSON document.
pub fn json(client: &Client, url: &Url) -> Result<Document, Refusal> {
    document(url, get(client, url, &[])?)
}

/// Asks for a document of any kind.
pub fn get(client: &Client, url: &Url, headers: &[(&str, &str)]) -> Result<Answer, Refusal> {
    client
        .get(url, headers, ANSWER_LIMIT)
        .map_err(|failure| Refusal {
            divides: failure.what.starts_with("is over "),
            url: failure.url,
            what: failure.what,
            code: String::new(),
        })
}

/// The JSON document in an answer.
pub fn document(url: &Url, mut answer: Answer) -> Result<Document, Refusal> {
    let found = find_json(&answer.body);
    let status = answer.status;
    let refusal = |what: String, code: String, divides: bool| Refusal {
        url: url.to_string(),
        what,
        code,
        divides,
    };
    if let Some((Value::Object(error), _)) = &found
        && let Some(code) = error.get("code").and_then(Value::as_str)
        && (!answer.is_ok() || error.contains_key("message"))
    {
        return Err(refusal(
            said(status, code, error.get("message")),
            code.to_owned(),
            status == 500,
        ));
    }
    let divides = matches!(status, 500 | 502 | 504);
    if !answer.is_ok() {
        let what = match status {
            503 => format!("answers 503: {MAINTAINED}"),
            _ => format!("answers {status}"),
        };
        return Err(refusal(what, String::new(), divides));
    }
    let Some((value, skipped)) = found else {
        let what = if answer.body.trim_ascii_start().starts_with(b"<") {
            "answers with a page, not with JSON"
        } else {
            "answers with something that is not JSON"
        };
        return Err(refusal(what.to_owned(), String::new(), true));
    };
    answer.body = Vec::new();
    Ok(Document {
        value,
        skipped,
        answer,
    })
}

/// What the site says for itself.
fn said(status: u16, code: &str, message: Option<&Value>) -> String {
    let what = match code {
        "rest_not_logged_in" | "rest_cannot_access" | "rest_login_required" | "rest_forbidden" => {
            "the site gives its posts only to those who are logged in"
        }
        "rest_no_route" => "the site does not have this",
        "rest_disabled" => "the site's REST interface is switched off",
        _ => message.and_then(Value::as_str).unwrap_or("refused"),
    };
    // The site's words go to a terminal.
    let what: String = what.chars().filter(|c| !c.is_control()).take(200).collect();
    let code: String = code.chars().filter(|c| !c.is_control()).take(60).collect();
    format!("answers {status}: {what} ({code})")
}

/// The JSON in `bytes`, and how many bytes stand before it. PHP writes its notices before (or after)
/// what was asked for; editors of PHP files leave a byte-order mark there.
pub fn find_json(bytes: &[u8]) -> Option<(Value, usize)> {
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mark = bytes.len() - marked.len();
    if let Ok(value) = serde_json::from_slice::<Value>(marked) {
        return (value.is_object() || value.is_array()).then_some((value, mark));
    }
    // Of what can be read as JSON, the longest: a notice may have a bracket in it.
    let mut best: Option<(Value, usize, usize)> = None;
    let starts = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'{' | b'['));
    for (start, _) in starts.take(BEGINNINGS) {
        let rest = &bytes[start..];
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            // It breaks off: what is whole within it is not what was asked for.
            Some(Err(error)) if error.is_eof() => return None,
            _ => continue,
        };
        let length = values.byte_offset();
        if best
            .as_ref()
            .is_none_or(|(_, _, longest)| length > *longest)
        {
            best = Some((value, start, length));
        }
        if length > rest.len() / 2 {
            break;
        }
    }
    let (value, start, _) = best?;
    Some((value, start))
}

/// Where a site's REST interface begins: `https://example.org/wp-json/`, or, where the site has no
/// rewritten addresses, `https://example.org/?rest_route=/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(Url);

impl Root {
    /// The interface at an http or https address.
    pub fn new(url: Url) -> Option<Self> {
        matches!(url.scheme(), "http" | "https").then_some(Self(url))
    }

    /// As text; `new` takes it again.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address of something in it: `wp/v2/posts`, with parameters.
    pub fn at(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_fragment(None);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if pairs.iter().any(|(name, _)| name == "rest_route") {
            let mut query = url.query_pairs_mut();
            query.clear();
            for (name, value) in &pairs {
                match name.as_str() {
                    "rest_route" => query.append_pair(name, &format!("/{path}")),
                    _ => query.append_pair(name, value),
                };
            }
        } else {
            let folder = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{folder}/{path}"));
        }
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }
}

/// The REST root that a site names in a `Link` header (RFC 8288).
pub fn root_in_links<'a>(links: impl Iterator<Item = &'a str>, base: &Url) -> Option<Root> {
    for header in links {
        for link in header.split('<').skip(1) {
            let Some((address, parameters)) = link.split_once('>') else {
                continue;
            };
            if parameters.contains("https://api.w.org/") {
                return base.join(address).ok().and_then(Root::new);
            }
        }
    }
    None
}

/// The REST root that a page names in a `<link rel="https://api.w.org/">`.
pub fn root_in_page(html: &str, base: &Url) -> Option<Root> {
    let tag = html
        .split('<')
        .filter(|tag| {
            tag.get(..4)
                .is_some_and(|name| name.eq_ignore_ascii_case("link"))
        })
        .filter_map(|tag| tag.split('>').next())
        .find(|tag| tag.contains("https://api.w.org/"))?;
    let address = attribute(tag, "href")?
        .replace("&amp;", "&")
        .replace("&#038;", "&");
    base.join(&address).ok().and_then(Root::new)
}

/// The language that a page says it is in.
pub fn language_of_page(html: &str) -> Option<String> {
    let tag = html.split('<').find(|tag| {
        tag.get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case("html "))
    })?;
    let language = attribute(tag.split('>').next()?, "lang")?;
    language_tag(&language)
}

/// A BCP 47 tag, also where it is written as a POSIX locale (`fr_FR`).
pub fn language_tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let well_formed = !tag.is_empty()
        && tag.len() <= 35
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    // As RFC 5646, section 2.1.1, has it written.
    let part = |(index, part): (usize, &str)| match (index, part.len()) {
        (1.., 2) => part.to_ascii_uppercase(),
        _ => part.to_owned(),
    };
    let written: Vec<_> = tag.split('-').enumerate().map(part).collect();
    well_formed.then(|| written.join("-"))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].chars().next_back();
        let value = rest[at + name.len()..].trim_start();
        rest = &rest[at + name.len()..];
        if !before.is_some_and(char::is_whitespace) {
            continue;
        }
        let Some(value) = value.strip_prefix('=').map(str::trim_start) else {
            continue;
        };
        let quote = value.chars().next()?;
        return match quote {
            '"' | '\'' => value[1..].split(quote).next().map(str::to_owned),
            _ => value.split_whitespace().next().map(str::to_owned),
        };
    }
    None
}

/// A page of an address as a key: however it is spelt, the same page has the same key.
pub fn address_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = super::post::unescaped(url.path());
    // Only what names a post: addresses are shared with all kinds of tracking behind them.
    let query = url
        .query_pairs()
        .find(|(name, _)| name == "p" || name == "page_id");
    let query = query
        .map(|(name, value)| format!("?{name}={value}"))
        .unwrap_or_default();
    format!(
        "{host}{port}{}{query}",
        path.trim_end_matches('/').to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn json_is_found_behind_what_php_says() {
        for (text, value) in [
            ("[{\"id\":1}]", json!([{"id": 1}])),
            ("\u{feff}{\"a\":[]}", json!({"a": []})),
            (
                "<br />\n<b>Notice</b>: Undefined offset: [0] in {closure}() on line 3<br />\n[{\"id\":1},{\"id\":2}]",
                json!([{"id": 1}, {"id": 2}]),
            ),
            ("[{\"id\":1}]\n<b>Warning</b>: later", json!([{"id": 1}])),
            ("Array[] \u{feff}[{\"id\":1}]", json!([{"id": 1}])),
        ] {
            let found = find_json(text.as_bytes()).map(|(value, _)| value);
            assert_eq!(found, Some(value), "{text}");
        }
        for none in ["", "null", "1", "<html></html>", "[{\"id\":1}", "[1,2"] {
            assert_eq!(find_json(none.as_bytes()), None, "{none}");
        }
        let brackets = "[".repeat(1 << 20);
        assert_eq!(find_json(brackets.as_bytes()), None);
    }

    #[test]
    fn a_root_is_found_in_headers_and_in_pages() {
        let base = url("https://example.org/");
        let header = "<https://example.org/feed>; rel=\"alternate\", <https://example.org/wp-json/>; rel=\"https://api.w.org/\"";
        let root = root_in_links([header].into_iter(), &base).expect("a root");
        assert_eq!(root.as_str(), "https://example.org/wp-json/");
        let page = "<link rel='x' href='/a'><LINK data-href='no' rel='https://api.w.org/' href='/index.php?x=1&#038;rest_route=/' />";
        let root = root_in_page(page, &base).expect("a root");
        assert_eq!(
            root.as_str(),
            "https://example.org/index.php?x=1&rest_route=/"
        );
        assert_eq!(
            root.at("wp/v2/posts", &[("per_page", "20")]).as_str(),
            "https://example.org/index.php?x=1&rest_route=%2Fwp%2Fv2%2Fposts&per_page=20"
        );
        assert_eq!(
            root_in_links(
                ["<javascript:x>; rel=\"https://api.w.org/\""].into_iter(),
                &base
            ),
            None
        );
        assert_eq!(root_in_page("<link rel=https://api.w.org/", &base), None);
        let root = Root::new(url("https://example.org/blog/wp-json")).expect("a root");
        assert_eq!(
            root.at("wp/v2/posts", &[]).as_str(),
            "https://example.org/blog/wp-json/wp/v2/posts"
        );
    }

    #[test]
    fn a_page_says_its_language() {
        assert_eq!(
            language_of_page("<!doctype html>\n<html class=\"a\" lang='fr-FR'>"),
            Some("fr-FR".to_owned())
        );
        assert_eq!(language_of_page("<html xml:lang=\"ar\">"), None);
        assert_eq!(language_tag("fr_FR"), Some("fr-FR".to_owned()));
        assert_eq!(language_tag("<script>"), None);
    }

    #[test]
    fn an_address_has_one_key_however_it_is_spelt() {
        let key = |text: &str| address_key(&url(text));
        assert_eq!(
            key("https://www.example.org/a/b/?utm_source=x#top"),
            key("http://example.org/a/b")
        );
        assert_eq!(
            key("https://example.org/%C3%A9t%C3%A9/"),
            key("https://example.org/été")
        );
        assert_ne!(
            key("https://example.org/?p=1"),
            key("https://example.org/?p=2")
        );
        assert_ne!(
            key("https://example.org:8080/a"),
            key("https://example.org/a")
        );
    }
}
