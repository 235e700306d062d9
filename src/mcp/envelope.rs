//! What a line of JSON-RPC is, read from its top-level keys alone, byte by byte, without recursion and without
//! keeping the line: so that even a message too long, too deep or broken can be answered under its own id.

use rmcp::model::RequestId;

/// Longest value of `id` or `method` that is kept, in bytes of JSON text.
const MAX_KEPT: usize = 512;

/// The top-level keys of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Its id, if there is one that MCP allows.
    pub(super) id: Option<RequestId>,
    /// Whether the key `id` stands there at all.
    pub(super) has_id: bool,
    /// Its method.
    pub(super) method: Option<String>,
    /// Whether it carries a result or an error.
    pub(super) answers: bool,
    /// How deep its values are nested.
    pub(super) depth: usize,
}

impl Envelope {
    /// Whether it is a notification: nobody awaits an answer.
    pub(super) const fn notifies(&self) -> bool {
        self.method.is_some() && !self.has_id
    }

    /// Of a whole line.
    pub(super) fn of(line: &[u8]) -> Self {
        let mut scanner = Scanner::default();
        scanner.feed(line);
        scanner.finish()
    }
}

/// Reads an [`Envelope`] piece by piece.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    found: Envelope,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether what is read at the top level is a value, not a key.
    in_value: bool,
    key: Vec<u8>,
    value: Vec<u8>,
    /// The text of the value is of no use: too long, or not a scalar.
    spoilt: bool,
}

impl Scanner {
    /// Reads on.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.step(*byte);
        }
    }

    /// What was found.
    pub(super) fn finish(mut self) -> Envelope {
        self.end_member();
        self.found
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.found.depth = self.found.depth.max(self.depth);
                self.spoilt |= self.depth > 1;
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.end_member();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.depth == 1 && !self.in_value => self.in_value = true,
            b',' if self.depth == 1 => self.end_member(),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth != 1 || self.spoilt {
            return;
        }
        let text = if self.in_value { &mut self.value } else { &mut self.key };
        if text.len() < MAX_KEPT {
            text.push(byte);
        } else {
            self.spoilt = true;
        }
    }

    fn end_member(&mut self) {
        let value = if self.spoilt { &[][..] } else { self.value.as_slice() };
        match self.key.as_slice() {
            b"\"id\"" => {
                self.found.has_id = true;
                self.found.id = serde_json::from_slice(value).ok();
            }
            b"\"method\"" => self.found.method = serde_json::from_slice(value).ok(),
            b"\"result\"" | b"\"error\"" => self.found.answers = true,
            _ => {}
        }
        self.key.clear();
        self.value.clear();
        self.in_value = false;
        self.spoilt = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: RequestId, method: &str, depth: usize) -> Envelope {
        Envelope { id: Some(id), has_id: true, method: Some(method.to_owned()), answers: false, depth }
    }

    #[test]
    fn reads_what_a_message_is() {
        let table = [
            (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#.to_owned(), request(RequestId::Number(7), "ping", 1)),
            (
                r#" { "method" : "tools/call" , "params":{"id":1,"method":"x","a":[{}]}, "id" : "a\"b,}" } "#
                    .to_owned(),
                request(RequestId::String("a\"b,}".into()), "tools/call", 4),
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
                Envelope { method: Some("notifications/initialized".to_owned()), depth: 1, ..Envelope::default() },
            ),
            (
                r#"{"id":1,"result":{"method":"x"}}"#.to_owned(),
                Envelope {
                    id: Some(RequestId::Number(1)),
                    has_id: true,
                    answers: true,
                    depth: 2,
                    ..Envelope::default()
                },
            ),
            (
                r#"{"id":null,"error":{"code":1}}"#.to_owned(),
                Envelope { has_id: true, answers: true, depth: 2, ..Envelope::default() },
            ),
            (r#"{"id":{"a":1},"method":5}"#.to_owned(), Envelope { has_id: true, depth: 2, ..Envelope::default() }),
            (String::new(), Envelope::default()),
            ("]]}}\"".to_owned(), Envelope::default()),
            (
                format!(r#"{{"id":3,"method":"ping","params":{}1{}}}"#, "[".repeat(200_000), "]".repeat(200_000)),
                request(RequestId::Number(3), "ping", 200_001),
            ),
            (
                format!(r#"{{"id":"{}","method":"ping"}}"#, "x".repeat(600)),
                Envelope { has_id: true, method: Some("ping".to_owned()), depth: 1, ..Envelope::default() },
            ),
            // Cut off in the middle: what was there is known.
            (
                r#"{"id":9,"method":"tools/call","params":{"name":"aws"#.to_owned(),
                request(RequestId::Number(9), "tools/call", 2),
            ),
        ];
        for (line, expected) in table {
            assert_eq!(Envelope::of(line.as_bytes()), expected, "{}", line.chars().take(80).collect::<String>());
        }
    }

    #[test]
    fn pieces_read_like_the_whole() {
        let line = r#"{"jsonrpc":"2.0","params":{"x":"}\\\""},"method":"tools/call","id":"é7"}"#.as_bytes();
        for at in 0..line.len() {
            let mut scanner = Scanner::default();
            let (head, tail) = line.split_at(at);
            scanner.feed(head);
            scanner.feed(tail);
            assert_eq!(scanner.finish(), Envelope::of(line), "split at {at}");
        }
    }
}
