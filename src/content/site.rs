//! `site.json`: the edition's name, language and sections.
//! Everything that the frame around each page is made of.

use serde::Serialize;

use super::{Base, Field, Href, Slug};

/// How often a list is asked for again where the edition does not say, in seconds.
const FEED_REFRESH_SECONDS: u32 = 60;

/// The edition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Site {
    /// The title on the masthead.
    pub name: String,
    /// What the edition is, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BCP 47 language tag.
    pub language: String,
    /// The canonical origin, with a slash at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Href>,
    /// The sections in the order of the masthead.
    pub sections: Vec<Section>,
    /// How often a reader's page asks for new items, in seconds; at least 10.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default = "refresh_default"))]
    pub feed_refresh_seconds: u32,
    /// A picture of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Href>,
    /// Profiles of the same publisher elsewhere.
    #[serde(rename = "sameAs", skip_serializing_if = "Vec::is_empty", default)]
    pub same_as: Vec<Href>,
    /// Who publishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Where this copy of the edition is served: at `url`, unless who reads the document knows better.
    #[serde(skip)]
    pub base: Base,
}

/// A section of the edition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Section {
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name for readers.
    pub title: String,
}

/// Which way a language is written, as `dir` has it, by its BCP 47 tag.
#[must_use]
pub fn direction(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("ar" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi") => "rtl",
        _ => "ltr",
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn refresh_default() -> u32 {
    FEED_REFRESH_SECONDS
}

impl Site {
    /// The edition in the root of a `site.json`.
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let name = field.member("name");
        let Some(name_text) = name.text() else {
            name.refuse("missing");
            return None;
        };
        let url = field
            .member("url")
            .parsed(Href::parse, "must be an http or https address");
        let base = url.as_ref().and_then(|url| Base::parse(url.as_str()));
        Some(Self {
            base: base.unwrap_or_default(),
            name: name_text,
            description: field.member("description").text(),
            language: field
                .member("language")
                .text()
                .unwrap_or_else(|| "fr".to_owned()),
            url,
            sections: field.member("sections").list(Section::read),
            feed_refresh_seconds: field
                .member("feed_refresh_seconds")
                .number()
                .unwrap_or(FEED_REFRESH_SECONDS)
                .max(10),
            logo: field
                .member("logo")
                .parsed(Href::parse, "must be an address"),
            same_as: field
                .member("sameAs")
                .list(|url| url.parsed(Href::parse, "must be an address")),
            publisher: publisher(&field.member("publisher")),
        })
    }

    /// An edition of which nothing is known, for a frame around a page whose `site.json` did not
    /// come.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            name: "Accueil".to_owned(),
            description: None,
            language: "fr".to_owned(),
            url: None,
            sections: Vec::new(),
            feed_refresh_seconds: FEED_REFRESH_SECONDS,
            logo: None,
            same_as: Vec::new(),
            publisher: None,
            base: Base::default(),
        }
    }

    /// An address of the edition as machines elsewhere need it: with the origin, and where this copy
    /// of the edition is served. Any other address stays as it is.
    #[must_use]
    pub fn absolute(&self, address: &str) -> String {
        let inside = Href::parse(address);
        let inside = inside
            .as_ref()
            .and_then(|url| url.path_on(self.url.as_ref()));
        self.base.absolute(inside.unwrap_or(address))
    }

    /// What readers call the section, if the edition has it.
    #[must_use]
    pub fn section_title(&self, slug: &Slug) -> Option<&str> {
        let section = self.sections.iter().find(|section| section.slug == *slug);
        section.map(|section| section.title.as_str())
    }
}

impl Section {
    fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let slug = field.member("slug");
        if slug.is_absent() {
            slug.fault("missing; the section is left out");
        }
        let slug = slug.parsed(
            Slug::section,
            "must be lower-case letters, digits and single hyphens, and none of the site's own \
             names; the section is left out",
        )?;
        let title = field.member("title").text();
        if title.is_none() {
            field
                .member("title")
                .fault("missing; the slug stands for it");
        }
        Some(Self {
            title: title.unwrap_or_else(|| slug.to_string()),
            slug,
        })
    }
}

/// A name, or schema.org's Organization with one.
fn publisher(field: &Field) -> Option<String> {
    match field.raw() {
        Some(_) => field.text(),
        None => field.member("name").text(),
    }
}
