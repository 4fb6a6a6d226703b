//! What beats what, where files are found, and what only some commands need.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::exit::Ending;
use crate::domain::exit::ExitCode;
use crate::domain::phone::E164;
use crate::domain::zone::Zone;
use crate::io::platform::SecretSource;

use super::super::{Origin, Overrides, SettingsError, load};
use super::Case;

const RATE: &str = "platform.requests_per_minute";

#[test]
fn flags_beat_environment_beat_file_beat_defaults() {
    let layers: [fn(Case) -> Case; 3] = [
        |case| case.with_file("ringback.toml", "\n[platform]\nrequests_per_minute = 200"),
        |case| case.with_variable("RINGBACK_PLATFORM_REQUESTS_PER_MINUTE", "300"),
        |case| case.with_flags(Overrides { rate: Some(400), ..Overrides::default() }),
    ];
    let (mut case, mut seen) = (Case::empty(), Vec::new());
    let mut look = |case: &Case| {
        let settings = case.settings();
        let origin = settings.origin(RATE).unwrap().to_string();
        seen.push((settings.platform.requests_per_minute, case.bare(&origin)));
    };
    look(&case);
    for layer in layers {
        case = layer(case);
        look(&case);
    }
    let expected =
        [(100, "default"), (200, "ringback.toml:3"), (300, "RINGBACK_PLATFORM_REQUESTS_PER_MINUTE"), (400, "--rate")];
    assert_eq!(seen, expected.map(|(rate, origin)| (rate, origin.to_owned())));
}

#[test]
fn the_environment_sets_every_kind_of_key() {
    let settings = Case::empty()
        .with_variable("RINGBACK_LEDGER", "calls.db")
        .with_variable("RINGBACK_SMS_ENABLED", "false")
        .with_variable("RINGBACK_SMS_FROM", "+18005550000")
        .with_variable("RINGBACK_PLACEMENT_CALLS_PER_AGENT_HOUR", "12")
        .with_variable("RINGBACK_RETRY_SERVER_ERROR_WAIT", "[\"1s\", \"2s\"]")
        .with_variable("RINGBACK_PLATFORM_CLIENT_ID", "1234")
        .with_variable("RINGBACK_PLATFORM_TIMEOUT", "")
        .with_variable("RINGBACK_LOG", "debug")
        .with_variable("RINGBACK_CRASH_AT", "intent")
        .with_variable("HOME", "")
        .settings();
    assert!(settings.ledger.ends_with("calls.db") && !settings.sms.enabled);
    assert_eq!(settings.sms.from.map(E164::reveal).as_deref(), Some("+18005550000"));
    assert!((settings.placement.calls_per_agent_hour - 12.0).abs() < f64::EPSILON);
    assert_eq!(settings.retry.server_error_wait.1.as_secs(), 2);
    assert_eq!(settings.platform.client_id.as_deref(), Some("1234"));
    assert_eq!(settings.origin("platform.timeout"), Some(&Origin::Default));
}

