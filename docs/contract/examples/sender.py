#!/usr/bin/env python3
"""Signs a command, sends it to a gateway and prints what becomes of it: status, boot, signature, answer.

    pip install "paho-mqtt>=2" "cryptography>=42"
    lobbyd office key --key signing.key --name central     # once; the line that it prints goes into lobby.toml
    python3 sender.py --host broker.office.example --ca ca.pem --cert office.pem --key office.key riverside/lobby-1 directory < part.json

Where the broker asks for a password: OFFICE_PASSWORD=… and --tls --user office. Exit code 0: it was carried out. Without an answer send it once more under the same --id: it is carried out once.
"""
import argparse, base64, datetime, hashlib, json, os, queue, sys, uuid

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
defaults = dict(host="127.0.0.1", port=None, user=None, ca=None, cert=None, key=None, sign_with="signing.key", who="office", id=uuid.uuid4(), wait=30)
for option, default in defaults.items():
    parser.add_argument("--" + option.replace("_", "-"), default=default)
parser.add_argument("--tls", action="store_true", help="with the system's authorities, where there is no --ca")
parser.add_argument("gateway", help="site/gateway")
parser.add_argument("command", help="its arguments are a JSON object on standard input, empty where it has none")
args = parser.parse_args()
with open(args.sign_with) as file:  # 32 bytes as base64url without padding.
    key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(file.read().strip() + "="))
status_topic, topic = f"lobby/v1/{args.gateway}/status", f"lobby/v1/{args.gateway}/cmd/{args.command}"


def sign(command):
    """The compact form of a JSON Web Signature (RFC 7515) with Ed25519 (RFC 8037)."""
    header = {"alg": "EdDSA", "kid": hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:8]}
    part = lambda said: base64.urlsafe_b64encode(said).rstrip(b"=")
    said = part(json.dumps(header).encode()) + b"." + part(json.dumps(command).encode())
    return said + b"." + part(key.sign(said))


def wait(at, fits):
    while True:
        topic, said = heard.get(timeout=float(args.wait))
        if topic == at and fits(said):
            return said


heard = queue.Queue()
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
if tls := args.tls or args.ca or args.cert:
    client.tls_set(args.ca, args.cert, args.key)
if args.user:
    client.username_pw_set(args.user, os.environ["OFFICE_PASSWORD"])
client.on_connect = lambda client, *_: client.subscribe([(status_topic, 1), (topic + "/result", 1)])
client.on_message = lambda _, __, message: heard.put((message.topic, json.loads(message.payload)))
client.connect(args.host, int(args.port or (8883 if tls else 1883)))
client.loop_start()
try:
    # Commands do not wait for a gateway that is away, and hold for this start of its machine.
    boot = wait(status_topic, lambda status: status["online"])["boot"]
    now = datetime.datetime.now(datetime.timezone.utc)
    command = {"id": str(args.id), "who": args.who, "gateway": args.gateway, "boot": boot, "command": args.command,
               "issued_at": now.isoformat(), "expires_at": (now + datetime.timedelta(minutes=5)).isoformat(),
               "arguments": json.loads(sys.stdin.read() or "{}")}
    client.publish(topic, sign(command), qos=1)
    # What nobody known has signed is answered without an id.
    answer = wait(topic + "/result", lambda answer: answer["id"] in (command["id"], None))
except queue.Empty:
    sys.exit(f"{args.gateway} does not answer; send it once more with --id {args.id}")
print(json.dumps(answer, ensure_ascii=False))
sys.exit(not answer["accepted"])
