"""Asked by mqttwarn (`filter` in mqttwarn.ini) before it stores a message: whether somebody speaks in another's name. Then it is left out."""
import json


def plain(members):
    """What stands there twice would be read once here and otherwise by SQLite."""
    if len(dict(members)) < len(members):
        raise ValueError
    return dict(members)


def foreign(topic, message, *_):
    """The broker's rules hold for topics: what one gateway says under its own as another would count as the other's."""
    try:
        return json.loads(message, object_pairs_hook=plain)["source"] != "/lobby/" + "/".join(topic.split("/")[2:4])
    except Exception:
        return True
