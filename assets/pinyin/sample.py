#!/usr/bin/env python3
"""Writes a list of made-up Chinese names, one a line, for `cargo run --example names`. The same seed gives the same list.

A name is a surname drawn by its frequency and a given name drawn from a list, each from a public package for invented
test data, so no line is a person's but by chance. None of it is part of the program: what ranks the candidates must
not be what measures them. Needs pip and npm (to download, not to install).

    python3 assets/pinyin/sample.py --cache /tmp/pinyin > /tmp/names.txt
    python3 assets/pinyin/sample.py --cache /tmp/pinyin --given rare > /tmp/names-rare.txt
    python3 assets/pinyin/sample.py --cache /tmp/pinyin --given hant > /tmp/names-hant.txt
"""

import argparse
import ast
import hashlib
import json
import random
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

# Each under the MIT licence: what fetches it, the file, its SHA-256.
FAKER = (["pip", "download", "--no-deps", "-d", ".", "Faker==40.54.0"], "faker-40.54.0-py3-none-any.whl",
         "2dd88ee8cb63a9149e19ef48bdd73879bc3854d8ba2d6c1535e902a762e603f7")
MIMESIS = (["pip", "download", "--no-deps", "-d", ".", "mimesis==22.2.0"], "mimesis-22.2.0-py3-none-any.whl",
           "037011eb3d5edf0b0b5d9eafd74d9881f6dce25b4f01032da0e13fb2a56f37e9")
FAKER_JS = (["npm", "pack", "--silent", "@faker-js/faker@10.6.0"], "faker-js-faker-10.6.0.tgz",
            "13b79ed894af1a52a624fdb144384e1fd6c4afc1a30488830d3be64924333674")

HANZI = re.compile("[\u3400-\u9fff]{1,2}")


def fetch(cache, source):
    command, name, want = source
    path = cache / name
    cache.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        subprocess.run(command, cwd=cache, check=True, stdout=subprocess.DEVNULL)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != want:
        raise SystemExit(f"{path}: SHA-256 is {found}, expected {want}: not the file this script knows")
    return path


def faker(cache, language):
    """{surname: weight} and {given name: weight} of one language of Python's Faker."""
    with zipfile.ZipFile(fetch(cache, FAKER)) as wheel:
        source = wheel.read(f"faker/providers/person/{language}/__init__.py").decode("utf-8")
    tables = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.List, ast.Tuple, ast.Call)):
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            if isinstance(value, (ast.List, ast.Tuple)):
                entries = ast.literal_eval(value)
                tables[node.targets[0].id] = dict(e if isinstance(e, tuple) else (e, 1) for e in entries)
    return tables["last_names"], tables["first_names_male"] | tables["first_names_female"]


def faker_js(cache):
    """The given names of the Chinese part of @faker-js/faker."""
    with tarfile.open(fetch(cache, FAKER_JS)) as tar:
        [name] = [n for n in tar.getnames() if re.fullmatch(r"package/dist/zh_CN-[\w-]+\.js", n)]
        source = tar.extractfile(name).read().decode("utf-8")
    names = re.search(r"first_name:\{(.*?)\}", source).group(1)
    return {name for text in re.findall("`([^`]*)`", names) for name in text.split(".")}


def mimesis(cache):
    with zipfile.ZipFile(fetch(cache, MIMESIS)) as wheel:
        person = json.loads(wheel.read("mimesis/datasets/zh/person.json"))
    return {name for names in person["names"].values() for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the downloads")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--given", choices=["common", "rare", "hant"], default="common",
                        help="given names in use; a long list with many odd ones; Taiwan's by their frequency")
    args = parser.parse_args()
    surnames, given = faker(args.cache, "zh_TW" if args.given == "hant" else "zh_CN")
    if args.given == "common":
        given = dict.fromkeys(set(given) | faker_js(args.cache), 1)
    elif args.given == "rare":
        given = dict.fromkeys(mimesis(args.cache), 1)
    dice = random.Random(args.seed)
    draw = lambda table: dice.choices(sorted(table), [table[key] for key in sorted(table)])[0]
    given = {name: weight for name, weight in given.items() if HANZI.fullmatch(name)}
    for _ in range(args.count):
        print(draw(surnames) + draw(given))


if __name__ == "__main__":
    main()
