//! What a page says about itself to search engines, to previews and to feed readers: title,
//! canonical address, Open Graph, JSON-LD. Nothing here is seen on the page.

use serde_json::{Value, json};

use super::html::write_element;
use crate::content::{Article, Image, Site};
use crate::route::{Front, Route};
use crate::view::markup::{Element, el};
use crate::view::{Page, Screen};

/// The part of `<head>` that differs from page to page, as HTML.
///
/// Open Graph is ogp.me, the card is Twitter's, the data is schema.org's as JSON-LD 1.1.
#[must_use]
pub fn head(screen: &Screen) -> String {
    let site = &*screen.site;
    let mut out = String::new();
    let mut add = |element: Element| write_element(&element, &mut out);
    let article = match &screen.page {
        Page::Article(article) => Some(&**article),
        _ => None,
    };
    let description = match article {
        Some(article) => article.description.clone(),
        None => site.description.clone(),
    };
    let canonical = screen.canonical();
    add(el("title").child(screen.title()));
    if matches!(screen.page, Page::Shelf) {
        add(meta("name", "robots", "noindex"));
    }
    if let Some(text) = &description {
        add(meta("name", "description", text));
    }
    if let Some(url) = &canonical {
        add(link("canonical", url));
        add(link("alternate", url).attr("hreflang", site.language.clone()));
    }
    if let Some(Route::Front(front) | Route::Archive(front, _)) = &screen.route {
        let json_feed = site.absolute(&format!("/api/{}", front.feed()));
        let title = screen.list_title.clone();
        add(link("alternate", &json_feed)
            .attr("type", "application/feed+json")
            .attr("title", title.unwrap_or_else(|| screen.heading())));
        if let Some(rss) = rss_path(front) {
            add(link("alternate", &site.absolute(&rss))
                .attr("type", "application/rss+xml")
                .attr("title", screen.heading()));
        }
    }
    // No `<link rel="next">`: Firefox would fetch that page at once, on the reader's account. The
    // pager's own link says it.
    if let Some(Route::Archive(front, _)) = &screen.route {
        let newer = Route::Front(front.clone());
        add(link("prev", &site.absolute(&newer.to_string())));
    }
    let kind = if article.is_some() {
        "article"
    } else {
        "website"
    };
    add(meta("property", "og:type", kind));
    add(meta("property", "og:site_name", &site.name));
    add(meta("property", "og:title", &screen.heading()));
    add(meta("property", "og:locale", &locale(&site.language)));
    if let Some(text) = &description {
        add(meta("property", "og:description", text));
    }
    if let Some(url) = &canonical {
        add(meta("property", "og:url", url));
    }
    let image = article.and_then(|article| article.image.as_ref());
    let (url, width, height, alt) = match image {
        Some(image) => (
            image.url.as_str(),
            image.width,
            image.height,
            image.alt.as_ref(),
        ),
        // A preview without a picture is passed over; the edition's own sign stands in.
        None => ("/icon-512.png", Some(512), Some(512), Some(&site.name)),
    };
    add(meta("property", "og:image", &site.absolute(url)));
    if let (Some(width), Some(height)) = (width, height) {
        add(meta("property", "og:image:width", &width.to_string()));
        add(meta("property", "og:image:height", &height.to_string()));
    }
    if let Some(alt) = alt {
        add(meta("property", "og:image:alt", alt));
    }
    if let Some(article) = article {
        for (name, date) in [
            ("article:published_time", &article.date_published),
            ("article:modified_time", &article.date_modified),
        ] {
            if let Some(date) = date {
                add(meta("property", name, date.as_str()));
            }
        }
        if let Some(title) = article
            .article_section
            .as_ref()
            .and_then(|s| site.section_title(s))
        {
            add(meta("property", "article:section", title));
        }
        for tag in &article.keywords {
            add(meta("property", "article:tag", tag));
        }
    }
    let card = if image.is_some() {
        "summary_large_image"
    } else {
        "summary"
    };
    add(meta("name", "twitter:card", card));

    out.push_str("<script type=\"application/ld+json\">");
    out.push_str(&for_script(&json_ld(screen, article)));
    out.push_str("</script>");
    out
}

/// JSON as it may stand in a script element: no `<` in it, so that nothing can end the element
/// (WHATWG HTML, "Restrictions for contents of script elements").
#[must_use]
pub fn for_script(json: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(json).unwrap_or_else(|_| "null".to_owned());
    if text.contains('<') {
        return text.replace('<', "\\u003c");
    }
    text
}

