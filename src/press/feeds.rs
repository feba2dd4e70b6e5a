//! What machines read beside the pages: RSS for feed readers, sitemaps and robots.txt for search
//! engines. The JSON Feeds are the edition's own documents.

use std::fmt::Write as _;

use serde_json::json;

use super::html::attribute;
use super::lists::page_of;
use super::memory::Listed;
use crate::content::{Date, Feed, Item, Site, Slug};
use crate::route::{Front, Route};
use crate::view::Target;
use crate::view::words::{MOVED, MOVED_TO};

/// How many addresses a sitemap may hold (sitemaps.org, protocol 0.9).
const SITEMAP_LIMIT: usize = 50_000;
/// How long an article is news to Google's news sitemap, in seconds.
const NEWS: i64 = 48 * 3600;

/// A list as RSS 2.0.
#[must_use]
pub fn rss(site: &Site, front: &Front, feed: &Feed) -> String {
    let title = sayable(feed.title.as_deref().unwrap_or(&site.name));
    let item = |item: &Item| {
        let url = Target::of_item(item, site).map(|target| match target {
            Target::Page(route) => site.absolute(&route.to_string()),
            Target::Plain(href) | Target::Away(href) => site.absolute(href.as_str()),
        });
        rss::ItemBuilder::default()
            .title(Some(sayable(item.headline())))
            .link(url.as_deref().map(sayable))
            .description(item.summary.as_deref().map(sayable))
            .guid(Some(rss::Guid {
                value: sayable(&item.id),
                permalink: false,
            }))
            .pub_date(item.date_published.as_ref().map(rfc_822))
            .build()
    };
    rss::ChannelBuilder::default()
        .title(title.clone())
        .link(sayable(&site.absolute(&front.to_string())))
        .description(site.description.as_deref().map_or(title, sayable))
        .language(Some(sayable(&site.language)))
        .items(feed.items.iter().map(item).collect::<Vec<_>>())
        .build()
        .to_string()
}

/// The sitemaps by file name: an index, its parts, and the news of the two days before `now`
/// (seconds since 1970).
#[must_use]
pub fn sitemaps(
    site: &Site,
    fronts: &[Route],
    articles: &[(&Slug, &Listed)],
    now: i64,
) -> Vec<(String, String)> {
    let fronts = fronts
        .iter()
        .map(|route| (site.absolute(&route.to_string()), None));
    let pages = articles.iter().map(|(slug, article)| {
        let url = site.absolute(&page_of(slug, &article.section).to_string());
        (url, article.last_change())
    });
    let all: Vec<_> = fronts.chain(pages).collect();
    let mut files = Vec::new();
    let mut index = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (part, addresses) in all.chunks(SITEMAP_LIMIT).enumerate() {
        let name = format!("sitemap-{}.xml", part + 1);
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        for (url, date) in addresses {
            let _ = write!(text, "<url><loc>{}</loc>", escape(url));
            if let Some(date) = date {
                let _ = write!(text, "<lastmod>{date}</lastmod>");
            }
            text.push_str("</url>\n");
        }
        text.push_str("</urlset>\n");
        let _ = writeln!(
            index,
            "<sitemap><loc>{}</loc></sitemap>",
            escape(&site.absolute(&format!("/{name}")))
        );
        files.push((name, text));
    }
    index.push_str("</sitemapindex>\n");
    files.push(("sitemap.xml".to_owned(), index));
    files.push(("sitemap-news.xml".to_owned(), news(site, articles, now)));
    files
}

fn news(site: &Site, articles: &[(&Slug, &Listed)], now: i64) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n",
    );
    let recent = articles.iter().filter_map(|(slug, article)| {
        let age = now - article.seconds?;
        let date = article.published.as_ref()?;
        (0..=NEWS).contains(&age).then_some((slug, article, date))
    });
    for (slug, article, date) in recent.take(1_000) {
        let _ = writeln!(
            text,
            "<url><loc>{}</loc><news:news><news:publication><news:name>{}</news:name><news:language>{}</news:language></news:publication><news:publication_date>{date}</news:publication_date><news:title>{}</news:title></news:news></url>",
            escape(&site.absolute(&page_of(slug, &article.section).to_string())),
            escape(&site.name),
            escape(&site.language),
            escape(&article.headline),
        );
    }
    if !text.contains("<url>") {
        // The schema wants one; without news of its own it is no news.
        let _ = writeln!(
            text,
            "<url><loc>{}</loc></url>",
            escape(&site.absolute("/"))
        );
    }
    text.push_str("</urlset>\n");
    text
}

