#!/usr/bin/env python3
"""Makes the fonts beside this script: text in two weights and four regions, and icons.

Run it only to change the set of characters or icons; the results are checked in, so that no build needs Python or a
network. It must give the same bytes every time: the inputs are pinned by version and SHA-256, and no time of day
goes into a font. It never takes a font from the system.

    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.60.1 brotli==1.1.0
    /tmp/fonts/bin/python assets/fonts/make.py --cache /tmp/fonts

Needs npm and apt-get (to download, not to install). PROVENANCE.md has the sums of what comes out.
"""

import argparse
import bz2
import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path

os.environ["SOURCE_DATE_EPOCH"] = "0"

from fontTools import subset  # noqa: E402
from fontTools.pens.recordingPen import DecomposingRecordingPen  # noqa: E402
from fontTools.pens.transformPen import TransformPen  # noqa: E402
from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: E402
from fontTools.ttLib import TTFont  # noqa: E402
from fontTools.varLib import instancer  # noqa: E402

HERE = Path(__file__).resolve().parent

# What npm and apt-get hand over, and its SHA-256.
NPM = {
    "sc": ("@expo-google-fonts/noto-sans-sc@0.4.3", "expo-google-fonts-noto-sans-sc-0.4.3.tgz",
           "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59"),
    "tc": ("@expo-google-fonts/noto-sans-tc@0.4.3", "expo-google-fonts-noto-sans-tc-0.4.3.tgz",
           "e7532a3a43a6c660ee0351a167b99fe0da52f20b4940fb3fc067ed7c5bd594bf"),
    "jp": ("@expo-google-fonts/noto-sans-jp@0.4.3", "expo-google-fonts-noto-sans-jp-0.4.3.tgz",
           "563ee80509692e2b2f42ceae6a0b82afecb90daa1b3d025bcebdf3d9120f43a3"),
    "kr": ("@expo-google-fonts/noto-sans-kr@0.4.3", "expo-google-fonts-noto-sans-kr-0.4.3.tgz",
           "7614af529705ea48e8b76cb3b056b92db66b7625ef3fc97ce76366063df94d3f"),
    "latin": ("@expo-google-fonts/source-sans-3@0.4.1", "expo-google-fonts-source-sans-3-0.4.1.tgz",
              "eb41834f563921e19b18b40bc924b97110983aef800d9cb67b9186f546311828"),
    "icons": ("material-symbols@0.47.5", "material-symbols-0.47.5.tgz",
              "163ec5fe93c2c58d3b288394bf32dd3dc177f446b453f4e7b27b2afb10d8124f"),
}
DEB = ("unicode-data=15.0.0-1", "unicode-data_15.0.0-1_all.deb", "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc")

WEIGHTS = {"Regular": "400Regular", "Medium": "500Medium"}

# Latin letters that names of Europe need and Noto Sans SC lacks (Ł, Ş, Ž, Ÿ, Ș, ẞ, Ə). Its Latin is that of Source Sans,
# enlarged by LATIN_SCALE, so these are taken from there and stand beside the others as if they had been drawn together.
LATIN = [*range(0x0100, 0x0180), 0x018F, 0x0259, *range(0x0218, 0x021C), *range(0x1E80, 0x1E86), 0x1E9E]
LATIN_SCALE = 1.117
# Not in Source Sans, and in no alphabet of today: ĸ, ŉ and the long s are.
NO_LETTERS = {0x0138, 0x0149, 0x017F}

# Whole ranges that a name, an address or a sentence of the kiosk may use.
RANGES = [
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x017F),  # Latin-1, Latin Extended-A (see LATIN)
    (0x01CD, 0x01DC),  # pinyin with tone marks
    (0x0384, 0x03CE),  # Greek: units, part names
    (0x0400, 0x045F),  # Cyrillic: visitors' names
    (0x1EA0, 0x1EF9),  # Vietnamese names
    (0x2000, 0x206F),  # general punctuation
    (0x2070, 0x209C),  # superscripts, subscripts: m²
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x214F),  # ℃ № ™
    (0x2150, 0x218B),  # Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # × ÷ ≤ and the rest that GB2312 uses
    (0x2460, 0x24FF),  # circled numbers
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2600, 0x266F),  # ☎ ☆
    (0x2713, 0x2717),
    (0x3000, 0x303F),  # CJK punctuation
    (0x3040, 0x30FF),  # kana: Japanese company names
    (0x3105, 0x312F),  # bopomofo
    (0xFF01, 0xFF5E),  # fullwidth forms
    (0xFFE0, 0xFFE6),
]

