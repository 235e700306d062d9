//! Lines of bounded length from a stream. A longer one is not kept, only what it was ([`Envelope`]).

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use super::envelope::{Envelope, Scanner};

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A whole line, without its end.
    Whole(Vec<u8>),
    /// A line beyond the bound.
    TooLong(Envelope),
}

/// Reads lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    read: BufReader<R>,
    line: Vec<u8>,
    max: usize,
    /// The rest of a line beyond the bound is being passed over.
    passing: Option<Scanner>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of at most `max` bytes.
    pub(super) fn new(read: R, max: usize) -> Self {
        Self { read: BufReader::with_capacity(64 << 10, read), line: Vec::new(), max, passing: None }
    }

    /// The next line; `None` at the end of the stream, where an unfinished line is left out.
    ///
    /// May be dropped while waiting and called again: what was read is kept.
    ///
    /// # Errors
    /// What the stream reports.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let available = self.read.fill_buf().await?;
            if available.is_empty() {
                return Ok(None);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let (piece, _) = available.split_at(end.unwrap_or(available.len()));
            match &mut self.passing {
                Some(scanner) => scanner.feed(piece),
                None if self.line.len() + piece.len() > self.max => {
                    let mut scanner = Scanner::default();
                    scanner.feed(&self.line);
                    scanner.feed(piece);
                    self.line = Vec::new();
                    self.passing = Some(scanner);
                }
                None => self.line.extend_from_slice(piece),
            }
            let taken = piece.len() + usize::from(end.is_some());
            self.read.consume(taken);
            if end.is_some() {
                return Ok(Some(match self.passing.take() {
                    Some(scanner) => Line::TooLong(scanner.finish()),
                    None => Line::Whole(std::mem::take(&mut self.line)),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::RequestId;

    use super::*;

    async fn all(bytes: &[u8], max: usize) -> Vec<Line> {
        let mut lines = Lines::new(bytes, max);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn bounded_lines() {
        let text = b"one\n\n{\"id\":7,\"method\":\"m\"}\ntwo\r\nunfinished";
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        let too_long = Line::TooLong(Envelope {
            id: Some(RequestId::Number(7)),
            has_id: true,
            method: Some("m".to_owned()),
            answers: false,
            depth: 1,
        });
        assert_eq!(all(text, 10).await, [whole("one"), whole(""), too_long, whole("two\r")]);
    }

    #[tokio::test]
    async fn a_long_line_costs_no_memory() {
        let mut text = vec![b'x'; 1 << 20];
        text.push(b'\n');
        let mut lines = Lines::new(text.as_slice(), 1_000);
        assert_eq!(lines.next().await.unwrap(), Some(Line::TooLong(Envelope::default())));
        assert_eq!(lines.line.capacity(), 0);
    }
}
