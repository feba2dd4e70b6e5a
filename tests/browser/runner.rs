//! Runs every case in every engine, each with a browser and a profile of its own.
//! What is counted, limited, kept and printed about cases is here; nothing else is.

use std::any::Any;
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::os::fd::AsFd;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, ColorSetting, Completion, Conclusion, Failed, Trial};
use rustix::stdio::dup2_stdout;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::Trouble;
use crate::case::Case;
use crate::cases::walks;
use crate::engine::{Engine, Session};
use crate::page::Page;
use crate::site::Site;
use crate::table;

/// No case may take longer, the start of its browser left out.
const LIMIT: Duration = Duration::from_secs(120);

/// Passed, failed, cannot run: for each engine, in the order of `Engine::ALL`.
static COUNTS: Mutex<[[u32; 3]; 3]> = Mutex::new([[0; 3]; 3]);

thread_local! {
    /// Where the last panic of this thread came from, and what it said.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn run(subjects: &[&'static [Case]]) -> ExitCode {
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert(2);
    if args.color.is_none() && io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
    {
        args.color = Some(ColorSetting::Always);
    }
    panic::set_hook(Box::new(|panic| PANIC.set(panic.to_string())));

    let mut cases: Vec<_> = subjects.iter().flat_map(|cases| *cases).collect();
    let faults: Vec<_> = cases
        .iter()
        .copied()
        .filter(|case| case.fault.is_some())
        .collect();
    let mut trials = Vec::new();
    if table::asked_for().is_some() {
        cases.clone_from(&faults);
    } else {
        trials.push(table::trial(faults.clone()));
    }
    for engine in Engine::ALL {
        trials.extend(cases.iter().map(|case| trial(engine, case)));
    }
    match with_counts(|| libtest_mimic::run(&args, trials)) {
        Ok(conclusion) => match table::write(&faults) {
            Ok(()) => conclusion.exit_code(),
            Err(trouble) => {
                eprintln!("the table of faults could not be written: {trouble}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("the results could not be printed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trial(engine: Engine, case: &'static Case) -> Trial {
    let subject = case.subject.rsplit("::").next().unwrap_or_default();
    let name = format!("{engine}::{subject}::{}", case.name);
    let file = name.replace("::", "-");
    Trial::ignorable_test(name, move || {
        let (column, outcome) = match case.needs.impossible_in(engine) {
            Some(reason) => (2, Ok(Completion::ignored_with(reason))),
            None => match run_case(engine, case, &file) {
                Ok(()) => (0, Ok(Completion::Completed)),
                Err(message) => (1, Err(Failed::from(message))),
            },
        };
        let row = Engine::ALL
            .iter()
            .position(|other| *other == engine)
            .unwrap_or_default();
        COUNTS.lock().unwrap_or_else(PoisonError::into_inner)[row][column] += 1;
        outcome
    })
}

fn run_case(engine: Engine, case: &Case, file: &str) -> Result<(), String> {
    // One thread for the fronts; the case itself runs on this one, and may block it.
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let result = start(&runtime, engine, case)
        .map_err(|trouble| trouble.to_string())
        .and_then(|(site, page)| {
            let result = play(&runtime, case, &site, &page);
            let faults = runtime
                .block_on(async { timeout(Duration::from_secs(10), page.faults(&site)).await });
            let faults = match faults {
                Ok(Ok(mut faults)) => {
                    faults.dedup();
                    faults.join("\n")
                }
                Ok(Err(trouble)) => format!("(the browser's console cannot be read: {trouble})"),
                Err(_) => "(the browser does not answer)".to_owned(),
            };
            match result {
                Ok(()) if faults.is_empty() || case.needs.noisy => timed(engine, case, &page),
                Ok(()) => Err(format!("the page had errors:\n{faults}")),
                Err(message) if faults.is_empty() => Err(message),
                Err(message) => Err(format!("{message}\n\nThe page had errors:\n{faults}")),
            }
            .map_err(|message| format!("{message}\n{}", runtime.block_on(evidence(&page, file))))
        });
    runtime.shutdown_background();
    result
}

fn start(runtime: &Runtime, engine: Engine, case: &Case) -> Result<(Site, Page), Trouble> {
    let site = Site::start(engine, case.needs)?;
    let page = runtime
        .block_on(async { Page::new(Session::start(engine, case.needs).await?, &site).await })?;
    Ok((site, page))
}

/// More where more walks are asked for than the few of every run.
fn limit() -> Duration {
    walks::asked_for().map_or(LIMIT, |seeds| {
        LIMIT + Duration::from_secs(30) * u32::try_from(seeds.count()).unwrap_or(u32::MAX)
    })
}

fn play(runtime: &Runtime, case: &Case, site: &Site, page: &Page) -> Result<(), String> {
    let play = || runtime.block_on(async { timeout(limit(), (case.run)(site, page)).await });
    match panic::catch_unwind(AssertUnwindSafe(play)) {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(failure))) => Err(failure.to_string()),
        Ok(Err(_)) => Err(format!("not done after {} s", limit().as_secs())),
        Err(panic) => Err(message(&*panic)),
    }
}

/// Notes how long the reader of a page with a fault had to wait.
fn timed(engine: Engine, case: &Case, page: &Page) -> Result<(), String> {
    match (case.fault, page.readable()) {
        (Some(_), None) => Err("it is about a fault, and measures no time".to_owned()),
        (Some(_), Some(milliseconds)) => {
            table::note(engine, case, milliseconds);
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

/// A panic's place and words, as the hook wrote them down.
fn message(panic: &(dyn Any + Send)) -> String {
    let written = PANIC.take();
    if written.is_empty() {
        panic
            .downcast_ref::<&str>()
            .map_or_else(|| "a panic".to_owned(), |text| (*text).to_owned())
    } else {
        written
    }
}

/// Keeps what can be seen of a failure, and says where.
async fn evidence(page: &Page, file: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .map_or_else(PathBuf::new, |target| target.join("browser"));
    let keep = async {
        fs::create_dir_all(&folder)?;
        let stem = folder.join(file);
        let mut kept = Vec::new();
        fs::write(stem.with_extension("log"), page.log())?;
        kept.push("log");
        if let Ok(Ok(html)) = timeout(Duration::from_secs(10), page.html()).await {
            fs::write(stem.with_extension("html"), html)?;
            kept.push("html");
        }
        if page.screenshot(&stem.with_extension("png")).await.is_ok() {
            kept.push("png");
        }
        Ok::<_, Trouble>(format!("See {}.{{{}}}", stem.display(), kept.join(",")))
    };
    keep.await
        .unwrap_or_else(|trouble| format!("(nothing could be kept of it: {trouble})"))
}

/// Runs the tests with their output going through our hands, so that the counts of each engine
/// come right before the closing line of all, which stays the last.
fn with_counts(run: impl FnOnce() -> Conclusion) -> io::Result<Conclusion> {
    let screen = io::stdout().as_fd().try_clone_to_owned()?;
    let (reader, writer) = io::pipe()?;
    let printer = thread::spawn({
        let mut screen = File::from(screen.try_clone()?);
        move || -> io::Result<()> {
            let (mut lines, mut line) = (BufReader::new(reader), Vec::new());
            while lines.read_until(b'\n', &mut line)? > 0 {
                if line.starts_with(b"test result: ") {
                    screen.write_all(counts().as_bytes())?;
                }
                screen.write_all(&line)?;
                line.clear();
            }
            Ok(())
        }
    });
    dup2_stdout(&writer)?;
    drop(writer);
    let conclusion = run();
    io::stdout().flush()?;
    dup2_stdout(&screen)?; // the pipe's last writer is gone, so the printer comes to its end
    printer
        .join()
        .map_err(|_| io::Error::other("the printer panicked"))??;
    Ok(conclusion)
}

fn counts() -> String {
    let counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let line = |(engine, [passed, failed, cannot]): (&Engine, &[u32; 3])| {
        format!("{engine}: {passed} passed, {failed} failed, {cannot} cannot run\n")
    };
    Engine::ALL
        .iter()
        .zip(counts.iter())
        .map(line)
        .chain(["\n".to_owned()])
        .collect()
}
