//! Words and signs of a statement, without comments and literals. Dialects read the same text differently; the
//! caller asks for each reading and takes the worst.

use std::str::Chars;

/// How a dialect reads text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// SQL's standard and PostgreSQL: `''` within text, comments nest, `--` always begins one, `$$` quotes.
    Standard,
    /// The same, but comments do not nest (Trino, which Athena speaks).
    Flat,
    /// MySQL: a backslash escapes, comments do not nest, `--` needs a space, `#` begins one, `/*!` is code.
    MySql,
    /// openCypher and Gremlin: a backslash escapes, `//` begins a comment.
    Graph,
}

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word, in upper case; what was quoted keeps its case and is never a keyword.
    Word(String),
    /// A name in quotes.
    Name(String),
    /// Any other literal.
    Literal,
    /// A number.
    Number(String),
    /// One sign.
    Sign(char),
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word == keyword)
    }

    /// Whether it is this sign.
    pub(super) fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

struct Lexer<'a> {
    rest: Chars<'a>,
    reading: Reading,
    tokens: Vec<Token>,
}

/// The tokens of a text.
pub(super) fn tokens(text: &str, reading: Reading) -> Vec<Token> {
    let mut lexer = Lexer { rest: text.chars(), reading, tokens: Vec::new() };
    while let Some(letter) = lexer.rest.next() {
        lexer.step(letter);
    }
    lexer.tokens
}

impl Lexer<'_> {
    fn step(&mut self, letter: char) {
        match letter {
            '-' if self.peeks('-') => self.dashes(),
            '/' if self.peeks('*') => self.comment(),
            '/' if self.peeks('/') && self.reading == Reading::Graph => self.line(),
            '#' if self.reading == Reading::MySql => self.line(),
            '\'' => {
                self.quoted('\'');
                self.tokens.push(Token::Literal);
            }
            '"' => {
                let name = self.quoted('"');
                // In SQL's standard it quotes names, elsewhere text.
                self.tokens.push(if self.is_standard() { Token::Name(name) } else { Token::Literal });
            }
            '`' => {
                let name = self.quoted('`');
                self.tokens.push(Token::Name(name));
            }
            '$' if self.is_standard() => self.dollar(),
            letter if letter.is_alphabetic() || letter == '_' => self.word(letter),
            letter if letter.is_ascii_digit() => self.number(letter),
            letter if letter.is_whitespace() || letter == '\u{feff}' => {}
            letter => self.tokens.push(Token::Sign(letter)),
        }
    }

    fn is_standard(&self) -> bool {
        matches!(self.reading, Reading::Standard | Reading::Flat)
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn peeks(&self, letter: char) -> bool {
        self.peek() == Some(letter)
    }

    fn dashes(&mut self) {
        self.rest.next();
        let comment = match self.reading {
            Reading::Standard | Reading::Flat => true,
            Reading::MySql => self.peek().is_none_or(char::is_whitespace),
            Reading::Graph => false,
        };
        if comment {
            self.line();
        } else {
            self.tokens.extend([Token::Sign('-'), Token::Sign('-')]);
        }
    }

    fn line(&mut self) {
        for letter in self.rest.by_ref() {
            if letter == '\n' || letter == '\r' {
                break;
            }
        }
    }

    fn comment(&mut self) {
        self.rest.next();
        if self.reading == Reading::MySql && (self.peeks('!') || self.peeks('+')) {
            let code = self.rest.next() == Some('!');
            if code {
                // The version in `/*!50000 DROP .. */`; its end is two signs that mean nothing.
                while self.peek().is_some_and(|next| next.is_ascii_digit()) {
                    self.rest.next();
                }
                return;
            }
        }
        let mut depth = 1_usize;
        let mut before = ' ';
        for letter in self.rest.by_ref() {
            match (before, letter) {
                ('*', '/') => {
                    depth -= 1;
                    before = ' ';
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                ('/', '*') if self.reading == Reading::Standard => {
                    depth += 1;
                    before = ' ';
                    continue;
                }
                _ => before = letter,
            }
        }
    }

    fn quoted(&mut self, quote: char) -> String {
        let escapes = !self.is_standard() || self.after_escape_prefix();
        let mut inside = String::new();
        while let Some(letter) = self.rest.next() {
            if letter == '\\' && escapes && quote != '`' {
                self.rest.next();
            } else if letter == quote {
                if self.peeks(quote) && self.reading != Reading::Graph {
                    self.rest.next();
                    inside.push(quote);
                } else {
                    break;
                }
            } else {
                inside.push(letter);
            }
        }
        inside
    }

    /// `E'..'`
    fn after_escape_prefix(&mut self) -> bool {
        let prefixed = self.tokens.last().is_some_and(|token| token.is("E"));
        if prefixed {
            self.tokens.pop();
        }
        prefixed
    }

    /// `$$..$$` and `$tag$..$tag$`; `$1` is a parameter.
    fn dollar(&mut self) {
        let mut tag = String::new();
        let mut ahead = self.rest.clone();
        loop {
            match ahead.next() {
                Some('$') => break,
                Some(letter) if letter == '_' || letter.is_alphanumeric() => tag.push(letter),
                _ => return self.tokens.push(Token::Sign('$')),
            }
        }
        if tag.starts_with(|first: char| first.is_ascii_digit()) {
            return self.tokens.push(Token::Sign('$'));
        }
        self.rest = ahead;
        let end = format!("${tag}$");
        let rest = self.rest.as_str();
        let after = rest.find(&end).and_then(|at| rest.get(at + end.len()..));
        self.rest = after.unwrap_or_default().chars();
        self.tokens.push(Token::Literal);
    }

    fn word(&mut self, first: char) {
        let mut word = String::from(first);
        while let Some(letter) = self.peek().filter(|letter| letter.is_alphanumeric() || *letter == '_') {
            self.rest.next();
            word.push(letter);
        }
        let word = if self.reading == Reading::Graph { word } else { word.to_uppercase() };
        self.tokens.push(Token::Word(word));
    }

    fn number(&mut self, first: char) {
        let mut number = String::from(first);
        while let Some(letter) = self.peek().filter(|letter| letter.is_alphanumeric() || *letter == '.') {
            self.rest.next();
            number.push(letter);
        }
        self.tokens.push(Token::Number(number));
    }
}
