//! `ringback config`: what it shows, and what it must not.

use super::super::Overrides;
use super::Case;

fn full() -> Case {
    Case::file(
        "[platform]\nregion = \"us\"\nclient_secret_command = \"vault read --token s3cret\"\n\
         [hours.default]\ntimezone = \"America/New_York\"\nmon-fri = [\"08:00-20:00\"]\nholidays = [\"2026-12-25\"]\n\
         [sms.templates]\nes = \"Hola\\n{date}\"\n[campaigns.\"a b\"]\nhours = \"default\"\n",
    )
    .with_variable("CXONE_CLIENT_ID", "own")
    .with_flags(Overrides { rate: Some(120), ..Overrides::default() })
}

#[test]
fn each_key_stands_with_its_value_and_where_it_comes_from() {
    let case = full();
    let text = case.bare(&case.in_force().render());
    let own = text.lines().find(|line| line.starts_with("ledger = ")).expect("a line");
    let (ledger, origin) = own.split_once("  #").expect("an origin");
    let text = text.replace(own, &format!("{:48}  #{origin}", ledger.trim_end())); // the folder's name differs in length
    insta::assert_snapshot!(text, @r##"
    # settings file: ringback.toml
    ledger = "ringback.db"                            # default

    [platform]
    region = "us"                                     # ringback.toml:2
    client_id = "own"                                 # CXONE_CLIENT_ID
    client_secret_command = "vault …"                 # ringback.toml:3
    requests_per_minute = 120                         # --rate
    concurrency = 16                                  # default
    timeout = "30s"                                   # default
    # proxy                                           # not set
    # ca_file                                         # not set
    contact_ids = "unique"                            # default

    [capacity]
    kind = "v2"                                       # default

    [contacts]
    kind = "v2"                                       # default

    [texts]
    kind = "v2"                                       # default

    [validation]
    default_region = "US"                             # default
    # timezone                                        # not set
    time_formats = []                                 # default
    min_window = "1h"                                 # default
    max_window = "4h"                                 # default
    spoken_digits = false                             # default

    [hours.default]
    timezone = "America/New_York"                     # ringback.toml:5
    mon = ["08:00-20:00"]                             # ringback.toml:6
    tue = ["08:00-20:00"]                             # ringback.toml:6
    wed = ["08:00-20:00"]                             # ringback.toml:6
    thu = ["08:00-20:00"]                             # ringback.toml:6
    fri = ["08:00-20:00"]                             # ringback.toml:6
    sat = []                                          # not set: closed
    sun = []                                          # not set: closed
    holidays = ["2026-12-25"]                         # ringback.toml:7

    [placement]
    calls_per_agent_hour = 10                         # default
    lead_time = "5m"                                  # default

    [contact]
    retry_count = 3                                   # default
    retry_interval = "PT15M"                          # default

    [sms]
    enabled = true                                    # default
    # from                                            # not set
    hours = "08:00-21:00"                             # default
    default_language = "en-US"                        # default
    on_no_answer = "hold"                             # default

    [sms.templates]
    en = "Your callback is confirmed for {date} {time}. Reference: {reference}"  # default
    es = "Hola\n{date}"                               # ringback.toml:9

    [retry]
    max_attempts = 5                                  # default
    server_error_wait = ["5s", "30s"]                 # default
    give_up_after = "10m"                             # default

    [forecast]
    max_range = "24h"                                 # default

    [campaigns."a b"]
    hours = "default"                                 # ringback.toml:11
    # timezone                                        # not set
    # sms_from                                        # not set
    # calls_per_agent_hour                            # not set
    "##);
}

#[test]
fn json_has_the_same() {
    let case = full();
    let json = case.in_force().to_json();
    assert_eq!(json["settings"]["platform"]["requests_per_minute"]["value"], 120);
    assert_eq!(json["settings"]["platform"]["requests_per_minute"]["origin"], "--rate");
    assert_eq!(json["settings"]["campaigns"]["a b"]["hours"]["value"], "default");
    assert_eq!(json["settings"]["sms"]["from"]["value"], serde_json::Value::Null);
    assert!(json["file"].as_str().unwrap().ends_with("ringback.toml"));
    assert!(!json.to_string().contains("s3cret"));
}

#[test]
fn of_a_secret_only_the_source_is_shown() {
    for (case, line) in [
        (full(), "client_secret_command = \"vault …\""),
        (Case::file("platform.client_secret_command = \"TOKEN=s3cret vault\""), "client_secret_command = \"…\""),
        (Case::empty().with_variable("CXONE_CLIENT_SECRET", "s3cret"), "# client_secret "),
        (Case::file("platform.client_secret_file = \"/run/secret\""), "client_secret_file = \"/run/secret\""),
    ] {
        let settings = case.settings();
        let text = case.in_force().render();
        assert!(text.contains(line) && !text.contains("s3cret"), "{text}");
        assert!(!format!("{settings:?}").contains("s3cret"));
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }
}
