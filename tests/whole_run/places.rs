//! A file where a folder is needed, or a folder where a file is: said so, by whoever meets it.

use std::collections::BTreeSet;

use crate::export::{csv, wishes};
use crate::stage::Stage;
use crate::stress::limited;

/// A night that is done, and a file in the way.
fn stage() -> Stage {
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(2)));
    stage.run(&["night.csv"]).with(0);
    stage.put("taken", "mine");
    stage
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told_by_every_command_and_left_alone() {
    let stage = stage();
    let before = stage.state().asked_in_all();
    let ways: [&[&str]; 11] = [
        &["run", "night.csv", "-o"],
        &["run", "night.csv", "--sandbox", "-o"],
        &["run", "night.csv", "-n", "-o"],
        &["resume", "-o"],
        &["plan", "night.csv", "-o"],
        &["validate", "night.csv", "-o"],
        &["report", "last", "-o"],
        &["report", "last", "--format", "html", "-o"],
        &["report", "--format", "csv", "-o"],
        &["report", "--format", "parquet", "-o"],
        &["man", "-o"],
    ];
    for way in ways {
        for place in ["taken", "taken/deep", "taken/deep/deeper"] {
            stage.ringback(&[way, &[place]].concat()).with(74).says(&["taken is a file, and a folder is needed"]);
        }
    }
    assert_eq!(std::fs::read_to_string(stage.path("taken")).unwrap(), "mine");
    assert_eq!(stage.state().asked_in_all(), before, "nothing is asked of the platform");
}

/// A place that takes no report is found before the ledger is, and before a token is asked for.
#[test]
fn a_place_that_takes_no_report_is_told_before_anything_is_sent() {
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(2)));
    for way in [&["run", "night.csv"][..], &["plan", "night.csv"], &["validate", "night.csv"]] {
        let told = stage.ringback(&[way, &["-o", "/proc/nothing/here"]].concat()).with(74);
        told.says(&["/proc/nothing/here cannot be written", "nothing was sent"]);
    }
    // Room for a name, and for nothing in it.
    limited(&stage, 100, &["night.csv"]).with(74).says(&["out cannot be written", "nothing was sent"]);
    assert_eq!(stage.state().asked_in_all(), 0);
    assert!(!stage.path("out").exists() && !stage.path("ringback.db").exists(), "nothing is left behind");
}

/// Folders that were made for a report go with it; one that somebody else has made stays.
#[test]
fn a_run_that_is_turned_away_leaves_no_folder_of_its_own() {
    let stage = stage();
    std::fs::create_dir(stage.path("mine")).unwrap();
    stage.put("broken.csv", "one,two\n1,2\n");
    let folders = || {
        let all = std::fs::read_dir(stage.path("")).unwrap().map(|entry| entry.unwrap());
        all.filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect::<BTreeSet<_>>()
    };
    let before = folders();
    for out in [&["-o", "new/deep/deeper"][..], &["-o", "mine/new"], &["-o", "mine"], &[]] {
        stage.ringback(&[&["run", "broken.csv"], out].concat()).with(65);
        stage.ringback(&[&["validate", "broken.csv"], out].concat()).with(65);
        assert_eq!(folders(), before);
        assert_eq!(std::fs::read_dir(stage.path("mine")).unwrap().count(), 0);
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    let stage = stage();
    for folder in ["figures", "figures.prom", "out/results.csv.d"] {
        std::fs::create_dir(stage.path(folder)).unwrap();
    }
    for file in ["figures", "figures.prom", "figures/", "nowhere/"] {
        stage.run(&["night.csv", "--metrics-file", file]).with(2).says(&["--metrics-file", "it is a folder", ".prom"]);
    }
    std::fs::create_dir(stage.path("again")).unwrap();
    std::fs::create_dir(stage.path("again/results.csv")).unwrap();
    stage.ringback(&["report", "last", "-o", "again"]).with(74).says(&["again/results.csv", "it is a folder"]);
    let told = stage.run(&["night.csv", "--metrics-file", "taken/night.prom"]).with(0);
    told.says(&["taken is a file, and a folder is needed", "the run is not the worse for it"]);
}
