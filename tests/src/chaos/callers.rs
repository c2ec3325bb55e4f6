//! Callers who do not behave: others are still served, and memory stays bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{record, times};
use crate::story::program::{Credentials, Server, done};
use crate::story::{Base, Client, Engine};

/// The most memory of its own that the program may hold meanwhile, in MB.
const MOST_MEGABYTES: u64 = 200;

/// A server with something to read, and one who may do everything.
fn served() -> (Base, Server, Client) {
    let base = Base::unmigrated(Engine::Sqlite);
    done(&base.address(), &["demo"]);
    let who = Credentials::made(&base.address());
    let server = Server::start(&base.address());
    let client = server.client(&who);
    (base, server, client)
}

/// One who behaves is answered within a second, for so long.
fn others_are_served(server: &Server, client: &Client, seconds: usize) {
    let ends = Instant::now() + Duration::from_secs(seconds.try_into().unwrap());
    let fresh = client.again();
    let mut number = 0;
    while number == 0 || Instant::now() < ends {
        let began = Instant::now();
        fresh.get("/v1/organisations").is(200);
        client.again().get("/health/ready").is(200);
        let key = format!("{:?}-{number}", std::thread::current().id());
        record(&fresh, &key).unwrap().is(201);
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{:?}",
            began.elapsed()
        );
        assert!(
            server.megabytes() < MOST_MEGABYTES,
            "{} MB",
            server.megabytes()
        );
        number += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn connect(server: &Server, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(said.as_bytes()).unwrap();
    stream
}

fn head(client: &Client, request: &str) -> String {
    let token = client.token.as_ref().unwrap();
    format!("{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n")
}

#[test]
fn two_thousand_connections_that_say_nothing_keep_nobody_out() {
    let (_base, server, client) = served();

    let idle: Vec<TcpStream> = (0..2_000)
        .map(|_| TcpStream::connect(server.address).unwrap())
        .collect();
    let asking: Vec<TcpStream> = (0..100)
        .map(|_| {
            connect(
                &server,
                &(head(&client, "GET /v1/organisations?limit=200") + "\r\n"),
            )
        })
        .collect();
    others_are_served(&server, &client, times(2, 30));

    drop((idle, asking));
    println!("{} MB", server.megabytes());
}

#[test]
fn those_who_send_a_byte_a_second_keep_nobody_out_and_are_let_go() {
    let (_base, server, client) = served();
    let body = head(&client, "POST /v1/organisations")
        + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n";

    let mut slow: Vec<TcpStream> = (0..100)
        .map(|_| connect(&server, "GET /v1/organ"))
        .collect();
    slow.extend((0..100).map(|_| connect(&server, &body)));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..times(3, 20) {
                std::thread::sleep(Duration::from_secs(1));
                for stream in &mut slow {
                    // One that was let go is closed.
                    drop(stream.write_all(b"s"));
                }
            }
        });
        others_are_served(&server, &client, times(3, 20));
    });

    if times(0, 1) == 1 {
        for mut stream in slow {
            stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            let mut told = Vec::new();
            // Let go: the server ends the connection, whether or not it could say why.
            let ended = stream.read_to_end(&mut told).map_err(|error| error.kind());
            assert!(
                matches!(ended, Ok(_) | Err(ErrorKind::ConnectionReset)),
                "{ended:?}"
            );
            let told = String::from_utf8_lossy(&told);
            assert!(
                told.is_empty() || told.starts_with("HTTP/1.1 408"),
                "{told}"
            );
        }
    }
}

#[test]
fn those_who_read_a_byte_a_second_keep_nobody_out() {
    let (_base, server, client) = served();
    let asked =
        head(&client, "GET /v1/exports/territories") + "Accept: application/x-ndjson\r\n\r\n";

    let mut slow: Vec<TcpStream> = (0..100).map(|_| connect(&server, &asked)).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..times(3, 30) {
                std::thread::sleep(Duration::from_secs(1));
                for stream in &mut slow {
                    assert_eq!(stream.read(&mut [0]).unwrap(), 1);
                }
            }
        });
        others_are_served(&server, &client, times(3, 30));
    });
    println!("{} MB", server.megabytes());
}

/// Sends as much as is taken, and returns what is answered.
fn pour(mut stream: TcpStream, piece: &[u8], most: u64) -> String {
    let mut sent = 0;
    while sent < most && stream.write_all(piece).is_ok() {
        sent += u64::try_from(piece.len()).unwrap();
    }
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut told = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        told.extend_from_slice(&buffer[..count]);
        if told.ends_with(b"}") {
            break;
        }
    }
    String::from_utf8_lossy(&told).into_owned()
}

#[test]
fn a_body_of_a_gigabyte_takes_no_memory() {
    const GIGABYTE: u64 = 1 << 30;
    let (_base, server, client) = served();
    let json = "Content-Type: application/json\r\n";
    let told = head(&client, "POST /v1/organisations")
        + json
        + &format!("Content-Length: {GIGABYTE}\r\n\r\n");
    let untold =
        head(&client, "POST /v1/organisations") + json + "Transfer-Encoding: chunked\r\n\r\n";
    let file = head(&client, "POST /v1/imports?type=organisations&source=s")
        + "Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();

    std::thread::scope(|scope| {
        scope.spawn(|| others_are_served(&server, &client, times(2, 10)));
        // What says how long it is, and waits, hears why it is not taken.
        let answer = pour(connect(&server, &told), b" ", 1);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        for (asked, piece) in [
            (told, vec![b' '; 0x10000]),
            (untold, chunk.clone()),
            (file, chunk),
        ] {
            let answer = pour(connect(&server, &asked), &piece, GIGABYTE);
            // One that goes on sending may not hear the answer.
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
                "{answer}"
            );
        }
    });
    assert!(
        server.megabytes() < MOST_MEGABYTES,
        "{} MB",
        server.megabytes()
    );
}

#[test]
fn what_is_compressed_is_not_unpacked() {
    let (_base, server, client) = served();
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let asked = client
            .ask("POST", "/v1/organisations")
            .header("content-encoding", encoding);
        asked
            .body("application/json", vec![0x1f, 0x8b, 8, 0])
            .send()
            .is_problem(415, "request.unsupported_media_type");
        let file = client
            .ask("POST", "/v1/imports?type=organisations&source=s")
            .header("content-encoding", encoding);
        file.body("text/csv", vec![0x1f, 0x8b, 8, 0])
            .send()
            .is_problem(415, "request.unsupported_media_type");
    }
    assert!(server.megabytes() < MOST_MEGABYTES);
}
