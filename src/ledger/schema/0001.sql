-- Plain SQL that SQLite and PostgreSQL both take.

-- The chain. Append-only: nothing in the program updates or deletes a row of it.
CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    tx TEXT,
    op TEXT,
    agent TEXT,
    approval TEXT,
    detail TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX events_tx ON events (tx);
CREATE INDEX events_approval ON events (approval);

-- Where the chain ends; written in the transaction that makes it longer.
CREATE TABLE head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- One call in one row. `search` is what free text is looked for in, `seal` covers the row and its last event.
CREATE TABLE calls (
    tx TEXT NOT NULL PRIMARY KEY,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    tool TEXT NOT NULL,
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    region TEXT NOT NULL,
    verdict TEXT,
    risk TEXT,
    outcome TEXT NOT NULL,
    duration_ms BIGINT,
    approval TEXT,
    engine TEXT NOT NULL,
    agent TEXT NOT NULL,
    target TEXT NOT NULL,
    error TEXT,
    search TEXT NOT NULL,
    seal TEXT NOT NULL
);
CREATE UNIQUE INDEX calls_first_seq ON calls (first_seq);
CREATE INDEX calls_approval ON calls (approval);
CREATE INDEX calls_outcome ON calls (outcome, first_seq);

-- Approvals as they stand. `body` is the whole of it; `due` is when it runs out, null once it is decided for good.
CREATE TABLE approvals (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    agent TEXT NOT NULL,
    digest TEXT NOT NULL,
    token TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decide_by BIGINT NOT NULL,
    due BIGINT,
    engine TEXT,
    last_seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    seal TEXT NOT NULL
);
-- One open approval for one request: the rule that makes a second caller join the first.
CREATE UNIQUE INDEX approvals_open ON approvals (digest) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_due ON approvals (due) WHERE due IS NOT NULL;
CREATE INDEX approvals_state ON approvals (state, last_seq);

-- Every token an agent was given for an approval, as a digest: a caller that joins gets one of its own.
CREATE TABLE approval_tokens (
    token TEXT NOT NULL PRIMARY KEY,
    approval TEXT NOT NULL REFERENCES approvals (id)
);

-- Engines that have written here; whether one still runs is told by the lock on its file.
CREATE TABLE engines (
    id TEXT NOT NULL PRIMARY KEY,
    pid BIGINT NOT NULL
);

-- Switches that all engines obey; `last_seq` is the event that set one.
CREATE TABLE state (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    seal TEXT NOT NULL
);
