//! A site that a case has for itself: a copy of what was built, which it may change and print anew,
//! behind a server of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Trouble;
use crate::engine;
use crate::front::Front;
use crate::keeper::{self, Kept};
use crate::site::{self, Site};

/// The copy, and its server. Both go with it.
#[derive(Debug)]
pub struct Own {
    root: PathBuf,
    server: Kept,
    port: u16,
}

impl Own {
    /// Behind nginx, as it is deployed.
    pub fn behind_nginx() -> Result<Self, Trouble> {
        let folder = keeper::folder("own")?;
        let root = copy_of_dist(&folder)?;
        let conf = deployed("nginx.conf")?;
        let (server, port) = site::nginx(&root, &conf, folder)?;
        Ok(Self { root, server, port })
    }

    /// Behind Caddy, as it is deployed.
    pub fn behind_caddy() -> Result<Self, Trouble> {
        let folder = keeper::folder("own")?;
        let root = copy_of_dist(&folder)?;
        let conf = deployed("Caddyfile")?;
        let conf = site::put(
            &conf,
            "root * /srv/manchette",
            &format!("root * \"{}\"", root.display()),
        )?;
        Self::caddy(folder, root, |port| {
            site::put(&conf, ":8080 {", &format!("http://127.0.0.1:{port} {{"))
        })
    }

    /// Below `path`, which begins with a slash and does not end in one, on a host that knows files and
    /// their folders, and a 404.html: the free page of a project.
    pub fn below(path: &str) -> Result<Self, Trouble> {
        let folder = keeper::folder("own")?;
        let root = copy_of_dist(&folder)?;
        let host = |port| {
            Ok(format!(
                "{{\n admin off\n}}\nhttp://127.0.0.1:{port} {{\n root * \"{}\"\n uri strip_prefix {path}\n \
                 file_server\n handle_errors {{\n rewrite * /404.html\n file_server\n }}\n}}\n",
                root.display()
            ))
        };
        let own = Self::caddy(folder, root.clone(), host)?;
        own.prerender(&["--base-url", &format!("{path}/")])?;
        Ok(own)
    }

    fn caddy(
        folder: PathBuf,
        root: PathBuf,
        conf: impl FnOnce(u16) -> Result<String, Trouble>,
    ) -> Result<Self, Trouble> {
        let program = engine::program(&["caddy"], "caddy")?;
        let port = site::free_port()?;
        let file = folder.join("Caddyfile");
        fs::write(&file, conf(port)?)?;
        let args = ["run".as_ref(), "--config".as_ref(), file.as_os_str()];
        let mut server = Kept::start(folder, &program, args, &[])?;
        site::listens(&mut server, port, "Caddy does not start")?;
        Ok(Self { root, server, port })
    }

    /// Where its files are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its origin.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Prints it anew, with these options besides.
    pub fn prerender(&self, options: &[&str]) -> Result<(), Trouble> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_manchette"));
        command.arg("prerender").arg("--dist").arg(&self.root);
        let output = command.args(options).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }

    /// Takes the place of the site for the pages to come.
    pub async fn front(&self, site: &Site) -> Result<Front, Trouble> {
        site.front_of(self.url()).await
    }

    /// What its server wrote.
    pub fn log(&self) -> String {
        self.server.log()
    }
}

fn deployed(name: &str) -> Result<String, Trouble> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name);
    Ok(fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?)
}

fn copy_of_dist(folder: &Path) -> Result<PathBuf, Trouble> {
    let root = folder.join("site");
    copy(&site::dist(), &root)?;
    Ok(root)
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
