//! Reading an article, top to bottom, on the sample edition.
//! The text-size control has a file of its own: text_size.rs. What cannot be had: faults.rs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::cases::text_size::NO_FOCUS;
use crate::engine::Needs;
use crate::front::Answer;
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(skips_to_the_content_by_keyboard),
    case!(
        shows_the_skip_link_while_it_has_the_focus,
        Needs::NOTHING.not_in(NO_FOCUS)
    ),
    case!(names_the_edition_and_marks_the_section),
    case!(has_all_its_parts_in_order),
    case!(begins_with_its_head),
    case!(says_when_it_was_updated),
    case!(shows_its_lead_picture),
    case!(reserves_the_place_of_a_missing_picture),
    case!(has_every_kind_of_node),
    case!(shows_markup_in_the_text_as_text),
    case!(marks_links_to_other_sites),
    case!(
        scrolls_a_wide_table_in_its_own_box,
        Needs::NOTHING.size(320, 640)
    ),
    case!(tells_see_also_from_the_text),
    case!(opens_a_video_only_when_asked),
    case!(leads_to_other_embeds_by_a_plain_link),
    case!(lists_its_keywords),
    case!(lists_the_latest_of_its_section),
    case!(has_six_cards_whatever_they_lack),
    case!(has_a_title_and_a_canonical_address),
    case!(says_dates_as_the_browser_does),
];

const LONG: &str = "/politique/comment-nait-une-loi/";
const REGIONS: &str = "/politique/le-role-des-regions/";
const FINANCES: &str = "/politique/la-loi-de-finances-calendrier/";
const BARE: &str = "/politique/un-decret-n-est-pas-une-loi/";
const VIDEO: &str = "/culture/l-oud-anatomie-d-un-instrument/";
const INSTAGRAM: &str = "/culture/le-tapis-et-ses-signes/";

/// The article, and all that comes with it.
async fn open(page: &Page, path: &str) -> Result<(), Trouble> {
    page.open(path).await?;
    page.wait_for(&format!(
        "location.pathname === '{path}' && document.querySelector('.body p') && document.querySelector('.feed-item')"
    ))
    .await
}

/// The document that an article's page is made from.
async fn document(site: &Site, path: &str) -> Result<Value, Trouble> {
    let slug = path.trim_matches('/').rsplit('/').next();
    let file = format!("/api/articles/{}.json", slug.unwrap_or_default());
    Ok(serde_json::from_str(&site.get(&file).await?.body)?)
}

/// Every run of white space, no-break spaces included, is one space.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of all the elements that a selector finds, seen or not.
async fn said(page: &Page, css: &str) -> Result<Vec<String>, Trouble> {
    let css = json!(css);
    let texts: Vec<String> = page
        .eval(&format!(
            "Array.from(document.querySelectorAll({css}), element => element.textContent)"
        ))
        .await?;
    Ok(texts.iter().map(|text| plain(text)).collect())
}

/// An attribute as it is written. (WebKit's driver tells what has become of it.)
async fn attr(page: &Page, css: &str, name: &str) -> Result<Option<String>, Trouble> {
    let (css, name) = (json!(css), json!(name));
    page.eval(&format!(
        "document.querySelector({css}).getAttribute({name})"
    ))
    .await
}

// ---- The frame

async fn skips_to_the_content_by_keyboard(_: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    page.press("Tab").await?;
    assert_eq!(page.focus().await?, "link Aller au contenu");
    page.press("Enter").await?;
    page.wait_for("document.activeElement === document.querySelector('main')")
        .await?;
    assert_eq!(page.text("h1").await?, "Le rôle des régions");
    page.press("Tab").await?;
    assert!(
        page.eval::<bool>("document.activeElement !== document.querySelector('main') && document.querySelector('main').contains(document.activeElement)")
            .await?,
        "the next stop is in the content"
    );
    Ok(())
}

