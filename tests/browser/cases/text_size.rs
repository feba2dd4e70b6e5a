//! The text size: four steps that every text obeys, that are kept, and that need no app.
//! How the rest of the page looks at these sizes is in looks.rs.

use serde::Deserialize;

use super::faults::front;
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::{Engine, Needs};
use crate::front::Answer;
use crate::page::Page;
use crate::site::{Site, WASM};

pub const CASES: &[Case] = &[
    case!(is_a_group_of_four_radios),
    case!(has_four_steps),
    case!(
        is_in_proportion_to_the_readers_own,
        Needs::NOTHING.font_size(20)
    ),
    case!(reaches_every_text),
    case!(reaches_every_text_of_a_small_screen, SMALL),
    case!(is_kept_over_reloads_pages_and_visits),
    case!(is_there_before_the_first_paint),
    case!(is_followed_in_another_tab),
    case!(does_not_mind_rubbish_in_the_storage),
    case!(
        works_and_forgets_where_storage_is_refused,
        Needs::NOTHING.storage_off()
    ),
    case!(works_before_the_app_has_come, PAGES),
    case!(works_where_the_app_never_comes, PAGES.noisy()),
    case!(works_without_scripts, PAGES.scripts_off()),
    case!(obeys_tab_and_arrow_keys),
    case!(shows_where_the_focus_is, Needs::NOTHING.not_in(NO_FOCUS)),
    case!(is_large_enough_for_a_finger, Needs::NOTHING.size(320, 640)),
    case!(
        is_told_apart_in_forced_colors,
        Needs::NOTHING.forced_colors()
    ),
    case!(keeps_the_line_being_read),
    case!(keeps_the_line_being_read_on_a_small_screen, SMALL),
    case!(keeps_the_line_being_read_when_keys_are_pressed),
    case!(
        keeps_the_line_being_read_when_keys_are_pressed_on_a_small_screen,
        SMALL
    ),
    case!(keeps_the_line_being_read_when_another_tab_changes),
    case!(keeps_the_line_being_read_after_coming_back),
];

/// The reason why a case about what `:focus` looks like cannot run in one of the engines.
pub const NO_FOCUS: &[(Engine, &str)] = &[(
    Engine::WebKit,
    "its window has no focus without a window manager, so nothing is :focus",
)];

const PAGES: Needs = Needs::NOTHING.prerendered();
const SMALL: Needs = Needs::NOTHING.size(360, 740);

const ARTICLE: &str = "/politique/la-loi-de-finances-calendrier/";
const ANOTHER: &str = "/politique/le-role-des-regions/";

const NORMALE: &str = "Normale";
const GRANDE: &str = "Grande";
const TRES_GRANDE: &str = "Très grande";
const MAXIMALE: &str = "Maximale";
const STEPS: [(&str, f64); 4] = [
    (NORMALE, 1.0),
    (GRANDE, 1.25),
    (TRES_GRANDE, 1.5),
    (MAXIMALE, 2.0),
];

/// The article, and all that comes with it.
async fn open(page: &Page, path: &str) -> Result<(), Trouble> {
    page.open(path).await?;
    all_there(page).await
}

async fn all_there(page: &Page) -> Result<(), Trouble> {
    page.wait_for("document.querySelector('.body p') && document.querySelector('.feed-item')")
        .await
}

async fn choose(page: &Page, step: &str) -> Result<(), Trouble> {
    page.click_the("radio", step).await
}

/// Leaves the page by a script, and waits until another article is there, in full and in reach.
async fn leave(page: &Page, by: &str) -> Result<(), Trouble> {
    let from = page.path().await?;
    page.run(
        "document.querySelector('main > *').dataset.left = ''",
        vec![],
    )
    .await?;
    page.run(&format!("setTimeout(() => {{ {by} }})"), vec![])
        .await?;
    // Where pages are loaded whole, the browser may have kept one with the mark of an earlier time.
    page.wait_for(&format!(
        "document.querySelectorAll('[name=taille]').length === 4 && location.pathname !== '{from}'
         && !('navigation' in window && document.querySelector('[data-left]'))
         && document.getAnimations().length === 0
         && document.elementFromPoint(innerWidth / 2, innerHeight / 2) !== document.documentElement",
    ))
    .await
}

