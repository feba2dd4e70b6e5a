//! The built site behind the real nginx, with the configuration that is deployed.
//! What goes wrong on the way to the reader is in front.rs.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{HeaderMap, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::Trouble;
use crate::engine::{self, Engine, Needs};
use crate::front::Front;
use crate::keeper::{self, Kept};

/// The app's files, as paths of a front.
pub const BOOT: &str = "/assets/boot-*";
pub const JS: &str = "/assets/manchette-*.js";
pub const WASM: &str = "/assets/*.wasm";

/// The site under test: what a case asks for pages, and for a front to put faults into.
#[derive(Debug)]
pub struct Site {
    url: String,
    told: Option<Told>,
}

/// What pages have told of their errors.
pub type Told = Arc<Mutex<Vec<String>>>;

impl Site {
    /// The site as it was built, or without its pages, or without its worker: one nginx of this run for
    /// each, started when it is first asked for.
    ///
    /// WebKit's driver has no way to ask for the console. There, every page comes through a front
    /// that puts a script before all others, and that script tells what goes wrong.
    pub fn start(engine: Engine, needs: Needs) -> Result<Self, Trouble> {
        static NGINX: [OnceLock<Result<(Kept, u16), String>>; 4] = [const { OnceLock::new() }; 4];
        let Needs {
            prerendered: pages,
            worker,
            ..
        } = needs;
        let nginx = NGINX[usize::from(pages) + 2 * usize::from(worker)].get_or_init(|| {
            deployed(&dist(), pages, worker).map_err(|trouble| trouble.to_string())
        });
        match nginx {
            Ok((_, port)) => Ok(Self {
                url: format!("http://127.0.0.1:{port}"),
                told: (engine == Engine::WebKit && !needs.scripts_off).then(Told::default),
            }),
            Err(trouble) => Err(trouble.clone().into()),
        }
    }

    /// The site's origin: `http://127.0.0.1:…`, without a slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A server of the case's own before the site's: it passes everything on, until told otherwise.
    pub async fn front(&self) -> Result<Front, Trouble> {
        Front::start(self.url.clone(), self.told.clone()).await
    }

    /// The same before another origin than the site's.
    pub async fn front_of(&self, url: String) -> Result<Front, Trouble> {
        Front::start(url, self.told.clone()).await
    }

    /// Whether pages only tell of their errors when they come through a front.
    pub fn needs_a_front(&self) -> bool {
        self.told.is_some()
    }

    /// What pages have told since this was last asked.
    pub fn faults(&self) -> Vec<String> {
        let told = self
            .told
            .iter()
            .map(|told| told.lock().unwrap_or_else(PoisonError::into_inner));
        told.flat_map(|mut told| std::mem::take(&mut *told))
            .collect()
    }

    /// One request without a browser.
    pub async fn get(&self, path: &str) -> Result<Reply, Trouble> {
        get(&format!("{}{path}", self.url)).await
    }
}

/// An answer, whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// A header's value, "" where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

pub async fn get(url: &str) -> Result<Reply, Trouble> {
    get_with(url, &[]).await
}

/// One request with these headers.
pub async fn get_with(url: &str, headers: &[(&str, &str)]) -> Result<Reply, Trouble> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let mut request = hyper::Request::get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = client
        .request(request.body(Empty::new())?)
        .await?
        .into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// The folder with what was built.
pub fn dist() -> PathBuf {
    let dist = || Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    std::env::var_os("MANCHETTE_DIST").map_or_else(dist, PathBuf::from)
}

/// A port that nobody listens on at the moment.
pub fn free_port() -> Result<u16, Trouble> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn deployed(dist: &Path, pages: bool, worker: bool) -> Result<(Kept, u16), Trouble> {
    if !dist.join("index.html").is_file() {
        return Err(format!("{} has no index.html: run `make build`", dist.display()).into());
    }
    let conf = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx.conf");
    let conf = fs::read_to_string(&conf).map_err(|error| format!("{}: {error}", conf.display()))?;
    let folder = keeper::folder("nginx")?;
    let conf = if worker {
        conf
    } else {
        // One that is there, but hears nothing.
        let none = "location = /sw.js { default_type text/javascript; return 200 \"\"; }";
        put(&conf, "charset utf-8;", &format!("charset utf-8; {none}"))?
    };
    if pages {
        return nginx(dist, &conf, folder);
    }
    // The same for every address, and for none an error.
    let conf = put(
        &conf,
        "error_page 404 /404.html;",
        "error_page 404 =200 /index.html;",
    )?;
    let root = without_pages(dist, &folder)?;
    nginx(&root, &conf, folder)
}

/// nginx before the files in `root`, with a configuration like the deployed one, and its port.
pub fn nginx(root: &Path, conf: &str, folder: PathBuf) -> Result<(Kept, u16), Trouble> {
    let program = engine::program(&["nginx"], "nginx")?;
    let port = free_port()?;
    let main = folder.join("nginx.conf");
    fs::write(&main, main_conf(conf, &folder, root, port)?)?;
    let args = [
        "-e".as_ref(),
        "stderr".as_ref(),
        "-c".as_ref(),
        main.as_os_str(),
    ];
    let mut nginx = Kept::start(folder, &program, args, &[])?;
    listens(
        &mut nginx,
        port,
        "nginx does not start with deploy/nginx.conf",
    )?;
    Ok((nginx, port))
}

/// Waits until a server that was started listens.
pub fn listens(server: &mut Kept, port: u16, sorry: &str) -> Result<(), Trouble> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if !server.is_running() || Instant::now() > deadline {
            return Err(format!("{sorry}:\n{}", server.log()).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// What was built without its pages, as links: the app alone, which makes every page itself.
fn without_pages(dist: &Path, folder: &Path) -> Result<PathBuf, Trouble> {
    let root = folder.join("site");
    fs::create_dir(&root)?;
    for entry in fs::read_dir(dist)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_file()
            || ["api", "assets", "media"]
                .map(|folder| name == folder)
                .contains(&true)
        {
            std::os::unix::fs::symlink(path.canonicalize()?, root.join(name))?;
        }
    }
    for ending in ["", ".br", ".gz"] {
        let page = root.join(format!("index.html{ending}"));
        fs::remove_file(&page)?;
        std::os::unix::fs::symlink(dist.join(format!("404.html{ending}")).canonicalize()?, page)?;
    }
    Ok(root)
}

/// A configuration with `ours` in the place of one of its lines.
pub fn put(conf: &str, line: &str, ours: &str) -> Result<String, Trouble> {
    if conf.matches(line).count() == 1 {
        return Ok(conf.replace(line, ours));
    }
    Err(format!("the configuration must have the line `{line}` exactly once").into())
}

/// The deployed configuration on another port and folder, in what a main configuration must have.
fn main_conf(conf: &str, folder: &Path, dist: &Path, port: u16) -> Result<String, Trouble> {
    let conf = put(conf, "listen 8080;", &format!("listen 127.0.0.1:{port};"))?;
    let conf = put(
        &conf,
        "root /srv/manchette;",
        &format!("root \"{}\";", dist.display()),
    )?;
    let folder = folder.display();
    let modules = std::env::var("MANCHETTE_NGINX_MODULES");
    let modules = modules.as_deref().unwrap_or("/usr/lib/nginx/modules");
    Ok(format!(
        r#"
load_module {modules}/ngx_http_brotli_static_module.so;
daemon off;
master_process off;
pid "{folder}/pid";
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    {conf}
}}
"#
    ))
}