async fn shows_the_skip_link_while_it_has_the_focus(_: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    let hidden = page.rects(".skip").await?[0];
    assert!(hidden.width <= 1.0 && hidden.height <= 1.0, "{hidden:?}");
    page.press("Tab").await?;
    let shown = page.rects(".skip").await?[0];
    assert!(
        shown.x >= 0.0 && shown.y >= 0.0 && shown.width > 60.0 && shown.height > 20.0,
        "{shown:?}"
    );
    let (x, y) = (shown.x + shown.width / 2.0, shown.y + shown.height / 2.0);
    assert!(
        page.eval::<bool>(&format!(
            "document.elementFromPoint({x}, {y}) === document.activeElement"
        ))
        .await?
    );
    page.press("Tab").await?;
    assert_eq!(page.rects(".skip").await?[0], hidden);
    Ok(())
}

async fn names_the_edition_and_marks_the_section(_: &Site, page: &Page) -> Done {
    let marked = "Array.from(document.querySelectorAll('.masthead a'), link => [link.textContent, link.getAttribute('href'), link.getAttribute('aria-current')])";
    for (path, marks) in [
        (REGIONS, [None, Some("true"), None, None]),
        ("/culture/", [None, None, Some("page"), None]),
        ("/", [Some("page"), None, None, None]),
    ] {
        page.open(path).await?;
        page.wait_for(
            "document.querySelector('.masthead') && document.querySelector('main .card-title')",
        )
        .await?;
        page.the("navigation", "Rubriques").await?;
        let links: Vec<(String, String, Option<String>)> = page.eval(marked).await?;
        let wanted = [
            ("Le Courrier des Deux Rives", "/"),
            ("Politique", "/politique/"),
            ("Culture", "/culture/"),
            ("Sciences", "/sciences/"),
        ];
        assert_eq!(links.len(), 4);
        for ((link, (text, href)), mark) in links.iter().zip(wanted).zip(marks) {
            assert_eq!(
                (link.0.as_str(), link.1.as_str(), link.2.as_deref()),
                (text, href, mark),
                "{path}"
            );
        }
    }
    Ok(())
}

async fn has_all_its_parts_in_order(_: &Site, page: &Page) -> Done {
    open(page, FINANCES).await?;
    for (role, name) in [
        ("link", "Aller au contenu"),
        ("navigation", "Rubriques"),
        ("heading", "La loi de finances, un an de calendrier"),
        ("group", "Taille du texte"),
        ("region", "Dernières actualités Politique"),
        ("region", "À lire aussi"),
    ] {
        page.the(role, name).await?;
    }
    let order: Vec<String> = page
        .eval(
            "Array.from(document.querySelectorAll('.skip, .masthead, main, .kicker, h1, .standfirst, .authors, .dates, .lead, .text-size, .body, .keywords, .latest, .related, .foot'))
                 .filter(part => !part.matches('.card .kicker, .feed-item .kicker')).map(part => part.className || part.localName)",
        )
        .await?;
    assert_eq!(
        order.join(" "),
        "skip masthead main kicker h1 standfirst authors dates lead text-size body keywords latest related foot"
    );
    // One headline, and no level left out below it.
    let levels: Vec<u8> = page
        .eval("Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6')).filter(heading => heading.checkVisibility()).map(heading => +heading.localName[1])")
        .await?;
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(
        levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "{levels:?}"
    );
    assert_eq!(
        attr(page, "html", "lang").await?.as_deref(),
        Some("fr"),
        "the language"
    );
    Ok(())
}

// ---- The head

