//! `ringback report --format html`: a run's page from the ledger has the figures of its summary, shows nobody's number,
//! and says where the rows are that no ledger holds.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::export::{csv, wish, wishes};
use crate::numbers::{all_are_told, counts_add_up, told_are_true};
use crate::report::Row;
use crate::stage::Stage;
use crate::stops::killed_before_any_answer;

/// What nobody may be called, and what a page must not run.
const HOSTILE: &str = "</svg><script>document.title='run'</script>";

/// The number that the platform refuses.
const REFUSED: &str = "+12025550101";

/// A night of which two rows are failed and two rejected.
fn night() -> Stage {
    let stage = Stage::new(json!({ "refused_phones": [REFUSED], "forecast_empty": [HOSTILE] }));
    let broken = "x,unknown,,,,\n2025550192,+1 202 555 0192,2026-11-24T15:00:00Z,,billing-east,en\n";
    stage.put("night.csv", csv(&wishes(6)) + &wish(80).campaign(HOSTILE).line() + "\n" + broken);
    stage.run(&["night.csv"]).with(6);
    stage
}

fn page(stage: &Stage, run: &str) -> String {
    stage.ringback(&["report", run, "--format", "html"]).with(0).stdout
}

/// A page with its slashes as a browser has them.
fn with_slashes(page: &str) -> String {
    page.replace("&#x2f;", "/")
}

fn summary(stage: &Stage) -> Value {
    serde_json::from_slice(&std::fs::read(stage.path("out/summary.json")).unwrap()).unwrap()
}

#[test]
fn its_figures_are_those_of_the_summary_and_it_shows_nobodys_number() {
    let stage = night();
    let (html, summary) = (page(&stage, "last"), summary(&stage));
    let page = with_slashes(&html);
    assert_eq!((&summary["by_status"]["failed"], &summary["by_status"]["rejected"]), (&json!(2), &json!(2)));
    told_are_true(&page, &summary);
    all_are_told(&page, &summary);
    counts_add_up(&page, &summary);
    for mark in ["/requests/contact", "/forecast_fetches", "/by_code/phone.unparseable"] {
        assert!(page.contains(&format!("data-is=\"{mark}\"")), "{mark}");
    }
    let said = [
        "The ledger holds no rejected rows: they stand in the rejects file of the run&#x27;s own folder.",
        "Repair the records in the rejects file of the run&#x27;s own folder",
        "<title id=\"p-rejections-t\">",
        "+1202•••0101",
        "&lt;script&gt;",
    ];
    for words in said {
        assert!(page.contains(words), "{words}");
    }
    assert!(!html.contains("<script") && !page.contains("id=\"hours\""));
    let report = stage.report();
    for phone in report.column("phone").into_iter().map(|phone| phone.trim_start_matches("+1")) {
        assert!(phone.len() < 7 || !page.contains(phone), "{phone}");
    }
    assert!(!page.contains("2025550192"));
}

#[test]
fn what_a_later_run_does_changes_no_earlier_page_and_what_it_leaves_alone_is_said() {
    let stage = night();
    let first = page(&stage, "1");
    stage.faults(&json!({ "refused_phones": [], "forecast_empty": [] }));
    stage.run(&["night.csv"]).with(6);
    assert_eq!(page(&stage, "1"), first);
    let second = with_slashes(&page(&stage, "2"));
    told_are_true(&second, &summary(&stage));
    assert!(second.contains("The run changed nothing of 1 of them: it stands in results.csv"), "{second}");
}

#[test]
fn a_run_without_sums_says_what_is_not_known() {
    let stage = night();
    let ledger = rusqlite::Connection::open(stage.path("ringback.db")).unwrap();
    for sums in ["NULL", "'{\"rows\":9}'"] {
        let cut = format!("UPDATE runs SET finished_at = NULL, exit_code = NULL, summary = {sums}");
        ledger.execute(&cut, []).unwrap();
        let page = with_slashes(&page(&stage, "last"));
        let said = [
            "it was cut off",
            "Not finished: it was killed",
            "Whether rows were rejected is not known",
            "+1202•••0101",
        ];
        for words in said {
            assert!(page.contains(words), "{words} after {sums}");
        }
        assert!(page.contains("data-is=\"/by_status/failed\">2<"), "{sums}");
        for unknown in
            ["No row is rejected", "no input was read", "less than a second", "/stages_ms/", "/requests/", "/exit_code"]
        {
            assert!(!page.contains(unknown), "{unknown} after {sums}");
        }
    }
}

#[test]
fn a_run_that_goes_on_is_told_as_running() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.put("night.csv", csv(&wishes(30)));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| !state.texts().is_empty());
    let page = with_slashes(&page(&stage, "last"));
    for words in ["Still running", "while the run goes on", "Wait for its end", "none: it has not come to its end"] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    for wrong in ["Stopped early", "Why it stopped", "killed", "/exit_code", "ringback resume", "Nothing is left"] {
        assert!(!page.contains(wrong), "{wrong} is in {page}");
    }
    stage.faults(&json!({ "latency_ms": 0 }));
    run.end().with(0);
    assert!(with_slashes(&self::page(&stage, "last")).contains("All is well"));
}

