//! `report.html`: a run as people read it who were not there. One file that asks nobody for anything, without script.
//!
//! A page is made of one value, so that a run's end and the ledger can both fill it. What comes from outside goes
//! through the engine's escape; pictures are made of figures alone. No number of a customer stands on it in full.

mod answers;
mod bars;
mod begun;
mod facts;
mod fates;
mod hours;
mod pieces;
mod requests;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::domain::outlook::CampaignOutlook;
use crate::domain::report::Report;
use crate::domain::traffic::Traffic;
use crate::render::uncalled::Uncalled;

use super::surroundings::{Source, Surroundings};
use bars::Chart;
use facts::Facts;
use fates::Chapter;
use hours::Hours;
use requests::Requests;
use verdict::Verdict;

/// What a page tells.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The sums.
    pub report: &'a Report,
    /// What stands around them.
    pub around: &'a Surroundings<'a>,
    /// Who is not called, and why.
    pub uncalled: &'a Uncalled,
    /// The hours as the run leaves them; `None` where it is not known, or nothing was to be placed.
    pub hours: Option<&'a [CampaignOutlook]>,
    /// How requests left; `None` where it is not known, or none could.
    pub traffic: Option<&'a Traffic>,
    /// The names of the files beside the page.
    pub beside: &'a [String],
}

/// A fault of ringback's own: the page and what it tells do not fit.
#[derive(Debug, thiserror::Error)]
#[error("report.html cannot be made, a fault of ringback's own: {0:#}; the other files of the report tell the same")]
pub struct PageError(#[from] minijinja::Error);

/// The page as the templates see it.
#[derive(Serialize)]
struct Sheet<'a> {
    command: &'a str,
    run: String,
    verdict: Verdict,
    /// What it cannot tell; empty where it comes from the run itself.
    caveat: &'static str,
    chapters: Vec<Chapter<'a>>,
    statuses: Chart,
    hours: Option<Hours<'a>>,
    rejections: Chart,
    requests: Option<Requests>,
    facts: Facts,
    /// Files beside the page that hold whole numbers, and those that hold none.
    whole: Vec<&'a str>,
    sums: Vec<&'a str>,
}

/// The file of sums, which names nobody.
const SUMS: &str = "summary.json";

/// The templates; all names end in `.html`, so that all text in them is escaped. The style has none.
const TEMPLATES: [(&str, &str); 9] = [
    ("report.html", include_str!("report.html")),
    ("macros.html", include_str!("macros.html")),
    ("fates.html", include_str!("fates.html")),
    ("bars.html", include_str!("bars.html")),
    ("hours.html", include_str!("hours.html")),
    ("requests.html", include_str!("requests.html")),
    ("facts.html", include_str!("facts.html")),
    ("answers.html", include_str!("answers.html")),
    ("style.css", include_str!("style.css")),
];

/// The page as one file.
pub fn to_html(page: &Page<'_>) -> Result<String, PageError> {
    let (sums, whole) = page.beside.iter().map(String::as_str).partition(|name| *name == SUMS);
    let sheet = Sheet {
        command: page.around.command,
        run: page.report.run.to_string(),
        verdict: Verdict::of(page),
        caveat: caveat(page.around.source),
        chapters: fates::chapters(page),
        statuses: bars::statuses(page),
        hours: page.hours.map(|campaigns| Hours::of(campaigns, page.report)),
        rejections: bars::rejections(page),
        requests: page.traffic.map(|traffic| Requests::of(traffic, page.report)),
        facts: Facts::of(page),
        whole,
        sums,
    };
    Ok(environment()?.get_template("report.html")?.render(Serde(sheet))?)
}

/// What a page cannot tell, by whence it comes.
fn caveat(source: Source) -> &'static str {
    match source {
        Source::Run => "",
        Source::Kept => {
            "This page is made from the ledger and tells how the run left its callbacks; later runs may have gone on. The \
             sums are those of the run. Rows that it changed nothing of, such as rejected ones, are in them by number \
             alone: they stand in the run's own folder."
        }
        Source::Counted => {
            "This page is made from the ledger, which has no sums of this run: it was cut off. All figures are counted \
             from the callbacks that it changed; what else it read, rejected or asked for is not known here."
        }
        Source::Beside => {
            "This page is made from the ledger while the run goes on, and tells how far it had come. All figures are \
             counted from the callbacks that it has changed; what else it read, rejected or asked for is not known here."
        }
    }
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("count", |value: u64| pieces::count(value));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}