async fn begins_with_its_head(site: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    let article = document(site, REGIONS).await?;
    for (css, text) in [
        (".article-head .kicker", "Dossier"),
        ("h1", article["headline"].as_str().unwrap_or_default()),
        (
            ".standfirst",
            article["description"].as_str().unwrap_or_default(),
        ),
        (".authors", "Par Le service politique et La rédaction"),
        (".dates > time", "20 novembre 2026"),
    ] {
        assert_eq!(said(page, css).await?, [plain(text)], "{css}");
        assert!(!page.text(css).await?.is_empty(), "{css} can be seen");
    }
    let dates = &said(page, ".dates").await?[0];
    assert!(
        dates.contains("Mis à jour le 20 novembre 2026 à 11:00")
            || dates.contains("Mis à jour le 20 novembre 2026 à 11 h"),
        "{dates}"
    );
    let minutes = said(page, ".dates > span:last-child").await?;
    let (number, words) = minutes[0].split_once(' ').ok_or("no reading time")?;
    assert!((3..=7).contains(&number.parse::<u8>()?), "{minutes:?}");
    assert_eq!(words, "min de lecture");
    assert_eq!(
        attr(page, ".dates > time", "datetime").await?.as_deref(),
        Some("2026-11-20T09:30:00+01:00")
    );

    // Without a label of its own an article has its section's; without an author, no line for one.
    open(page, BARE).await?;
    assert_eq!(said(page, ".article-head .kicker").await?, ["Politique"]);
    assert_eq!(page.count(".lead").await?, 0);
    assert_eq!(page.count(".keywords").await?, 0);
    open(page, "/politique/qu-est-ce-qu-une-motion/").await?;
    assert_eq!(page.count(".authors").await?, 0);
    assert_eq!(said(page, ".dates > time").await?, ["16 novembre 2026"]);
    open(page, "/sciences/lire-le-ciel-du-desert/").await?;
    assert_eq!(page.count(".standfirst").await?, 0);
    Ok(())
}

async fn says_when_it_was_updated(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    let mut article = document(site, FINANCES).await?;
    for (published, modified, wanted) in [
        ("2026-10-20T07:00:00+01:00", None, None),
        // Within the hour it is still the same news.
        (
            "2026-10-20T07:00:00+01:00",
            Some("2026-10-20T08:00:00+01:00"),
            None,
        ),
        (
            "2026-10-20T07:00:00+01:00",
            Some("2026-10-20T06:00:00+01:00"),
            None,
        ),
        (
            "2026-10-20T07:00:00+01:00",
            Some("2026-10-20T08:05:00+01:00"),
            Some("Mis à jour le 20 octobre 2026"),
        ),
        (
            "2026-10-31T23:50:00+01:00",
            Some("2026-11-01T00:10:00+01:00"),
            Some("Mis à jour le 1er novembre 2026"),
        ),
    ] {
        article["datePublished"] = json!(published);
        article["dateModified"] = json!(modified);
        front.answer("/api/articles/*", Answer::json(article.to_string()));
        open(page, FINANCES).await?;
        let updated = said(page, ".updated").await?;
        match wanted {
            None => assert_eq!(updated, [""; 0], "{modified:?}"),
            Some(words) => {
                assert_eq!(updated.len(), 1, "{modified:?}");
                assert!(updated[0].starts_with(words), "{updated:?}");
            }
        }
    }
    Ok(())
}

// ---- Pictures

async fn shows_its_lead_picture(site: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    let article = document(site, REGIONS).await?;
    let lead = ".lead img";
    for (name, value) in [
        ("alt", article["image"]["alt"].as_str()),
        ("width", Some("1200")),
        ("height", Some("675")),
        ("fetchpriority", Some("high")),
        ("loading", None),
    ] {
        assert_eq!(attr(page, lead, name).await?.as_deref(), value, "{name}");
    }
    let srcset = attr(page, lead, "srcset").await?.unwrap_or_default();
    for width in ["400w", "800w", "1200w"] {
        assert!(srcset.contains(width), "{srcset}");
    }
    assert!(attr(page, lead, "sizes").await?.is_some());
    page.wait_for(
        "(image => image.complete && image.naturalWidth > 0)(document.querySelector('.lead img'))",
    )
    .await?;
    let boxes = page.rects(lead).await?;
    assert!(
        (boxes[0].width / boxes[0].height - 16.0 / 9.0).abs() < 0.01,
        "{boxes:?}"
    );

    let caption = said(page, ".lead figcaption .caption").await?;
    assert_eq!(
        caption,
        [plain(
            article["image"]["caption"].as_str().unwrap_or_default()
        )]
    );
    assert_eq!(
        said(page, ".lead figcaption .credit").await?,
        ["© Le Courrier des Deux Rives"]
    );
    assert!(!caption[0].contains('©'));
    let styles: Vec<String> = page
        .eval("['.caption', '.credit'].map(part => getComputedStyle(document.querySelector('.lead ' + part)).fontStyle)")
        .await?;
    assert_ne!(styles[0], styles[1], "told apart at a glance");

    // Only the lead is in a hurry.
    let hasty: usize = page.count("img[fetchpriority=high]").await?;
    assert_eq!(hasty, 1);
    assert_eq!(
        page.count("main img:not([loading=lazy])").await?,
        1,
        "the others wait until they are needed"
    );
    Ok(())
}

