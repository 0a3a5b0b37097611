//! HTTP/2 frames that no client library sends.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::{
    client::target,
    daemon::{DEADLINE, Daemon},
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The head of a webhook, in HPACK without its tables of names and without Huffman codes.
fn head(stream: u32) -> Vec<u8> {
    let target = target();
    let fields = [(":method", "POST"), (":scheme", "http"), (":authority", "kalends"), (":path", &target)];
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let block = fields.map(|(name, value)| [vec![0], text(name), text(value)].concat()).concat();
    frame(HEADERS, END_HEADERS, stream, &block)
}

/// Reads frames until one of this kind comes on this stream.
fn await_frame(connection: &mut TcpStream, kind: u8, stream: u32) -> Vec<u8> {
    loop {
        let mut head = [0; 9];
        connection.read_exact(&mut head).unwrap();
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        connection.read_exact(&mut payload).unwrap();
        if head[3] == kind && head[5..] == stream.to_be_bytes() {
            return payload;
        }
    }
}

#[test]
fn data_behind_a_cancelled_request_is_dropped_and_harms_no_other_request_of_its_connection() {
    let daemon = Daemon::start();
    let mut connection = TcpStream::connect(daemon.address).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    let cancel = 8_u32.to_be_bytes();
    let sent = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(SETTINGS, 0, 0, &[]),
        head(1),
        frame(DATA, 0, 1, b"half"),
        frame(RST_STREAM, 0, 1, &cancel),
        head(3),
        frame(DATA, 0, 1, b"and the rest"),
        frame(DATA, END_STREAM, 1, b"that nobody wants"),
        frame(DATA, END_STREAM, 3, b"whole"),
    ];
    connection.write_all(&sent.concat()).unwrap();
    let answer = await_frame(&mut connection, HEADERS, 3);
    // The first field of an answer is its status; 0x88 is 200 in HPACK's own table.
    assert_eq!(answer[0], 0x88, "{answer:x?}");
    drop(connection);
    assert_eq!(daemon.stored_bodies(), [b"whole"]);
}
