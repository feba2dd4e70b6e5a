//! Text from a CMS as text for readers: entities decoded once, nothing invisible in it, and French
//! typography. Knows lines of text; paragraphs with links and pictures are `body`'s.

mod credit;
mod french;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::body::dom::{Dom, Kind, Step};

pub(super) use credit::split;
pub use credit::{Caption, caption};
pub use french::french;
pub(super) use french::{OPAQUE, french_pieces};

/// The longest line that is kept, in bytes: a title, a name, a caption.
const LINE_LIMIT: usize = 4 << 10;

/// Marks that may stand on one letter: more than any script has, and too few to cover other lines.
const MARKS_LIMIT: usize = 6;

/// A title, a name or a term: entities decoded once, tags away, then as [`plain`].
#[must_use]
pub fn line(html: &str, typography: bool) -> String {
    let text = plain(&text_of(html));
    if typography { french(&text) } else { text }
}

/// What is text already, as a line: white space folded, nothing invisible, at most 4 KiB.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut line = fold(&clean(text)).into_owned();
    if line.len() > LINE_LIMIT {
        line.truncate(head(&line, LINE_LIMIT).len());
        line.truncate(line.trim_end().len());
    }
    line
}

/// The text in `html` that a reader sees, with a space for each border between two blocks.
fn text_of(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.to_owned();
    }
    let dom = Dom::parse(html);
    let mut text = String::new();
    let mut step = dom.after(Step::Enter(dom.root), dom.root);
    while let Some(mut now) = step {
        if let Step::Enter(id) = now {
            match dom.kind(id) {
                Kind::Text(part) => text.push_str(part),
                Kind::Html(
                    "script" | "style" | "template" | "textarea" | "select" | "iframe" | "object"
                    | "noembed" | "noframes" | "title" | "button",
                )
                | Kind::Foreign(_) => now = Step::Leave(id),
                Kind::Html("br" | "p" | "div" | "li" | "tr" | "td") => text.push(' '),
                _ => {}
            }
        }
        step = dom.after(now, dom.root);
    }
    text
}

/// `text` without what is not seen, in Unicode's form NFC.
///
/// What goes: controls; the marks that turn the direction of text (U+202A to U+202E, U+2066 to
/// U+2069), all of them, for one without its end turns what comes after the text too, and Arabic in
/// French reads right without any; spaces without width, hyphens that are not shown, byte-order
/// marks and noncharacters. Joiners stay after the letters and signs that they join, and marks of
/// direction without an end (U+200E, U+200F, U+061C) in a text that has letters from right to left.
pub(super) fn clean(text: &str) -> String {
    let normal = |text: &str| -> String {
        if is_nfc(text) {
            text.to_owned()
        } else {
            text.nfc().collect()
        }
    };
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return text.to_owned();
    }
    let text = normal(text);
    let right_to_left = text.chars().any(is_right_to_left);
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    // The last letter without the marks on it, which may change places, and their number.
    let (mut letter, mut marks) = (' ', 0);
    for c in text.chars() {
        let mark = is_combining_mark(c);
        let kept = match c {
            '\t' | '\n' | '\r' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\u{200c}' | '\u{200d}' => joins(letter).then_some(c),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => right_to_left.then_some(c),
            // The flags of parts of countries are spelt with these.
            '\u{e0020}'..='\u{e007f}' => {
                matches!(last, '\u{1f3f4}' | '\u{e0020}'..='\u{e007e}').then_some(c)
            }
            '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffc}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{e0000}'..='\u{e001f}' => None,
            _ if mark && marks >= MARKS_LIMIT => None,
            c if c.is_control() || u32::from(c) & 0xfffe == 0xfffe => None,
            c => Some(c),
        };
        if let Some(c) = kept {
            out.push(c);
            last = c;
            if mark {
                marks += 1;
            } else {
                (letter, marks) = (c, 0);
            }
        }
    }
    normal(&out)
}

/// Whether `c` is joined to what comes after it by a joiner: a letter of a script that has joined
/// forms, or a sign.
fn joins(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{1dff}' | '\u{2190}'..) && !c.is_whitespace()
}

/// The beginning of `text`, of at most so many bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether `c` is a letter that is read from right to left; the marks on letters are none.
fn is_right_to_left(c: char) -> bool {
    let block = matches!(
        c,
        '\u{590}'..='\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
    );
    block && !is_combining_mark(c)
}

/// Whether `c` is white space that a line may not be broken at, by which typography is set.
pub(super) fn is_fixed_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{202f}')
}

/// `text` with each run of white space as one space and none at its ends. A space alone that does
/// not break stays what it is.
pub(super) fn fold(text: &str) -> std::borrow::Cow<'_, str> {
    let mut before = ' ';
    let folded = text.chars().all(|c| {
        let fine =
            !c.is_whitespace() || (!before.is_whitespace() && (c == ' ' || is_fixed_space(c)));
        before = c;
        fine
    });
    if folded && !text.ends_with(char::is_whitespace) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut space = None;
    for c in text.chars() {
        if c.is_whitespace() {
            space = Some(match space {
                None if is_fixed_space(c) => c,
                _ => ' ',
            });
            continue;
        }
        if let Some(space) = space.take()
            && !out.is_empty()
        {
            out.push(space);
        }
        out.push(c);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_once() {
        for (html, wanted) in [
            ("L&#8217;eau &amp; le sel", "L’eau & le sel"),
            ("&amp;amp; &amp;lt;b&amp;gt;", "&amp; &lt;b&gt;"),
            ("3 &lt; 4", "3 < 4"),
            ("<em>Un</em> <b>titre</b><script>x</script>", "Un titre"),
            ("a<br>b<p>c", "a b c"),
            ("  A &nbsp; b\n", "A b"),
            ("10&nbsp;%", "10\u{a0}%"),
        ] {
            assert_eq!(line(html, false), wanted, "{html}");
        }
        assert_eq!(plain("&amp; <b>"), "&amp; <b>");
    }

    #[test]
    fn nothing_invisible_stays() {
        for (text, wanted) in [
            ("a\u{202e}b\u{2066}c\u{2069}", "abc"),
            ("co\u{ad}opé\u{200b}rer\u{feff}", "coopérer"),
            ("a\u{0}b\u{7f}c\u{9b}d", "abcd"),
            ("e\u{301}te\u{301}", "été"),
            ("a\u{200d}b", "ab"),
            ("👩\u{200d}🌾", "👩\u{200d}🌾"),
            ("a\u{200f}b", "ab"),
            ("العربية\u{200f} (fr)", "العربية\u{200f} (fr)"),
            ("a\u{2028}b", "a b"),
            ("مُدُن", "مُدُن"),
        ] {
            assert_eq!(plain(text), wanted, "{text:?}");
        }
        let heap = format!("z{}a", "\u{301}".repeat(50));
        assert_eq!(plain(&heap).chars().count(), 8);
        assert_eq!(plain(&"é".repeat(4_000)).len(), 4_096);
    }
}
