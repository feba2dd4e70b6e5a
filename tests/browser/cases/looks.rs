//! How pages look: nothing cut and nothing moved, at every width and size, by day and by night, on
//! paper, and to axe-core. What is in them is for reading.rs and lists.rs.

use std::time::Duration;

use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::cases::browser::NO_LAYOUT_SHIFTS;
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(cuts_nothing_on_fronts),
    case!(cuts_nothing_in_articles),
    case!(cuts_nothing_in_notices),
    case!(pleases_axe_on_fronts),
    case!(pleases_axe_on_fronts_in_the_dark, Needs::NOTHING.dark()),
    case!(pleases_axe_in_articles),
    case!(pleases_axe_in_articles_in_the_dark, Needs::NOTHING.dark()),
    case!(pleases_axe_in_notices),
    case!(pleases_axe_in_notices_in_the_dark, Needs::NOTHING.dark()),
    case!(shifts_nothing_on_load, MEASURED),
    case!(
        shifts_nothing_on_load_of_a_small_screen,
        MEASURED.size(360, 740)
    ),
    case!(shifts_nothing_when_the_text_size_changes, MEASURED),
    case!(keeps_its_places_when_pictures_and_lists_are_late),
    case!(
        keeps_its_places_when_pictures_and_lists_are_late_on_a_small_screen,
        SMALL
    ),
    case!(leaves_the_cards_where_they_are_when_the_list_is_late, SMALL),
    case!(is_light_by_day),
    case!(is_dark_by_night, Needs::NOTHING.dark()),
    case!(
        is_still_for_who_wants_less_motion,
        Needs::NOTHING.reduced_motion()
    ),
    case!(prints_the_article_alone),
];

const SMALL: Needs = Needs::NOTHING.size(360, 740);
const MEASURED: Needs = Needs::NOTHING.not_in(NO_LAYOUT_SHIFTS);

const FRONTS: [&str; 3] = ["/", "/politique/", "/page/2/"];
const LONG: &str = "/politique/la-loi-de-finances-calendrier/";
const ARTICLES: [&str; 3] = [
    LONG,
    "/culture/l-oud-anatomie-d-un-instrument/",
    "/politique/un-decret-n-est-pas-une-loi/",
];
/// An address of nothing, an article that is refused, a list that is.
const NOTICES: [&str; 3] = [
    "/nulle/part/ailleurs/",
    "/politique/le-role-des-regions/",
    "/culture/cafes-et-conversations/",
];

/// A site that refuses what the notices are about.
async fn with_trouble(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = site.front().await?;
    for refused in [
        "/api/articles/le-role-des-regions.json",
        "/api/feeds/culture.json",
    ] {
        front.answer(refused, Answer::status(403));
    }
    page.through(&front);
    Ok(front)
}

/// Opens a page of any kind and waits until it is what it will be.
async fn open(page: &Page, path: &str) -> Result<(), Trouble> {
    page.open(path).await?;
    settled(page).await
}

async fn settled(page: &Page) -> Result<(), Trouble> {
    page.wait_for(
        "document.querySelector('main h1') && !document.querySelector('.skeleton, .feed-waiting')
         && document.querySelector('.front .card, .article .body p, .notice-page:not(#secours)')
         && (!document.querySelector('.article') || document.querySelector('.feed-item, .feed-trouble'))",
    )
    .await?;
    page.frames().await
}

/// Makes the text so large, on pages without the control as well.
async fn enlarge(page: &Page, step: &str) -> Result<(), Trouble> {
    page.run(
        "document.documentElement.dataset.taille = arguments[0]; scrollTo({ top: 0, behavior: 'instant' })",
        vec![step.into()],
    )
    .await?;
    page.frames().await
}

// ---- Nothing cut

