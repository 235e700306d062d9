//! One question on a plain terminal whose answer is not shown: for commands that change the key's passphrase.

use std::io::{self, IsTerminal as _, Write as _};

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use zeroize::Zeroizing;

use super::TuiError;

/// Raw mode while it lives.
struct Raw;

impl Raw {
    fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nobody is left to tell of a failure.
        let _ = disable_raw_mode();
    }
}

/// Asks on standard error and reads a line from the terminal without showing it; `None` when the user gives up
/// (`Esc`, `Ctrl-c`, `Ctrl-d`).
///
/// # Errors
/// [`TuiError::NotATerminal`] when there is no terminal to ask at, or it failed.
pub fn secret(question: &str) -> Result<Option<Zeroizing<String>>, TuiError> {
    if !io::stdin().is_terminal() {
        return Err(TuiError::NotATerminal { end: "standard input" });
    }
    let mut out = io::stderr();
    write!(out, "{question} ")?;
    out.flush()?;
    let raw = Raw::enter()?;
    let answer = line()?;
    drop(raw);
    writeln!(out)?;
    Ok(answer)
}

fn line() -> io::Result<Option<Zeroizing<String>>> {
    // Room enough that growing leaves no copy behind.
    let mut line = Zeroizing::new(String::with_capacity(1_024));
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind != KeyEventKind::Press {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(Some(line)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if key.modifiers == KeyModifiers::CONTROL => return Ok(None),
            KeyCode::Backspace => drop(line.pop()),
            KeyCode::Char(ch) if line.len() + ch.len_utf8() <= 1_024 => line.push(ch),
            _ => {}
        }
    }
}
