use std::{fs, path::PathBuf};

use super::*;
use crate::{Reference, Secret};

fn tls(certificate: PathBuf) -> Tls {
    Tls { certificate, key: Secret::new(Reference::Env("KEY".to_owned())), client_ca: None }
}

#[test]
fn message_about_a_file_that_is_not_pem_quotes_none_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let whole = pair.cert.pem() + &pair.signing_key.serialize_pem();
    let one_line = whole.replace(['\r', '\n'], "");
    let cut = whole.replace("-----END", "END");
    let no_dashes = whole.replace("CERTIFICATE-----", "CERTIFICATE");
    for (number, text) in [one_line, cut, no_dashes].into_iter().enumerate() {
        let file = folder.path().join(number.to_string());
        fs::write(&file, text).unwrap();
        let of_certificate = server(&tls(file.clone()), PUBLIC).unwrap_err();
        let of_authority = verifier(&file).unwrap_err();
        for fault in [of_certificate, of_authority] {
            let reason = fault.message.strip_prefix(&format!("{}: ", file.display())).unwrap();
            assert!(reason == NOT_PEM || reason == "there is no certificate in PEM in it", "{reason}");
        }
    }
}
