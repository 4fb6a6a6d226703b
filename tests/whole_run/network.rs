//! Certificates and proxies: what is trusted, what is asked, and what a run does where either is wrong.

use crate::export::wishes;
use crate::stage::{Ended, Stage, files};
use crate::tunnel::{Front, Proxy, fixture, nobody};

/// A platform that only the proxy can find.
const FAR: &str = "https://platform.example";

/// A user and a password that nobody may see, as they are typed, and as HTTP sends them.
const USER: &str = "ada:s3cret-7f3c";
const USER_CODED: &str = "YWRhOnMzY3JldC03ZjNj";

/// A stage with a night, the platform of which stands at an address.
fn at(stage: Stage, base_url: &str) -> Stage {
    stage.export("night.csv", &wishes(3));
    let ca_file = fixture("authority.pem");
    let stage = stage.with("RINGBACK_RETRY_GIVE_UP_AFTER", "1m");
    stage.with("RINGBACK_PLATFORM_BASE_URL", base_url).with("RINGBACK_PLATFORM_CA_FILE", ca_file.to_str().unwrap())
}

/// A stage, the platform of which is found by a proxy with these answers.
fn behind(answers: &'static [&'static str]) -> (Stage, Proxy) {
    let stage = Stage::calm();
    let front = Front::before(stage.sandbox().address(), "server");
    let proxy = Proxy::to(front.address, answers);
    (at(stage, FAR), proxy)
}

/// All three customers have one contact and one text.
#[track_caller]
fn is_done(stage: &Stage) {
    let (report, state) = (stage.report(), stage.state());
    assert_eq!((report.count("confirmed"), state.contacts().len(), state.texts().len()), (3, 3, 3));
}

#[test]
fn a_certificate_that_is_not_trusted_stops_a_run_until_it_is() {
    for (certificate, authority, words) in [
        ("server", "stranger", ["signed by nobody whom this machine trusts", "platform.ca_file"]),
        ("expired", "authority", ["has expired", "check the clock"]),
        ("early", "authority", ["is not valid yet", "set the clock"]),
        ("elsewhere", "authority", ["is for another name", "platform.base_url"]),
    ] {
        let stage = Stage::calm();
        let front = Front::before(stage.sandbox().address(), certificate);
        let stage = at(stage, &format!("https://{}", front.address));
        let wrong = fixture(&format!("{authority}.pem"));
        let told = |args: &[&str]| {
            let mut command = stage.command(args);
            let ended = Ended::of(command.env("RINGBACK_PLATFORM_CA_FILE", &wrong)).with(78);
            ended.says(&words);
            ended.says(&["the certificate of 127.0.0.1"]);
        };
        told(&["run", "night.csv", "-o", "out", "--rate", "100000"]);
        assert_eq!(stage.report().count("pending"), 3, "{certificate}");
        told(&["doctor"]);
        assert_eq!(stage.state().asked_in_all(), 0);
        front.shows("server");
        stage.ringback(&["resume", "-o", "out", "--rate", "100000"]).with(0);
        is_done(&stage);
    }
}

