//! One reader with one browser: open, look, press, scroll, wait, and what can be seen.
//! What a reader can do belongs here; how one browser does it differently is in engine.rs.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions, WheelAction, WheelActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::Trouble;
use crate::engine::{Engine, Session};
use crate::front::Front;
use crate::site::Site;

/// How long a reader waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How old the page is when it can be read, null until then.
const READABLE: &str = "
    const seen = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && element.getBoundingClientRect().height > 0;
    const words = element => element.textContent.replace(/\\s+/g, ' ').trim();
    const h1 = [...document.querySelectorAll('h1')].find(h1 => words(h1) === arguments[0] && seen(h1));
    const first = h1 && [...document.querySelectorAll('#app p, .card')].find(p =>
        h1.compareDocumentPosition(p) & Node.DOCUMENT_POSITION_FOLLOWING && words(p) && seen(p));
    return first ? performance.now() : null;";

#[derive(Debug)]
pub struct Page {
    session: Session,
    origin: RefCell<String>,
    readable: Cell<Option<u32>>,
    _front: Option<Front>,
}

/// A rectangle on the screen, in CSS pixels from the top left of what is visible.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// One layout shift, and what moved.
#[derive(Clone, Debug, Deserialize)]
pub struct Shift {
    pub value: f64,
    /// Within half a second of the reader's own doing: browsers leave these out of the score.
    pub expected: bool,
    pub moved: Vec<String>,
}

// ---- Going about

impl Page {
    pub(crate) async fn new(session: Session, site: &Site) -> Result<Self, Trouble> {
        let front = if site.needs_a_front() {
            Some(site.front().await?)
        } else {
            None
        };
        let origin = front
            .as_ref()
            .map_or_else(|| site.url(), Front::url)
            .to_owned();
        Ok(Self {
            session,
            origin: RefCell::new(origin),
            readable: Cell::new(None),
            _front: front,
        })
    }

    /// From now on, paths are those of this front.
    pub fn through(&self, front: &Front) {
        self.origin.replace(front.url().to_owned());
    }

    pub fn engine(&self) -> Engine {
        self.session.engine
    }

    /// Opens an address of the site and waits until it has loaded.
    pub async fn open(&self, path: &str) -> Result<(), Trouble> {
        Ok(self.session.client.goto(&self.absolute(path)).await?)
    }

    /// Opens an address and waits until this headline and the first paragraph (or card) below it can
    /// be seen. The time that takes is counted from the navigation's start by the page's own clock.
    pub async fn reads(&self, path: &str, headline: &str) -> Result<(), Trouble> {
        // From nowhere: the app takes what leads from one of its pages to another.
        self.session.client.goto("about:blank").await?;
        let mut may_be_lost = !self.session.needs.impatient && !self.session.needs.scripts_off;
        if may_be_lost {
            self.set_out(path).await?;
        } else {
            self.open(path).await?;
        }
        let began = Instant::now();
        loop {
            // Until the new document is there, the old one answers, or none.
            let answer = self.run(READABLE, vec![json!(plain(headline))]).await;
            if let Ok(Value::Number(milliseconds)) = &answer {
                let took = milliseconds.as_f64().unwrap_or_default().round();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a minute"
                )]
                let took = took as u32;
                self.readable.set(self.readable.get().max(Some(took)));
                return Ok(());
            }
            // Firefox now and then loses what an empty page that has just come sets out for.
            if may_be_lost && began.elapsed() > PATIENCE {
                may_be_lost = false;
                let address = self.session.client.current_url().await;
                if address.is_ok_and(|address| address.as_str() == "about:blank") {
                    self.set_out(path).await?;
                }
            }
            if began.elapsed() > PATIENCE * 3 {
                let situation = self.situation().await;
                return Err(format!("“{headline}” cannot be read: {answer:?}\n{situation}").into());
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The longest that `reads` took so far, in milliseconds.
    pub fn readable(&self) -> Option<u32> {
        self.readable.get()
    }

    /// Sets out for an address of the site and does not wait. See `Needs::impatient`.
    pub async fn set_out(&self, path: &str) -> Result<(), Trouble> {
        let script = "setTimeout(address => { location.href = address }, 0, arguments[0])";
        self.run(script, vec![json!(self.absolute(path))]).await?;
        Ok(())
    }

    pub async fn reload(&self) -> Result<(), Trouble> {
        Ok(self.session.client.refresh().await?)
    }

    pub async fn back(&self) -> Result<(), Trouble> {
        Ok(self.session.client.back().await?)
    }

    pub async fn forward(&self) -> Result<(), Trouble> {
        Ok(self.session.client.forward().await?)
    }

    /// Path, query and fragment of the page that is shown.
    pub async fn path(&self) -> Result<String, Trouble> {
        self.eval("location.pathname + location.search + location.hash")
            .await
    }

    fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin.borrow())
    }

    /// The tab that is looked at.
    pub async fn tab(&self) -> Result<WindowHandle, Trouble> {
        Ok(self.session.client.window().await?)
    }

    /// Opens an address in another tab of the same browser, of the same size, and looks at it.
    pub async fn open_tab(&self, path: &str) -> Result<WindowHandle, Trouble> {
        // WebKitGTK takes no pictures of a tab behind another one: there it is a window.
        let as_tab = self.engine() != Engine::WebKit;
        let tab = self.session.client.new_window(as_tab).await?.handle;
        self.look_at(&tab).await?;
        self.resize(self.session.needs.width, self.session.needs.height)
            .await?;
        self.open(path).await?;
        Ok(tab)
    }

    /// Looks at another tab.
    pub async fn look_at(&self, tab: &WindowHandle) -> Result<(), Trouble> {
        Ok(self.session.client.switch_to_window(tab.clone()).await?)
    }

    /// Gives the tab that is looked at another size: `innerWidth` and `innerHeight`.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), Trouble> {
        self.session.resize(width, height).await
    }
}

