//! The contract on the wire, read from its own description, and the schemas of what is printed for machines.

use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::Url;
use serde_json::{Map, Value, json};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let yaml = include_str!("../../fixtures/platform/openapi.yaml");
    serde_saphyr::from_str(yaml).expect("the contract is YAML")
});

/// Holds a summary against its published schema.
pub(crate) fn summary(summary: &Value) {
    let schema = include_str!("../../src/render/summary.schema.json");
    fits(&closed(serde_json::from_str(schema).unwrap(), Whole::Yes), summary);
}

/// Holds what a command printed with `--json` against the schema of its output.
pub(crate) fn printed(args: &[&str], stdout: &str) {
    let has = |word: &str| args.contains(&word);
    if stdout.is_empty() || !(has("--json") || args.windows(2).any(|pair| pair == ["--format", "json"])) {
        return;
    }
    let format = args.windows(2).find(|pair| pair[0] == "--format").map(|pair| pair[1]);
    let parsed = || serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
    match (args[0], format) {
        ("run" | "resume" | "plan" | "validate", _) | ("report", None | Some("json")) => summary(&parsed()),
        // Rows are lines, and have the columns of their table.
        ("report", Some("ndjson")) if !has("-o") && !has("--out") => {}
        ("report", Some(_)) => output("written", &parsed()),
        ("runs", _) if has("--dismiss") => output("run", &parsed()),
        ("unpause", _) => output("pause", &parsed()),
        ("ledger", _) => output("adopt", &parsed()),
        (command, _) => output(command, &parsed()),
    }
}

fn output(name: &str, printed: &Value) {
    let mut schema: Value = serde_json::from_str(include_str!("../../src/render/outputs.schema.json")).unwrap();
    assert!(schema["$defs"][name].is_object(), "there is no schema of what {name} prints");
    schema["$ref"] = format!("#/$defs/{name}").into();
    fits(&closed(schema, Whole::Yes), printed);
}

/// Whether a schema says all of an object, or is part of one that does.
#[derive(Clone, Copy, PartialEq)]
enum Whole {
    Yes,
    No,
}

/// The same schema, refusing what it does not name: readers must know of each key.
fn closed(mut schema: Value, whole: Whole) -> Value {
    let Value::Object(map) = &mut schema else { return schema };
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(of)) => of.values_mut().for_each(|of| *of = closed(of.take(), Whole::Yes)),
            ("items" | "additionalProperties", of) => *of = closed(of.take(), Whole::Yes),
            ("$defs", Value::Object(of)) => of.values_mut().for_each(|of| *of = closed(of.take(), Whole::No)),
            ("allOf", Value::Array(of)) => of.iter_mut().for_each(|of| *of = closed(of.take(), Whole::No)),
            _ => {}
        }
    }
    let is_described = ["properties", "$ref", "allOf"].iter().any(|key| map.contains_key(*key));
    if whole == Whole::Yes && is_described && !map.contains_key("additionalProperties") {
        map.insert("unevaluatedProperties".to_owned(), false.into());
    }
    schema
}

/// Holds a request, as the platform noted it, against the contract.
pub(crate) fn request(request: &Value) {
    let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
    let operation = operation(method, path);
    let body = request["body"].as_str().unwrap();
    let query = request["query"].as_str().unwrap();
    if let Some(parameters) = operation["parameters"].as_array() {
        fits(&query_schema(parameters), &pairs(query));
    } else {
        assert_eq!(query, "", "{path} takes no query");
    }
    let content = &operation["requestBody"]["content"];
    if let Some(form) = content.get("application/x-www-form-urlencoded") {
        fits(&form["schema"], &pairs(body));
    } else if let Some(json) = content.get("application/json") {
        fits(&json["schema"], &serde_json::from_str(body).unwrap());
    } else {
        assert_eq!(body, "", "{path} takes no body");
    }
}

