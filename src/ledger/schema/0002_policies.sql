-- Accepted policies. The newest is in force; `signed` is the approver's statement with its signature, null for the
-- first, which a start takes as it finds it.
CREATE TABLE policies (
    number BIGINT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    signed TEXT,
    last_seq BIGINT NOT NULL,
    seal TEXT NOT NULL
);
-- Finds the event of the newest without a walk through all events.
CREATE INDEX events_policy ON events (seq) WHERE kind = 'policy_accepted';

-- How often a rule matched and when it did last, counted with the judgements as they are recorded.
CREATE TABLE rule_hits (
    rule TEXT NOT NULL PRIMARY KEY,
    hits BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    last_call TEXT NOT NULL
);

-- Calls sent that a rule with a limit counts. `id` tells who came first.
CREATE TABLE rule_uses (
    id BIGINT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    at BIGINT NOT NULL,
    tx TEXT NOT NULL
);
CREATE UNIQUE INDEX rule_uses_tx ON rule_uses (tx, rule);
CREATE INDEX rule_uses_rule ON rule_uses (rule, at);