// ---- Asking the page

impl Page {
    /// The value of a JavaScript expression, awaited where it is a promise.
    pub async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Trouble> {
        let value = self.run(&format!("return ({expression})"), vec![]).await;
        let value = value.map_err(|trouble| format!("`{expression}`: {trouble}"))?;
        serde_json::from_value(value.clone())
            .map_err(|error| format!("`{expression}` is {value}: {error}").into())
    }

    /// Runs a script, which reads `arguments` and may return.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> Result<Value, Trouble> {
        self.session
            .client
            .execute(script, args)
            .await
            .map_err(|error| match error {
                CmdError::Standard(error) => format!("{}: {}", error.error(), error.message).into(),
                error => error.into(),
            })
    }

    /// Waits until a JavaScript expression, or what it promises, is truthy. It may throw until then.
    pub async fn wait_for(&self, condition: &str) -> Result<(), Trouble> {
        let script = format!(
            "try {{ const value = ({condition}); return value?.then ? value.then(Boolean) : !!value }} catch (error) {{ return String(error) }}"
        );
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.run(&script, vec![]).await;
            if matches!(answer, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let last = answer.map_or_else(|error| error.to_string(), |value| value.to_string());
                let seconds = PATIENCE.as_secs();
                return Err(format!(
                    "after {seconds} s, `{condition}` is still {last}\n{}",
                    self.situation().await
                )
                .into());
            }
            sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until this text can be read somewhere on the page. White space is all the same.
    pub async fn wait_for_text(&self, text: &str) -> Result<(), Trouble> {
        let text = serde_json::to_string(&plain(text))?;
        self.wait_for(&format!(
            "document.body.innerText.replace(/\\s+/g, ' ').includes({text})"
        ))
        .await
    }

    /// Where the page is and what it says: for messages.
    async fn situation(&self) -> String {
        let script = "const [visit] = performance.getEntriesByType('navigation'), { documentElement: root, readyState, title, body } = document;
                      return `${location.href} (${visit?.type}, ${readyState}${root.hasAttribute('data-app') ? ', awake' : ''}, scrolled by ${scrollY} of ${root.scrollHeight} in ${innerWidth} x ${innerHeight})\\n${title}\\n`
                      + (body ? body.innerText.replace(/\\s*\\n\\s*/g, '\\n').slice(0, 800) : '')";
        match self.run(script, vec![]).await {
            Ok(Value::String(text)) => format!("The page: {text}"),
            Ok(other) => format!("The page: {other}"),
            Err(error) => format!("The page does not answer: {error}"),
        }
    }

    /// Two frames have been drawn since.
    pub async fn frames(&self) -> Result<(), Trouble> {
        let script = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.session.client.execute_async(script, vec![]).await?;
        Ok(())
    }
}

