//! What a prerendered page carries for the app: the documents that it was made of, in one block of
//! JSON, so that the app can wake up on it without asking for anything.

use super::{Article, Feed, Field, Site};

/// The documents of one page.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The path of the page that they are for.
    pub path: String,
    /// The edition.
    pub site: Site,
    /// The article, on an article's page.
    pub article: Option<Article>,
    /// The list of a front, or the newest of an article's section.
    pub feed: Option<Feed>,
}

impl Carried {
    /// The block, of the texts of its members: each is JSON already, for many pages have the same
    /// edition and the same list.
    #[must_use]
    pub fn text(path: &str, site: &str, article: Option<&str>, feed: Option<&str>) -> String {
        let members = [
            (r#"{"path":"#, Some(path)),
            (r#","site":"#, Some(site)),
            (r#","article":"#, article),
            (r#","feed":"#, feed),
        ];
        let members = members.into_iter();
        let there = members.filter_map(|(name, text)| text.map(|text| [name, text]));
        let pieces: Vec<&str> = there.flatten().chain(["}"]).collect();
        pieces.concat()
    }

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
