//! A line a rule: what is typed, and the words of its refusal.

use super::Case;

/// Each `[table]` key with a value, and what is said of it behind `ringback.toml:2: `.
fn check(table: &str, cases: &[(&str, &str)]) {
    for (line, error) in cases {
        let zone = if table.starts_with("hours.") { "[validation]\ntimezone = \"UTC\"\n" } else { "" };
        let case = Case::file(&format!("[{table}]\n{line}\n{zone}"));
        match *error {
            "" => drop(case.settings()),
            error => assert_eq!(case.error(), format!("ringback.toml:2: {error}"), "{line}"),
        }
    }
}

#[test]
fn platform() {
    let rate = "platform.requests_per_minute";
    let url = "platform.base_url: the value is not allowed: \
               https://HOST without user, query and fragment; http:// only to this machine";
    check(
        "platform",
        &[
            ("requests_per_minute = 1", ""),
            ("requests_per_minute = 1_000_000", ""),
            ("requests_per_minute = 0", &format!("{rate}: 0 is not allowed: 1 to 1000000")),
            ("requests_per_minute = 1000001", &format!("{rate}: 1000001 is not allowed: 1 to 1000000")),
            ("requests_per_minute = -1", &format!("{rate}: -1 is not allowed: 1 to 1000000")),
            ("requests_per_minute = \"many\"", &format!("{rate}: \"many\" is not allowed: 1 to 1000000")),
            ("requests_per_minute = 1.5", &format!("{rate}: 1.5 is not allowed: 1 to 1000000")),
            (
                "requests_per_minute = 99999999999999999999",
                &format!("{rate}: 99999999999999999999 is not allowed: 1 to 1000000"),
            ),
            ("concurrency = 1024", ""),
            ("concurrency = 1025", "platform.concurrency: 1025 is not allowed: 1 to 1024"),
            ("timeout = \"30\"", "platform.timeout: \"30\" is not allowed: 100ms to 10m, as in \"1h30m\""),
            ("timeout = 30", "platform.timeout: 30 is not allowed: 100ms to 10m, as in \"1h30m\""),
            ("timeout = \"99ms\"", "platform.timeout: \"99ms\" is not allowed: 100ms to 10m, as in \"1h30m\""),
            ("contact_ids = \"advisory\"", ""),
            ("contact_ids = \"uniqe\"", "platform.contact_ids: \"uniqe\" is not allowed: \"unique\" or \"advisory\""),
            ("region = \"eu-2\"", ""),
            (
                "region = \"us.evil.com/\"",
                "platform.region: \"us.evil.com/\" is not allowed: lower-case letters, digits and -, as in \"us\"",
            ),
            ("base_url = \"https://user:s3cret@example.com\"", url),
            ("base_url = \"http://example.com\"", url),
            ("base_url = \"http://[::1]:8080\"", ""),
            ("client_id = \" \"", "platform.client_id: \" \" is not allowed: a text that is not empty"),
            (
                "region = \"us\"\nbase_url = \"https://example.com\"",
                "only one of platform.region, platform.base_url may be set",
            ),
            (
                "client_secret_file = \"a\"\nclient_secret_command = \"b\"",
                "only one of platform.client_secret_file, platform.client_secret_command may be set",
            ),
            (
                "client_secret_command = [\"vault\", \"s3cret\"]",
                "platform.client_secret_command: the value is not allowed: a command that prints the secret",
            ),
        ],
    );
}

