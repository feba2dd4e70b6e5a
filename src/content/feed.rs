//! A list of articles: JSON Feed 1.1 (jsonfeed.org/version/1.1) with one extension, `_manchette`.
//! Only an item's `id` is required, so that any feed on the web can be shown.

use serde::Serialize;

use super::{Author, Date, Field, Href, Image, Slug, Src};

/// A list, newest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Feed {
    /// The form: `https://jsonfeed.org/version/1.1`.
    pub version: String,
    /// What the list is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The page that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_page_url: Option<Href>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_url: Option<Href>,
    /// Where the older items are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_url: Option<Href>,
    /// BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The items, newest first.
    pub items: Vec<Item>,
}

/// One entry of a list. Whatever is missing is simply not shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Item {
    /// What tells it from every other item, for ever; a number is taken as text.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(schema_with = "schema::text_or_number")
    )]
    pub id: String,
    /// The page about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Href>,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A sentence or two; stands for the headline where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its picture, for other readers of the feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Src>,
    /// When it was first published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<Date>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<Date>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub authors: Vec<Author>,
    /// Keywords.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tags: Vec<String>,
    /// What this edition adds.
    #[serde(
        rename = "_manchette",
        skip_serializing_if = "Extension::is_empty",
        default
    )]
    pub manchette: Extension,
}

/// The member `_manchette` of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Extension {
    /// Slug of its section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Slug>,
    /// Its own slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// The label before the headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kicker: Option<String>,
    /// Its picture, with its size and widths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
}

impl Extension {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Feed {
    /// The edition's own articles in the list.
    pub fn slugs(&self) -> impl Iterator<Item = &Slug> {
        let items = self.items.iter();
        items.filter_map(|item| item.manchette.slug.as_ref())
    }

    /// The list in the root of a feed document.
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let items = field.member("items");
        if items.is_absent() {
            items.refuse("missing");
            return None;
        }
        let version = field.member("version").text().unwrap_or_default();
        if !version.starts_with("https://jsonfeed.org/version/1") {
            let member = field.member("version");
            member.fault("must be https://jsonfeed.org/version/1.1");
        }
        Some(Self {
            version,
            title: field.member("title").text(),
            home_page_url: link(field, "home_page_url"),
            feed_url: link(field, "feed_url"),
            next_url: link(field, "next_url"),
            language: field.member("language").text(),
            items: items.list(Item::read),
        })
    }
}

impl Item {
    /// The item in `field`; without an `id` there is none (JSON Feed's own rule).
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let Some(id) = field.member("id").text_or_number() else {
            field.member("id").fault("missing; the item is left out");
            return None;
        };
        let title = field.member("title").text();
        let summary = field.member("summary").text();
        if title.is_none() && summary.is_none() {
            field.fault("has neither title nor summary; the item is left out");
            return None;
        }
        let extension = field.member("_manchette");
        let image = field
            .member("image")
            .parsed(Src::parse, "must be an http, https or relative address");
        Some(Self {
            id,
            url: link(field, "url"),
            title,
            summary,
            image,
            date_published: date(field, "date_published"),
            date_modified: date(field, "date_modified"),
            authors: field.member("authors").list(Author::read),
            tags: field.member("tags").list(|tag| tag.text()),
            manchette: Extension {
                section: extension
                    .member("section")
                    .parsed(Slug::section, "must be a section's slug"),
                slug: extension
                    .member("slug")
                    .parsed(Slug::parse, "must be a slug"),
                kicker: extension.member("kicker").text(),
                image: Image::read(&extension.member("image")),
            },
        })
    }

    /// The picture to show: the extension's, else the bare address of the item's own.
    #[must_use]
    pub fn picture(&self) -> Option<Image> {
        self.manchette.image.clone().or_else(|| {
            self.image.clone().map(|url| Image {
                url,
                width: None,
                height: None,
                srcset: super::Srcset::default(),
                alt: None,
                caption: None,
                credit_text: None,
            })
        })
    }

    /// What the item is called: its title, else its summary. One of them is always there.
    #[must_use]
    pub fn headline(&self) -> &str {
        self.title
            .as_deref()
            .or(self.summary.as_deref())
            .unwrap_or_default()
    }
}

pub(super) fn link(field: &Field, name: &'static str) -> Option<Href> {
    field
        .member(name)
        .parsed(Href::parse, "must be an http, https or relative address")
}

pub(super) fn date(field: &Field, name: &'static str) -> Option<Date> {
    field
        .member(name)
        .parsed(Date::parse, "must be an RFC 3339 time with an offset")
}

#[cfg(not(target_arch = "wasm32"))]
mod schema {
    use schemars::{Schema, SchemaGenerator, json_schema};

    pub fn text_or_number(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"] })
    }
}
