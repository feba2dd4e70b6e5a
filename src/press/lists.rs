//! The lists that an edition may leave out: the articles of each author and of each keyword,
//! gathered from the articles themselves, in the contract's form.

use std::collections::BTreeMap;

use super::memory::{Listed, Name, written};
use crate::content::{Article, Author, AuthorKind, Extension, Feed, Href, Item, Site, Slug};
use crate::route::{Front, Route};

/// How many items a page of such a list has.
const PAGE: usize = 20;

/// An article of the edition at `site` as lists need it; `beside` is the key of the list on its page.
/// None where it belongs to no section, and so has no page.
#[must_use]
pub fn listed(
    article: &Article,
    site: Option<&Href>,
    hash: u64,
    faults: usize,
    beside: u64,
) -> Option<Listed> {
    let authors = article.author.iter().filter_map(|author| {
        // An author whose page is elsewhere has none here. As the link in the byline has it.
        let slug = match &author.url {
            None => Slug::fold(&author.name)?,
            Some(url) => match Route::of_href(url, site)? {
                Route::Front(Front::Author(slug)) => slug,
                _ => return None,
            },
        };
        Some((true, slug, &author.name))
    });
    let keywords = article
        .keywords
        .iter()
        .filter_map(|word| Some((false, Slug::fold(word)?, word)));
    let mut names: Vec<Name> = Vec::new();
    for (author, slug, text) in authors.chain(keywords) {
        // Two keywords of one article may fold to the same slug.
        if !names
            .iter()
            .any(|name| name.author == author && name.slug == slug)
        {
            let text = text.clone();
            names.push(Name { author, slug, text });
        }
    }
    Some(Listed {
        hash,
        faults,
        beside,
        section: article.article_section.clone()?,
        headline: article.headline.clone(),
        published: written(article.date_published.as_ref()),
        seconds: article.date_published.as_ref().map(|date| date.seconds()),
        modified: written(article.date_modified.as_ref()),
        names,
    })
}

/// The page of an article.
#[must_use]
pub fn page_of(slug: &Slug, section: &Slug) -> Route {
    Route::Article {
        section: section.clone(),
        slug: slug.clone(),
    }
}

/// An article as an item of a list.
#[must_use]
pub fn item(article: &Article, section: &Slug, site: &Site) -> Item {
    let url = site.absolute(&page_of(&article.slug, section).to_string());
    Item {
        id: url.clone(),
        url: Href::parse(&url),
        title: Some(article.headline.clone()),
        summary: article.description.clone(),
        image: None,
        date_published: article.date_published.clone(),
        date_modified: article.date_modified.clone(),
        authors: article.author.iter().map(in_a_list).collect(),
        tags: Vec::new(),
        manchette: Extension {
            section: Some(section.clone()),
            slug: Some(article.slug.clone()),
            kicker: article.kicker.clone(),
            image: article.image.clone(),
        },
    }
}

/// An author as JSON Feed has them: whether it is a person is schema.org's to say.
fn in_a_list(author: &Author) -> Author {
    Author {
        kind: AuthorKind::default(),
        ..author.clone()
    }
}

/// Newest first; what has no date comes last.
#[must_use]
pub fn newest_first(articles: &BTreeMap<Slug, Listed>) -> Vec<(&Slug, &Listed)> {
    let mut sorted: Vec<_> = articles.iter().collect();
    sorted.sort_by_key(|(slug, article)| (std::cmp::Reverse(article.seconds), *slug));
    sorted
}

/// A list of an author or a keyword: its name, as it was most recently spelt, and its articles,
/// newest first.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its articles.
    pub articles: Vec<(&'a Slug, &'a Listed)>,
}

/// The lists of all authors and keywords. `sorted` is newest first.
#[must_use]
pub fn by_name<'a>(sorted: &[(&'a Slug, &'a Listed)]) -> BTreeMap<(bool, &'a Slug), Gathered<'a>> {
    let mut lists: BTreeMap<_, Gathered<'a>> = BTreeMap::new();
    for &(slug, article) in sorted {
        for name in &article.names {
            let list = lists.entry((name.author, &name.slug)).or_insert(Gathered {
                name: &name.text,
                articles: Vec::new(),
            });
            list.articles.push((slug, article));
        }
    }
    lists
}

/// One document of a gathered list.
#[derive(Debug)]
pub struct Part<'a> {
    /// The page that shows it.
    pub route: Route,
    /// Its articles.
    pub articles: &'a [(&'a Slug, &'a Listed)],
    /// The archive page with older ones.
    pub next: Option<u32>,
}

/// A list in the documents that the contract has for it: that of its newest items, then its archive
/// pages, numbered from the oldest, where one document does not hold all.
#[must_use]
pub fn parts<'a>(front: &Front, list: &'a Gathered<'a>) -> Vec<Part<'a>> {
    let articles = &list.articles[..];
    let head = Route::Front(front.clone());
    if articles.len() <= PAGE {
        return vec![Part {
            route: head,
            articles,
            next: None,
        }];
    }
    let pages: Vec<_> = articles.rchunks(PAGE).collect();
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let mut parts = vec![Part {
        route: head,
        articles: &articles[..PAGE],
        next: Some(number(pages.len())),
    }];
    for (index, &articles) in pages.iter().enumerate() {
        parts.push(Part {
            route: Route::Archive(front.clone(), number(index + 1)),
            articles,
            next: (index > 0).then(|| number(index)),
        });
    }
    parts
}

/// The document of a part.
#[must_use]
pub fn document(front: &Front, name: &str, part: &Part<'_>, items: Vec<Item>, site: &Site) -> Feed {
    // As seen from the document itself: the backend may be anywhere.
    let root = |document: &str| Href::parse(&format!("/api/{document}"));
    Feed {
        version: "https://jsonfeed.org/version/1.1".to_owned(),
        title: Some(name.to_owned()),
        home_page_url: Href::parse(&site.absolute(&front.to_string())),
        feed_url: root(&part.route.document()),
        next_url: part.next.and_then(|n| root(&front.archive_feed(n))),
        language: Some(site.language.clone()),
        items,
    }
}