#[test]
fn the_environment_is_judged_like_a_file() {
    for (name, value, error) in [
        (
            "RINGBACK_PLATFORM_CONCURRENCY",
            "0",
            "RINGBACK_PLATFORM_CONCURRENCY: platform.concurrency: 0 is not allowed: 1 to 1024",
        ),
        (
            "RINGBACK_PLATFORM_CONCURRENCY",
            "a lot",
            "RINGBACK_PLATFORM_CONCURRENCY: platform.concurrency: a lot is not allowed: 1 to 1024",
        ),
        ("RINGBACK_SMS_ENABLED", "yes", "RINGBACK_SMS_ENABLED: sms.enabled: yes is not allowed: true or false"),
        (
            "RINGBACK_PLATFORM_RATE",
            "5",
            "RINGBACK_PLATFORM_RATE: no such setting; they are named as RINGBACK_PLATFORM_CONCURRENCY for platform.concurrency",
        ),
        (
            "RINGBACK_PLATFORM_CLIENT_SECRET",
            "s3cret",
            "RINGBACK_PLATFORM_CLIENT_SECRET: platform.client_secret: a secret does not stand in settings or flags; \
             set platform.client_secret_file, platform.client_secret_command or the variable CXONE_CLIENT_SECRET",
        ),
    ] {
        assert_eq!(Case::empty().with_variable(name, value).error(), error);
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let mut around = Case::empty().surroundings();
    let latin = OsString::from_vec(b"caf\xe9".to_vec());
    around.variables.insert("RINGBACK_PLATFORM_REGION".into(), latin);
    let error = load(None, &Overrides::default(), &around).unwrap_err().to_string();
    assert_eq!(
        error,
        "RINGBACK_PLATFORM_REGION: platform.region: a text that is not UTF-8 is not allowed: \
         lower-case letters, digits and -, as in \"us\""
    );
}

#[test]
fn a_higher_layers_way_replaces_a_lower_ones() {
    let file = "[platform]\nregion = \"us\"\nclient_id = \"filed\"\nclient_secret_file = \"secret.txt\"";
    let case = Case::file(file);
    let (_, platform) = case.settings().platform().unwrap();
    assert_eq!(platform.base_url, "https://api.us.conversationalcloud.com");
    let file = case.folder.path().join("secret.txt");
    assert!(matches!(platform.credentials.secret, SecretSource::File(path) if path == file));
    let case = case
        .with_variable("RINGBACK_PLATFORM_BASE_URL", "https://example.com/")
        .with_variable("CXONE_CLIENT_ID", "own")
        .with_variable("CXONE_CLIENT_SECRET", "s3cret");
    let (owner, platform) = case.settings().platform().unwrap();
    assert_eq!((platform.base_url.as_str(), owner.client_id.as_str()), ("https://example.com", "own"));
    assert_eq!(platform.credentials.client_id, "own");
    assert!(matches!(&platform.credentials.secret, SecretSource::Env(name) if name == "CXONE_CLIENT_SECRET"));
    assert!(!format!("{platform:?}").contains("s3cret"));
}

#[test]
fn what_is_missing_is_said_with_the_ways_to_set_it() {
    let case = Case::file("[platform]\nregion = \"us\"");
    assert_eq!(
        case.bare(&case.settings().platform().unwrap_err().to_string()),
        "ringback.toml: not set: platform.client_id (or CXONE_CLIENT_ID); \
         platform.client_secret_file (or platform.client_secret_command, or CXONE_CLIENT_SECRET)"
    );
    let case = Case::empty()
        .with_variable("CXONE_CLIENT_ID", "x")
        .with_variable("CXONE_CLIENT_SECRET", "y")
        .with_variable("HOME", "/home/ada");
    assert_eq!(
        case.bare(&case.settings().platform().unwrap_err().to_string()),
        "no settings file (looked for ringback.toml and /home/ada/.config/ringback/ringback.toml): \
         not set: platform.region (or platform.base_url, or RINGBACK_PLATFORM_REGION)"
    );
    assert_eq!(Ending::from(case.settings().platform().unwrap_err()).code, ExitCode::Settings);
}

#[test]
fn a_sender_is_needed_by_campaigns_that_are_texted() {
    let case = Case::file("[campaigns.a]\nsms_from = \"+18005551234\"");
    assert!(case.settings().require_senders(["a"]).is_ok());
    assert_eq!(
        case.bare(&case.settings().require_senders(["a", "b", "c"]).unwrap_err().to_string()),
        "ringback.toml: not set: sms.from (or RINGBACK_SMS_FROM, or sms_from of each campaign, \
         or sms.enabled = false), needed by campaign b, c"
    );
    assert!(Case::file("sms.enabled = false").settings().require_senders(["b"]).is_ok());
    assert!(Case::file("sms.from = \"+18005551234\"").settings().require_senders(["b"]).is_ok());
}

#[test]
fn a_campaign_goes_by_its_own_before_the_common() {
    let settings = Case::file(
        "validation.timezone = \"UTC\"\n[hours.default]\ntimezone = \"America/Denver\"\nmon = []\n\
         [hours.night]\ntimezone = \"Asia/Tokyo\"\nmon = []\n[campaigns.a]\nhours = \"night\"\n\
         [campaigns.b]\ntimezone = \"Europe/Paris\"\ncalls_per_agent_hour = 4",
    )
    .settings();
    for (campaign, zone, hours, calls) in [
        ("a", "Asia/Tokyo", "Asia/Tokyo", 10.0),
        ("b", "Europe/Paris", "America/Denver", 4.0),
        ("c", "America/Denver", "America/Denver", 10.0),
    ] {
        assert_eq!(settings.timezone_for(campaign).and_then(Zone::name), Some(zone));
        assert_eq!(settings.hours_for(campaign).unwrap().typed.timezone, hours);
        assert!((settings.calls_per_agent_hour_for(campaign) - calls).abs() < f64::EPSILON);
    }
    let bare = Case::file("validation.timezone = \"UTC\"").settings();
    assert_eq!((bare.timezone_for("a").and_then(Zone::name), bare.hours_for("a")), (Some("UTC"), None));
}

#[test]
fn the_file_is_found_by_name_here_or_in_the_config_folder() {
    let concurrency =
        |case: &Case, named| case.load_named(named).map(|settings| settings.platform.concurrency).unwrap();
    let mut case = Case::empty()
        .with_file("ringback.toml", "platform.concurrency = 1")
        .with_file("conf/own.toml", "platform.concurrency = 2")
        .with_file("xdg/ringback/ringback.toml", "platform.concurrency = 3")
        .with_file("home/.config/ringback/ringback.toml", "platform.concurrency = 4");
    let at = |case: &Case, name: &str| -> &'static str {
        Box::leak(format!("{}/{name}", case.folder.path().display()).into())
    };
    let (xdg, home) = (at(&case, "xdg"), at(&case, "home"));
    case = case.with_variable("XDG_CONFIG_HOME", xdg).with_variable("HOME", home);
    assert_eq!(concurrency(&case, Some("conf/own.toml")), 2);
    assert_eq!(concurrency(&case, None), 1);
    std::fs::remove_file(case.folder.path().join("ringback.toml")).unwrap();
    assert_eq!(concurrency(&case, None), 3);
    case.variables.remove(0);
    assert_eq!(concurrency(&case, None), 4);
    case = case.with_variable("XDG_CONFIG_HOME", "relative");
    assert_eq!(concurrency(&case, None), 4);
    let missing = case.load_named(Some("none.toml")).unwrap_err();
    assert_eq!(case.bare(&missing.to_string()), "none.toml: the settings file is not there");
    let folder = case.load_named(Some("conf")).unwrap_err();
    assert!(matches!(folder, SettingsError::Unreadable { .. }), "{folder}");
    let (alone, chained) = (folder.to_string(), format!("{:#}", anyhow::Error::from(folder)));
    assert_eq!(alone, chained);
    assert_eq!(alone.matches("directory").count(), 1, "{alone}");
}