#[test]
fn a_certificate_that_ends_in_mid_run_leaves_the_rest_to_the_next_and_nothing_twice() {
    let stage = Stage::new(serde_json::json!({ "latency_ms": 20 }));
    let front = Front::before(stage.sandbox().address(), "server");
    let stage = at(stage, &format!("https://{}", front.address));
    stage.export("night.csv", &wishes(60));
    let mut running = stage.start(&["night.csv", "--concurrency", "8"]);
    running.until(|state| state.texts().len() > 3);
    front.shows("expired");
    running.end().with(78).says(&["the certificate of 127.0.0.1 has expired"]);
    let report = stage.report();
    assert_eq!(report.count("confirmed") + report.count("pending"), 60, "{}", report.summary);
    front.shows("server");
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_file_of_authorities_lies_beside_the_settings() {
    let stage = Stage::calm();
    let front = Front::before(stage.sandbox().address(), "server");
    let stage = stage.tables("[platform]\nca_file = \"ca.pem\"\n");
    stage.export("night.csv", &wishes(3));
    let stage = stage.with("RINGBACK_PLATFORM_BASE_URL", &format!("https://localhost:{}", front.address.port()));
    let refused = |words: &str| {
        stage.run(&["night.csv"]).with(78).says(&["ca.pem", words]);
        stage.ringback(&["doctor"]).with(78).says(&["certificates", "ca.pem", words]);
        assert!(!stage.path("ringback.db").exists());
    };
    refused("No such file");
    stage.put("ca.pem", "not PEM");
    refused("holds no certificate");
    std::fs::copy(fixture("authority.pem"), stage.path("ca.pem")).unwrap();
    stage.ringback(&["doctor"]).says(&["by the system's, and 1 of platform.ca_file"]);
    stage.run(&["night.csv"]).with(0);
    is_done(&stage);
}

#[test]
fn variables_that_name_no_authorities_are_told() {
    let stage = at(Stage::calm(), &format!("https://{}", nobody()));
    let check = |name: &str, value: &str| {
        let mut command = stage.command(&["run", "night.csv", "-o", "out"]);
        let ended = Ended::of(command.env(name, value)).with(78);
        ended.says(&[&format!("{name}: "), value, &format!("unset {name}")]);
    };
    check("SSL_CERT_FILE", "/nowhere/ca.pem");
    check("SSL_CERT_DIR", "/nowhere");
    let authority = fixture("authority.pem");
    let trusting = stage.with("SSL_CERT_FILE", authority.to_str().unwrap());
    trusting.ringback(&["config"]).with(0).says(&[&format!("SSL_CERT_FILE={}", authority.display())]);
    trusting.ringback(&["doctor"]).says(&[&format!("by SSL_CERT_FILE={}", authority.display())]);
}

#[test]
fn a_proxy_leads_to_the_platform_and_its_password_is_seen_nowhere() {
    let (stage, proxy) = behind(&["200 OK"]);
    let named = format!("http://{USER}@{}", proxy.address);
    let shown = format!("http://***@{}", proxy.address);
    let stage = stage.with("HTTPS_PROXY", &named);
    let mut told = String::new();
    for args in [&["config"][..], &["config", "--json"], &["doctor"]] {
        let ended = stage.ringback(args).with(0);
        ended.says(&[&shown, "HTTPS_PROXY"]);
        told += &(ended.stdout + &ended.stderr);
    }
    let ended = stage.run(&["night.csv", "-vv"]).with(0);
    is_done(&stage);
    for asked in proxy.asked() {
        let asked = asked.to_ascii_lowercase();
        assert!(asked.starts_with("connect platform.example:443 "), "{asked}");
        assert!(asked.contains(&format!("proxy-authorization: basic {}", USER_CODED.to_ascii_lowercase())), "{asked}");
    }
    let mut seen = vec![(told + &ended.stdout + &ended.stderr).into_bytes()];
    seen.extend(files(&stage.path("")).iter().map(|file| std::fs::read(file).unwrap()));
    for bytes in seen {
        for secret in [USER, "s3cret", USER_CODED] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn a_setting_counts_more_than_the_machines_variables() {
    let (stage, proxy) = behind(&["200 OK"]);
    let nobody = format!("http://{}", nobody());
    let stage = stage.tables(&format!("[platform]\nproxy = \"http://{}\"\n", proxy.address));
    let stage = stage.with("https_proxy", &nobody).with("NO_PROXY", "*");
    stage.ringback(&["config"]).with(0).says(&[&format!("proxy = \"http://{}\"", proxy.address), "ringback.toml:"]);
    stage.run(&["night.csv"]).with(0);
    is_done(&stage);
    let stage = stage.with("RINGBACK_PLATFORM_PROXY", &nobody);
    stage.ringback(&["config"]).with(0).says(&["RINGBACK_PLATFORM_PROXY"]);
}

#[test]
fn a_proxy_that_speaks_socks_finds_the_platform_too() {
    let stage = Stage::calm();
    let front = Front::before(stage.sandbox().address(), "server");
    let proxy = Proxy::socks(front.address, 0);
    let stage = at(stage, FAR).with("ALL_PROXY", &format!("socks5h://{}", proxy.address));
    stage.run(&["night.csv"]).with(0);
    is_done(&stage);
    assert!(proxy.asked().iter().all(|host| host == "platform.example"));
    let forbids = Proxy::socks(front.address, 2);
    let stage = at(Stage::calm(), FAR).with("ALL_PROXY", &format!("socks5h://{}", forbids.address));
    stage.run(&["night.csv"]).with(78).says(&["(ALL_PROXY) opens no way to platform.example"]);
    let stage = at(Stage::calm(), FAR).with("ALL_PROXY", &format!("socks5h://{}", nobody()));
    stage.ringback(&["doctor"]).with(4).says(&["(ALL_PROXY) cannot be reached"]);
}

#[test]
fn a_platform_that_no_proxy_names_is_reached_without() {
    let stage = Stage::calm();
    let front = Front::before(stage.sandbox().address(), "server");
    let stage = at(stage, &format!("https://{}", front.address));
    let stage = stage.with("HTTPS_PROXY", &format!("http://{}", nobody())).with("no_proxy", "example.com, 127.0.0.0/8");
    stage.ringback(&["config"]).with(0).says(&["HTTPS_PROXY, not used: no_proxy names the platform"]);
    stage.ringback(&["doctor"]).with(0).says(&["not used: no_proxy names the platform"]);
    stage.run(&["night.csv"]).with(0);
    is_done(&stage);
}

#[test]
fn plain_http_to_this_machine_uses_no_proxy_whatever_is_named() {
    let named = format!("http://{}", nobody());
    let stage = Stage::calm().with("HTTP_PROXY", &named).with("HTTPS_PROXY", "ftp://wrong").with("ALL_PROXY", &named);
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0);
    is_done(&stage);
    let stage = stage.with("RINGBACK_PLATFORM_PROXY", &named);
    stage.ringback(&["config"]).with(0).says(&["RINGBACK_PLATFORM_PROXY, not used: http:// to this machine"]);
    stage.ringback(&["run", "--sandbox", "night.csv", "-o", "rehearsed"]).with(0);
}

#[test]
fn a_proxy_that_cannot_be_one_is_told_before_anything_is_sent() {
    let stage = at(Stage::calm(), FAR);
    for name in ["RINGBACK_PLATFORM_PROXY", "HTTPS_PROXY"] {
        let mut command = stage.command(&["run", "night.csv", "-o", "out"]);
        let ended = Ended::of(command.env(name, format!("ftp://{USER}@proxy.example"))).with(78);
        ended.says(&[&format!("{name}: platform.proxy: the value is not allowed"), "socks5h://"]);
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
        assert!(!stage.path("ringback.db").exists());
    }
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named_and_tried_again() {
    let nobody = nobody();
    let stage = at(Stage::calm(), FAR).with("HTTPS_PROXY", &format!("http://{USER}@{nobody}"));
    let stage = stage.with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s").with("RINGBACK_RETRY_MAX_ATTEMPTS", "3");
    let ended = stage.run(&["night.csv"]).with(4);
    ended.says(&[&format!("the proxy http://***@{nobody} (HTTPS_PROXY) cannot be reached"), "refused"]);
    let summary = stage.report().summary;
    let tries = summary["requests"]["token"].as_u64().unwrap();
    assert!(tries > 1);
    let cell = &summary["answers"][0];
    assert_eq!((cell["step"].as_str(), cell["came"].as_str()), (Some("token"), Some("not_sent")), "{summary}");
    assert_eq!(cell["not_done"].as_u64(), Some(tries));
    let ended = stage.ringback(&["doctor"]).with(4);
    ended.says(&[&format!("http://***@{nobody} (HTTPS_PROXY)")]);
}

#[test]
fn a_proxy_that_refuses_stops_a_run() {
    for (answers, user, words) in [
        (&["407 Proxy Authentication Required"], "", "asks for a user and password (407)"),
        (
            &["407 Proxy Authentication Required"],
            "ada:x@",
            "does not accept the user and password in its address (407)",
        ),
        (&["403 Forbidden"], "", "opens no way to platform.example"),
    ] {
        let stage = Stage::calm();
        let proxy = Proxy::to(stage.sandbox().address(), answers);
        let stage = at(stage, FAR).with("HTTPS_PROXY", &format!("http://{user}{}", proxy.address));
        let named = format!("{} (HTTPS_PROXY) {words}", proxy.address);
        stage.run(&["night.csv"]).with(78).says(&[&named]);
        assert_eq!((stage.report().count("pending"), proxy.asked().len()), (3, 1), "{words}");
        stage.ringback(&["doctor"]).with(78).says(&[&named]);
    }
}

#[test]
fn a_proxy_that_opened_a_way_before_and_then_does_not_is_tried_again() {
    let (stage, proxy) = behind(&["200 OK", "200 OK", "502 Bad Gateway", "503 Later", "200 OK"]);
    let stage = stage.with("HTTPS_PROXY", &format!("http://{}", proxy.address));
    stage.run(&["night.csv", "--concurrency", "1"]).with(0);
    is_done(&stage);
    assert!(proxy.asked().len() > 8, "each request has a way of its own");
}
