//! A console without a terminal and an engine: messages in, pictures and effects out, time under control.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};

use super::support::{START, at, status};
use crate::approval::Approval;
use crate::base::{Shown, Timestamp};
use crate::tui::document::Look;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Setup};
use crate::tui::msg::Msg;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view;

/// A console on a screen of a fixed size, with time under control.
pub(crate) struct Console {
    pub(crate) model: Model,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: i64,
    terminal: Terminal<TestBackend>,
    /// The frame as it is on a terminal. The test backend's own buffer keeps what stood behind wide characters.
    frame: Buffer,
}

impl Console {
    pub(crate) fn new(columns: u16, rows: u16, theme: Theme) -> Self {
        let look = Look { theme, zone: TimeZone::UTC };
        let options = Setup { title: "countersign".to_owned(), look, hint: Vec::new() };
        let model = Model::new(options, (columns, rows), status(), at(0));
        let terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        Self { model, effects: Vec::new(), now: START, terminal, frame: Buffer::default() }
    }

    /// With approvals in it, drawn.
    pub(crate) fn with(columns: u16, rows: u16, theme: Theme, approvals: Vec<Approval>) -> Self {
        let mut console = Self::new(columns, rows, theme);
        console.send(Msg::Approvals(Ok(approvals)));
        console
    }

    /// Takes a message in and draws until nothing moves, as the loop does.
    pub(crate) fn send(&mut self, msg: Msg) -> &mut Self {
        let now = Timestamp::from_millis(self.now);
        self.effects.extend(update(&mut self.model, msg, now));
        self.draw()
    }

    pub(crate) fn draw(&mut self) -> &mut Self {
        let now = Timestamp::from_millis(self.now);
        for round in 0..=4 {
            assert!(round < 4, "drawing does not come to rest");
            self.model.stale = false;
            let mut drawn = None;
            let completed = self.terminal.draw(|frame| drawn = Some(view::draw(&self.model, frame))).unwrap();
            self.frame = completed.buffer.clone();
            let effects = update(&mut self.model, Msg::Drawn(drawn.unwrap()), now);
            self.effects.extend(effects);
            if !self.model.stale {
                break;
            }
        }
        self
    }

    pub(crate) fn press(&mut self, code: KeyCode) -> &mut Self {
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    /// Characters typed by hand: 120 ms apart.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        for ch in text.chars() {
            self.wait(120);
            self.press(KeyCode::Char(ch));
        }
        self
    }

    /// Time passes; the console wakes up when it asked for it.
    pub(crate) fn wait(&mut self, millis: i64) -> &mut Self {
        let until = self.now + millis;
        while let Some(wake) = self.model.wake().filter(|wake| wake.as_millis() <= until) {
            self.now = self.now.max(wake.as_millis());
            self.send(Msg::Tick);
        }
        self.now = until;
        self
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.terminal.backend_mut().resize(columns, rows);
        self.send(Msg::Resized(columns, rows))
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn text(&self) -> String {
        layers(&self.frame).0
    }

    /// The text layer, the style layer and its legend.
    pub(crate) fn layers(&self) -> String {
        let (text, styles, legend) = layers(&self.frame);
        format!("{text}\n=== style ===\n{styles}\n=== legend ===\n{legend}")
    }
}

fn layers(buffer: &Buffer) -> (String, String, String) {
    let mut legend: Vec<String> = Vec::new();
    let (mut texts, mut styles) = (Vec::new(), Vec::new());
    for y in buffer.area.top()..buffer.area.bottom() {
        let (mut text, mut style) = (String::new(), String::new());
        let mut covered = 0;
        for x in buffer.area.left()..buffer.area.right() {
            let cell = &buffer[(x, y)];
            // The cell behind a wide character is no character of its own.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = cell.symbol().cell_width().saturating_sub(1);
            text.push_str(cell.symbol());
            style.push(letter(cell, &mut legend));
        }
        texts.push(text.trim_end().to_owned());
        styles.push(style.trim_end_matches('.').to_owned());
    }
    let legend: Vec<String> = legend.iter().enumerate().map(|(index, name)| format!("{} {name}", nth(index))).collect();
    (texts.join("\n"), styles.join("\n"), legend.join("\n"))
}

fn letter(cell: &Cell, legend: &mut Vec<String>) -> char {
    assert!(
        !matches!(cell.fg, Color::Rgb(..) | Color::Indexed(_))
            && !matches!(cell.bg, Color::Rgb(..) | Color::Indexed(_)),
        "only the sixteen colours and the terminal's own"
    );
    assert!(!Shown::line(cell.symbol()).has_hidden(), "{:?} is on the screen", cell.symbol());
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(format!("{:?}", cell.fg).to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {:?}", cell.bg).to_lowercase());
    }
    words.extend(cell.modifier.iter_names().map(|(name, _): (&str, Modifier)| name.to_lowercase()));
    let name = words.join(" ");
    if name.is_empty() || (cell.symbol() == " " && !cell.modifier.contains(Modifier::REVERSED)) {
        return '.';
    }
    let index = legend.iter().position(|known| *known == name).unwrap_or_else(|| {
        legend.push(name);
        legend.len() - 1
    });
    nth(index)
}

fn nth(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap())
}
