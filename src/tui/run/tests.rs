//! The loop with a screen, a desk and hands of the test's own.

use std::sync::Mutex;

use crossterm::event::{KeyCode, KeyEvent};
use futures_util::stream;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use tokio::sync::mpsc::UnboundedSender;

use super::*;
use crate::approval::grant::Standing;
use crate::approval::{Approval, Input, Says, SecretKey, Signed, Trust, decision};
use crate::audit::{CallRow, Event as Recorded, Filter};
use crate::base::{ApprovalId, Digest, TxId};
use crate::engine::{Decision, Explained, Passphrase, PolicyView, Status, Undecided};
use crate::tui::tests::policies;
use crate::tui::tests::support::{delete_bucket, put_role_policy, status};
use crate::tui::view;

/// What the test sees of the console.
#[derive(Clone, Default)]
struct Seen {
    text: Arc<Mutex<String>>,
    changed: Arc<tokio::sync::Notify>,
}

impl Seen {
    /// Waits until the screen says so.
    async fn until(&self, what: &str) {
        let shown = async {
            while !self.text.lock().unwrap().contains(what) {
                self.changed.notified().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), shown).await.is_err() {
            panic!("{what:?} never came:\n{}", self.text.lock().unwrap());
        }
    }
}

struct TestScreen {
    terminal: Terminal<TestBackend>,
    seen: Seen,
    log: Arc<Mutex<Vec<String>>>,
}

impl Screen for TestScreen {
    fn size(&self) -> io::Result<(u16, u16)> {
        Ok((80, 24))
    }

    fn draw(&mut self, model: &Model) -> io::Result<Drawn> {
        let mut drawn = Drawn::default();
        let frame = self.terminal.draw(|frame| drawn = view::draw(model, frame)).unwrap();
        let rows = frame.buffer.content().chunks(80).map(|row| row.iter().map(Cell::symbol).collect::<String>());
        *self.seen.text.lock().unwrap() = rows.collect::<Vec<_>>().join("\n");
        self.seen.changed.notify_one();
        Ok(drawn)
    }

    fn redraw(&mut self) -> io::Result<()> {
        self.log.lock().unwrap().push("redraw".to_owned());
        Ok(())
    }

    fn mouse(&mut self, ours: bool) -> io::Result<()> {
        self.log.lock().unwrap().push(format!("mouse {ours}"));
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.log.lock().unwrap().push(format!("copy {}", text.len()));
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.log.lock().unwrap().push("suspend".to_owned());
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        self.log.lock().unwrap().push("resume".to_owned());
        Ok(())
    }
}

/// A desk with approvals of its own and the real state machine.
struct TestDesk {
    approvals: Mutex<Vec<Approval>>,
    decisions: Mutex<Vec<(ApprovalId, Decision)>>,
    policies: Mutex<Vec<(Digest, bool)>>,
    hints: broadcast::Sender<Hint>,
}