/// The step that is in force: the root's font size and the radio that is checked.
async fn in_force(page: &Page) -> Result<(String, String), Trouble> {
    page.eval(
        "[getComputedStyle(document.documentElement).fontSize,
          Array.from(document.querySelectorAll('[name=taille]:checked'), radio => radio.closest('label').textContent.slice(1)).join()]",
    )
    .await
}

/// This step is in force, for a reader whose own size is 16.
fn is(step: &str) -> (String, String) {
    let (_, times) = STEPS
        .into_iter()
        .find(|(name, _)| *name == step)
        .expect("one of the four steps");
    (format!("{}px", 16.0 * times), step.to_owned())
}

/// Waits until this step is in force.
async fn until(page: &Page, step: &str) -> Result<(), Trouble> {
    let (size, _) = is(step);
    page.wait_for(&format!(
        "getComputedStyle(document.documentElement).fontSize === '{size}'
         && document.querySelector('[name=taille]:checked')?.closest('label').textContent.endsWith('{step}')"
    ))
    .await?;
    assert_eq!(in_force(page).await?, is(step));
    Ok(())
}

// ---- What it is and does

async fn is_a_group_of_four_radios(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    page.the("group", "Taille du texte").await?;
    let radios = "fieldset input[type=radio]";
    assert_eq!(page.count(radios).await?, 4);
    for (index, (name, _)) in STEPS.into_iter().enumerate() {
        let radio = page.the("radio", name).await?;
        assert_eq!(radio.is_selected().await?, index == 0, "{name}");
    }
    let order: Vec<String> = page
        .eval(&format!(
            "Array.from(document.querySelectorAll('{radios}'), radio => radio.closest('label').textContent)"
        ))
        .await?;
    assert_eq!(order, ["ANormale", "AGrande", "ATrès grande", "AMaximale"]);
    // Each letter is as much larger as it looks.
    let letters: Vec<f64> = page
        .eval(
            "Array.from(document.querySelectorAll('.text-size-letter'), letter => parseFloat(getComputedStyle(letter).fontSize))",
        )
        .await?;
    assert!(letters.is_sorted_by(|a, b| a < b), "{letters:?}");
    Ok(())
}

async fn has_four_steps(_: &Site, page: &Page) -> Done {
    four_steps_of(page, 16.0).await
}

async fn is_in_proportion_to_the_readers_own(_: &Site, page: &Page) -> Done {
    four_steps_of(page, 20.0).await
}

async fn four_steps_of(page: &Page, own: f64) -> Done {
    open(page, ARTICLE).await?;
    for (name, times) in STEPS.into_iter().rev().chain(STEPS) {
        choose(page, name).await?;
        let wanted = (format!("{}px", own * times), name.to_owned());
        assert_eq!(in_force(page).await?, wanted);
    }
    Ok(())
}

async fn reaches_every_text(_: &Site, page: &Page) -> Done {
    every_text(page).await
}

async fn reaches_every_text_of_a_small_screen(_: &Site, page: &Page) -> Done {
    every_text(page).await
}

