use std::{net::Ipv4Addr, time::Duration};

use kalends_ingress::{Endpoint, InMemoryListener, Settings, Token};
use kalends_journal::Appender;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{dice::Dice, time::Time};

/// The path of the one endpoint, and what opens it.
const PATH: &str = "/webhooks/rokt";
const TOKEN: &str = "a-token-of-the-simulation";
/// The sender waits no longer for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A listener that appends what comes to its one endpoint.
pub(crate) fn listener(appender: Appender, time: &Time) -> InMemoryListener {
    let endpoint = Endpoint {
        name: "main".to_owned(),
        path: PATH.to_owned(),
        tokens: vec![Token::new(TOKEN).unwrap()],
        allow: Vec::new(),
    };
    let settings = Settings {
        max_body_bytes: 4_000,
        max_in_flight_bytes: 40_000,
        ..Settings::new((Ipv4Addr::LOCALHOST, 0).into(), vec![endpoint])
    };
    let time = time.clone();
    InMemoryListener::new(settings, appender, move || time.wall()).unwrap()
}

/// How one attempt to deliver a webhook goes, as far as sender and network decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Usual,
    /// The body comes in pieces, with pauses.
    Slow,
    /// The connection breaks in the middle of the body.
    CutInTheBody,
    /// The connection breaks before the answer is read.
    CutBeforeTheAnswer,
    /// The sender shows a token that opens nothing.
    WrongToken,
}

impl Manner {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..88 => Self::Usual,
            88..92 => Self::Slow,
            92..95 => Self::CutInTheBody,
            95..98 => Self::CutBeforeTheAnswer,
            _ => Self::WrongToken,
        }
    }
}

/// A connection to the listener, whose side of it runs among `connections`.
pub(crate) fn connect(listener: &InMemoryListener, connections: &mut JoinSet<()>) -> DuplexStream {
    let (client, server) = duplex(1024);
    connections.spawn(listener.clone().serve(server));
    client
}

/// Sends a body and reads the answer's status; `None` when there is none.
pub(crate) async fn attempt(
    stream: DuplexStream,
    body: Vec<u8>,
    manner: Manner,
    mut dice: Dice,
) -> Option<u16> {
    timeout(PATIENCE, exchange(stream, &body, manner, &mut dice)).await.ok().flatten()
}

async fn exchange(mut stream: DuplexStream, body: &[u8], manner: Manner, dice: &mut Dice) -> Option<u16> {
    let token = if manner == Manner::WrongToken { "none" } else { TOKEN };
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: simulation\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    let (one, two) = body.split_at(dice.place(body.len()));
    stream.write_all(one).await.ok()?;
    match manner {
        Manner::Slow => sleep(dice.millis(10, 3_000)).await,
        Manner::CutInTheBody => return None,
        Manner::Usual | Manner::CutBeforeTheAnswer | Manner::WrongToken => {}
    }
    stream.write_all(two).await.ok()?;
    if manner == Manner::CutBeforeTheAnswer {
        sleep(dice.millis(0, 50)).await;
        return None;
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.ok()?;
    std::str::from_utf8(answer.get(9..)?).ok()?.parse().ok()
}