async fn reserves_the_place_of_a_missing_picture(site: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    page.wait_for("document.querySelector('.lead img').naturalWidth > 0")
        .await?;
    let there = page.rects(".lead img, .text-size, .body").await?;

    let front = site.front().await?; // another origin, of which nothing is kept
    front.answer("/media/*", Answer::status(404));
    page.through(&front);
    open(page, REGIONS).await?;
    page.wait_for("document.querySelector('.lead .missing')")
        .await?;
    page.frames().await?;
    let missing = page.rects(".lead .missing, .text-size, .body").await?;
    for (there, missing) in there.iter().zip(&missing) {
        assert!(
            (there.x - missing.x).abs() < 1.0
                && (there.y - missing.y).abs() < 1.0
                && (there.width - missing.width).abs() < 1.0,
            "{there:?} {missing:?}"
        );
    }
    assert!(
        (there[0].height - missing[0].height).abs() < 1.0,
        "{there:?} {missing:?}"
    );
    let words = document(site, REGIONS).await?["image"]["alt"].clone();
    assert_eq!(words, json!(page.text(".lead .missing").await?));
    Ok(())
}

// ---- The text

/// Articles that have, together, every kind of node of the contract, and two that it does not have.
const ALL_KINDS: [&str; 9] = [
    LONG,
    FINANCES,
    BARE,
    VIDEO,
    "/sciences/pourquoi-les-marees/",
    "/sciences/le-cedre-de-l-atlas/",
    "/culture/le-malhoun-poesie-chantee/",
    "/politique/la-petition-mode-d-emploi/",
    "/sciences/lire-le-ciel-du-desert/",
];

/// What each kind of node becomes.
const KINDS: [(&str, &str); 21] = [
    (
        "paragraph",
        ".body p:not(.see-also, .embed-title), .body li",
    ),
    ("heading", ".body h2, .body h3, .body h4"),
    ("emphasis", ".body em"),
    ("strong", ".body strong:not(.see-also strong)"),
    ("delete", ".body del"),
    ("superscript", ".body sup"),
    ("subscript", ".body sub"),
    ("inlineCode", ".body code:not(pre code)"),
    ("code", ".body pre code"),
    ("break", ".body br"),
    ("link", ".body a:not(.see-also a, .embed a)"),
    ("image", ".body .inline-picture img"),
    ("figure", ".body figure.figure img"),
    ("blockquote", ".body blockquote"),
    ("list", ".body ul, .body ol"),
    ("listItem", ".body li"),
    ("thematicBreak", ".body hr"),
    ("table", ".body .table table"),
    ("tableRow", ".body tr"),
    ("tableCell", ".body th, .body td"),
    ("seeAlso", ".body .see-also a"),
];

