//! The loop: everything that can happen comes in at one place, in a fixed order, and is drawn when the screen is
//! out of date. While nothing moves it sleeps.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use jiff::tz::TimeZone;
use tokio::sync::broadcast;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

use super::desk::{Desk, EngineDesk};
use super::document::Look;
use super::drawn::Drawn;
use super::effect::Effect;
use super::error::TuiError;
use super::model::{Model, Setup};
use super::msg::Msg;
use super::signals::{Interrupt, Signals};
use super::terminal::{self, PanicGuard, Tty};
use super::theme::Theme;
use super::update::update;
use crate::base::{Clock, Timestamp};
use crate::engine::{Approver, Hint, Observer};
use crate::settings::SystemClock;
use work::Work;

mod work;

#[cfg(test)]
mod tests;

/// Frames that nobody's key asked for are at least this far apart.
const FRAME: Duration = Duration::from_millis(33);

/// How the console looks, and where it gets what is told beside the engine.
#[derive(Debug)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether only ASCII is written.
    pub ascii: bool,
    /// Name on the screen.
    pub title: String,
    /// Our own words for the empty list, in place of how to connect an agent.
    pub hint: Vec<String>,
    /// Lines that the demo tells as it goes; an empty one takes the last away.
    pub narration: Option<UnboundedReceiver<String>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: true, ascii: false, title: "countersign".to_owned(), hint: Vec::new(), narration: None }
    }
}

/// Where frames go: a terminal, or a test's.
pub(super) trait Screen {
    /// Columns and rows.
    fn size(&self) -> io::Result<(u16, u16)>;
    /// Puts a frame on the screen.
    fn draw(&mut self, model: &Model) -> io::Result<Drawn>;
    /// The next frame is drawn whole.
    fn redraw(&mut self) -> io::Result<()>;
    /// Takes the mouse, or gives it back.
    fn mouse(&mut self, ours: bool) -> io::Result<()>;
    /// Puts text on the terminal's clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// To the shell, and back when it lets us.
    fn suspend(&mut self) -> io::Result<()>;
    /// Back, when somebody else had stopped us.
    fn resume(&mut self) -> io::Result<()>;
}

/// Shows the console on this process's terminal until the human leaves.
///
/// # Errors
/// [`TuiError`]: there is no terminal, it failed, or the console did. The terminal is as it was in every case.
pub async fn run(observer: Observer, approver: Approver, options: Options) -> Result<(), TuiError> {
    terminal::check()?;
    let desk = Arc::new(EngineDesk { observer, approver });
    let guard = PanicGuard::install({
        let desk = Arc::clone(&desk);
        move |message| desk.failed(message)
    });
    // What the options say counts, whatever the environment says.
    crossterm::style::force_color_output(options.color);
    let signals = Signals::new()?;
    let mut tty = Tty::enter()?;
    let events = EventStream::new();
    let shown = AssertUnwindSafe(show(&mut tty, events, signals, desk, &SystemClock, options)).catch_unwind().await;
    drop(tty);
    terminal::flush();
    match shown {
        Ok(result) => Ok(result?),
        Err(_) => Err(TuiError::Failed { message: guard.message() }),
    }
}

/// The console on any screen.
async fn show<D: Desk>(
    screen: &mut impl Screen,
    events: impl Stream<Item = io::Result<Event>> + Unpin,
    interrupts: impl Stream<Item = Interrupt> + Unpin,
    desk: Arc<D>,
    clock: &dyn Clock,
    options: Options,
) -> io::Result<()> {
    let Options { color, ascii, title, hint, narration } = options;
    let look = Look { theme: Theme { color, ascii }, zone: TimeZone::system() };
    let model = Model::new(Setup { title, look, hint }, screen.size()?, desk.status(), clock.now());
    let (results, inbox) = unbounded_channel();
    let hints = Some(desk.hints());
    let work = Work { desk, results, decisions: JoinSet::new() };
    let mut shell =
        Shell { model, screen, clock, work, last_frame: None, urgent: true, stopped: false, leaving: false };
    shell.take(Msg::Ledger)?;
    let sources = Sources { events, interrupts, inbox, hints, narration };
    let result = shell.stay(sources).await;
    shell.work.finish().await;
    result
}

/// Where things come from.
struct Sources<E, I> {
    events: E,
    interrupts: I,
    inbox: UnboundedReceiver<Msg>,
    hints: Option<broadcast::Receiver<Hint>>,
    narration: Option<UnboundedReceiver<String>>,
}

/// The model and its surroundings.
struct Shell<'a, S, D> {
    model: Model,
    screen: &'a mut S,
    clock: &'a dyn Clock,
    work: Work<D>,
    last_frame: Option<Instant>,
    /// A key was pressed: the next frame is not put off.
    urgent: bool,
    /// We stopped ourselves; the signal that woke us is no news.
    stopped: bool,
    leaving: bool,
}