/// What robots may read, which is everything, and where the sitemaps are.
#[must_use]
pub fn robots(site: &Site) -> String {
    format!(
        "User-agent: *\nAllow: /\n\nSitemap: {}\nSitemap: {}\n",
        site.absolute("/sitemap.xml"),
        site.absolute("/sitemap-news.xml"),
    )
}

/// What a telephone needs to put the edition on its first screen (W3C Web Application Manifest).
#[must_use]
pub fn manifest(site: &Site) -> String {
    let icon = |file: &str, sizes: &str, kind: &str| json!({ "src": site.base.path(file), "sizes": sizes, "type": kind });
    let manifest = json!({
        "name": site.name,
        "short_name": site.name,
        "description": site.description,
        "lang": site.language,
        "id": site.base.path("/"),
        "start_url": site.base.path("/"),
        "scope": site.base.path("/"),
        "display": "minimal-ui",
        "background_color": "#faf6ee",
        "theme_color": "#faf6ee",
        "icons": [
            icon("/icon.svg", "any", "image/svg+xml"),
            icon("/icon-192.png", "192x192", "image/png"),
            icon("/icon-512.png", "512x512", "image/png"),
        ],
    });
    manifest.to_string()
}

/// The page at an address that an article has left: it leads to the new one by itself, and has a
/// link for where that is switched off.
#[must_use]
pub fn redirect(site: &Site, to: &Route) -> String {
    let path = attribute(&site.base.path(&to.to_string()));
    let url = attribute(&site.absolute(&to.to_string()));
    format!(
        "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><title>{MOVED}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><link rel=\"canonical\" href=\"{url}\">\
         <meta http-equiv=\"refresh\" content=\"0; url={path}\"></head>\
         <body><h1>{MOVED}</h1><p><a href=\"{path}\">{MOVED_TO}</a></p></body></html>"
    )
}

/// A text without the characters that XML 1.0 (section 2.2) has no way to say, escaped or not: one of
/// them in one headline, and no reader takes the document.
fn sayable(text: &str) -> String {
    let is_sayable = |c: &char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => *c >= ' ',
    };
    text.chars().filter(is_sayable).collect()
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(sayable(text)).into_owned()
}

/// RSS 2.0 has dates as RFC 822 has them.
fn rfc_822(date: &Date) -> String {
    chrono::DateTime::parse_from_rfc3339(date.as_str())
        .map_or_else(|_| date.to_string(), |date| date.to_rfc2822())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Base, decode};

    #[test]
    fn what_xml_can_not_say_is_left_out() {
        assert_eq!(sayable("\u{b}a\tb\n\u{85}\u{1f}"), "a\tb\n\u{85}");
        let odd = "Le\u{b}p\u{0}o\u{1f}r\u{fffe}t\u{ffff}";
        let site = Site {
            name: odd.to_owned(),
            description: Some(odd.to_owned()),
            language: odd.to_owned(),
            ..Site::unknown()
        };
        let document = json!({
            "version": "https://jsonfeed.org/version/1.1", "title": odd,
            "items": [{ "id": odd, "title": odd, "summary": odd }],
        });
        let feed = decode(document.to_string().as_bytes(), Feed::read).value;
        let rss = rss(&site, &Front::Home, &feed.expect("a feed"));
        let slug = Slug::parse("port").expect("a slug");
        let listed = Listed {
            hash: 0,
            faults: 0,
            beside: 0,
            section: slug.clone(),
            headline: odd.to_owned(),
            published: Some("2026-11-20T09:30:00+01:00".to_owned()),
            seconds: Some(0),
            modified: None,
            names: Vec::new(),
        };
        let maps = sitemaps(&site, &[Route::HOME], &[(&slug, &listed)], 1);
        let texts = maps.into_iter().map(|(_, text)| text).chain([rss]);
        let mut times = 0;
        for text in texts {
            assert_eq!(sayable(&text), text);
            times += text.matches("Leport").count();
        }
        // The list's title, its description and language; the item's id, title, summary; the news'
        // name, language and title.
        assert_eq!(times, 9);
    }

    #[test]
    fn an_old_page_leads_on_by_an_address_that_stays_in_its_attribute() {
        let site = Site {
            base: Base::parse("https://example.org/r&copy/").expect("a base"),
            ..Site::unknown()
        };
        let page = redirect(&site, &Route::HOME);
        for there in [
            "rel=\"canonical\" href=\"https://example.org/r&amp;copy/\"",
            "content=\"0; url=/r&amp;copy/\"",
            "<a href=\"/r&amp;copy/\">",
        ] {
            assert!(page.contains(there), "{there} in {page}");
        }
    }
}
