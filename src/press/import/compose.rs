//! The edition made of the posts in the store: which article each becomes and at which address, the
//! lists, and what leads on from addresses of before. Writes only what differs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::body::{Converted, Place, convert};
use super::config::{Config, Sections};
use super::media::{self, Shot};
use super::post::{Picture, Post, Words, readable_slug};
use super::related::{Likeness, related};
use super::shelf::Shelf;
use super::store::{Addresses, Card, Store};
use super::web::address_key;
use super::{Visit, text};
use crate::content::{
    Article, Author, AuthorKind, Base, Block, Body, Candidate, DOCUMENT_LIMIT, Date, Feed, Href,
    Image, Inline, Item, Site, Slug, Src, Srcset,
};
use crate::press::edition::article_file;
use crate::press::lists::{item, page_of};
use crate::press::memory::{key, keys, program};
use crate::route::{self, Front, Route};

/// How many items a list's head and each of its archive pages has. To change it is to write every
/// archive page anew.
const PAGE: usize = 20;
/// The width, in pixels, of the picture for browsers that do not choose.
const PLAIN_WIDTH: u32 = 1200;
/// How many words of a text stand in for a headline.
const WORDS: usize = 12;
/// What a document may hold besides its text, in bytes.
const REST: usize = 128 << 10;
/// How many keywords of a post are taken.
const KEYWORDS: usize = 30;

/// What was made.
#[derive(Debug, Default)]
pub struct Made {
    /// How many articles the edition has.
    pub articles: usize,
    /// Pages that went.
    pub withdrawn: Vec<String>,
    /// Pages that moved.
    pub moved: Vec<(String, String)>,
    /// What fell away, by article and kind.
    pub dropped: BTreeMap<String, BTreeMap<String, u32>>,
    /// The articles whose text was made in this run.
    pub made: BTreeSet<String>,
    /// What is odd about posts.
    pub notes: Vec<String>,
    /// Posts that became no article, or an older one.
    pub faults: Vec<String>,
}

/// A post that becomes an article.
struct Live<'a> {
    id: &'a str,
    card: &'a Card,
    section: usize,
    kicker: Option<String>,
    slug: Slug,
}

/// An article without its text.
struct Face {
    article: Article,
    item: Item,
    /// The item in a number.
    key: u64,
    /// Its keywords as slugs, for likeness.
    keywords: Vec<String>,
}

/// Where addresses lead.
#[derive(Default)]
struct Links {
    pages: HashMap<String, (Slug, Slug)>,
    hosts: BTreeSet<String>,
}

/// Writes the edition.
pub fn compose(
    visit: &Visit<'_>,
    store: &mut Store,
    config: &Config,
    sections: &Sections,
    shelf: &Shelf,
) -> io::Result<Made> {
    let mut made = Made::default();
    let site = site(visit, store, config, sections);
    let mut addresses = std::mem::take(&mut store.addresses);
    let done = make(
        visit,
        store,
        &site,
        sections,
        shelf,
        &mut addresses,
        &mut made,
    );
    store.addresses = addresses;
    done.map(|()| made)
}

