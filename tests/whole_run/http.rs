//! The least of an HTTP client, to speak to the platform beside ringback and without its code.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// One request; its answer's status and body.
pub(crate) fn ask(address: SocketAddr, request: &str, headers: &[&str], body: &str) -> (u16, Value) {
    let mut line = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    let headers = [headers, &["", body]].concat().join("\r\n");
    write!(line, "{head}{headers}").unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}
