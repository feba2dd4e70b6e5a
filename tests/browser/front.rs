//! A server before the site's own that misbehaves on request, and remembers what was asked.
//! A new way for a network or a backend to fail belongs here, as one more `Answer`.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Trouble;
use crate::line::Line;
use crate::page::PATIENCE;
use crate::site::Told;

/// Where pages find the script that tells of their errors, and where it tells them.
const LISTENER: &str = "/the-test-listens.js";
const TELL: &str = "/the-test-is-told";
const LISTENER_SCRIPT: &str = "(() => {
    const tell = text => navigator.sendBeacon('/the-test-is-told', text);
    addEventListener('error', event => tell(`${event.filename}:${event.lineno} ${event.message}`));
    addEventListener('unhandledrejection', event => tell(`unhandled rejection: ${event.reason}`));
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
        tell(`Content-Security-Policy: ${effectiveDirective} refuses ${blockedURI} at ${sourceFile}:${lineNumber}`));
    const { error } = console;
    console.error = (...words) => { tell(words.join(' ')); error.apply(console, words) };
})()";

type Body = BoxBody<Bytes, Trouble>;
type Rewrite = Arc<dyn Fn(String) -> String + Send + Sync>;

/// Forwards everything to the site, unchanged, but for what a case has asked. It can be told
/// something else at any moment. Paths are exact, or have one `*` in them: `/api/*`, `*.wasm`.
#[derive(Debug)]
pub struct Front {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    rules: Vec<(String, Answer)>,
    html: Option<Rewrite>,
    seen: Vec<Seen>,
    told: Option<Told>,
    line: Option<Line>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("rules", &self.rules)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

/// A request, as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The path with its query.
    pub path: String,
    pub headers: HeaderMap,
    pub at: Instant,
}

/// What a path answers instead of what the site would.
#[derive(Clone, Debug)]
pub struct Answer {
    what: What,
    after: Duration,
    left: Option<u32>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Clone, Debug)]
enum What {
    Pass,
    Reply(StatusCode, Bytes),
    Silence,
    Hang,
    Drop,
    Drip(usize, Duration),
    Cut(usize),
}

impl Answer {
    fn new(what: What) -> Self {
        Self {
            what,
            after: Duration::ZERO,
            left: None,
            headers: Vec::new(),
        }
    }

    /// The site's own answer: for use with `after` and `header`.
    pub fn pass() -> Self {
        Self::new(What::Pass)
    }

    /// A status, with a body as servers write it.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status is a number from 100 to 999");
        Self::new(What::Reply(
            status,
            format!("<!doctype html><h1>{status}</h1>").into(),
        ))
        .header("content-type", "text/html")
    }

    /// This text, with 200, as JSON.
    pub fn json(text: impl Into<String>) -> Self {
        Self::new(What::Reply(StatusCode::OK, text.into().into()))
            .header("content-type", "application/json")
    }

    /// This page, with 200: what a hotel's network says in the place of the news.
    pub fn html(text: impl Into<String>) -> Self {
        Self::new(What::Reply(StatusCode::OK, text.into().into()))
            .header("content-type", "text/html")
    }

    /// This script, with 200.
    pub fn script(text: impl Into<String>) -> Self {
        Self::json(text).header("content-type", "text/javascript")
    }

    /// Valid JSON of at least so many bytes.
    pub fn big(bytes: usize) -> Self {
        Self::json(format!("{{\"headline\":\"{}\"}}", "x".repeat(bytes)))
    }

    /// The connection is accepted, and nothing is ever said.
    pub fn silence() -> Self {
        Self::new(What::Silence)
    }

    /// 200 and the headers, and then nothing, without an end.
    pub fn hang() -> Self {
        Self::new(What::Hang)
    }

    /// The connection is closed without a word. (A browser may ask once more by itself.)
    pub fn drop_connection() -> Self {
        Self::new(What::Drop)
    }

    /// The site's answer, so many bytes at a time.
    pub fn drip(bytes: usize, every: Duration) -> Self {
        Self::new(What::Drip(bytes, every))
    }

    /// The site's answer, whose connection is closed after so many bytes of the body.
    pub fn cut(bytes: usize) -> Self {
        Self::new(What::Cut(bytes))
    }

    /// … and it begins so late.
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// … and only so many times; then the path is as it was.
    pub fn times(self, times: u32) -> Self {
        Self {
            left: Some(times),
            ..self
        }
    }

    /// … and with this header, in the place of the one there was.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((
            name.parse().expect("a header's name"),
            value.parse().expect("a header's value"),
        ));
        self
    }
}

