//! A disk that is full.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Asked, all_is_there, record, record_at_last, times};
use crate::story::cluster::{self, Cluster};
use crate::story::program::{Credentials, Server, command, done, faults};
use crate::story::{Answer, Client, Given};

/// A file system of a few megabytes, with a file that fills what the base leaves.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Nothing where we may not mount one.
    fn of_megabytes(megabytes: u32) -> Option<Self> {
        let folder = cluster::folder("disk");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&folder)
            .output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            std::fs::remove_dir(&folder).unwrap();
            return None;
        }
        cluster::give(&folder);
        Some(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Leaves as little as nothing.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
        let all = filler.metadata().unwrap().len();
        filler.set_len(all.saturating_sub(100 << 10)).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
        drop(std::fs::remove_dir(&self.0));
    }
}

/// A small file system, where one may be mounted; whoever asks for the whole of chaos must have one.
fn small_disk(megabytes: u32) -> Option<SmallDisk> {
    let disk = SmallDisk::of_megabytes(megabytes);
    assert!(
        disk.is_some() || times(1, 2) == 1,
        "no small file system may be mounted here"
    );
    disk
}

/// Writes until it is refused, and tells how.
fn until_refused(client: &Client) -> (Vec<Asked>, Answer) {
    let mut asked = Vec::new();
    for number in 0..20_000 {
        let key = format!("k{number}");
        let answer = record(client, &key).unwrap();
        if answer.status != 201 {
            asked.push(Asked { key, known: None });
            return (asked, answer);
        }
        let known = Some((Given::of(&answer), 1));
        asked.push(Asked { key, known });
    }
    panic!("nothing was refused");
}

/// A full disk refuses writes and answers reads; once there is space, writes go on.
fn goes_on_once_there_is_space(address: &str, who: &Credentials, disk: &SmallDisk) {
    let server = Server::start(address);
    let client = server.client(who);
    record_at_last(|| client.clone(), "Avant");
    disk.fill();

    let (asked, refused) = until_refused(&client);
    refused.is_problem(503, "server.unavailable");
    client.get("/v1/organisations").is(200);
    client.get("/v1/changes").is(200);
    server.nobody().get("/health/ready").is(200);

    disk.empty();
    record_at_last(|| client.clone(), "Apres");
    all_is_there(&client, &asked);
    assert_eq!(faults(address), None);
}

fn in_file(folder: &Path) -> (String, Credentials) {
    let address = format!("sqlite://{}", folder.join("maillage.sqlite").display());
    done(&address, &["migrate"]);
    let who = Credentials::made(&address);
    (address, who)
}

#[test]
fn a_full_disk_refuses_writes_and_loses_none_on_sqlite() {
    let Some(disk) = small_disk(8) else {
        return;
    };
    let (address, who) = in_file(&disk.0);

    goes_on_once_there_is_space(&address, &who, &disk);
}

#[test]
fn a_full_disk_refuses_writes_and_loses_none_on_postgres() {
    let Some(disk) = small_disk(24) else {
        return;
    };
    let cluster = Cluster::start("");
    // Its log stays elsewhere: a PostgreSQL that cannot write that ends itself.
    cluster.sql(
        "postgres",
        &format!("CREATE TABLESPACE small LOCATION '{}'", disk.0.display()),
    );
    cluster.sql("postgres", "CREATE DATABASE maillage TABLESPACE small");
    let address = cluster.address("maillage");
    done(&address, &["migrate"]);
    let who = Credentials::made(&address);

    goes_on_once_there_is_space(&address, &who, &disk);
}

#[test]
fn a_file_that_may_not_grow_refuses_writes_and_loses_none() {
    let folder = cluster::folder("limit");
    let (address, who) = in_file(&folder);
    // 1 024 blocks of 1 KB: to write further is an error, and no signal.
    let serve = command(&address, &["serve"]);
    let mut limited = Command::new("bash");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "bash"])
        .arg(serve.get_program())
        .args(serve.get_args())
        .env("DATABASE_URL", &address);
    let server = Server::try_start(&mut limited).unwrap();
    let client = server.client(&who);

    let (asked, refused) = until_refused(&client);
    refused.is_problem(503, "server.unavailable");
    client.get("/v1/organisations").is(200);
    drop(server);

    let server = Server::start(&address);
    all_is_there(&server.client(&who), &asked);
    assert_eq!(faults(&address), None);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_place_that_is_full_makes_no_half_of_a_backup() {
    let Some(disk) = small_disk(1) else {
        return;
    };
    let base = crate::story::Base::fresh(crate::story::Engine::Sqlite);
    disk.fill();
    let to = disk.0.join("copy.sqlite");

    let output = crate::story::program::run(&base.address(), &["backup", to.to_str().unwrap()]);

    assert_eq!(output.status.code(), Some(1));
    let there: Vec<_> = std::fs::read_dir(&disk.0)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(there, [disk.filler()]);
}
