//! A file where a folder is needed, or a folder where a file is: said so, by whoever meets it.

use crate::export::{csv, wishes};
use crate::stage::Stage;

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

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    let stage = stage();
    for folder in ["figures", "figures.prom", "out/results.csv.d"] {
        std::fs::create_dir(stage.path(folder)).unwrap();
    }
    for file in ["figures", "figures.prom", "figures/", "nowhere/"] {
        stage.run(&["night.csv", "--metrics-file", file]).with(2).says(&["--metrics-file", "it is a folder", ".prom"]);
    }
    let stage = stage.with("RINGBACK_METRICS_FILE", "figures.prom");
    stage.run(&["night.csv"]).with(78).says(&["RINGBACK_METRICS_FILE", "it is a folder"]);
    let stage = stage.with("RINGBACK_METRICS_FILE", "");
    std::fs::create_dir(stage.path("again")).unwrap();
    std::fs::create_dir(stage.path("again/results.csv")).unwrap();
    stage.ringback(&["report", "last", "-o", "again"]).with(74).says(&["again/results.csv", "it is a folder"]);
    let told = stage.run(&["night.csv", "--metrics-file", "taken/night.prom"]).with(0);
    told.says(&["taken is a file, and a folder is needed", "the run is not the worse for it"]);
}
