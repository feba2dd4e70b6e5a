//! What every source yields, whatever its own form is: posts, the site that they come from, and its
//! categories. Plain data, as it was sent; what an edition makes of it stands in the files beside this one.

use serde::{Deserialize, Serialize};

use super::text;
use crate::content::{Date, Slug};

/// A text as the source sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Words {
    /// With markup and entities.
    Html(String),
    /// As it is to be read.
    Plain(String),
}

/// One post of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// What tells it from every other post of the source, for ever.
    pub id: String,
    /// What tells this version of it from the others: the source's own time of the last change.
    pub stamp: String,
    /// Its page there.
    pub url: Option<String>,
    /// Its name in addresses there, as far as it has one.
    pub slug: String,
    /// Headline.
    pub title: Words,
    /// What the writers say of it in a sentence or two.
    pub standfirst: Option<Words>,
    /// The same, or where there is none the beginning of its text.
    pub summary: Option<Words>,
    /// HTML.
    pub body: String,
    /// When it was first published, in RFC 3339.
    pub published: Option<String>,
    /// When it was last changed, in RFC 3339.
    pub modified: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Writer>,
    /// The keys of its categories among the source's [`Term`]s.
    pub categories: Vec<String>,
    /// Keywords.
    pub tags: Vec<Words>,
    /// Lead picture.
    pub picture: Option<Picture>,
    /// The posts that the source shows beside it, by id.
    pub related: Vec<String>,
    /// BCP 47 language tag, where the source names it.
    pub language: Option<String>,
    /// Whether the source shows it only to those who know a password.
    pub barred: bool,
    /// What was odd about it.
    pub notes: Vec<String>,
}

/// An author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// The name in the byline.
    pub name: Words,
}

/// A picture, and the sizes in which the source has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The source's own name for it.
    pub id: Option<String>,
    /// The largest form.
    pub url: String,
    /// Its width in pixels.
    pub width: Option<u32>,
    /// Its height in pixels.
    pub height: Option<u32>,
    /// Other sizes: address, width, height.
    pub sizes: Vec<(String, u32, u32)>,
    /// What it shows, for those who do not see it.
    pub alt: Option<Words>,
    /// What it shows, for everyone; may end with whose it is.
    pub caption: Option<Words>,
    /// Whose it is, where the source keeps that by itself.
    pub credit: Option<Words>,
}

/// The site that the posts come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: Option<Words>,
    /// What it is, in a sentence.
    pub description: Option<Words>,
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// Its home page.
    pub home: Option<String>,
    /// Minutes by which its clock is ahead of UTC.
    pub offset: i64,
}

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its name in addresses.
    pub slug: String,
    /// Its name for readers.
    pub name: Words,
    /// The key of the category that it is a part of.
    pub parent: Option<String>,
    /// How many posts it has, as the source counts them.
    pub count: u64,
}

