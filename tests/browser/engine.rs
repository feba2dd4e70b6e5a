//! The three browsers: how each is started, made dark, or old, or scriptless, and listened to.
//! Whatever differs between browsers belongs here; what is the same in all of them is in page.rs.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::Trouble;
use crate::keeper::{self, Kept};
use crate::site::{free_port, get};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        })
    }
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "they are wishes, each on its own"
)]
/// What a case needs the browser to be: `Needs::NOTHING.dark().size(320, 640)`.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    pub reduced_motion: bool,
    pub forced_colors: bool,
    pub scripts_off: bool,
    pub storage_off: bool,
    pub font_size: u32,
    pub impatient: bool,
    pub noisy: bool,
    pub prerendered: bool,
    pub worker: bool,
    pub not_in: &'static [(Engine, &'static str)],
}

impl Needs {
    pub const NOTHING: Self = Self {
        width: 1280,
        height: 800,
        dark: false,
        reduced_motion: false,
        forced_colors: false,
        scripts_off: false,
        storage_off: false,
        font_size: 16,
        impatient: false,
        noisy: false,
        prerendered: false,
        worker: true,
        not_in: &[],
    };

    /// The page's own size, `innerWidth` and `innerHeight`. Below 600 Chromium has no scroll bar, like a telephone.
    pub const fn size(self, width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            ..self
        }
    }

    /// The reader prefers dark colours.
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The reader prefers less motion.
    pub const fn reduced_motion(self) -> Self {
        Self {
            reduced_motion: true,
            ..self
        }
    }

    /// The reader has forced colours of their own.
    pub const fn forced_colors(self) -> Self {
        Self {
            forced_colors: true,
            ..self
        }
    }

    /// No script of the page runs. (Those of the test still do.)
    pub const fn scripts_off(self) -> Self {
        Self {
            scripts_off: true,
            ..self
        }
    }

    /// `localStorage` throws in Chromium and Firefox, and is null in WebKit.
    pub const fn storage_off(self) -> Self {
        Self {
            storage_off: true,
            ..self
        }
    }

    /// The reader's own font size, where others have 16.
    pub const fn font_size(self, font_size: u32) -> Self {
        Self { font_size, ..self }
    }

    /// Nothing waits for a page to have loaded: for pages that never will.
    pub const fn impatient(self) -> Self {
        Self {
            impatient: true,
            ..self
        }
    }

    /// The pages are there as files, as `manchette prerender` writes them. Without this wish every
    /// page comes from the app.
    pub const fn prerendered(self) -> Self {
        Self {
            prerendered: true,
            ..self
        }
    }

    /// The site's worker does nothing: for faults that it would keep from the reader.
    pub const fn without_worker(self) -> Self {
        Self {
            worker: false,
            ..self
        }
    }

    /// Errors in the console are part of the case, and do not fail it.
    pub const fn noisy(self) -> Self {
        Self {
            noisy: true,
            ..self
        }
    }

    /// The case cannot run in these engines, for these reasons.
    pub const fn not_in(self, not_in: &'static [(Engine, &'static str)]) -> Self {
        Self { not_in, ..self }
    }

    /// Why there is no such session in this engine, where there is none.
    pub fn impossible_in(&self, engine: Engine) -> Option<&'static str> {
        if self.forced_colors && engine == Engine::WebKit {
            return Some("WebKitGTK has no forced colours");
        }
        self.not_in
            .iter()
            .find(|(other, _)| *other == engine)
            .map(|(_, reason)| *reason)
    }
}

/// One browser with one empty profile. It ends when this is dropped.
#[derive(Debug)]
pub struct Session {
    pub client: Client,
    pub engine: Engine,
    pub needs: Needs,
    driver: Kept,
    log_read: Mutex<usize>,
}

impl Session {
    /// Tried twice: a browser that hangs while it starts is no fault of the pages.
    pub async fn start(engine: Engine, needs: Needs) -> Result<Self, Trouble> {
        match Self::start_once(engine, needs).await {
            Ok(session) => Ok(session),
            Err(first) => Self::start_once(engine, needs)
                .await
                .map_err(|second| format!("{first}\nand once more:\n{second}").into()),
        }
    }