# Material Symbols Rounded: outlined, a little stronger than regular, so that a thin stroke survives a 133 dpi panel.
ICON_INSTANCE = {"FILL": 0, "GRAD": 0, "opsz": 40, "wght": 450}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(cache):
    """Downloads what is missing and checks everything: ({name in NPM: its folder}, the folder of Unihan)."""
    commands = [(name, want, ["npm", "pack", "--silent", package]) for package, name, want in NPM.values()]
    package, deb, want = DEB
    for name, want, command in [*commands, (deb, want, ["apt-get", "download", package])]:
        path = cache / name
        if not path.exists():
            subprocess.run(command, cwd=cache, check=True)
        if sha256(path) != want:
            raise SystemExit(f"{path}: SHA-256 is {sha256(path)}, expected {want}: not the file this script knows")
    for _, name, _ in NPM.values():
        unpacked = cache / Path(name).stem
        if not unpacked.exists():
            with tarfile.open(cache / name) as tar:
                tar.extractall(unpacked, filter="data")
    subprocess.run(["dpkg", "-x", str(cache / deb), str(cache / "unicode-data")], check=True)
    folders = {name: cache / Path(file).stem / "package" for name, (_, file, _) in NPM.items()}
    return folders, cache / "unicode-data/usr/share/unicode"


def unihan(folder, name, field):
    """(character, value) of every entry of one field."""
    with bz2.open(folder / f"{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == field:
                yield chr(int(parts[0][2:], 16)), parts[2]


def gb2312():
    """Every character of GB/T 2312-1980, through Python's own codec."""
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                pass


def big5_level_1():
    """The 5,401 characters in common use of Big5: visitors' names from Hong Kong and Taiwan, texts in zh-Hant."""
    for high in range(0xA4, 0xC7):
        for low in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]:
            try:
                yield bytes([high, low]).decode("big5")
            except UnicodeDecodeError:
                pass


def ks_x_1001():
    """The 2,350 syllables of Hangul in common use."""
    for high in range(0xB0, 0xC9):
        for low in range(0xA1, 0xFF):
            yield bytes([high, low]).decode("euc_kr")


def in_big5(character):
    try:
        return bool(character.encode("big5"))
    except UnicodeEncodeError:
        return False


def characters(folder):
    wanted = {chr(code) for low, high in RANGES for code in range(low, high + 1)} | set(map(chr, LATIN))
    wanted |= set(gb2312()) | set(big5_level_1())
    # 通用规范汉字表 (2013): the 8,105 characters that a name in a mainland register may use, and their traditional forms.
    names = {character for character, _ in unihan(folder, "Unihan_OtherMappings", "kTGH")}
    assert len(names) == 8105, len(names)
    traditional = {chr(int(code[2:], 16)) for character, forms in unihan(folder, "Unihan_Variants", "kTraditionalVariant")
                   if character in names for code in forms.split()}
    return wanted | names | {form for form in traditional if in_big5(form)}


def headings(folder):
    """What the stronger weight has: headings are the kiosk's own sentences, the company's titles, and the surnames of those
    whom they address. Anything rarer is drawn in the normal weight, which has all. 3 MB less."""
    common = {c for c, place in unihan(folder, "Unihan_OtherMappings", "kTGH") if int(place.split(":")[1]) <= 3500}
    assert len(common) == 3500, len(common)
    traditional = {chr(int(code[2:], 16)) for character, forms in unihan(folder, "Unihan_Variants", "kTraditionalVariant")
                   if character in common for code in forms.split()}
    said = {c for file in (HERE.parent / "strings").glob("*.ftl") for c in file.read_text(encoding="utf-8")}
    surnames = set((HERE.parent / "pinyin" / "surnames.txt").read_text(encoding="utf-8"))
    ranges = {chr(code) for low, high in RANGES for code in range(low, high + 1)} | set(map(chr, LATIN))
    japanese = {c for c, _ in unihan(folder, "Unihan_OtherMappings", "kJoyoKanji")}
    return ranges | common | traditional | said | surnames | japanese


def options():
    opts = subset.Options()
    opts.hinting = False
    opts.layout_features = []
    opts.recalc_timestamp = False
    opts.notdef_outline = True
    opts.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    opts.name_languages = [0x409]
    opts.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "GSUB", "GPOS", "GDEF", "STAT", "meta"]
    return opts


def save(font, path):
    font.flavor = None  # plain TrueType: the icons come as woff2
    font["head"].modified = font["head"].created  # the same bytes at every run
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path.name}  {path.stat().st_size} bytes  {len(font.getBestCmap())} characters  sha256 {sha256(path)}")


def subset_to(font, wanted):
    subsetter = subset.Subsetter(options())
    subsetter.populate(unicodes=[ord(character) for character in wanted])
    subsetter.subset(font)
    return font


