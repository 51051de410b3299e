-- One column comes in, the message, into `inbox`; the others are read from it. A repeat is dropped by what makes an event itself: source and id.
CREATE TABLE IF NOT EXISTS event (
    message TEXT NOT NULL CHECK (json_valid(message)),
    source TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.source') STORED, id TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.id') STORED,
    epoch TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.epoch') STORED, seq INTEGER NOT NULL GENERATED ALWAYS AS (message ->> '$.seq') STORED,
    type TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.type') STORED, time TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.time') STORED,
    number TEXT GENERATED ALWAYS AS (message ->> '$.data.number') STORED, day INTEGER GENERATED ALWAYS AS (message ->> '$.data.day') STORED,
    state TEXT GENERATED ALWAYS AS (message ->> '$.data.state') STORED,
    recorded TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.recorded') STORED,
    -- Whether it knows people, and how long it may: those of a visit's case (V-…) longer than others.
    people TEXT GENERATED ALWAYS AS (CASE WHEN message -> '$.data.person' IS NULL THEN NULL
        WHEN message ->> '$.data.number' LIKE 'V-%' THEN 'visit' ELSE 'other' END) STORED,
    UNIQUE (source, id)
);
CREATE INDEX IF NOT EXISTS known ON event (people, recorded) WHERE people IS NOT NULL;

-- Each number that came, also under which an event came that was there already under one of an older epoch.
CREATE TABLE IF NOT EXISTS heard (source TEXT, epoch TEXT, seq INTEGER, recorded TEXT NOT NULL, PRIMARY KEY (source, epoch, seq)) WITHOUT ROWID;

-- mqttwarn makes a line break of each \n, which no JSON may have within a text: here it is \n again.
CREATE VIEW IF NOT EXISTS inbox AS SELECT message FROM event;
CREATE TRIGGER IF NOT EXISTS arrived INSTEAD OF INSERT ON inbox BEGIN
    INSERT INTO heard SELECT said ->> '$.source', said ->> '$.epoch', said ->> '$.seq', said ->> '$.recorded'
        FROM (SELECT replace(NEW.message, char(10), '\n') AS said) WHERE true ON CONFLICT DO NOTHING;
    INSERT INTO event (message) VALUES (replace(NEW.message, char(10), '\n')) ON CONFLICT (source, id) DO NOTHING;
END;

-- What is missing, from one number through another: a command `replay` from the first brings it again. Not what is followed by something older than the
-- 90 days (`retention.chatter`) after which the gateway itself forgets what devices say: that is gone there, too, and no loss.
CREATE VIEW IF NOT EXISTS hole AS
SELECT source, epoch, seq + 1 AS first, next - 1 AS last
FROM (SELECT source, epoch, seq, lead(seq) OVER behind AS next, lead(recorded) OVER behind AS since FROM heard
    WINDOW behind AS (PARTITION BY source, epoch ORDER BY seq))
WHERE next > seq + 1 AND since > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-90 days');

-- How each case stands: its last event, whatever the epoch. A number begins anew each year; with its day it is one case.
CREATE VIEW IF NOT EXISTS standing AS
SELECT source, number, day, state, time
FROM (SELECT *, row_number() OVER (PARTITION BY source, number, day ORDER BY recorded DESC, seq DESC) AS back FROM event WHERE number IS NOT NULL)
WHERE back = 1;

-- Nothing that is known of people may be kept once a consent was taken back,
CREATE TRIGGER IF NOT EXISTS withdrawn AFTER INSERT ON event WHEN NEW.type = 'lobbyd.birthday.withdrawn' BEGIN
    UPDATE event SET message = json_remove(message, '$.data.person') WHERE source = NEW.source AND number = NEW.number AND day = NEW.day; END;

-- nor where the gateway names what it has erased,
CREATE TRIGGER IF NOT EXISTS erased AFTER INSERT ON event WHEN NEW.type = 'lobbyd.person.erased' BEGIN
    UPDATE event SET message = json_remove(message, '$.data.person')
        WHERE source = NEW.source AND id IN (SELECT value FROM json_each(NEW.message, '$.data.erased_events')); END;

-- nor for longer than at the gateway: 90 days for visits (`retention.visits`), 30 for everybody else (`retention.persons`). Whatever arrives, of
-- whichever gateway, is the clock; where nothing may arrive for days, let cron run these two as well.
CREATE TRIGGER IF NOT EXISTS aged AFTER INSERT ON event BEGIN
    UPDATE event SET message = json_remove(message, '$.data.person') WHERE people = 'visit' AND recorded < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-90 days');
    UPDATE event SET message = json_remove(message, '$.data.person') WHERE people = 'other' AND recorded < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days');
END;
