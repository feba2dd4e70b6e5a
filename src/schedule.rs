//! When the backend is asked again: after an answer that failed, and for newer items. Plain numbers, so
//! that a crowd of readers can be tried natively. The clock and the chance are the client's.

/// The wait before the second attempt, in milliseconds; it doubles for the third.
const BACK_OFF: f64 = 400.0;
/// How many attempts there are where a reader waits.
const ATTEMPTS: u32 = 3;
/// The longest `Retry-After` that is waited for, in milliseconds; for a longer one the reader is
/// told at once.
const LONGEST_WAIT: f64 = 8_000.0;
/// How often the pause between two looks for newer items doubles while they fail.
const DOUBLINGS: u32 = 4;

/// Whether another attempt may help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Again {
    /// It would end like this one.
    No,
    /// After a moment.
    Soon,
    /// The server asks to be left alone for so many milliseconds.
    After(f64),
}

/// The milliseconds to wait after so many attempts (1 and up) have failed; none where the reader is
/// told instead. What the server asks for, else twice as long each time; and up to half as much again
/// by `chance`, which is in [0, 1), so that not all readers come back at once.
pub fn retry(attempts: u32, again: Again, chance: f64) -> Option<u32> {
    let back_off = BACK_OFF * f64::from(1 << attempts.saturating_sub(1).min(8));
    let wait = match again {
        Again::No => return None,
        Again::Soon => back_off,
        // A date that has passed, be it only by this device's clock, asks for no hurry.
        Again::After(asked) => asked.max(back_off),
    };
    (attempts < ATTEMPTS && wait <= LONGEST_WAIT).then(|| whole(wait * (1.0 + chance / 2.0)))
}

/// The milliseconds until newer items are looked for again: `seconds`, a quarter more or less by
/// `chance`, which is in [0, 1); twice as long after each look that failed. Where the server asks to be
/// left alone for so many milliseconds, not before, and all over such a pause.
pub fn refresh(seconds: u32, failures: u32, alone: f64, chance: f64) -> u32 {
    let pause = f64::from(seconds) * 1_000.0 * f64::from(1 << failures.min(DOUBLINGS));
    let wait = pause * (0.75 + chance / 2.0);
    whole(if alone > 0.0 {
        wait.max(alone + pause * chance)
    } else {
        wait
    })
}

/// A day at most: a timer's milliseconds are 32 bits wide.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nothing and a day"
)]
fn whole(milliseconds: f64) -> u32 {
    milliseconds.clamp(0.0, 86_400_000.0) as u32
}
