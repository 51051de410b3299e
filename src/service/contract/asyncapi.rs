//! The whole contract as one AsyncAPI 3.0 document: channels, who publishes on them, and a message for each schema. Decides nothing.

use crate::service::office_command::{CONTRACT, Name};
use serde_json::{Map, Value, json};

/// As tools that read no draft of 2020 take the schemas, too: they use nothing that is newer than this one.
const FORMAT: &str = "application/schema+json;version=draft-07";

/// The document; `$ref`s of its messages are paths below `docs/contract`.
pub fn asyncapi() -> Value {
    let mut messages = Map::new();
    let mut channels = Map::new();
    let mut operations = Map::new();
    for channel in channels_of() {
        let named: Vec<(String, Value)> =
            channel.messages.iter().map(|message| (message.key(), message.describe())).collect();
        let refs: Map<String, Value> = named
            .iter()
            .map(|(key, _)| (key.clone(), json!({ "$ref": format!("#/components/messages/{key}") })))
            .collect();
        messages.extend(named);
        let address = format!("lobby/v1/{{site}}/{{gateway}}/{}", channel.address);
        let parameters: Map<String, Value> = PARAMETERS
            .iter()
            .filter(|(name, _)| address.contains(&format!("{{{name}}}")))
            .map(|(name, about)| ((*name).to_owned(), json!({ "description": about })))
            .collect();
        let described = json!({
            "address": address,
            "description": channel.about,
            "servers": [{ "$ref": format!("#/servers/{}", channel.server) }],
            "parameters": parameters,
            "messages": refs,
        });
        channels.insert(channel.name.to_owned(), described);
        let operation = json!({
            "action": if channel.sends { "send" } else { "receive" },
            "channel": { "$ref": format!("#/channels/{}", channel.name) },
            "summary": channel.about,
            "bindings": { "mqtt": { "qos": 1, "retain": channel.retained, "bindingVersion": "0.2.0" } },
        });
        operations.insert(format!("{}-{}", if channel.sends { "tell" } else { "take" }, channel.name), operation);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "lobbyd",
            "version": format!("{CONTRACT}.0.0"),
            "description": "What a gateway tells its office and takes from it. README.md says what the order, repeats and gaps mean, and what may change.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "office": { "host": "broker.office.example:8883", "protocol": "secure-mqtt", "protocolVersion": "5", "description": "The office's broker." },
            "building": { "host": "127.0.0.1:1883", "protocol": "mqtt", "protocolVersion": "5", "description": "The building's broker, where the guards' handsets are." },
        },
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages },
    })
}

const PARAMETERS: [(&str, &str); 7] = [
    ("site", "As `site.id` in lobby.toml."),
    ("gateway", "As `site.gateway` in lobby.toml."),
    ("subject", "What the event is about: a door, a post, a case's number."),
    ("kind", "The kind, as in the message's `type` after `lobbyd.`."),
    ("door", "The door."),
    ("command", "The command's name."),
    ("post", "The post."),
];

struct Channel {
    name: &'static str,
    address: &'static str,
    about: &'static str,
    server: &'static str,
    /// The gateway publishes on it.
    sends: bool,
    retained: bool,
    messages: Vec<Message>,
}

struct Message {
    /// Without `.json`.
    path: String,
    about: String,
    content_type: &'static str,
    /// A signed command travels as text around its schema.
    signed: bool,
}

impl Message {
    fn of(path: &str, about: &str) -> Self {
        Message { path: path.to_owned(), about: about.to_owned(), content_type: "application/json", signed: false }
    }

    /// `events/repair.received` is `repair.received`; `commands/ping.result` is `cmd.ping.result`.
    fn key(&self) -> String {
        self.path.replace("events/", "").replace("commands/", "cmd.").replace('/', ".")
    }

    fn describe(&self) -> Value {
        let file = json!({ "$ref": format!("./{}.json", self.path) });
        let payload = if self.signed {
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
                "description": "A JSON Web Signature (RFC 7515) in its compact form, Ed25519." })
        } else {
            json!({ "schemaFormat": FORMAT, "schema": file })
        };
        let mut message =
            json!({ "name": self.key(), "summary": self.about, "contentType": self.content_type, "payload": payload });
        if self.signed {
            message["x-signed"] = file;
        }
        message
    }
}

fn channels_of() -> Vec<Channel> {
    let events = super::all()
        .map(|one| Message {
            content_type: crate::event::CONTENT_TYPE,
            ..Message::of(&format!("events/{}", one.kind.name()), one.about.trim())
        })
        .collect();
    let commands = |signed: bool| {
        let message = move |name: Name| match signed {
            true => Message {
                content_type: "application/jose",
                signed,
                ..Message::of(&format!("commands/{}", name.as_str()), "A command, signed.")
            },
            false => Message::of(&format!("commands/{}.result", name.as_str()), "What became of it."),
        };
        Name::ALL.into_iter().map(message).collect::<Vec<_>>()
    };
    let office = |name, address, about, sends, retained, messages| Channel {
        name,
        address,
        about,
        server: "office",
        sends,
        retained,
        messages,
    };
    let guards = |name, address, about, sends, retained, file: &str| Channel {
        server: "building",
        ..office(name, address, about, sends, retained, vec![Message::of(&format!("guards/{file}"), about)])
    };
    vec![
        office("event", "event/{subject}/{kind}", "Everything that happens, as CloudEvents 1.0.", true, false, events),
        office(
            "state",
            "state/{door}",
            "How a door stands now.",
            true,
            true,
            vec![Message::of("state", "How a door stands now.")],
        ),
        office(
            "status",
            "status",
            "How the gateway is.",
            true,
            true,
            vec![Message::of("status", "How the gateway is.")],
        ),
        office("command", "cmd/{command}", "What the office asks for.", false, false, commands(true)),
        office("result", "cmd/{command}/result", "What became of a command.", true, false, commands(false)),
        office(
            "ack",
            "ack",
            "What the office has on its own disk.",
            false,
            true,
            vec![Message::of("ack", "What the office has.")],
        ),
        guards("offer", "dispatch/{post}", "A task that is put to a post.", true, false, "offer"),
        guards("open", "dispatch/{post}/open", "A post's open tasks.", true, true, "open"),
        guards("reply", "dispatch/{post}/reply", "What a guard does with a task.", false, false, "reply"),
        guards("answer", "dispatch/{post}/result", "What became of a reply.", true, false, "result"),
    ]
}
