-- One column comes in, the message; the others are read from it. A repeat is dropped by what makes an event itself: source and id.
CREATE TABLE IF NOT EXISTS event (
    message TEXT NOT NULL CHECK (json_valid(message)),
    source TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.source') STORED,
    id TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.id') STORED,
    epoch TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.epoch') STORED,
    seq INTEGER NOT NULL GENERATED ALWAYS AS (message ->> '$.seq') STORED,
    type TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.type') STORED,
    time TEXT NOT NULL GENERATED ALWAYS AS (message ->> '$.time') STORED,
    number TEXT GENERATED ALWAYS AS (message ->> '$.data.number') STORED,
    state TEXT GENERATED ALWAYS AS (message ->> '$.data.state') STORED,
    UNIQUE (source, id) ON CONFLICT IGNORE
);

-- What is missing, from one number through another: a command `replay` from the first brings it again.
CREATE VIEW IF NOT EXISTS hole AS
SELECT source, epoch, seq + 1 AS first, next - 1 AS last
FROM (SELECT source, epoch, seq, lead(seq) OVER (PARTITION BY source, epoch ORDER BY seq) AS next FROM event)
WHERE next > seq + 1;

-- How each case stands: its last event.
CREATE VIEW IF NOT EXISTS standing AS
SELECT source, number, state, max(seq) AS seq, time FROM event WHERE number IS NOT NULL GROUP BY source, epoch, number;

-- Nothing that is known of people may be kept once a consent was taken back,
CREATE TRIGGER IF NOT EXISTS withdrawn AFTER INSERT ON event WHEN NEW.type = 'lobbyd.birthday.withdrawn' BEGIN
    UPDATE event SET message = json_remove(message, '$.data.person') WHERE source = NEW.source AND number = NEW.number
        AND message ->> '$.data.day' = NEW.message ->> '$.data.day';
END;

-- nor where the gateway names what it has erased, nor for longer than 90 days: no longer than at the gateway (`retention.visits`).
CREATE TRIGGER IF NOT EXISTS erased AFTER INSERT ON event WHEN NEW.type = 'lobbyd.person.erased' BEGIN
    UPDATE event SET message = json_remove(message, '$.data.person') WHERE source = NEW.source
        AND (id IN (SELECT value FROM json_each(NEW.message, '$.data.erased_events')) OR julianday(time) < julianday(NEW.time) - 90);
END;