async fn every_text(page: &Page) -> Done {
    open(page, ARTICLE).await?;
    page.run(
        "window.size = ([element, pseudo]) => parseFloat(getComputedStyle(element, pseudo).fontSize);
         const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = new Set();
         while (walker.nextNode()) {
             const { data, parentElement } = walker.currentNode;
             if (data.trim() && !parentElement.closest('script, style, noscript')) texts.add(parentElement);
         }
         const marks = Array.from(document.querySelectorAll('body *')).flatMap(element => ['::before', '::after', '::marker']
             .filter(pseudo => /[^\"]/.test(getComputedStyle(element, pseudo).content.replace(/^(none|normal)$/, '')))
             .map(pseudo => [element, pseudo]));
         window.texts = [...Array.from(texts, element => [element]), ...marks].map(text => ({ text, normal: size(text) }))",
        vec![],
    )
    .await?;
    let count: usize = page.eval("texts.length").await?;
    assert!(count > 150, "only {count} elements with text");
    for (name, times) in STEPS {
        choose(page, name).await?;
        let others: Vec<String> = page
            .eval(&format!(
                "texts.filter(({{ text, normal }}) => Math.abs(size(text) / normal - {times}) > 0.005)
                     .map(({{ text, normal }}) => `${{text[0].localName}}.${{text[0].className}}${{text[1] ?? ''}} ${{normal}} → ${{size(text)}}: ${{text[0].textContent.slice(0, 40)}}`)"
            ))
            .await?;
        assert_eq!(others, [""; 0], "{name}");
    }
    Ok(())
}

// ---- What is kept

async fn is_kept_over_reloads_pages_and_visits(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    choose(page, TRES_GRANDE).await?;
    page.reload().await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));

    // To another page in the app, to one without the control, and back.
    leave(
        page,
        "document.querySelector('.feed-item a[href^=\"/\"]').click()",
    )
    .await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));
    page.click(".masthead-name a").await?;
    page.wait_for("location.pathname === '/' && document.querySelector('.card-lead')")
        .await?;
    let (size, _) = in_force(page).await?;
    assert_eq!(size, "24px");
    leave(page, "history.back()").await?;
    // WebKit puts the radios of a page that it had kept back as they came, and is corrected.
    until(page, TRES_GRANDE).await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));

    page.open_tab(ANOTHER).await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));
    choose(page, NORMALE).await?;
    page.reload().await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(NORMALE));
    Ok(())
}

/// The first script of the body runs when the styles are there and nothing has been drawn yet.
const FIRST: &str = "const size = () => getComputedStyle(document.documentElement).fontSize;
    window.first = { step: document.documentElement.dataset.taille, sizes: [size()], app: document.querySelector('#app') };
    const look = () => { if (first.sizes.at(-1) !== size()) first.sizes.push(size()); requestAnimationFrame(look) };
    requestAnimationFrame(look);";

async fn is_there_before_the_first_paint(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.answer(
        "/premier.js",
        Answer::json(FIRST).header("content-type", "text/javascript"),
    );
    front.html(|html| html.replacen("<body>", "<body><script src=\"/premier.js\"></script>", 1));
    page.through(&front);
    open(page, ARTICLE).await?;
    choose(page, MAXIMALE).await?;
    for again in [true, false] {
        if again {
            page.reload().await?;
        } else {
            page.open(ANOTHER).await?;
        }
        all_there(page).await?;
        page.frames().await?;
        assert_eq!(page.eval::<String>("first.step").await?, "maximale");
        assert!(page.eval::<bool>("first.app === null").await?);
        assert_eq!(page.eval::<Vec<String>>("first.sizes").await?, ["32px"]);
        assert_eq!(in_force(page).await?, is(MAXIMALE));
    }
    Ok(())
}

async fn is_followed_in_another_tab(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    page.run("window.same = true", vec![]).await?;
    let first = page.tab().await?;
    let second = page.open_tab(ANOTHER).await?;
    all_there(page).await?;
    page.run("window.same = true", vec![]).await?;
    choose(page, MAXIMALE).await?;
    page.look_at(&first).await?;
    until(page, MAXIMALE).await?;
    choose(page, GRANDE).await?;
    page.look_at(&second).await?;
    until(page, GRANDE).await?;

    // A tab on a page without the control follows as well.
    page.open("/").await?;
    page.wait_for("document.querySelector('.card')").await?;
    page.look_at(&first).await?;
    choose(page, TRES_GRANDE).await?;
    assert!(page.eval::<bool>("window.same").await?);
    page.look_at(&second).await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '24px'")
        .await?;

    // Everything forgotten is the normal size; so is what is none.
    for script in [
        "localStorage.clear()",
        "localStorage.setItem('manchette:taille', 'énorme')",
    ] {
        page.run(script, vec![]).await?;
        page.look_at(&first).await?;
        until(page, NORMALE).await?;
        choose(page, GRANDE).await?;
        page.look_at(&second).await?;
        page.wait_for("getComputedStyle(document.documentElement).fontSize === '20px'")
            .await?;
    }
    Ok(())
}

