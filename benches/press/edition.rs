//! An edition of any size, the same each time: articles of true lengths, made of the sample
//! edition's own sentences, with pictures that are named and not there.

use std::fs;
use std::io;
use std::path::Path;

use chrono::{DateTime, Duration, FixedOffset};
use fastrand::Rng;
use manchette::content::Slug;
use serde_json::{Value, json};

/// How many items a page of a list has.
pub const PAGE: usize = 20;

const SECTIONS: [(&str, &str); 6] = [
    ("politique", "Politique"),
    ("culture", "Culture"),
    ("sciences", "Sciences"),
    ("economie", "Économie"),
    ("regions", "Régions"),
    ("sports", "Sports"),
];
const KICKERS: [&str; 6] = [
    "Dossier",
    "Repères",
    "Décryptage",
    "Histoire",
    "Portrait",
    "Droits",
];
const DESKS: [&str; 12] = [
    "La rédaction",
    "Le service politique",
    "Le service culture",
    "Le service sciences",
    "Le service économie",
    "Le service régions",
    "Le service sports",
    "Le bureau du nord",
    "Le bureau du sud",
    "Les archives",
    "Le service photo",
    "Le secrétariat",
];
const KEYWORDS: usize = 300;

/// An edition before it is written.
pub struct Edition {
    /// How many articles it has.
    pub articles: usize,
    sentences: Vec<String>,
    headlines: Vec<String>,
    keywords: Vec<String>,
    first: DateTime<FixedOffset>,
}

/// What lists say of an article.
pub struct Head {
    /// Its slug.
    pub slug: String,
    /// Its section.
    pub section: &'static str,
    /// Its headline.
    pub headline: String,
    /// Its standfirst.
    pub standfirst: String,
    /// Its label.
    pub kicker: &'static str,
    /// Who signs it.
    pub desk: &'static str,
    /// When it came out (RFC 3339).
    pub published: String,
    /// The name of its picture, without width and ending.
    pub picture: String,
}

/// A block of an article's text.
pub enum Block {
    /// A paragraph: text, and a part of it that is a link.
    Paragraph(String, Option<String>),
    /// A subhead.
    Heading(String),
    /// A "Lire aussi" line to another article.
    SeeAlso(usize),
}

impl Edition {
    /// An edition of `articles` articles, from the words of the edition in `sample`.
    pub fn new(sample: &Path, articles: usize) -> io::Result<Self> {
        let mut sentences = Vec::new();
        let mut headlines = Vec::new();
        let mut keywords = Vec::new();
        let mut files = fs::read_dir(sample.join("articles"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        files.sort();
        for file in files {
            let article: Value = serde_json::from_slice(&fs::read(file)?)?;
            headlines.extend(article["headline"].as_str().map(str::to_owned));
            for word in article["keywords"].as_array().into_iter().flatten() {
                keywords.extend(word.as_str().map(str::to_owned));
            }
            for block in article["body"]["children"].as_array().into_iter().flatten() {
                for node in block["children"].as_array().into_iter().flatten() {
                    let text = node["value"].as_str().unwrap_or_default();
                    let whole = text.split_inclusive(". ").map(str::trim);
                    sentences.extend(
                        whole
                            .filter(|s| s.len() > 40 && s.ends_with('.'))
                            .map(str::to_owned),
                    );
                }
            }
        }
        keywords.sort();
        keywords.dedup();
        // As many as a newsroom has, whatever the sample's number.
        let few = keywords.len().max(1);
        let keywords = (0..KEYWORDS)
            .map(|n| match n / few {
                0 => keywords[n].clone(),
                times => format!("{} {}", keywords[n % few], times + 1),
            })
            .collect();
        Ok(Self {
            articles,
            sentences,
            headlines,
            keywords,
            first: DateTime::parse_from_rfc3339("2018-01-01T06:00:00+01:00").expect("a date"),
        })
    }

    /// What lists say of the nth article; the highest number is the newest.
    pub fn head(&self, n: usize) -> Head {
        let mut rng = Rng::with_seed(n as u64);
        let headline = format!("{} ({n})", pick(&mut rng, &self.headlines));
        let slug = Slug::fold(&headline).map_or_else(|| n.to_string(), |slug| slug.to_string());
        let published = self.first + Duration::minutes(23 * i64::try_from(n).unwrap_or(0));
        Head {
            slug,
            section: SECTIONS[n % SECTIONS.len()].0,
            standfirst: format!(
                "{} {}",
                pick(&mut rng, &self.sentences),
                pick(&mut rng, &self.sentences)
            ),
            headline,
            kicker: KICKERS[rng.usize(..KICKERS.len())],
            desk: DESKS[rng.usize(..DESKS.len())],
            published: published.to_rfc3339(),
            picture: format!("/media/photo-{n}"),
        }
    }

    /// The keywords of the nth article: three to five.
    pub fn keywords(&self, n: usize) -> Vec<&str> {
        let mut rng = Rng::with_seed(n as u64 ^ 0x5eed);
        let many = rng.usize(3..=5);
        let mut words: Vec<&str> = (0..many)
            .map(|_| self.keywords[rng.usize(..self.keywords.len())].as_str())
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Six others of its section.
    pub fn related(&self, n: usize) -> Vec<usize> {
        let (sections, section) = (SECTIONS.len(), n % SECTIONS.len());
        let of_section = (self.articles - section).div_ceil(sections);
        let place = n / sections;
        (1..=6)
            .map(|step| (place + step * 7) % of_section)
            .filter(|other| *other != place)
            .map(|other| other * sections + section)
            .collect()
    }

    /// Its text: from 250 to 1,500 words, mostly near 500.
    pub fn body(&self, n: usize) -> Vec<Block> {
        let mut rng = Rng::with_seed(n as u64 ^ 0xb0d1);
        // The product of two dice leans to the short, as a newsroom's texts do.
        let paragraphs = 5 + rng.usize(0..5) * rng.usize(0..5);
        let mut blocks = Vec::new();
        for index in 0..paragraphs {
            if index > 0 && index % 4 == 0 {
                let mut title = pick(&mut rng, &self.headlines).clone();
                title.truncate(title.find([':', ',']).unwrap_or(title.len()));
                blocks.push(Block::Heading(title.trim().to_owned()));
            }
            let text: Vec<_> = (0..rng.usize(2..5))
                .map(|_| pick(&mut rng, &self.sentences).as_str())
                .collect();
            let link = (index % 3 == 1).then(|| pick(&mut rng, &self.sentences).clone());
            blocks.push(Block::Paragraph(text.join(" "), link));
            if index == 2 {
                blocks.extend(self.related(n).first().map(|other| Block::SeeAlso(*other)));
            }
        }
        blocks
    }

    /// The articles of a section, or of all, newest first.
    fn list(&self, section: Option<usize>) -> Vec<usize> {
        let all = (0..self.articles).rev();
        all.filter(|n| section.is_none_or(|section| n % SECTIONS.len() == section))
            .collect()
    }

    /// Writes the edition as the contract has it.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let json = |file: String, value: &Value| {
            let path = dir.join(file);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, value.to_string())
        };
        let sections = SECTIONS.map(|(slug, title)| json!({ "slug": slug, "title": title }));
        json(
            "site.json".to_owned(),
            &json!({
                "name": "Le Courrier des Deux Rives",
                "description": "Un journal pour mesurer.",
                "language": "fr",
                "url": "https://example.org/",
                "sections": sections,
                "feed_refresh_seconds": 60,
            }),
        )?;
        for n in 0..self.articles {
            json(
                format!("articles/{}.json", self.head(n).slug),
                &self.article(n),
            )?;
        }
        let lists = std::iter::once(("latest", "À la une", self.list(None))).chain(
            SECTIONS
                .iter()
                .enumerate()
                .map(|(index, (slug, title))| (*slug, *title, self.list(Some(index)))),
        );
        for (slug, title, list) in lists {
            let pages: Vec<_> = list.rchunks(PAGE).collect();
            let feed = |items: &[usize], next: usize| {
                let next = (next > 0).then(|| format!("/api/feeds/{slug}/{next}.json"));
                let items: Vec<_> = items.iter().map(|n| self.item(*n)).collect();
                json!({
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": title,
                    "language": "fr",
                    "next_url": next,
                    "items": items,
                })
            };
            let newest = &list[..list.len().min(PAGE)];
            json(format!("feeds/{slug}.json"), &feed(newest, pages.len()))?;
            for (index, page) in pages.iter().enumerate() {
                json(
                    format!("feeds/{slug}/{}.json", index + 1),
                    &feed(page, index),
                )?;
            }
        }
        Ok(())
    }

