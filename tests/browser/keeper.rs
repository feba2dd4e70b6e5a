//! Programs that never outlive the tests, not even when the tests are killed.
//! Which programs, and with which arguments, is said in engine.rs and site.rs.
//
// Killing a driver leaves its browser behind, and a killed test process cannot kill anything. So
// each program runs under a keeper: this same executable, started with `--keep`. It adopts whatever
// the program leaves behind, waits for the end of its standard input (which comes when the tests
// let go or die, however they die), kills all that is below it, and removes the program's folder.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

const FLAG: &str = "--keep";

/// A running program and its temporary folder; dropping it ends both.
#[derive(Debug)]
pub struct Kept {
    keeper: Child,
    folder: PathBuf,
    log: File, // open, because the folder goes when the program ends
}

impl Kept {
    /// Starts a program whose temporary files, settings and log are in `folder`.
    pub fn start<A: AsRef<OsStr>>(
        folder: PathBuf,
        program: &Path,
        args: impl IntoIterator<Item = A>,
        env: &[(&str, &OsStr)],
    ) -> io::Result<Self> {
        let written = File::create(folder.join("log"))?;
        let log = File::open(folder.join("log"))?;
        let mut keeper = Command::new(std::env::current_exe()?);
        keeper.arg(FLAG).arg(&folder).arg(program).args(args);
        for home in [
            "HOME",
            "TMPDIR",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
        ] {
            keeper.env(home, &folder);
        }
        for proxy in [
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ] {
            keeper.env_remove(proxy);
        }
        keeper
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(written.try_clone()?)
            .stderr(written)
            .process_group(0); // Ctrl-C is for the tests; the keeper notices when they are gone
        Ok(Self {
            keeper: keeper.spawn()?,
            folder,
            log,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the program wrote, both streams.
    pub fn log(&self) -> String {
        let (mut log, mut text) = (&self.log, Vec::new());
        match log.rewind().and_then(|()| log.read_to_end(&mut text)) {
            Ok(_) => String::from_utf8_lossy(&text).into_owned(),
            Err(error) => format!("(no log: {error})"),
        }
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.keeper.try_wait(), Ok(None))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A new folder for a program's files. It goes when the program goes.
pub fn folder(name: &str) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    // Short: browsers put sockets inside, and a socket's path has room for a hundred bytes.
    let folder = std::env::temp_dir().join(format!("manchette-{process}-{number}-{name}"));
    fs::create_dir(&folder)?;
    Ok(folder)
}

/// The keeper itself, where the arguments ask for it.
pub fn run_if_asked() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    (args.next()? == FLAG).then(|| {
        keep(args).unwrap_or_else(|error| {
            eprintln!("keeper: {error}");
            ExitCode::FAILURE
        })
    })
}

fn keep(mut args: impl Iterator<Item = OsString>) -> io::Result<ExitCode> {
    let missing = || io::Error::other("FOLDER PROGRAM [ARGUMENTS…]");
    let folder = args.next().ok_or_else(missing)?;
    let program = args.next().ok_or_else(missing)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;

    let (ended, end) = mpsc::channel();
    match Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .spawn()
    {
        Ok(mut child) => {
            let ended_by_itself = ended.clone();
            thread::spawn(move || {
                let _ = child.wait();
                let _ = ended_by_itself.send(());
            });
            thread::spawn(move || {
                let _ = io::stdin().read_to_end(&mut Vec::new());
                let _ = ended.send(());
            });
            let _ = end.recv();
        }
        Err(error) => eprintln!("keeper: {error}"),
    }

    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let below = descendants(std::process::id());
        if below.is_empty() {
            break;
        }
        for pid in below {
            let _ = kill_process(pid, Signal::KILL);
        }
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        thread::sleep(Duration::from_millis(5));
    }
    fs::remove_dir_all(folder)?;
    Ok(ExitCode::SUCCESS)
}

/// Every process below `root`, from /proc.
fn descendants(root: u32) -> Vec<Pid> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // pid (name) state parent …, and the name may hold anything
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((pid, parent.parse().ok()?))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(
            parents
                .iter()
                .filter(|(_, its)| *its == parent)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    found[1..]
        .iter()
        .filter_map(|&pid| Pid::from_raw(pid.cast_signed()))
        .collect()
}
