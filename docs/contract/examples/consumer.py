#!/usr/bin/env python3
"""Stores what lobbyd gateways tell in SQLite, drops repeats, sees holes, says what it has.

    pip install "paho-mqtt>=2"
    OFFICE_PASSWORD=… python3 consumer.py --host broker.office.example --tls --user office --database office.db

Killed at any moment it loses nothing: a message is acknowledged after it is on disk. A hole that stays is printed, for `lobbyd office send … replay`.
"""
import argparse
import json
import os
import sqlite3
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PATIENCE = 60  # Seconds that a hole may be open: the other lane may still fill it.
VISITS, OTHERS = 90, 30  # Days that people are known here: no longer than at the gateway (`retention.visits`, `retention.persons`).

TABLES = """
CREATE TABLE IF NOT EXISTS event (source TEXT, id TEXT, epoch TEXT, seq INTEGER, type TEXT, subject TEXT, time TEXT, data TEXT,
    known REAL, -- Until when (Julian day) the people in it are known.
    PRIMARY KEY (source, id));
CREATE UNIQUE INDEX IF NOT EXISTS number ON event (source, epoch, seq);
CREATE INDEX IF NOT EXISTS people ON event (known) WHERE known IS NOT NULL;
-- Of each journal the last number up to which nothing is missing, and since when it stands there though there are higher ones.
CREATE TABLE IF NOT EXISTS journal (source TEXT, epoch TEXT, through INTEGER, stuck REAL, PRIMARY KEY (source, epoch));
"""
FORGET = "UPDATE event SET data = json_remove(data, '$.person'), known = NULL WHERE "


def store(db, event):
    """Stores one event, unless it is there; returns up to which number its journal is whole."""
    key, data = (event["source"], event["epoch"]), event["data"]
    days = (VISITS if str(data.get("number")).startswith("V-") else OTHERS) if "person" in data else None
    with db:
        row = [event[name] for name in ("source", "id", "epoch", "seq", "type", "subject", "time")]
        db.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, julianday(?) + ?)", [*row, json.dumps(data), event["recorded"], days])
        # The lowest number that was ever heard of a journal begins it: an urgent event comes first, a replay brings what was before.
        db.execute("INSERT INTO journal VALUES (?1, ?2, ?3, NULL) ON CONFLICT DO UPDATE SET through = ?3 WHERE NOT EXISTS"
                   " (SELECT 1 FROM event WHERE source = ?1 AND epoch = ?2 AND seq <= ?3)", [*key, event["seq"] - 1])
        (through,) = db.execute("SELECT through FROM journal WHERE source = ? AND epoch = ?", key).fetchone()
        while db.execute("SELECT 1 FROM event WHERE source = ? AND epoch = ? AND seq = ?", [*key, through + 1]).fetchone():
            through += 1
        more = db.execute("SELECT 1 FROM event WHERE source = ? AND epoch = ? AND seq > ?", [*key, through]).fetchone()
        db.execute("UPDATE journal SET stuck = CASE WHEN ?3 IS NULL THEN NULL WHEN through = ?4 THEN coalesce(stuck, ?5) ELSE ?5 END,"
                   " through = ?4 WHERE source = ?1 AND epoch = ?2", [*key, more and 1, through, time.time()])
        # Who is to be forgotten before his time is over, because the gateway says so.
        if event["type"] == "lobbyd.birthday.withdrawn":
            db.execute(FORGET + "source = ? AND data ->> 'number' = ? AND data ->> 'day' = ?", [event["source"], *map(data.get, ("number", "day"))])
        if event["type"] == "lobbyd.person.erased":
            db.executemany(FORGET + "source = ? AND id = ?", [(event["source"], gone) for gone in data.get("erased_events") or []])
    return through


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--database", default="office.db")
    args = parser.parse_args()
    db = sqlite3.connect(args.database)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + TABLES)
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "office-consumer", protocol=mqtt.MQTTv5, manual_ack=True)
    if args.tls:
        client.tls_set()
    if args.user:
        client.username_pw_set(args.user, os.environ["OFFICE_PASSWORD"])

    def on_message(client, _, message):
        event = json.loads(message.payload)
        through = store(db, event)
        client.ack(message.mid, message.qos)
        mark = json.dumps({"seq": through, "epoch": event["epoch"]})
        client.publish("lobby/v1" + event["source"].removeprefix("/lobby") + "/ack", mark, qos=1, retain=True)

    client.on_connect, client.on_message = lambda client, *_: client.subscribe("lobby/v1/+/+/event/#", qos=1), on_message
    session = Properties(PacketTypes.CONNECT)
    session.SessionExpiryInterval = 7 * 24 * 3600
    client.connect(args.host, args.port or (8883 if args.tls else 1883), clean_start=False, properties=session)
    while True:
        try:
            if client.loop(timeout=1.0) != mqtt.MQTT_ERR_SUCCESS:
                client.reconnect()
        except OSError:
            time.sleep(1)
        db.execute(FORGET + "known < julianday('now')")
        holes = db.execute("UPDATE journal SET stuck = NULL WHERE stuck < ? RETURNING source, epoch, through", [time.time() - PATIENCE])
        for source, epoch, through in holes.fetchall():
            print(f"{source}: {through + 1} is missing in {epoch}; replay from there", flush=True)
        db.commit()


if __name__ == "__main__":
    main()