/// Holds an answer against the contract.
pub(crate) fn answer(method: &str, path: &str, status: u16, body: &Value) {
    let mut answer = &operation(method, path)["responses"][status.to_string()];
    if let Some(place) = answer["$ref"].as_str() {
        answer = DESCRIPTION.pointer(place.trim_start_matches('#')).unwrap();
    }
    assert!(answer.is_object(), "{method} {path} does not answer {status}");
    fits(&answer["content"]["application/json"]["schema"], body);
}

fn operation(method: &str, path: &str) -> &'static Value {
    let operation = &DESCRIPTION["paths"][path][method.to_lowercase()];
    assert!(operation.is_object(), "the contract has no {method} {path}");
    operation
}

/// Queries hold text alone; what is not described must not be there.
fn query_schema(parameters: &[Value]) -> Value {
    let name = |parameter: &Value| parameter["name"].as_str().unwrap().to_owned();
    let properties: Map<_, _> = parameters.iter().map(|one| (name(one), one["schema"].clone())).collect();
    let required: Vec<_> = parameters.iter().filter(|one| one["required"] == true).map(name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// A query or form as an object. A key that is given twice is none of the contract's.
pub(crate) fn pairs(text: &str) -> Value {
    let url = Url::parse(&format!("http://localhost/?{text}")).unwrap();
    let mut pairs = Map::new();
    for (key, value) in url.query_pairs() {
        assert_eq!(pairs.insert(key.to_string(), value.into()), None, "{key} is given twice");
    }
    Value::Object(pairs)
}

fn fits(schema: &Value, instance: &Value) {
    let mut schema = schema.clone();
    schema["components"] = DESCRIPTION["components"].clone();
    let options = jsonschema::options().should_validate_formats(true);
    let validator: Validator = options.build(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(instance).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{instance:#}");
}

#[test]
fn a_key_that_is_renamed_added_or_missing_is_seen() {
    let check = |args: &[&str], value: &Value, is_good: bool| {
        let text = value.to_string();
        let caught = std::panic::catch_unwind(|| printed(args, &text)).is_err();
        assert_eq!(caught, !is_good, "{value:#}");
    };
    let of_check = |key: &str| {
        let mut check = json!({ "state": "ok", "found": "f", "mend": null });
        check[key] = "w".into();
        json!({ "exit_code": 0, "checks": [check] })
    };
    check(&["doctor", "--json"], &of_check("what"), true);
    check(&["doctor", "--json"], &of_check("which"), false);
    let mut more = of_check("what");
    more["checks"][0]["more"] = 1.into();
    check(&["doctor", "--json"], &more, false);
    let run = json!({
        "number": 1, "run_id": "01935a2e-0000-7000-8000-000000000001", "command": "run", "version": "0", "state": "running",
        "started_at": "2026-11-23T13:00:00Z", "finished_at": null, "exit_code": null, "rows": null, "by_status": {},
        "cut_off": null
    });
    check(&["runs", "--json"], &json!([run]), true);
    let mut more = run.clone();
    more["more"] = 1.into();
    check(&["runs", "--json"], &json!([more]), false);
    check(&["show", "--json"], &json!({ "callbacks": [], "runs": [run] }), true);
    check(&["show", "--json"], &json!({ "callbacks": [], "runs": [more] }), false);
}

#[test]
fn a_body_beside_the_contract_is_seen() {
    let noted = |body: &str| json!({ "method": "POST", "path": "/oauth/token", "query": "", "body": body });
    request(&noted("grant_type=client_credentials"));
    assert!(std::panic::catch_unwind(|| request(&noted("grant_type=password"))).is_err());
    let text = json!({ "to": "+1", "from": "+1", "message": "m", "channels": ["fax"] }).to_string();
    let noted = json!({ "method": "POST", "path": "/api/v2/messaging/sessions", "query": "", "body": text });
    assert!(std::panic::catch_unwind(|| request(&noted)).is_err());
}