async fn does_not_mind_rubbish_in_the_storage(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    choose(page, MAXIMALE).await?;
    let keys: Vec<String> = page.eval("Object.keys(localStorage)").await?;
    assert_eq!(keys, ["manchette:taille"]);
    for rubbish in ["énorme", "", "[object Object]", "maximale ", "constructor"] {
        page.run(
            "localStorage.setItem('manchette:taille', arguments[0])",
            vec![rubbish.into()],
        )
        .await?;
        page.reload().await?;
        all_there(page).await?;
        assert_eq!(in_force(page).await?, is(NORMALE), "{rubbish}");
        choose(page, GRANDE).await?;
        assert_eq!(in_force(page).await?, is(GRANDE), "{rubbish}");
    }
    page.reload().await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(GRANDE));
    Ok(())
}

async fn works_and_forgets_where_storage_is_refused(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    assert_eq!(in_force(page).await?, is(NORMALE));
    choose(page, MAXIMALE).await?;
    assert_eq!(in_force(page).await?, is(MAXIMALE));
    leave(
        page,
        "document.querySelector('.card a[href^=\"/\"]').click()",
    )
    .await?;
    // Where a link loads its page whole, nothing is left that could remember.
    let one_page: bool = page.eval("'navigation' in window").await?;
    let next = if one_page { MAXIMALE } else { NORMALE };
    assert_eq!(in_force(page).await?, is(next), "the next page");
    page.reload().await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(NORMALE));
    choose(page, GRANDE).await?;
    assert_eq!(in_force(page).await?, is(GRANDE));
    Ok(())
}

// ---- Without the app

/// Every step, there and back, at once: what is measured is measured in the same breath.
async fn every_step_at_once(page: &Page) -> Done {
    for (step, _) in STEPS.into_iter().rev().chain(STEPS.into_iter().skip(1)) {
        choose(page, step).await?;
        assert_eq!(in_force(page).await?, is(step));
    }
    Ok(())
}

async fn works_before_the_app_has_come(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let late = std::time::Duration::from_secs(4);
    front.answer(WASM, Answer::pass().after(late));
    page.open(ARTICLE).await?;
    choose(page, TRES_GRANDE).await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));
    let awake = "document.documentElement.hasAttribute('data-app')";
    assert!(
        !page.eval::<bool>(awake).await?,
        "the app has come too soon for this case"
    );
    // … and nothing of it is lost when it comes.
    page.wait_for(awake).await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(TRES_GRANDE));
    choose(page, GRANDE).await?;
    assert_eq!(in_force(page).await?, is(GRANDE));
    Ok(())
}

async fn works_where_the_app_never_comes(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for never in [Answer::status(404), Answer::silence()] {
        front.answer(WASM, never);
        front.forget();
        page.open(ARTICLE).await?;
        front.asked(WASM).await?;
        every_step_at_once(page).await?;
        page.reload().await?;
        assert_eq!(in_force(page).await?, is(MAXIMALE));
        assert!(page.text("h1").await?.contains("La loi de finances"));
        choose(page, NORMALE).await?;
    }
    Ok(())
}

async fn works_without_scripts(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    page.open(ARTICLE).await?;
    assert_eq!(in_force(page).await?, is(NORMALE));
    every_step_at_once(page).await?;
    page.press("ArrowLeft").await?;
    until(page, TRES_GRANDE).await?;
    assert_eq!(front.count(WASM), 0);
    Ok(())
}

// ---- By keyboard, by finger, in few colours

/// Whether the arrow keys stop at the ends of a radio group, as WebKitGTK has it, and do not go round.
fn stops_at_the_ends(page: &Page) -> bool {
    page.engine() == Engine::WebKit
}

/// Goes to the group with the Tab key, wherever it is.
async fn tab_to_the_group(page: &Page) -> Result<(), Trouble> {
    for _ in 0..20 {
        page.press("Tab").await?;
        if page
            .eval("document.activeElement.name === 'taille'")
            .await?
        {
            return Ok(());
        }
    }
    Err("twenty times Tab do not reach the text size".into())
}

