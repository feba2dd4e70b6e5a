//! One article: schema.org NewsArticle, with an mdast body and JSON Feed items beside it.
//! Required are `slug`, `headline` and `body`; whatever else is missing is simply not shown.

use serde::Serialize;

use super::{
    Body, Date, Field, Href, Image, Item, Slug,
    feed::{date, link},
};

/// Words that a reader takes in a minute: M. Brysbaert, "How many words do we read per minute?"
/// (2019), 238 for non-fiction; the body's words are all that is counted.
const WORDS_PER_MINUTE: usize = 238;

/// An article with everything that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "@type", rename = "NewsArticle")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Article {
    /// The CMS's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Its canonical address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Href>,
    /// Its name in addresses.
    pub slug: Slug,
    /// Slug of its section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_section: Option<Slug>,
    /// The label before the headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kicker: Option<String>,
    /// Headline.
    pub headline: String,
    /// Standfirst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_language: Option<String>,
    /// When it was first published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<Date>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<Date>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub author: Vec<Author>,
    /// Keywords.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub keywords: Vec<String>,
    /// Lead picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The text.
    pub body: Body,
    /// The cards below it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub related: Vec<Item>,
}

/// A person, or a desk.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Author {
    /// Whether that is a person.
    #[serde(
        rename = "@type",
        skip_serializing_if = "AuthorKind::is_person",
        default
    )]
    pub kind: AuthorKind,
    /// The name in the byline.
    pub name: String,
    /// The page about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Href>,
}

/// What an author is, in schema.org's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum AuthorKind {
    /// Somebody.
    #[default]
    Person,
    /// A desk, an agency.
    Organization,
}

impl AuthorKind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "Person" => Some(Self::Person),
            "Organization" | "NewsMediaOrganization" => Some(Self::Organization),
            _ => None,
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

impl Article {
    /// The article in the root of a document.
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let slug = field.member("slug");
        let Some(slug_value) = slug.parsed(Slug::parse, "must be a slug") else {
            slug.refuse("missing, or not a slug");
            return None;
        };
        let headline = field.member("headline");
        let Some(headline_text) = headline.text() else {
            headline.refuse("missing");
            return None;
        };
        let body = Body::read(&field.member("body"))?;
        let section = field
            .member("articleSection")
            .parsed(Slug::section, "must be a section's slug");
        let identifier = field.member("identifier").text_or_number();
        Some(Self {
            identifier,
            url: link(field, "url"),
            slug: slug_value,
            article_section: section,
            kicker: field.member("kicker").text(),
            headline: headline_text,
            description: field.member("description").text(),
            in_language: field.member("inLanguage").text(),
            date_published: date(field, "datePublished"),
            date_modified: date(field, "dateModified"),
            author: field.member("author").list(Author::read),
            keywords: field.member("keywords").list(|tag| tag.text()),
            image: Image::read(&field.member("image")),
            body,
            related: field.member("related").list(Item::read),
        })
    }

    /// How long the body takes to read, in whole minutes, at least one.
    #[must_use]
    pub fn reading_minutes(&self) -> usize {
        self.body.words().div_ceil(WORDS_PER_MINUTE).max(1)
    }

    /// When the article was last changed, where a reader should be told.
    #[must_use]
    pub fn update(&self) -> Option<&Date> {
        let modified = self.date_modified.as_ref()?;
        match &self.date_published {
            Some(published) => published.is_updated_by(modified).then_some(modified),
            None => Some(modified),
        }
    }
}

impl Author {
    /// An author with a name; without one there is nothing to show.
    pub fn read(field: &Field) -> Option<Self> {
        if !field.is_object() {
            return None;
        }
        let name = field.member("name").text();
        if name.is_none() {
            field
                .member("name")
                .fault("missing; the author is left out");
        }
        Some(Self {
            kind: field
                .member("@type")
                .parsed(AuthorKind::parse, "must be Person or Organization")
                .unwrap_or_default(),
            name: name?,
            url: link(field, "url"),
        })
    }
}
