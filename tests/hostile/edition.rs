//! An edition whose every article came from a hostile CMS: the bodies in `kinds.txt` and some that
//! are too long to be written down, put through the importer, and hostile words in all other places.

use std::fs;
use std::io;
use std::path::Path;

use manchette::content::{Block, Image, Inline, Slug, Src, Srcset};
use manchette::press::import::body::{Place, convert};
use manchette::press::import::text;
use serde_json::{Value, json};
use url::Url;

/// The server that no page may ask for anything.
pub const TRACKER: &str = "tracker.invalid";

/// The name of the section that holds the articles.
pub const SECTION: &str = "epreuves";

/// Kinds in an article.
const BATCH: usize = 10;

/// One hostile body.
pub struct Kind {
    /// Its name, a word of JavaScript: where it runs, `window.__ran_{name}` is set.
    pub name: String,
    /// What the CMS holds.
    pub html: String,
}

/// One article of the edition, at `/epreuves/{slug}/`.
pub struct Page {
    /// Its slug.
    pub slug: String,
    /// The kinds whose bodies it has.
    pub names: Vec<String>,
}

/// Every kind there is.
pub fn kinds() -> Vec<Kind> {
    let lines = include_str!("kinds.txt").lines();
    let written = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, html) = line.split_once(' ').unwrap_or((line, ""));
            kind(name, &unescape(html))
        });
    written.chain(long()).collect()
}

fn kind(name: &str, html: &str) -> Kind {
    let html = html
        .replace("{RUN}", &format!("window.__ran_{name}=1"))
        .replace("{URL}", &format!("http://{TRACKER}/{name}"))
        .replace("{NAME}", name);
    Kind {
        name: name.to_owned(),
        html,
    }
}

fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().concat()
}

/// Bodies whose harm is their length.
fn long() -> Vec<Kind> {
    let attributes = each(20_000, |n| format!(" a{n}=\"{n}\""));
    let handlers = each(2_000, |n| format!(" on{n}=\"{{RUN}}\""));
    let img = "<img src=x onerror={RUN}>";
    [
        (
            "long_attribute",
            format!("<p title=\"{}\">Texte</p>", "x".repeat(1_000_000)),
        ),
        (
            "long_attribute_open",
            format!("<p>Texte<a title=\"{}", img.repeat(10_000)),
        ),
        (
            "long_address",
            format!("<a href=\"{{URL}}/{}\">lien</a>", "x".repeat(1_000_000)),
        ),
        (
            "long_javascript",
            format!(
                "<a href=\"{}javascript:{{RUN}}\">lien</a>",
                " ".repeat(100_000)
            ),
        ),
        (
            "long_attributes",
            format!("<p{attributes}{handlers}>Texte</p>{img}"),
        ),
        ("long_name", format!("<{}>{img}", "x".repeat(500_000))),
        (
            "long_comment",
            format!("<!--{}-->{img}", "<script>{RUN}</script>".repeat(20_000)),
        ),
        ("long_nesting", format!("{}{img}", "<div>".repeat(100_000))),
        (
            "long_formatting",
            format!("{}{img}", "<b><i><a href=javascript:{RUN}>".repeat(30_000)),
        ),
        (
            "long_tables",
            format!("{}{img}", "<table><tr><td>".repeat(30_000)),
        ),
        ("long_svg", format!("{}{img}", "<svg><g>".repeat(50_000))),
        (
            "long_templates",
            format!("{}{img}", "<template>".repeat(50_000)),
        ),
        ("long_scripts", "<script>{RUN}</script>".repeat(20_000)),
        ("long_entities", "&lt;script&gt;".repeat(20_000)),
        (
            "long_srcset",
            format!(
                "<img src=/a.jpg srcset=\"{}\">",
                "javascript:{RUN} 1w, ".repeat(20_000)
            ),
        ),
        (
            "long_columns",
            format!(
                "<table><tr>{}</table>",
                "<td colspan=1000 rowspan=65534 onclick={RUN}>a".repeat(2_000)
            ),
        ),
    ]
    .into_iter()
    .map(|(name, html)| kind(name, &html))
    .collect()
}

/// `\n`, `\0`, `\u{…}` and the like as the letters that they are.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let c = rest.chars().next().unwrap_or('\\');
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'f' => out.push('\x0c'),
            '0' => out.push('\0'),
            'u' if rest.starts_with('{') => {
                let (code, after) = rest[1..].split_once('}').unwrap_or(("", rest));
                let code = u32::from_str_radix(code, 16).ok();
                out.extend(code.and_then(char::from_u32));
                rest = after;
            }
            c => out.push(c),
        }
    }
    out + rest
}

