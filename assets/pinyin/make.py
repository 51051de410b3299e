#!/usr/bin/env python3
"""Makes table.txt: which characters a syllable may stand for in a Chinese name, the likeliest first.

Run it only to change the data; the result is checked in, so that no build needs Python or a network. It must give
the same bytes every time, and must never take names from anything but the two public sources and the lists here.
PROVENANCE.md says where they come from and what was left out on purpose.

    python3 assets/pinyin/make.py --cache /tmp/pinyin

Needs pip and apt-get (to download, not to install) and dpkg.
"""

import argparse
import bz2
import hashlib
import itertools
import math
import subprocess
import tarfile
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent

JIEBA = ("jieba==0.42.1", "jieba-0.42.1.tar.gz", "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2")
UNICODE = ("unicode-data=15.0.0-1", "unicode-data_15.0.0-1_all.deb",
           "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc")

# Sounds that no keyboard of syllables has (m, ng, hm, ê): their characters take a syllable that people would type.
ODD = {"呒": "fu", "嗯": "en", "唔": "wu", "姆": "mu", "嘸": "fu", "欸": "ai", "诶": "ei", "誒": "ei", "噷": "hen",
       "呣": "mu"}
NOT_SYLLABLES = {"m", "n", "ng", "hm", "hng", "r"}

# A given name of two characters is kept when at least this many surnames bear it: then it is nobody's. Common words
# (小姐, 校长) are not kept: the dictionary's persons include characters of novels and titles.
SHARED_BY = 3
# Tagged as persons in the dictionary, and none.
NOT_NAMES = {"小姐", "小二", "简公", "见杨"}
# How many persons of the dictionary one entry of given.txt stands for.
IN_USE = 15
# A minor reading of a character counts this share of the character's weight where nothing better is known.
MINOR = 0.1
# A second reading of a character joins two-character names and words when it has at least this share of its uses.
COMMON_SHARE = 0.15
# A character that characters.txt names is at least this likely, as a power of two: what merges half-typed syllables.
LISTED = 6
# Traditional forms of one character that stand side by side; any further one is behind, under its own reading.
FORMS = 2
# For free text: characters and words of two characters that the dictionary has seen at least so often.
CHARACTER_COUNT = 300
WORD_COUNT = 600


def plain(reading):
    """Without tone: nǚ -> nv. Empty for what is no syllable."""
    decomposed = unicodedata.normalize("NFD", reading.strip().lower())
    if "e\u0302" in decomposed:
        return ""
    letters = decomposed.replace("u\u0308", "v")
    letters = "".join(c for c in letters if c.isascii() and c.isalpha())
    return "" if letters in NOT_SYLLABLES else letters


