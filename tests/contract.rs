//! The contract as a document: `docs/contract` says what the types say, AsyncAPI's own schema takes it, and nothing that was released has
//! changed so that whoever keeps to it would notice. After a change that is meant: `LOBBYD_BLESS=1 cargo test --test contract`, and look at
//! what git says. `LOBBYD_RELEASE=1` besides, when it is released.

use lobbyd::service::contract::{asyncapi, closed, compare, documents};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract")
}

fn json_of(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// Every file that the types make, with its text.
fn files() -> Vec<(PathBuf, String)> {
    let schemas = documents().into_iter().map(|one| (folder().join(one.path), pretty(&one.schema)));
    schemas.chain([(folder().join("asyncapi.json"), pretty(&asyncapi()))]).collect()
}

#[test]
fn the_document_says_what_the_types_say() {
    let bless = std::env::var_os("LOBBYD_BLESS").is_some();
    let mut differ = Vec::new();
    for (path, text) in files() {
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        if bless {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            differ.push(path.display().to_string());
        }
    }
    let known: BTreeSet<PathBuf> = files().into_iter().map(|(path, _)| path).collect();
    for below in ["", "events", "commands", "guards"] {
        for entry in fs::read_dir(folder().join(below)).unwrap() {
            let path = entry.unwrap().path();
            let gone = path.extension().is_some_and(|ending| ending == "json")
                && !known.contains(&path)
                && !path.ends_with("released.json");
            match (gone, bless) {
                (true, true) => fs::remove_file(&path).unwrap(),
                (true, false) => differ.push(path.display().to_string()),
                (false, _) => {}
            }
        }
    }
    assert!(
        differ.is_empty(),
        "the types say something else than {differ:#?}\nIf that is meant: LOBBYD_BLESS=1 cargo test --test contract"
    );
}

#[test]
fn each_schema_is_one_and_refuses_nothing_that_a_later_version_may_add() {
    for one in documents() {
        let what = &one.path;
        jsonschema::meta::validate(&one.schema).unwrap_or_else(|error| panic!("{what}: {error}"));
        let open = one.schema.get("additionalProperties") != Some(&json!(false));
        // Of the office's mark the gateway reads what it knows.
        assert_eq!(open, one.side == compare::Side::Says || what == "ack.json", "{what}");
        let data = &one.schema["properties"]["data"];
        assert_ne!(data["additionalProperties"], json!(false), "{what}");
        assert!(one.schema["description"].as_str().is_some_and(|text| text.len() > 5), "{what} says nothing of itself");
        assert!(jsonschema::validator_for(&closed(&one.schema)).is_ok(), "{what}");
    }
}

/// The schema of AsyncAPI 3.0.0 is of the AsyncAPI initiative (npm `@asyncapi/specs`, Apache-2.0), beside it its licence.
#[test]
fn asyncapis_own_schema_takes_the_document() {
    let schema = json_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/asyncapi/3.0.0.json"));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> =
        validator.iter_errors(&asyncapi()).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut wrong = asyncapi();
    wrong["operations"]["tell-event"]["action"] = json!("shout");
    assert!(!validator.is_valid(&wrong), "a document that is wrong is noticed");
    // What AsyncAPI's parser asks for besides: each parameter of an address is described.
    for (name, channel) in wrong["channels"].as_object().unwrap() {
        let address = channel["address"].as_str().unwrap();
        let named: BTreeSet<&str> = address.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let described: BTreeSet<&str> = channel["parameters"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, described, "{name}");
    }
    for (_, message) in wrong["components"]["messages"].as_object().unwrap() {
        let file = message["payload"]["schema"]["$ref"].as_str().or(message["x-signed"]["$ref"].as_str()).unwrap();
        assert!(folder().join(file.trim_start_matches("./")).exists(), "{file} is not there");
    }
}

/// What may not differ from one release to the next: without the words for people.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let words = |name: &str, value: &Value| {
                ["description", "title", "$schema", "$id"].contains(&name) && value.is_string()
            };
            let kept = members.iter().filter(|(name, value)| !words(name, value));
            Value::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(bare).collect()),
        value => value.clone(),
    }
}

/// Every schema that may not change, by its name. The envelope, which all events share, once.
fn promised() -> Vec<(String, Value, compare::Side)> {
    let mut all = Vec::new();
    for one in documents() {
        let mut schema = bare(&one.schema);
        if one.path.starts_with("events/") {
            let members = schema["properties"].as_object_mut().unwrap();
            let data = members.remove("data").unwrap();
            members.remove("type");
            schema.as_object_mut().unwrap().remove("x-lane");
            if all.is_empty() {
                all.push(("envelope".to_owned(), schema, one.side));
            }
            schema = data;
        }
        all.push((one.path, schema, one.side));
    }
    all
}

#[test]
fn nothing_that_was_released_has_changed_incompatibly() {
    let path = folder().join("released.json");
    let now: Vec<(String, Value, compare::Side)> = promised();
    if path.exists() {
        let released = json_of(&path);
        let mut faults = Vec::new();
        for (name, schema) in released.as_object().unwrap() {
            let Some((_, now, side)) = now.iter().find(|(known, ..)| known == name) else {
                faults.push(format!("{name}: is gone"));
                continue;
            };
            faults.extend(compare::breaks(schema, now, *side).into_iter().map(|fault| format!("{name}: {fault}")));
        }
        assert!(
            faults.is_empty(),
            "whoever keeps to the released contract would break:\n{}\nAdd a new member or a new kind instead, and leave the old one as it was.",
            faults.join("\n")
        );
    }
    if std::env::var_os("LOBBYD_RELEASE").is_some() {
        let lines: Vec<String> = now.iter().map(|(name, schema, _)| format!("{}:{schema}", json!(name))).collect();
        fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }
    assert!(path.exists(), "nothing was released yet: LOBBYD_RELEASE=1 cargo test --test contract");
}

/// What stands in the changelog's section for what is to come; empty when a version has just been released.
fn unreleased() -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md")).unwrap();
    let section = text.split("\n## ").find_map(|section| section.strip_prefix("[Unreleased]"));
    section.expect("the changelog has a section for what is to come").trim().to_owned()
}

/// A version that goes out with a contract nobody has released promises nothing of it.
#[test]
fn what_goes_out_is_what_was_released() {
    if std::env::var_os("LOBBYD_RELEASE").is_some() {
        return; // It is being written beside this test.
    }
    let released = json_of(&folder().join("released.json"));
    let now: Vec<_> = promised();
    let new = now.iter().filter(|(name, schema, _)| released.get(name) != Some(schema)).map(|(name, ..)| name);
    let new: Vec<&String> = new.collect();
    assert!(
        new.is_empty() || !unreleased().is_empty(),
        "nothing is to come (CHANGELOG.md, [Unreleased]), and this is in no release: {new:#?}\nLOBBYD_RELEASE=1 cargo test --test contract"
    );
}
