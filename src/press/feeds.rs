//! What machines read beside the pages: RSS for feed readers, sitemaps and robots.txt for search
//! engines. The JSON Feeds are the edition's own documents.

use std::fmt::Write as _;

use super::head::absolute;
use super::lists::Listed;
use crate::content::{Date, Feed, Item, Site};
use crate::route::Route;

/// How many addresses a sitemap may hold (sitemaps.org, protocol 0.9).
const SITEMAP_LIMIT: usize = 50_000;
/// How long an article is news to Google's news sitemap, in seconds.
const NEWS: i64 = 48 * 3600;

/// A list as RSS 2.0.
#[must_use]
pub fn rss(site: &Site, title: &str, path: &str, feed: &Feed) -> String {
    let item = |item: &Item| {
        let url = item.url.as_ref().map(|url| absolute(site, url.as_str()));
        rss::ItemBuilder::default()
            .title(Some(item.headline().to_owned()))
            .link(url)
            .description(item.summary.clone())
            .guid(Some(rss::Guid {
                value: item.id.clone(),
                permalink: false,
            }))
            .pub_date(item.date_published.as_ref().map(rfc_822))
            .build()
    };
    rss::ChannelBuilder::default()
        .title(title)
        .link(absolute(site, path))
        .description(site.description.clone().unwrap_or_else(|| title.to_owned()))
        .language(Some(site.language.clone()))
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
    listed: &[Listed],
    now: i64,
) -> Vec<(String, String)> {
    let fronts = fronts
        .iter()
        .map(|route| (absolute(site, &route.to_string()), None));
    let articles = listed.iter().map(|article| {
        let item = &article.item;
        let date = item.date_modified.as_ref().or(item.date_published.as_ref());
        (absolute(site, &article.route.to_string()), date)
    });
    let all: Vec<_> = fronts.chain(articles).collect();
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
            escape(&absolute(site, &format!("/{name}")))
        );
        files.push((name, text));
    }
    index.push_str("</sitemapindex>\n");
    files.push(("sitemap.xml".to_owned(), index));
    files.push(("sitemap-news.xml".to_owned(), news(site, listed, now)));
    files
}

fn news(site: &Site, listed: &[Listed], now: i64) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n",
    );
    for article in listed.iter().take(1_000) {
        let Some(date) = &article.item.date_published else {
            continue;
        };
        if !(0..=NEWS).contains(&(now - date.seconds())) {
            continue;
        }
        let _ = writeln!(
            text,
            "<url><loc>{}</loc><news:news><news:publication><news:name>{}</news:name><news:language>{}</news:language></news:publication><news:publication_date>{date}</news:publication_date><news:title>{}</news:title></news:news></url>",
            escape(&absolute(site, &article.route.to_string())),
            escape(&site.name),
            escape(&site.language),
            escape(article.item.headline()),
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
        absolute(site, "/sitemap.xml"),
        absolute(site, "/sitemap-news.xml"),
    )
}

fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// RSS 2.0 has dates as RFC 822 has them.
fn rfc_822(date: &Date) -> String {
    chrono::DateTime::parse_from_rfc3339(date.as_str())
        .map_or_else(|_| date.to_string(), |date| date.to_rfc2822())
}