/// Some call a campaign, a file or a folder by a number.
#[test]
fn a_number_in_a_name_is_masked_wherever_the_name_stands() {
    let numbers = ["2025550153", "2025550174", "2025550199", "2025550188", "2025550177"];
    let [placed, refused, input, folder, ledger] = numbers;
    let (placed, refused) = (format!("camp {placed}"), format!("refuse-{refused}"));
    let (input, folder, ledger) = (format!("in {input}.csv"), format!("out {folder}"), format!("{ledger}.db"));
    let stage = Stage::new(json!({ "forecast_empty": [refused] }));
    let rows = [wish(1).campaign(&placed).line(), wish(2).campaign(&refused).line(), wish(3).campaign(&placed).line()];
    stage.put(&input, csv(&[]) + &rows.join("\n") + "\nx,unknown,,,,\n");
    let at = |command, more: &[&'static str]| {
        let args = [&[command, "--ledger", &ledger, "-o", &folder, "--rate", "100000", &input], more].concat();
        stage.ringback(&args);
        std::fs::read_to_string(stage.path(&folder).join("report.html")).unwrap()
    };
    let planned = at("plan", &[]);
    let limited = at("run", &["--limit", "1"]);
    let kept = stage.ringback(&["report", "last", "--format", "html", "--ledger", &ledger]).with(0).stdout;
    for (page, names) in
        [(&planned, &["camp •••0153", "in •••0199.csv"][..]), (&limited, &["out •••0188", "•••0177.db"]), (&kept, &[])]
    {
        for number in numbers {
            assert!(!page.contains(number), "{number} is in {page}");
        }
        for name in names.iter().chain(&["refuse-•••0174", "in •••0199.csv"]) {
            assert!(page.contains(name), "{name} is not in {page}");
        }
    }
}

/// What the platform has made must not be taken for what it has not: who calls by hand would call twice.
#[test]
fn a_contact_that_is_there_is_not_told_as_nothing_done() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.put("night.csv", csv(&wishes(40)));
    let mut run = stage.start(&["night.csv", "--concurrency", "8"]);
    run.until(|state| state.contacts().len() >= 8);
    run.signal("TERM");
    let ended = run.end().with(4);
    let (report, summary) = (stage.report(), summary(&stage));
    let is_there = |row: &&Row| row.at("status") == "pending" && !row.at("contact_id").is_empty();
    let there = report.rows.iter().filter(is_there).count();
    assert!(there > 1, "{:?}", report.rows);
    assert_eq!(summary["pending_contacts"], json!({ "there": there, "perhaps": 0 }));
    ended.says(&[&format!("; {there} of them have a contact, the text is owed")]);
    let at_its_end = std::fs::read_to_string(stage.path("out/report.html")).unwrap();
    for html in [at_its_end, page(&stage, "last")] {
        told_are_true(&with_slashes(&html), &summary);
        all_are_told(&with_slashes(&html), &summary);
        let there = format!("data-is=\"/pending_contacts/there\">{there}</span>");
        let said = [
            format!("are not done yet (<span {there} of them have their contact, the text is owed)"),
            format!("<span {there} of them have their contact on the platform and will be called"),
            "<strong>the contact is there and will be called; the text is owed</strong>".to_owned(),
        ];
        for words in said {
            assert!(with_slashes(&html).contains(&words), "{words} is not in {html}");
        }
        assert!(!html.contains("not called yet"), "{html}");
    }
}

#[test]
fn a_contact_whose_answer_never_came_may_be_there() {
    let stage = killed_before_any_answer(6);
    let html = with_slashes(&page(&stage, "last"));
    for words in [">6</span> may have a contact)", "<strong>the contact may be there: look before you call</strong>"] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
}

#[test]
fn it_goes_beside_the_other_files_or_to_standard_output() {
    let stage = night();
    std::fs::create_dir(stage.path("again")).unwrap();
    stage.put("again/results.csv", "kept");
    let html = |more: &[&str]| stage.ringback(&[&["report", "--format", "html"], more].concat());
    assert_eq!(html(&["last", "-o", "again"]).with(0).stdout, "page: again/report.html\n");
    assert_eq!(std::fs::read_to_string(stage.path("again/report.html")).unwrap(), page(&stage, "last"));
    let mode = std::fs::metadata(stage.path("again/report.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(stage.path("again")).unwrap().count(), 2, "nothing else");
    assert_eq!(std::fs::read_to_string(stage.path("again/results.csv")).unwrap(), "kept");
    assert_eq!(html(&["last", "-o", "again", "-q"]).with(0).stdout, "");
    let told: Value = serde_json::from_str(&html(&["last", "-o", "again", "--json"]).with(0).stdout).unwrap();
    assert_eq!(told, json!({ "page": { "path": "again/report.html" } }));
    html(&["last", "--json"]).with(2).says(&["-o DIR"]);
    html(&[]).with(2).says(&["name a RUN"]);
    for choice in [["--table", "runs"], ["--status", "failed"], ["--since", "2026-11-01"], ["--campaign", "a"]] {
        html(&[&["last"], &choice[..]].concat()).with(2).says(&["a page is that of a whole run"]);
    }
}
