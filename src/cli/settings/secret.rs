//! The platform's credentials: where they are found, and how the place of the secret is shown. The secret itself is
//! nowhere in the settings.

use crate::io::platform::SecretSource;
use crate::io::platform::v2::{CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE};

use super::discover::Surroundings;
use super::error::{Origin, SettingsError};
use super::given::Layers;
use super::layer::{Layer, not_utf8, path, shown as words};
use super::table;
use super::text::{clean, clean_path};

const CLIENT_ID: &str = "platform.client_id";
const FILE: &str = "platform.client_secret_file";
const COMMAND: &str = "platform.client_secret_command";

/// Where a layer keeps the name of the variable with the secret, which no file can give.
const VARIABLE: &str = "platform.client_secret_variable";

/// Takes the client id by value, the secret by the name of its variable only.
pub(super) fn take_credentials(layer: &mut Layer, around: &Surroundings) -> Result<(), SettingsError> {
    let there = |name: &str| around.variable(name).filter(|value| !value.is_empty());
    let path = path(CLIENT_ID);
    if let Some((value, setting)) = there(CLIENT_ID_VARIABLE).zip(table::find(&path))
        && !layer.written.contains_key(&path)
    {
        let value = value.to_str().ok_or_else(|| not_utf8(setting, CLIENT_ID_VARIABLE))?;
        layer.set(CLIENT_ID, Origin::Variable(CLIENT_ID_VARIABLE.to_owned()), (&words(setting, value), value.into()));
    }
    if there(CLIENT_SECRET_VARIABLE).is_some() {
        let origin = Origin::Variable(CLIENT_SECRET_VARIABLE.to_owned());
        layer.set(VARIABLE, origin, ("", CLIENT_SECRET_VARIABLE.into()));
    }
    Ok(())
}

/// Where the secret is read from.
pub(super) fn source(layers: &Layers) -> Result<Option<SecretSource>, SettingsError> {
    let Some(given) = layers.alternative(&[FILE, COMMAND, VARIABLE])? else { return Ok(None) };
    Ok(Some(match given.key().as_str() {
        FILE => SecretSource::File(given.path()?),
        COMMAND => SecretSource::Command(given.text(|text| !text.trim().is_empty())?),
        _ => SecretSource::Env(given.as_str().to_owned()),
    }))
}

/// The ways to set what is missing of the credentials.
pub(super) fn ways() -> (String, String) {
    (format!("{CLIENT_ID} (or {CLIENT_ID_VARIABLE})"), format!("{FILE} (or {COMMAND}, or {CLIENT_SECRET_VARIABLE})"))
}

/// The source for a person. Of a command only the program: its arguments may hold a token.
pub(super) fn shown(source: &SecretSource) -> String {
    match source {
        SecretSource::File(path) => clean_path(path),
        SecretSource::Command(command) => match command.split_whitespace().next() {
            Some(program) if !program.contains(['=', '\'', '"', '$', '`', ';', '|']) => format!("{} …", clean(program)),
            Some(_) | None => "…".to_owned(),
        },
        SecretSource::Env(name) => clean(name),
        SecretSource::Fixed(_) => "the sandbox's".to_owned(),
    }
}