/// Where the RSS feed of a front is, from the site's root; only the home page and the sections
/// have one.
#[must_use]
pub fn rss_path(front: &Front) -> Option<String> {
    matches!(front, Front::Home | Front::Section(_)).then(|| format!("{front}rss.xml"))
}

fn meta(kind: &'static str, name: &'static str, content: &str) -> Element {
    el("meta")
        .attr(kind, name)
        .attr("content", content.to_owned())
}

fn link(rel: &'static str, href: &str) -> Element {
    el("link").attr("rel", rel).attr("href", href.to_owned())
}

/// Open Graph's locale is a language and a territory; "fr" alone is France's.
fn locale(language: &str) -> String {
    match language.split_once('-') {
        Some((language, territory)) => format!("{language}_{}", territory.to_uppercase()),
        None => format!("{language}_{}", language.to_uppercase()),
    }
}

fn json_ld(screen: &Screen, article: Option<&Article>) -> Value {
    let site = &*screen.site;
    let mut graph = Vec::new();
    let url = screen.canonical();
    let publisher = json!({
        "@type": "NewsMediaOrganization",
        "name": site.publisher.as_ref().unwrap_or(&site.name),
        "url": site.absolute("/"),
        "logo": site.logo.as_ref().map(|logo| json!({ "@type": "ImageObject", "url": site.absolute(logo.as_str()) })),
        "sameAs": site.same_as.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    match article {
        Some(article) => {
            let authors = article.author.iter().map(|author| {
                json!({
                    "@type": author.kind,
                    "name": author.name,
                    "url": author.url.as_ref().map(|url| site.absolute(url.as_str())),
                })
            });
            graph.push(json!({
                "@type": "NewsArticle",
                "identifier": article.identifier,
                "mainEntityOfPage": url,
                "url": url,
                "headline": article.headline,
                "description": article.description,
                "inLanguage": article.in_language.as_ref().unwrap_or(&site.language),
                "datePublished": article.date_published,
                "dateModified": article.date_modified.as_ref().or(article.date_published.as_ref()),
                "author": authors.collect::<Vec<_>>(),
                "keywords": article.keywords,
                "articleSection": article.article_section.as_ref().map(|s| site.section_title(s).unwrap_or(s.as_str())),
                "isAccessibleForFree": true,
                "image": article.image.as_ref().map(|image| image_object(site, image)),
                "publisher": publisher,
            }));
        }
        None => graph.push(json!({
            "@type": "CollectionPage",
            "name": screen.heading(),
            "url": url,
            "inLanguage": site.language,
            "description": site.description,
            "publisher": publisher,
        })),
    }
    graph.push(breadcrumbs(screen));
    let mut data = json!({ "@context": "https://schema.org", "@graph": graph });
    drop_nothings(&mut data);
    data
}

fn image_object(site: &Site, image: &Image) -> Value {
    json!({
        "@type": "ImageObject",
        "url": site.absolute(image.url.as_str()),
        "width": image.width,
        "height": image.height,
        "caption": image.caption,
        "creditText": image.credit_text,
    })
}

/// The way from the home page to this one.
fn breadcrumbs(screen: &Screen) -> Value {
    let site = &*screen.site;
    let mut steps = vec![(site.name.clone(), Route::HOME)];
    if let Some(section) = screen.route.as_ref().and_then(Route::section) {
        let title = site.section_title(section).unwrap_or(section.as_str());
        steps.push((
            title.to_owned(),
            Route::Front(Front::Section(section.clone())),
        ));
    }
    if let Some(route) = &screen.route
        && steps.last().is_some_and(|(_, last)| last != route)
    {
        steps.push((screen.heading(), route.clone()));
    }
    let items = steps.iter().enumerate().map(|(index, (name, route))| {
        json!({
            "@type": "ListItem",
            "position": index + 1,
            "name": name,
            "item": site.absolute(&route.to_string()),
        })
    });
    json!({ "@type": "BreadcrumbList", "itemListElement": items.collect::<Vec<_>>() })
}

/// Members that say nothing (null, an empty list) are left out.
fn drop_nothings(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| {
                !value.is_null() && value.as_array().is_none_or(|l| !l.is_empty())
            });
            members.values_mut().for_each(drop_nothings);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_nothings),
        _ => {}
    }
}
