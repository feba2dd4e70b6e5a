//! The name of an article or a section in an address.
//! A value of this type holds nothing that could leave its folder or need escaping.

use std::fmt;

use serde::Serialize;

/// First path segments that belong to the site itself, so that no section may take them.
pub const RESERVED_SECTIONS: [&str; 10] = [
    "api",
    "media",
    "assets",
    "auteur",
    "mot-cle",
    "page",
    "recherche",
    "hors-ligne",
    "a-lire",
    // The home page's own list is feeds/latest.json.
    "latest",
];

/// `[a-z0-9]+(-[a-z0-9]+)*`, at most 120 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Slug(String);

impl Slug {
    /// The slug that `text` spells, if it spells one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() <= 120
            && text.split('-').all(|word| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The same, for a section: the site's own names are refused.
    #[must_use]
    pub fn section(text: &str) -> Option<Self> {
        if RESERVED_SECTIONS.contains(&text) {
            return None;
        }
        Self::parse(text)
    }

    /// A name as a slug: folded to ASCII, in small letters, a hyphen for whatever is between words.
    /// None where nothing of it can be written so.
    #[must_use]
    pub fn fold(name: &str) -> Option<Self> {
        let mut slug = String::new();
        // Capitals by hand: all of Unicode's are a table that every reader would have to fetch.
        for c in name.chars() {
            let plain = match c {
                'a'..='z' | '0'..='9' | 'A'..='Z' => {
                    slug.push(c.to_ascii_lowercase());
                    continue;
                }
                'à'..='å' | 'À'..='Å' | 'ā' | 'Ā' => "a",
                'æ' | 'Æ' => "ae",
                'ç' | 'Ç' => "c",
                'è'..='ë' | 'È'..='Ë' | 'ē' | 'Ē' => "e",
                'ì'..='ï' | 'Ì'..='Ï' | 'ī' | 'Ī' => "i",
                'ñ' | 'Ñ' => "n",
                'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' | 'ō' | 'Ō' => "o",
                'œ' | 'Œ' => "oe",
                'ù'..='ü' | 'Ù'..='Ü' | 'ū' | 'Ū' => "u",
                'ý' | 'ÿ' | 'Ý' | 'Ÿ' => "y",
                'ß' => "ss",
                'ḍ' | 'Ḍ' => "d",
                'ḥ' | 'Ḥ' => "h",
                'ṣ' | 'Ṣ' | 'š' | 'Š' => "s",
                'ṭ' | 'Ṭ' => "t",
                'ž' | 'Ž' | 'ẓ' | 'Ẓ' => "z",
                // Combining marks belong to the letter before.
                '\u{300}'..='\u{36f}' => "",
                _ if slug.ends_with('-') => "",
                _ => "-",
            };
            slug.push_str(plain);
        }
        // All is ASCII by now: any byte is the end of a letter.
        let end = slug.len().min(120);
        Self::parse(slug[..end].trim_matches('-'))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no slug is refused.
#[cfg(not(target_arch = "wasm32"))]
impl<'de> serde::Deserialize<'de> for Slug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a slug"))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Slug {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Slug".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "maxLength": 120,
            "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_ascii() {
        for (name, slug) in [
            ("La rédaction", Some("la-redaction")),
            ("Bœuf & C\u{327}a, l’œuvre !", Some("boeuf-ca-l-oeuvre")),
            ("  Ḥassan – 2ᵉ ", Some("hassan-2")),
            ("الرباط", None),
            ("", None),
        ] {
            let folded = Slug::fold(name);
            assert_eq!(folded.as_ref().map(Slug::as_str), slug, "{name}");
        }
        assert!(Slug::fold(&"é-".repeat(200)).is_some_and(|slug| slug.as_str().len() < 121));
    }

    #[test]
    fn takes_what_the_contract_takes() {
        for good in ["a", "le-role-des-regions", "2026", "a-1-b"] {
            assert_eq!(Slug::parse(good).map(|s| s.to_string()), Some(good.into()));
        }
        assert!(Slug::parse(&"a".repeat(120)).is_some());
    }

    #[test]
    fn refuses_everything_else() {
        let long = "a".repeat(121);
        for bad in [
            "", "-", "a-", "-a", "a--b", "A", "é", "a b", "..", "../a", "a/b", "a%2Fb", "a.json",
            "a\0", &long,
        ] {
            assert_eq!(Slug::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn keeps_the_sites_own_names_from_sections() {
        for name in RESERVED_SECTIONS {
            assert!(Slug::parse(name).is_some());
            assert_eq!(Slug::section(name), None);
        }
    }
}