fn make(
    visit: &Visit<'_>,
    store: &mut Store,
    site: &Site,
    sections: &Sections,
    shelf: &Shelf,
    addresses: &mut Addresses,
    made: &mut Made,
) -> io::Result<()> {
    let picked = pick(visit, store, sections, made);
    let slugs = name(&store.state.posts, &picked, addresses);
    move_pages(sections, &picked, &slugs, addresses, made);
    let links = links(visit, store, site, sections, &picked, &slugs, addresses);
    if visit.media {
        pictures(visit, store, &links, shelf, &picked)?;
    }
    let live: Vec<Live<'_>> = picked
        .iter()
        .zip(slugs)
        .filter_map(|(picked, slug)| {
            let (id, card) = store.state.posts.get_key_value(&picked.id)?;
            let (section, kicker) = (picked.section, picked.kicker.clone());
            Some(Live {
                id,
                card,
                section,
                kicker,
                slug,
            })
        })
        .collect();
    let edition = Edition {
        visit,
        store,
        site,
        sections,
        shelf,
        links: &links,
        live: &live,
    };
    let asked = edition.write(addresses)?;
    made.articles = live.len();
    let learned: Vec<_> = live
        .iter()
        .map(|live| live.id.to_owned())
        .zip(asked)
        .collect();
    for live in &live {
        let page = page_of(&live.slug, &sections.list[live.section].slug).to_string();
        for note in &live.card.post.notes {
            made.notes.push(format!("{page}: {note}"));
        }
    }
    let pages: BTreeMap<String, String> = live
        .iter()
        .map(|live| (live.id.to_owned(), live.slug.to_string()))
        .collect();
    drop(live);
    for (id, learned) in learned {
        let Some(card) = store.state.posts.get_mut(&id) else {
            continue;
        };
        if let Some((asked, dropped)) = learned {
            card.asked = asked;
            card.dropped = dropped;
            made.made.extend(pages.get(&id).cloned());
        }
        if !card.dropped.is_empty()
            && let Some(slug) = pages.get(&id)
        {
            made.dropped.insert(slug.clone(), card.dropped.clone());
        }
    }
    if visit.media {
        for (url, shot) in &store.state.pictures {
            match shot {
                Shot::Made { .. } => {}
                Shot::Left { what } => made
                    .notes
                    .push(format!("picture {url}: {what}; it stays where it is")),
                Shot::Broken { what, .. } => made
                    .notes
                    .push(format!("picture {url}: {what}; it is left out")),
            }
        }
    }
    Ok(())
}

// ---- Which posts become articles, and where -------------------------------------------------------

/// A post that becomes an article, before it has an address.
struct Picked {
    id: String,
    section: usize,
    kicker: Option<String>,
}