// ---- Finding

impl Page {
    /// The first element that a selector finds.
    pub async fn find(&self, css: &str) -> Result<Element, Trouble> {
        match self.session.client.find(Locator::Css(css)).await {
            Ok(element) => Ok(element),
            Err(error) if error.is_no_such_element() => {
                Err(format!("nothing is `{css}`\n{}", self.situation().await).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How many elements a selector finds.
    pub async fn count(&self, css: &str) -> Result<usize, Trouble> {
        Ok(self.session.client.find_all(Locator::Css(css)).await?.len())
    }

    /// The text that can be seen in the first element that a selector finds.
    pub async fn text(&self, css: &str) -> Result<String, Trouble> {
        Ok(self.find(css).await?.text().await?)
    }

    /// The texts that can be seen in all the elements that a selector finds.
    pub async fn texts(&self, css: &str) -> Result<Vec<String>, Trouble> {
        let mut texts = Vec::new();
        for element in self.session.client.find_all(Locator::Css(css)).await? {
            texts.push(element.text().await?);
        }
        Ok(texts)
    }

    /// An attribute of the first element that a selector finds, as it is written. (WebDriver's own
    /// way to ask gives an address made absolute in WebKit.)
    pub async fn attr(&self, css: &str, name: &str) -> Result<Option<String>, Trouble> {
        let (css, name) = (serde_json::to_string(css)?, serde_json::to_string(name)?);
        self.eval(&format!(
            "document.querySelector({css}).getAttribute({name})"
        ))
        .await
    }

    /// Where the elements are that a selector finds.
    pub async fn rects(&self, css: &str) -> Result<Vec<Rect>, Trouble> {
        let css = serde_json::to_string(css)?;
        self.eval(&format!(
            "Array.from(document.querySelectorAll({css}), element => {{
                 const {{ x, y, width, height }} = element.getBoundingClientRect();
                 return {{ x, y, width, height }};
             }})"
        ))
        .await
    }

    /// The element of this role and accessible name, as the browser computes them for assistive
    /// technology. A name that ends in `*` stands for all that begin so. One, not more.
    pub async fn the(&self, role: &str, name: &str) -> Result<Element, Trouble> {
        let (mut found, others) = self.by_role(role, name).await?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(format!(
                "no {role} is named “{name}”, only: {others:?}\n{}",
                self.situation().await
            )
            .into()),
            many => Err(format!("{many} times {role} is named “{name}”").into()),
        }
    }

    /// Whether there is an element of this role and accessible name.
    pub async fn has(&self, role: &str, name: &str) -> Result<bool, Trouble> {
        Ok(!self.by_role(role, name).await?.0.is_empty())
    }

    async fn by_role(
        &self,
        role: &str,
        name: &str,
    ) -> Result<(Vec<Element>, Vec<String>), Trouble> {
        let name = plain(name);
        let (mut found, mut others) = (Vec::new(), Vec::new());
        for element in self
            .session
            .client
            .find_all(Locator::Css(&candidates(role)))
            .await?
        {
            // WebKit has an error in the place of an answer for what is not rendered.
            let its = self.computed(&element, "computedrole").await;
            if its.unwrap_or_default() != role {
                continue;
            }
            let its = self.computed(&element, "computedlabel").await?;
            if name
                .strip_suffix('*')
                .map_or(its == name, |start| its.starts_with(start))
            {
                found.push(element);
            } else {
                others.push(its);
            }
        }
        Ok((found, others))
    }

    /// Role and accessible name of what has the focus: "radio Grande".
    pub async fn focus(&self) -> Result<String, Trouble> {
        let element = self.session.client.active_element().await?;
        let role = self.computed(&element, "computedrole").await?;
        let name = self.computed(&element, "computedlabel").await?;
        Ok(format!("{role} {name}").trim().to_owned())
    }

    async fn computed(&self, element: &Element, what: &str) -> Result<String, Trouble> {
        let path = format!("element/{}/{what}", element.element_id());
        let value = self
            .session
            .command(Method::GET, &path, Value::Null)
            .await?;
        let value = plain(value.as_str().unwrap_or_default());
        // The same role under two names, of which ARIA 1.3 prefers the second.
        Ok(if what == "computedrole" && value == "img" {
            "image".to_owned()
        } else {
            value
        })
    }
}