impl Front {
    pub(crate) async fn start(site: String, told: Option<Told>) -> Result<Self, Trouble> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State {
            told,
            ..State::default()
        }));
        let server = tokio::spawn(serve(listener, site, Arc::clone(&state)));
        Ok(Self { url, state, server })
    }

    /// The front's origin: `http://127.0.0.1:…`, without a slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on, `path` answers so. The last word counts.
    pub fn answer(&self, path: &str, answer: Answer) {
        lock(&self.state).rules.push((path.to_owned(), answer));
    }

    /// From now on, browsers ask each time for what `path` answers: else they would never ask again for
    /// what never changes.
    pub fn asks_again(&self, path: &str) {
        self.answer(path, Answer::pass().header("cache-control", "no-cache"));
    }

    /// From now on, every HTML page of the site is sent as `rewrite` makes it.
    pub fn html(&self, rewrite: impl Fn(String) -> String + Send + Sync + 'static) {
        lock(&self.state).html = Some(Arc::new(rewrite));
    }

    /// From now on, this script runs in every page before all others.
    pub fn inject(&self, script: &str) {
        let path = "/injected-by-the-test.js";
        self.answer(
            path,
            Answer::new(What::Reply(StatusCode::OK, script.to_owned().into()))
                .header("content-type", "text/javascript"),
        );
        self.html(move |page| with_script(&page, path));
    }

    /// From now on, all that is asked and answered goes over this line.
    pub fn over(&self, line: Line) {
        lock(&self.state).line = Some(line);
    }

    /// From now on, the site is as it is. What was asked stays remembered.
    pub fn clear(&self) {
        let mut state = lock(&self.state);
        state.rules.clear();
        state.html = None;
        state.line = None;
    }

    /// What was asked of `path` so far, the oldest first.
    pub fn requests(&self, path: &str) -> Vec<Seen> {
        lock(&self.state)
            .seen
            .iter()
            .filter(|seen| matches(path, &seen.path))
            .cloned()
            .collect()
    }

    /// How often `path` was asked for so far.
    pub fn count(&self, path: &str) -> usize {
        self.requests(path).len()
    }

    /// Waits until `path` has been asked for.
    pub async fn asked(&self, path: &str) -> Result<(), Trouble> {
        self.asked_often(path, 1).await
    }

    /// Waits until `path` has been asked for so many times.
    pub async fn asked_often(&self, path: &str, times: usize) -> Result<(), Trouble> {
        let deadline = Instant::now() + PATIENCE;
        while self.count(path) < times {
            if Instant::now() > deadline {
                let count = self.count(path);
                return Err(format!("{path} was asked for {count} times, not {times}").into());
            }
            sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }

    /// Forgets what was asked so far.
    pub fn forget(&self) {
        lock(&self.state).seen.clear();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Is this the path that a pattern means? One without a query means every query.
fn matches(pattern: &str, path: &str) -> bool {
    let bare = path.split('?').next().unwrap_or_default();
    [bare, path]
        .iter()
        .any(|path| match pattern.split_once('*') {
            Some((start, end)) => path
                .strip_prefix(start)
                .is_some_and(|rest| rest.ends_with(end)),
            None => pattern == *path,
        })
}

async fn serve(listener: TcpListener, site: String, state: Arc<Mutex<State>>) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    while let Ok((stream, _)) = listener.accept().await {
        let (client, site, state) = (client.clone(), site.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &client, &site, &state));
            // No connection is used twice: a browser repeats by itself what it asked on an old
            // connection that breaks, and the count of requests would be a matter of luck.
            let mut http = http1::Builder::new();
            let line = lock(&state).line.clone();
            http.keep_alive(false);
            let _ = match line {
                Some(line) => {
                    let near = TokioIo::new(line.before(stream));
                    http.serve_connection(near, service).await
                }
                None => http.serve_connection(TokioIo::new(stream), service).await,
            };
        });
    }
}

