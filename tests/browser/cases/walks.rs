//! Random walks: a reader who clicks, goes back and forward, changes sizes, loses the backend or the
//! whole network and finds it again, in sequences that a seed makes. After each step page, address,
//! title and size fit together, and at the end scripts hold no more than before. A few walks are in
//! every run; `make walks WALKS=1000` makes more.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use serde::Deserialize;
use serde_json::json;

use super::offline;
use super::prerendered::awake;
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::{Engine, Needs};
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(
        whatever_is_done_the_page_is_of_a_piece,
        Needs::NOTHING.prerendered().without_worker()
    ),
    case!(
        whatever_is_done_without_a_network_the_page_is_of_a_piece,
        Needs::NOTHING.prerendered()
    ),
    case!(
        many_pages_leave_the_memory_as_it_was,
        Needs::NOTHING
            .prerendered()
            .without_worker()
            .not_in(NO_HEAP)
    ),
];

const NO_HEAP: &[(Engine, &str)] = &[
    (
        Engine::Firefox,
        "its driver does not tell what scripts hold",
    ),
    (Engine::WebKit, "its driver does not tell what scripts hold"),
];

const WALKS: u64 = 8;
const STEPS: usize = 12;
const SIZES: [&str; 4] = ["normale", "grande", "tres-grande", "maximale"];
const WINDOWS: [(u32, u32); 3] = [(320, 640), (800, 600), (1280, 800)];
const TROUBLE: &str = "Cette page n’a pas pu être chargée";

/// The seeds of the walks that were asked for, if any were: how many, or from one to before another
/// (`51..52` is one walk again).
pub fn asked_for() -> Option<Range<u64>> {
    let asked = std::env::var("MANCHETTE_WALKS").ok()?;
    let (from, to) = asked.split_once("..").unwrap_or(("0", &asked));
    Some(from.parse().ok()?..to.parse().ok()?)
}

/// What there is on the page.
#[derive(Debug, Deserialize)]
struct Seen {
    path: String,
    title: String,
    headlines: Vec<String>,
    content: bool,
    size: String,
    radios: Vec<String>,
    broken: bool,
}

const SEEN: &str = "(words => ({
    path: location.pathname,
    title: words(document.title),
    headlines: [...document.querySelectorAll('h1')].filter(h1 => h1.checkVisibility()).map(h1 => words(h1.textContent)),
    // The pages of what is kept may have nothing to show but that.
    content: !!document.querySelector(['/hors-ligne/', '/a-lire/'].includes(location.pathname) ? 'main p' : '.body p, .card'),
    size: document.documentElement.dataset.taille,
    radios: [...document.querySelectorAll('input[name=taille]:checked')].map(radio => radio.value),
    broken: !document.querySelector('#panne').hidden,
}))(text => text.replace(/\\s+/g, ' ').trim())";

struct Walk<'a> {
    site: &'a Site,
    page: &'a Page,
    front: &'a Front,
    /// What is lost where something is: the backend, or all.
    lost: &'static str,
    size: &'static str,
    /// How often the reader can go back, and forward again.
    ways: (usize, usize),
}

impl Walk<'_> {
    /// The walk that this seed makes.
    async fn whole(&mut self, seed: u64, steps: &mut Vec<String>) -> Result<(), Trouble> {
        let mut rng = Rng::with_seed(seed);
        self.front.clear();
        self.page.open("/").await?;
        for _ in 0..STEPS {
            steps.push(self.step(&mut rng).await?);
            self.is_of_a_piece().await?;
        }
        Ok(())
    }

    /// One step, in words.
    async fn step(&mut self, rng: &mut Rng) -> Result<String, Trouble> {
        let page = self.page;
        Ok(match rng.u32(..12) {
            0 if self.ways.0 > 0 => {
                page.back().await?;
                self.ways = (self.ways.0 - 1, self.ways.1 + 1);
                "back".to_owned()
            }
            1 if self.ways.1 > 0 => {
                page.forward().await?;
                self.ways = (self.ways.0 + 1, self.ways.1 - 1);
                "forward".to_owned()
            }
            2 | 3 => {
                let size = SIZES[rng.usize(..SIZES.len())];
                let there: bool = page
                    .eval(&format!(
                        "(radio => radio ? (radio.click(), true) : false)(document.querySelector('input[value={size}]'))"
                    ))
                    .await?;
                if there {
                    self.size = size;
                }
                format!("size {size} ({there})")
            }
            4 => {
                let (width, height) = WINDOWS[rng.usize(..WINDOWS.len())];
                page.resize(width, height).await?;
                format!("window {width}")
            }
            5 => {
                self.front.clear();
                self.front.answer(self.lost, Answer::drop_connection());
                format!("{} gone", self.lost)
            }
            6 => {
                self.front.clear();
                let late = Duration::from_millis(rng.u64(50..900));
                self.front.answer("/api/*", Answer::pass().after(late));
                format!("backend {late:?} late")
            }
            7 => {
                self.front.clear();
                "backend well".to_owned()
            }
            _ => self.click(rng).await?,
        })
    }

    async fn click(&mut self, rng: &mut Rng) -> Result<String, Trouble> {
        let before = self.page.path().await?;
        let links = "[...document.querySelectorAll('#app a[href^=\"/\"], #app button')].filter(link => link.checkVisibility())";
        let count: usize = self.page.eval(&format!("{links}.length")).await?;
        let index = rng.usize(..count.max(1));
        let what = self
            .page
            .run(
                &format!("const link = {links}[arguments[0]]; link?.click(); return link?.textContent ?? ''"),
                vec![json!(index)],
            )
            .await?;
        self.settled().await?;
        if self.page.path().await? != before {
            self.ways = (self.ways.0 + 1, 0);
        }
        Ok(format!("click {what}"))
    }

    async fn settled(&self) -> Result<(), Trouble> {
        self.page
            .wait_for(
                "document.readyState === 'complete'
                 && !document.querySelector('[data-busy], .skeleton')",
            )
            .await?;
        awake(self.page).await?;
        self.page.frames().await
    }

    /// What belongs together is together.
    async fn is_of_a_piece(&self) -> Result<(), Trouble> {
        self.settled().await?;
        let seen: Seen = self.page.eval(SEEN).await?;
        let wanted = headline_of(&self.site.get(&seen.path).await?.body);
        let [headline] = &seen.headlines[..] else {
            return Err(format!("not one headline: {seen:?}").into());
        };
        let in_trouble = headline == TROUBLE;
        let right = (in_trouble || *headline == wanted)
            && (seen.path == "/" || seen.title.starts_with(headline.as_str()))
            && (in_trouble || seen.content)
            && seen.size == self.size
            && seen.radios.iter().all(|radio| radio == self.size)
            && !seen.broken;
        if right {
            return Ok(());
        }
        Err(format!(
            "{seen:?}, but the size is {} and {} is “{wanted}”",
            self.size, seen.path
        )
        .into())
    }
}

