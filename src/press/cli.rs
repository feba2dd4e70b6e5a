//! The command line: what it takes, what it prints, how it ends.
//! Exit codes: 0 for all well, 1 for faults in the edition, 2 for a command that can't be carried out.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use url::Url;

use super::http::Manners;
use super::import::{Config, Kind, Options as ImportOptions, import};
use super::{Options, check, mirror, prerender, write_schemas};

/// Tools for an edition: the JSON files that the Manchette app and its prerenderer read.
#[derive(Parser)]
#[command(name = "manchette", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read every file of an edition and name each fault
    Check {
        /// The folder with site.json, feeds/ and articles/
        dir: PathBuf,
    },
    /// Write every page of an edition as a file beside the built app
    Prerender {
        /// The folder with the built app, where the pages go
        #[arg(long)]
        dist: PathBuf,
        /// The folder of the edition, or its address (http or https) [default: api/ in that folder]
        #[arg(long)]
        api: Option<String>,
        #[command(flatten)]
        pages: Printing,
        /// The site that this one takes the place of, where that is another folder: the assets of its
        /// last builds are kept, and its documents stand in for those that can't be read
        #[arg(long)]
        previous: Option<PathBuf>,
        /// End well in spite of faults in the edition, and publish what can be shown of documents
        /// that have more of them than before
        #[arg(long)]
        keep_going: bool,
    },
    /// Make an edition of a newsroom's CMS, or bring it up to date
    Import(Box<Import>),
    /// Write the JSON Schemas of the contract
    Schema {
        /// The folder to write them to
        dir: PathBuf,
    },
}

/// What pages are like, whichever command writes them.
#[derive(Args)]
struct Printing {
    /// Where the site is served, where site.json does not say it: an address, or a path alone
    #[arg(long, requires = "dist")]
    base_url: Option<String>,
    /// How many builds' assets are kept, for pages that were opened before this one
    #[arg(long, default_value_t = 3, requires = "dist")]
    keep_builds: usize,
    /// Write each page's compressed forms beside it (.br, .gz)
    #[arg(long, requires = "dist")]
    compress: bool,
    /// Put the Content-Security-Policy into each page, for a host that sends none
    #[arg(long, requires = "dist")]
    policy_in_pages: bool,
}

impl Printing {
    /// The site in `dist`, of the edition in `api`.
    fn of(self, dist: PathBuf, api: Option<PathBuf>) -> Options {
        Options {
            api,
            base_url: self.base_url,
            keep_builds: self.keep_builds,
            compress: self.compress,
            policy_in_pages: self.policy_in_pages,
            ..Options::new(dist)
        }
    }
}

#[derive(Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch")]
struct Import {
    /// What is at the address
    kind: Kind,
    /// The site, or the feed (http or https)
    url: Url,
    /// The folder of the edition
    #[arg(long)]
    out: PathBuf,
    /// The categories that are the edition's sections, by slug, in the order of the masthead
    /// [default: all at the top that have posts]
    #[arg(long, value_delimiter = ',')]
    sections: Vec<String>,
    /// A manchette.toml with the edition's name, address and sections
    #[arg(long)]
    config: Option<PathBuf>,
    /// Fetch the pictures, and make them anew in the widths that the pages use
    #[arg(long)]
    media: bool,
    /// Leave spaces and quotation marks as the CMS has them
    #[arg(long)]
    no_typography: bool,
    /// Fetch and write everything again, and believe the source whatever it lacks
    #[arg(long)]
    full: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Connect to addresses of this machine and of private networks, too
    #[arg(long)]
    allow_private: bool,
    /// Go on, and look for what is new every so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    /// The folder of a built app: prerender the edition there after each run
    #[arg(long)]
    dist: Option<PathBuf>,
    #[command(flatten)]
    pages: Printing,
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check { dir } => match check(&dir) {
            Ok(report) => {
                for fault in &report.faults {
                    println!("{fault}");
                }
                println!("{}", report.summary());
                if report.faults.is_empty() {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                }
            }
            Err(error) => fail(&error.to_string()),
        },
        Command::Prerender {
            dist,
            api,
            pages,
            previous,
            keep_going,
        } => {
            let api = match api.map(|api| edition(&api, &dist)).transpose() {
                Ok(api) => api,
                Err(error) => return fail(&error.to_string()),
            };
            match prerender(&Options {
                previous,
                keep_going,
                ..pages.of(dist, api)
            }) {
                Ok(summary) => {
                    for fault in &summary.faults {
                        eprintln!("{fault}");
                    }
                    println!("{}", summary.line());
                    if summary.faults.is_empty() || keep_going {
                        ExitCode::SUCCESS
                    } else {
                        ExitCode::FAILURE
                    }
                }
                Err(error) => fail(&error.to_string()),
            }
        }
        Command::Import(import) => run_import(*import),
        Command::Schema { dir } => match write_schemas(&dir) {
            Ok(files) => {
                for file in files {
                    println!("{}", file.display());
                }
                ExitCode::SUCCESS
            }
            Err(error) => fail(&format!("{}: {error}", dir.display())),
        },
    }
}