/// A selector for what can have a role, so that not every element has to be asked.
fn candidates(role: &str) -> String {
    let native = match role {
        "article" => "article, ",
        "banner" => "header, ",
        "button" => "button, summary, input[type=button], input[type=submit], ",
        "complementary" => "aside, ",
        "contentinfo" => "footer, ",
        "figure" => "figure, ",
        "group" => "fieldset, details, ",
        "heading" => "h1, h2, h3, h4, h5, h6, ",
        "image" => "img, svg, [role=img], ",
        "link" => "a[href], ",
        "list" => "ul, ol, ",
        "main" => "main, ",
        "navigation" => "nav, ",
        "progressbar" => "progress, ",
        "radio" => "input[type=radio], ",
        "region" => "section, ",
        "status" => "output, ",
        "table" => "table, ",
        _ => "",
    };
    format!("{native}[role={role}]")
}

/// Every run of white space, no-break spaces included, is one space.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// ---- Acting

impl Page {
    /// Clicks on the first element that a selector finds.
    pub async fn click(&self, css: &str) -> Result<(), Trouble> {
        Ok(self.find(css).await?.click().await?)
    }

    /// Clicks on the element of this role and accessible name.
    pub async fn click_the(&self, role: &str, name: &str) -> Result<(), Trouble> {
        Ok(self.the(role, name).await?.click().await?)
    }

    /// Presses a key, by the name that JavaScript has for it: `a`, `Tab`, `Shift+Tab`, `ArrowRight`.
    pub async fn press(&self, keys: &str) -> Result<(), Trouble> {
        let keys = keys.split('+').map(key).collect::<Result<Vec<_>, _>>()?;
        let mut actions = KeyActions::new("keyboard".to_owned());
        for &value in &keys {
            actions = actions.then(KeyAction::Down { value });
        }
        for &value in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value });
        }
        Ok(self.session.client.perform_actions(actions).await?)
    }

    /// Turns the wheel over the middle of the page, and waits until the page has come to rest.
    pub async fn wheel(&self, down: i32) -> Result<(), Trouble> {
        let [x, y]: [i64; 2] = self.eval("[innerWidth >> 1, innerHeight >> 1]").await?;
        let mut wheel = WheelActions::new("wheel".to_owned());
        wheel.push(WheelAction::Scroll {
            duration: None,
            x,
            y,
            delta_x: 0,
            delta_y: i64::from(down),
        });
        let before: f64 = self.eval("scrollY").await?;
        self.session.client.perform_actions(wheel).await?;
        let _ = timeout(
            Duration::from_secs(1),
            self.wait_for(&format!("scrollY !== {before}")),
        )
        .await;
        self.at_rest().await
    }

    /// Scrolls to a distance from the top, at once.
    pub async fn scroll_to(&self, y: f64) -> Result<(), Trouble> {
        self.run(
            "scrollTo({ left: 0, top: arguments[0], behavior: 'instant' })",
            vec![json!(y)],
        )
        .await?;
        self.at_rest().await
    }

    /// Waits until the page has not scrolled for a tenth of a second.
    pub async fn at_rest(&self) -> Result<(), Trouble> {
        let (mut before, mut same) = (f64::NAN, 0);
        while same < 4 {
            let now: f64 = self.eval("scrollY").await?;
            same = if (now - before).abs() < 0.01 {
                same + 1
            } else {
                0
            };
            before = now;
            sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    }
}

/// A key's code in WebDriver.
fn key(name: &str) -> Result<char, Trouble> {
    let mut chars = name.chars();
    if let (Some(char), None) = (chars.next(), chars.next()) {
        return Ok(char);
    }
    Ok(match name {
        "Backspace" => '\u{e003}',
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Shift" => '\u{e008}',
        "Control" => '\u{e009}',
        "Alt" => '\u{e00a}',
        "Escape" => '\u{e00c}',
        "Space" => ' ',
        "PageUp" => '\u{e00e}',
        "PageDown" => '\u{e00f}',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "ArrowLeft" => '\u{e012}',
        "ArrowUp" => '\u{e013}',
        "ArrowRight" => '\u{e014}',
        "ArrowDown" => '\u{e015}',
        _ => return Err(format!("no key is named {name}").into()),
    })
}