impl Desk for TestDesk {
    fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }

    fn status(&self) -> Status {
        status()
    }

    async fn approvals(&self) -> Result<Vec<Approval>, String> {
        Ok(self.approvals.lock().unwrap().clone())
    }

    async fn calls(&self, _: Filter, _: Option<TxId>, _: usize) -> Result<Vec<CallRow>, String> {
        Ok(crate::tui::tests::support::calls())
    }

    async fn transaction(&self, _: TxId) -> Result<Vec<Recorded>, String> {
        Err("not now".to_owned())
    }

    async fn decide(&self, id: ApprovalId, decision: Decision) -> Result<Approval, Undecided> {
        self.decisions.lock().unwrap().push((id.clone(), decision.clone()));
        let mut approvals = self.approvals.lock().unwrap();
        let approval = approvals.iter_mut().find(|approval| approval.id == id).ok_or_else(|| refused(&"unknown"))?;
        let now = SystemClock.now();
        let input = match decision {
            Decision::Approve { shown } | Decision::Grant { shown } => {
                let key = SecretKey::from_seed(&[1; 32]);
                let statement = approval.statement(Digest::ZERO, shown, Says::Approve, "", now);
                let signature = key.sign(decision::DOMAIN, &statement.bytes());
                let trust = Trust { ledger: Digest::ZERO, keys: [key.public()].into() };
                let signed = Signed { statement, key: key.public(), signature };
                Input::Approve { signed: Box::new(signed), trust: Box::new(trust) }
            }
            Decision::Deny { reason } => Input::Deny { reason, signed: None },
        };
        approval.apply(input, now).map_err(|refusal| refused(&refusal))?;
        Ok(approval.clone())
    }

    async fn unlock(&self, _: Passphrase) -> Result<(), Undecided> {
        Err(Undecided::Passphrase)
    }

    async fn grants(&self, _: Option<ApprovalId>) -> Result<Vec<Standing>, String> {
        Err("not now".to_owned())
    }

    async fn pause(&self, _: bool) -> Result<(), String> {
        Err("not now".to_owned())
    }

    async fn policy(&self) -> Result<PolicyView, String> {
        Ok(policies::tightened())
    }

    async fn accept_policy(&self, shown: Digest) -> Result<(), String> {
        self.policies.lock().unwrap().push((shown, true));
        Ok(())
    }

    async fn reject_policy(&self, shown: Digest) -> Result<(), String> {
        self.policies.lock().unwrap().push((shown, false));
        Ok(())
    }

    fn explain(&self, _: &str) -> Result<Explained, String> {
        Err("write SERVICE:OPERATION, as in s3:DeleteBucket".to_owned())
    }

    fn failed(&self, _: &str) {}
}

fn refused(problem: &dyn std::fmt::Display) -> Undecided {
    Undecided::Refused(problem.to_string())
}

/// A console at work, and the test's hold on it.
struct Hold {
    seen: Seen,
    log: Arc<Mutex<Vec<String>>>,
    desk: Arc<TestDesk>,
    hands: UnboundedSender<Event>,
    interrupts: UnboundedSender<Interrupt>,
    narration: UnboundedSender<String>,
    console: tokio::task::JoinHandle<io::Result<()>>,
}

impl Hold {
    fn key(&self, code: KeyCode) {
        self.hands.send(Event::Key(KeyEvent::from(code))).unwrap();
    }

    async fn left(self) -> Vec<(ApprovalId, Decision)> {
        tokio::time::timeout(Duration::from_secs(10), self.console).await.unwrap().unwrap().unwrap();
        self.desk.decisions.lock().unwrap().clone()
    }
}

fn received<T: Send + 'static>(receiver: UnboundedReceiver<T>) -> impl Stream<Item = T> + Unpin + Send {
    Box::pin(stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|item| (item, receiver)) }))
}

fn console(approvals: Vec<Approval>) -> Hold {
    let now = SystemClock.now();
    let fresh = |mut approval: Approval| {
        approval.asked_at = now;
        approval.decide_by = now.plus(Duration::from_secs(900));
        approval
    };
    let desk = Arc::new(TestDesk {
        approvals: Mutex::new(approvals.into_iter().map(fresh).collect()),
        decisions: Mutex::default(),
        policies: Mutex::default(),
        hints: broadcast::channel(4).0,
    });
    let (hands, events) = unbounded_channel();
    let (interrupts, signals) = unbounded_channel();
    let (narration, lines) = unbounded_channel();
    let (seen, log) = (Seen::default(), Arc::new(Mutex::new(Vec::new())));
    let mut screen = TestScreen {
        terminal: Terminal::new(TestBackend::new(80, 24)).unwrap(),
        seen: seen.clone(),
        log: Arc::clone(&log),
    };
    let at = Arc::clone(&desk);
    let console = tokio::spawn(async move {
        let options = Options { narration: Some(lines), ..Options::default() };
        let events = received(events).map(Ok);
        show(&mut screen, events, received(signals), at, &SystemClock, options).await
    });
    Hold { seen, log, desk, hands, interrupts, narration, console }
}

