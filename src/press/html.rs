//! Writes markup as HTML (WHATWG HTML, "Serialising HTML fragments"): the page as it is before the
//! app wakes up. Text and attribute values are escaped here and nowhere else.

use leptos::prelude::Owner;

use crate::view::markup::{Attribute, Element, Markup};
use crate::view::{self, Desk, List, Screen};

/// What stands inside the mount element for one screen.
#[must_use]
pub fn html(screen: Screen, list: List) -> String {
    // Room for a page, so that it need not move while it grows.
    let mut out = String::with_capacity(32 << 10);
    Owner::new().with(|| write(&view::app(Desk::new(screen, list, |_| {})), &mut out));
    out
}

fn write(markup: &Markup, out: &mut String) {
    match markup {
        Markup::Text(text) => write_text(text, out),
        Markup::Element(element) => write_element(element, out),
        Markup::Several(pieces) => {
            for piece in pieces {
                write(piece, out);
            }
        }
        Markup::Live(piece) => write(&piece(), out),
        Markup::Keyed(row) => {
            for (_, element) in row() {
                write_element(&element, out);
            }
        }
    }
}

pub(super) fn write_element(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(element.tag);
    for (name, value) in &element.attributes {
        match value {
            Attribute::Fixed(value) => write_attribute(name, value, out),
            Attribute::Live(value) => {
                if let Some(value) = value() {
                    write_attribute(name, &value, out);
                }
            }
        }
    }
    out.push('>');
    if matches!(element.tag, "img" | "input" | "br" | "hr" | "meta" | "link") {
        return;
    }
    for child in &element.children {
        write(child, out);
    }
    out.push_str("</");
    out.push_str(element.tag);
    out.push('>');
}

fn write_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    if value.is_empty() && name != "alt" {
        return;
    }
    out.push_str("=\"");
    escape(value, *b"&\"<", out);
    out.push('"');
}

/// A value as it stands between an attribute's quotation marks, for what is not made of markup.
pub(super) fn attribute(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    escape(value, *b"&\"<", &mut out);
    out
}

fn write_text(text: &str, out: &mut String) {
    escape(text, *b"&<>", out);
}

/// Most text has nothing to escape: what lies between is copied as it is.
fn escape(text: &str, what: [u8; 3], out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| what.contains(&byte)) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        out.push_str(match special.as_bytes()[0] {
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &special[1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_no_attribute() {
        assert_eq!(attribute("a\"<b>&amp;"), "a&quot;&lt;b>&amp;amp;");
        assert_eq!(attribute("/journal/"), "/journal/");
    }
}