// ---- Judging

impl Page {
    /// What went wrong in the pages since this was last asked: uncaught exceptions, rejections
    /// that nobody handled, `console.error`, violations of the Content-Security-Policy. Requests
    /// that failed are not among them: the front knows those.
    pub async fn faults(&self, site: &Site) -> Result<Vec<String>, Trouble> {
        sleep(Duration::from_millis(100)).await; // the last words are still on their way
        let mut faults = self.session.faults().await?;
        faults.extend(site.faults());
        Ok(faults)
    }

    /// The layout shifts since the page began to load. Only Chromium measures them; in the others
    /// there are `rects`, before and after.
    pub async fn layout_shifts(&self) -> Result<Vec<Shift>, Trouble> {
        let script = "
            const [done] = arguments;
            const name = node => node ? (node.localName ?? '') + (node.id && '#' + node.id)
                + (node.className && '.' + node.className) + ' “' + (node.textContent ?? '').trim().slice(0, 40) + '”' : '?';
            new PerformanceObserver((list, observer) => {
                observer.disconnect();
                done(list.getEntries().map(({ value, hadRecentInput, sources }) =>
                    ({ value, expected: hadRecentInput, moved: sources.map(source => name(source.node)) })));
            }).observe({ type: 'layout-shift', buffered: true });
            setTimeout(done, 500, []);";
        Ok(serde_json::from_value(
            self.session.client.execute_async(script, vec![]).await?,
        )?)
    }

    /// What axe-core finds against the page as it is, a line each.
    pub async fn axe(&self) -> Result<Vec<String>, Trouble> {
        let file = std::env::var_os("MANCHETTE_AXE").ok_or(
            "MANCHETTE_AXE must name axe.min.js of axe-core: run `make test`, which installs it",
        )?;
        let axe =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let script = format!(
            "{axe};
             const done = arguments[arguments.length - 1];
             axe.run(document, {{ resultTypes: ['violations'] }}).then(
                 ({{ violations }}) => done(violations.flatMap(({{ id, impact, nodes }}) => nodes.map(
                     node => `${{id}} (${{impact}}) ${{node.target.join(' ')}}: ${{node.failureSummary.replace(/\\s*\\n\\s*/g, ' ')}}`))),
                 error => done(['axe: ' + error]));"
        );
        Ok(serde_json::from_value(
            self.session.client.execute_async(&script, vec![]).await?,
        )?)
    }

    /// From now on, the page is as it would be printed. Not in WebKit.
    pub async fn as_printed(&self) -> Result<(), Trouble> {
        match self.engine() {
            Engine::Chromium => {
                self.session
                    .devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }))
                    .await?;
            }
            Engine::Firefox => {
                let script = "gBrowser.selectedBrowser.browsingContext.mediumOverride = 'print'";
                self.session.privileged(script, vec![]).await?;
            }
            Engine::WebKit => {
                return Err("WebKit's driver cannot show what would be printed".into());
            }
        }
        Ok(())
    }

    /// What can be seen, as a PNG.
    pub async fn screenshot(&self, file: &Path) -> Result<(), Trouble> {
        let picture = timeout(PATIENCE, self.session.client.screenshot()).await??;
        Ok(fs::write(file, picture)?)
    }

    /// The bytes that the page's scripts hold, once what nobody holds is gone. Chromium only.
    pub async fn heap(&self) -> Result<f64, Trouble> {
        let none = || json!({});
        self.session.devtools("Performance.enable", none()).await?;
        self.session
            .devtools("HeapProfiler.collectGarbage", none())
            .await?;
        let metrics = self
            .session
            .devtools("Performance.getMetrics", none())
            .await?;
        let metrics = metrics["metrics"].as_array().into_iter().flatten();
        metrics
            .filter(|metric| metric["name"] == "JSHeapUsedSize")
            .find_map(|metric| metric["value"].as_f64())
            .ok_or_else(|| "Chromium does not tell its heap".into())
    }

    /// The document as it is now.
    pub async fn html(&self) -> Result<String, Trouble> {
        self.eval("document.documentElement.outerHTML").await
    }

    /// What the driver and the browser have written.
    pub fn log(&self) -> String {
        self.session.log()
    }
}