#[test]
fn the_ledger_stands_beside_the_settings_unless_said_otherwise() {
    let case = Case::empty()
        .with_file("conf/own.toml", "")
        .with_file("conf/named.toml", "ledger = \"../calls.db\"")
        .with_file("conf/absolute.toml", "ledger = \"/var/calls.db\"");
    let ledger = |case: &Case, named| case.load_named(named).unwrap().ledger;
    let folder = case.folder.path().to_owned();
    assert_eq!(ledger(&case, None), folder.join("ringback.db"));
    assert_eq!(ledger(&case, Some("conf/own.toml")), folder.join("conf/ringback.db"));
    assert_eq!(ledger(&case, Some("conf/named.toml")), folder.join("conf/../calls.db"));
    assert_eq!(ledger(&case, Some("conf/absolute.toml")), PathBuf::from("/var/calls.db"));
    let case = case.with_variable("RINGBACK_LEDGER", "env.db");
    assert_eq!(ledger(&case, Some("conf/named.toml")), folder.join("env.db"));
    let case = case.with_flags(Overrides { ledger: Some("flag.db".into()), ..Overrides::default() });
    assert_eq!(ledger(&case, Some("conf/named.toml")), folder.join("flag.db"));
    assert_eq!(case.settings().origin("ledger"), Some(&Origin::Flag("--ledger")));
}

#[test]
fn a_rehearsal_is_one_platform_at_any_port() {
    let case = Case::file("[platform]\nregion = \"us\"\nclient_id = \"real\"\nrequests_per_minute = 50");
    let settings = case.settings().for_sandbox("http://127.0.0.1:4242").unwrap();
    let (owner, platform) = settings.platform().unwrap();
    assert_eq!((platform.base_url.as_str(), owner.platform.as_str()), ("http://127.0.0.1:4242", "sandbox"));
    let client_ids = (owner.client_id.as_str(), platform.credentials.client_id.as_str());
    assert_eq!((client_ids, settings.platform.requests_per_minute), (("sandbox", "sandbox"), 6000));
    assert!(matches!(platform.credentials.secret, SecretSource::Fixed(_)));
    assert_eq!(settings.sms.hours.to_string(), "always");
    assert_eq!(settings.sms.from.map(E164::reveal).as_deref(), Some("+18005551234"));
    let slow = case.with_flags(Overrides { rate: Some(7), ..Overrides::default() });
    assert_eq!(slow.settings().for_sandbox("http://127.0.0.1:1").unwrap().platform.requests_per_minute, 7);
    assert!(slow.settings().for_sandbox("http://example.com").is_err());
}
