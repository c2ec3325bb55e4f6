//! The program itself, in processes of its own: to be killed, and to share a base.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

use domain::access::Role;
use serde_json::Value;

use super::Client;
use super::database::{client_of, secret};

/// The program, which cargo builds with the tests.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().unwrap().parent().unwrap();
    built.join("examples").join("maillage")
}

/// A command of the program on a base.
pub fn command(address: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env("DATABASE_URL", address);
    command
}

/// Runs a command to its end.
pub fn run(address: &str, arguments: &[&str]) -> Output {
    command(address, arguments).output().unwrap()
}

/// Runs a command that must succeed, and returns what it says as JSON.
pub fn done(address: &str, arguments: &[&str]) -> Value {
    let output = run(address, &[arguments, &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// What `maillage check` says, when it finds something.
pub fn faults(address: &str) -> Option<String> {
    let output = run(address, &["check"]);
    let told = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&told).into_owned())
}

/// A client of the API, as the program made it.
#[derive(Clone)]
pub struct Credentials {
    id: String,
    secret: String,
}

impl Credentials {
    /// Those of the client of this role that every base of the stories has.
    pub fn of(role: Role) -> Self {
        Self {
            id: client_of(role).to_string(),
            secret: secret().0.clone(),
        }
    }

    /// Those of a new administrator of a base.
    pub fn made(address: &str) -> Self {
        let made = done(
            address,
            &[
                "client",
                "create",
                "--name",
                "chaos",
                "--role",
                "administrator",
            ],
        );
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        Self {
            id: text("client_id"),
            secret: text("client_secret"),
        }
    }
}

/// A process that serves.
pub struct Server {
    child: Mutex<Child>,
    id: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts to serve a base, and waits until it listens.
    pub fn start(address: &str) -> Self {
        Self::try_start(&mut command(address, &["serve"])).expect("the server starts")
    }

    /// The same by a command that serves; nothing when it ends instead.
    pub fn try_start(command: &mut Command) -> Option<Self> {
        let mut child = command
            .args([
                "--listen",
                "127.0.0.1:0",
                "--requests-per-minute",
                "0",
                "--log",
                "off",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        told.read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("http://") else {
            drop(child.wait());
            return None;
        };
        let address = address.parse().unwrap();
        let id = child.id();
        let child = Mutex::new(child);
        Some(Self { child, id, address })
    }

    /// Ends it as by `kill -9`.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        drop(child.kill());
        drop(child.wait());
    }

    /// A client with a token.
    pub fn client(&self, who: &Credentials) -> Client {
        let answer = self.nobody().ask_token(&who.id, &who.secret, None);
        let token = answer.is(200).json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        Client::new(self.address, Some(token))
    }

    /// One without a token.
    pub fn nobody(&self) -> Client {
        Client::new(self.address, None)
    }

    /// The memory it holds now that is its own, in MB.
    pub fn megabytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
