//! Cuts tags with more attributes than any CMS writes, before the tokenizer sees them: it compares
//! each attribute's name with all before it.

use std::borrow::Cow;

use crate::press::import::text::head;

/// Attributes that a tag may have.
const LIMIT: u32 = 128;

/// A text shorter than this can't hold enough attributes to matter.
const SHORT: usize = 4 << 10;

/// Where in a tag one can be (WHATWG HTML, 13.2.5, "Tokenization").
#[derive(Clone, Copy)]
enum At {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

const PLACES: [At; 8] = [
    At::TagName,
    At::BeforeName,
    At::Name,
    At::AfterName,
    At::BeforeValue,
    At::DoubleQuoted,
    At::SingleQuoted,
    At::Unquoted,
];

/// `html` with what follows the last allowed attribute of a tag left out, up to the next `>`.
///
/// Whether a `<` opens a tag depends on all that is before it, so each one is taken for a tag's, and
/// all these readings are followed at once: for every place in a tag, the most attributes that any
/// reading has met on its way there.
pub fn tame(html: &str) -> Cow<'_, str> {
    if html.len() < SHORT {
        return Cow::Borrowed(html);
    }
    let bytes = html.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut most: [Option<u32>; PLACES.len()] = [None; PLACES.len()];
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let mut next = [None; PLACES.len()];
        if most.iter().any(Option::is_some) {
            for place in PLACES {
                let Some(count) = most[place as usize] else {
                    continue;
                };
                if let Some((place, new)) = follow(place, byte) {
                    let slot: &mut Option<u32> = &mut next[place as usize];
                    *slot = (*slot).max(Some(count + u32::from(new)));
                }
            }
        }
        if byte == b'<' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) {
            let slot = &mut next[At::TagName as usize];
            *slot = (*slot).max(Some(0));
        }
        most = next;
        if most.iter().flatten().any(|count| *count > LIMIT) {
            // `at` is the first byte of an attribute that is one too many, or in the middle of a
            // letter that belongs to it.
            let kept = head(html, at);
            out.push_str(&kept[copied..]);
            let rest = bytes[at..].iter().position(|byte| *byte == b'>');
            at = rest.map_or(bytes.len(), |rest| at + rest);
            copied = at;
            // The `>` may stand in a value in some readings; they go on with what they have.
            for count in most.iter_mut().flatten() {
                *count = (*count).min(LIMIT);
            }
            continue;
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[copied..]);
    Cow::Owned(out)
}

/// The place after `byte`, and whether an attribute begins with it; None where the tag ends.
fn follow(place: At, byte: u8) -> Option<(At, bool)> {
    let space = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    let next = match place {
        At::DoubleQuoted if byte == b'"' => At::BeforeName,
        At::SingleQuoted if byte == b'\'' => At::BeforeName,
        At::DoubleQuoted | At::SingleQuoted => place,
        _ if byte == b'>' => return None,
        At::TagName | At::BeforeName | At::Unquoted if space => At::BeforeName,
        At::TagName | At::BeforeName if byte == b'/' => At::BeforeName,
        At::TagName | At::Unquoted => place,
        At::Name if space => At::AfterName,
        At::Name | At::AfterName if byte == b'=' => At::BeforeValue,
        At::Name | At::AfterName if byte == b'/' => At::BeforeName,
        At::Name => At::Name,
        At::AfterName if space => At::AfterName,
        At::BeforeName | At::AfterName => return Some((At::Name, true)),
        At::BeforeValue if space => At::BeforeValue,
        At::BeforeValue if byte == b'"' => At::DoubleQuoted,
        At::BeforeValue if byte == b'\'' => At::SingleQuoted,
        At::BeforeValue => At::Unquoted,
    };
    Some((next, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(count: usize) -> String {
        let attributes = (0..count).map(|n| format!(" a{n}=\"{n} > 0\""));
        attributes.collect::<Vec<_>>().concat()
    }

    #[test]
    fn leaves_ordinary_html_alone() {
        let text = "<p class=\"a b\">Une phrase, « deux »\u{a0}: 3 < 4.</p>\n".repeat(500);
        let tag = format!("<p{}>{text}", attributes(100));
        for html in [text.as_str(), &tag, &"a < b c d e ".repeat(1_000)] {
            assert!(matches!(tame(html), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn cuts_a_tag_at_the_last_allowed_attribute() {
        for before in ["", "<!-- <b c=\" -->", "<!-- <b c=' -->", "<i a=é>"] {
            let attributes = attributes(5_000).replace('>', "-");
            let html = format!("{before}<p{attributes}é=1>Texte</p>");
            let tamed = tame(&html);
            assert!(tamed.len() < html.len(), "{before}");
            assert!(tamed.ends_with(">Texte</p>"), "{before}");
            let tag = &tamed[before.len()..];
            assert!(tag.matches(" a").count() <= 130, "{before}");
        }
    }

    #[test]
    fn no_reading_of_any_tag_has_more() {
        let names: Vec<_> = (0..100_000).map(|n| format!("a{n}")).collect();
        let names = names.join(" ");
        for open in ["<p ", "<p/", "<!-- <b c=\" --><p ", "<script><p ", "<é<p "] {
            let html = format!("{open}{names}");
            assert!(tame(&html).len() < 3_000, "{open}");
        }
    }
}
