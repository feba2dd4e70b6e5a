//! The lists that an edition may leave out: the articles of each author and of each keyword,
//! gathered from the articles themselves, in the contract's form.

use std::collections::BTreeMap;

use crate::content::{Article, Extension, Feed, Href, Item, Site, Slug};
use crate::route::{Front, Route};

/// How many items a page of such a list has.
const PAGE: usize = 20;

/// An article as an item of a list, and what it is listed under.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its page.
    pub route: Route,
    /// The item.
    pub item: Item,
    /// Keyword by keyword, as the article spells them.
    pub keywords: Vec<String>,
}

/// An article as it stands in lists; none where it belongs to no section, and so has no page.
#[must_use]
pub fn listed(article: &Article, site: &Site) -> Option<Listed> {
    let section = article.article_section.clone()?;
    let route = Route::Article {
        section: section.clone(),
        slug: article.slug.clone(),
    };
    let url = super::head::absolute(site, &route.to_string());
    let item = Item {
        id: url.clone(),
        url: Href::parse(&url),
        title: Some(article.headline.clone()),
        summary: article.description.clone(),
        image: None,
        date_published: article.date_published.clone(),
        date_modified: article.date_modified.clone(),
        authors: article.author.clone(),
        tags: Vec::new(),
        manchette: Extension {
            section: Some(section),
            slug: Some(article.slug.clone()),
            kicker: article.kicker.clone(),
            image: article.image.clone(),
        },
    };
    Some(Listed {
        route,
        item,
        keywords: article.keywords.clone(),
    })
}

/// Newest first; what has no date comes last.
pub fn sort(listed: &mut [Listed]) {
    listed.sort_by_cached_key(|listed| {
        let date = listed.item.date_published.as_ref();
        let slug = listed.item.manchette.slug.clone();
        (std::cmp::Reverse(date.map(|date| date.seconds())), slug)
    });
}

/// The lists of all authors and keywords, each under the name that most recently stood for it.
/// `listed` is newest first.
#[must_use]
pub fn by_name(listed: &[Listed]) -> BTreeMap<Front, (String, Vec<&Item>)> {
    let mut lists: BTreeMap<Front, (String, Vec<&Item>)> = BTreeMap::new();
    for article in listed {
        let authors = article.item.authors.iter().filter_map(|author| {
            // An author whose page is elsewhere has none here.
            let slug = match &author.url {
                None => Slug::fold(&author.name)?,
                Some(url) => match Route::parse(url.path_on(None)?)? {
                    Route::Front(Front::Author(slug)) => slug,
                    _ => return None,
                },
            };
            Some((Front::Author(slug), &author.name))
        });
        let keywords = article
            .keywords
            .iter()
            .filter_map(|word| Some((Front::Keyword(Slug::fold(word)?), word)));
        for (front, name) in authors.chain(keywords) {
            let (_, items) = lists
                .entry(front)
                .or_insert_with(|| (name.clone(), Vec::new()));
            // Two keywords of one article may fold to the same slug.
            if items.last().is_none_or(|last| last.id != article.item.id) {
                items.push(&article.item);
            }
        }
    }
    lists
}

/// A list as the contract has it: the document of its newest items, then its archive pages,
/// numbered from the oldest, where one document does not hold all.
#[must_use]
pub fn documents(front: &Front, name: &str, items: &[&Item], site: &Site) -> Vec<(Route, Feed)> {
    let feed = |route: &Route, items: &[&Item], next: Option<u32>| Feed {
        version: "https://jsonfeed.org/version/1.1".to_owned(),
        title: Some(name.to_owned()),
        home_page_url: Href::parse(&super::head::absolute(site, &front.to_string())),
        feed_url: Href::parse(&format!("/api/{}", route.document())),
        next_url: next.and_then(|n| Href::parse(&format!("/api/{}", front.archive_feed(n)))),
        language: Some(site.language.clone()),
        items: items.iter().map(|item| (*item).clone()).collect(),
    };
    let head = Route::Front(front.clone());
    if items.len() <= PAGE {
        let feed = feed(&head, items, None);
        return vec![(head, feed)];
    }
    let pages: Vec<&[&Item]> = items.rchunks(PAGE).collect();
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let newest = &items[..PAGE];
    let mut documents = vec![(head.clone(), feed(&head, newest, Some(number(pages.len()))))];
    for (index, items) in pages.iter().enumerate() {
        let route = Route::Archive(front.clone(), number(index + 1));
        let older = (index > 0).then(|| number(index));
        let feed = feed(&route, items, older);
        documents.push((route, feed));
    }
    documents
}