async fn obeys_tab_and_arrow_keys(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    tab_to_the_group(page).await?;
    assert_eq!(page.focus().await?, "radio Normale");
    for (key, step) in [
        ("ArrowRight", GRANDE),
        ("ArrowDown", TRES_GRANDE),
        ("ArrowRight", MAXIMALE),
        ("ArrowLeft", TRES_GRANDE),
        ("ArrowUp", GRANDE),
        ("ArrowLeft", NORMALE),
        ("ArrowDown", GRANDE),
    ] {
        let round = matches!(
            (key, step),
            ("ArrowRight", NORMALE) | ("ArrowLeft", MAXIMALE)
        );
        if round && stops_at_the_ends(page) {
            continue;
        }
        page.press(key).await?;
        until(page, step).await?;
        assert_eq!(page.focus().await?, format!("radio {step}"));
    }
    // The group is one stop, at the step that is in force.
    page.press("Tab").await?;
    assert!(!page.focus().await?.starts_with("radio"));
    page.press("Shift+Tab").await?;
    assert_eq!(page.focus().await?, "radio Grande");
    page.reload().await?;
    all_there(page).await?;
    assert_eq!(in_force(page).await?, is(GRANDE));
    Ok(())
}

async fn shows_where_the_focus_is(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    let outlines = "Array.from(document.querySelectorAll('.text-size-step'), step => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(step);
        return outlineStyle === 'none' || / 0\\)$/.test(outlineColor) ? 0 : parseFloat(outlineWidth);
    })";
    assert_eq!(page.eval::<[f64; 4]>(outlines).await?, [0.0; 4]);
    tab_to_the_group(page).await?;
    for focused in 0..4 {
        if focused > 0 {
            page.press("ArrowRight").await?;
        }
        let widths: [f64; 4] = page.eval(outlines).await?;
        for (index, width) in widths.into_iter().enumerate() {
            assert_eq!(
                width >= 2.0,
                index == focused,
                "{widths:?} {}",
                page.eval::<String>("[document.activeElement.value, document.activeElement.matches(':focus-visible'), document.activeElement.closest('label').matches(':has(:focus-visible)')].join()").await?
            );
        }
        // Nothing stands before it.
        assert!(
            page.eval::<bool>(
                "(() => { const step = document.activeElement.closest('label'), { x, y, width, height } = step.getBoundingClientRect();
                    return y >= 0 && y + height <= innerHeight && step.contains(document.elementFromPoint(x + width / 2, y + height / 2)) })()"
            )
            .await?
        );
    }
    Ok(())
}

async fn is_large_enough_for_a_finger(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    for (width, height) in [(320, 640), (1280, 800)] {
        page.resize(width, height).await?;
        for (step, _) in STEPS {
            choose(page, step).await?;
            page.run(
                "document.querySelector('.text-size').scrollIntoView({ block: 'center', behavior: 'instant' })",
                vec![],
            )
            .await?;
            let targets = page.rects(".text-size-step").await?;
            for (index, target) in targets.iter().enumerate() {
                assert!(
                    target.width >= 44.0 && target.height >= 44.0,
                    "{step}, {width} px: {target:?}"
                );
                assert!(
                    target.x >= 0.0 && target.x + target.width <= f64::from(width),
                    "{step}, {width} px: {target:?}"
                );
                let before = index.checked_sub(1).map(|index| targets[index]);
                assert!(
                    before.is_none_or(|before| before.x + before.width <= target.x + 0.01),
                    "{step}, {width} px: {targets:?}"
                );
            }
            // A touch anywhere in those 44 × 44 px is one of that step.
            let missed: Vec<String> = page
                .eval(
                    "Array.from(document.querySelectorAll('.text-size-step')).filter(step => {
                         const { x, y, width, height } = step.getBoundingClientRect();
                         return [-21, 0, 21].some(dx => [-21, 0, 21].some(dy =>
                             !step.contains(document.elementFromPoint(x + width / 2 + dx, y + height / 2 + dy))));
                     }).map(step => step.textContent)",
                )
                .await?;
            assert_eq!(missed, [""; 0], "{step}, {width} px");
        }
    }
    Ok(())
}

async fn is_told_apart_in_forced_colors(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    for (chosen, (step, _)) in STEPS.into_iter().enumerate() {
        choose(page, step).await?;
        let looks: [[String; 2]; 4] = page
            .eval(
                "Array.from(document.querySelectorAll('.text-size-step'), step =>
                     [getComputedStyle(step).backgroundColor, getComputedStyle(step.querySelector('.text-size-letter')).color])",
            )
            .await?;
        for (index, look) in looks.iter().enumerate() {
            assert_eq!(index == chosen, look[0] == looks[chosen][0], "{looks:?}");
            assert_ne!(look[0], look[1], "{looks:?}");
        }
    }
    Ok(())
}