#[derive(Default)]
struct Nodes {
    counts: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Nodes {
    fn gather(&mut self, node: &Value) {
        *self
            .counts
            .entry(node["type"].as_str().unwrap_or_default().to_owned())
            .or_default() += 1;
        for text in ["value", "title"] {
            self.texts.extend(node[text].as_str().map(plain));
        }
        for text in ["caption", "creditText"] {
            self.texts.extend(node["image"][text].as_str().map(plain));
        }
        for child in node["children"].as_array().into_iter().flatten() {
            self.gather(child);
        }
    }
}

async fn has_every_kind_of_node(site: &Site, page: &Page) -> Done {
    let mut met = BTreeMap::new();
    for path in ALL_KINDS {
        let mut nodes = Nodes::default();
        nodes.gather(&document(site, path).await?["body"]);
        open(page, path).await?;
        for (kind, css) in KINDS {
            let wanted = nodes.counts.get(kind).copied().unwrap_or_default();
            if wanted > 0 {
                *met.entry(kind).or_insert(0) += wanted;
            }
            if kind != "paragraph" {
                assert_eq!(page.count(css).await?, wanted, "{kind} in {path}");
            }
        }
        // Every word is there, those of nodes that nobody knows included, and in its order.
        let body = said(page, ".body").await?.remove(0).replace(' ', "");
        let mut rest = body.as_str();
        for text in &nodes.texts {
            let text = text.replace(' ', "");
            let (_, after) = rest
                .split_once(&text)
                .ok_or_else(|| format!("{path} lacks “{text}” in “{rest}”"))?;
            rest = after;
        }
        // Nothing has no height, and nothing has no place.
        let flat: Vec<String> = page
            .eval(
                "Array.from(document.querySelectorAll('.body > *')).filter(block => !block.matches('hr') && block.getBoundingClientRect().height < 8)
                     .map(block => block.outerHTML.slice(0, 80))",
            )
            .await?;
        assert_eq!(flat, [""; 0], "{path}");
    }
    for (kind, _) in KINDS {
        assert!(met.contains_key(kind), "no article of these has a {kind}");
    }
    Ok(())
}

async fn shows_markup_in_the_text_as_text(_: &Site, page: &Page) -> Done {
    open(page, BARE).await?;
    assert!(page.text(".body").await?.contains("<b>texte</b>"));
    assert_eq!(page.count(".body b").await?, 0);
    Ok(())
}

async fn marks_links_to_other_sites(_: &Site, page: &Page) -> Done {
    #[derive(Debug, Deserialize)]
    struct Link {
        href: String,
        rel: String,
        target: String,
        mark: String,
    }
    let links = "Array.from(document.querySelectorAll('main a[href]'), link => ({
        href: link.getAttribute('href'), rel: link.rel, target: link.target, mark: getComputedStyle(link, '::after').content,
    }))";
    let (mut ours, mut others) = (0, 0);
    for path in [LONG, REGIONS, "/politique/deux-chambres-un-parlement/"] {
        open(page, path).await?;
        for link in page.eval::<Vec<Link>>(links).await? {
            let away = link.href.starts_with("https://");
            if away {
                others += 1;
                assert_eq!(link.rel, "external noopener", "{path} {link:?}");
            } else {
                ours += 1;
                assert!(link.href.starts_with('/'), "{path} {link:?}");
                assert_eq!(link.rel, "", "{path} {link:?}");
            }
            assert_eq!(link.mark.contains('↗'), away, "{path} {link:?}");
            assert_eq!(link.target, "", "{path} {link:?}");
        }
    }
    assert!(ours > 30 && others > 3, "{ours} {others}");
    Ok(())
}

async fn scrolls_a_wide_table_in_its_own_box(_: &Site, page: &Page) -> Done {
    open(page, FINANCES).await?;
    let [page_width, wide, shown]: [f64; 3] = page
        .eval("[document.documentElement.scrollWidth, document.querySelector('.table').scrollWidth, document.querySelector('.table').clientWidth]")
        .await?;
    assert!(page_width <= 320.0, "the page is {page_width} px wide");
    assert!(wide > shown + 100.0 && shown <= 320.0, "{wide} {shown}");
    page.the("region", "Tableau").await?;
    // By keyboard as well.
    page.run(
        "document.querySelector('.table').focus(); document.querySelector('.table').scrollIntoView({ block: 'center', behavior: 'instant' })",
        vec![],
    )
    .await?;
    assert_eq!(page.focus().await?, "region Tableau");
    page.press("ArrowRight").await?;
    page.wait_for("document.querySelector('.table').scrollLeft > 0")
        .await?;
    page.run("document.querySelector('.table').scrollLeft = 9999", vec![])
        .await?;
    let last: f64 = page
        .eval("document.querySelector('.table tr').lastElementChild.getBoundingClientRect().right")
        .await?;
    assert!(last <= 320.0, "the last column ends at {last} px");
    assert_eq!(page.eval::<f64>("scrollX").await?, 0.0);
    Ok(())
}