impl Words {
    /// The text in one line, with French typography or as it is. None where nothing is left.
    pub fn line(&self, typography: bool) -> Option<String> {
        let text = match self {
            Self::Html(html) => text::line(html, typography),
            Self::Plain(plain) if typography => text::french(&text::plain(plain)),
            Self::Plain(plain) => text::plain(plain),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// As it was sent.
    pub fn raw(&self) -> &str {
        match self {
            Self::Html(text) | Self::Plain(text) => text,
        }
    }
}

impl Post {
    /// When it was first published.
    pub fn date(&self) -> Option<Date> {
        Date::parse(self.published.as_deref()?)
    }

    /// A place among the others that never changes: by time, then by age in the source.
    pub fn order(&self) -> (i64, usize, String) {
        let seconds = self.date().map_or(i64::MIN, |date| date.seconds());
        (seconds, self.id.len(), self.id.clone())
    }
}

/// Whether an excerpt is only the beginning of the text, which WordPress takes where nobody wrote one.
pub fn is_automatic(excerpt: &str, body: &str) -> bool {
    let plain = text::line(excerpt, false);
    let cut = ["[…]", "[...]", "…", "..."]
        .iter()
        .find_map(|end| plain.trim_end().strip_suffix(end));
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let said = letters(cut.unwrap_or(&plain));
    if said.is_empty() {
        return true;
    }
    // Enough of the body for an excerpt of 55 words with a lot of markup between them.
    let mut end = body.len().min(16 << 10);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let text = letters(&text::line(&body[..end], false));
    // WordPress leaves pictures out of it, captions and all: so the two may part ways after a while, and a
    // long one may begin after one.
    let first: String = said.chars().take(60).collect();
    let near: String = text.chars().take(500).collect();
    text.starts_with(&said) || (first.chars().count() >= 40 && near.contains(&first))
}

/// A name as a slug that people can read, whatever script it is in. The same name has the same slug
/// in every run.
pub fn readable_slug(name: &str) -> Option<Slug> {
    let name = unescaped(name);
    if !has_other_letters(&name) {
        return Slug::fold(&name);
    }
    let mut latin = String::with_capacity(name.len());
    for c in name.chars() {
        match arabic(c) {
            Some(letters) => latin.push_str(letters),
            None => latin.push_str(any_ascii::any_ascii_char(c)),
        }
    }
    Slug::fold(&latin)
}

/// Arabic letters as French newspapers write them. (General tables leave the long vowels out, and with
/// them what can be read.)
fn arabic(c: char) -> Option<&'static str> {
    Some(match c {
        'ا' | 'أ' | 'إ' | 'ٱ' | 'ى' | 'ة' | 'ع' => "a",
        'آ' => "aa",
        'ب' => "b",
        'ت' | 'ط' => "t",
        'ث' => "th",
        'ج' => "j",
        'ح' | 'ه' => "h",
        'خ' => "kh",
        'د' | 'ض' => "d",
        'ذ' => "dh",
        'ر' => "r",
        'ز' | 'ظ' => "z",
        'س' | 'ص' => "s",
        'ش' => "ch",
        'غ' => "gh",
        'ف' => "f",
        'ق' => "q",
        'ك' => "k",
        'ل' => "l",
        'م' => "m",
        'ن' => "n",
        'و' | 'ؤ' => "ou",
        'ي' | 'ئ' => "i",
        // Hamza, the stretcher, short vowels: not written.
        'ء' | 'ـ' | '\u{64b}'..='\u{65f}' | '\u{670}' => "",
        _ => return None,
    })
}

/// Whether folding alone would lose letters.
fn has_other_letters(name: &str) -> bool {
    name.chars()
        .any(|c| c.is_alphabetic() && c > '\u{24f}' && !('\u{1e00}'..='\u{1eff}').contains(&c))
}

/// Percent-encoded UTF-8 as text; as it is where it is no such thing.
pub fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    // A slug that the CMS cut after 200 bytes may end within a letter.
    String::from_utf8_lossy(&bytes)
        .trim_end_matches('\u{fffd}')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_stay_readable() {
        for (name, slug) in [
            ("le-role-des-regions", "le-role-des-regions"),
            ("L’été à Fès", "l-ete-a-fes"),
            ("%d8%a7%d9%84%d8%af%d8%a7%d8%b1", "aldar"),
            ("%D8%A7%D9%84%D8%AF%D8%A7%D8%B1-2026", "aldar-2026"),
            ("الدار البيضاء: مدينة تنمو", "aldar-albida-mdina-tnmou"),
            ("Москва", "moskva"),
            ("../../etc/passwd", "etc-passwd"),
            ("a%2f..%2fb", "a-b"),
            ("100%", "100"),
        ] {
            let made = readable_slug(name).map(|slug| slug.to_string());
            assert_eq!(made.as_deref(), Some(slug), "{name}");
        }
        assert_eq!(readable_slug("///"), None);
        assert_eq!(readable_slug("%d8%a7%d9%84%d8%af%d8"), readable_slug("الد"));
    }

    #[test]
    fn escapes_are_taken_once() {
        assert_eq!(unescaped("%c3%a9"), "é");
        assert_eq!(unescaped("%25c3"), "%c3");
        assert_eq!(unescaped("50%"), "50%");
        assert_eq!(unescaped("%zz"), "%zz");
        assert_eq!(unescaped("%+1é"), "%+1é");
    }

    #[test]
    fn an_excerpt_that_only_repeats_the_text_is_no_standfirst() {
        let body = "<p>Une crue, puis une autre : le barrage retient l&rsquo;eau, et la rend.</p><p>Et ensuite.</p>";
        assert!(is_automatic(
            "<p>Une crue, puis une autre : le barrage [&hellip;]</p>",
            body
        ));
        assert!(is_automatic(
            "<p>Une crue, puis une autre&nbsp;: le barrage retient l&#8217;eau, et la rend. Et ensuite.</p>\n",
            body
        ));
        assert!(!is_automatic("<p>Comment un barrage tient.</p>", body));
        assert!(is_automatic("", body));
        let pictured =
            format!("<figure><img src=\"a\"><figcaption>Le lac.</figcaption></figure>{body}");
        assert!(is_automatic(
            "Une crue, puis une autre : le barrage retient l’eau, et la rend. Et ensuite.",
            &pictured
        ));
        assert!(!is_automatic("Et ensuite.", body));
    }
}