    /// The nth article's document.
    pub fn article(&self, n: usize) -> Value {
        let head = self.head(n);
        let text = |value: &str| json!({ "type": "text", "value": value });
        let blocks: Vec<_> = self
            .body(n)
            .iter()
            .map(|block| match block {
                Block::Heading(title) => {
                    json!({ "type": "heading", "depth": 2, "children": [text(title)] })
                }
                Block::SeeAlso(other) => {
                    let other = self.head(*other);
                    json!({ "type": "seeAlso", "slug": other.slug, "section": other.section, "title": other.headline })
                }
                Block::Paragraph(words, None) => {
                    json!({ "type": "paragraph", "children": [text(words)] })
                }
                Block::Paragraph(words, Some(link)) => json!({ "type": "paragraph", "children": [
                    text(words), text(" "),
                    { "type": "link", "url": "https://example.com/source/", "children": [text(link)] },
                ] }),
            })
            .collect();
        let related: Vec<_> = self.related(n).into_iter().map(|n| self.item(n)).collect();
        let slug = Slug::fold(head.desk).map_or_else(String::new, |slug| slug.to_string());
        json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "identifier": n.to_string(),
            "url": format!("https://example.org/{}/{}/", head.section, head.slug),
            "slug": head.slug,
            "articleSection": head.section,
            "kicker": head.kicker,
            "headline": head.headline,
            "description": head.standfirst,
            "inLanguage": "fr",
            "datePublished": head.published,
            "author": [{ "@type": "Organization", "name": head.desk, "url": format!("/auteur/{slug}/") }],
            "keywords": self.keywords(n),
            "image": image(&head),
            "body": { "type": "root", "children": blocks },
            "related": related,
        })
    }

    fn item(&self, n: usize) -> Value {
        let head = self.head(n);
        let url = format!("https://example.org/{}/{}/", head.section, head.slug);
        json!({
            "id": url,
            "url": url,
            "title": head.headline,
            "summary": head.standfirst,
            "date_published": head.published,
            "authors": [{ "name": head.desk }],
            "_manchette": {
                "section": head.section,
                "slug": head.slug,
                "kicker": head.kicker,
                "image": image(&head),
            },
        })
    }
}

fn image(head: &Head) -> Value {
    let picture = &head.picture;
    json!({
        "url": format!("{picture}-1200.webp"),
        "width": 1200,
        "height": 675,
        "srcset": format!("{picture}-400.webp 400w, {picture}-800.webp 800w, {picture}-1200.webp 1200w"),
        "alt": head.headline,
        "caption": head.standfirst.split_inclusive(". ").next(),
        "creditText": "© Le Courrier des Deux Rives",
    })
}

fn pick<'a>(rng: &mut Rng, from: &'a [String]) -> &'a String {
    &from[rng.usize(..from.len())]
}
