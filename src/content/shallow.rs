//! Bounds the nesting of a JSON text before it is parsed, so that no parser's stack depends on it.
//! What stands deeper keeps its text: a run of `"value"` strings becomes one text node.

use std::borrow::Cow;

/// Objects and lists within each other that are left as they are. Two per mdast node, so well
/// above the contract's 32 nodes, and below the 128 at which `serde_json` gives up.
const DEPTH: usize = 120;

/// `json` itself where it is not too deep; else with each part below the limit replaced by
/// `{"type":"text","value":"…"}`. The text need not be well-formed: the parser says that later.
pub fn shallow(json: &[u8]) -> Cow<'_, [u8]> {
    if deepest(json) <= DEPTH {
        return Cow::Borrowed(json);
    }
    let mut out = Vec::new();
    let mut depth = 0;
    let mut deep_text: Vec<u8> = Vec::new();
    let mut key: &[u8] = b"";
    let mut at = 0;
    while at < json.len() {
        let start = at;
        let byte = json[at];
        at = if byte == b'"' {
            string_end(json, at)
        } else {
            at + 1
        };
        let token = &json[start..at];
        let was_deep = depth > DEPTH;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (was_deep, depth > DEPTH) {
            (false, false) => out.extend_from_slice(token),
            (false, true) => {
                deep_text.clear();
                if byte == b'[' {
                    out.push(b'[');
                }
                out.extend_from_slice(br#"{"type":"text","value":""#);
            }
            (true, true) if byte == b'"' => {
                let content = token[1..].strip_suffix(b"\"").unwrap_or_default();
                if key == b"value" && follows_colon(json, start) {
                    deep_text.extend_from_slice(content);
                }
                key = content;
            }
            (true, true) => {}
            (true, false) => {
                out.append(&mut deep_text);
                out.extend_from_slice(b"\"}");
                if byte == b']' {
                    out.push(b']');
                }
            }
        }
    }
    Cow::Owned(out)
}

fn deepest(json: &[u8]) -> usize {
    let (mut at, mut depth, mut deepest) = (0_usize, 0_usize, 0);
    while at < json.len() {
        match json[at] {
            b'"' => {
                at = string_end(json, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        at += 1;
    }
    deepest
}

/// The index after the string that opens at `at`, or the end of the text.
fn string_end(json: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < json.len() {
        match json[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

fn follows_colon(json: &[u8], at: usize) -> bool {
    let before = json[..at].iter().rev();
    before.copied().find(|b| !b.is_ascii_whitespace()) == Some(b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        let open = r#"{"type":"emphasis","children":["#.repeat(levels);
        let text = r#"{"type":"text","value":"un \"mot\""},{"type":"text","value":" et"}"#;
        format!("{open}{text}{}", "]}".repeat(levels))
    }

    #[test]
    fn leaves_a_document_of_ordinary_depth_alone() {
        let json = nested(40);
        assert!(matches!(shallow(json.as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn keeps_the_text_of_what_is_too_deep() {
        for levels in [60, 61, 62, 1_000, 60_000] {
            let json = nested(levels);
            let flat = shallow(json.as_bytes());
            let value: serde_json::Value =
                serde_json::from_slice(&flat).expect("parses once it is shallow");
            let text = value.to_string();
            assert!(text.contains(r#"un \"mot\""#), "{levels}");
            assert!(text.contains(" et"), "{levels}");
        }
    }

    #[test]
    fn survives_any_cut() {
        let json = nested(70);
        for end in 0..json.len() {
            let _ = shallow(&json.as_bytes()[..end]);
        }
        let _ = shallow(&b"]".repeat(500));
        let _ = shallow(&b"[".repeat(100_000));
    }
}
