//! The edition made of the posts in the store: which article each becomes and at which address, the
//! lists, and what leads on from addresses of before. Writes only what differs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::Visit;
use super::addresses::{Links, Picked, links, move_pages, name, pick};
use super::body::{Converted, Place, convert};
use super::config::{Config, Sections};
use super::media::{self, Shot};
use super::pictures::{image, without_broken};
use super::post::{Post, Words, readable_slug};
use super::related::{Likeness, related};
use super::shelf::Shelf;
use super::store::{Addresses, Card, Store};
use super::web::address_key;
use crate::content::{
    Article, Author, AuthorKind, Base, Body, DOCUMENT_LIMIT, Date, Feed, Href, Image, Item, Site,
    Slug, Src,
};
use crate::press::edition::article_file;
use crate::press::lists::{item, page_of};
use crate::press::memory::{key, keys, program};
use crate::press::prerender::progress;
use crate::route::{self, Front, Route};

/// How many items a list's head and each of its archive pages has. To change it is to write every
/// archive page anew.
const PAGE: usize = 20;
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
    pub converted: BTreeSet<String>,
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
            made.converted.extend(pages.get(&id).cloned());
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
            for (file, _) in files {
                shelf.keep(file);
            }
        }
    }
    Ok(())
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
        let bar = progress(self.live.len(), "articles");
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
            made_of.extend(page.iter().map(|face| {
                if full {
                    key(&[face.item.id.as_bytes()])
                } else {
                    face.key
                }
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
