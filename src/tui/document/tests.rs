//! Texts are whole, to the letter, in their order, and what is not ours stays behind its rail.

use serde_json::json;

use super::*;
use crate::tui::tests::support::{ASCII, COLOR, delete_bucket, put_object};

fn look(theme: Theme) -> Look {
    Look { theme, zone: TimeZone::UTC }
}

fn lines(rows: &[Row]) -> Vec<String> {
    rows.iter().map(Row::text).collect()
}

fn payload(value: &serde_json::Value, width: u16, theme: Theme) -> Vec<String> {
    let document = Document { facts: Vec::new(), body: json::blocks(value, theme) };
    lines(&document.lay(width, theme).body)
}

#[test]
fn a_payload_is_shown_whole_and_to_the_letter() {
    let value = json!({
        "Bucket": "a\"b\\c",
        "Empty": {}, "None": [], "Null": null, "Big": 12_345_678_901_234_567_890_u64, "Float": 1.5,
        "Hidden": "x\u{200b}y",
        "List": ["one", true],
    });
    assert_eq!(
        payload(&value, 80, COLOR),
        [
            "{",
            r#"  "Bucket": "a\"b\\c","#,
            r#"  "Empty": {},"#,
            r#"  "None": [],"#,
            r#"  "Null": null,"#,
            r#"  "Big": 12345678901234567890,"#,
            r#"  "Float": 1.5,"#,
            r#"  "Hidden": "x\u{200b}y","#,
            r#"  "List": ["#,
            r#"    "one","#,
            "    true",
            "  ]",
            "}",
        ]
    );
}

#[test]
fn texts_of_several_lines_show_every_break() {
    let value = json!({"Body": "first\n\n third\n", "Next": 1});
    let expected = [
        "{",
        "  \"Body\": text, 3 line breaks:",
        "    │ first↵",
        "    │ ↵",
        "    │  third↵",
        "    │ ",
        "  ,",
        "  \"Next\": 1",
        "}",
    ];
    assert_eq!(payload(&value, 40, COLOR), expected);
    let ascii: Vec<String> = expected.map(|line| line.replace('│', "|").replace('↵', "$")).into();
    assert_eq!(payload(&value, 40, ASCII), ascii);
}

#[test]
fn a_document_in_a_string_is_laid_open_beneath_its_exact_text() {
    let value = json!({"Policy": r#"{"Effect":"Deny","Effect":"Allow"}"#});
    assert_eq!(
        payload(&value, 80, COLOR),
        [
            "{",
            r#"  "Policy": "{\"Effect\":\"Deny\",\"Effect\":\"Allow\"}""#,
            "    the same, read as JSON:",
            "    {",
            r#"      "Effect": "Allow""#,
            "    }",
            "}",
        ]
    );
}

#[test]
fn deep_payloads_stay_within_a_narrow_pane() {
    let mut value = json!("x".repeat(50));
    for _ in 0..60 {
        value = json!({ "k": value });
    }
    let rows = payload(&value, 38, COLOR);
    assert!(rows.iter().all(|row| row.chars().count() <= 38), "{rows:?}");
    assert_eq!(rows.concat().matches('x').count(), 50);
}

#[test]
fn facts_come_in_their_fixed_order() {
    let document = Document::request(&put_object(), &look(COLOR));
    let facts = lines(&document.lay(100, COLOR).facts);
    let labels: Vec<&str> =
        facts.iter().map(|row| row.get(..LABEL).unwrap_or_default().trim()).filter(|label| !label.is_empty()).collect();
    assert_eq!(
        labels,
        [
            "PutObject o",
            "Operation",
            "Target",
            "Account",
            "Region",
            "Principal",
            "Endpoint",
            "Reversible",
            "Rule",
            "Risk",
            "Files"
        ]
    );
    let text = facts.join("\n");
    assert!(text.contains(r"prod\u{200b}uction/index.html  hidden characters"), "{text}");
    assert!(text.contains("1.5 MiB (1,572,864 bytes)"), "{text}");
    assert!(text.contains(&put_object().facts.files[0].sha256), "hashes are whole");
}

#[test]
fn the_agents_words_stay_behind_their_rail() {
    let mut approval = delete_bucket();
    approval.facts.agent_reason = Some("ok\n── payload ──\n{\"Bucket\": \"harmless\"}\r\u{1b}[H".to_owned());
    let document = Document::request(&approval, &look(COLOR));
    let body = lines(&document.lay(60, COLOR).body);
    let words = body.iter().position(|row| row.contains("in its own words")).unwrap();
    assert!(body[words + 1..].iter().all(|row| row.starts_with("┃ ")), "{body:?}");
    assert!(body.last().unwrap().ends_with(r"\u{d}\u{1b}[H"), "{body:?}");
}