/// What stands in a line of the edition's metadata: markup that the CMS took for text.
fn words(name: &str, what: &str) -> String {
    let run = format!("window.__ran_{name}=1");
    let html = format!(
        "{what} {name} </script><script>{run}</script><img src=x onerror={run}> \
         &lt;/script&gt;&lt;script&gt;{run}&lt;/script&gt; &quot;&gt;&lt;img src=http://{TRACKER}/{name} onerror={run}&gt; \
         &lt;!--&lt;script&gt; ]]&gt; \u{202e}\u{0}{{{{{run}}}}}"
    );
    text::line(&html, true)
}

/// Writes the edition into `dir`, which is there. `picture` is the address of a picture of the site,
/// which all pictures are found to be, as when the importer has fetched them. Without one they stay
/// where the HTML says, and some of that is [`TRACKER`]: a picture may come from anywhere.
pub fn write(dir: &Path, picture: Option<&str>) -> io::Result<Vec<Page>> {
    let page = Url::parse("https://journal.invalid/2024/05/epreuve/").map_err(io::Error::other)?;
    let picture = picture.and_then(Src::parse).map(|url| Image {
        url,
        width: Some(1_200),
        height: Some(675),
        srcset: Srcset::default(),
        alt: None,
        caption: None,
        credit_text: None,
    });
    let found = picture.clone();
    let place = Place {
        page: &page,
        article: &|_: &Url| None::<(Slug, Slug)>,
        picture: &move |_: &Url| found.clone(),
        typography: true,
    };
    for folder in ["feeds", "articles"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    let mut pages = Vec::new();
    let mut items = Vec::new();
    for (n, batch) in kinds().chunks(BATCH).enumerate() {
        let slug = format!("epreuve-{n}");
        let mut blocks = Vec::new();
        for kind in batch {
            let value = format!("Ici {}", kind.name);
            let children = vec![Inline::Text { value }];
            blocks.push(Block::Heading { depth: 2, children });
            blocks.append(&mut convert(&kind.html, &place).body.children);
        }
        let first = batch
            .first()
            .map(|kind| kind.name.as_str())
            .unwrap_or_default();
        let name = format!("meta_of_{first}");
        let image = picture.as_ref().map(|image| {
            let caption = text::caption(
                &format!("{} &copy; {}", words(&name, "Légende"), name),
                true,
            );
            Image {
                alt: Some(words(&name, "Image")),
                caption: caption.caption,
                credit_text: caption.credit_text,
                ..image.clone()
            }
        });
        let url = format!("https://example.org/{SECTION}/{slug}/");
        let headline = words(&name, "Titre");
        let standfirst = words(&name, "Chapô");
        let kicker = words(&name, "Rubrique");
        let author = words(&name, "Auteur");
        let keyword = words(&name, "Mot");
        let article = json!({
            "@context": "https://schema.org", "@type": "NewsArticle",
            "identifier": format!("{n}"),
            "url": url, "slug": slug, "articleSection": SECTION,
            "kicker": kicker, "headline": headline, "description": standfirst,
            "inLanguage": "fr",
            "datePublished": "2026-11-20T09:30:00+01:00",
            "author": [{ "@type": "Person", "name": author }],
            "keywords": [keyword],
            "image": image,
            "body": { "type": "root", "children": blocks },
        });
        put(dir, &format!("articles/{slug}.json"), &article)?;
        items.push(json!({
            "id": url, "url": url, "title": headline, "summary": standfirst,
            "date_published": "2026-11-20T09:30:00+01:00",
            "authors": [{ "name": author }], "tags": [keyword],
            "_manchette": { "section": SECTION, "slug": slug, "kicker": kicker, "image": image },
        }));
        let names = batch.iter().map(|kind| kind.name.clone());
        let names = names.chain([name]).collect();
        pages.push(Page { slug, names });
    }
    let name = "meta_of_site";
    put(
        dir,
        "site.json",
        &json!({
            "name": words(name, "Journal"), "description": words(name, "Description"),
            "language": "fr", "url": "https://example.org/",
            "sections": [{ "slug": SECTION, "title": words(name, "Épreuves") }],
            "feed_refresh_seconds": 60,
        }),
    )?;
    for list in ["latest", SECTION] {
        let feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": words(name, "Liste"), "language": "fr", "items": items,
        });
        put(dir, &format!("feeds/{list}.json"), &feed)?;
    }
    Ok(pages)
}

fn put(dir: &Path, file: &str, document: &Value) -> io::Result<()> {
    fs::write(dir.join(file), document.to_string())
}
