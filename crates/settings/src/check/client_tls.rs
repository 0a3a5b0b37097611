use crate::{ClientTls, path::Path, shape::Misfit};

/// Holds that certificate and key stand together.
pub(super) fn check(tls: &ClientTls, at: &Path, misfits: &mut Vec<Misfit>) {
    if tls.certificate.is_some() && tls.key.is_none() {
        misfits.push((at.key("key"), "certificate needs one; add `key: { file: PATH }`".to_owned()));
    }
    if tls.key.is_some() && tls.certificate.is_none() {
        misfits.push((at.key("certificate"), "key needs one; add `certificate: PATH`".to_owned()));
    }
}

/// Whether there is a key that could be read. That it is missing or could not be read is reported elsewhere.
pub(super) fn has_key(tls: &ClientTls) -> bool {
    tls.key.as_ref().is_some_and(|key| !key.expose().is_empty())
}
