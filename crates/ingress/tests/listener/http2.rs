//! HTTP/2 with prior knowledge.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    client::target,
    daemon::{DEADLINE, Daemon},
};

type Sender = http2::SendRequest<Full<Bytes>>;

async fn connect(daemon: &Daemon) -> Sender {
    let stream = TcpStream::connect(daemon.address).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn send(sender: &mut Sender, method: &str, target: &str, body: &'static [u8]) -> Response<Incoming> {
    let request = Request::builder().method(method).uri(format!("http://kalends{target}"));
    let request = request.body(Full::new(Bytes::from_static(body))).unwrap();
    timeout(DEADLINE, sender.send_request(request)).await.unwrap().unwrap()
}

#[test]
fn webhooks_share_a_connection() {
    let daemon = Daemon::start();
    daemon.block_on(async {
        let mut sender = connect(&daemon).await;
        let mut other = sender.clone();
        let target = target();
        let (one, two) =
            tokio::join!(send(&mut sender, "POST", &target, b"1"), send(&mut other, "POST", &target, b"2"));
        assert_eq!([one.status(), two.status()], [200, 200]);
        assert!(one.into_body().collect().await.unwrap().to_bytes().is_empty());
    });
    let mut bodies = daemon.stored_bodies();
    bodies.sort();
    assert_eq!(bodies, [b"1", b"2"]);
}

#[test]
fn refusals_are_the_same_and_leave_the_connection_alone() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 3);
    daemon.block_on(async {
        let mut sender = connect(&daemon).await;
        let target = target();
        for (method, path, body, status) in [
            ("POST", "/nothing", &b"{}"[..], 404),
            ("GET", target.as_str(), b"", 405),
            ("POST", "/webhooks/rokt", b"{}", 401),
            ("POST", target.as_str(), b"long", 413),
            ("POST", target.as_str(), b"", 400),
            ("POST", target.as_str(), b"{}", 200),
        ] {
            assert_eq!(send(&mut sender, method, path, body).await.status(), status, "{method} {path}");
        }
    });
    assert_eq!(daemon.stored_bodies(), [b"{}"]);
}

#[test]
fn a_large_body_passes_the_flow_control() {
    static BODY: [u8; 500_000] = [7; 500_000];
    let daemon = Daemon::start();
    daemon.block_on(async {
        let mut sender = connect(&daemon).await;
        assert_eq!(send(&mut sender, "POST", &target(), &BODY).await.status(), 200);
    });
    assert_eq!(daemon.stored_bodies(), [BODY.to_vec()]);
}