impl<S: Screen, D: Desk> Shell<'_, S, D> {
    /// The loop. The order of its arms is the order of importance: leave when told to; then hands; then what was
    /// asked for; then what is new; time last, for whatever it would change has been drawn by then.
    async fn stay<E, I>(&mut self, mut sources: Sources<E, I>) -> io::Result<()>
    where
        E: Stream<Item = io::Result<Event>> + Unpin,
        I: Stream<Item = Interrupt> + Unpin,
    {
        while !self.leaving {
            self.draw_if_due()?;
            let sleep = self.sleep();
            tokio::select! {
                biased;
                Some(interrupt) = sources.interrupts.next() => self.interrupted(interrupt)?,
                event = sources.events.next() => {
                    let Some(event) = event else { return Ok(()) };
                    self.hands(event?, &mut sources.events).await?;
                }
                Some(msg) = sources.inbox.recv() => self.take(msg)?,
                hint = next_hint(&mut sources.hints) => match hint {
                    Some(hint) => self.hinted(hint)?,
                    None => sources.hints = None,
                },
                line = next_line(&mut sources.narration) => match line {
                    Some(line) => self.take(Msg::Narration(line))?,
                    None => sources.narration = None,
                },
                () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => self.take(Msg::Tick)?,
            }
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        // A clock that is set back must not make the guard's pauses shorter or ages negative.
        self.clock.now().max(self.model.now)
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        let now = self.now();
        self.take_at(msg, now)
    }

    fn take_at(&mut self, msg: Msg, now: Timestamp) -> io::Result<()> {
        for effect in update(&mut self.model, msg, now) {
            self.perform(effect)?;
        }
        Ok(())
    }

    /// Takes a terminal's event in, and all that arrived with it, as of one instant: what came in one piece was not
    /// typed by hand, however long we take over each of its keys.
    async fn hands<E>(&mut self, first: Event, events: &mut E) -> io::Result<()>
    where
        E: Stream<Item = io::Result<Event>> + Unpin,
    {
        let now = self.now();
        let mut event = Some(first);
        while let Some(taken) = event.take() {
            let msg = match taken {
                Event::Key(key) => Some(Msg::Key(key)),
                Event::Paste(text) => Some(Msg::Paste(text)),
                Event::Mouse(mouse) => Some(Msg::Mouse(mouse)),
                Event::Resize(columns, rows) => Some(Msg::Resized(columns, rows)),
                Event::FocusGained | Event::FocusLost => Some(Msg::Focus),
            };
            if let Some(msg) = msg {
                self.urgent = true;
                self.take_at(msg, now)?;
            }
            if self.leaving {
                break;
            }
            // Polled in this task's own context: a stream that has nothing more will wake this task, and no other.
            let more = std::future::poll_fn(|context| std::task::Poll::Ready(events.poll_next_unpin(context))).await;
            if let std::task::Poll::Ready(Some(more)) = more {
                event = Some(more?);
            }
        }
        Ok(())
    }

    fn hinted(&mut self, hint: Result<Hint, ()>) -> io::Result<()> {
        if !matches!(hint, Ok(Hint::Ledger { .. })) {
            let status = Box::new(self.work.desk.status());
            self.take(Msg::Status(status))?;
        }
        if !matches!(hint, Ok(Hint::Status)) {
            self.take(Msg::Ledger)?;
        }
        Ok(())
    }

    fn interrupted(&mut self, interrupt: Interrupt) -> io::Result<()> {
        match interrupt {
            Interrupt::Stop => self.leaving = true,
            Interrupt::Suspend => self.perform(Effect::Suspend)?,
            Interrupt::Continue if std::mem::take(&mut self.stopped) => {}
            Interrupt::Continue => {
                self.screen.resume()?;
                self.back()?;
            }
        }
        Ok(())
    }

    /// Back on the screen, whatever its size is now.
    fn back(&mut self) -> io::Result<()> {
        let (columns, rows) = self.screen.size()?;
        if (columns, rows) != self.model.size {
            self.take(Msg::Resized(columns, rows))?;
        }
        self.urgent = true;
        self.take(Msg::Resumed)
    }

    fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Quit => self.leaving = true,
            Effect::Suspend => {
                self.stopped = true;
                self.screen.suspend()?;
                self.back()?;
            }
            Effect::Redraw => {
                self.screen.redraw()?;
                self.model.stale = true;
            }
            Effect::Mouse(ours) => self.screen.mouse(ours)?,
            Effect::Copy(text) => self.screen.copy(&text)?,
            work => self.work.begin(work),
        }
        Ok(())
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        while self.model.stale && (self.urgent || self.frame_in().is_zero()) {
            self.model.stale = false;
            let drawn = self.screen.draw(&self.model)?;
            self.last_frame = Some(Instant::now());
            // May make it stale once more: the guard's state has changed by what was seen.
            let drawn_at = self.now();
            self.take_at(Msg::Drawn(drawn), drawn_at)?;
        }
        self.urgent &= self.model.stale;
        Ok(())
    }

    fn frame_in(&self) -> Duration {
        self.last_frame.map_or(Duration::ZERO, |last| FRAME.saturating_sub(last.elapsed()))
    }

    /// How long until time alone changes something.
    fn sleep(&self) -> Option<Duration> {
        let frame = self.model.stale.then(|| self.frame_in());
        let now = self.now();
        let wake = self.model.wake().map(|wake| wake.since(now).max(Duration::from_millis(1)));
        [frame, wake].into_iter().flatten().min()
    }
}

async fn next_hint(hints: &mut Option<broadcast::Receiver<Hint>>) -> Option<Result<Hint, ()>> {
    let Some(receiver) = hints else { return std::future::pending().await };
    match receiver.recv().await {
        Ok(hint) => Some(Ok(hint)),
        // Hints were lost, the ledger is not: everything is read anew.
        Err(broadcast::error::RecvError::Lagged(_)) => Some(Err(())),
        Err(broadcast::error::RecvError::Closed) => None,
    }
}

async fn next_line(narration: &mut Option<UnboundedReceiver<String>>) -> Option<String> {
    match narration {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}
