//! What stands between ringback and a platform: TLS in front of it, and proxies on the way.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A file of the certificates that were made for tests.
pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls")).join(name)
}

/// TLS in front of a server of plain HTTP, on a port of its own. Each connection carries one request.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    certificate: Arc<Mutex<String>>,
}

impl Front {
    /// With one of the certificates that were made for tests.
    pub(crate) fn before(server: SocketAddr, certificate: &str) -> Self {
        let certificate = Arc::new(Mutex::new(certificate.to_owned()));
        let shown = Arc::clone(&certificate);
        let address = serve(move |client| {
            let name = shown.lock().unwrap().clone();
            // A client that trusts it not, and a run that is over, hang up.
            let _ = exchange(client, server, &name);
        });
        Self { address, certificate }
    }

    /// Another certificate from now on.
    pub(crate) fn shows(&self, certificate: &str) {
        certificate.clone_into(&mut self.certificate.lock().unwrap());
    }
}

/// Calls something for each connection, in a thread of its own.
fn serve(answer: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || answer(client));
        }
    });
    address
}

fn exchange(client: TcpStream, server: SocketAddr, certificate: &str) -> std::io::Result<()> {
    let chain = vec![CertificateDer::from_pem_file(fixture(&format!("{certificate}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let mut client = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), client);
    let mut server = TcpStream::connect(server)?;
    server.write_all(&message(&mut client)?)?;
    let answer = message(&mut server)?;
    let text = String::from_utf8_lossy(&answer).replacen("\r\n", "\r\nconnection: close\r\n", 1);
    client.write_all(text.as_bytes())?;
    client.conn.send_close_notify();
    client.flush()
}

/// One request or answer: head, and a body as long as its head says.
fn message(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = head(from)?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(bytes)
}

/// All up to the first empty line, and nothing behind it.
fn head(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let (mut bytes, mut one) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut one)?;
        bytes.push(one[0]);
    }
    Ok(bytes)
}

/// A proxy that leads every way to one server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Speaks HTTP, and answers so to the n-th CONNECT; the last answer is given to all that follow.
    pub(crate) fn to(server: SocketAddr, answers: &'static [&'static str]) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let address = serve(move |mut client| {
            let Ok(head) = head(&mut client) else { return };
            let count = {
                let mut noted = noted.lock().unwrap();
                noted.push(String::from_utf8(head).unwrap());
                noted.len()
            };
            let answer = answers[(count - 1).min(answers.len() - 1)];
            let told = client.write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes());
            if told.is_ok() && answer.starts_with("200") {
                lead(&client, server);
            }
        });
        Self { address, asked }
    }

    /// Speaks SOCKS 5, without credentials, and gives this answer: 0 opens the way, 2 forbids it.
    pub(crate) fn socks(server: SocketAddr, answer: u8) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let address = serve(move |mut client| {
            let mut greeting = [0; 3];
            let mut request = [0; 5];
            let met = client.read_exact(&mut greeting).and_then(|()| client.write_all(&[5, 0]));
            if met.and_then(|()| client.read_exact(&mut request)).is_err() {
                return;
            }
            // The name of a host, its length before it and the port behind it.
            assert_eq!(request[..4], [5, 1, 0, 3]);
            let mut host = vec![0; usize::from(request[4]) + 2];
            client.read_exact(&mut host).unwrap();
            host.truncate(host.len() - 2);
            noted.lock().unwrap().push(String::from_utf8(host).unwrap());
            client.write_all(&[5, answer, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            if answer == 0 {
                lead(&client, server);
            }
        });
        Self { address, asked }
    }

    /// What it was asked for: heads of CONNECT, or hosts.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Carries bytes to and fro until either side ends.
fn lead(client: &TcpStream, server: SocketAddr) {
    let server = TcpStream::connect(server).unwrap();
    let carry = |from: &TcpStream, to: &TcpStream| {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        }
    };
    std::thread::spawn(carry(&server, client));
    carry(client, &server)();
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}
