//! A human at the console's own model: the real screens, keys and guard, over a real engine, with time in hand.

use countersign::approval::{Approval, State};
use countersign::base::Timestamp;
use countersign::engine::{Engine, Hint};
use countersign::tui::document::Look;
use countersign::tui::effect::Effect;
use countersign::tui::guard::Phase;
use countersign::tui::model::{Model, Setup};
use countersign::tui::msg::Msg;
use countersign::tui::theme::Theme;
use countersign::tui::update::update;
use countersign::tui::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Columns and rows of the screen.
const SIZE: (u16, u16) = (80, 24);

pub(crate) struct Human {
    model: Model,
    terminal: Terminal<TestBackend>,
    effects: Vec<Effect>,
    now: i64,
}

impl Human {
    /// Sits down at the console of an engine.
    pub(crate) fn at(engine: &Engine, now: Timestamp) -> Self {
        let look = Look { theme: Theme { color: false, ascii: false }, zone: TimeZone::UTC };
        let setup = Setup { title: "countersign".to_owned(), look, hint: Vec::new() };
        let model = Model::new(setup, SIZE, engine.observer().status(), now);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        Self { model, terminal, effects: Vec::new(), now: now.as_millis() }
    }

    /// Waits until a request is on the list, opens it, reads it all, and leaves the guard armed.
    pub(crate) async fn reads(&mut self, engine: &Engine) -> Approval {
        let observer = engine.observer();
        let mut hints = observer.hints();
        let approval = loop {
            let open = observer.open_approvals().await.unwrap();
            self.takes(Msg::Approvals(Ok(open)));
            let pending = self.model.approvals.all().iter().find(|approval| approval.state == State::Pending);
            if let Some(approval) = pending {
                break approval.clone();
            }
            while let Ok(Hint::Status) = hints.recv().await {}
        };
        assert_eq!(self.model.pending(), 1);
        assert!(self.screen().contains(&approval.facts.operation), "{}", self.screen());
        self.presses(KeyCode::Enter);
        while self.model.phase() == Some(Phase::Drawn) {
            self.presses(KeyCode::Char(' '));
        }
        self.waits(1_000);
        assert_eq!(self.model.phase(), Some(Phase::Armed), "{}", self.screen());
        approval
    }

    /// Approves what was read, typing its name if that is asked for; the decision goes to the engine.
    pub(crate) async fn approves(&mut self, engine: &Engine, name: &str) {
        self.presses(KeyCode::Char('a'));
        self.waits(100);
        if self.screen().contains("to approve, type:") {
            for key in name.chars() {
                self.presses(KeyCode::Char(key));
            }
            self.presses(KeyCode::Enter);
            self.waits(100);
        }
        self.decides(engine).await;
    }

    /// Denies what is open or selected, with a reason.
    pub(crate) async fn denies(&mut self, engine: &Engine, reason: &str) {
        self.presses(KeyCode::Char('d'));
        for key in reason.chars() {
            self.presses(KeyCode::Char(key));
        }
        self.presses(KeyCode::Enter);
        self.waits(100);
        self.decides(engine).await;
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        self.terminal.backend().to_string()
    }

    async fn decides(&mut self, engine: &Engine) {
        let decisions: Vec<_> = std::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Decide { id, decision } => Some((id, decision)),
                _ => None,
            })
            .collect();
        assert_eq!(decisions.len(), 1, "one decision\n{}", self.screen());
        for (id, decision) in decisions {
            let result = engine.approver(crate::support::house::key()).decide(&id, decision).await;
            self.takes(Msg::Decided { id, result: result.map(Box::new) });
        }
    }

    /// A key, a human's while after the one before.
    fn presses(&mut self, code: KeyCode) {
        self.waits(120);
        self.takes(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    fn waits(&mut self, millis: i64) {
        let until = self.now + millis;
        while let Some(wake) = self.model.wake().filter(|wake| wake.as_millis() <= until) {
            self.now = self.now.max(wake.as_millis());
            self.takes(Msg::Tick);
        }
        self.now = until;
    }

    fn takes(&mut self, msg: Msg) {
        let now = Timestamp::from_millis(self.now);
        self.effects.extend(update(&mut self.model, msg, now));
        loop {
            self.model.stale = false;
            let mut drawn = None;
            self.terminal.draw(|frame| drawn = Some(view::draw(&self.model, frame))).unwrap();
            self.effects.extend(update(&mut self.model, Msg::Drawn(drawn.unwrap()), now));
            if !self.model.stale {
                return;
            }
        }
    }
}
