//! Feeds with whole texts as sources: JSON Feed 1.1 (jsonfeed.org/version/1.1), and RSS and Atom. How
//! they are followed, which of their posts are new or gone, and what an entry is in our words.
//
// A feed shows the newest; what falls off its end stays in the edition. What is missing between two
// posts that it shows has been withdrawn.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::{DateTime, FixedOffset, Timelike as _, Utc};
use feed_rs::model::{Entry, Text};
use serde_json::Value;
use url::Url;

use super::post::{About, Picture, Post, Term, Words, Writer, is_automatic, readable_slug};
use super::store::Store;
use super::web::{self, Refusal};
use super::{Visit, admit};
use crate::content::Date;
use crate::press::http::Answer;
use crate::press::memory::key;

/// How many documents of one feed are followed.
const PAGES: usize = 1000;

/// What a document of a feed holds.
#[derive(Debug, Default)]
struct Page {
    about: About,
    posts: Vec<(Post, Vec<(String, Term)>)>,
    next: Option<Url>,
    skipped: bool,
    /// Entries that are none.
    faults: Vec<String>,
}

/// Brings the store up to date with a JSON Feed.
pub fn sync_json(visit: &Visit<'_>, store: &mut Store) -> io::Result<()> {
    sync(visit, store, read_json)
}

/// Brings the store up to date with an RSS or Atom feed.
pub fn sync_xml(visit: &Visit<'_>, store: &mut Store) -> io::Result<()> {
    sync(visit, store, read_xml)
}

fn sync(
    visit: &Visit<'_>,
    store: &mut Store,
    read: fn(&Url, Answer) -> Result<Page, Refusal>,
) -> io::Result<()> {
    let whole = visit.full || !store.state.complete;
    let mut at = visit.url.clone();
    let mut seen = BTreeSet::new();
    // Every post that the feed shows, in its order, with its time.
    let mut shown: Vec<(String, Option<i64>)> = Vec::new();
    let mut pages = Vec::new();
    let mut tag = None;
    while seen.insert(at.to_string()) && pages.len() < PAGES {
        visit.stopped()?;
        let known = store
            .state
            .tag
            .as_deref()
            .filter(|_| pages.is_empty() && !whole);
        let headers: Vec<_> = known
            .map(|tag| ("if-none-match", tag))
            .into_iter()
            .collect();
        let answer = web::get(visit.client, &at, &headers)?;
        if answer.status == 304 {
            return Ok(());
        }
        if pages.is_empty() {
            tag = answer.header("etag").map(str::to_owned);
        }
        let page = read(&at, answer)?;
        let next = page.next.clone();
        let ids = page
            .posts
            .iter()
            .map(|(post, _)| (post.id.clone(), post.date().map(|date| date.seconds())));
        shown.extend(ids);
        let news = page.posts.iter().any(|(post, _)| {
            let card = store.state.posts.get(&post.id);
            card.is_none_or(|card| card.seen != post.stamp)
        });
        pages.push(page);
        let Some(next) = next.filter(|_| whole || news) else {
            break;
        };
        at = next;
    }
    let ids: BTreeSet<&String> = shown.iter().map(|(id, _)| id).collect();
    let gone = gone(store, &shown, &ids);
    let listed: BTreeMap<String, bool> = store
        .state
        .posts
        .keys()
        .filter(|id| !gone.contains(*id))
        .map(|id| (id.clone(), true))
        .collect();
    visit.withdraw(store, &listed)?;
    let mut about = None;
    let mut taken = BTreeSet::new();
    for page in pages {
        about.get_or_insert(page.about);
        if page.skipped {
            visit.log.note("something stands before the feed, a PHP notice or a byte-order mark; it was skipped");
        }
        for fault in page.faults {
            visit.log.fault(fault);
        }
        for (post, terms) in page.posts {
            // A post that came while the pages were read has moved the others onto the next page.
            if !taken.insert(post.id.clone()) {
                continue;
            }
            store.state.terms.extend(terms);
            let known = store
                .state
                .posts
                .get(&post.id)
                .is_some_and(|card| card.seen == post.stamp);
            if visit.full || !known {
                admit(visit, store, post)?;
            }
        }
    }
    store.state.about = about.unwrap_or_default();
    store.state.terms.insert(String::new(), all_posts());
    store.state.tag = tag;
    store.state.complete = true;
    Ok(())
}

