//! Opening hours as they are typed, each fault with its place. What hours are is decided by
//! [`logic::hours`](crate::logic::hours).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::zone::Zone;
use crate::logic::hours::week::{self, BadHours, HoursSpec};

use super::error::SettingsError;
use super::given::{Given, Layers};
use super::layer::unknown;
use super::text::quote;

/// One table of opening hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// As they were typed.
    pub typed: HoursSpec,
    /// As they are kept.
    pub opening: Arc<week::Hours>,
}

/// Judges every table of hours. `zone` is for those that name none.
pub(super) fn judge(layers: &Layers, zone: Option<&Zone>) -> Result<BTreeMap<String, Hours>, SettingsError> {
    let table = |name: &str| Table { layers, path: ["hours", name].map(ToOwned::to_owned) };
    layers.names("hours").into_iter().map(|name| Ok((name.clone(), table(&name).judge(zone)?))).collect()
}

/// A table on its way.
struct Table<'a> {
    layers: &'a Layers,
    path: [String; 2],
}

impl Table<'_> {
    fn judge(&self, zone: Option<&Zone>) -> Result<Hours, SettingsError> {
        let typed = self.typed(zone)?;
        let opening = week::Hours::new(&typed).map_err(|error| self.refused(&error))?;
        if typed.days.is_empty() {
            let days = "always closed is spelled mon-sun = []".to_owned();
            return Err(self.layers.place(&self.path).refused_for("a table without days", days));
        }
        Ok(Hours { typed, opening: Arc::new(opening) })
    }

    /// The table in the words of the rules of hours.
    fn typed(&self, zone: Option<&Zone>) -> Result<HoursSpec, SettingsError> {
        let mut timezone = zone.cloned();
        let mut typed = HoursSpec::default();
        for (key, given) in self.layers.in_table(&self.path) {
            match key.as_str() {
                "timezone" => timezone = Some(given.zone()?),
                "holidays" => typed.holidays = given.list()?,
                _ => typed.days.push((key, given.list()?)),
            }
        }
        let both = || "set its timezone, or validation.timezone for all".to_owned();
        let named = timezone.as_ref().and_then(Zone::name);
        let nowhere = || self.layers.place(&self.path).refused_for("a table without timezone", both());
        named.ok_or_else(nowhere)?.clone_into(&mut typed.timezone);
        Ok(typed)
    }

    /// A fault of the table, with the place of its key.
    fn refused(&self, error: &BadHours) -> SettingsError {
        let part = |key: &str, text: &str| {
            let given = self.given(key);
            given.refused_for(&quote(text), given.allowed())
        };
        match error {
            BadHours::Zone(_) => self.given("timezone").refused(),
            BadHours::Day(key) => unknown(self.given(key).origin(), &self.key(key)),
            BadHours::Twice { day, first, second } => {
                self.given(second).refused_for(second, format!("{day} stands in {first} too, and may stand once"))
            }
            BadHours::Span { key, error } => part(key, &error.0),
            BadHours::Holiday(text) => part("holidays", text),
        }
    }

    fn key(&self, key: &str) -> Vec<String> {
        self.path.iter().map(String::as_str).chain([key]).map(ToOwned::to_owned).collect()
    }

    fn given(&self, key: &str) -> Given {
        self.layers.place(&self.key(key))
    }
}
