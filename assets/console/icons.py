#!/usr/bin/env python3
"""Makes icons.svg: the icons of the guards' page, as symbols of one sprite, from the outlines of ../fonts/icons.ttf.

Run it only to change the set of icons; the result is checked in, so that no build needs Python.

    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.60.1
    /tmp/fonts/bin/python assets/console/icons.py

The outlines are Material Symbols Rounded (Apache-2.0, see ../fonts/PROVENANCE.md and ../fonts/LICENSE-APACHE-2.0.txt).
`chart` and `quote` are drawn here: the font has none.
"""

from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent

# The page's name of an icon, and the font's.
ICONS = {
    "add": "add", "alarm": "warning", "arrow": "chevron_right", "assignment": "assignment", "back": "arrow_back",
    "badge": "badge", "bolt": "bolt", "call": "phone_in_talk", "camera": "qr_code_scanner", "car": "directions_car",
    "carry": "inventory_2", "check": "check", "clock": "schedule", "close": "close", "complaint": "campaign",
    "custody": "key", "delivery": "local_shipping", "device": "settings", "door": "door_front", "doorbell": "doorbell",
    "edit": "edit", "emergency": "emergency", "enquiry": "help", "engineering": "engineering", "groups": "groups",
    "help": "person_raised_hand", "home": "home", "language": "translate", "light": "light_mode",
    "logout": "logout", "lost": "wifi_off", "menu": "menu", "message": "mail", "more": "more_horiz",
    "night": "bedtime", "pass": "receipt_long", "patrol": "shield_person", "person": "person", "print": "print",
    "refresh": "refresh", "repair": "handyman", "ring": "notifications_active", "service": "room_service",
    "shift": "shift", "sign": "check_circle", "silent": "front_hand", "sound-off": "volume_off",
    "sound-on": "volume_up", "star": "star", "suggestion": "lightbulb", "support": "support_agent", "timer": "timer",
    "today": "today", "visit": "hail", "warning": "error",
}

DRAWN = {
    "chart": '<path d="M160-160v-360h140v360zm250 0v-640h140v640zm250 0v-480h140v480z"/>',
    "quote": '<path d="M160-160v-600q0-33 23-56t57-24h480q33 0 56 24t24 56v400q0 33-24 56t-56 24H300zm80-193 42-7h438v-400H240z"/>'
             '<path d="M320-600h320v70H320zm0 130h220v70H320z"/>',
}


def main():
    font = TTFont(HERE.parent / "fonts/icons.ttf")
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    points = dict(line.split() for line in (HERE.parent / "fonts/icons.txt").read_text().splitlines() if line)
    out = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name, source in sorted(ICONS.items()):
        pen = SVGPathPen(glyphs, ntos=lambda number: str(round(number)))
        # The font's y goes up, the page's down; its em is 960 high above the line.
        glyphs[cmap[int(points[source], 16)]].draw(TransformPen(pen, (1, 0, 0, -1, 0, 0)))
        out.append(f'<symbol id="{name}" viewBox="0 -960 960 960"><path d="{pen.getCommands()}"/></symbol>')
    for name, shapes in sorted(DRAWN.items()):
        out.append(f'<symbol id="{name}" viewBox="0 -960 960 960">{shapes}</symbol>')
    out.append("</svg>\n")
    (HERE / "icons.svg").write_text("\n".join(out))


if __name__ == "__main__":
    main()
