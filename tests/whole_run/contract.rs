//! The contract on the wire, read from its own description, and the schema of `summary.json`.

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
    fits(&serde_json::from_str(schema).unwrap(), summary);
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
fn a_body_beside_the_contract_is_seen() {
    let noted = |body: &str| json!({ "method": "POST", "path": "/oauth/token", "query": "", "body": body });
    request(&noted("grant_type=client_credentials"));
    assert!(std::panic::catch_unwind(|| request(&noted("grant_type=password"))).is_err());
    let text = json!({ "to": "+1", "from": "+1", "message": "m", "channels": ["fax"] }).to_string();
    let noted = json!({ "method": "POST", "path": "/api/v2/messaging/sessions", "query": "", "body": text });
    assert!(std::panic::catch_unwind(|| request(&noted)).is_err());
}
