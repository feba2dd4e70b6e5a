//! A real WordPress with a MariaDB of its own, from Debian's packages: installed, filled and served by
//! the test, in a folder that goes with it. Nothing of the machine's own is touched.
#![allow(dead_code, reason = "each test that uses it takes what it needs")]

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Where Debian puts WordPress.
const SOURCE: &str = "/usr/share/wordpress";
/// How long a server may take to be there.
const PATIENCE: Duration = Duration::from_secs(60);

/// A WordPress that is being served; it ends with this value.
pub struct WordPress {
    /// Its home page, `http://127.0.0.1:{port}/`.
    pub url: String,
    // In the order in which they end: the folder last.
    php: Kept,
    database: Kept,
    folder: tempfile::TempDir,
}

impl WordPress {
    /// With nothing in it but two authors and a clock of Casablanca, served by so many processes.
    pub fn empty(processes: u32) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("wp")
            .tempdir()
            .expect("a folder");
        let database = database(folder.path());
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}/");
        lay(folder.path(), &url);
        let mut php = Command::new(program("php", "php-cli"));
        php.args(php_options(folder.path()))
            .args(["-S", &format!("127.0.0.1:{port}"), "-t"])
            .arg(folder.path().join("site"));
        if processes > 1 {
            php.env("PHP_CLI_SERVER_WORKERS", processes.to_string());
        }
        let php = Kept::start(&php, &folder.path().join("php.log"));
        let site = Self {
            url,
            php,
            database,
            folder,
        };
        site.run(INSTALL);
        site.wait();
        site
    }

    /// With an edition's worth of posts: see `fill.php`.
    pub fn filled() -> Self {
        Self::filled_and_served_by(1)
    }

    /// The same, served by so many processes.
    pub fn filled_and_served_by(processes: u32) -> Self {
        let site = Self::empty(processes);
        site.run(include_str!("fill.php").trim_start_matches("<?php"));
        site
    }

    /// Runs PHP inside the site, as an administrator's own code, and returns what it prints.
    pub fn run(&self, php: &str) -> String {
        let script = self.folder.path().join("run.php");
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let before = format!(
            "<?php $_SERVER['HTTP_HOST'] = '{host}'; $_SERVER['REQUEST_METHOD'] = 'GET'; $_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';\n"
        );
        let load = if php.contains("WP_INSTALLING") {
            ""
        } else {
            "require 'wp-load.php';"
        };
        fs::write(&script, format!("{before}{load}\n{php}")).expect("a script");
        let output = Command::new(program("setpriv", "util-linux"))
            .args(["--pdeathsig", "KILL"])
            .arg(program("php", "php-cli"))
            .args(php_options(self.folder.path()))
            .arg("-d")
            .arg(format!(
                "include_path={}",
                self.folder.path().join("site").display()
            ))
            .arg(&script)
            .current_dir(self.folder.path().join("site"))
            .output()
            .expect("php");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "PHP failed: {text}{errors}");
        for word in ["Fatal error", "Warning: ", "WordPress database error"] {
            assert!(
                !text.contains(word) && !errors.contains(word),
                "PHP says: {text}{errors}"
            );
        }
        text
    }

    /// The id of the post with this name.
    pub fn id(&self, slug: &str) -> String {
        let php = format!("echo get_page_by_path('{slug}', OBJECT, 'post')->ID;");
        self.run(&php)
    }

    fn wait(&self) {
        let start = Instant::now();
        let address = self.url.trim_start_matches("http://").trim_end_matches('/');
        loop {
            if let Ok(mut stream) = TcpStream::connect(address) {
                let ask = format!("GET /?rest_route=/ HTTP/1.0\r\nHost: {address}\r\n\r\n");
                let mut answer = String::new();
                let asked = stream.write_all(ask.as_bytes()).is_ok();
                if asked
                    && stream.read_to_string(&mut answer).is_ok()
                    && answer.contains("\"namespaces\"")
                {
                    return;
                }
            }
            assert!(
                start.elapsed() < PATIENCE,
                "WordPress does not answer: {}",
                self.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        let read =
            |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}\n{}", read("php.log"), read("database.log"))
    }
}

// ---- Its parts -----------------------------------------------------------------------------------

/// A program of one of Debian's packages.
fn program(name: &str, package: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} is missing: `.ci/tools test` installs it (Debian: {package})")
    })
}

fn php_options(folder: &Path) -> Vec<String> {
    let temporary = folder.join("temporary");
    fs::create_dir_all(&temporary).expect("a folder");
    [
        "memory_limit=512M",
        "display_errors=stderr",
        "max_execution_time=300",
        "opcache.enable_cli=1",
        &format!("sys_temp_dir={}", temporary.display()),
    ]
    .iter()
    .flat_map(|option| ["-d".to_owned(), (*option).to_owned()])
    .collect()
}