    async fn start_once(engine: Engine, needs: Needs) -> Result<Self, Trouble> {
        let (driver, port) = start_driver(engine, needs).await?;
        let mut capabilities = match engine {
            Engine::Chromium => chromium(needs),
            Engine::Firefox => firefox(needs)?,
            Engine::WebKit => webkit(needs, driver.folder())?,
        };
        capabilities["timeouts"] = json!({ "script": 20_000, "pageLoad": 30_000, "implicit": 0 });
        capabilities["pageLoadStrategy"] = json!(if needs.impatient { "none" } else { "normal" });
        let capabilities: Capabilities = serde_json::from_value(capabilities)?;

        let address = format!("http://127.0.0.1:{port}");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connection = builder.capabilities(capabilities).connect(&address);
        let client = match timeout(Duration::from_secs(60), connection).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => {
                return Err(format!("{engine} does not start: {error}\n{}", driver.log()).into());
            }
            Err(_) => {
                return Err(
                    format!("{engine} does not start within a minute\n{}", driver.log()).into(),
                );
            }
        };
        let session = Self {
            client,
            engine,
            needs,
            driver,
            log_read: Mutex::new(0),
        };
        session.resize(needs.width, needs.height).await?;
        Ok(session)
    }

    /// Gives the current tab this size, and makes sure of it.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), Trouble> {
        match self.engine {
            Engine::Chromium => {
                // Windows are never narrower than 500; what is drawn in them can be. And no telephone
                // has a scroll bar that takes room.
                self.devtools(
                    "Emulation.setDeviceMetricsOverride",
                    json!({
                        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
                    }),
                )
                .await?;
                self.devtools(
                    "Emulation.setScrollbarsHidden",
                    json!({ "hidden": width < 600 }),
                )
                .await?;
            }
            Engine::Firefox => {
                // Windows are never narrower than 500; the frame in them can be.
                self.client
                    .set_window_size(width.max(500), height + 100)
                    .await?;
                self.privileged(
                    "const { style } = gBrowser.selectedBrowser;
                     for (const edge of ['', 'min-', 'max-']) {
                         style.setProperty(edge + 'width', arguments[0] + 'px');
                         style.setProperty(edge + 'height', arguments[1] + 'px');
                     }",
                    vec![json!(width), json!(height)],
                )
                .await?;
            }
            Engine::WebKit => self.client.set_window_size(width, height).await?,
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut bar = 0; // the browser's own, above the page
        loop {
            let size = self
                .client
                .execute("return [innerWidth, innerHeight]", vec![])
                .await?;
            if size == json!([width, height]) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!(
                    "{} makes the page {size} instead of [{width},{height}]",
                    self.engine
                )
                .into());
            }
            let missing = u64::from(height).saturating_sub(size[1].as_u64().unwrap_or_default());
            if self.engine == Engine::WebKit && size[0] == width && bar == 0 && missing > 0 {
                bar = u32::try_from(missing)?;
                self.client.set_window_size(width, height + bar).await?;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the console has of errors since this was last asked. (See `Page::faults`.)
    pub async fn faults(&self) -> Result<Vec<String>, Trouble> {
        Ok(match self.engine {
            Engine::Chromium => self
                .command(Method::POST, "se/log", json!({ "type": "browser" }))
                .await?
                .as_array()
                .into_iter()
                .flatten()
                .filter(|entry| entry["level"] == "SEVERE" && entry["source"] != "network")
                .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
                .collect(),
            Engine::Firefox => {
                let messages = self.privileged(
                    "const errors = Services.console.getMessageArray().flatMap(message => {
                         if (!(message instanceof Ci.nsIScriptError)) return [];
                         const { category, flags, sourceName, lineNumber, errorMessage } = message;
                         const ours = /^(content javascript$|CSP)/.test(category) && sourceName.startsWith('http');
                         const bad = ours && !(flags & (message.warningFlag | message.infoFlag));
                         return bad ? [`${sourceName}:${lineNumber} ${errorMessage}`] : [];
                     });
                     Services.console.reset();
                     return errors;",
                    vec![],
                ).await?;
                // console.error is only written, by pages and by the browser's own parts alike.
                let log = self.driver.log();
                let mut read = self.log_read.lock().unwrap_or_else(PoisonError::into_inner);
                let written = log.lines().skip(*read).filter(|line| {
                    let words = line.strip_prefix("console.error: ").unwrap_or_default();
                    words.starts_with(['"', '(', '{', '[']) && !words.contains("resource://")
                });
                let mut faults: Vec<String> = serde_json::from_value(messages)?;
                faults.extend(written.map(ToOwned::to_owned));
                *read = log.lines().count();
                faults
            }
            Engine::WebKit => Vec::new(), // keeps it to itself: see `Site::start`
        })
    }

    /// What the driver and the browser have written.
    pub fn log(&self) -> String {
        self.driver.log()
    }

    /// A command of the Chrome DevTools Protocol. Chromium only.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value, Trouble> {
        self.command(
            Method::POST,
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
        .await
    }

    /// Runs a script in the window around the page, with the browser's own rights. Firefox only.
    pub async fn privileged(&self, script: &str, args: Vec<Value>) -> Result<Value, Trouble> {
        self.command(Method::POST, "moz/context", json!({ "context": "chrome" }))
            .await?;
        let result = self.client.execute(script, args).await;
        self.command(Method::POST, "moz/context", json!({ "context": "content" }))
            .await?;
        Ok(result?)
    }

    /// A WebDriver command that the client has no name for.
    pub async fn command(&self, method: Method, path: &str, body: Value) -> Result<Value, Trouble> {
        Ok(self
            .client
            .issue_cmd(Command {
                method,
                path: path.to_owned(),
                body,
            })
            .await?)
    }
}

