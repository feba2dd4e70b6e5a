//! The command line: what it takes, what it prints, how it ends.
//! Exit codes: 0 for all well, 1 for faults in the edition, 2 for a command that can't be carried out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::{Options, check, prerender, write_schemas};

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
        /// The folder of the edition [default: api/ in that folder]
        #[arg(long)]
        api: Option<PathBuf>,
        /// The canonical origin, where it is not the one in site.json
        #[arg(long)]
        base_url: Option<String>,
        /// End well in spite of faults in the edition
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
            keep_going,
        } => {
            let api = api.unwrap_or_else(|| dist.join("api"));
            match prerender(&Options {
                dist,
                api,
                base_url,
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

fn fail(message: &str) -> ExitCode {
    eprintln!("manchette: {message}");
    ExitCode::from(2)
}
