//! The real binary in a real pseudo-terminal: keys go in as a person presses them, the screen is read back.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a screen may take to show what is waited for. Generous: it only bounds a failing test.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far apart two keys of a quick typist are.
const FINGERS: Duration = Duration::from_millis(40);

struct State {
    parser: vt100::Parser,
    open: bool,
}

pub(crate) struct Screen {
    state: Arc<(Mutex<State>, Condvar)>,
    writer: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    pressed: Instant,
}

impl Screen {
    /// Starts the binary in a terminal of that size with only these variables.
    pub(crate) fn start(args: &[&str], variables: &[(&str, &OsStr)], folder: &Path, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("HOME", folder);
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(folder);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let state = State { parser: vt100::Parser::new(cells(rows), cells(columns), 0), open: true };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut state = shared.0.lock().unwrap();
                match read {
                    0 => state.open = false,
                    read => state.parser.process(&buffer[..read]),
                }
                shared.1.notify_all();
                if read == 0 {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { state, writer, child, master: pair.master, pressed: Instant::now() }
    }

    /// Waits until the screen satisfies the condition, and returns its text.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state.0.lock().unwrap();
        loop {
            let text = state.parser.screen().contents();
            if condition(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && state.open, "waited for {what}; the screen shows:\n{text}");
            state = self.state.1.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until the text is on the screen.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Presses keys, as bytes a terminal sends; never faster than fingers are: a burst would be taken for a program's,
    /// and refused.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut state = self.state.0.lock().unwrap();
        while let Some(left) = (self.pressed + FINGERS).checked_duration_since(Instant::now()) {
            state = self.state.1.wait_timeout(state, left).unwrap().0;
        }
        drop(state);
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self.pressed = Instant::now();
    }

    /// Presses one key and waits until the screen has answered it.
    pub(crate) fn press_and_see(&mut self, key: &str) {
        let before = self.state.0.lock().unwrap().parser.screen().contents();
        self.press(key);
        self.wait(&format!("an answer to {key:?}"), |screen| screen != before);
    }

    /// Types a text key by key, each when the one before is on the screen.
    pub(crate) fn type_slowly(&mut self, text: &str) {
        for key in text.chars() {
            self.press_and_see(&key.to_string());
        }
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.state.0.lock().unwrap().parser.set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Whether the program has left the alternate screen and shows the cursor again.
    pub(crate) fn is_restored(&self) -> bool {
        let state = self.state.0.lock().unwrap();
        let screen = state.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    /// Waits for the end of the process; whether it succeeded.
    pub(crate) fn wait_for_end(&mut self) -> bool {
        let success = self.child.wait().unwrap().success();
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state.0.lock().unwrap();
        while state.open && Instant::now() < deadline {
            state = self.state.1.wait_timeout(state, Duration::from_millis(100)).unwrap().0;
        }
        success
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
