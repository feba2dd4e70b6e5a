//! The command line: what it takes, what it prints, how it ends.
//! Exit codes: 0 for all well, 1 for faults in the edition, 2 for a command that can't be carried out.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use url::Url;

use super::http::Manners;
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
        /// Where the site is served, where site.json does not say it: an address, or a path alone
        #[arg(long)]
        base_url: Option<String>,
        /// The site that this one takes the place of, where that is another folder: the assets of its
        /// last builds are kept, and its documents stand in for those that can't be read
        #[arg(long)]
        previous: Option<PathBuf>,
        /// How many builds' assets are kept, for pages that were opened before this one
        #[arg(long, default_value_t = 3)]
        keep_builds: usize,
        /// Write each page's compressed forms beside it (.br, .gz)
        #[arg(long)]
        compress: bool,
        /// End well in spite of faults in the edition, and publish what can be shown of documents
        /// that have more of them than before
        #[arg(long)]
        keep_going: bool,
    },
    /// Write the JSON Schemas of the contract
    Schema {
        /// The folder to write them to
        dir: PathBuf,
    },
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
            base_url,
            previous,
            keep_builds,
            compress,
            keep_going,
        } => {
            let api = match api.map(|api| edition(&api, &dist)).transpose() {
                Ok(api) => api,
                Err(error) => return fail(&error.to_string()),
            };
            match prerender(&Options {
                dist,
                api,
                base_url,
                previous,
                keep_builds,
                compress,
                keep_going,
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

fn fail(message: &str) -> ExitCode {
    eprintln!("manchette: {message}");
    ExitCode::from(2)
}