/// What stands out of the page, is cut, or lies on something else; a line each.
const CUT: &str = "(() => {
    const wide = document.documentElement.clientWidth, found = [];
    const name = element => `${element.localName}.${element.className} “${element.textContent.trim().slice(0, 30)}”`;
    if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
    const hidden = '.unseen, .skip, legend, noscript, script, .table *, pre *';
    const seen = Array.from(document.querySelectorAll('body *')).filter(element =>
        !element.closest(hidden) && element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible');
    for (const element of seen) {
        const { left, right } = element.getBoundingClientRect();
        if (right > wide + 0.5 || left < -0.5) found.push(`${name(element)} goes from ${left} to ${right}`);
        const { overflowX, overflowY } = getComputedStyle(element);
        if (element.matches('.table, pre')) continue;
        if (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) found.push(`${name(element)} is cut at its side`);
        if (overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1) found.push(`${name(element)} is cut below`);
    }
    // No text lies on another one. What belongs to one line of text may touch.
    const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (walker.nextNode()) {
        const text = walker.currentNode, block = text.parentElement.closest('p, li, h1, h2, h3, h4, td, th, figcaption, label, legend, div, span');
        if (!text.data.trim() || text.parentElement.closest(hidden) || !text.parentElement.getClientRects().length) continue;
        range.selectNodeContents(text);
        for (const { left, right, top, bottom } of range.getClientRects()) {
            if (right > wide + 0.5) found.push(`“${text.data.trim().slice(0, 30)}” goes to ${right}`);
            texts.push({ left, right, top, bottom, block, text });
        }
    }
    texts.sort((a, b) => a.top - b.top);
    texts.forEach((a, index) => {
        for (let other = index + 1; other < texts.length && texts[other].top < a.bottom; other++) {
            const b = texts[other];
            if (a.block === b.block || a.block.contains(b.block) || b.block.contains(a.block)) continue;
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - b.top;
            if (across > 1 && down > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top)) {
                found.push(`“${a.text.data.trim().slice(0, 30)}” lies on “${b.text.data.trim().slice(0, 30)}”`);
            }
        }
    });
    return Array.from(new Set(found)).slice(0, 12);
})()";

async fn cuts_nothing_on_fronts(_: &Site, page: &Page) -> Done {
    cuts_nothing(page, &FRONTS).await
}

async fn cuts_nothing_in_articles(_: &Site, page: &Page) -> Done {
    cuts_nothing(page, &ARTICLES).await
}

async fn cuts_nothing_in_notices(site: &Site, page: &Page) -> Done {
    let _front = with_trouble(site, page).await?;
    cuts_nothing(page, &NOTICES).await
}

async fn cuts_nothing(page: &Page, paths: &[&str]) -> Done {
    let mut found = Vec::new();
    for path in paths {
        open(page, path).await?;
        for (width, height) in [(1280, 800), (768, 1024), (360, 740), (320, 640)] {
            page.resize(width, height).await?;
            for step in ["normale", "maximale"] {
                enlarge(page, step).await?;
                let cut: Vec<String> = page.eval(CUT).await?;
                found.extend(
                    cut.iter()
                        .map(|cut| format!("{path}, {width} px, {step}: {cut}")),
                );
            }
        }
    }
    none(&found)
}

fn none(found: &[String]) -> Done {
    if found.is_empty() {
        Ok(())
    } else {
        Err(found.join("\n").into())
    }
}

// ---- Nothing in the way

async fn pleases_axe_on_fronts(_: &Site, page: &Page) -> Done {
    pleases_axe(page, &FRONTS).await
}

async fn pleases_axe_on_fronts_in_the_dark(_: &Site, page: &Page) -> Done {
    pleases_axe(page, &FRONTS).await
}

async fn pleases_axe_in_articles(_: &Site, page: &Page) -> Done {
    pleases_axe(page, &ARTICLES).await
}

async fn pleases_axe_in_articles_in_the_dark(_: &Site, page: &Page) -> Done {
    pleases_axe(page, &ARTICLES).await
}

async fn pleases_axe_in_notices(site: &Site, page: &Page) -> Done {
    let _front = with_trouble(site, page).await?;
    pleases_axe(page, &NOTICES).await
}

