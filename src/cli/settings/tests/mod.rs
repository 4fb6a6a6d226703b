//! The settings as their users meet them: a file, an environment, flags.

use std::path::Path;

use tempfile::TempDir;

use super::{InForce, Overrides, Settings, SettingsError, Surroundings, load};

mod defaults;
mod docs;
mod layers;
mod rules;
mod shown;

/// A folder with a settings file in it, if there is a text for one, and an environment around.
struct Case {
    folder: TempDir,
    variables: Vec<(&'static str, &'static str)>,
    overrides: Overrides,
}

impl Case {
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, variables: Vec::new(), overrides: Overrides::default() }
    }

    fn file(text: &str) -> Self {
        Self::empty().with_file("ringback.toml", text)
    }

    fn with_file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    fn with_variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn with_flags(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    fn surroundings(&self) -> Surroundings {
        let variables = self.variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Surroundings { folder: self.folder.path().to_owned(), variables }
    }

    fn load_named(&self, named: Option<&str>) -> Result<Settings, SettingsError> {
        load(named.map(Path::new), &self.overrides, &self.surroundings())
    }

    fn in_force(&self) -> InForce {
        InForce::load(None, &self.overrides, &self.surroundings()).expect("settings")
    }

    fn settings(&self) -> Settings {
        self.load_named(None).expect("settings")
    }

    /// The error's words, with paths as from inside the folder.
    fn error(&self) -> String {
        self.bare(&self.load_named(None).expect_err("an error").to_string())
    }

    fn bare(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}
