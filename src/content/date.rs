//! A moment with the clock of the place where it was written (RFC 3339), and how French says it.
//! The words come from the timestamp alone, so the browser and the prerenderer cannot differ.

use std::fmt;

use serde::Serialize;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// An RFC 3339 timestamp with its offset; written out again as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Date {
    text: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    #[serde(skip)]
    seconds: i64,
}

impl Date {
    /// Reads RFC 3339 section 5.6; the offset is required, a fraction of a second is allowed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() || text.len() < 20 {
            return None;
        }
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = text.get(from..to)?;
            digits
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| digits.parse().ok())?
        };
        let mark = |at: usize, allowed: &[u8]| allowed.contains(&text.as_bytes()[at]);
        let well_marked =
            mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt ") && mark(13, b":") && mark(16, b":");
        if !well_marked {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !(1..=12).contains(&month)
            || !(1..=days_in_month(year, month)).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        let mut zone = 19;
        if mark(zone, b".") {
            let digits = text[20..].bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            zone += 1 + digits;
        }
        let offset = match text.get(zone..)? {
            "Z" | "z" => 0,
            offset if offset.len() == 6 && &offset[3..4] == ":" => {
                let (hours, minutes) = (number(zone + 1, zone + 3)?, number(zone + 4, zone + 6)?);
                let sign = match &offset[..1] {
                    "+" => 1,
                    "-" => -1,
                    _ => return None,
                };
                if hours > 23 || minutes > 59 {
                    return None;
                }
                sign * (hours * 60 + minutes) * 60
            }
            _ => return None,
        };
        let seconds = days_from_civil(year, month, day) * 86_400
            + hour * 3_600
            + minute * 60
            + second.min(59)
            - offset;
        Some(Self {
            text: text.to_owned(),
            seconds,
        })
    }

    /// The timestamp as it was written, for `<time datetime>`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The day as French writes it, on the writer's own clock: "5 octobre 2025", "1er mars 2026".
    #[must_use]
    pub fn words(&self) -> String {
        let digits = |from, to| self.text[from..to].parse::<usize>().unwrap_or(1);
        let (year, month, day) = (&self.text[..4], digits(5, 7), digits(8, 10));
        let first = if day == 1 { "er" } else { "" };
        let month = MONTHS[(month - 1) % 12];
        format!("{day}{first} {month} {}", year.trim_start_matches('0'))
    }

    /// The time of day as French writes it: "14 h 05".
    #[must_use]
    pub fn time_words(&self) -> String {
        let hour = self.text[11..13].trim_start_matches('0');
        let hour = if hour.is_empty() { "0" } else { hour };
        format!("{hour}\u{a0}h\u{a0}{}", &self.text[14..16])
    }

    /// Whether both are on one day, each on its own clock.
    #[must_use]
    pub fn same_day(&self, other: &Date) -> bool {
        self.text[..10] == other.text[..10]
    }

    /// Whether a reader should be told that `self` was changed at `modified`: on a later day, or
    /// more than an hour later.
    #[must_use]
    pub fn is_updated_by(&self, modified: &Date) -> bool {
        let later = modified.seconds - self.seconds;
        later > 3_600 || (later > 0 && !self.same_day(modified))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap_or_else(|| panic!("{text} is a date"))
    }

    #[test]
    fn counts_seconds_from_1970() {
        assert_eq!(date("1970-01-01T00:00:00Z").seconds(), 0);
        assert_eq!(
            date("2026-11-20T09:30:00+01:00").seconds(),
            date("2026-11-20T08:30:00Z").seconds()
        );
        assert_eq!(date("2000-03-01T00:00:00Z").seconds(), 951_868_800);
        assert_eq!(date("1969-12-31T23:59:59Z").seconds(), -1);
        assert_eq!(
            date("2026-01-01t00:00:00.125-05:30").seconds(),
            1_767_245_400
        );
    }

    #[test]
    fn refuses_what_is_not_rfc_3339() {
        for bad in [
            "",
            "2026-11-20",
            "2026-11-20T09:30:00",
            "2026-11-20T09:30+01:00",
            "2026-13-20T09:30:00Z",
            "2026-02-29T09:30:00Z",
            "2026-11-31T09:30:00Z",
            "2026-11-20T24:30:00Z",
            "2026-11-20T09:60:00Z",
            "2026-11-20T09:30:00.Z",
            "2026-11-20T09:30:00+0100",
            "2026-11-20T09:30:00+01:00 ",
            "2026-11-20T09:30:00*01:00",
            "+026-11-20T09:30:00Z",
            "Fri, 20 Nov 2026 09:30:00 GMT",
            "٢٠٢٦-11-20T09:30:00Z",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad:?}");
        }
        assert!(Date::parse("2024-02-29T09:30:00Z").is_some());
    }

    #[test]
    fn speaks_french_on_the_writers_clock() {
        assert_eq!(date("2025-10-05T23:30:00-08:00").words(), "5 octobre 2025");
        assert_eq!(date("2026-03-01T00:00:00Z").words(), "1er mars 2026");
        assert_eq!(date("2026-08-31T00:00:00Z").words(), "31 août 2026");
        assert_eq!(
            date("2026-11-20T14:05:00+01:00").time_words(),
            "14\u{a0}h\u{a0}05"
        );
        assert_eq!(
            date("2026-11-20T00:05:00Z").time_words(),
            "0\u{a0}h\u{a0}05"
        );
    }

    #[test]
    fn says_when_a_change_is_worth_telling() {
        let first = date("2026-11-20T09:30:00+01:00");
        assert!(!first.is_updated_by(&first));
        assert!(!first.is_updated_by(&date("2026-11-20T10:30:00+01:00")));
        assert!(first.is_updated_by(&date("2026-11-20T10:30:01+01:00")));
        assert!(!first.is_updated_by(&date("2026-11-19T10:30:01+01:00")));
        let late = date("2026-11-20T23:50:00+01:00");
        assert!(late.is_updated_by(&date("2026-11-21T00:10:00+01:00")));
    }
}