/// The section of a feed whose categories are no sections: everything.
fn all_posts() -> Term {
    Term {
        slug: "actualites".to_owned(),
        name: Words::Plain("Actualités".to_owned()),
        parent: None,
        count: 1,
    }
}

/// The posts that have been withdrawn: newer than the oldest that the feed shows, and not in it. Only a
/// feed that is in the order of time can tell.
fn gone(
    store: &Store,
    shown: &[(String, Option<i64>)],
    ids: &BTreeSet<&String>,
) -> BTreeSet<String> {
    let times: Option<Vec<i64>> = shown.iter().map(|(_, time)| *time).collect();
    let Some(times) = times else {
        return BTreeSet::new();
    };
    let (true, Some(oldest)) = (times.is_sorted_by(|a, b| a >= b), times.last()) else {
        return BTreeSet::new();
    };
    let is_gone = |post: &Post| {
        let time = post.date().map(|date| date.seconds());
        time.is_some_and(|time| time > *oldest) && !ids.contains(&post.id)
    };
    let posts = store.state.posts.values().map(|card| &card.post);
    posts
        .filter(|post| is_gone(post))
        .map(|post| post.id.clone())
        .collect()
}

fn refusal(url: &Url, what: impl Into<String>) -> Refusal {
    Refusal {
        url: url.to_string(),
        what: what.into(),
        code: String::new(),
        divides: false,
    }
}

/// The name of a post in its address.
fn slug_in(url: Option<&Url>) -> String {
    let last = url.and_then(|url| url.path_segments()?.rfind(|part| !part.is_empty()));
    let last = last.unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, "html" | "htm" | "php" | "aspx" | "shtml")) => stem,
        _ => last,
    };
    // A number says nothing, and `index` is everyone's.
    let says = stem.bytes().any(|b| !b.is_ascii_digit()) && stem != "index";
    if says { stem.to_owned() } else { String::new() }
}

/// The categories of an entry: their keys, and the terms.
fn categories(names: &[Words]) -> (Vec<String>, Vec<(String, Term)>) {
    let mut keys = Vec::new();
    let mut terms = Vec::new();
    for name in names {
        let Some(slug) = name.line(false).and_then(|name| readable_slug(&name)) else {
            continue;
        };
        let slug = slug.to_string();
        if keys.contains(&slug) {
            continue;
        }
        keys.push(slug.clone());
        let term = Term {
            slug: slug.clone(),
            name: name.clone(),
            parent: Some(String::new()),
            count: 1,
        };
        terms.push((slug, term));
    }
    keys.push(String::new());
    (keys, terms)
}

// ---- JSON Feed -----------------------------------------------------------------------------------

