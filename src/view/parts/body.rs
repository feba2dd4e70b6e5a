//! The text of an article as markup: one arm for each node of the contract.
//! Text is always text here; there is no way from the data to HTML.

use leptos::prelude::*;

use super::{Target, figure, link, picture};
use crate::content::{Block, Body, Href, Inline, ListItem, Row, Site};
use crate::route::Route;
use crate::view::markup::{Element, Markup, el, live};
use crate::view::words;

/// The width at which pictures in the text are shown, for `sizes` (style/article.css).
const BODY_SIZES: &str = "(min-width: 42rem) 38rem, 100vw";

pub fn body(body: &Body, site: &Site) -> Vec<Markup> {
    // Subheads go down one step at a time, whatever the data says, so that the outline has no hole.
    let mut last = 1;
    blocks(&body.children, site, &mut last)
}

fn blocks(blocks: &[Block], site: &Site, last: &mut u32) -> Vec<Markup> {
    let blocks = blocks.iter().map(|b| block(b, site, last));
    blocks.flatten().map(Markup::from).collect()
}

fn block(block: &Block, site: &Site, last: &mut u32) -> Option<Element> {
    Some(match block {
        Block::Paragraph { children } => match &children[..] {
            // A picture alone in its paragraph is a figure.
            [Inline::Picture(image)] => figure(image, site, BODY_SIZES, false),
            children => el("p").child(inlines(children, site)),
        },
        Block::Heading { depth, children } => {
            *last = (*depth).min(*last + 1);
            let tag = match *last {
                2 => "h2",
                3 => "h3",
                _ => "h4",
            };
            el(tag).child(inlines(children, site))
        }
        Block::Blockquote { children } => el("blockquote").child(blocks(children, site, last)),
        Block::List {
            ordered,
            start,
            children,
        } => {
            let items: Vec<_> = children.iter().map(|i| item(i, site, last)).collect();
            let start = start.filter(|n| *ordered && *n != 1);
            el(if *ordered { "ol" } else { "ul" })
                .attr("start", start.map(|n| n.to_string()))
                .child(items)
        }
        Block::Code { value } => {
            let code = el("code").child(value.clone());
            scrolling(el("pre").attr("role", "region"), words::CODE).child(code)
        }
        Block::ThematicBreak => el("hr"),
        Block::Table { children } => table(children, site)?,
        Block::SeeAlso {
            slug,
            section,
            url,
            title,
        } => {
            let target = match (section, slug, url) {
                (Some(section), Some(slug), _) => Target::Page(Route::Article {
                    section: section.clone(),
                    slug: slug.clone(),
                }),
                (_, _, url) => Target::of(url.as_ref()?, site),
            };
            el("p")
                .class("see-also")
                .attr("role", "note")
                .child(el("strong").child(words::SEE_ALSO))
                .child(" ")
                .child(link(&target, site, title.clone()))
        }
        Block::Figure { image } => figure(image, site, BODY_SIZES, false),
        Block::Embed {
            provider,
            url,
            title,
        } => embed(provider.as_deref().unwrap_or_default(), url, title.clone()),
    })
}

fn item(item: &ListItem, site: &Site, last: &mut u32) -> Element {
    match &item.children[..] {
        // A short item is a line, not a paragraph with its space.
        [Block::Paragraph { children }, rest @ ..] => el("li")
            .child(inlines(children, site))
            .child(blocks(rest, site, last)),
        children => el("li").child(blocks(children, site, last)),
    }
}

/// A box that scrolls sideways must be reachable by keyboard, so it has a name and a stop.
fn scrolling(element: Element, name: &'static str) -> Element {
    element.attr("tabindex", "0").attr("aria-label", name)
}

fn table(rows: &[Row], site: &Site) -> Option<Element> {
    let (head, rows) = rows.split_first()?;
    let row = |row: &Row, cell: fn() -> Element| {
        let cells = row.children.iter();
        let cells: Vec<_> = cells
            .map(|c| cell().child(inlines(&c.children, site)))
            .collect();
        el("tr").child(cells)
    };
    let head = el("thead").child(row(head, || el("th").attr("scope", "col")));
    let rows: Vec<_> = rows.iter().map(|r| row(r, || el("td"))).collect();
    let table = el("table").child(head).child(el("tbody").child(rows));
    Some(scrolling(el("section").class("table"), words::TABLE).child(table))
}

