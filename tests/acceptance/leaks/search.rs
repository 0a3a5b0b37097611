use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

/// What every planted value contains.
pub(crate) const MARK: &str = "zq7planted";

/// Everything that a program has said, each with a name for it.
#[derive(Default)]
pub(crate) struct Said(Vec<(String, String)>);

impl Said {
    pub(crate) fn add(&mut self, what: impl Into<String>, text: impl Into<String>) {
        self.0.push((what.into(), text.into()));
    }

    /// Fails with the lines that show a planted value, however it is written.
    pub(crate) fn assert_shows_nothing(&self) {
        let needles = needles();
        let mut found = Vec::new();
        for (what, text) in &self.0 {
            for line in text.lines() {
                let lower = line.to_ascii_lowercase();
                let shows = |needle: &Needle| match needle {
                    Needle::AnyCase(text) => lower.contains(text),
                    Needle::Exact(text) => line.contains(text),
                };
                if needles.iter().any(shows) {
                    found.push(format!("{what}: {line}"));
                }
            }
        }
        assert!(found.is_empty(), "{} lines show a planted value:\n{}", found.len(), found.join("\n"));
    }
}

enum Needle {
    AnyCase(String),
    Exact(String),
}

/// The mark as it is, and in the ways that programs write bytes.
fn needles() -> Vec<Needle> {
    let each = |write: fn(u8) -> String| MARK.bytes().map(write).collect::<Vec<_>>();
    let mut needles = vec![
        Needle::AnyCase(MARK.to_owned()),
        Needle::AnyCase(each(|byte| format!("%{byte:02x}")).concat()),
        Needle::AnyCase(each(|byte| format!("{byte:02x}")).concat()),
        Needle::AnyCase(each(|byte| format!("\\x{byte:02x}")).concat()),
        Needle::AnyCase(each(|byte| byte.to_string()).join(", ")),
    ];
    // What stands before it shifts base64 by none, two or four bits; the first and last characters depend on neighbours.
    for before in 0..3 {
        let whole = BASE64_STANDARD_NO_PAD.encode([vec![0; before], MARK.into()].concat());
        let first = (before * 8).div_ceil(6);
        let last = (before + MARK.len()) * 8 / 6;
        needles.push(Needle::Exact(whole[first..last].to_owned()));
    }
    needles
}

#[test]
fn a_planted_value_is_found_in_every_disguise() {
    let disguises = [
        "ZQ7Planted".to_owned(),
        "%7a%71%37%70%6C%61%6E%74%65%64".to_owned(),
        format!("{:?}", MARK.as_bytes()),
        format!("Basic {}", BASE64_STANDARD_NO_PAD.encode(format!("u:{MARK}-1"))),
        format!("Basic {}", BASE64_STANDARD_NO_PAD.encode(format!("us:{MARK}-1"))),
        format!("Basic {}", BASE64_STANDARD_NO_PAD.encode(format!("use:{MARK}-1"))),
    ];
    for disguise in disguises {
        let mut said = Said::default();
        said.add("x", format!("before\na {disguise} b"));
        assert!(std::panic::catch_unwind(|| said.assert_shows_nothing()).is_err(), "{disguise}");
    }
}