/// The folder of an edition: fetched first, where it is at an address.
fn edition(api: &str, dist: &Path) -> io::Result<PathBuf> {
    match Url::parse(api) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            mirror(&url, dist, Manners::default())
        }
        _ => Ok(PathBuf::from(api)),
    }
}

fn run_import(args: Import) -> ExitCode {
    if !matches!(args.url.scheme(), "http" | "https") {
        return fail(&format!("{}: must be an http or https address", args.url));
    }
    if args.dry_run && args.dist.is_some() {
        return fail(
            "--dry-run writes nothing, so there is nothing to prerender: leave --dist out",
        );
    }
    let config = args
        .config
        .as_deref()
        .map_or_else(|| Ok(Config::default()), Config::read);
    let mut config = match config {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string()),
    };
    config.choose(&args.sections);
    let mut options = ImportOptions {
        config,
        media: args.media,
        typography: !args.no_typography,
        full: args.full,
        dry: args.dry_run,
        ..ImportOptions::new(args.kind, args.url, args.out)
    };
    options.manners.allow_private = args.allow_private;
    let pages = args
        .dist
        .map(|dist| args.pages.of(dist, Some(options.out.clone())));
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, told) = mpsc::channel();
    let flag = Arc::clone(&stop);
    let handler = ctrlc::set_handler(move || {
        // Asked twice, it ends at once: whatever is half written lies beside.
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        let _ = asked.send(());
    });
    if let Err(error) = handler {
        return fail(&format!("can't listen for Ctrl+C: {error}"));
    }
    loop {
        let (code, done) = import_once(&options, pages.as_ref(), &stop);
        let Some(seconds) = args.watch else {
            return code;
        };
        options.full &= !done;
        // A run that failed is tried again like any other: the edition is whole all the while.
        let stopped = || stop.load(Ordering::SeqCst);
        if stopped() || told.recv_timeout(Duration::from_secs(seconds)).is_ok() || stopped() {
            println!("stopped");
            return ExitCode::SUCCESS;
        }
    }
}

/// One run: what is new, and its pages. Returns how the command ends, and whether the import was done.
fn import_once(
    options: &ImportOptions,
    pages: Option<&Options>,
    stop: &AtomicBool,
) -> (ExitCode, bool) {
    let summary = match import(options, stop) {
        Ok(summary) => summary,
        Err(error) => return (fail(&error.to_string()), false),
    };
    for fault in &summary.faults {
        eprintln!("{fault}");
    }
    println!("{}", summary.text());
    let mut code = if summary.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    let Some(pages) = pages else {
        return (code, true);
    };
    match prerender(pages) {
        Ok(summary) => {
            for fault in &summary.faults {
                eprintln!("{fault}");
            }
            println!("{}", summary.line());
            if !summary.faults.is_empty() {
                code = ExitCode::FAILURE;
            }
        }
        Err(error) => code = fail(&error.to_string()),
    }
    (code, true)
}

fn fail(message: &str) -> ExitCode {
    eprintln!("manchette: {message}");
    ExitCode::from(2)
}