// ---- The reader's line

/// What can be said of the line that was remembered.
#[derive(Debug, Deserialize)]
struct Line {
    words: String,
    /// How far it is from where it was, below what sticks to the top.
    moved: f64,
    /// How high its line is now.
    height: f64,
    /// Whether nothing of it is in view any more.
    gone: bool,
}

/// Remembers the first line in view and says where it is later.
const LINE: &str = "window.line = {
    top() {
        const { top, bottom } = document.querySelector('.text-size').getBoundingClientRect();
        return top < 1 && bottom > 0 ? bottom : 0;
    },
    spot(x, y) {
        const position = document.caretPositionFromPoint?.(x, y), range = position ? null : document.caretRangeFromPoint(x, y);
        return position ? [position.offsetNode, position.offset] : [range.startContainer, range.startOffset];
    },
    rect() { return this.range.getBoundingClientRect() },
    remember() {
        for (let y = this.top() + 8; y < innerHeight; y += 4) {
            const text = document.elementFromPoint(innerWidth / 3, y)?.closest('p, li, h1, h2, h3, h4, td, th, figcaption, blockquote');
            if (!text) continue;
            const [node, offset] = this.spot(text.getBoundingClientRect().left + 4, y);
            if (node.nodeType !== 3 || offset + 1 > node.length) continue;
            this.range = document.createRange();
            this.range.setStart(node, offset);
            this.range.setEnd(node, offset + 1);
            const { top, bottom } = this.rect();
            if (top > y || bottom < y) continue;
            this.at = top - this.top();
            return;
        }
        throw new Error('no text in view');
    },
    look() {
        const { startContainer, startOffset } = this.range, { top, bottom } = this.rect();
        return {
            words: startContainer.data.slice(startOffset, startOffset + 40),
            moved: top - this.top() - this.at,
            height: parseFloat(getComputedStyle(startContainer.parentElement).lineHeight),
            gone: bottom <= this.top() || top >= innerHeight,
        };
    },
}";

/// Depths to read at: where the control is in the middle of the view, and then through the text,
/// with lines cut in all sorts of ways.
async fn depths(page: &Page) -> Result<Vec<f64>, Trouble> {
    page.run(LINE, vec![]).await?;
    page.eval(
        "(() => { const { top, height } = document.querySelector('.body').getBoundingClientRect();
            const inside = [0.02, 0.13, 0.301, 0.477, 0.62, 0.755, 0.9].map(part => top + part * height);
            return [top - innerHeight / 2, ...inside].map(place => Math.round(scrollY + place)) })()",
    )
    .await
}

/// Fails unless the line that was remembered is still the first in view.
async fn same_line(page: &Page, depth: f64, step: &str) -> Result<(), Trouble> {
    page.frames().await?;
    let line: Line = page.eval("line.look()").await?;
    let Line {
        words,
        moved,
        height,
        gone,
    } = line;
    if gone || moved.abs() > height + 1.0 {
        return Err(format!(
            "{depth} px down, {step}: “{words}” has moved by {moved} px, and a line is {height} px high"
        )
        .into());
    }
    Ok(())
}

/// How many changes are made at the nth depth. Above the text the control moves away with the text
/// that grows, and a reader who goes after it has scrolled: there, one.
fn changes(depth: usize) -> usize {
    if depth == 0 { 1 } else { usize::MAX }
}

const UP_AND_DOWN: [&str; 10] = [
    GRANDE,
    TRES_GRANDE,
    MAXIMALE,
    TRES_GRANDE,
    GRANDE,
    NORMALE,
    MAXIMALE,
    GRANDE,
    MAXIMALE,
    NORMALE,
];

async fn keeps_the_line_being_read(_: &Site, page: &Page) -> Done {
    line_while_clicking(page).await
}

async fn keeps_the_line_being_read_on_a_small_screen(_: &Site, page: &Page) -> Done {
    line_while_clicking(page).await
}

