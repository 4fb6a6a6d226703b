//! Opening hours as they are typed, each fault with its place. What hours are is decided by
//! [`logic::hours`](crate::logic::hours).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::logic::hours::week::{self, BadHours, HoursSpec, days};

use super::error::SettingsError;
use super::given::{Given, Layers};
use super::layer::unknown;
use super::text::quote;
use super::typed::TextOrList;

/// One table of opening hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// As they were typed.
    pub typed: HoursSpec,
    /// As they are kept.
    pub opening: Arc<week::Hours>,
}

/// Judges every table of hours. `zone` is for those that name none.
pub(super) fn judge(layers: &Layers, zone: Option<&str>) -> Result<BTreeMap<String, Hours>, SettingsError> {
    let tables = layers.tables(|typed| &typed.hours).into_iter();
    tables.map(|(name, table)| Ok((name.clone(), Table { layers, name }.judge(table, zone)?))).collect()
}

/// A table on its way.
struct Table<'a> {
    layers: &'a Layers,
    name: String,
}

impl Table<'_> {
    fn judge(&self, table: &BTreeMap<String, TextOrList>, zone: Option<&str>) -> Result<Hours, SettingsError> {
        let typed = self.typed(table, zone)?;
        let opening = week::Hours::new(&typed).map_err(|error| self.refused(&error))?;
        if typed.days.is_empty() {
            let days = "always closed is spelled mon-sun = []".to_owned();
            return Err(self.whole().refused_for("a table without days", days));
        }
        Ok(Hours { typed, opening: Arc::new(opening) })
    }

    /// The table in the words of the rules of hours.
    fn typed(&self, table: &BTreeMap<String, TextOrList>, zone: Option<&str>) -> Result<HoursSpec, SettingsError> {
        let mut timezone = zone.map(str::to_owned);
        let mut typed = HoursSpec::default();
        for (key, value) in table {
            let given = self.given(key);
            match (key.as_str(), value) {
                ("timezone", TextOrList::Text(name)) => timezone = Some(given.with(name.clone()).zone_name()?),
                ("holidays", TextOrList::List(dates)) => typed.holidays.clone_from(dates),
                ("timezone" | "holidays", _) => return Err(given.refused()),
                (day, TextOrList::List(times)) => typed.days.push((day.to_owned(), times.clone())),
                (day, TextOrList::Text(_)) if days(day).is_ok() => return Err(given.refused()),
                (_, TextOrList::Text(_)) => return Err(unknown(given.origin(), &given.key)),
            }
        }
        let both = || "set its timezone, or validation.timezone for all".to_owned();
        typed.timezone = timezone.ok_or_else(|| self.whole().refused_for("a table without timezone", both()))?;
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
            BadHours::Day(key) => {
                let given = self.given(key);
                unknown(given.origin(), &given.key)
            }
            BadHours::Twice { day, first, second } => {
                self.given(second).refused_for(second, format!("{day} stands in {first} too, and may stand once"))
            }
            BadHours::Span { key, error } => part(key, &error.0),
            BadHours::Holiday(text) => part("holidays", text),
        }
    }

    fn given(&self, key: &str) -> Given<()> {
        self.layers.given(format!("hours.{}.{key}", self.name), ())
    }

    fn whole(&self) -> Given<()> {
        self.layers.given(format!("hours.{}", self.name), ())
    }
}