fn string(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn plain(value: &Value) -> Option<Words> {
    string(value).map(Words::Plain)
}

fn read_json(url: &Url, answer: Answer) -> Result<Page, Refusal> {
    let document = web::document(url, answer)?;
    let feed = document.value;
    let version = feed["version"].as_str().unwrap_or_default();
    let Some(items) = feed["items"]
        .as_array()
        .filter(|_| version.contains("jsonfeed.org/version/"))
    else {
        return Err(refusal(
            url,
            "is no JSON Feed: its version and its items are missing",
        ));
    };
    let language = string(&feed["language"]).and_then(|tag| web::language_tag(&tag));
    let mut page = Page {
        about: About {
            name: plain(&feed["title"]),
            description: plain(&feed["description"]),
            language,
            home: string(&feed["home_page_url"]),
            offset: 0,
        },
        next: string(&feed["next_url"]).and_then(|next| url.join(&next).ok()),
        skipped: document.skipped > 0,
        ..Page::default()
    };
    for (index, item) in items.iter().enumerate() {
        match item_of(item, url, &feed) {
            Some(post) => page.posts.push(post),
            None => page.faults.push(format!(
                "{url}: items[{index}].id: missing; the item is left out"
            )),
        }
    }
    Ok(page)
}

fn item_of(item: &Value, feed_url: &Url, feed: &Value) -> Option<(Post, Vec<(String, Term)>)> {
    let id = string(&item["id"])?;
    let url = string(&item["url"]).and_then(|url| feed_url.join(&url).ok());
    let body = item["content_html"].as_str().map(str::to_owned);
    let body = body
        .or_else(|| item["content_text"].as_str().map(paragraphs))
        .unwrap_or_default();
    let summary = plain(&item["summary"]);
    let standfirst = summary
        .clone()
        .filter(|summary| !is_automatic(summary.raw(), &body));
    let date = |name: &str| string(&item[name]).filter(|text| Date::parse(text).is_some());
    let published = date("date_published");
    let mut notes = Vec::new();
    if published.is_none() {
        notes.push("has no date that could be read".to_owned());
    }
    let names = |value: &Value| -> Vec<Writer> {
        let list = value["authors"].as_array().cloned().unwrap_or_default();
        // JSON Feed 1.0 had one.
        let list = list.into_iter().chain([value["author"].clone()]);
        list.filter_map(|author| plain(&author["name"]).map(|name| Writer { name }))
            .collect()
    };
    let mut authors = names(item);
    if authors.is_empty() {
        authors = names(feed);
    }
    let tags: Vec<Words> = item["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(plain)
        .collect();
    let (categories, terms) = categories(&tags);
    let picture = string(&item["image"]).or_else(|| string(&item["banner_image"]));
    let picture = picture
        .and_then(|picture| feed_url.join(&picture).ok())
        .map(|url| Picture {
            url: url.to_string(),
            ..Picture::default()
        });
    let bytes = serde_json::to_vec(item).unwrap_or_default();
    let post = Post {
        id,
        stamp: format!("{:016x}", key(&[&bytes])),
        slug: slug_in(url.as_ref()),
        url: url.map(String::from),
        title: plain(&item["title"]).unwrap_or(Words::Plain(String::new())),
        standfirst,
        summary,
        body,
        published,
        modified: date("date_modified"),
        authors,
        categories,
        tags,
        picture,
        related: Vec::new(),
        language: string(&item["language"]).and_then(|tag| web::language_tag(&tag)),
        barred: false,
        notes,
    };
    Some((post, terms))
}

/// Text as HTML: an empty line is between two paragraphs.
fn paragraphs(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace("\r\n", "\n");
    let all = text.split("\n\n").filter(|part| !part.trim().is_empty());
    let all: Vec<_> = all.map(|part| format!("<p>{}</p>", part.trim())).collect();
    all.concat()
}

// ---- RSS and Atom --------------------------------------------------------------------------------

fn read_xml(url: &Url, answer: Answer) -> Result<Page, Refusal> {
    let Answer { status, body, .. } = answer;
    let what = match status {
        200..300 => "",
        503 => web::MAINTAINED,
        _ => "is not there",
    };
    if !what.is_empty() {
        return Err(refusal(url, format!("answers {status}: {what}")));
    }
    let start = beginning(&body).ok_or_else(|| refusal(url, "is neither RSS nor Atom"))?;
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(url.as_str()))
        .timestamp_parser(|text| stowed(moment(text)?))
        .build();
    let feed = parser
        .parse(&body[start..])
        .map_err(|error| refusal(url, format!("is neither RSS nor Atom: {error}")))?;
    let words = |text: &Option<Text>| text.as_ref().map(|text| Words::Html(text.content.clone()));
    // RFC 5005, section 3 and 4.
    let older = |rel: &str| {
        feed.links
            .iter()
            .find(|link| link.rel.as_deref() == Some(rel))
    };
    let next = older("next").or_else(|| older("prev-archive"));
    let home = feed
        .links
        .iter()
        .find(|link| matches!(link.rel.as_deref(), None | Some("alternate")));
    Ok(Page {
        about: About {
            name: words(&feed.title),
            description: words(&feed.description),
            language: feed.language.as_deref().and_then(web::language_tag),
            home: home.map(|link| link.href.clone()),
            offset: 0,
        },
        next: next.and_then(|link| url.join(&link.href).ok()),
        skipped: start > 0,
        posts: feed
            .entries
            .iter()
            .map(|entry| entry_of(entry, url))
            .collect(),
        faults: Vec::new(),
    })
}

/// Where the XML begins.
fn beginning(bytes: &[u8]) -> Option<usize> {
    let starts = |name: &[u8]| bytes.windows(name.len()).position(|window| window == name);
    let names: [&[u8]; 4] = [b"<?xml", b"<rss", b"<feed", b"<rdf:RDF"];
    names.into_iter().filter_map(starts).min()
}

fn entry_of(entry: &Entry, feed_url: &Url) -> (Post, Vec<(String, Term)>) {
    let words = |text: &Option<Text>| text.as_ref().map(|text| Words::Html(text.content.clone()));
    let link = entry
        .links
        .iter()
        .find(|link| matches!(link.rel.as_deref(), None | Some("alternate")));
    let url = link
        .or(entry.links.first())
        .and_then(|link| feed_url.join(&link.href).ok());
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.clone());
    let summary = words(&entry.summary);
    // A feed that has no whole texts has its texts there.
    let body = content.clone().unwrap_or_else(|| {
        summary
            .as_ref()
            .map_or_else(String::new, |words| words.raw().to_owned())
    });
    let standfirst = summary
        .clone()
        .filter(|summary| !is_automatic(summary.raw(), &body));
    let mut notes = Vec::new();
    if content.is_none() {
        notes.push("has only a summary in the feed".to_owned());
    }
    let published = entry.published.or(entry.updated).and_then(unstowed);
    if published.is_none() {
        notes.push("has no date that could be read".to_owned());
    }
    let authors = entry.authors.iter().filter_map(|author| {
        let name = author.name.as_deref().map(person)?;
        (!name.is_empty()).then(|| Writer {
            name: Words::Html(name.to_owned()),
        })
    });
    let tags: Vec<Words> = entry
        .categories
        .iter()
        .map(|category| {
            Words::Html(
                category
                    .label
                    .clone()
                    .unwrap_or_else(|| category.term.clone()),
            )
        })
        .collect();
    let (categories, terms) = categories(&tags);
    let post = Post {
        id: entry.id.clone(),
        stamp: String::new(),
        slug: slug_in(url.as_ref()),
        url: url.map(String::from),
        title: words(&entry.title).unwrap_or(Words::Plain(String::new())),
        standfirst,
        summary,
        body,
        published,
        modified: entry.updated.and_then(unstowed),
        authors: authors.collect(),
        categories,
        tags,
        picture: picture(entry),
        related: Vec::new(),
        language: entry.language.as_deref().and_then(web::language_tag),
        barred: false,
        notes,
    };
    let bytes = serde_json::to_vec(&post).unwrap_or_default();
    let stamp = format!("{:016x}", key(&[&bytes]));
    (Post { stamp, ..post }, terms)
}