#[tokio::test]
async fn a_request_is_read_and_approved() {
    let hold = console(vec![delete_bucket()]);
    hold.seen.until("1 waiting").await;
    hold.key(KeyCode::Enter);
    hold.seen.until("arming").await;
    hold.seen.until("a approve").await;
    hold.key(KeyCode::Char('a'));
    hold.seen.until("✓ approved s3:DeleteBucket demo-logs").await;
    hold.key(KeyCode::Char('q'));
    let approved = delete_bucket();
    assert_eq!(hold.left().await, [(approved.id.clone(), Decision::Approve { shown: approved.shown() })]);
}

#[tokio::test]
async fn what_arrives_in_one_piece_decides_nothing() {
    let mut severe = delete_bucket();
    severe.facts.reversible = Some(false);
    let hold = console(vec![severe]);
    hold.seen.until("1 waiting").await;
    hold.key(KeyCode::Enter);
    hold.seen.until("a approve by name").await;
    for ch in "ademo-logs\n".chars() {
        hold.key(if ch == '\n' { KeyCode::Enter } else { KeyCode::Char(ch) });
    }
    // The first of these keys opened the line; what came along with it does not fill it.
    hold.seen.until("to approve, type: demo-logs").await;
    hold.key(KeyCode::Esc);
    hold.seen.until("d deny").await;
    hold.interrupts.send(Interrupt::Stop).unwrap();
    assert_eq!(hold.left().await, []);
}

#[tokio::test]
async fn hints_signals_and_narration_arrive() {
    let hold = console(vec![]);
    hold.seen.until("Nothing waits for you.").await;
    hold.desk.approvals.lock().unwrap().push(delete_bucket());
    hold.desk.hints.send(Hint::Ledger { seq: 1 }).unwrap();
    hold.seen.until("1 waiting").await;
    // More hints than the channel holds: nothing is lost but hints.
    hold.desk.approvals.lock().unwrap().push(put_role_policy());
    for seq in 2..40 {
        hold.desk.hints.send(Hint::Ledger { seq }).unwrap();
    }
    hold.seen.until("2 waiting").await;
    hold.narration.send("The agent lists the buckets.".to_owned()).unwrap();
    hold.seen.until("» The agent lists the buckets.").await;
    hold.interrupts.send(Interrupt::Suspend).unwrap();
    // Our own stop brings a SIGCONT of its own, which is no news; a second one is.
    hold.interrupts.send(Interrupt::Continue).unwrap();
    hold.interrupts.send(Interrupt::Continue).unwrap();
    hold.key(KeyCode::Char('m'));
    hold.seen.until("The mouse is the terminal's.").await;
    hold.key(KeyCode::Char('y'));
    hold.seen.until("Copied the id").await;
    hold.interrupts.send(Interrupt::Stop).unwrap();
    let log = Arc::clone(&hold.log);
    hold.left().await;
    assert_eq!(*log.lock().unwrap(), ["suspend", "resume", "mouse false", "copy 35"]);
}

#[tokio::test]
async fn a_terminal_that_is_gone_ends_the_console() {
    let hold = console(vec![delete_bucket()]);
    hold.seen.until("1 waiting").await;
    let Hold { hands, console, .. } = hold;
    drop(hands);
    assert!(console.await.unwrap().is_ok());
}

#[tokio::test]
async fn an_edit_of_the_policy_is_read_and_accepted() {
    let hold = console(vec![]);
    hold.seen.until("Nothing waits for you.").await;
    hold.key(KeyCode::Char('3'));
    hold.seen.until("Enter reads it").await;
    hold.key(KeyCode::Enter);
    hold.seen.until("arming").await;
    hold.seen.until("a accept").await;
    hold.key(KeyCode::Char('a'));
    hold.seen.until("The policy is in force.").await;
    let digest = policies::tightened().offer.unwrap().digest;
    assert_eq!(*hold.desk.policies.lock().unwrap(), [(digest, true)]);
    hold.key(KeyCode::Enter);
    hold.seen.until("d reject").await;
    hold.key(KeyCode::Char('d'));
    hold.seen.until("The policy is rejected.").await;
    assert_eq!(*hold.desk.policies.lock().unwrap(), [(digest, true), (digest, false)]);
    hold.key(KeyCode::Char('q'));
    assert_eq!(hold.left().await, []);
}
