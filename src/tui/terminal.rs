//! The terminal: taken over whole, given back whole, whatever happens.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::style::{Print, ResetColor};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;

use super::backend::Output;
use super::drawn::Drawn;
use super::error::TuiError;
use super::model::Model;
use super::run::Screen;
use super::view;

/// Presses, releases and the wheel, with coordinates beyond 223; no movement, which would wake us for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether both ends are terminals.
///
/// # Errors
/// [`TuiError::NotATerminal`] otherwise.
pub fn check() -> Result<(), TuiError> {
    if !io::stdin().is_terminal() {
        return Err(TuiError::NotATerminal { end: "standard input" });
    }
    if !io::stdout().is_terminal() {
        return Err(TuiError::NotATerminal { end: "standard output" });
    }
    Ok(())
}

/// The terminal while it is ours.
pub(super) struct Tty {
    terminal: Terminal<Output>,
    mouse: bool,
}

impl Tty {
    /// Takes it over.
    pub(super) fn enter() -> io::Result<Self> {
        let terminal = Terminal::new(Output::new())?;
        let mut tty = Self { terminal, mouse: true };
        tty.take()?;
        Ok(tty)
    }

    fn take(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        let out = self.terminal.backend_mut();
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)?;
        if self.mouse {
            execute!(out, Print(MOUSE_ON))?;
        }
        self.terminal.clear()
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was. Harmless when it is not ours; nobody is left to tell of a failure.
pub(super) fn restore() {
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        Print(MOUSE_OFF),
        DisableFocusChange,
        DisableBracketedPaste,
        ResetColor,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

impl Screen for Tty {
    fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    fn draw(&mut self, model: &Model) -> io::Result<Drawn> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let mut drawn = Drawn::default();
        let result = self.terminal.draw(|frame| drawn = view::draw(model, frame)).map(|_| ());
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        result.map(|()| drawn)
    }

    fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    fn mouse(&mut self, ours: bool) -> io::Result<()> {
        self.mouse = ours;
        execute!(self.terminal.backend_mut(), Print(if ours { MOUSE_ON } else { MOUSE_OFF }))
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let text = base64::engine::general_purpose::STANDARD.encode(text);
        execute!(self.terminal.backend_mut(), Print(format!("\x1b]52;c;{text}\x07")))
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        // Stops here, until the shell brings us to the front again.
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        self.take()
    }

    fn resume(&mut self) -> io::Result<()> {
        // The shell may have changed the terminal's modes while we were stopped by somebody else.
        disable_raw_mode()?;
        self.take()
    }
}

/// While it lives, a panic of the console's own thread leaves a clean terminal and its message here,
/// and a panic of any other thread writes nothing across the screen.
pub(super) struct PanicGuard {
    last: Arc<Mutex<Option<String>>>,
}

impl PanicGuard {
    /// Takes the hook. `note` gets every message; it must not block.
    pub(super) fn install(note: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let last = Arc::new(Mutex::new(None));
        let (slot, console) = (Arc::clone(&last), std::thread::current().id());
        std::panic::set_hook(Box::new(move |info| {
            let message = info.to_string().replace('\n', " ");
            if std::thread::current().id() == console {
                restore();
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(message.clone());
            }
            note(&message);
        }));
        Self { last }
    }

    /// What the console's own panic said.
    pub(super) fn message(&self) -> String {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
        last.unwrap_or_else(|| "no message".to_owned())
    }
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        // The standard hook again; taking ours while panicking is not allowed.
        if !std::thread::panicking() {
            let _ = std::panic::take_hook();
        }
    }
}

/// Writes what is left in the buffers.
pub(super) fn flush() {
    let _ = io::stdout().flush();
}