/// Minutes of a day: more than any offset has.
const DAY: i32 = 24 * 60;

/// A moment on the writer's own clock.
fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let text = text.trim();
    let well_written = DateTime::parse_from_rfc3339(text);
    let well_written = well_written.or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(time) = well_written {
        return Some(time);
    }
    // feed-rs knows how feeds misspell dates, but reads none by itself: so it is given a feed that is
    // nothing else.
    let date = quick_xml::escape::escape(text);
    let feed =
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><updated>{date}</updated></feed>");
    let time = feed_rs::parser::parse(feed.as_bytes()).ok()?.updated?;
    let offset = offset_at_end(text).or_else(|| FixedOffset::east_opt(0))?;
    Some(time.with_timezone(&offset))
}

/// The offset at the end of a date: `+0100` or `+01:00`.
fn offset_at_end(text: &str) -> Option<FixedOffset> {
    let end = &text[text.rfind(['+', '-'])?..];
    let has = |c: char| c.is_ascii_digit() || c == ':';
    let is_one = matches!(end.len(), 5 | 6) && end[1..].chars().all(has);
    is_one.then(|| end.parse().ok())?
}

/// A moment as feed-rs keeps it, which is without offset: in the place of the fraction of a second,
/// which nobody reads, stands the offset, in minutes after the least that there could be.
fn stowed(time: DateTime<FixedOffset>) -> Option<DateTime<Utc>> {
    let offset = time.offset().local_minus_utc() / 60 + DAY;
    let offset = u32::try_from(offset).ok()?;
    time.with_timezone(&Utc).with_nanosecond(offset)
}

/// What was stowed, as it is to be written.
fn unstowed(time: DateTime<Utc>) -> Option<String> {
    let offset = i32::try_from(time.nanosecond()).ok()? - DAY;
    let offset = FixedOffset::east_opt(offset * 60)?;
    let time = time.with_nanosecond(0)?.with_timezone(&offset);
    Some(time.to_rfc3339())
}

