//! A picture: where it is, how large, what it shows and whose it is.
//! Names are schema.org ImageObject's; `srcset` is HTML's, with width descriptors.

use std::fmt;

use serde::Serialize;

use super::{Field, Src};

/// A picture with everything that is said about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Image {
    /// The picture for a browser that does not choose from `srcset`.
    pub url: Src,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The same picture in other widths.
    #[serde(skip_serializing_if = "Srcset::is_empty", default)]
    pub srcset: Srcset,
    /// What it shows, for those who do not see it; absent means that it only decorates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// What it shows, for everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Whose it is, as in "© La rédaction".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_text: Option<String>,
}

/// The widths in which a picture comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Srcset(Vec<Candidate>);

/// One picture of a [`Srcset`].
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Where it is.
    pub url: Src,
    /// Its width in pixels.
    pub width: u32,
}

impl Image {
    /// The picture in `field`, if it has an address that may be fetched.
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let url = field.member("url");
        if url.is_absent() {
            url.fault("missing; the picture is left out");
        }
        Some(Self {
            url: url.parsed(Src::parse, "must be an http, https or relative address")?,
            width: field.member("width").number().filter(|n| *n > 0),
            height: field.member("height").number().filter(|n| *n > 0),
            srcset: field
                .member("srcset")
                .parsed(
                    Srcset::parse,
                    "must be addresses with widths, as in \"a.webp 400w\"",
                )
                .unwrap_or_default(),
            alt: field.member("alt").text(),
            caption: field.member("caption").text(),
            credit_text: field.member("creditText").text(),
        })
    }
}

impl Srcset {
    /// The same picture at these addresses.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn new(candidates: Vec<Candidate>) -> Self {
        Self(candidates)
    }

    /// Reads `"a.webp 400w, b.webp 800w"` (HTML, "Images", srcset attributes); pixel densities
    /// are not taken, for the contract's pictures are chosen by width.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut candidates = Vec::new();
        let mut words = text.split_ascii_whitespace();
        while let Some(url) = words.next() {
            let width = words.next()?.trim_end_matches(',').strip_suffix('w')?;
            candidates.push(Candidate {
                url: Src::parse(url.trim_start_matches(','))?,
                width: width.parse().ok().filter(|width| *width > 0)?,
            });
        }
        Some(Self(candidates))
    }

    /// Whether there is no other width.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pictures in the order in which they were given.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.0
    }

    /// The attribute's value, with each address as `at` writes it.
    #[must_use]
    pub fn written(&self, at: impl Fn(&str) -> String) -> String {
        let mut text = String::new();
        for candidate in &self.0 {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&at(candidate.url.as_str()));
            text.push(' ');
            text.push_str(&candidate.width.to_string());
            text.push('w');
        }
        text
    }
}

impl fmt::Display for Srcset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(str::to_owned))
    }
}

impl Serialize for Srcset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Srcset {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Srcset".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "HTML srcset with width descriptors",
            "pattern": "^\\S+ [0-9]+w(, *\\S+ [0-9]+w)*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_a_srcset() {
        let text = "/m/a-400.webp 400w, https://example.org/a,b.webp 800w";
        let srcset = Srcset::parse(text).expect("a srcset");
        assert_eq!(srcset.candidates().len(), 2);
        assert_eq!(srcset.to_string(), text);
    }

    #[test]
    fn refuses_a_srcset_with_a_hostile_or_odd_part() {
        for bad in [
            "/a.webp 2x",
            "/a.webp",
            "/a.webp 0w",
            "/a.webp 400w, javascript:x 800w",
            "/a.webp -1w",
        ] {
            assert_eq!(Srcset::parse(bad), None, "{bad}");
        }
    }
}