#[derive(Debug)]
struct Command {
    method: Method,
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = (self.method == Method::POST).then(|| self.body.to_string());
        (self.method.clone(), body)
    }
}

/// Where a program is; or what to install.
pub fn program(names: &[&str], package: &str) -> Result<PathBuf, Trouble> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            let names = names.join(" or ");
            format!("{names} is missing: install {package}, or run `make test`, which installs it")
                .into()
        })
}

async fn start_driver(engine: Engine, needs: Needs) -> Result<(Kept, u16), Trouble> {
    let mut log = String::new();
    for _ in 0..3 {
        let port = free_port()?;
        let mut driver = driver(engine, needs, port)?;
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = format!("http://127.0.0.1:{port}/status");
        while driver.is_running() {
            if get(&status).await.is_ok_and(|reply| reply.status == 200) {
                return Ok((driver, port));
            }
            if Instant::now() > deadline {
                return Err(
                    format!("the driver of {engine} does not answer\n{}", driver.log()).into(),
                );
            }
            sleep(Duration::from_millis(20)).await;
        }
        log = driver.log();
        // Someone else was given the port in the meantime: once more, with another.
    }
    Err(format!("the driver of {engine} ends as soon as it is started\n{log}").into())
}

fn driver(engine: Engine, needs: Needs, port: u16) -> Result<Kept, Trouble> {
    let port = port.to_string();
    Ok(match engine {
        Engine::Chromium => {
            let program = program(&["chromedriver"], "chromium-driver")?;
            Kept::start(
                keeper::folder("chromium")?,
                &program,
                [format!("--port={port}")],
                &[],
            )?
        }
        Engine::Firefox => {
            let program = program(&["geckodriver"], "geckodriver")?;
            let args = [
                "--port",
                &port,
                "--websocket-port",
                "0",
                "--allow-system-access",
            ];
            Kept::start(keeper::folder("firefox")?, &program, args, &[])?
        }
        Engine::WebKit => {
            let program = program(&["WebKitWebDriver"], "webkit2gtk-driver")?;
            let display = screen()?;
            let folder = keeper::folder("webkit")?;
            prepare_webkit(&folder, needs)?;
            let env: [(&str, &OsStr); 5] = [
                ("DISPLAY", display.as_ref()),
                ("GDK_BACKEND", "x11".as_ref()),
                ("NO_AT_BRIDGE", "1".as_ref()),
                ("GSETTINGS_BACKEND", "memory".as_ref()),
                ("DBUS_SESSION_BUS_ADDRESS", "disabled:".as_ref()),
            ];
            Kept::start(folder, &program, [format!("--port={port}")], &env)?
        }
    })
}

fn chromium(needs: Needs) -> Value {
    let mut args = vec![
        "--headless=new",
        "--no-sandbox", // which containers and root do not have
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // nothing leaves this machine
    ];
    let mut prefs = json!({ "webkit.webprefs.default_font_size": needs.font_size });
    if needs.dark {
        args.push("--force-dark-mode");
    }
    if needs.reduced_motion {
        args.push("--force-prefers-reduced-motion");
    }
    if needs.forced_colors {
        args.push("--force-high-contrast");
    }
    if needs.scripts_off {
        prefs["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    if needs.storage_off {
        prefs["profile.default_content_setting_values.cookies"] = json!(2);
    }
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": { "args": args, "prefs": prefs },
    })
}