/// The posts that become articles, oldest first.
fn pick(visit: &Visit<'_>, store: &Store, sections: &Sections, made: &mut Made) -> Vec<Picked> {
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
            match post.barred {
                true => made
                    .notes
                    .push(format!("{}: {what}; it is left out", called())),
                false => made.faults.push(format!("{}: {what}", called())),
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
        .map(|parts| parts.map(super::post::unescaped).collect())
        .unwrap_or_default();
    let terms = &store.state.terms;
    let named = |key: &str| {
        terms
            .get(key)
            .is_some_and(|term| path.contains(&super::post::unescaped(&term.slug)))
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
fn name(posts: &BTreeMap<String, Card>, picked: &[Picked], addresses: &mut Addresses) -> Vec<Slug> {
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
fn move_pages(
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
fn links(
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

impl Links {
    fn find(&self, url: &Url) -> Option<(Slug, Slug)> {
        self.pages.get(&address_key(url)).cloned()
    }

    /// Whether an address may be an article's, today or on another day.
    fn is_near(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| self.hosts.contains(host))
    }
}

// ---- Pictures ------------------------------------------------------------------------------------

/// Fetches the pictures of all articles.
fn pictures(
    visit: &Visit<'_>,
    store: &mut Store,
    links: &Links,
    shelf: &Shelf,
    picked: &[Picked],
) -> io::Result<()> {
    let new: Vec<&String> = picked
        .iter()
        .map(|picked| &picked.id)
        .filter(|id| {
            store
                .state
                .posts
                .get(*id)
                .is_some_and(|card| !card.looked && card.length > 0)
        })
        .collect();
    let found: Vec<(String, BTreeSet<String>)> = new
        .par_iter()
        .filter_map(|id| {
            let post = store.post(id)?;
            let found = Mutex::new(BTreeSet::new());
            let picture = |url: &Url| -> Option<Image> {
                found
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(url.to_string());
                None
            };
            // Only for what it asks for on the way.
            let _ = convert(
                &post.body,
                &Place {
                    page: &page(visit, &post),
                    article: &|url| links.find(url),
                    picture: &picture,
                    typography: false,
                },
            );
            Some((
                (*id).clone(),
                found.into_inner().unwrap_or_else(PoisonError::into_inner),
            ))
        })
        .collect();
    for (id, pictures) in found {
        if let Some(card) = store.state.posts.get_mut(&id) {
            card.pictures.extend(pictures);
            card.looked = true;
        }
    }
    let mut urls = BTreeSet::new();
    for card in store.state.posts.values().filter(|card| card.usable) {
        urls.extend(card.pictures.iter().cloned());
        urls.extend(
            card.post
                .picture
                .as_ref()
                .map(|picture| picture.url.clone()),
        );
    }
    store.state.pictures.retain(|url, _| urls.contains(url));
    let urls: Vec<String> = urls.into_iter().collect();
    media::fetch(visit, store, shelf, &urls)?;
    for shot in store.state.pictures.values() {
        if let Shot::Made { files, .. } = shot {
            files.iter().for_each(|(file, _)| shelf.keep(file));
        }
    }
    Ok(())
}

/// The picture as the edition shows it. None where it is broken.
fn image(picture: &Picture, shots: &BTreeMap<String, Shot>, typography: bool) -> Option<Image> {
    let caption = picture.caption.as_ref();
    let said = caption.map(|caption| match caption {
        Words::Html(html) => text::caption(html, typography),
        Words::Plain(_) => super::text::Caption {
            caption: caption.line(typography),
            credit_text: None,
        },
    });
    let (caption, credit) = said.map_or((None, None), |said| (said.caption, said.credit_text));
    let own = picture
        .credit
        .as_ref()
        .and_then(|credit| credit.line(typography));
    let found = match shots.get(&picture.url) {
        Some(Shot::Broken { .. }) => return None,
        Some(shot @ Shot::Made { .. }) => shot.image(),
        Some(Shot::Left { .. }) | None => linked(picture),
    };
    Some(Image {
        alt: picture.alt.as_ref().and_then(|alt| alt.line(typography)),
        caption,
        credit_text: credit.or(own),
        ..found?
    })
}

/// The picture where the source has it, in all sizes that show the same.
fn linked(picture: &Picture) -> Option<Image> {
    let full = (picture.url.clone(), picture.width, picture.height);
    let mut sizes: Vec<(Src, u32, u32)> = Vec::new();
    let own = full.1.zip(full.2);
    let all = own.map(|(width, height)| (full.0.clone(), width, height));
    for (url, width, height) in all.into_iter().chain(picture.sizes.iter().cloned()) {
        // A square cut out of it shows something else.
        let same = own.is_none_or(|(w, h)| {
            let (one, other) = (
                u64::from(w) * u64::from(height),
                u64::from(h) * u64::from(width),
            );
            one.abs_diff(other) * 50 <= one.max(other)
        });
        // In a srcset white space and commas at the end would end the address.
        let clean = !url.contains(|c: char| c.is_whitespace() || c == ',');
        if let Some(src) = Src::parse(&url).filter(|_| same && clean)
            && !sizes.iter().any(|(_, w, _)| *w == width)
        {
            sizes.push((src, width, height));
        }
    }
    sizes.sort_by_key(|(_, width, _)| *width);
    let plain = sizes
        .iter()
        .find(|(_, width, _)| *width >= PLAIN_WIDTH)
        .or(sizes.last());
    let (url, width, height) = match plain {
        Some((url, width, height)) => (url.clone(), Some(*width), Some(*height)),
        None => (Src::parse(&picture.url)?, full.1, full.2),
    };
    let candidates = sizes
        .into_iter()
        .map(|(url, width, _)| Candidate { url, width });
    let candidates: Vec<_> = candidates.collect();
    Some(Image {
        url,
        width,
        height,
        srcset: if candidates.len() > 1 {
            Srcset::new(candidates)
        } else {
            Srcset::default()
        },
        alt: None,
        caption: None,
        credit_text: None,
    })
}

/// Takes pictures out that can't be shown.
fn without_broken(blocks: Vec<Block>, is_broken: &dyn Fn(&Src) -> bool) -> Vec<Block> {
    let mut out = Vec::with_capacity(blocks.len());
    for block in blocks {
        out.push(match block {
            Block::Figure { image } if is_broken(&image.url) => continue,
            Block::Paragraph { children } => {
                let had = !children.is_empty();
                let children = lines_without(children, is_broken);
                if had && children.is_empty() {
                    continue;
                }
                Block::Paragraph { children }
            }
            Block::Heading { depth, children } => Block::Heading {
                depth,
                children: lines_without(children, is_broken),
            },
            Block::Blockquote { children } => Block::Blockquote {
                children: without_broken(children, is_broken),
            },
            Block::List {
                ordered,
                start,
                mut children,
            } => {
                for item in &mut children {
                    item.children = without_broken(std::mem::take(&mut item.children), is_broken);
                }
                Block::List {
                    ordered,
                    start,
                    children,
                }
            }
            Block::Table { mut children } => {
                for cell in children.iter_mut().flat_map(|row| &mut row.children) {
                    cell.children = lines_without(std::mem::take(&mut cell.children), is_broken);
                }
                Block::Table { children }
            }
            other => other,
        });
    }
    out
}

fn lines_without(nodes: Vec<Inline>, is_broken: &dyn Fn(&Src) -> bool) -> Vec<Inline> {
    let deeper = |children| lines_without(children, is_broken);
    let keep = |node| {
        Some(match node {
            Inline::Picture(image) if is_broken(&image.url) => return None,
            Inline::Emphasis { children } => Inline::Emphasis {
                children: deeper(children),
            },
            Inline::Strong { children } => Inline::Strong {
                children: deeper(children),
            },
            Inline::Delete { children } => Inline::Delete {
                children: deeper(children),
            },
            Inline::Superscript { children } => Inline::Superscript {
                children: deeper(children),
            },
            Inline::Subscript { children } => Inline::Subscript {
                children: deeper(children),
            },
            Inline::Link { url, children } => {
                let children = deeper(children);
                // A picture that led somewhere: nothing is left to press.
                if children.is_empty() {
                    return None;
                }
                Inline::Link { url, children }
            }
            other => other,
        })
    };
    nodes.into_iter().filter_map(keep).collect()
}

// ---- The documents -------------------------------------------------------------------------------

/// `site.json` as data.
fn site(visit: &Visit<'_>, store: &Store, config: &Config, sections: &Sections) -> Site {
    let about = &store.state.about;
    let typography = visit.typography;
    let mut origin = visit.url.clone();
    origin.set_path("/");
    origin.set_query(None);
    origin.set_fragment(None);
    let url = config.url.clone().or_else(|| about.home.clone());
    let base = url
        .as_deref()
        .and_then(Base::parse)
        .filter(|base| !base.origin().is_empty());
    let base = base
        .or_else(|| Base::parse(origin.as_str()))
        .unwrap_or_default();
    let line = |words: &Option<Words>| words.as_ref().and_then(|words| words.line(typography));
    let host = origin.host_str().unwrap_or_default().to_owned();
    Site {
        name: config
            .name
            .clone()
            .or_else(|| line(&about.name))
            .unwrap_or(host),
        description: config
            .description
            .clone()
            .or_else(|| line(&about.description)),
        language: config
            .language
            .clone()
            .or_else(|| about.language.clone())
            .unwrap_or_else(|| "fr".to_owned()),
        url: Href::parse(&base.to_string()),
        sections: sections.list.clone(),
        feed_refresh_seconds: 60,
        logo: None,
        same_as: Vec::new(),
        publisher: None,
        base,
    }
}

/// What was asked while a text was converted, and what fell away.
type Learned = (Vec<(String, u64)>, BTreeMap<String, u32>);

struct Edition<'a> {
    visit: &'a Visit<'a>,
    store: &'a Store,
    site: &'a Site,
    sections: &'a Sections,
    shelf: &'a Shelf,
    links: &'a Links,
    live: &'a [Live<'a>],
}

impl Edition<'_> {
    /// Writes all documents. Returns for each article that was converted what was learned of it.
    fn write(&self, addresses: &Addresses) -> io::Result<Vec<Option<Learned>>> {
        let faces: Vec<Face> = self.live.par_iter().map(|live| self.face(live)).collect();
        let cards = self.cards(&faces);
        let bar = self.visit.bar(self.live.len(), "articles");
        // Articles before the lists that lead to them.
        let learned: io::Result<Vec<_>> = self
            .live
            .par_iter()
            .zip(&faces)
            .zip(&cards)
            .map(|((live, face), cards)| {
                let related: Vec<&Face> =
                    cards.iter().filter_map(|card| faces.get(*card)).collect();
                let learned = self.article(live, face, &related);
                bar.inc(1);
                learned
            })
            .collect();
        bar.finish_and_clear();
        let learned = learned?;
        let all: Vec<&Face> = faces.iter().collect();
        self.list(&Front::Home, &self.site.name, &all)?;
        for (index, section) in self.sections.list.iter().enumerate() {
            let of = self
                .live
                .iter()
                .zip(&faces)
                .filter(|(live, _)| live.section == index);
            let of: Vec<&Face> = of.map(|(_, face)| face).collect();
            self.list(&Front::Section(section.slug.clone()), &section.title, &of)?;
        }
        self.put(
            route::SITE,
            &serde_json::to_value(self.site).map_err(io::Error::other)?,
        )?;
        if !addresses.redirects.is_empty() {
            self.put("redirects.json", &json!(addresses.redirects))?;
        }
        Ok(learned)
    }

    fn put(&self, file: &str, value: &impl Serialize) -> io::Result<()> {
        let bytes = serde_json::to_vec(value).map_err(io::Error::other)?;
        self.shelf.put(file, key(&[&bytes]), &bytes)
    }

    fn face(&self, live: &Live<'_>) -> Face {
        let post = &live.card.post;
        let typography = self.visit.typography;
        let section = &self.sections.list[live.section];
        let line = |words: &Option<Words>| words.as_ref().and_then(|words| words.line(typography));
        let summary = line(&post.summary);
        let headline = post.title.line(typography).unwrap_or_else(|| {
            let words: Vec<_> = summary
                .as_deref()
                .unwrap_or_default()
                .split_whitespace()
                .take(WORDS)
                .collect();
            words.join(" ")
        });
        let mut names = BTreeSet::new();
        let mut keywords = Vec::new();
        for keyword in post
            .tags
            .iter()
            .filter_map(|tag| tag.line(typography))
            .take(KEYWORDS)
        {
            let slug =
                readable_slug(&keyword).map_or_else(|| keyword.clone(), |slug| slug.to_string());
            if names.insert(slug) {
                keywords.push(keyword);
            }
        }
        let published = post.date();
        let modified = post.modified.as_deref().and_then(Date::parse);
        let modified = modified.filter(|modified| {
            published
                .as_ref()
                .is_none_or(|published| published.seconds() < modified.seconds())
        });
        let mut authors: Vec<Author> = Vec::new();
        for name in post
            .authors
            .iter()
            .filter_map(|writer| writer.name.line(typography))
        {
            if authors.iter().any(|author| author.name == name) {
                continue;
            }
            let slug = readable_slug(&name);
            let url =
                slug.and_then(|slug| Href::parse(&Route::Front(Front::Author(slug)).to_string()));
            authors.push(Author {
                kind: AuthorKind::Person,
                name,
                url,
            });
        }
        let shots = &self.store.state.pictures;
        let none = BTreeMap::new();
        let shots = if self.visit.media { shots } else { &none };
        let article = Article {
            identifier: Some(live.id.to_owned()),
            url: Href::parse(
                &self
                    .site
                    .absolute(&page_of(&live.slug, &section.slug).to_string()),
            ),
            slug: live.slug.clone(),
            article_section: Some(section.slug.clone()),
            kicker: live.kicker.clone(),
            headline,
            description: line(&post.standfirst),
            in_language: Some(
                post.language
                    .clone()
                    .unwrap_or_else(|| self.site.language.clone()),
            ),
            date_published: published,
            date_modified: modified,
            author: authors,
            keywords,
            image: post
                .picture
                .as_ref()
                .and_then(|picture| image(picture, shots, typography)),
            body: Body::default(),
            related: Vec::new(),
        };
        let mut item = item(&article, &section.slug, self.site);
        item.summary = summary;
        item.tags.clone_from(&article.keywords);
        // Where the author's own page is, no card says.
        item.authors.iter_mut().for_each(|author| author.url = None);
        if let Some(image) = &mut item.manchette.image {
            (image.caption, image.credit_text) = (None, None);
            item.image = Src::parse(&self.site.absolute(image.url.as_str()));
        }
        let bytes = serde_json::to_vec(&item).unwrap_or_default();
        Face {
            article,
            item,
            key: key(&[&bytes]),
            keywords: names.into_iter().collect(),
        }
    }

    /// The cards below each article.
    fn cards(&self, faces: &[Face]) -> Vec<Vec<usize>> {
        let places: HashMap<&str, usize> = self
            .live
            .iter()
            .enumerate()
            .map(|(index, live)| (live.id, index))
            .collect();
        let like = |(live, face): (&Live<'_>, &'_ Face)| -> (i64, usize, Vec<usize>) {
            let given = live
                .card
                .post
                .related
                .iter()
                .filter_map(|id| places.get(id.as_str()).copied());
            let seconds = face
                .article
                .date_published
                .as_ref()
                .map_or(0, |date| date.seconds());
            (seconds, live.section, given.collect())
        };
        let articles: Vec<_> = self
            .live
            .iter()
            .zip(faces)
            .map(|(live, face)| {
                let (seconds, section, given) = like((live, face));
                let keywords = face.keywords.iter().map(String::as_str).collect();
                Likeness {
                    seconds,
                    section,
                    keywords,
                    given,
                }
            })
            .collect();
        related(&articles)
    }

    fn article(
        &self,
        live: &Live<'_>,
        face: &Face,
        related: &[&Face],
    ) -> io::Result<Option<Learned>> {
        let file = article_file(live.slug.as_str());
        let bare = serde_json::to_vec(&face.article).map_err(io::Error::other)?;
        let made_of = |asked: &[(String, u64)]| {
            let mut parts = vec![
                program(),
                live.card.hash,
                key(&[&bare]),
                u64::from(self.visit.typography) + 2 * u64::from(self.visit.media),
            ];
            parts.extend(related.iter().map(|face| face.key));
            for (what, answer) in asked {
                parts.push(key(&[what.as_bytes()]));
                parts.push(*answer);
            }
            keys(&parts)
        };
        // As it would be answered today.
        let today: Vec<(String, u64)> = live
            .card
            .asked
            .iter()
            .map(|(what, _)| (what.clone(), self.answer(what)))
            .collect();
        if !self.visit.full && self.shelf.is_current(&file, made_of(&today)) {
            self.shelf.keep(&file);
            return Ok(None);
        }
        let Some(post) = self.store.post(live.id) else {
            // The post's own file is gone: the article stays, and the post is fetched again.
            self.visit
                .log
                .note("a post's file in .manchette/import/posts is gone; --full fetches it again");
            self.shelf.keep(&file);
            return Ok(None);
        };
        let (converted, asked) = self.converted(&post);
        let mut body = converted.body;
        if self.visit.media {
            let shots = &self.store.state.pictures;
            let broken = |src: &Src| matches!(shots.get(src.as_str()), Some(Shot::Broken { .. }));
            body.children = without_broken(body.children, &broken);
        }
        let article = Article {
            body,
            related: related.iter().map(|face| face.item.clone()).collect(),
            ..face.article.clone()
        };
        let mut document = serde_json::to_value(&article).map_err(io::Error::other)?;
        if let Value::Object(members) = &mut document {
            members.insert("@context".to_owned(), json!("https://schema.org"));
        }
        let bytes = serde_json::to_vec(&document).map_err(io::Error::other)?;
        self.shelf.put(&file, made_of(&asked), &bytes)?;
        Ok(Some((asked, converted.dropped)))
    }

    /// What a text is told of an address, in a number.
    fn answer(&self, what: &str) -> u64 {
        let number = |text: Option<String>| text.map_or(0, |text| key(&[text.as_bytes()]));
        match what.split_once(' ') {
            Some(("page", page)) => {
                let to = self.links.pages.get(page);
                number(to.map(|(section, slug)| format!("{section}/{slug}")))
            }
            Some((_, url)) => number(
                self.store
                    .state
                    .pictures
                    .get(url)
                    .map(|shot| format!("{shot:?}")),
            ),
            None => 0,
        }
    }

    fn converted(&self, post: &Post) -> (Converted, Vec<(String, u64)>) {
        let asked: Mutex<BTreeSet<String>> = Mutex::default();
        let note = |what: String| {
            asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(what);
        };
        let article = |url: &Url| {
            if !self.links.is_near(url) {
                return None;
            }
            note(format!("page {}", address_key(url)));
            self.links.find(url)
        };
        let picture = |url: &Url| {
            if !self.visit.media {
                return None;
            }
            note(format!("picture {url}"));
            self.store
                .state
                .pictures
                .get(url.as_str())
                .and_then(Shot::image)
        };
        let converted = convert(
            &post.body,
            &Place {
                page: &page(self.visit, post),
                article: &article,
                picture: &picture,
                typography: self.visit.typography,
            },
        );
        let asked = asked.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = asked
            .into_iter()
            .map(|what| (what.clone(), self.answer(&what)))
            .collect();
        (converted, asked)
    }

    /// A list's documents. `faces` are oldest first.
    ///
    /// A full archive page is written once: its number is of which articles it has, not of what is said
    /// of them. So a correction leaves it alone, and a withdrawal writes it and all newer ones.
    fn list(&self, front: &Front, title: &str, faces: &[&Face]) -> io::Result<()> {
        let pages: Vec<&[&Face]> = if faces.len() > PAGE {
            faces.chunks(PAGE).collect()
        } else {
            Vec::new()
        };
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let frame = key(&[
            title.as_bytes(),
            self.site.language.as_bytes(),
            self.site.base.to_string().as_bytes(),
        ]);
        for (index, page) in pages.iter().enumerate() {
            let full = page.len() == PAGE;
            let file = front.archive_feed(number(index + 1));
            let mut made_of = vec![frame, u64::from(full)];
            made_of.extend(page.iter().map(|face| match full {
                true => key(&[face.item.id.as_bytes()]),
                false => face.key,
            }));
            let made_of = keys(&made_of);
            if !self.visit.full && self.shelf.is_current(&file, made_of) {
                self.shelf.keep(&file);
                continue;
            }
            let next = (index > 0).then(|| number(index));
            let feed = self.feed(front, title, &file, page, next);
            let bytes = serde_json::to_vec(&feed).map_err(io::Error::other)?;
            self.shelf.put(&file, made_of, &bytes)?;
        }
        let newest = &faces[faces.len().saturating_sub(PAGE)..];
        let next = (!pages.is_empty()).then(|| number(pages.len()));
        self.put(
            &front.feed(),
            &self.feed(front, title, &front.feed(), newest, next),
        )
    }

    fn feed(
        &self,
        front: &Front,
        title: &str,
        file: &str,
        faces: &[&Face],
        next: Option<u32>,
    ) -> Feed {
        let document = |file: &str| Href::parse(&format!("/api/{file}"));
        Feed {
            version: "https://jsonfeed.org/version/1.1".to_owned(),
            title: Some(title.to_owned()),
            home_page_url: Href::parse(&self.site.absolute(&front.to_string())),
            feed_url: document(file),
            next_url: next.and_then(|n| document(&front.archive_feed(n))),
            language: Some(self.site.language.clone()),
            items: faces.iter().rev().map(|face| face.item.clone()).collect(),
        }
    }
}

/// The address where a post's HTML stands.
fn page(visit: &Visit<'_>, post: &Post) -> Url {
    let own = post.url.as_deref().and_then(|url| visit.url.join(url).ok());
    own.unwrap_or_else(|| visit.url.clone())
}

/// Whether a post's text makes no document that is taken, or only by being cut.
pub fn is_too_long(visit: &Visit<'_>, post: &Post) -> bool {
    let place = Place {
        page: &page(visit, post),
        article: &|_| None,
        picture: &|_| None,
        typography: visit.typography,
    };
    let Converted { body, dropped } = convert(&post.body, &place);
    let length = serde_json::to_vec(&body).map_or(DOCUMENT_LIMIT, |bytes| bytes.len());
    length > DOCUMENT_LIMIT - REST || dropped.keys().any(|kind| kind.starts_with("cut"))
}
