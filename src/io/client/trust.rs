//! Which authorities are trusted: those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place, and those
//! of a file besides.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use reqwest::Certificate;

/// The variables that replace the system's authorities: a file, and folders separated by `:`.
pub const CA_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Bytes of a file of certificates at most; all authorities of a system take a quarter of a MiB.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// The certificates of a PEM file, at least one. The error names the file and says what is wrong.
fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let shown = path.display();
    let text = read(path).map_err(|why| format!("the certificates in {shown} cannot be read: {why}"))?;
    match Certificate::from_pem_bundle(&text) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(format!("{shown} holds no certificate: it must be PEM, with -----BEGIN CERTIFICATE----- lines")),
        Err(_) => Err(format!("a certificate in {shown} is damaged: it must be PEM, as its authority gives it out")),
    }
}

/// The certificates of the setting's file. The error names the setting and says what to do.
pub fn own_certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    certificates(path).map_err(|why| format!("platform.ca_file: {why}; name another file, or unset the setting"))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe would be waited for.
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// Looks at what the variables of [`CA_VARIABLES`] name, which would be passed over in silence where it is wrong.
pub fn check_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), String> {
    let [file, folders] = CA_VARIABLES;
    if let Some(path) = variable(file).map(PathBuf::from) {
        certificates(&path).map_err(|why| format!("{file}: {why}; name another file, or unset {file}"))?;
    }
    let named = variable(folders).unwrap_or_default();
    for folder in std::env::split_paths(&named).filter(|folder| !folder.as_os_str().is_empty()) {
        fs::read_dir(&folder).map_err(|why| {
            format!("{folders}: {} cannot be read: {why}; name another folder, or unset {folders}", folder.display())
        })?;
    }
    Ok(())
}

/// The words for a client that could not be made, most likely because there are no authorities at all.
pub(super) fn none_found(causes: &[String]) -> String {
    format!(
        "no certificate of a server can be checked: {}; install the system's certificates (ca-certificates), or name a \
         file in platform.ca_file or SSL_CERT_FILE",
        causes.join(": ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls/authority.pem");

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("is written");
            path
        };
        let pem = fs::read_to_string(AUTHORITY).expect("is there");
        assert_eq!(certificates(&write("two.pem", &format!("words\n{pem}\n{pem}"))).map(|found| found.len()), Ok(2));
        let refused = |path: &Path, words: &str| {
            let why = certificates(path).expect_err("is refused");
            assert!(why.contains(words) && why.contains(&path.display().to_string()), "{why}");
        };
        refused(&write("empty.pem", ""), "holds no certificate");
        refused(&write("der.pem", "\u{30}\u{82}\u{1}"), "holds no certificate");
        refused(&write("cut.pem", &pem[..pem.len() / 2]), "certificate");
        refused(&write("odd.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), "is damaged");
        refused(folder.path(), "no regular file");
        refused(&folder.path().join("nowhere.pem"), "No such file");
    }

    #[test]
    fn a_variable_that_names_nothing_is_told() {
        let check = |name: &'static str, value: &str, words: Option<&str>| {
            let told = check_variables(|asked| (asked == name).then(|| value.into()));
            assert_eq!(told.as_ref().err().is_some(), words.is_some(), "{told:?}");
            assert!(told.err().unwrap_or_default().contains(words.unwrap_or_default()));
        };
        check("OTHER", "", None);
        check("SSL_CERT_FILE", AUTHORITY, None);
        check("SSL_CERT_FILE", "/nowhere/ca.pem", Some("SSL_CERT_FILE: the certificates in /nowhere/ca.pem"));
        check("SSL_CERT_FILE", "", Some("unset SSL_CERT_FILE"));
        check("SSL_CERT_DIR", "/", None);
        check("SSL_CERT_DIR", "", None);
        check("SSL_CERT_DIR", "/:/nowhere", Some("SSL_CERT_DIR: /nowhere cannot be read"));
    }
}
