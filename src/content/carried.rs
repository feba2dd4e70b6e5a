//! What a prerendered page carries for the app: the documents that it was made of, in one block of
//! JSON, so that the app can wake up on it without asking for anything.

use serde::Serialize;

use super::{Article, Feed, Field, Site};

/// The documents of one page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Carried {
    /// The path of the page that they are for.
    pub path: String,
    /// The edition.
    pub site: Site,
    /// The article, on an article's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Article>,
    /// The list of a front, or the newest of an article's section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
}

impl Carried {
    /// The documents in the root of the block.
    pub fn read(field: &Field) -> Option<Self> {
        let article = field.member("article");
        let feed = field.member("feed");
        Some(Self {
            path: field.member("path").text()?,
            site: Site::read(&field.member("site"))?,
            article: if article.is_absent() {
                None
            } else {
                Some(Article::read(&article)?)
            },
            feed: if feed.is_absent() {
                None
            } else {
                Some(Feed::read(&feed)?)
            },
        })
    }
}