async fn pleases_axe_in_notices_in_the_dark(site: &Site, page: &Page) -> Done {
    let _front = with_trouble(site, page).await?;
    pleases_axe(page, &NOTICES).await
}

async fn pleases_axe(page: &Page, paths: &[&str]) -> Done {
    let mut found = Vec::new();
    for path in paths {
        open(page, path).await?;
        for (width, height) in [(1280, 800), (320, 640)] {
            page.resize(width, height).await?;
            for step in ["normale", "maximale"] {
                enlarge(page, step).await?;
                let violations = page.axe().await?;
                found.extend(
                    violations
                        .iter()
                        .map(|violation| format!("{path}, {width} px, {step}: {violation}")),
                );
            }
        }
    }
    none(&found)
}

// ---- Nothing moved

const LATE: Duration = Duration::from_secs(2);

/// A site whose pictures and lists come when everything else has been read.
async fn late(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = site.front().await?;
    front.answer("/media/*", Answer::pass().after(LATE));
    front.answer("/api/feeds/*", Answer::pass().after(LATE));
    page.through(&front);
    Ok(front)
}

async fn pictures_in_view_are_there(page: &Page) -> Result<(), Trouble> {
    page.wait_for(
        "Array.from(document.querySelectorAll('main img')).every(image => {
             const { top, bottom } = image.getBoundingClientRect();
             return bottom < 0 || top > innerHeight || image.complete && image.naturalWidth > 0;
         })",
    )
    .await?;
    page.frames().await
}

async fn shifts_nothing_on_load(site: &Site, page: &Page) -> Done {
    shifts_nothing(site, page).await
}

async fn shifts_nothing_on_load_of_a_small_screen(site: &Site, page: &Page) -> Done {
    shifts_nothing(site, page).await
}

async fn shifts_nothing(site: &Site, page: &Page) -> Done {
    let mut found = Vec::new();
    let mut front = None; // kept to the end: the page goes on through it
    for slow in [false, true] {
        if slow {
            front = Some(late(site, page).await?);
        }
        for path in [
            "/",
            "/politique/",
            "/page/2/",
            LONG,
            ARTICLES[2],
            NOTICES[0],
        ] {
            open(page, path).await?;
            pictures_in_view_are_there(page).await?;
            for shift in page.layout_shifts().await? {
                if shift.value > 0.0 {
                    found.push(format!("{path}, slow: {slow}: {shift:?}"));
                }
            }
        }
    }
    // With the largest letters, there from the start.
    page.run(
        "localStorage.setItem('manchette:taille', 'maximale')",
        vec![],
    )
    .await?;
    open(page, LONG).await?;
    pictures_in_view_are_there(page).await?;
    for shift in page.layout_shifts().await? {
        if shift.value > 0.0 {
            found.push(format!("{LONG}, largest: {shift:?}"));
        }
    }
    drop(front);
    none(&found)
}

async fn shifts_nothing_when_the_text_size_changes(_: &Site, page: &Page) -> Done {
    open(page, LONG).await?;
    pictures_in_view_are_there(page).await?;
    let body: f64 = page
        .eval("document.querySelector('.body').getBoundingClientRect().top")
        .await?;
    for depth in [body - 400.0, body + 700.0] {
        page.scroll_to(depth).await?;
        for step in ["Maximale", "Normale", "Grande"] {
            page.click_the("radio", step).await?;
            page.frames().await?;
        }
        // Once the reader's own doing is over, nothing moves any more.
        page.at_rest().await?;
    }
    let found: Vec<_> = page
        .layout_shifts()
        .await?
        .iter()
        .filter(|shift| shift.value > 0.0 && !shift.expected)
        .map(|shift| format!("{shift:?}"))
        .collect();
    none(&found)
}

async fn keeps_its_places_when_pictures_and_lists_are_late(site: &Site, page: &Page) -> Done {
    keeps_its_places(site, page).await
}

