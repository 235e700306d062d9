//! What comes of every kind of line.

use rmcp::model::{ClientRequest, JsonRpcMessage};

use super::*;

/// What comes of a line, in short: the method that goes to the server, the refusal, or nothing.
fn meaning(inbox: &mut Inbox, line: &[u8]) -> String {
    match inbox.read(line) {
        Meaning::Message(message) => match *message {
            JsonRpcMessage::Request(request) => match request.request {
                ClientRequest::CustomRequest(custom) => format!("custom {}", custom.method),
                other => other.method().to_owned(),
            },
            _ => "notification".to_owned(),
        },
        Meaning::Refused(id, error) => {
            let id = id.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let words: String = error.message.chars().take(24).collect();
            format!("{} {id} {words}", error.code.0)
        }
        Meaning::Nothing => "nothing".to_owned(),
    }
}

const PING: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

#[test]
fn every_line_has_a_meaning() {
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":6,"method":"ping","params":{}{}}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let table: &[(&[u8], &str)] = &[
        (b"", "nothing"),
        (b" \t\r", "nothing"),
        (PING, "ping"),
        (b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\r", "ping"),
        (br#"{"jsonrpc":"2.0","id":3,"method":"no/such"}"#, "custom no/such"),
        (br#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":5}}"#, "custom tools/call"),
        (br#"{"jsonrpc":"2.0","id":5,"method":"tools/call"}"#, "custom tools/call"),
        (deep.as_bytes(), "-32600 6 the message is nested de"),
        (br#"{"jsonrpc":"2.0","id":7,"method":"ping""#, "-32700 7 this is not JSON: EOF wh"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"\xff\xfe\"}", "-32700 8 this is not JSON: invali"),
        (b"\0\0\0", "-32700 - this is not JSON: expect"),
        (br#"{"jsonrpc":"2.0","id":9,"method":"ping","params":{"n":1e999}}"#, "-32700 9 this is not JSON: number"),
        (br#"{"jsonrpc":"1.0","id":10,"method":"ping"}"#, "-32600 10 this is JSON but not a J"),
        (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "-32600 - this is JSON but not a J"),
        (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, "-32600 - this is JSON but not a J"),
        (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, "-32600 - this is JSON but not a J"),
        (br#"{"jsonrpc":"2.0","id":11,"method":"tools/call","params":7}"#, "-32602 11 params must be an object"),
        (br#"[{"jsonrpc":"2.0","id":11,"method":"ping"}]"#, "-32600 - batches are not supporte"),
        (br#""text""#, "-32600 - this is JSON but not a J"),
        (br#"{"jsonrpc":"2.0","method":"notifications/odd","params":7}"#, "nothing"),
        (br#"{"jsonrpc":"2.0","method":7}"#, "-32600 - this is JSON but not a J"),
        // Answers to questions that nobody asked, and echoes of our own errors: never an answer to an answer.
        (br#"{"jsonrpc":"2.0","id":12,"result":{}}"#, "nothing"),
        (br#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#, "nothing"),
        (br#"{"jsonrpc":"2.0","error":{"code":"not a number"}}"#, "nothing"),
        (br#"{"jsonrpc":"2.0","error":{"#, "nothing"),
    ];
    let mut inbox = Inbox::default();
    let found: Vec<String> = table.iter().map(|(line, _)| meaning(&mut inbox, line)).collect();
    let expected: Vec<&str> = table.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(found, expected);
}

#[test]
fn nothing_but_a_request_opens_the_connection() {
    let mut inbox = Inbox::default();
    let initialized = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(meaning(&mut inbox, initialized), "nothing");
    assert_eq!(meaning(&mut inbox, PING), "ping");
    assert_eq!(meaning(&mut inbox, initialized), "notification");
}

#[test]
fn an_id_is_used_once_at_a_time() {
    let mut inbox = Inbox::default();
    let twice = "-32600 - a request with this id i";
    assert_eq!(meaning(&mut inbox, PING), "ping");
    assert_eq!(meaning(&mut inbox, PING), twice);
    // The text "1" is another id than the number 1.
    assert_eq!(meaning(&mut inbox, br#"{"jsonrpc":"2.0","id":"1","method":"ping"}"#), "ping");
    // Broken, and under an id that is taken: the refusal must not be taken for the answer.
    assert_eq!(meaning(&mut inbox, br#"{"jsonrpc":"2.0","id":1,"#), "-32700 - this is not JSON: EOF wh");
    inbox.answered(&RequestId::Number(1));
    assert_eq!(meaning(&mut inbox, PING), "ping");
    // Cancelled, it gets no answer, but its work may go on: the id stays taken.
    let cancel = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    assert_eq!(meaning(&mut inbox, cancel), "notification");
    assert_eq!(meaning(&mut inbox, PING), twice);
}

#[test]
fn cancelled_ids_do_not_pile_up() {
    let mut inbox = Inbox::default();
    for id in 0..5_000 {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        assert_eq!(meaning(&mut inbox, line.as_bytes()), "ping");
        let line = format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#);
        assert_eq!(meaning(&mut inbox, line.as_bytes()), "notification");
    }
    assert_eq!((inbox.live.len(), inbox.cancelled.len()), (CANCELLED, CANCELLED));
}

#[test]
fn a_line_too_long_is_answered_under_its_id() {
    let long = |line: &str| match Inbox::default().too_long(Envelope::of(line.as_bytes())) {
        Meaning::Refused(id, error) => (id, error.code.0, error.message.into_owned()),
        other => panic!("{other:?}"),
    };
    let words = "the message is longer than 8 MiB".to_owned();
    assert_eq!(long(r#"{"id":5,"method":"tools/call"}"#), (Some(RequestId::Number(5)), -32600, words.clone()));
    assert_eq!(long("xxx"), (None, -32600, words));
    let notification = Envelope::of(br#"{"method":"notifications/progress"}"#);
    assert!(matches!(Inbox::default().too_long(notification), Meaning::Nothing));
}