/// The name in RSS's `mail@example.org (Name)`.
fn person(text: &str) -> &str {
    let text = text.trim();
    let in_brackets = text.strip_suffix(')').and_then(|text| text.split_once('('));
    match in_brackets {
        Some((mail, name)) if mail.contains('@') => name.trim(),
        _ if text.contains('@') && !text.contains(' ') => "",
        _ => text,
    }
}

fn picture(entry: &Entry) -> Option<Picture> {
    let contents = entry.media.iter().flat_map(|media| &media.content);
    let found = contents.filter(|content| {
        let kind = content
            .content_type
            .as_ref()
            .map(|kind| kind.ty().as_str() == "image");
        let name = content
            .url
            .as_ref()
            .map_or("", |url| url.path())
            .to_ascii_lowercase();
        kind.unwrap_or_else(|| {
            [".jpg", ".jpeg", ".png", ".webp"]
                .iter()
                .any(|end| name.ends_with(end))
        })
    });
    let found = found
        .max_by_key(|content| content.width)
        .and_then(|content| {
            Some((
                content.url.as_ref()?.to_string(),
                content.width,
                content.height,
            ))
        });
    let thumbnails = entry
        .media
        .iter()
        .flat_map(|media| &media.thumbnails)
        .map(|thumbnail| &thumbnail.image);
    let small = || {
        thumbnails
            .max_by_key(|image| image.width)
            .map(|image| (image.uri.clone(), image.width, image.height))
    };
    let (url, width, height) = found.or_else(small)?;
    let said = entry
        .media
        .iter()
        .find_map(|media| media.description.as_ref().or(media.title.as_ref()));
    let credit = entry.media.iter().flat_map(|media| &media.credits).next();
    Some(Picture {
        url,
        width,
        height,
        caption: said.map(|text| Words::Html(text.content.clone())),
        credit: credit.map(|credit| Words::Html(credit.entity.clone())),
        ..Picture::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> (Url, Answer) {
        let url = Url::parse("https://example.org/feed").expect("an address");
        let answer = Answer {
            url: url.clone(),
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        (url, answer)
    }

    #[test]
    fn rss_with_whole_texts_is_read() {
        let (url, answer) = answer(
            r#"<br />Notice: x
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Les Rives</title><link>https://example.org/</link><description>Essai</description><language>fr-FR</language>
<item><title>L&#8217;eau &amp; la pierre</title><link>https://example.org/eau/l-eau-et-la-pierre.html</link>
<guid isPermaLink="false">42</guid><dc:creator>Nadia Amrani</dc:creator><category>Sciences</category><category>Eau</category>
<pubDate>Fri, 20 Nov 2026 09:30:00 +0100</pubDate><description>Comment un barrage tient.</description>
<content:encoded><![CDATA[<p>Une crue, puis une autre.</p>]]></content:encoded>
<media:content url="https://example.org/a.jpg" type="image/jpeg" width="800" height="450"/></item>
</channel></rss>"#,
        );
        let page = read_xml(&url, answer).expect("a feed");
        assert!(page.skipped);
        assert_eq!(page.about.language.as_deref(), Some("fr-FR"));
        let (post, terms) = &page.posts[0];
        assert_eq!(post.title.line(false).as_deref(), Some("L’eau & la pierre"));
        assert_eq!(
            (post.id.as_str(), post.slug.as_str()),
            ("42", "l-eau-et-la-pierre")
        );
        assert_eq!(post.date().map(|date| date.seconds()), Some(1_795_163_400));
        assert_eq!(post.body, "<p>Une crue, puis une autre.</p>");
        assert!(post.standfirst.is_some());
        assert_eq!(post.categories, ["sciences", "eau", ""]);
        assert_eq!(terms.len(), 2);
        assert_eq!(
            post.authors[0].name.line(false).as_deref(),
            Some("Nadia Amrani")
        );
        let picture = post
            .picture
            .as_ref()
            .map(|picture| (picture.url.as_str(), picture.width));
        assert_eq!(picture, Some(("https://example.org/a.jpg", Some(800))));
    }

    #[test]
    fn a_date_of_rss_or_atom_keeps_the_writers_clock() {
        let read = |text: &str| unstowed(stowed(moment(text)?)?);
        for (text, expected) in [
            (
                "Fri, 20 Nov 2026 00:30:00 +0100",
                "2026-11-20T00:30:00+01:00",
            ),
            ("Thu, 19 Nov 2026 23:30:00 GMT", "2026-11-19T23:30:00+00:00"),
            ("Thu, 19 Nov 2026 19:30:00 EST", "2026-11-19T19:30:00-05:00"),
            ("2026-11-20T00:30:00.125+05:45", "2026-11-20T00:30:00+05:45"),
            ("2026-11-19T23:30:00Z", "2026-11-19T23:30:00+00:00"),
            // Misspelt: another day of the week, a long month, another language, no colon, no time.
            (
                "Mon, 20 Nov 2026 00:30:00 +0100",
                "2026-11-20T00:30:00+01:00",
            ),
            (
                "20 November 2026 00:30:00 -0330",
                "2026-11-20T00:30:00-03:30",
            ),
            (
                "ven, 20 nov 2026 00:30:00 +0100",
                "2026-11-20T00:30:00+01:00",
            ),
            (" 2026-11-20T00:30:00+0100\n", "2026-11-20T00:30:00+01:00"),
            ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for bad in ["", "hier", "<updated>", "2026-13-20T00:30:00+0100", "é+"] {
            assert_eq!(read(bad), None, "{bad}");
        }

        // The channel's own date is the same moment on another clock.
        let (url, rss) = answer(
            r#"<rss version="2.0"><channel><title>Les Rives</title><lastBuildDate>Thu, 19 Nov 2026 23:30:00 GMT</lastBuildDate>
<item><title>A</title><guid>1</guid><pubDate>Fri, 20 Nov 2026 00:30:00 +0100</pubDate></item></channel></rss>"#,
        );
        let page = read_xml(&url, rss).expect("a feed");
        let (post, _) = &page.posts[0];
        assert_eq!(post.published.as_deref(), Some("2026-11-20T00:30:00+01:00"));
        let (url, atom) = answer(
            r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>Les Rives</title>
<entry><title>A</title><id>1</id><published>2026-11-20T00:30:00+01:00</published><updated>2026-11-20T00:40:00+01:00</updated></entry></feed>"#,
        );
        let page = read_xml(&url, atom).expect("a feed");
        let (post, _) = &page.posts[0];
        assert_eq!(post.published.as_deref(), Some("2026-11-20T00:30:00+01:00"));
        assert_eq!(post.modified.as_deref(), Some("2026-11-20T00:40:00+01:00"));
    }

    #[test]
    fn an_item_of_a_json_feed_may_lack_everything_but_its_id() {
        let (url, answer) = answer(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"A & B","next_url":"/feed?page=2",
            "items":[{"id":7},{"title":"no id"},{"id":"8","url":"/2026/11/12345/","content_text":"a < b\n\nc","date_published":"yesterday","author":{"name":"N"}}]}"#,
        );
        let page = read_json(&url, answer).expect("a feed");
        assert_eq!(page.about.name, Some(Words::Plain("A & B".to_owned())));
        assert_eq!(
            page.next.map(String::from).as_deref(),
            Some("https://example.org/feed?page=2")
        );
        assert_eq!((page.posts.len(), page.faults.len()), (2, 1));
        let (post, _) = &page.posts[1];
        assert_eq!(post.body, "<p>a &lt; b</p><p>c</p>");
        assert_eq!((post.slug.as_str(), post.published.as_ref()), ("", None));
        assert_eq!(post.authors.len(), 1);
    }

    #[test]
    fn what_is_no_feed_is_refused() {
        for body in [
            "{}",
            "<html></html>",
            "",
            "{\"version\":\"https://jsonfeed.org/version/1.1\"}",
        ] {
            let (url, answer) = answer(body);
            assert!(read_json(&url, answer.clone()).is_err(), "{body}");
            assert!(read_xml(&url, answer).is_err(), "{body}");
        }
    }

    #[test]
    fn a_person_is_a_name() {
        assert_eq!(person("n@example.org (Nadia Amrani)"), "Nadia Amrani");
        assert_eq!(person("n@example.org"), "");
        assert_eq!(person("Nadia Amrani (photos)"), "Nadia Amrani (photos)");
    }
}