/// The headline in a page that came as HTML.
fn headline_of(html: &str) -> String {
    let h1 = html
        .split_once("<h1 tabindex=\"-1\"")
        .and_then(|(_, rest)| rest.split_once('>'));
    let text = h1
        .and_then(|(_, rest)| rest.split_once("</h1>"))
        .map_or("", |(text, _)| text);
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn whatever_is_done_the_page_is_of_a_piece(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    page.open("/").await?;
    awake(page).await?;
    walks(site, page, &front, "/api/*").await
}

/// With the worker, which keeps what was opened.
async fn whatever_is_done_without_a_network_the_page_is_of_a_piece(
    site: &Site,
    page: &Page,
) -> Done {
    let front = site.front().await?;
    page.through(&front);
    offline::open(page, "/").await?;
    walks(site, page, &front, "*").await
}

/// The bytes that the scripts of one page hold, where the browser tells. What it keeps of others for
/// a return, six in Chromium, each with its app, makes place before for what has none.
async fn held(page: &Page, front: &Front) -> Result<f64, Trouble> {
    if page.engine() != Engine::Chromium {
        return Ok(0.0);
    }
    front.clear();
    for n in 0..8 {
        page.open(&format!("/robots.txt?{n}")).await?;
    }
    page.open("/").await?;
    awake(page).await?;
    page.heap().await
}

async fn walks(site: &Site, page: &Page, front: &Front, lost: &'static str) -> Done {
    let seeds = asked_for().unwrap_or(0..WALKS);
    let walks = seeds.clone().count();
    let mut stumbles = Vec::new();
    let mut size = SIZES[0];
    let before = held(page, front).await?;
    for seed in seeds {
        let mut steps = Vec::new();
        let mut walk = Walk {
            site,
            page,
            front,
            lost,
            size,
            ways: (0, 0),
        };
        if let Err(trouble) = walk.whole(seed, &mut steps).await {
            let stumble = format!("seed {seed}, after {steps:?}: {trouble}");
            // Of a thousand walks the others are wanted as well.
            eprintln!("{:?}: {stumble}", page.engine());
            stumbles.push(stumble);
        }
        size = walk.size;
        if seed % 50 == 49 {
            let stumbled = stumbles.len();
            eprintln!(
                "{:?}: after seed {seed}, {stumbled} stumbled",
                page.engine()
            );
        }
    }
    let after = held(page, front).await?;
    if after > 0.0 {
        eprintln!("scripts held {before} bytes before {walks} walks, {after} after");
    }
    if after > before * 1.5 {
        stumbles.push(format!("from {before} to {after} bytes held"));
    }
    if stumbles.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} stumbles in {walks} walks: {}",
        stumbles.len(),
        stumbles.join("\n")
    )
    .into())
}

async fn many_pages_leave_the_memory_as_it_was(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    page.open("/").await?;
    awake(page).await?;
    page.run("window.mark = 1", vec![]).await?;
    // More pages than the app remembers, before the first look as after it.
    let mut heaps = Vec::new();
    for _ in 0..2 {
        for n in 0..35 {
            page.run(
                "const cards = document.querySelectorAll('.card-title a[href^=\"/\"]'); cards[arguments[0] % cards.length].click()",
                vec![json!(n)],
            )
            .await?;
            page.wait_for(
                "location.pathname !== '/' && document.querySelector('.article, .body') && !document.querySelector('[data-busy]')",
            )
            .await?;
            page.run("document.querySelector('.masthead-name a').click()", vec![])
                .await?;
            page.wait_for("location.pathname === '/' && document.querySelector('.cards-front') && !document.querySelector('[data-busy]')")
                .await?;
        }
        heaps.push(page.heap().await?);
    }
    assert!(page.eval::<bool>("window.mark === 1").await?, "loaded anew");
    assert!(heaps[1] <= heaps[0] * 1.5, "bytes: {heaps:?}");
    Ok(())
}
