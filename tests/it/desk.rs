//! A folder with the real binary in it, for tests that run `mediakit` as people do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;

use mediakit::store::Store;
use simulator::{Options, Simulator};

use crate::kept::{self, Folder};

/// A folder in which `mediakit` runs with nothing set.
pub struct Desk {
    folder: Arc<Folder>,
    variables: Vec<(String, String)>,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: Arc::new(Folder::new()), variables: Vec::new() }
    }

    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The same folder with one more setting.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = self.variables.clone();
        variables.push((name.to_owned(), value.to_owned()));
        Self { folder: self.folder.clone(), variables }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mediakit"));
        command.args(arguments);
        self.in_its_world(command)
    }

    fn in_its_world(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::new(arguments, self.command(arguments).output().unwrap())
    }

    /// Starts a command that goes on until it is told to stop.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments))
    }

    /// Starts the server by way of another program, which gets its command line.
    pub fn start_in(&self, program: &[&str]) -> Running {
        let server = [env!("CARGO_BIN_EXE_mediakit"), "serve", "--listen", "127.0.0.1:0"];
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).args(server);
        Running::new(self.in_its_world(command))
    }

    /// Runs a command by way of another program, which gets its command line.
    pub fn run_in(&self, program: &[&str], arguments: &[&str]) -> Said {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(env!("CARGO_BIN_EXE_mediakit")).args(arguments);
        Said::new(arguments, self.in_its_world(command).output().unwrap())
    }

    /// Gives the folder and all that is in it to the user of [`Desk::run_as_nobody`], where we can.
    pub fn give_to_nobody(&self) {
        let _ = Command::new("chown").args(["-R", "65534:65534"]).arg(self.path()).output();
    }

    /// Runs a command as somebody who may write only where everybody may.
    pub fn run_as_nobody(&self, arguments: &[&str]) -> Said {
        let as_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        if !as_root {
            return self.run(arguments);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_mediakit")]);
        command.args(arguments);
        Said::new(arguments, self.in_its_world(command).output().unwrap())
    }

    /// Runs a command at a terminal where somebody types; what they see is in `out`.
    pub fn run_at_a_terminal(&self, arguments: &[&str], typed: &str) -> Said {
        let line = format!("{} {}", env!("CARGO_BIN_EXE_mediakit"), arguments.join(" "));
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let mut command = self.in_its_world(command);
        typed_into(&mut command, arguments, typed)
    }

    /// Runs a command that reads `typed` from its standard input.
    pub fn feed(&self, arguments: &[&str], typed: &str) -> Said {
        typed_into(&mut self.command(arguments), arguments, typed)
    }

    /// Starts the server and gives its address.
    pub fn serve(&self) -> (Running, String) {
        let mut server = self.start(&["serve", "--listen", "127.0.0.1:0"]);
        let address = host(&server.line("Media kit"));
        (server, address)
    }

    /// A new token that may do everything.
    pub fn token(&self) -> String {
        self.run(&["api-token", "create", "desk", "--scope", "read,refresh,write"]).ends(0).out.trim().to_owned()
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.path().join("data/mediakit.db")
    }

    pub async fn store(&self) -> Store {
        Store::open(&Store::url_of(&self.path().join("data/mediakit.db"))).await.unwrap()
    }
}

/// A command that runs.
pub struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn new(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(kept::log()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the line that begins with `name` and gives what follows.
    pub fn line(&mut self, name: &str) -> String {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(name) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("it ended without a line {name:?}");
    }

    /// Asks for a path of the server at `address` and gives the whole answer.
    pub fn get(address: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it as a power cut would: at once, whatever it does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends the termination signal and gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command said and how it ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
    command: String,
}

impl Said {
    fn new(arguments: &[&str], output: Output) -> Self {
        let said = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            command: arguments.join(" "),
        };
        kept::printed(&said.command, &said.out, &said.err);
        said
    }

    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "mediakit {}\n{}\n{}", self.command, self.out, self.err);
        self
    }

    #[track_caller]
    pub fn complains(self, words: &str) -> Self {
        assert!(self.err.contains(words), "mediakit {}: {words}\n{}", self.command, self.err);
        self
    }

    #[track_caller]
    pub fn prints(self, words: &str) -> Self {
        assert!(self.out.contains(words), "mediakit {}: {words}\n{}", self.command, self.out);
        self
    }
}

/// A desk whose platforms are simulated, with mara's credentials.
pub async fn simulated() -> (Desk, Simulator) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let desk = simulator
        .origins()
        .iter()
        .filter(|(name, _)| mediakit::app::known_upstreams().contains(name))
        .fold(Desk::new(), |desk, (name, origin)| desk.set(format!("MEDIAKIT_UPSTREAM_{name}"), origin.clone()));
    std::fs::write(desk.path().join(".env.social"), simulator.env_social("mara")).unwrap();
    (desk, simulator)
}

/// `http://127.0.0.1:4000/mediakit` as `127.0.0.1:4000`.
pub fn host(address: &str) -> String {
    address.split('/').nth(2).unwrap().to_owned()
}

fn typed_into(command: &mut Command, arguments: &[&str], typed: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses before it reads closes its end.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    Said::new(arguments, child.wait_with_output().unwrap())
}