async fn tells_see_also_from_the_text(_: &Site, page: &Page) -> Done {
    open(page, LONG).await?;
    let notes = said(page, ".body [role=note]").await?;
    assert_eq!(notes.len(), 3);
    for note in &notes {
        let title = note.strip_prefix("Lire aussi : ");
        assert!(title.is_some_and(|title| title.len() > 10), "{note}");
    }
    let looks: [Vec<String>; 2] = page
        .eval(
            "['.body > .see-also', '.body > p:not(.see-also)'].map(css => {
                 const { backgroundColor, borderInlineStartWidth, fontWeight } = getComputedStyle(document.querySelector(css));
                 return [backgroundColor, borderInlineStartWidth, fontWeight];
             })",
        )
        .await?;
    for (note, text) in looks[0].iter().zip(&looks[1]) {
        assert_ne!(note, text, "{looks:?}");
    }
    let href = attr(page, ".see-also a", "href").await?.unwrap_or_default();
    page.click(".see-also a").await?;
    page.wait_for(&format!(
        "location.pathname === '{href}' && document.querySelector('h1').textContent !== ''"
    ))
    .await?;
    page.wait_for_text("min de lecture").await?;
    Ok(())
}

// ---- What comes from elsewhere

/// What the page has asked of others than the site.
const FOREIGN: &str = "performance.getEntriesByType('resource').map(({ name }) => name).filter(name => !name.startsWith(location.origin + '/'))";

async fn opens_a_video_only_when_asked(_: &Site, page: &Page) -> Done {
    open(page, VIDEO).await?;
    page.run(
        "document.querySelector('.embed').scrollIntoView({ behavior: 'instant' })",
        vec![],
    )
    .await?;
    page.at_rest().await?;
    assert_eq!(page.eval::<Vec<String>>(FOREIGN).await?, [""; 0]);
    assert_eq!(page.count("iframe, embed, object, video").await?, 0);
    let link = page.the("link", "Lire la vidéo (YouTube)").await?;
    assert_eq!(
        attr(page, ".embed a", "href").await?.as_deref(),
        Some("https://www.youtube.com/watch?v=aqz-KE-bpKQ")
    );
    let title = said(page, ".embed-title").await?.remove(0);

    link.click().await?;
    page.wait_for("document.querySelector('.embed iframe')")
        .await?;
    assert_eq!(page.path().await?, VIDEO);
    let src = attr(page, "iframe", "src").await?.unwrap_or_default();
    assert!(
        src.starts_with("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?"),
        "{src}"
    );
    let name = attr(page, "iframe", "title").await?;
    assert_eq!(name.map(|name| plain(&name)), Some(title));
    assert_eq!(page.count(".embed a").await?, 0);
    let size = page.rects("iframe").await?[0];
    assert!(
        (size.width / size.height - 16.0 / 9.0).abs() < 0.02 && size.width > 400.0,
        "{size:?}"
    );
    Ok(())
}

async fn leads_to_other_embeds_by_a_plain_link(_: &Site, page: &Page) -> Done {
    open(page, INSTAGRAM).await?;
    let link = page.the("link", "Voir sur Instagram*").await?;
    assert_eq!(
        attr(page, ".embed a", "href").await?.as_deref(),
        Some("https://www.instagram.com/p/example/")
    );
    assert_eq!(
        attr(page, ".embed a", "rel").await?.as_deref(),
        Some("external noopener")
    );
    assert_eq!(page.eval::<Vec<String>>(FOREIGN).await?, [""; 0]);
    // The click is the browser's: the app leaves it alone. (It goes nowhere here.)
    page.run(
        "addEventListener('click', event => { window.taken = event.defaultPrevented; event.preventDefault() })",
        vec![],
    )
    .await?;
    link.click().await?;
    page.wait_for("'taken' in window").await?;
    assert!(!page.eval::<bool>("taken").await?);
    assert_eq!(page.count("iframe").await?, 0);
    Ok(())
}

// ---- Below the text

