//! A line that is long, narrow and lossy, as TCP makes of it: late, but whole and in order.
//! What is asked and answered on it is front.rs's. (A kernel's `netem` would want root, and a module.)

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// What a line is like. Clones are the same line, which all connections share.
#[derive(Clone, Debug)]
pub struct Line {
    /// There and back.
    round_trip: Duration,
    bytes_per_second: u32,
    /// One segment in so many is lost on its first way.
    lost_in: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// When the next segment can set out.
    free: Instant,
    segments: u64,
}

/// A TCP segment's bytes on Ethernet (RFC 879). Ten of them, the first flight of RFC 6928, are more than
/// a line like this holds, so there is no slow start to play.
const SEGMENT: usize = 1460;

/// How many of them one connection has on their way.
const WINDOW: usize = 8;

impl Line {
    pub fn new(round_trip: Duration, kilobits_per_second: u32, lost_in: u64) -> Self {
        Self {
            round_trip,
            bytes_per_second: kilobits_per_second * 1000 / 8,
            lost_in,
            state: Arc::new(Mutex::new(State {
                free: Instant::now(),
                segments: 0,
            })),
        }
    }

    /// Puts the line before a connection: returns its near end, for the server.
    pub fn before<S>(&self, far: S) -> impl AsyncRead + AsyncWrite + Unpin + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (near, end) = duplex(SEGMENT);
        let (mut from_reader, mut to_reader) = split(far);
        let (mut from_server, mut to_server) = split(end);
        let line = self.clone();
        tokio::spawn(async move {
            // Before the first byte, the connection itself is made.
            sleep(line.round_trip).await;
            let mut bytes = [0; SEGMENT];
            while let Ok(length @ 1..) = from_reader.read(&mut bytes).await {
                sleep(line.round_trip / 2).await;
                if to_server.write_all(&bytes[..length]).await.is_err() {
                    return;
                }
            }
        });
        let line = self.clone();
        let (sender, mut segments) = mpsc::channel::<(Instant, Vec<u8>)>(WINDOW);
        tokio::spawn(async move {
            let mut arrives = Instant::now();
            let mut bytes = [0; SEGMENT];
            while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
                // What comes after a lost one waits for it.
                arrives = arrives.max(line.carries(length));
                let segment = (arrives, bytes[..length].to_vec());
                if sender.send(segment).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            while let Some((at, bytes)) = segments.recv().await {
                sleep_until(at).await;
                if to_reader.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            let _ = to_reader.shutdown().await;
        });
        near
    }

    /// When a segment arrives that wants to set out now.
    fn carries(&self, bytes: usize) -> Instant {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let takes = Duration::from_secs(1) * bytes / self.bytes_per_second;
        state.free = state.free.max(Instant::now()) + takes;
        state.segments += 1;
        let again = state.segments.is_multiple_of(self.lost_in);
        // The three segments that follow tell of the loss, and it is sent once more (RFC 5681).
        state.free
            + self.round_trip / 2
            + if again {
                self.round_trip
            } else {
                Duration::ZERO
            }
    }
}
