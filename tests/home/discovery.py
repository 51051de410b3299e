"""Holds what lobbyd publishes for Home Assistant to Home Assistant's own schemas, and renders its templates with Home Assistant's own engine.

Reads one JSON object a line: {"topic": …, "payload": …}, in the order in which they came. Prints what an observer would see, an entity a line:
the last state of each binary sensor and sensor, the last event of each event entity. Fails with Home Assistant's words where a schema refuses.
"""
import asyncio
import importlib
import json
import sys
import tempfile

from homeassistant.components.mqtt.discovery import TOPIC_MATCHER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

PREFIX = "homeassistant/"


def render(hass, config, payload):
    template = config.get("value_template")
    if template is None:
        return payload
    template = Template(getattr(template, "template", template), hass)
    return template.async_render_with_possible_json_value(payload, error_value="error", parse_result=False)


async def main():
    hass = HomeAssistant(tempfile.mkdtemp())
    entities, last = {}, {}
    for line in sys.stdin:
        message = json.loads(line)
        topic, payload = message["topic"], message["payload"]
        if not topic.startswith(PREFIX):
            last.setdefault(topic, []).append(payload)
            continue
        found = TOPIC_MATCHER.match(topic.removeprefix(PREFIX))
        assert found, f"Home Assistant takes no discovery from {topic}"
        platform = importlib.import_module(f"homeassistant.components.mqtt.{found['component']}")
        config = platform.DISCOVERY_SCHEMA(json.loads(payload))
        assert config["unique_id"] not in {other["unique_id"] for name, other in entities.items() if name != topic}
        entities[topic] = dict(config, platform=found["component"])
    for config in entities.values():
        for payload in last.get(config["state_topic"], [])[-1:]:
            said = render(hass, config, payload)
            if config["platform"] == "binary_sensor":
                said = {config["payload_on"]: "on", config["payload_off"]: "off", "None": "unknown"}[said]
            elif config["platform"] == "event":
                event = json.loads(said)
                assert event["event_type"] in config["event_types"], event
                said = event["event_type"]
            print(config["unique_id"], said)


asyncio.run(main())
