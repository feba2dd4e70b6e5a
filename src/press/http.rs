//! Documents fetched from other people's servers: politely, within limits, and never from an
//! address that only this machine or its network can reach.
//
// A feed, a redirect or a picture's address is somebody else's word. What it names is looked up
// once, checked, and the very address that was checked is connected to, at every hop.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ureq::config::Config;
use ureq::http::{Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;

/// How many requests a client has under way at once; more wait for their turn.
pub const AT_ONCE: usize = 4;

/// How many redirects are followed.
const HOPS: usize = 5;

/// Which addresses may be connected to, and how patiently.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Take addresses of this machine and of private networks too.
    pub allow_private: bool,
    /// Time for a connection.
    pub connect: Duration,
    /// Time for one whole answer, redirects not counted.
    pub total: Duration,
    /// How often an address is asked before its failure is taken for an answer.
    pub attempts: u32,
    /// The pause after the first failure; doubled after each further one.
    pub pause: Duration,
    /// The longest pause, whatever `Retry-After` says.
    pub longest_pause: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            allow_private: false,
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            attempts: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// Fetches documents. To be shared between threads: at most [`AT_ONCE`] requests are under way.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
    manners: Manners,
    turns: Turns,
    /// Until when each host asked to be left alone.
    quiet: Mutex<BTreeMap<String, Instant>>,
    requests: AtomicU64,
}

/// What a server answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The address that answered, after redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers, in their order, names in small letters; what is no text is left out.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Why there is no answer. `Display` says it with the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The address that failed.
    pub url: String,
    /// What is wrong.
    pub what: String,
    lasting: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.what)
    }
}

impl std::error::Error for Failure {}

impl Answer {
    /// The first header of that name (in small letters).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Every header of that name (in small letters).
    pub fn all_headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(n, _)| n == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether the document came.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Client {
    /// A client for documents that belong to `site`. Where that site itself is at a private
    /// address, this one host and port may be asked; everything else private is refused all the
    /// same, unless the manners allow it.
    #[must_use]
    pub fn new(site: &Url, manners: Manners) -> Self {
        let own = origin(site).filter(|(host, port)| {
            let name = host.trim_matches(['[', ']']);
            let found = (name, *port).to_socket_addrs();
            found.is_ok_and(|mut found| found.any(|address| !is_public(address.ip())))
        });
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy would look the name up itself, unchecked.
            .proxy(None)
            .timeout_connect(Some(manners.connect))
            .timeout_global(Some(manners.total))
            .max_idle_connections_per_host(AT_ONCE)
            .user_agent(concat!(
                "Manchette/",
                env!("CARGO_PKG_VERSION"),
                " (+static news front end, reads its own publisher's site)"
            ))
            .build();
        let resolver = Guard {
            inner: DefaultResolver::default(),
            own,
            allow_private: manners.allow_private,
        };
        Self {
            agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver),
            manners,
            turns: Turns::new(AT_ONCE),
            quiet: Mutex::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// How many requests were sent so far, redirects and further attempts included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// GETs a document of at most `limit` bytes. After 429, 5xx and failures of the network it
    /// asks again, later each time; the last attempt's answer is returned, whatever its status.
    pub fn get(
        &self,
        url: &Url,
        headers: &[(&str, &str)],
        limit: usize,
    ) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let result = self.follow(url, headers, limit);
            let again = match &result {
                Ok(answer) => answer.status == 429 || answer.status >= 500,
                Err(failure) => !failure.lasting,
            };
            if !again || attempt >= self.manners.attempts {
                return result;
            }
            let host = url.host_str().unwrap_or_default();
            let asked = result.as_ref().ok().and_then(retry_after);
            // One that asks for no pause at all gets the one that it would get anyway.
            let pause = backoff(self.manners.pause, attempt).max(asked.unwrap_or_default());
            let until = Instant::now() + pause.min(self.manners.longest_pause);
            if asked.is_some() {
                // The server speaks to all of us.
                let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
                quiet.insert(host.to_owned(), until);
            }
            thread::sleep(until.saturating_duration_since(Instant::now()));
            attempt += 1;
        }
    }