async fn lists_its_keywords(site: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    let words: Vec<String> =
        serde_json::from_value(document(site, REGIONS).await?["keywords"].take())?;
    assert!(words.len() > 2);
    assert_eq!(said(page, ".keywords li").await?, words);
    page.the("list", "Mots-clés").await?;
    Ok(())
}

async fn lists_the_latest_of_its_section(site: &Site, page: &Page) -> Done {
    open(page, REGIONS).await?;
    page.the("region", "Dernières actualités Politique").await?;
    let feed: Value = serde_json::from_str(&site.get("/api/feeds/politique.json").await?.body)?;
    let others = feed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| item["_manchette"]["slug"] != "le-role-des-regions");
    let wanted: Vec<_> = others
        .take(6)
        .map(|item| {
            plain(
                item["title"]
                    .as_str()
                    .or(item["summary"].as_str())
                    .unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(wanted.len(), 6);
    assert_eq!(said(page, ".latest .feed-item .card-title").await?, wanted);
    assert_eq!(
        page.count(".latest .feed-item .card-title a[href]").await?,
        6
    );
    let hrefs: Vec<String> = page
        .eval("Array.from(document.querySelectorAll('.feed-item a'), link => link.getAttribute('href'))")
        .await?;
    assert!(!hrefs.iter().any(|href| href == REGIONS), "{hrefs:?}");
    let dates: Vec<String> = page
        .eval("Array.from(document.querySelectorAll('.feed-item time'), time => time.dateTime)")
        .await?;
    assert!(
        dates.len() >= 4 && dates.is_sorted_by(|newer, older| newer >= older),
        "{dates:?}"
    );
    // Another section has its own.
    open(page, VIDEO).await?;
    page.the("region", "Dernières actualités Culture").await?;
    assert!((1..=6).contains(&page.count(".feed-item").await?));
    Ok(())
}

async fn has_six_cards_whatever_they_lack(site: &Site, page: &Page) -> Done {
    #[derive(Debug, Deserialize)]
    struct Card {
        label: Option<String>,
        headline: String,
        href: Option<String>,
        meta: Option<String>,
        date: bool,
        picture: bool,
        height: f64,
    }
    let read = "Array.from(document.querySelectorAll('.related .card'), card => ({
        label: card.querySelector('.kicker')?.textContent ?? null,
        headline: card.querySelector('.card-title').innerText,
        href: card.querySelector('.card-title a')?.getAttribute('href') ?? null,
        meta: card.querySelector('.card-meta')?.innerText ?? null,
        date: card.querySelector('time') !== null,
        picture: card.querySelector('img') !== null,
        height: card.getBoundingClientRect().height,
    }))";
    let mut lacks = [0; 5];
    for path in [LONG, BARE] {
        open(page, path).await?;
        page.the("region", "À lire aussi").await?;
        let cards: Vec<Card> = page.eval(read).await?;
        let related = document(site, path).await?["related"].take();
        let related = related.as_array().ok_or("no cards")?;
        assert_eq!((cards.len(), related.len()), (6, 6), "{path}");
        for (card, item) in cards.iter().zip(related) {
            let words = item["title"].as_str().or(item["summary"].as_str());
            assert_eq!(
                plain(&card.headline),
                plain(words.unwrap_or_default()),
                "{path}"
            );
            let ours = &item["_manchette"];
            let labelled = ours["kicker"].is_string() || ours["section"].is_string();
            let dated = item["date_published"].is_string();
            let signed = item["authors"]
                .as_array()
                .is_some_and(|names| !names.is_empty());
            let pictured = item["image"].is_string() || ours["image"].is_object();
            assert_eq!(card.label.is_some(), labelled, "{card:?}");
            assert_eq!(card.date, dated, "{card:?}");
            assert_eq!(card.picture, pictured, "{card:?}");
            assert_eq!(card.meta.is_some(), dated || signed, "{card:?}");
            let by = card.meta.as_ref().is_some_and(|meta| meta.contains("Par "));
            assert_eq!(by, signed, "{card:?}");
            assert!(card.href.is_some() && card.height > 60.0, "{card:?}");
            for (lack, there) in
                lacks
                    .iter_mut()
                    .zip([labelled, item["title"].is_string(), signed, dated, pictured])
            {
                *lack += u8::from(!there);
            }
        }
    }
    assert!(lacks.iter().all(|lack| *lack > 0), "{lacks:?}");
    // Pictures come when they are needed.
    page.run(
        "document.querySelector('.related').scrollIntoView({ behavior: 'instant' })",
        vec![],
    )
    .await?;
    page.wait_for("document.querySelector('.related img').naturalWidth > 0")
        .await?;
    Ok(())
}