#[test]
fn validation() {
    let zone = "a time zone of the IANA database, as in \"America/New_York\"; the nearest known is";
    let region = "the code of a region with phone numbers (ISO 3166), as in \"US\"";
    let formats = "a list of date and time in chrono's % signs, as in \"%m/%d/%Y %I:%M %p\"";
    let incomplete = "it does not give a whole date, hour and minute (with %I, %p is needed too)";
    check(
        "validation",
        &[
            ("default_region = \"GB\"", ""),
            ("default_region = \"usa\"", &format!("validation.default_region: \"usa\" is not allowed: {region}")),
            ("default_region = \"ZZ\"", &format!("validation.default_region: \"ZZ\" is not allowed: {region}")),
            ("timezone = \"Europe/Berlin\"", ""),
            (
                "timezone = \"America/NewYork\"",
                &format!("validation.timezone: \"America/NewYork\" is not allowed: {zone} America/New_York"),
            ),
            ("time_formats = [\"%m/%d/%Y %I:%M %p\", \"%Y-%m-%d %H:%M:%S\", \"%d.%m.%Y %H:%M %z\", \"%s\"]", ""),
            (
                "timezone = \"Mars/Base\"",
                "validation.timezone: \"Mars/Base\" is not allowed: a time zone of the IANA database, \
                 as in \"America/New_York\"",
            ),
            (
                "time_formats = [\"%Q\"]",
                &format!(
                    "validation.time_formats: \"%Q\" is not allowed: {formats}; \
                     it has a % with no meaning; see the letters of strftime"
                ),
            ),
            (
                "time_formats = [\"%s\", \"%H:%M\"]",
                &format!("validation.time_formats: \"%H:%M\" is not allowed: {formats}; {incomplete}"),
            ),
            (
                "time_formats = [\"%m/%d/%Y %H:%M %#z\"]",
                &format!("validation.time_formats: \"%m/%d/%Y %H:%M %#z\" is not allowed: {formats}; {incomplete}"),
            ),
            ("time_formats = [1]", &format!("validation.time_formats: [1] is not allowed: {formats}")),
            ("min_window = \"0s\"", "validation.min_window: \"0s\" is not allowed: 1s to 168h, as in \"1h30m\""),
            ("min_window = \"4h\"", ""),
            (
                "min_window = \"5h\"",
                "validation.min_window: \"5h\" is not allowed: at most validation.max_window, which is \"4h\"",
            ),
            ("spoken_digits = \"yes\"", "validation.spoken_digits: \"yes\" is not allowed: true or false"),
        ],
    );
}

#[test]
fn hours() {
    let times = "a list of times as in [\"08:00-20:00\"], from 00:00 to 24:00, not both the same";
    let day = "hours.night.mon-fri";
    check(
        "hours.night",
        &[
            ("timezone = \"UTC\"\nmon-fri = [\"22:00-06:00\", \"08:00-24:00\"]\nsat = []", ""),
            ("mon-fri = [\"8-20\"]", &format!("{day}: \"8-20\" is not allowed: {times}")),
            ("mon-fri = [\"24:00-06:00\"]", &format!("{day}: \"24:00-06:00\" is not allowed: {times}")),
            ("mon-fri = \"08:00-20:00\"", &format!("{day}: \"08:00-20:00\" is not allowed: {times}")),
            ("mon-fri = 8", &format!("{day}: 8 is not allowed: {times}")),
            ("monday = []", "hours.night.monday: no such key; the nearest known is hours.night.mon"),
            ("monday = 5", "hours.night.monday: no such key; the nearest known is hours.night.mon"),
            ("time_zone = \"UTC\"", "hours.night.time_zone: no such key; the nearest known is hours.night.timezone"),
            (
                "mon-fri = []\nfri = []",
                "hours.night.mon-fri: mon-fri is not allowed: fri stands in fri too, and may stand once",
            ),
            (
                "holidays = [\"2026-1-5\"]",
                "hours.night.holidays: \"2026-1-5\" is not allowed: a list of dates in quotes, as in \"2026-12-25\"",
            ),
            (
                "holidays = [2026-12-25]",
                "hours.night.holidays: [2026-12-25] is not allowed: a list of dates in quotes, as in \"2026-12-25\"",
            ),
            (
                "timezone = \"Asia/Tokio\"",
                "hours.night.timezone: \"Asia/Tokio\" is not allowed: a time zone of the IANA database, \
                 as in \"America/New_York\"; the nearest known is Asia/Tokyo",
            ),
        ],
    );
}

#[test]
fn hours_as_a_whole() {
    for (text, error) in [
        (
            "[hours.a]\nmon = []",
            "ringback.toml:1: hours.a: a table without timezone is not allowed: \
             set its timezone, or validation.timezone for all",
        ),
        (
            "[hours.a]\ntimezone = \"UTC\"",
            "ringback.toml:1: hours.a: a table without days is not allowed: always closed is spelled mon-sun = []",
        ),
        ("hours = 5", "ringback.toml:1: hours: the value is not allowed: a table"),
    ] {
        assert_eq!(Case::file(text).error(), error);
    }
    let settings = Case::file("validation.timezone = \"america/chicago\"\n[hours.a]\nmon = []").settings();
    assert_eq!(settings.hours["a"].typed.timezone, "America/Chicago");
}