    /// Does something with each of `items`, [`AT_ONCE`] at a time; the results are in their order.
    pub fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(items.len()));
        thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(items.len()) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(index) else { return };
                        let result = work(item);
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        done.push((index, result));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }

    fn follow(&self, url: &Url, headers: &[(&str, &str)], limit: usize) -> Result<Answer, Failure> {
        let mut url = url.clone();
        for _ in 0..=HOPS {
            let answer = self.ask(&url, headers, limit)?;
            let target = match answer.status {
                301 | 302 | 303 | 307 | 308 => answer.header("location"),
                _ => None,
            };
            let Some(target) = target else {
                return Ok(answer);
            };
            url = url
                .join(target)
                .map_err(|error| lasting(&url, format!("leads to {target:?}: {error}")))?;
        }
        Err(lasting(&url, format!("more than {HOPS} redirects")))
    }

    fn ask(&self, url: &Url, headers: &[(&str, &str)], limit: usize) -> Result<Answer, Failure> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(lasting(url, "no http or https address".to_owned()));
        }
        let _turn = self.turns.take();
        self.wait_for_quiet(url);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request = self.agent.get(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.call().map_err(|error| failure(url, &error))?;
        let status = response.status().as_u16();
        let headers = text_headers(&response);
        let mut body = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        response
            .into_body()
            .into_reader()
            .take(most)
            .read_to_end(&mut body)
            .map_err(|error| Failure {
                url: url.to_string(),
                what: format!("broke off: {error}"),
                lasting: false,
            })?;
        if body.len() > limit {
            return Err(lasting(url, format!("is over {limit} bytes")));
        }
        Ok(Answer {
            url: url.clone(),
            status,
            headers,
            body,
        })
    }

    fn wait_for_quiet(&self, url: &Url) {
        let until = {
            let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
            quiet.get(url.host_str().unwrap_or_default()).copied()
        };
        if let Some(until) = until {
            thread::sleep(until.saturating_duration_since(Instant::now()));
        }
    }
}

fn text_headers(response: &Response<ureq::Body>) -> Vec<(String, String)> {
    let headers = response.headers().iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    headers.collect()
}

fn lasting(url: &Url, what: String) -> Failure {
    Failure {
        url: url.to_string(),
        what,
        lasting: true,
    }
}

fn failure(url: &Url, error: &ureq::Error) -> Failure {
    let lasting = matches!(
        error,
        ureq::Error::Other(_) | ureq::Error::BadUri(_) | ureq::Error::Http(_)
    );
    Failure {
        url: url.to_string(),
        what: error.to_string(),
        lasting,
    }
}

/// What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(answer: &Answer) -> Option<Duration> {
    let value = answer.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Between once and twice the pause, doubled with each attempt, so that many who failed together
/// do not come back together.
fn backoff(pause: Duration, attempt: u32) -> Duration {
    let jitter = RandomState::new().hash_one(attempt) % 1000;
    let jitter = u32::try_from(jitter).unwrap_or(0);
    let pause = pause * 2_u32.saturating_pow(attempt.saturating_sub(1).min(10));
    pause + pause / 1000 * jitter
}

fn origin(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

/// Looks names up, and gives out only addresses that may be connected to.
#[derive(Debug)]
struct Guard {
    inner: DefaultResolver,
    own: Option<(String, u16)>,
    allow_private: bool,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let is_own = |address: &SocketAddr| {
            let own = self.own.as_ref();
            own.is_some_and(|(name, port)| {
                name.eq_ignore_ascii_case(host) && *port == address.port()
            })
        };
        let mut allowed = self.empty();
        for address in &found {
            if self.allow_private || is_own(address) || is_public(address.ip()) {
                allowed.push(*address);
            }
        }
        if allowed.is_empty() {
            return Err(ureq::Error::Other(Box::new(Private)));
        }
        Ok(allowed)
    }
}

#[derive(Debug)]
struct Private;

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "is at an address of this machine or of a private network; --allow-private takes it",
        )
    }
}

impl std::error::Error for Private {}

/// Whether the address is one of the public internet (IANA special-purpose address registries).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b)) // shared by a provider's customers
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 224) // multicast, reserved, broadcast
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let octets = address.octets();
    if octets.starts_with(&[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) {
        // NAT64: an IPv4 address in IPv6's clothes.
        let [.., a, b, c, d] = octets;
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let [a, b, ..] = address.segments();
    // Global unicast, without what is set aside in it: protocols and Teredo, documentation, 6to4.
    a & 0xe000 == 0x2000
        && !(a == 0x2001 && b < 0x200)
        && !(a == 0x2001 && b == 0xdb8)
        && a != 0x2002
        && !(a == 0x3fff && b < 0x1000)
}

/// So many may go at once; the rest wait.
#[derive(Debug)]
struct Turns {
    free: Mutex<usize>,
    freed: Condvar,
}

struct Turn<'a>(&'a Turns);

impl Turns {
    fn new(free: usize) -> Self {
        Self {
            free: Mutex::new(free),
            freed: Condvar::new(),
        }
    }

    fn take(&self) -> Turn<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self
                .freed
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;

