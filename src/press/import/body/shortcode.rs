//! WordPress's shortcodes, `[name a="b"]…[/name]`, where they were left in the text. Told from
//! words in brackets, as in "[sic]", by how they are written.

use std::collections::BTreeSet;

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    /// Its name, and what stands after that.
    Open(&'a str, &'a str),
    Close(&'a str),
}

/// Those that come without attributes and without an end.
const KNOWN: [&str; 10] = [
    "gallery",
    "embed",
    "caption",
    "video",
    "audio",
    "playlist",
    "contact-form-7",
    "toc",
    "social_share",
    "more",
];

/// The names of those whose end stands anywhere in `html`.
pub fn closed(html: &str) -> BTreeSet<String> {
    let ends = html.split("[/").skip(1);
    ends.filter_map(|rest| rest.split_once(']'))
        .filter(|(name, _)| is_name(name))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The parts of `text`.
pub fn parts<'a>(text: &'a str, closed: &BTreeSet<String>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('[') {
        let open = at + found;
        at = open + 1;
        let Some(length) = text[at..].find(['[', ']']) else {
            break;
        };
        if text.as_bytes()[at + length] == b'[' {
            continue;
        }
        let end = at + length + 1;
        if let Some(part) = tag(&text[at..at + length], closed) {
            if copied < open {
                parts.push(Part::Text(&text[copied..open]));
            }
            parts.push(part);
            copied = end;
        }
        at = end;
    }
    if copied < text.len() {
        parts.push(Part::Text(&text[copied..]));
    }
    parts
}

fn tag<'a>(inner: &'a str, closed: &BTreeSet<String>) -> Option<Part<'a>> {
    if let Some(name) = inner.strip_prefix('/') {
        return is_name(name).then_some(Part::Close(name));
    }
    let inner = inner.trim_end_matches('/').trim_end();
    let end = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let certain = closed.contains(name)
        || KNOWN.contains(&name)
        || name.contains('_')
        || rest.contains(['=']);
    (is_name(name) && certain).then_some(Part::Open(name, rest))
}

fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The value of an attribute, in whatever quotes it came.
pub fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    loop {
        let at = from + attributes[from..].find(name)?;
        from = at + name.len();
        let starts = attributes[..at].ends_with(char::is_whitespace) || at == 0;
        if let Some(value) = attributes[from..].trim_start().strip_prefix('=')
            && starts
        {
            let value = value.trim_start();
            let quotes = ['"', '\'', '”', '“', '»', '«', '″', '’', '‘'];
            return match value.strip_prefix(quotes) {
                Some(value) => Some(value.split(quotes).next().unwrap_or_default().trim()),
                None => value.split_whitespace().next(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_shortcodes_from_words_in_brackets() {
        let text = "a [sic] […] [gallery ids=\"1,2\"] b [Note] [x]y[/x] [vc_row] [ [ [embed]";
        let parts = parts(text, &closed(text));
        assert_eq!(
            parts,
            [
                Part::Text("a [sic] […] "),
                Part::Open("gallery", " ids=\"1,2\""),
                Part::Text(" b [Note] "),
                Part::Open("x", ""),
                Part::Text("y"),
                Part::Close("x"),
                Part::Text(" "),
                Part::Open("vc_row", ""),
                Part::Text(" [ [ "),
                Part::Open("embed", ""),
            ]
        );
        assert_eq!(attribute(" src=\"a b\" x=1", "src"), Some("a b"));
        assert_eq!(
            attribute(" mp4=”https://a.test/x” x=1", "mp4"),
            Some("https://a.test/x")
        );
        assert_eq!(attribute(" data-x=1 x=2", "x"), Some("2"));
        assert_eq!(attribute(" é x", "x"), None);
    }
}