fn firefox(needs: Needs) -> Result<Value, Trouble> {
    let binary = program(&["firefox-esr", "firefox"], "firefox-esr")?;
    let mut prefs = json!({
        "devtools.console.stdout.content": true, // console.error of pages goes to the log
        "devtools.console.stdout.chrome": false,
        "font.size.variable.x-western": needs.font_size,
        "layout.css.prefers-color-scheme.content-override": i32::from(!needs.dark),
        "ui.prefersReducedMotion": i32::from(needs.reduced_motion),
        "browser.display.document_color_use": if needs.forced_colors { 2 } else { 1 },
        "javascript.enabled": !needs.scripts_off,
        // Nothing leaves this machine: what is not on it is behind a proxy that is not there.
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": 9,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": 9,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "app.normandy.enabled": false,
    });
    if needs.storage_off {
        prefs["network.cookie.cookieBehavior"] = json!(2);
    }
    Ok(json!({
        "browserName": "firefox",
        "moz:firefoxOptions": { "binary": binary, "args": ["-headless"], "prefs": prefs },
    }))
}

fn webkit(needs: Needs, folder: &Path) -> Result<Value, Trouble> {
    let mut args = vec![
        "--automation".to_owned(),
        format!("--config={}", folder.join("settings").display()),
    ];
    if needs.dark {
        args.push("--dark-mode".to_owned());
    }
    // Nothing leaves this machine.
    args.extend(["--proxy=http://127.0.0.1:9", "--ignore-host=127.0.0.1"].map(ToOwned::to_owned));
    let browser = mini_browser().ok_or("MiniBrowser is missing: install webkit2gtk-driver")?;
    Ok(json!({
        "browserName": "MiniBrowser",
        "webkitgtk:browserOptions": { "binary": browser, "args": args },
    }))
}

/// The files that make MiniBrowser what a case needs.
fn prepare_webkit(folder: &Path, needs: Needs) -> Result<(), Trouble> {
    // Scripts off is "no scripts in markup": without JavaScript there would be no WebDriver.
    let settings = format!(
        "[websettings]\n\
         enable-javascript-markup={}\n\
         enable-html5-local-storage={}\n\
         default-font-size={}\n",
        !needs.scripts_off, !needs.storage_off, needs.font_size,
    );
    fs::write(folder.join("settings"), settings)?;

    // The toolbar would keep the window wider than a telephone: make it as small as it goes.
    let css = "* { min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px; }";
    let ini = format!(
        "[Settings]\ngtk-enable-animations={}\n",
        i32::from(!needs.reduced_motion)
    );
    for gtk in ["gtk-3.0", "gtk-4.0"] {
        fs::create_dir(folder.join(gtk))?;
        fs::write(folder.join(gtk).join("gtk.css"), css)?;
        fs::write(folder.join(gtk).join("settings.ini"), &ini)?;
    }
    Ok(())
}

/// WebKitGTK's own small browser is in a folder for libraries, whose name differs by system.
fn mini_browser() -> Option<PathBuf> {
    let arch = fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()));
    let folders: Vec<_> = [
        "/usr/libexec".into(),
        "/usr/lib".into(),
        "/usr/lib64".into(),
    ]
    .into_iter()
    .chain(arch)
    .collect();
    ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]
        .iter()
        .flat_map(|version| {
            folders
                .iter()
                .map(move |folder: &PathBuf| folder.join(version).join("MiniBrowser"))
        })
        .find(|file| file.is_file())
}

/// The one X screen of this run, for the browser that cannot do without: its name.
fn screen() -> Result<String, Trouble> {
    static SCREEN: OnceLock<Result<(Kept, String), String>> = OnceLock::new();
    let start = || -> Result<_, Trouble> {
        let program = program(&["Xvfb"], "xvfb")?;
        let args = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            "2000x2000x24",
            "-nolisten",
            "tcp",
        ];
        let mut server = Kept::start(keeper::folder("screen")?, &program, args, &[])?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while server.is_running() && Instant::now() < deadline {
            let log = server.log();
            let number = log
                .lines()
                .find(|line| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()));
            if let (Some(number), true) = (number, log.ends_with('\n')) {
                return Ok((server, format!(":{number}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("Xvfb does not start:\n{}", server.log()).into())
    };
    match SCREEN.get_or_init(|| start().map_err(|trouble| trouble.to_string())) {
        Ok((_, name)) => Ok(name.clone()),
        Err(trouble) => Err(trouble.clone().into()),
    }
}