async fn keeps_its_places_when_pictures_and_lists_are_late_on_a_small_screen(
    site: &Site,
    page: &Page,
) -> Done {
    keeps_its_places(site, page).await
}

async fn keeps_its_places(site: &Site, page: &Page) -> Done {
    let front = late(site, page).await?;
    let parts = ".masthead, h1, .standfirst, .byline, .lead, .lead figcaption, .text-size, .body, .body h2, .keywords, .latest > h2";
    page.open(LONG).await?;
    page.wait_for("document.querySelector('.feed-waiting') && document.querySelector('.body p')")
        .await?;
    let before = page.rects(parts).await?;
    assert!(before.len() > 12);
    assert!(
        !page
            .eval::<bool>("document.querySelector('.lead img').naturalWidth > 0")
            .await?,
        "the picture has come too soon for this case"
    );
    settled(page).await?;
    pictures_in_view_are_there(page).await?;
    assert_eq!(page.rects(parts).await?, before);

    // A front shows its shape until its list is there, and then moves no more.
    front.answer("/api/feeds/*", Answer::pass());
    let parts = ".masthead, h1, .card, .card-picture, .card .card-title, .pager";
    page.open("/").await?;
    page.wait_for("document.querySelector('.card')").await?;
    let before = page.rects(parts).await?;
    pictures_in_view_are_there(page).await?;
    assert_eq!(page.rects(parts).await?, before);
    Ok(())
}

async fn leaves_the_cards_where_they_are_when_the_list_is_late(site: &Site, page: &Page) -> Done {
    let _front = late(site, page).await?;
    page.open(LONG).await?;
    page.wait_for(
        "document.querySelector('.feed-waiting') && document.querySelector('.related .card')",
    )
    .await?;
    page.run(
        "document.querySelector('.related').scrollIntoView({ block: 'center', behavior: 'instant' })",
        vec![],
    )
    .await?;
    let before = page.rects(".related > h2, .related .card").await?;
    assert!(
        page.eval::<bool>("document.querySelector('.feed-waiting') !== null")
            .await?,
        "the list has come too soon for this case"
    );
    settled(page).await?;
    let after = page.rects(".related > h2, .related .card").await?;
    assert!(
        (before[0].y - after[0].y).abs() < 1.0,
        "the cards have moved by {} px under the reader's eyes",
        after[0].y - before[0].y
    );
    Ok(())
}

// ---- By day and by night

/// How bright the page and its text are, and every theme colour that is in force: 0 to 255.
const BRIGHTNESS: &str = "(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    const bright = color => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
        return Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    };
    const { backgroundColor, color } = getComputedStyle(document.body);
    const themes = Array.from(document.querySelectorAll('meta[name=theme-color]')).filter(({ media }) => matchMedia(media).matches);
    return [backgroundColor, color, ...themes.map(({ content }) => content)].map(bright);
})()";

async fn is_light_by_day(_: &Site, page: &Page) -> Done {
    for path in ["/", LONG, NOTICES[0]] {
        open(page, path).await?;
        let bright: Vec<u8> = page.eval(BRIGHTNESS).await?;
        assert_eq!(bright.len(), 3, "{bright:?}");
        assert!(
            bright[0] > 230 && bright[1] < 60 && bright[2] == bright[0],
            "{path}: {bright:?}"
        );
    }
    Ok(())
}

async fn is_dark_by_night(_: &Site, page: &Page) -> Done {
    for path in ["/", LONG, NOTICES[0]] {
        open(page, path).await?;
        let bright: Vec<u8> = page.eval(BRIGHTNESS).await?;
        assert_eq!(bright.len(), 3, "{bright:?}");
        assert!(
            bright[0] < 40 && bright[1] > 200 && bright[2] == bright[0],
            "{path}: {bright:?}"
        );
        assert_eq!(
            page.eval::<String>("getComputedStyle(document.documentElement).colorScheme")
                .await?,
            "light dark"
        );
    }
    Ok(())
}

