//! Two hundred readers and a backend that answers 503 for a minute: how often it is asked meanwhile, and
//! how they come back when it is well again. The client's own schedule, with a clock of numbers.

use fastrand::Rng;
use manchette::schedule::{Again, refresh, retry};

const READERS: usize = 200;
/// In milliseconds, from the moment at which all readers have opened the page.
const OUTAGE: std::ops::Range<f64> = 40_000.0..100_000.0;
const END: f64 = 1_000_000.0;

/// What a server may say with its 503, in milliseconds.
const RETRY_AFTER: [Option<f64>; 4] = [None, Some(0.0), Some(5_000.0), Some(30_000.0)];

/// When one reader who stays on the page asks for newer items, as client/refresh.rs does.
fn looks(seconds: u32, retry_after: Option<f64>, mut chance: impl FnMut() -> f64) -> Vec<f64> {
    let (mut asked, mut now, mut failures, mut alone) = (Vec::new(), 0.0, 0, 0.0_f64);
    loop {
        now += f64::from(refresh(seconds, failures, (alone - now).max(0.0), chance()));
        if now > END {
            return asked;
        }
        asked.push(now);
        if OUTAGE.contains(&now) {
            failures += 1;
            alone = now + retry_after.unwrap_or_default();
        } else {
            failures = 0;
        }
    }
}

/// When one reader who opens a page at `now` asks for its document, as client/net.rs does.
fn visit(mut now: f64, retry_after: Option<f64>, mut chance: impl FnMut() -> f64) -> Vec<f64> {
    let mut asked = vec![now];
    while OUTAGE.contains(&now) {
        let again = retry_after.map_or(Again::Soon, Again::After);
        let attempts = u32::try_from(asked.len()).expect("few");
        let Some(wait) = retry(attempts, again, chance()) else {
            break;
        };
        now += f64::from(wait);
        asked.push(now);
    }
    asked
}

/// The most requests in one second, and the mean of a second, of those in a time.
fn peak_and_mean(asked: &[f64], time: std::ops::Range<f64>) -> (f64, f64) {
    let seconds = ((time.end - time.start) / 1_000.0).ceil();
    let mut counts = vec![0.0; 2_000];
    let mut all = 0.0;
    for at in asked.iter().filter(|at| time.contains(at)) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is within the time"
        )]
        let second = ((at - time.start) / 1_000.0) as usize;
        counts[second] += 1.0;
        all += 1.0;
    }
    (counts.into_iter().fold(0.0, f64::max), all / seconds)
}

#[test]
fn a_backend_that_fails_is_asked_less_than_one_that_works() {
    for seed in 0..20 {
        for seconds in [10, 60] {
            for retry_after in RETRY_AFTER {
                let mut rng = Rng::with_seed(seed);
                let asked: Vec<_> = (0..READERS)
                    .map(|_| looks(seconds, retry_after, || rng.f64()))
                    .collect();
                let during = |asked: &[f64]| asked.iter().filter(|at| OUTAGE.contains(at)).count();
                let all: usize = asked.iter().map(|asked| during(asked)).sum();
                // Periods of the time between two looks in the minute, for all readers.
                let periods = READERS * 60 / seconds as usize;
                assert!(
                    2 * all <= 3 * periods,
                    "{all} requests in {periods} periods"
                );
                // And each reader waits longer after each failure than before it.
                for asked in &asked {
                    let failed: Vec<_> = asked.iter().filter(|at| OUTAGE.contains(at)).collect();
                    for (n, pair) in failed.windows(2).enumerate() {
                        let period = f64::from(seconds) * 1_000.0 * f64::from(2 << n.min(3));
                        assert!(pair[1] - pair[0] >= 0.75 * period - 1.0, "{pair:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_visit_asks_three_times_at_most_and_once_a_back_off() {
    for seed in 0..20 {
        for retry_after in RETRY_AFTER {
            let mut rng = Rng::with_seed(seed);
            let mut all = Vec::new();
            for _ in 0..READERS {
                let start = OUTAGE.start + rng.f64() * (OUTAGE.end - OUTAGE.start);
                let asked = visit(start, retry_after, || rng.f64());
                assert!(asked.len() <= 3);
                for (n, pair) in asked.windows(2).enumerate() {
                    let least = f64::from(400_u32 << n).max(retry_after.unwrap_or_default());
                    assert!(pair[1] - pair[0] >= least, "{pair:?}");
                }
                all.extend(asked);
            }
            let (peak, mean) = peak_and_mean(&all, OUTAGE.start..OUTAGE.end + 5_000.0);
            assert!(peak <= 4.0 * mean);
        }
    }
}

#[test]
fn readers_come_back_one_by_one() {
    let back = OUTAGE.end..OUTAGE.end + 300_000.0;
    for seconds in [10, 60] {
        for retry_after in RETRY_AFTER {
            let mut worst: f64 = 0.0;
            for seed in 0..20 {
                let mut rng = Rng::with_seed(seed);
                let asked: Vec<_> = (0..READERS)
                    .flat_map(|_| looks(seconds, retry_after, || rng.f64()))
                    .collect();
                let (peak, mean) = peak_and_mean(&asked, back.clone());
                worst = worst.max(peak / mean);
            }
            println!(
                "every {seconds} s, {retry_after:?}: the peak is at most {worst:.1} times the mean"
            );
            // By chance alone, a second in three hundred has three or four times what is usual.
            assert!(worst <= 5.0, "{worst}");
            // All opened the page at once: without the chance they would all come at once, too.
            let together: Vec<_> = (0..READERS)
                .flat_map(|_| looks(seconds, retry_after, || 0.5))
                .collect();
            let (peak, _) = peak_and_mean(&together, back.clone());
            assert!(peak >= 200.0, "{peak}");
        }
    }
}

#[test]
fn odd_numbers_are_no_trap() {
    assert_eq!(retry(1, Again::No, 0.0), None);
    assert_eq!(retry(3, Again::Soon, 0.0), None);
    assert_eq!(retry(1, Again::After(8_001.0), 0.0), None);
    assert_eq!(retry(1, Again::After(f64::INFINITY), 0.0), None);
    assert_eq!(retry(1, Again::After(-1e12), 0.0), Some(400));
    assert_eq!(retry(2, Again::After(0.0), 0.0), Some(800));
    assert_eq!(retry(1, Again::After(1_000.0), 0.0), Some(1_000));
    assert!(retry(0, Again::Soon, 0.999).is_some_and(|wait| wait < 600));
    assert_eq!(
        refresh(u32::MAX, u32::MAX, f64::INFINITY, 0.999),
        86_400_000
    );
    assert!(refresh(10, 0, 0.0, 0.0) >= 7_500);
    assert!(refresh(60, 0, 3_600_000.0, 0.5) >= 3_600_000);
}