#[test]
fn placement_and_contact() {
    let calls = "a number above 0, up to 10000";
    check(
        "placement",
        &[
            ("calls_per_agent_hour = 7.5", ""),
            ("calls_per_agent_hour = 0", &format!("placement.calls_per_agent_hour: 0 is not allowed: {calls}")),
            ("calls_per_agent_hour = inf", &format!("placement.calls_per_agent_hour: inf is not allowed: {calls}")),
            ("calls_per_agent_hour = nan", &format!("placement.calls_per_agent_hour: nan is not allowed: {calls}")),
            ("lead_time = \"0s\"", ""),
            ("lead_time = \"25h\"", "placement.lead_time: \"25h\" is not allowed: 0s to 24h, as in \"1h30m\""),
        ],
    );
    let interval = "a duration in ISO 8601 from PT1S to P30D, as in \"PT15M\"";
    check(
        "contact",
        &[
            ("retry_count = 0", ""),
            ("retry_count = 101", "contact.retry_count: 101 is not allowed: 0 to 100"),
            ("retry_interval = \"P1DT2H\"", ""),
            ("retry_interval = \"15m\"", &format!("contact.retry_interval: \"15m\" is not allowed: {interval}")),
            ("retry_interval = \"PT0S\"", &format!("contact.retry_interval: \"PT0S\" is not allowed: {interval}")),
            ("retry_interval = \"P1M\"", &format!("contact.retry_interval: \"P1M\" is not allowed: {interval}")),
            ("retry_interval = \"pt15m\"", &format!("contact.retry_interval: \"pt15m\" is not allowed: {interval}")),
        ],
    );
}

#[test]
fn sms() {
    let template = "1 to 1600 characters, none of them control characters but line breaks; in braces only {date} {time} {reference} {contact_id}";
    let hours = "HH:MM-HH:MM, as in \"08:00-21:00\", or \"always\"";
    check(
        "sms",
        &[
            ("from = \"+442079460000\"", ""),
            (
                "from = \"8005551234\"",
                "sms.from: \"8005551234\" is not allowed: a number in E.164 form, as in \"+18005551234\"",
            ),
            ("hours = \"always\"", ""),
            ("hours = \"8am-9pm\"", &format!("sms.hours: \"8am-9pm\" is not allowed: {hours}")),
            ("hours = \"08:00-08:00\"", &format!("sms.hours: \"08:00-08:00\" is not allowed: {hours}")),
            (
                "default_language = \"en_US\"",
                "sms.default_language: \"en_US\" is not allowed: a language tag (BCP 47), as in \"en-US\"",
            ),
            (
                "default_language = \"fr\"",
                "sms.default_language: \"fr\" is not allowed: a language with a text in sms.templates, which has en",
            ),
            ("on_no_answer = \"again\"", "sms.on_no_answer: \"again\" is not allowed: \"hold\" or \"resend\""),
            ("templates.es = \"{date} {time} {reference} {contact_id}\"", ""),
            ("templates.es = \" \"", &format!("sms.templates.es: \" \" is not allowed: {template}")),
            ("templates.es = \"{tme}\"", &format!("sms.templates.es: \"{{tme}}\" is not allowed: {template}")),
            ("templates.es = \"{date\"", &format!("sms.templates.es: \"{{date\" is not allowed: {template}")),
            ("templates.es = \"date}\"", &format!("sms.templates.es: \"date}}\" is not allowed: {template}")),
            ("templates.es = \"date}{\"", &format!("sms.templates.es: \"date}}{{\" is not allowed: {template}")),
            (
                "templates.EN = \"x\"",
                "sms.templates.EN: EN is not allowed: en is the same language, and may stand once",
            ),
            ("templates.es = 5", &format!("sms.templates.es: 5 is not allowed: {template}")),
            ("templates.e = \"x\"", "sms.templates.e: e is not allowed: a language tag (BCP 47), as in en or pt-BR"),
        ],
    );
}

#[test]
fn retry_and_forecast() {
    let wait = "two durations from 0s to 1h, the lower first, as in [\"5s\", \"30s\"]";
    check(
        "retry",
        &[
            ("max_attempts = 100", ""),
            ("max_attempts = 0", "retry.max_attempts: 0 is not allowed: 1 to 100"),
            ("server_error_wait = [\"0s\", \"0s\"]", ""),
            (
                "server_error_wait = [\"30s\", \"5s\"]",
                &format!("retry.server_error_wait: [\"30s\", \"5s\"] is not allowed: {wait}"),
            ),
            ("server_error_wait = [\"30s\"]", &format!("retry.server_error_wait: [\"30s\"] is not allowed: {wait}")),
            ("server_error_wait = \"30s\"", &format!("retry.server_error_wait: \"30s\" is not allowed: {wait}")),
            ("give_up_after = \"0s\"", "retry.give_up_after: \"0s\" is not allowed: 1s to 24h, as in \"1h30m\""),
        ],
    );
    check(
        "forecast",
        &[
            ("max_range = \"1h\"", ""),
            ("max_range = \"30m\"", "forecast.max_range: \"30m\" is not allowed: 1h to 168h, as in \"1h30m\""),
            ("max_range = \"90m\"", "forecast.max_range: \"90m\" is not allowed: whole hours, as in \"24h\""),
        ],
    );
}

