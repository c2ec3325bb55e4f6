//! A PostgreSQL of one story, to be killed, filled up and copied.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// A server with its files.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    running: Option<Child>,
}

/// The user that PostgreSQL runs as where the tests run as root.
fn owner() -> Option<(u32, u32)> {
    let owner = std::env::var("MAILLAGE_TEST_POSTGRES_OWNER").unwrap_or_default();
    let (user, group) = owner.split_once(':')?;
    Some((user.parse().unwrap(), group.parse().unwrap()))
}

/// One of PostgreSQL's own programs.
fn program(name: &str) -> Command {
    let programs = std::env::var("MAILLAGE_TEST_POSTGRES_PROGRAMS").unwrap();
    // Those that the server itself does not need may stand elsewhere.
    let beside = Path::new(&programs).join(name);
    let mut command = if beside.exists() {
        Command::new(beside)
    } else {
        Command::new(name)
    };
    command
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

/// A folder that PostgreSQL's user may write to.
pub fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("maillage-{name}-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir(&folder).unwrap();
    give(&folder);
    folder
}

/// Gives a folder to PostgreSQL's user.
pub fn give(folder: &Path) {
    if let Some((user, group)) = owner() {
        std::os::unix::fs::chown(folder, Some(user), Some(group)).unwrap();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Cluster {
    /// A new server, with these settings beside the usual ones.
    pub fn start(settings: &str) -> Self {
        let folder = folder("cluster");
        let made = program("initdb")
            .args([
                "-U",
                "postgres",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(folder.join("data"))
            .status();
        assert!(made.unwrap().success(), "initdb");
        Self::run(folder, settings)
    }

    fn run(folder: PathBuf, settings: &str) -> Self {
        let port = free_port();
        let usual = format!(
            "\nport = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nlc_messages = 'C'\n\
             shared_buffers = 32MB\n{settings}\n"
        );
        let file = folder.join("data/postgresql.conf");
        let before = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, before + &usual).unwrap();
        let mut cluster = Self {
            folder,
            port,
            running: None,
        };
        cluster.resume();
        cluster
    }

    /// Starts the server again.
    pub fn resume(&mut self) {
        let data = self.folder.join("data");
        self.running = Some(program("postgres").arg("-D").arg(data).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        while PgConnection::establish(&self.address("postgres")).is_err() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it, as by `kill -9`. What it started ends by itself, and is waited for.
    pub fn kill(&mut self) {
        let mut running = self.running.take().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
        // A second server on these files is refused while one that the first began still has them.
        std::thread::sleep(Duration::from_millis(500));
    }

    /// Stops it in order, as `pg_ctl restart` does.
    pub fn stop(&mut self) {
        let mut running = self.running.take().unwrap();
        let asked = Command::new("kill")
            .args(["-INT", &running.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
        running.wait().unwrap();
    }

    /// The address of one of its bases.
    pub fn address(&self, base: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{base}", self.port)
    }

    /// Runs statements in one of its bases.
    pub fn sql(&self, base: &str, statements: &str) {
        PgConnection::establish(&self.address(base))
            .unwrap()
            .batch_execute(statements)
            .unwrap();
    }

    /// Another server that follows this one.
    pub fn replica(&self, name: &str) -> Self {
        let folder = folder("replica");
        let from = format!(
            "host=127.0.0.1 port={} user=postgres application_name={name}",
            self.port
        );
        let copied = program("pg_basebackup")
            .args([
                "-d",
                &from,
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "--no-sync",
                "-D",
            ])
            .arg(folder.join("data"))
            .status();
        assert!(copied.unwrap().success(), "pg_basebackup");
        Self::run(folder, "synchronous_standby_names = ''")
    }

    /// Makes a replica a server of its own.
    pub fn promote(&self) {
        self.sql("postgres", "SELECT pg_promote(true, 60)");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // Immediately, without the checkpoint of an orderly stop; its processes end with it.
            drop(
                Command::new("kill")
                    .args(["-QUIT", &running.id().to_string()])
                    .status(),
            );
            drop(running.wait());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