def fetch(cache):
    cache.mkdir(parents=True, exist_ok=True)
    commands = {JIEBA[1]: ["pip", "download", "--no-deps", "--no-binary", ":all:", "-d", ".", JIEBA[0]],
                UNICODE[1]: ["apt-get", "download", UNICODE[0]]}
    for _, name, want in (JIEBA, UNICODE):
        path = cache / name
        if not path.exists():
            subprocess.run(commands[name], cwd=cache, check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != want:
            raise SystemExit(f"{path}: SHA-256 is {found}, expected {want}: not the file this script knows")
    subprocess.run(["dpkg", "-x", str(cache / UNICODE[1]), str(cache / "unicode-data")], check=True)
    with tarfile.open(cache / JIEBA[1]) as tar:
        words = tar.extractfile("jieba-0.42.1/jieba/dict.txt").read().decode("utf-8")
    return cache / "unicode-data/usr/share/unicode", words


def unihan(folder, name):
    fields = defaultdict(dict)
    with bz2.open(folder / f"{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3:
                fields[parts[1]][chr(int(parts[0][2:], 16))] = parts[2]
    return fields


def big5(character):
    """1 for the characters in common use of Big5, 2 for the others, 0 for what it lacks."""
    try:
        code = character.encode("big5")
    except UnicodeEncodeError:
        return 0
    return 1 if code[0] < 0xC7 else 2


def big5_level_1():
    codes = (bytes([high, low]) for high in range(0xA4, 0xC7) for low in [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    decoded = (code.decode("big5", "ignore") for code in codes)
    return (c for c in decoded if c >= "\u4e00")


def traditional_forms(names, variants, by_hand):
    """{character: its traditional forms in Big5, likeliest first} where that is not the character itself alone."""
    table = {}
    for c in sorted(names):
        listed = [chr(int(code[2:], 16)) for code in variants.get(c, "").split()]
        itself = [c] if big5(c) == 1 else []
        forms = by_hand.get(c) or itself + sorted((t for t in listed if t != c and big5(t)), key=big5)
        if forms and forms != [c]:
            table[c] = list(dict.fromkeys(forms))[:FORMS]
    return table


def readings_of(character, fields):
    """{syllable: share of its uses}. The main reading counts 1, a minor one what the frequency list says of it."""
    found = []
    for value in [fields["kMandarin"].get(character, "")]:
        found += value.split()[:1]
    for field in ("kTGHZ2013", "kXHC1983"):
        for entry in fields[field].get(character, "").split():
            found += entry.split(":")[1].split(",")
    used = {}
    for entry in fields["kHanyuPinlu"].get(character, "").split():
        reading, count = entry.rstrip(")").split("(")
        used[plain(reading)] = used.get(plain(reading), 0) + int(count)
        found.append(reading)
    syllables = [s for s in dict.fromkeys(plain(reading) for reading in found) if s]
    if not syllables and character in ODD:
        syllables = [ODD[character]]
    total = sum(used.values())
    return {s: used[s] / total if s in used else (1.0 if index == 0 else MINOR)
            for index, s in enumerate(syllables)}


def parts_of(name):
    """The parts of a list here, each under its comment: [(word, what stands behind its colon), ...]."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    for comment, group in itertools.groupby(lines, lambda line: line.startswith("#")):
        words = [] if comment else [word.partition(":") for line in group for word in line.split()]
        if words:
            yield [(word, behind) for word, _, behind in words]


def surname_list():
    """(single, leading, behind): [(name, readings given), ...] of the three parts of surnames.txt, in their order."""
    parts = [[(name, given.split(",") if given else []) for name, given in part] for part in parts_of("surnames.txt")]
    single, leading, behind = parts
    return [entry for entry in single if len(entry[0]) == 1], leading, behind


def listed_characters():
    """{syllable: the characters of characters.txt}."""
    lines = (HERE / "characters.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def by_letters(entries, readings):
    """{syllables joined by an apostrophe: [name, ...]} in the order of the list."""
    table = defaultdict(list)
    for name, given in entries:
        for letters in given or ["'".join(max(readings[c], key=readings[c].get) for c in name)]:
            if name not in table[letters]:
                table[letters].append(name)
    return table


def given_names(words, bearers):
    """Counts of characters and of two-character names in the given names of jieba's person entries."""
    characters, pairs = Counter(), defaultdict(set)
    spoken, nouns = Counter(), set(NOT_NAMES)
    for line in words.splitlines():
        word, count, tag = line.split(" ")
        for character in word:
            spoken[character] += int(count)
        if tag.startswith(("n", "v", "t")) and tag not in ("nr", "nrt", "nz"):
            nouns.add(word)
        if tag != "nr" or len(word) not in (2, 3) or word[0] not in bearers:
            continue
        characters.update(word[1:])
        if len(word) == 3:
            pairs[word[1:]].add(word[0])
    shared = {name: len(by) for name, by in pairs.items() if len(by) >= SHARED_BY and name not in nouns}
    for line in (HERE / "given.txt").read_text(encoding="utf-8").splitlines():
        for name in line.split() if not line.startswith("#") else []:
            characters.update(dict.fromkeys(name, IN_USE))
            if len(name) == 2:
                shared[name] = shared.get(name, 0) + IN_USE
    return characters, shared, spoken


def tier(weight):
    """One hexadecimal digit, by powers of two: lets candidates of several syllables be merged."""
    return min(15, int(math.log2(weight + 1)))


def tiered(entries):
    """[(tier, text), ...] as one string: the tier stands before the first of its kind."""
    groups = itertools.groupby(entries, lambda entry: entry[0])
    return "".join(f"{level:x}" + "".join(text for _, text in group) for level, group in groups)


def character_lines(names, readings, characters, spoken):
    listed, table = listed_characters(), defaultdict(list)
    for c, shares in readings.items():
        for syllable, share in shares.items():
            # Eight parts name, one part common use; a traditional form stands behind all simplified ones.
            weight = (characters[c] * 8 + math.log2(spoken[c] + 1)) * share if c in names else 0
            head = listed.get(syllable, "")
            level = max(tier(weight), LISTED if c in head else 0)
            place = head.find(c) if c in head else len(head)
            table[syllable].append((place, -weight, int(names.get(c, ":9999").split(":")[1]), level, c))
    unread = {(s, c) for s, head in listed.items() for c in head if s not in readings.get(c, ())}
    if unread:
        raise SystemExit(f"characters.txt: no such reading in Unihan: {sorted(unread)}")
    for syllable, found in sorted(table.items()):
        ordered = [(level, c) for *_, level, c in sorted(found)]
        # What stands before is never less likely than what follows.
        levels = list(itertools.accumulate((level for level, _ in reversed(ordered)), max))
        yield f"c {syllable} {tiered(zip(reversed(levels), (c for _, c in ordered)))}\n"


def text_lines(names, readings, spoken, words):
    """Free text: the characters of a syllable by common use, and words of two characters."""
    table, spelled = defaultdict(list), defaultdict(list)
    for c in names:
        for syllable, share in readings[c].items():
            if spoken[c] * share >= CHARACTER_COUNT:
                table[syllable].append((-spoken[c] * share, c))
    for syllable, found in sorted(table.items()):
        yield f"x {syllable} {tiered((tier(-weight / CHARACTER_COUNT), c) for weight, c in sorted(found))}\n"
    counts = {word: 0 for word in (HERE / "words.txt").read_text(encoding="utf-8").split() if set(word) <= set(names)}
    for line in words.splitlines():
        word, count, tag = line.split(" ")
        if len(word) == 2 and int(count) >= WORD_COUNT and set(word) <= set(names) and not tag.startswith("nr"):
            counts.setdefault(word, int(count))
    for word, count in counts.items():
        for two in spellings(word, readings):
            spelled[two].append((-count or -math.inf, word))
    for two, found in sorted(spelled.items()):
        yield f"w {two} {' '.join(word for _, word in sorted(found))}\n"


def spellings(two, readings):
    """How a name or word of two characters may be spelled."""
    common = [[s for s, share in readings[c].items() if share >= COMMON_SHARE] for c in two if c in readings]
    return ["'".join(pair) for pair in itertools.product(*common)] if len(common) == 2 else []


def traditional_lines(forms, surnames):
    for c, found in sorted(forms.items()):
        yield f"t {c} {' '.join(found)}\n"
    for surname, found in sorted(surnames):
        yield f"u {surname} {found.replace(',', ' ')}\n"


def surname_lines(single, leading, behind, readings):
    rank = {name: index for index, (name, _) in reversed(list(enumerate(single)))}
    for syllable, found in sorted(by_letters(single, readings).items()):
        # The other way round: a small rank is a frequent surname.
        yield f"s {syllable} {tiered((15 - tier(rank[name]), name) for name in found)}\n"
    for kind, entries in (("d", leading), ("e", behind)):
        for letters, found in sorted(by_letters(entries, readings).items()):
            yield f"{kind} {letters} {' '.join(found)}\n"


def given_lines(pairs, characters, readings):
    spelled = defaultdict(list)
    for name, count in pairs.items():
        for two in spellings(name, readings):
            spelled[two].append((-count, -characters[name[0]] - characters[name[1]], name))
    for two, found in sorted(spelled.items()):
        yield f"g {two} {' '.join(name for _, _, name in sorted(found))}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the downloads")
    parser.add_argument("--out", type=Path, default=HERE / "table.txt")
    args = parser.parse_args()
    folder, words = fetch(args.cache)
    fields = unihan(folder, "Unihan_Readings")
    names = unihan(folder, "Unihan_OtherMappings")["kTGH"]
    by_hand, surname_forms = parts_of("traditional.txt")
    variants = unihan(folder, "Unihan_Variants")["kTraditionalVariant"]
    forms = traditional_forms(names, variants, {c: list(found) for c, found in by_hand})
    wanted = sorted(set(names) | set(big5_level_1()) | {form for found in forms.values() for form in found})
    readings = {c: readings_of(c, fields) for c in wanted}
    unread = [c for c in wanted if not readings[c]]
    if set(unread) & set(names):
        raise SystemExit(f"no reading for {''.join(unread)}: add them to ODD")

    single, leading, behind = surname_list()
    order = [name for name, _ in single]
    characters, pairs, spoken = given_names(words, set(order[:300]))

    lines = ["# Made by make.py from Unihan (Unicode licence) and jieba (MIT): see PROVENANCE.md. Do not edit.\n"]
    lines += character_lines(names, readings, characters, spoken)
    lines += surname_lines(single, leading, behind, readings)
    lines += given_lines(pairs, characters, readings)
    lines += text_lines(names, readings, spoken, words)
    lines += traditional_lines(forms, surname_forms)
    args.out.write_text("".join(lines), encoding="utf-8")
    (HERE / "8105.txt").write_text("".join(sorted(names)) + "\n", encoding="utf-8")
    sha = hashlib.sha256(args.out.read_bytes()).hexdigest()
    print(f"{args.out.name}  {args.out.stat().st_size} bytes  "
          f"{dict(Counter(line[0] for line in lines))}  {len(pairs)} names  sha256 {sha}")
    if unread:
        print(f"no reading, left out: {''.join(unread)}")


if __name__ == "__main__":
    main()