async fn answer(
    mut request: Request<Incoming>,
    client: &Client<HttpConnector, Incoming>,
    site: &str,
    state: &Mutex<State>,
) -> Result<Response<Body>, Trouble> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let told = lock(state).told.clone();
    if let Some(told) = &told
        && path == TELL
    {
        let text = request.into_body().collect().await?.to_bytes();
        lock(told).push(String::from_utf8_lossy(&text).into_owned());
        return Ok(Response::new(whole("")));
    }
    if told.is_some() && path == LISTENER {
        return Ok(Response::builder()
            .header("content-type", "text/javascript")
            .body(whole(LISTENER_SCRIPT))?);
    }
    let (rule, html) = {
        let mut state = lock(state);
        state.seen.push(Seen {
            path: path.clone(),
            headers: request.headers().clone(),
            at: Instant::now(),
        });
        (take_rule(&mut state.rules, &path), state.html.clone())
    };
    // Pages are what a browser goes to, not what a script fetches.
    let accept = request.headers().get(header::ACCEPT);
    // WebKit's worker asks for one as it asks for anything, and says so elsewhere.
    let mode = request.headers().get("sec-fetch-mode");
    let is_page = accept.is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/html"))
        || mode.is_some_and(|mode| mode == "navigate");
    let html = html.filter(|_| is_page);
    let listen = is_page && told.is_some();

    let Answer {
        what,
        after,
        headers,
        ..
    } = rule.unwrap_or_else(Answer::pass);
    sleep(after).await;

    let with_headers = |mut response: Response<Body>| {
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        response
    };
    match what {
        What::Silence => pending().await,
        What::Drop => Err("the connection was to be dropped".into()),
        What::Hang => {
            let (mut sender, body) = Channel::<Bytes, Trouble>::new(1);
            tokio::spawn(async move {
                let _ = sender.send_data(Bytes::from_static(b" ")).await;
                pending::<()>().await;
            });
            Ok(with_headers(Response::new(body.boxed())))
        }
        What::Reply(status, body) => {
            let mut response = with_headers(Response::new(whole(body)));
            *response.status_mut() = status;
            page(response, html, listen).await
        }
        What::Pass | What::Drip(..) | What::Cut(_) => {
            if html.is_some() || listen || !matches!(what, What::Pass) {
                // There is something to be done with it: as it is in the file, please, and whole.
                for name in [
                    header::ACCEPT_ENCODING,
                    header::IF_NONE_MATCH,
                    header::IF_MODIFIED_SINCE,
                    header::RANGE,
                ] {
                    request.headers_mut().remove(name);
                }
            }
            *request.uri_mut() = format!("{site}{path}").parse::<Uri>()?;
            let response = client.request(request).await?;
            let mut response = response.map(|body| body.map_err(Into::into).boxed());
            if is_page {
                // The next visit must not show what was served before the case said otherwise.
                let kept = HeaderValue::from_static("no-cache");
                response.headers_mut().insert(header::CACHE_CONTROL, kept);
            }
            let mut response = with_headers(response);
            response.headers_mut().remove(header::CONNECTION);
            let response = page(response, html, listen).await?;
            match what {
                What::Drip(bytes, every) => in_pieces(response, bytes, every).await,
                What::Cut(bytes) => cut(response, bytes).await,
                _ => Ok(response),
            }
        }
    }
}

/// The answer as the case wants its pages, and with our ears in it.
async fn page(
    mut response: Response<Body>,
    html: Option<Rewrite>,
    listen: bool,
) -> Result<Response<Body>, Trouble> {
    if let Some(rewrite) = html
        && is_html(&response)
    {
        response = rewritten(response, &*rewrite).await?;
    }
    if listen && is_html(&response) {
        response = rewritten(response, &|page| with_script(&page, LISTENER)).await?;
    }
    Ok(response)
}

fn whole(body: impl Into<Bytes>) -> Body {
    Full::new(body.into())
        .map_err(|never: Infallible| match never {})
        .boxed()
}

/// The page, with a script of the site's origin before everything else in its head.
fn with_script(page: &str, path: &str) -> String {
    page.replacen(
        "<head>",
        &format!("<head><script src=\"{path}\"></script>"),
        1,
    )
}

/// The newest rule for a path that has not been used up.
fn take_rule(rules: &mut [(String, Answer)], path: &str) -> Option<Answer> {
    let (_, answer) = rules
        .iter_mut()
        .rev()
        .find(|(pattern, answer)| matches(pattern, path) && answer.left != Some(0))?;
    answer.left = answer.left.map(|left| left - 1);
    Some(answer.clone())
}

fn is_html(response: &Response<Body>) -> bool {
    let headers = response.headers();
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or(&[][..], HeaderValue::as_bytes);
    kind.starts_with(b"text/html") && !headers.contains_key(header::CONTENT_ENCODING)
}

async fn rewritten(
    response: Response<Body>,
    rewrite: &(dyn Fn(String) -> String + Send + Sync),
) -> Result<Response<Body>, Trouble> {
    let (mut head, body) = response.into_parts();
    let page = String::from_utf8(body.collect().await?.to_bytes().into())?;
    for name in [header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED] {
        head.headers.remove(name);
    }
    Ok(Response::from_parts(head, whole(rewrite(page))))
}

async fn in_pieces(
    response: Response<Body>,
    bytes: usize,
    every: Duration,
) -> Result<Response<Body>, Trouble> {
    let (head, body) = response.into_parts();
    let mut rest = body.collect().await?.to_bytes();
    let (mut sender, body) = Channel::<Bytes, Trouble>::new(1);
    tokio::spawn(async move {
        while !rest.is_empty() {
            let piece = rest.split_to(bytes.clamp(1, rest.len()));
            if sender.send_data(piece).await.is_err() {
                return;
            }
            sleep(every).await;
        }
    });
    Ok(Response::from_parts(head, body.boxed()))
}

async fn cut(response: Response<Body>, bytes: usize) -> Result<Response<Body>, Trouble> {
    let (mut head, body) = response.into_parts();
    let mut whole = body.collect().await?.to_bytes();
    head.headers
        .insert(header::CONTENT_LENGTH, whole.len().into());
    head.headers.remove(header::TRANSFER_ENCODING);
    let (mut sender, body) = Channel::<Bytes, Trouble>::new(1);
    whole.truncate(bytes);
    tokio::spawn(async move {
        let _ = sender.send_data(whole).await;
        sleep(Duration::from_millis(50)).await; // so that the bytes go out before the end does
        sender.abort("the answer was to be cut".into());
    });
    Ok(Response::from_parts(head, body.boxed()))
}
