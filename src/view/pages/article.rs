//! An article's page, top to bottom, in the order in which it is read.
//! Whatever the article does not have is left out without a gap.

use crate::content::{Article, Site, Slug, direction};
use crate::route::{Front, Route};
use crate::view::desk::{Desk, Screen};
use crate::view::markup::{Element, Markup, el};
use crate::view::parts::{
    Target, body, byline, card, figure, headline, later, latest, link, text_size,
};
use crate::view::words;

/// The widths at which the lead picture is shown, for `sizes` (style/article.css).
const LEAD_SIZES: &str = "(min-width: 76rem) 51rem, 100vw";

/// How many cards there are at most.
const RELATED: usize = 6;

pub fn article(desk: Desk, screen: &Screen, article: &Article) -> Vec<Markup> {
    let site = &screen.site;
    let own = article.article_section.as_ref();
    let section = own.or_else(|| screen.route.as_ref().and_then(Route::section));
    let section_title = section
        .and_then(|slug| site.section_title(slug))
        .map(str::to_owned);
    let label = article.kicker.clone().or_else(|| section_title.clone());
    let standfirst = article.description.clone();
    let page = screen.route.clone();
    let head = el("header")
        .class("article-head")
        .child(label.map(|label| el("p").class("kicker").child(label)))
        .child(headline(article.headline.clone()))
        .child(standfirst.map(|text| el("p").class("standfirst").child(text)))
        .child(byline(article, site))
        .child(page.map(|route| later(desk, route, None)));
    let lead = article.image.as_ref();
    let lead = lead.map(|image| {
        el("div")
            .class("lead")
            .child(figure(image, site, LEAD_SIZES, true))
    });
    let address = screen.canonical();
    // Said where it differs, so that who listens hears it in its own language.
    let language = article.in_language.clone();
    let language = language.filter(|language| *language != site.language);
    let direction = language.as_deref().map(direction);
    let article_view = el("article")
        .class("article")
        .attr("lang", language)
        .attr("dir", direction)
        .child(head)
        .child(lead)
        .child(text_size())
        .child(el("div").class("body").child(body(&article.body, site)))
        .child(keywords(&article.keywords, site))
        .child(address.map(|address| el("p").class("print-address").child(address)));
    vec![
        article_view.into(),
        latest(desk, site.clone(), section_title, article.slug.clone()).into(),
        related(desk, article, screen).into(),
    ]
}

/// The keywords, each a link to what else has it.
fn keywords(keywords: &[String], site: &Site) -> Option<Element> {
    let item = |word: &String| match Slug::fold(word) {
        Some(slug) => {
            let target = Target::Page(Route::Front(Front::Keyword(slug)));
            el("li").child(link(&target, site, word.clone()))
        }
        None => el("li").child(word.clone()),
    };
    let list: Vec<_> = keywords.iter().map(item).collect();
    (!list.is_empty()).then(|| {
        el("div")
            .class("keywords")
            .child(el("h2").attr("id", "mots-cles").child(words::KEYWORDS))
            .child(el("ul").attr("aria-labelledby", "mots-cles").child(list))
    })
}

fn related(desk: Desk, article: &Article, screen: &Screen) -> Option<Element> {
    let cards: Vec<_> = article
        .related
        .iter()
        .filter(|item| item.manchette.slug.as_ref() != Some(&article.slug))
        .take(RELATED)
        .map(|item| card::card(desk, item, &screen.site, None, card::Place::Related))
        .collect();
    (!cards.is_empty()).then(|| {
        el("section")
            .class("related")
            .attr("aria-labelledby", "a-lire-aussi")
            .child(el("h2").attr("id", "a-lire-aussi").child(words::RELATED))
            .child(el("ul").class("cards").child(cards))
    })
}