// ---- At rest

/// Whatever takes time to change, with how long it takes; a line each.
const MOVING: &str = "(() => {
    const found = [], seconds = text => Math.max(...text.split(',').map(parseFloat));
    const pseudos = [null, '::before', '::after'];
    for (const element of [document.documentElement, ...document.querySelectorAll('body, body *')]) {
        for (const pseudo of pseudos) {
            const { animationName, animationDuration, transitionDuration } = getComputedStyle(element, pseudo);
            if (animationName !== 'none' && seconds(animationDuration) > 0 || seconds(transitionDuration) > 0) {
                found.push(`${element.localName}.${element.className}${pseudo ?? ''}: ${animationName} ${animationDuration} ${transitionDuration}`);
            }
        }
    }
    return found;
})()";

async fn is_still_for_who_wants_less_motion(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, LONG).await?;
    assert_eq!(page.eval::<Vec<String>>(MOVING).await?, [""; 0]);

    // On the way to a page that is slow the bar stands still, and the page changes at once.
    front.answer("/api/articles/*", Answer::pass().after(LATE));
    page.run(
        "document.documentElement.setAttribute('data-busy', '')",
        vec![],
    )
    .await?;
    assert_eq!(page.eval::<Vec<String>>(MOVING).await?, [""; 0], "the bar");
    page.run(
        "document.documentElement.removeAttribute('data-busy')",
        vec![],
    )
    .await?;
    let href = page
        .attr(".card a[href^='/']", "href")
        .await?
        .unwrap_or_default();
    page.click(".card a[href^='/']").await?;
    page.wait_for(&format!(
        "location.pathname === '{href}' && document.querySelector('.body p')"
    ))
    .await?;
    settled(page).await?;
    assert_eq!(page.eval::<Vec<String>>(MOVING).await?, [""; 0]);
    Ok(())
}

// ---- On paper

/// No driver says to a page that it is printed. So the styles for paper are sent as those for the
/// screen as well, and the page is looked at.
async fn prints_the_article_alone(site: &Site, page: &Page) -> Done {
    let index = site.get("/").await?.body;
    assert_eq!(index.matches("@media print").count(), 1);
    let front = site.front().await?;
    front.html(|html| html.replace("@media print", "@media all"));
    // The policy names the style sheet by its hash, and this is another one.
    let policy = "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; img-src 'self' data:";
    front.answer(
        LONG,
        Answer::pass().header("content-security-policy", policy),
    );
    page.through(&front);
    open(page, LONG).await?;
    for hidden in [
        ".skip",
        ".masthead nav",
        ".text-size",
        ".latest",
        ".related",
        ".foot",
        ".see-also",
    ] {
        assert!(page.count(hidden).await? > 0, "{hidden}");
        let shown: Vec<bool> = page
            .eval(&format!(
                "Array.from(document.querySelectorAll('{hidden}'), element => element.getClientRects().length > 0)"
            ))
            .await?;
        assert!(!shown.contains(&true), "{hidden} is printed");
    }
    for shown in [
        ".masthead-name",
        "h1",
        ".standfirst",
        ".byline",
        ".lead img",
        ".body p",
        ".body table",
        ".print-address",
    ] {
        assert!(
            page.find(shown).await?.is_displayed().await?,
            "{shown} is not printed"
        );
    }
    assert_eq!(
        page.text(".print-address").await?,
        format!("https://example.org{LONG}")
    );
    let colors: [String; 2] = page
        .eval("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.body p')).color]")
        .await?;
    assert_eq!(colors, ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
    // The size of the letters on paper is the paper's, whatever it is on the screen.
    let sizes = "[getComputedStyle(document.querySelector('.body p')).fontSize, getComputedStyle(document.documentElement).fontSize]";
    let normal: [String; 2] = page.eval(sizes).await?;
    enlarge(page, "maximale").await?;
    assert_eq!(page.eval::<[String; 2]>(sizes).await?, normal);
    Ok(())
}
