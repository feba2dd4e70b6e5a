//! Which posts become articles, in which section and at which address; and where the addresses of before
//! lead. What was given out once stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use url::Url;

use super::Visit;
use super::compose::Made;
use super::config::Sections;
use super::post::{Post, readable_slug, unescaped};
use super::store::{Addresses, Card, Store};
use super::web::address_key;
use crate::content::{Site, Slug};
use crate::press::lists::page_of;
use crate::press::memory::key;

/// A post that becomes an article, before it has an address.
pub struct Picked {
    /// Its id in the source.
    pub id: String,
    /// The number of its section.
    pub section: usize,
    /// The label before its headline.
    pub kicker: Option<String>,
}

/// The posts that become articles, oldest first.
pub fn pick(visit: &Visit<'_>, store: &Store, sections: &Sections, made: &mut Made) -> Vec<Picked> {
    let mut picked = Vec::new();
    let mut homeless = 0;
    for (id, card) in &store.state.posts {
        let post = &card.post;
        let called = || {
            let title = post.title.line(false).unwrap_or_default();
            let title: String = title.chars().take(60).collect();
            format!("post {id} ({title:?})")
        };
        if let Some(what) = &card.fault {
            // Protected is what the newsroom wants it to be.
            if post.barred {
                let note = format!("{}: {what}; it is left out", called());
                made.notes.push(note);
            } else {
                made.faults.push(format!("{}: {what}", called()));
            }
        }
        if !card.usable {
            continue;
        }
        match home(post, store, sections, visit.typography) {
            Some((section, kicker)) => picked.push(Picked {
                id: id.clone(),
                section,
                kicker,
            }),
            None => homeless += 1,
        }
    }
    if homeless > 0 {
        let posts = if homeless == 1 {
            "1 post is"
        } else {
            "posts are"
        };
        let count = if homeless == 1 {
            String::new()
        } else {
            format!("{homeless} ")
        };
        made.notes.push(format!(
            "{count}{posts} in none of the sections, and left out"
        ));
    }
    picked.sort_by_cached_key(|picked| {
        store
            .state
            .posts
            .get(&picked.id)
            .map(|card| card.post.order())
    });
    picked
}

/// The section of a post, and its label within that: the name of the category further down. Of several
/// sections the one that its own address names, else the first of the edition's.
fn home(
    post: &Post,
    store: &Store,
    sections: &Sections,
    typography: bool,
) -> Option<(usize, Option<String>)> {
    let path = post.url.as_deref().and_then(|url| Url::parse(url).ok());
    let path: BTreeSet<String> = path
        .as_ref()
        .and_then(Url::path_segments)
        .map(|parts| parts.map(unescaped).collect())
        .unwrap_or_default();
    let terms = &store.state.terms;
    let named = |key: &str| {
        terms
            .get(key)
            .is_some_and(|term| path.contains(&unescaped(&term.slug)))
    };
    let of: Vec<_> = post
        .categories
        .iter()
        .filter_map(|key| {
            sections
                .of
                .get(key)
                .map(|(section, own)| (key, *section, *own))
        })
        .collect();
    let (_, section, _) = of
        .iter()
        .min_by_key(|(key, section, _)| (!named(key), *section))?;
    let within = of.iter().filter(|(_, of, own)| of == section && !own);
    let kicker = within.min_by_key(|(key, _, _)| !named(key));
    let kicker = kicker.and_then(|(key, _, _)| terms.get(*key)?.name.line(typography));
    Some((*section, kicker))
}

/// The slug of each picked post: the one that it had, as long as the source's own stays the same; else
/// one that no other has. The older post goes first.
pub fn name(
    posts: &BTreeMap<String, Card>,
    picked: &[Picked],
    addresses: &mut Addresses,
) -> Vec<Slug> {
    let raw = |id: &str| posts.get(id).map_or("", |card| card.post.slug.as_str());
    let kept = |id: &str| {
        let (of, slug) = addresses.slugs.get(id)?;
        (of == raw(id)).then(|| slug.clone())
    };
    let mut taken: BTreeSet<Slug> = BTreeSet::new();
    let mut slugs: Vec<Option<Slug>> = Vec::with_capacity(picked.len());
    for picked in picked {
        // A post that was away for a time may find its slug taken.
        slugs.push(kept(&picked.id).filter(|slug| taken.insert(slug.clone())));
    }
    let mut all = Vec::with_capacity(picked.len());
    for (picked, kept) in picked.iter().zip(slugs) {
        let slug = kept.unwrap_or_else(|| {
            let slug = free(&wish(&picked.id, posts), &taken);
            taken.insert(slug.clone());
            slug
        });
        addresses.slugs.insert(
            picked.id.clone(),
            (raw(&picked.id).to_owned(), slug.clone()),
        );
        all.push(slug);
    }
    all
}

