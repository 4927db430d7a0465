-- What was told of each cause, by channel. No part of a backup: a restore does not untell anything.
create table alerts_sent (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT,
    stage BIGINT NOT NULL,
    sent_at BIGINT,
    failures BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (key, channel)
);