#[test]
fn campaigns() {
    check(
        "campaigns.\"a.1\"",
        &[
            ("timezone = \"UTC\"\nsms_from = \"+18005551234\"\ncalls_per_agent_hour = 8", ""),
            ("hours = \"night\"", "campaigns.a.1.hours: \"night\" is not allowed: the name of a table [hours.NAME]"),
            (
                "calls_per_agent_hour = -1",
                "campaigns.a.1.calls_per_agent_hour: -1 is not allowed: a number above 0, up to 10000",
            ),
            ("hour = \"night\"", "campaigns.a.1.hour: no such key; the nearest known is campaigns.a.1.hours"),
        ],
    );
    let error = Case::file("[campaigns.secret]\nhour = \"x\"").error();
    assert_eq!(
        error,
        "ringback.toml:2: campaigns.secret.hour: no such key; the nearest known is campaigns.secret.hours"
    );
    let error = Case::file("[campaigns.\" a\"]").error();
    assert!(error.contains("an id that is not empty and has no spaces around it"), "{error}");
}

#[test]
fn keys_and_secrets() {
    let secret = "a secret does not stand in settings or flags; set platform.client_secret_file, \
                  platform.client_secret_command or the variable CXONE_CLIENT_SECRET";
    check(
        "platform",
        &[
            ("client_secret = \"s3cret\"", &format!("platform.client_secret: {secret}")),
            ("password = \"s3cret\"", &format!("platform.password: {secret}")),
            ("client_secret_variable = \"X\"", &format!("platform.client_secret_variable: {secret}")),
            (
                "request_per_minute = 5",
                "platform.request_per_minute: no such key; the nearest known is platform.requests_per_minute",
            ),
            (
                "\"a\\u001b[2J\" = 5",
                "platform.a\u{fffd}[2J: no such key; known here are region, base_url, client_id, client_secret_file, \
                 client_secret_command, requests_per_minute, concurrency, timeout, proxy, ca_file, contact_ids",
            ),
        ],
    );
    for (text, error) in [
        ("concurrency = 5", "ringback.toml:1: concurrency: no such key; the nearest known is platform.concurrency"),
        ("\n[platfrom]\nx = 1", "ringback.toml:2: platfrom: no such key; the nearest known is platform"),
        ("platform = 5", "ringback.toml:1: platform: the value is not allowed: a table"),
        (
            "ledger = \"\"",
            "ringback.toml:1: ledger: \"\" is not allowed: the path of a file, relative to the settings file",
        ),
    ] {
        assert_eq!(Case::file(text).error(), error);
    }
}

#[test]
fn what_is_not_toml() {
    for (text, error) in [
        ("a = 1\n\n[platform\n", "ringback.toml:3:10: unclosed table, expected `]`"),
        ("é = 1", "ringback.toml:1:1: "),
        ("[platform]\nclient_secret = \"s3cret\n", "ringback.toml:2:24: invalid basic string, expected `\"`"),
        ("[platform]\n[platform]\n", "ringback.toml:2:2: duplicate key"),
        ("[platform]\ntimeout = \"1s\"\ntimeout = \"2s\"\n", "ringback.toml:3:1: duplicate key"),
    ] {
        let found = Case::file(text).error();
        assert!(found.starts_with(error) && !found.contains("s3cret"), "{found}");
    }
    let latin = Case::empty().with_file("ringback.toml", b"ledger = 1\n# \xe9");
    assert_eq!(latin.error(), "ringback.toml:2:3: not UTF-8");
    let large = Case::empty().with_file("ringback.toml", vec![b'#'; (1 << 20) + 1]);
    assert_eq!(large.error(), "ringback.toml: the settings file cannot be read: it is larger than 1048576 bytes");
}

#[test]
fn a_byte_order_mark_and_crlf_are_ordinary() {
    let case = Case::file("\u{feff}[platform]\r\nconcurrency = 3\r\n");
    let settings = case.settings();
    assert_eq!(settings.platform.concurrency, 3);
    assert_eq!(case.bare(&settings.origin("platform.concurrency").unwrap().to_string()), "ringback.toml:2");
}