fn database(folder: &Path) -> Kept {
    let data = folder.join("data");
    let install = program("mariadb-install-db", "mariadb-server");
    // As root, MariaDB wants to be told that this is meant.
    let user = format!(
        "--user={}",
        if rustix::process::geteuid().is_root() {
            "root"
        } else {
            "mysql"
        }
    );
    let output = Command::new(install)
        .args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ])
        .arg(&user)
        .arg(format!("--datadir={}", data.display()))
        // In /tmp, two at once would take each other's tables away.
        .arg(format!("--tmpdir={}", folder.display()))
        .output()
        .expect("mariadb-install-db");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let socket = folder.join("sql");
    let mut server = Command::new(program("mariadbd", "mariadb-server"));
    server
        .args([
            "--no-defaults",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin",
        ])
        .args([
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=16M",
            "--skip-name-resolve",
        ])
        .arg(&user)
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--tmpdir={}", folder.display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--socket={}", socket.display()));
    let log = folder.join("database.log");
    let server = Kept::start(&server, &log);
    let start = Instant::now();
    let client = program("mariadb", "mariadb-client");
    loop {
        let made = Command::new(&client)
            .args([
                "--no-defaults",
                "--user=root",
                "--execute=CREATE DATABASE IF NOT EXISTS wordpress",
            ])
            .arg(format!("--socket={}", socket.display()))
            .output()
            .expect("mariadb");
        if made.status.success() {
            return server;
        }
        let log = fs::read_to_string(&log).unwrap_or_default();
        assert!(start.elapsed() < PATIENCE, "MariaDB does not answer: {log}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A site of WordPress's own files, with a configuration, a theme and uploads that are this test's.
fn lay(folder: &Path, url: &str) {
    let site = folder.join("site");
    let content = site.join("wp-content");
    fs::create_dir_all(content.join("themes/manchette")).expect("a theme");
    fs::create_dir_all(content.join("mu-plugins")).expect("a folder");
    fs::create_dir_all(content.join("uploads")).expect("a folder");
    let source = Path::new(SOURCE);
    assert!(
        source.is_dir(),
        "{SOURCE} is missing: `.ci/tools test` installs it (Debian: wordpress)"
    );
    for entry in fs::read_dir(source).expect(SOURCE) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_owned();
        match name.to_string_lossy().as_ref() {
            "wp-config.php" | "wp-content" => {}
            // These say where they are; what they lead to does not.
            php if php.ends_with(".php") => {
                fs::copy(&path, site.join(&name)).expect("a copy");
            }
            "wp-includes" | "wp-admin" => symlink(&path, site.join(&name)).expect("a link"),
            _ => {}
        }
    }
    fs::write(
        content.join("themes/manchette/style.css"),
        "/* Theme Name: Manchette */",
    )
    .expect("a theme");
    fs::write(
        content.join("themes/manchette/index.php"),
        "<!doctype html><html <?php language_attributes(); ?>><head><?php wp_head(); ?></head><body><?php bloginfo('name'); ?></body></html>",
    )
    .expect("a theme");
    let socket = folder.join("sql");
    let url = url.trim_end_matches('/');
    let config = format!(
        "<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', false);
define('WPLANG', 'fr_FR');
define('AUTH_KEY', 'a'); define('SECURE_AUTH_KEY', 'b'); define('LOGGED_IN_KEY', 'c'); define('NONCE_KEY', 'd');
define('AUTH_SALT', 'e'); define('SECURE_AUTH_SALT', 'f'); define('LOGGED_IN_SALT', 'g'); define('NONCE_SALT', 'h');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
",
        socket.display()
    );
    fs::write(site.join("wp-config.php"), config).expect("a configuration");
}

/// WordPress's own installation, and two authors.
const INSTALL: &str = r"
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Le Courrier &amp; les Rives', 'nadia', 'nadia@example.org', true, '', 'secret');
switch_theme('manchette');
update_option('blogdescription', 'Un journal d’essai');
update_option('timezone_string', 'Africa/Casablanca');
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('/%category%/%postname%/');
$wp_rewrite->flush_rules(false);
foreach (get_posts(['post_type' => ['post', 'page'], 'numberposts' => -1, 'post_status' => 'any']) as $post) wp_delete_post($post->ID, true);
wp_update_user(['ID' => 1, 'display_name' => 'Nadia Amrani']);
wp_insert_user(['user_login' => 'omar', 'user_pass' => 'secret', 'display_name' => 'Omar B’chiri', 'role' => 'author']);
";

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

// ---- Programs that end with us -------------------------------------------------------------------

/// A program that is killed, with all that it started, when this value goes; and by the kernel, when
/// the test itself is.
struct Kept(Child);

type Start = (Command, mpsc::Sender<std::io::Result<Child>>);

impl Kept {
    fn start(command: &Command, log: &Path) -> Self {
        let log = fs::File::create(log).expect("a log");
        let mut kept = Command::new(program("setpriv", "util-linux"));
        // When we end, however that is, the shell is told, and ends the whole group: PHP's processes have
        // children that nobody would tell.
        kept.args(["--pdeathsig", "TERM", "sh", "-c"])
            .arg("trap 'kill -KILL 0' TERM; \"$@\" & wait")
            .arg("sh")
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                kept.env(name, value);
            }
        }
        kept.stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .process_group(0);
        let (sender, receiver) = mpsc::channel();
        starter().send((kept, sender)).expect("a thread");
        Self(receiver.recv().expect("an answer").expect("a program"))
    }
}

/// The thread that starts programs. The kernel ends them with the thread that they were started from,
/// and a test's own thread ends before what it shares.
fn starter() -> mpsc::Sender<Start> {
    static STARTER: OnceLock<mpsc::Sender<Start>> = OnceLock::new();
    let start = || {
        let (sender, receiver) = mpsc::channel::<Start>();
        thread::spawn(move || {
            for (mut command, answer) in receiver {
                let _ = answer.send(command.spawn());
            }
        });
        sender
    };
    STARTER.get_or_init(start).clone()
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(group) = rustix::process::Pid::from_raw(self.0.id().try_into().unwrap_or(0)) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