/// A page of another site. Nothing is fetched from there before the reader asks: where the app is
/// awake, a click on a video opens its player here; everything else is a link.
fn embed(provider: &str, url: &Href, title: Option<String>) -> Element {
    let player = (provider == "youtube").then(|| youtube(url)).flatten();
    let label = words::open_embed(words::provider(provider), player.is_some());
    let url = url.to_string();
    let open = RwSignal::new(false);
    el("div")
        .class("embed")
        .child(live(move || match player.clone().filter(|_| open.get()) {
            Some(player) => vec![
                el("iframe")
                    .attr("src", player)
                    .attr("title", title.clone().unwrap_or_else(|| label.clone()))
                    .attr("allow", "fullscreen; autoplay; encrypted-media")
                    .attr("referrerpolicy", "strict-origin-when-cross-origin"),
            ],
            None => {
                let link = el("a")
                    .class("button")
                    .attr("href", url.clone())
                    .attr("rel", "external noopener")
                    .child(label.clone());
                let link = match player {
                    Some(_) => link.on_click(move || open.set(true)),
                    None => link,
                };
                let title = title.clone();
                let title = title.map(|title| el("p").class("embed-title").child(title));
                title.into_iter().chain([link]).collect()
            }
        }))
}

/// The player for a video's page, on the address of YouTube that sets no cookie before it plays.
fn youtube(url: &Href) -> Option<String> {
    let (_, rest) = url.as_str().split_once("://")?;
    let rest = rest.trim_start_matches("www.").trim_start_matches("m.");
    let id = rest
        .strip_prefix("youtu.be/")
        .or_else(|| rest.strip_prefix("youtube.com/embed/"))
        .or_else(|| rest.strip_prefix("youtube.com/shorts/"))
        .or_else(|| {
            let query = rest.strip_prefix("youtube.com/watch?")?;
            query.split('&').find_map(|pair| pair.strip_prefix("v="))
        })?;
    let id = id.split(['?', '&', '#', '/']).next()?;
    let well_formed = !id.is_empty()
        && id.len() <= 20
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    well_formed.then(|| format!("https://www.youtube-nocookie.com/embed/{id}?autoplay=1"))
}

fn inlines(nodes: &[Inline], site: &Site) -> Vec<Markup> {
    nodes.iter().map(|node| inline(node, site)).collect()
}

fn inline(node: &Inline, site: &Site) -> Markup {
    let element = |tag, children: &[Inline]| el(tag).child(inlines(children, site)).into();
    match node {
        Inline::Text { value } => value.clone().into(),
        Inline::Emphasis { children } => element("em", children),
        Inline::Strong { children } => element("strong", children),
        Inline::Delete { children } => element("del", children),
        Inline::Superscript { children } => element("sup", children),
        Inline::Subscript { children } => element("sub", children),
        Inline::InlineCode { value } => el("code").child(value.clone()).into(),
        Inline::Break => el("br").into(),
        Inline::Link { url, children } => {
            link(&Target::of(url, site), site, inlines(children, site)).into()
        }
        Inline::Picture(image) => el("span")
            .class("inline-picture")
            .child(picture(image, site, BODY_SIZES, false))
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_player_of_a_video() {
        let player = |url: &str| youtube(&Href::parse(url).expect("a link"));
        let wanted = Some("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?autoplay=1".into());
        for url in [
            "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
            "https://m.youtube.com/watch?t=4&v=aqz-KE-bpKQ&x=1",
            "https://youtu.be/aqz-KE-bpKQ?t=3",
            "https://youtube.com/embed/aqz-KE-bpKQ",
        ] {
            assert_eq!(player(url), wanted, "{url}");
        }
        for url in [
            "https://example.org/watch?v=aqz-KE-bpKQ",
            "https://www.youtube.com/watch?v=a%22b",
            "https://www.youtube.com/@chaine",
            "https://youtube.com.evil.test/embed/x",
        ] {
            assert_eq!(player(url), None, "{url}");
        }
    }
}