def main_font(source, latin, wanted):
    font = subset_to(subset.load_font(str(source), options()), wanted)
    add_latin(font, TTFont(latin))
    missing = sorted(c for c in wanted if (c >= "\u4e00" or ord(c) in LATIN) and ord(c) not in font.getBestCmap())
    missing = [c for c in missing if ord(c) not in NO_LETTERS]
    if missing:
        raise SystemExit(f"{source}: {len(missing)} wanted characters are not in the font: {''.join(missing[:40])}")
    return font


def add_latin(font, latin):
    """Adds the letters of LATIN that the font lacks."""
    glyphs, codes = latin.getGlyphSet(), latin.getBestCmap()
    missing = [code for code in LATIN if code not in font.getBestCmap() and code not in NO_LETTERS]
    font.setGlyphOrder([*font.getGlyphOrder(), *(f"latin{code:04X}" for code in missing)])
    for code in missing:
        name, drawing, pen = f"latin{code:04X}", DecomposingRecordingPen(glyphs), TTGlyphPen(None)
        glyphs[codes[code]].draw(drawing)
        drawing.replay(TransformPen(pen, (LATIN_SCALE, 0, 0, LATIN_SCALE, 0, 0)))
        glyph = font["glyf"].glyphs[name] = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (round(glyphs[codes[code]].width * LATIN_SCALE), glyph.xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def regional_font(source, main, wanted):
    """What this region draws otherwise than the main font, or what that one lacks."""
    font = subset.load_font(str(source), options())

    def drawing(font, c):
        glyph = font.getBestCmap().get(ord(c))
        return glyph and (font["hmtx"][glyph][0], [list(part) for part in font["glyf"][glyph].getCoordinates(font["glyf"])])

    differ = {c for c in wanted if drawing(font, c) and drawing(font, c) != drawing(main, c)}
    return subset_to(font, differ)


def icon_codes(font, names):
    """The code point of each icon, found through the ligature that spells its name."""
    back = {glyph: code for code, glyph in font.getBestCmap().items() if code >= 0xE000}
    spelling = {glyph: chr(code) for code, glyph in font.getBestCmap().items() if code < 0x80}
    codes = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for ligature in ligatures:
                    name = "".join(spelling.get(glyph, "?") for glyph in [first, *ligature.Component])
                    if name in names and ligature.LigGlyph in back:
                        codes[name] = back[ligature.LigGlyph]
    return codes


def icon_font(source, folder):
    listed = folder / "icons.txt"
    names = re.findall(r"^[a-z0-9_]+", listed.read_text(), re.M)
    font = TTFont(source, recalcTimestamp=False)
    codes = icon_codes(font, set(names))
    missing = [name for name in names if name not in codes]
    if missing:
        raise SystemExit(f"icons.txt: no such icon in Material Symbols: {', '.join(missing)}")
    opts = options()
    opts.drop_tables = [table for table in opts.drop_tables if table != "STAT"]
    subsetter = subset.Subsetter(opts)
    subsetter.populate(unicodes=codes.values())
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, ICON_INSTANCE, inplace=True, updateFontNames=False)
    for table in ["STAT", "GSUB", "GPOS", "GDEF"]:
        if table in font:
            del font[table]
    save(font, folder / "icons.ttf")
    listed.write_text("".join(f"{name} {codes[name]:04x}\n" for name in sorted(set(names))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the downloads")
    parser.add_argument("--out", type=Path, default=HERE, help="folder that holds icons.txt and takes the fonts")
    args = parser.parse_args()
    args.out.mkdir(exist_ok=True)
    folders, unicode = fetch(args.cache)
    wanted = characters(unicode)
    punctuation = {chr(code) for low, high in [(0x3000, 0x303F), (0xFF01, 0xFF5E)] for code in range(low, high + 1)}
    regions = {
        "tc": punctuation | {c for c in wanted if c >= "\u4e00" and in_big5(c)},
        "jp": punctuation | {c for c, _ in unihan(unicode, "Unihan_OtherMappings", "kJoyoKanji")},
        "kr": set(ks_x_1001()) | {chr(code) for code in range(0x3131, 0x3164)},
    }

    def source(region, weight):
        return folders[region] / WEIGHTS[weight] / f"NotoSans{region.upper()}_{WEIGHTS[weight]}.ttf"

    for weight, folder in WEIGHTS.items():
        main = main_font(source("sc", weight), folders["latin"] / folder / f"SourceSans3_{folder}.ttf", wanted)
        regionals = {region: regional_font(source(region, weight), main, of) for region, of in regions.items()}
        if weight == "Medium":
            main = subset_to(main, headings(unicode))
            regionals["tc"] = subset_to(regionals["tc"], headings(unicode))
        for region, regional in regionals.items():
            save(regional, args.out / f"NotoSans{region.upper()}-{weight}.ttf")
        save(main, args.out / f"NotoSansSC-{weight}.ttf")
    icon_font(folders["icons"] / "material-symbols-rounded.woff2", args.out)


if __name__ == "__main__":
    main()
