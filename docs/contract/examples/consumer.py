#!/usr/bin/env python3
"""Stores what lobbyd gateways tell in SQLite, drops repeats, sees holes, says what it has. Killed at any moment it loses nothing: a message is
acknowledged after it is on disk. A hole that stays is printed, for `lobbyd office send … replay`. Needs `pip install "paho-mqtt>=2"`.

    python3 consumer.py --host broker.office.example --ca ca.pem --cert office.pem --key office.key --database office.db
    OFFICE_PASSWORD=… python3 consumer.py --host broker.office.example --tls --user office --database office.db
"""
import argparse, json, os, sqlite3, time
from paho.mqtt import client as mqtt, packettypes, properties

PATIENCE = 60  # Seconds that a hole may be open: the other lane may still fill it.
VISITS, OTHERS = 90, 30  # Days that people are known here: no longer than at the gateway (`retention.visits`, `retention.persons`).
CHATTER = 90  # Days after which a hole is no loss: the gateway forgets what devices say (`retention.chatter`), and no replay brings it again.

TABLES = """
-- Each event, and until when (Julian day) the people in it are known.
CREATE TABLE IF NOT EXISTS event (source TEXT, id TEXT, type TEXT, subject TEXT, time TEXT, data TEXT CHECK (json_valid(data)), known REAL, PRIMARY KEY (source, id));
CREATE INDEX IF NOT EXISTS people ON event (known) WHERE known IS NOT NULL;
-- Each number that came, and when it was recorded (Julian day). An event that is here already may come again under a number of a new epoch.
CREATE TABLE IF NOT EXISTS number (source TEXT, epoch TEXT, seq INTEGER, id TEXT, recorded REAL NOT NULL, PRIMARY KEY (source, epoch, seq));
-- Of each journal the last number up to which nothing is missing, and since when it stands there though there are higher ones.
CREATE TABLE IF NOT EXISTS journal (source TEXT, epoch TEXT, through INTEGER, stuck REAL, PRIMARY KEY (source, epoch));
"""
# What can be wrong with a message. Anything else, such as a full disk, ends the program: what is not acknowledged comes again.
WRONG = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
FORGET = "UPDATE event SET data = json_remove(data, '$.person'), known = NULL WHERE "


def store(event):
    """Stores one event, unless it is there; returns up to which number its journal is whole."""
    source, epoch, seq, data = (event[name] for name in ("source", "epoch", "seq", "data"))
    days = (VISITS if str(data.get("number")).startswith("V-") else OTHERS) if "person" in data else None
    with db:
        db.execute("INSERT INTO number VALUES (?, ?, ?, ?, julianday(?)) ON CONFLICT DO NOTHING", [source, epoch, seq, event["id"], event["recorded"]])
        row = [*(event[name] for name in ("source", "id", "type", "subject", "time")), json.dumps(data), event["recorded"], days]
        db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, julianday(?) + ?) ON CONFLICT DO NOTHING", row)
        # The lowest number that was ever heard of a journal begins it: an urgent event comes first, a replay brings what was before.
        db.execute("INSERT INTO journal VALUES (?1, ?2, ?3, NULL) ON CONFLICT DO UPDATE SET through = ?3 WHERE NOT EXISTS"
                   " (SELECT 1 FROM number WHERE source = ?1 AND epoch = ?2 AND seq <= ?3)", [source, epoch, seq - 1])
        # Who is to be forgotten before his time is over, because the gateway says so.
        if event["type"] == "lobbyd.birthday.withdrawn":
            db.execute(FORGET + "source = ? AND data ->> 'number' = ? AND data ->> 'day' = ?", [source, *map(data.get, ("number", "day"))])
        if event["type"] == "lobbyd.person.erased":
            db.executemany(FORGET + "source = ? AND id = ?", [(source, gone) for gone in data.get("erased_events") or []])
        return walk(source, epoch)


def walk(source, epoch, gone=0.0):
    """Moves the mark of a journal to its next hole, over those before what was recorded before `gone` (Julian day); returns where it stands."""
    (through,) = db.execute("SELECT through FROM journal WHERE source = ? AND epoch = ?", [source, epoch]).fetchone()
    above = "SELECT seq, recorded FROM number WHERE source = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT 1"
    while (more := db.execute(above, [source, epoch, through]).fetchone()) and (more[0] == through + 1 or more[1] < gone):
        through = more[0]
    db.execute("UPDATE journal SET stuck = iif(?3, iif(through = ?4, coalesce(stuck, ?5), ?5), NULL), through = ?4 WHERE source = ?1 AND epoch = ?2",
               [source, epoch, more is not None, through, time.time()])
    return through


def on_message(client, _, message):
    try:
        event, gateway = json.loads(message.payload), "/".join(message.topic.split("/")[2:4])
        if event["source"] != "/lobby/" + gateway:  # The broker's rules hold for topics: whoever speaks in another's name is nobody.
            raise LookupError("its source is not of its topic")
        client.publish(f"lobby/v1/{gateway}/ack", json.dumps({"seq": store(event), "epoch": event["epoch"]}), qos=1, retain=True)
    except WRONG as fault:  # Not acknowledged, it would come again for ever and nothing after it. Its content is not for a log.
        print(f"{message.topic!r}: {fault if type(fault) is LookupError else type(fault).__name__}", flush=True)
    client.ack(message.mid, message.qos)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for option, default in dict(host="127.0.0.1", port=None, user=None, ca=None, cert=None, key=None, database="office.db").items():
    parser.add_argument(f"--{option}", default=default)
parser.add_argument("--tls", action="store_true", help="with the system's authorities, where there is no --ca")
args = parser.parse_args()
db = sqlite3.connect(args.database)
db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + TABLES)
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "office-consumer", protocol=mqtt.MQTTv5, manual_ack=True)
client.on_message = on_message
client.on_connect = lambda client, _, __, why, ___: print("refused:", why, flush=True) if why.is_failure else client.subscribe("lobby/v1/+/+/event/#", qos=1)
if tls := args.tls or args.ca or args.cert:
    client.tls_set(args.ca, args.cert, args.key)
if args.user:
    client.username_pw_set(args.user, os.environ["OFFICE_PASSWORD"])
session = properties.Properties(packettypes.PacketTypes.CONNECT)
session.SessionExpiryInterval = 7 * 24 * 3600
client.connect(args.host, int(args.port or (8883 if tls else 1883)), clean_start=False, properties=session)
while True:
    try:
        if client.loop(timeout=1.0) != mqtt.MQTT_ERR_SUCCESS:
            time.sleep(1)
            client.reconnect()
    except OSError:
        time.sleep(1)
    db.execute(FORGET + "known < julianday('now')")
    for source, epoch, through in db.execute("SELECT source, epoch, through FROM journal WHERE stuck < ?", [time.time() - PATIENCE]).fetchall():
        if walk(source, epoch, time.time() / 86400 + 2440587.5 - CHATTER) == through:
            db.execute("UPDATE journal SET stuck = NULL WHERE source = ? AND epoch = ?", [source, epoch])
            print(f"{source}: {through + 1} is missing in {epoch}; replay from there", flush=True)
    db.commit()