async fn line_while_clicking(page: &Page) -> Done {
    open(page, ARTICLE).await?;
    let mut radios = Vec::new();
    for (name, _) in STEPS {
        radios.push((name, page.the("radio", name).await?));
    }
    let mut lost = Vec::new();
    for (index, depth) in depths(page).await?.into_iter().enumerate() {
        page.scroll_to(depth).await?;
        page.run("line.remember()", vec![]).await?;
        for step in UP_AND_DOWN.into_iter().take(changes(index)) {
            for (_, radio) in radios.iter().filter(|(name, _)| *name == step) {
                radio.click().await?;
            }
            lost.extend(same_line(page, depth, step).await.err());
        }
        choose(page, NORMALE).await?;
    }
    none(&lost)
}

async fn keeps_the_line_being_read_when_keys_are_pressed(_: &Site, page: &Page) -> Done {
    line_while_pressing_keys(page).await
}

async fn keeps_the_line_being_read_when_keys_are_pressed_on_a_small_screen(
    _: &Site,
    page: &Page,
) -> Done {
    line_while_pressing_keys(page).await
}

async fn line_while_pressing_keys(page: &Page) -> Done {
    open(page, ARTICLE).await?;
    let mut lost = Vec::new();
    for (index, depth) in depths(page).await?.into_iter().enumerate() {
        page.run(
            "document.querySelector('[name=taille]:checked').focus({ preventScroll: true })",
            vec![],
        )
        .await?;
        page.scroll_to(depth).await?;
        page.run("line.remember()", vec![]).await?;
        for (key, step) in [
            ("ArrowRight", GRANDE),
            ("ArrowDown", TRES_GRANDE),
            ("ArrowRight", MAXIMALE),
            ("ArrowLeft", TRES_GRANDE),
            ("ArrowUp", GRANDE),
            ("ArrowLeft", NORMALE),
            ("ArrowRight", GRANDE),
            ("ArrowLeft", NORMALE),
        ]
        .into_iter()
        .take(changes(index).min(if stops_at_the_ends(page) { 6 } else { 8 }))
        {
            page.press(key).await?;
            until(page, step).await?;
            lost.extend(
                same_line(page, depth, &format!("{key}, {step}"))
                    .await
                    .err(),
            );
        }
        choose(page, NORMALE).await?;
    }
    none(&lost)
}

async fn keeps_the_line_being_read_when_another_tab_changes(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    let depths = depths(page).await?;
    let first = page.tab().await?;
    let second = page.open_tab(ANOTHER).await?;
    all_there(page).await?;
    let mut lost = Vec::new();
    for (depth, steps) in depths.into_iter().skip(1).step_by(2).zip([
        [GRANDE, MAXIMALE],
        [TRES_GRANDE, NORMALE],
        [MAXIMALE, TRES_GRANDE],
        [GRANDE, NORMALE],
    ]) {
        page.look_at(&first).await?;
        page.scroll_to(depth).await?;
        page.run("line.remember()", vec![]).await?;
        for step in steps {
            page.look_at(&second).await?;
            choose(page, step).await?;
            page.look_at(&first).await?;
            until(page, step).await?;
            lost.extend(same_line(page, depth, step).await.err());
        }
    }
    none(&lost)
}

async fn keeps_the_line_being_read_after_coming_back(_: &Site, page: &Page) -> Done {
    open(page, ARTICLE).await?;
    let depth = depths(page).await?[4];
    page.scroll_to(depth).await?;
    choose(page, GRANDE).await?;
    let before: f64 = page.eval("scrollY").await?;
    leave(
        page,
        "document.querySelector('.feed-item a[href^=\"/\"]').click()",
    )
    .await?;
    leave(page, "history.back()").await?;
    all_there(page).await?;
    page.wait_for(&format!(
        "location.pathname === '{ARTICLE}' && Math.abs(scrollY - {before}) < 2"
    ))
    .await?;
    page.at_rest().await?;
    page.run(LINE, vec![]).await?; // the page may be another one that looks the same
    page.run("line.remember()", vec![]).await?;
    for step in [MAXIMALE, NORMALE] {
        choose(page, step).await?;
        same_line(page, depth, step).await?;
    }
    Ok(())
}

fn none(lost: &[Trouble]) -> Done {
    let lines: Vec<_> = lost.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(lines.join("\n").into())
    }
}
