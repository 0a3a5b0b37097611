use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::search::MARK;

/// Bodies with a planted value wherever a sender can write one: events of all kinds, a duplicate, a conflict, and such that
/// become dead letters.
pub(crate) fn bodies() -> Vec<String> {
    let known = format!(
        r#""calendarSubscriptionId":"{MARK}-s","calendarTitle":"{MARK}","emailAddress":"{MARK}@example.org",
        "firstName":"{MARK}","phone":"+49 {MARK}","subscriberExternalId":"{MARK}","remoteIpAddress":"{MARK}","userAgent":"{MARK}",
        "isMarketingAllowed":"{MARK}","createdDateTimeUtc":"{MARK}","timeZoneBclId":"{MARK}","calendarTags":[{{"tagId":"{MARK}"}},"{MARK}"],
        "EMAILADDRESS":"{MARK}","{MARK}":{{"{MARK}":["{MARK}"]}}"#
    );
    let details = format!(
        r#"{{"subscription":{{{known}}},"subscriptionEvent":{{"eventId":"{MARK}","reminderMinutes":"{MARK}",
        "startDateTime":"{MARK}","endDateTime":"2020-01-01T00:00:00","timeZoneBclId":"{MARK}"}},"actionType":["{MARK}"]}}"#
    );
    let event = |id: &str, kind: &str, details: &str| {
        format!(r#"{{"eventId":"{id}","eventType":"{kind}","eventDetails":{details},"{MARK}":"{MARK}"}}"#)
    };
    let types =
        ["Subscribe", "Unsubscribe", "SubscriptionDetailsUpdated", "SubscriptionEventAdded", MARK, "TEST"];
    let mut bodies: Vec<_> =
        types.iter().enumerate().map(|(at, kind)| event(&format!("{MARK}-{at}"), kind, &details)).collect();
    bodies.push(bodies[0].clone());
    bodies.push(event(&format!("{MARK}-0"), "Subscribe", &details.replace("2020", "2021")));
    bodies.extend([
        format!(r#"{{"eventId":"{MARK}","eventType":"{MARK}","email":"{MARK}""#),
        MARK.to_owned(),
        format!(r#"[{{"email":"{MARK}"}}]"#),
        format!(r#"{{"eventId":"{MARK}","eventType":"{MARK}","eventDetails":"{MARK}"}}"#),
        format!(
            r#"{{"eventId":"{MARK}","eventType":"{MARK}","eventDetails":{}"{MARK}"{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        ),
        // One whose record a topic of small messages refuses.
        event(
            &format!("{MARK}-large"),
            "Subscribe",
            &format!(r#"{{"subscription":{{"emailAddress":"{}"}}}}"#, MARK.repeat(250)),
        ),
    ]);
    bodies
}

/// Requests that are refused, whole as they go over the wire, in the order of their statuses.
pub(crate) fn refused(token: &str) -> Vec<(u16, String)> {
    let body = format!(r#"{{"email":"{MARK}@example.org"}}"#);
    let length = body.len();
    let post = |path: &str, headers: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {MARK}\r\ncookie: {MARK}\r\nuser-agent: {MARK}\r\nreferer: {MARK}\r\nx-forwarded-for: {MARK}\r\n{headers}"
        )
    };
    let whole =
        |path: &str, headers: &str| post(path, &format!("content-length: {length}\r\n{headers}\r\n{body}"));
    let basic = BASE64_STANDARD.encode(format!("{MARK}:{MARK}"));
    let authentic = format!("authorization: Bearer {token}\r\n");
    vec![
        (401, whole(&format!("/webhooks/rokt?token={MARK}&email={MARK}"), "")),
        (401, whole("/webhooks/rokt", &format!("authorization: Bearer {MARK}\r\n"))),
        (401, whole("/webhooks/rokt", &format!("authorization: Basic {basic}\r\n"))),
        (401, whole("/webhooks/rokt", &format!("authorization: {MARK}\r\n"))),
        (403, whole("/elsewhere", "")),
        (404, whole(&format!("/{MARK}?{MARK}"), "")),
        (404, whole(&format!("/webhooks/{MARK}/%00{MARK}"), "")),
        (405, whole("/webhooks/rokt", "").replacen("POST", "PUT", 1)),
        (405, whole("/webhooks/rokt", "").replacen("POST", &MARK.to_uppercase(), 1)),
        (415, whole("/webhooks/rokt", &format!("{authentic}content-encoding: {MARK}\r\n"))),
        (400, post("/webhooks/rokt", &format!("{authentic}content-length: 0\r\n\r\n"))),
        (413, post("/webhooks/rokt", &format!("{authentic}content-length: 9000\r\n\r\n{MARK}"))),
        (
            413,
            post(
                "/webhooks/rokt",
                &format!("{authentic}transfer-encoding: chunked\r\n\r\n1388\r\n{}\r\n", MARK.repeat(500)),
            ),
        ),
        (408, post("/webhooks/rokt", &format!("{authentic}content-length: 500\r\n\r\n{MARK}"))),
        (408, format!("POST /{MARK} HTTP/1.1\r\n{MARK}: {MARK}")),
        (400, format!("{MARK} {MARK}\r\n{MARK}\r\n\r\n")),
        (400, post("/webhooks/rokt", &format!("content-length: {MARK}\r\n\r\n"))),
        (415, post("/webhooks/rokt", &format!("{authentic}transfer-encoding: {MARK}, chunked\r\n\r\n"))),
        (431, post("/webhooks/rokt", &format!("x: {}\r\n\r\n", MARK.repeat(10_000)))),
    ]
}

/// An authentic webhook over HTTP/2 without TLS, and one that is not; returns the frames that were answered, as text.
pub(crate) fn over_http2(address: SocketAddr, token: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
    stream.write_all(&frame(4, 0, 0, &[]))?;
    for (id, token) in [(1, token), (3, MARK)] {
        let head = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/webhooks/rokt"),
            (":authority", MARK),
            ("authorization", &format!("Bearer {token}")),
            ("cookie", MARK),
            ("user-agent", MARK),
        ];
        let fields: Vec<u8> = head.iter().flat_map(|(name, value)| field(name, value)).collect();
        stream.write_all(&frame(1, 4, id, &fields))?;
        stream.write_all(&frame(0, 1, id, MARK.as_bytes()))?;
    }
    let (mut said, mut answers) = (Vec::new(), 0);
    while answers < 2 {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let mut payload = vec![0; usize::from(head[1]) * 256 + usize::from(head[2])];
        stream.read_exact(&mut payload)?;
        answers += i32::from(head[3] == 1);
        said.extend(payload);
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[0, length[0], length[1], kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A header field as HPACK has it, neither indexed nor compressed.
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}