/// The slug that a post would have if it were alone.
fn wish(id: &str, posts: &BTreeMap<String, Card>) -> Slug {
    let post = posts.get(id).map(|card| &card.post);
    let own = post.and_then(|post| readable_slug(&post.slug));
    let title = || readable_slug(&post?.title.line(false)?);
    let number = || Slug::parse(&format!("article-{:016x}", key(&[id.as_bytes()])));
    // The last always makes one; the type does not know.
    own.or_else(title)
        .or_else(number)
        .unwrap_or_else(|| unnamed(0))
}

fn unnamed(number: usize) -> Slug {
    let text = format!("article-{number}");
    Slug::parse(&text)
        .or_else(|| Slug::fold("article"))
        .unwrap_or_else(|| unnamed(number + 1))
}

/// The slug, or with a number behind it where it is taken.
fn free(wish: &Slug, taken: &BTreeSet<Slug>) -> Slug {
    if !taken.contains(wish) {
        return wish.clone();
    }
    let mut number: usize = 2;
    loop {
        let end = format!("-{number}");
        let base = wish.as_str();
        let base = base[..base.len().min(120 - end.len())].trim_end_matches('-');
        match Slug::parse(&format!("{base}{end}")) {
            Some(slug) if !taken.contains(&slug) => return slug,
            _ => number += 1,
        }
    }
}

/// Notes where each article is now, and lets its page of before lead there.
pub fn move_pages(
    sections: &Sections,
    picked: &[Picked],
    slugs: &[Slug],
    addresses: &mut Addresses,
    made: &mut Made,
) {
    let mut pages = BTreeMap::new();
    for (picked, slug) in picked.iter().zip(slugs) {
        let page = page_of(slug, &sections.list[picked.section].slug).to_string();
        if let Some(old) = addresses.pages.get(&picked.id).filter(|old| **old != page) {
            addresses.redirects.insert(old.clone(), page.clone());
            made.moved.push((old.clone(), page.clone()));
        }
        pages.insert(picked.id.clone(), page);
    }
    let gone = addresses
        .pages
        .iter()
        .filter(|(id, _)| !pages.contains_key(*id));
    made.withdrawn = gone.map(|(_, page)| page.clone()).collect();
    let there: BTreeSet<&String> = pages.values().collect();
    let before = std::mem::take(&mut addresses.redirects);
    for from in before.keys() {
        // To the end of the way: a page may have moved more than once.
        let mut to = from;
        for _ in 0..before.len() {
            match before.get(to).filter(|_| to == from || !there.contains(to)) {
                Some(next) => to = next,
                None => break,
            }
        }
        // What stands there now goes before what once did; and what is gone leads nowhere.
        if !there.contains(from) && there.contains(to) {
            addresses.redirects.insert(from.clone(), to.clone());
        }
    }
    addresses.pages = pages;
}

/// Every address by which an article is known.
pub fn links(
    visit: &Visit<'_>,
    store: &Store,
    site: &Site,
    sections: &Sections,
    picked: &[Picked],
    slugs: &[Slug],
    addresses: &Addresses,
) -> Links {
    let mut links = Links::default();
    let home = store
        .state
        .about
        .home
        .as_deref()
        .and_then(|home| Url::parse(home).ok());
    let home = home.unwrap_or_else(|| visit.url.clone());
    let mut page_of_slug = BTreeMap::new();
    let mut add = |address: &str, to: &(Slug, Slug)| {
        if let Ok(url) = home.join(address) {
            links.hosts.extend(url.host_str().map(str::to_owned));
            links.pages.insert(address_key(&url), to.clone());
        }
    };
    for (picked, slug) in picked.iter().zip(slugs) {
        let to = (sections.list[picked.section].slug.clone(), slug.clone());
        let page = page_of(&to.1, &to.0).to_string();
        add(&site.absolute(&page), &to);
        add(&format!("/?p={}", picked.id), &to);
        if let Some(url) = store
            .state
            .posts
            .get(&picked.id)
            .and_then(|card| card.post.url.as_deref())
        {
            add(url, &to);
        }
        page_of_slug.insert(page, to);
    }
    for (from, to) in &addresses.redirects {
        if let Some(to) = page_of_slug.get(to) {
            add(&site.absolute(from), to);
        }
    }
    links
}

/// Where addresses lead.
#[derive(Default)]
pub struct Links {
    /// The article at each address, by its key: section and slug.
    pub pages: HashMap<String, (Slug, Slug)>,
    hosts: BTreeSet<String>,
}

impl Links {
    /// The article at an address: section and slug.
    pub fn find(&self, url: &Url) -> Option<(Slug, Slug)> {
        self.pages.get(&address_key(url)).cloned()
    }

    /// Whether an address may be an article's, today or on another day.
    pub fn is_near(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| self.hosts.contains(host))
    }
}