// ---- What the browser knows of it

async fn has_a_title_and_a_canonical_address(_: &Site, page: &Page) -> Done {
    let edition = "Le Courrier des Deux Rives";
    for (path, title) in [
        (REGIONS, "Le rôle des régions"),
        ("/culture/", "Culture"),
        ("/", ""),
    ] {
        page.open(path).await?;
        page.wait_for(
            "document.querySelector('main .card-title') && document.querySelector('link[rel=canonical]')",
        )
        .await?;
        let its: String = page.eval("document.title").await?;
        assert!(
            its.starts_with(title) && its.contains(edition),
            "{path}: {its}"
        );
        let canonical: Vec<String> = page
            .eval("Array.from(document.querySelectorAll('link[rel=canonical]'), link => link.href)")
            .await?;
        assert_eq!(canonical, [format!("https://example.org{path}")]);
    }
    page.open("/nulle/part/ailleurs/").await?;
    page.wait_for_text("Page introuvable").await?;
    assert_eq!(page.count("link[rel=canonical]").await?, 0);
    Ok(())
}

async fn says_dates_as_the_browser_does(site: &Site, page: &Page) -> Done {
    let mut feed: Value = serde_json::from_str(&site.get("/api/feeds/latest.json").await?.body)?;
    let mut article = document(site, REGIONS).await?;
    let items = feed["items"].as_array_mut().ok_or("no items")?;
    // All the months, first days and others, late and early hours, here and elsewhere.
    let mut dates = (1..=12).flat_map(|month| {
        [
            format!("2026-{month:02}-01T23:45:00+01:00"),
            format!("1999-{month:02}-{:02}T00:15:00-09:30", month + 12),
        ]
    });
    let template = items[0].clone();
    *items = dates
        .by_ref()
        .enumerate()
        .map(|(index, date)| {
            let mut item = template.clone();
            item["id"] = json!(format!("date-{index}"));
            item["date_published"] = json!(date);
            item
        })
        .collect();
    article["datePublished"] = json!("2024-02-29T23:59:59+14:00");
    article["dateModified"] = json!("2024-03-01T00:00:00Z");
    let front = site.front().await?; // another origin, of which nothing is kept
    for plain in [true, false] {
        if !plain {
            page.through(&front);
            front.answer("/api/feeds/latest.json", Answer::json(feed.to_string()));
            front.answer("/api/articles/*", Answer::json(article.to_string()));
        }
        for path in ["/", REGIONS] {
            page.open(path).await?;
            page.wait_for("document.querySelectorAll('main time').length > 3")
                .await?;
            // The day is the writer's own: the time's own offset, wherever the reader is. Of the first
            // of a month the browsers say "1", where French says "1er".
            let compared: Vec<(String, String, String)> = page
                .eval(
                    "(() => { const words = new Intl.DateTimeFormat('fr', { dateStyle: 'long', timeZone: 'UTC' });
                        return Array.from(document.querySelectorAll('main time'), ({ dateTime, textContent }) => {
                            const [year, month, day] = dateTime.slice(0, 10).split('-').map(Number);
                            return [dateTime, textContent, words.format(Date.UTC(year, month - 1, day)).replace(/^1 /, '1er ')];
                        }) })()",
                )
                .await?;
            for (datetime, ours, browsers) in &compared {
                assert_eq!(ours, browsers, "{datetime}");
            }
            let first = compared.iter().any(|(_, ours, _)| ours.starts_with("1er "));
            assert!(plain || first, "{compared:?}");
            assert!(plain || path != "/" || compared.len() >= 24);
        }
    }
    Ok(())
}