    /// A server that answers the nth request with what `answer` makes of it and of the request.
    fn server(
        answer: impl Fn(usize, &str) -> String + Send + Sync + 'static,
    ) -> (Url, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                thread::spawn(move || {
                    let Ok(mut stream) = stream else { return };
                    let mut request = Vec::new();
                    let mut byte = [0; 1];
                    while !request.ends_with(b"\r\n\r\n") {
                        if stream.read(&mut byte).unwrap_or(0) == 0 {
                            return;
                        }
                        request.push(byte[0]);
                    }
                    let request = String::from_utf8_lossy(&request).into_owned();
                    let n = {
                        let mut log = log.lock().expect("the log");
                        log.push(request.clone());
                        log.len()
                    };
                    let _ = stream.write_all(answer(n, &request).as_bytes());
                });
            }
        });
        let url = Url::parse(&format!("http://{address}/")).expect("an address");
        (url, seen)
    }

    fn reply(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
        )
    }

    fn quick() -> Manners {
        Manners {
            pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1500),
            total: Duration::from_secs(5),
            ..Manners::default()
        }
    }

    #[test]
    fn a_document_comes_with_its_status_and_headers() {
        let (url, seen) = server(|_, request| {
            if request.contains("if-none-match: \"a\"") {
                return reply("304 Not Modified", "ETag: \"a\"\r\n", "");
            }
            reply("200 OK", "ETag: \"a\"\r\nX-WP-TotalPages: 3\r\n", "bonjour")
        });
        let client = Client::new(&url, quick());
        let answer = client.get(&url, &[], 100).expect("an answer");
        assert!(answer.is_ok());
        assert_eq!(answer.body, b"bonjour");
        assert_eq!(answer.header("etag"), Some("\"a\""));
        assert_eq!(answer.header("x-wp-totalpages"), Some("3"));
        let answer = client.get(&url, &[("If-None-Match", "\"a\"")], 100);
        assert_eq!(answer.expect("an answer").status, 304);
        assert!(seen.lock().expect("the log")[0].contains("user-agent: Manchette/"));
        assert_eq!(client.requests(), 2);
    }

    #[test]
    fn a_body_over_the_limit_is_refused_and_not_asked_for_again() {
        let (url, seen) = server(|_, _| reply("200 OK", "", &"x".repeat(101)));
        let failure = Client::new(&url, quick()).get(&url, &[], 100);
        let failure = failure.expect_err("a refusal").to_string();
        assert!(failure.ends_with("is over 100 bytes"), "{failure}");
        assert_eq!(seen.lock().expect("the log").len(), 1);
    }

    #[test]
    fn failures_are_asked_again_and_the_last_is_the_answer() {
        let (url, _) = server(|n, _| match n {
            1 => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_owned(),
            2 => reply("503 Unavailable", "", "later"),
            3 => reply("429 Too Many", "Retry-After: 1\r\n", "later"),
            _ => reply("200 OK", "", "now"),
        });
        let start = Instant::now();
        let answer = Client::new(&url, quick()).get(&url, &[], 100);
        assert_eq!(answer.expect("an answer").body, b"now");
        assert!(start.elapsed() >= Duration::from_secs(1), "Retry-After");

        let (url, seen) = server(|_, _| reply("500 Oh", "Retry-After: 0\r\n", ""));
        let answer = Client::new(&url, quick()).get(&url, &[], 100);
        assert_eq!(answer.expect("an answer").status, 500);
        assert_eq!(seen.lock().expect("the log").len(), 4);
    }

    #[test]
    fn retry_after_is_a_number_or_a_date_and_never_more_than_the_cap() {
        let answer = |value: &str| Answer {
            url: Url::parse("http://example.org/").expect("an address"),
            status: 503,
            headers: vec![("retry-after".to_owned(), value.to_owned())],
            body: Vec::new(),
        };
        assert_eq!(retry_after(&answer("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&answer("-7")), None);
        let past = retry_after(&answer("Fri, 20 Nov 2020 09:30:00 GMT"));
        assert_eq!(past, Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        assert!(retry_after(&answer(&soon)).is_some_and(|wait| wait > Duration::from_secs(90)));

        let (url, _) = server(|n, _| match n {
            1 => reply("503 Unavailable", "Retry-After: 86400\r\n", ""),
            _ => reply("200 OK", "", "now"),
        });
        let start = Instant::now();
        let answer = Client::new(&url, quick()).get(&url, &[], 100);
        assert!(answer.expect("an answer").is_ok());
        let waited = start.elapsed();
        assert!(waited >= Duration::from_millis(1500), "{waited:?}");
        assert!(waited < Duration::from_secs(60), "{waited:?}");
    }

    #[test]
    fn a_server_that_asks_for_no_pause_is_left_alone_all_the_same() {
        for asked in ["0", "Fri, 20 Nov 2020 09:30:00 GMT"] {
            let header = format!("Retry-After: {asked}\r\n");
            let (url, _) = server(move |n, _| match n {
                1 => reply("503 Unavailable", &header, ""),
                _ => reply("200 OK", "", "now"),
            });
            let manners = Manners {
                pause: Duration::from_millis(300),
                ..quick()
            };
            let start = Instant::now();
            let answer = Client::new(&url, manners).get(&url, &[], 100);
            assert!(answer.expect("an answer").is_ok());
            let waited = start.elapsed();
            assert!(waited >= Duration::from_millis(300), "{asked}: {waited:?}");
        }
    }

    #[test]
    fn redirects_are_followed_five_times_and_only_to_the_web() {
        let (url, _) = server(|n, _| match n {
            1..=5 => reply("302 Found", &format!("Location: /{n}\r\n"), ""),
            _ => reply("200 OK", "", "here"),
        });
        let answer = Client::new(&url, quick()).get(&url, &[], 100);
        let answer = answer.expect("an answer");
        assert_eq!(
            (answer.url.path(), answer.body.as_slice()),
            ("/5", &b"here"[..])
        );

        let (url, seen) = server(|_, _| reply("301 Moved", "Location: /\r\n", ""));
        let failure = Client::new(&url, quick()).get(&url, &[], 100);
        let failure = failure.expect_err("a refusal").to_string();
        assert!(failure.contains("more than 5 redirects"), "{failure}");
        assert_eq!(seen.lock().expect("the log").len(), 6);

        let (url, _) = server(|_, _| reply("301 Moved", "Location: file:///etc/passwd\r\n", ""));
        let failure = Client::new(&url, quick()).get(&url, &[], 100);
        let failure = failure.expect_err("a refusal").to_string();
        assert_eq!(failure, "file:///etc/passwd: no http or https address");
    }

    #[test]
    fn a_redirect_to_a_private_address_is_refused_at_its_hop() {
        // The other server runs, so that only the refusal keeps us from it.
        let (other, asked) = server(|_, _| reply("200 OK", "", "secret"));
        let port = other.port().expect("a port");
        for host in [
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "0x7f.1",
            "2130706433",
        ] {
            let target = format!("Location: http://{host}:{port}/\r\n");
            let (url, _) = server(move |_, _| reply("302 Found", &target, ""));
            let failure = Client::new(&url, quick()).get(&url, &[], 100);
            let failure = failure.expect_err("a refusal").to_string();
            assert!(failure.contains("private network"), "{host}: {failure}");
        }
        assert_eq!(asked.lock().expect("the log").len(), 0);
        let site = Url::parse("https://example.org/").expect("an address");
        let failure = Client::new(&site, quick()).get(&other, &[], 100);
        assert!(failure.is_err(), "another site's client");
        let manners = Manners {
            allow_private: true,
            ..quick()
        };
        let answer = Client::new(&site, manners).get(&other, &[], 100);
        assert_eq!(answer.expect("allowed").body, b"secret");
    }

    #[test]
    fn only_public_addresses_are_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert!(!is_public(address), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert!(is_public(address), "{text}");
        }
    }

    #[test]
    fn a_silent_server_costs_its_time_and_no_more() {
        let (url, _) = server(|_, _| {
            thread::sleep(Duration::from_secs(60));
            String::new()
        });
        let manners = Manners {
            total: Duration::from_millis(300),
            attempts: 2,
            ..quick()
        };
        let start = Instant::now();
        let answer = Client::new(&url, manners).get(&url, &[], 100);
        assert!(answer.is_err());
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn four_at_once_and_every_result_in_its_place() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let reached = Arc::new(AtomicBool::new(false));
        let (n, m, r) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&reached));
        let (url, _) = server(move |_, request| {
            let here = n.fetch_add(1, Ordering::SeqCst) + 1;
            m.fetch_max(here, Ordering::SeqCst);
            if here == AT_ONCE {
                r.store(true, Ordering::SeqCst);
            }
            // Wait until four are here together, so that the test sees it.
            while !r.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            n.fetch_sub(1, Ordering::SeqCst);
            reply("200 OK", "", &path)
        });
        let client = Client::new(&url, quick());
        let pages: Vec<u32> = (0..40).collect();
        let bodies = client.each(&pages, |page| {
            let url = url.join(&format!("/{page}")).expect("an address");
            client.get(&url, &[], 100).map(|answer| answer.body)
        });
        for (page, body) in pages.iter().zip(bodies) {
            assert_eq!(body.expect("an answer"), format!("/{page}").into_bytes());
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }
}
