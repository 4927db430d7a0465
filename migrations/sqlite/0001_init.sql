-- The first schema. Instants are milliseconds since 1970-01-01T00:00:00Z, days are whole days since then.

create table creators (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    bio TEXT,
    location TEXT,
    avatar_url TEXT,
    contact TEXT,
    theme TEXT NOT NULL,
    threshold BIGINT NOT NULL CHECK (threshold >= 0),
    published TEXT NOT NULL
);

insert into creators (id, name, theme, threshold, published) values (1, '', 'paper', 1000, '[]');

-- An account is never deleted: a retired one keeps its history.
create table accounts (
    id INTEGER PRIMARY KEY,
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    platform TEXT NOT NULL,
    handle TEXT NOT NULL,
    retired BOOLEAN NOT NULL DEFAULT FALSE,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_holder TEXT,
    lease_until BIGINT,
    pinned_id TEXT,
    wait_until BIGINT,
    wait_kind TEXT,
    due_at BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    failure_kind TEXT,
    failure_detail TEXT,
    failure_at BIGINT,
    failure_next_at BIGINT,
    held_audience BIGINT,
    held_at BIGINT,
    asked_at BIGINT
);

create unique index accounts_in_use on accounts (creator_id, platform) where not retired;

-- The last good numbers. Its form is older than mediakit and others read it: it stays as it is.
create table if not exists social_stats_cache (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    username TEXT NOT NULL,
    stats_data TEXT NOT NULL,
    fetched_at DATETIME,
    UNIQUE(platform, username)
);

-- Rows that were here before mediakit get an account; of several for one platform the newest does.
insert into accounts (creator_id, platform, handle)
select 1, platform, username
from (
    select
        platform,
        username,
        row_number() over (
            partition by platform
            order by replace(coalesce(fetched_at, ''), ' ', 'T') desc, id desc
        ) as place
    from social_stats_cache
)
where place = 1;

create table metrics (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('count', 'rate', 'flag')),
    UNIQUE (key, unit)
);

create table origins (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    provenance TEXT NOT NULL,
    api_version TEXT NOT NULL,
    api_version_answered TEXT NOT NULL,
    UNIQUE (source, provenance, api_version, api_version_answered)
);

-- One value a metric and UTC day. Rates are millionths, flags 0 or 1; precision is 0 exact, 1 rounded, 2 approximate.
create table history (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    metric_id BIGINT NOT NULL REFERENCES metrics (id),
    day BIGINT NOT NULL,
    value BIGINT NOT NULL,
    precision BIGINT NOT NULL,
    origin_id BIGINT NOT NULL REFERENCES origins (id),
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, metric_id, day)
) WITHOUT ROWID;

create trigger history_is_never_rewritten before update on history
begin
    select raise(abort, 'a day in history is never rewritten');
end;

create table api_tokens (
    name TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

create table pictures (
    creator_id BIGINT PRIMARY KEY REFERENCES creators (id),
    source TEXT NOT NULL,
    jpeg BLOB NOT NULL,
    fetched_at BIGINT NOT NULL
);

create table spending (
    platform TEXT NOT NULL,
    month TEXT NOT NULL,
    micro_usd BIGINT NOT NULL CHECK (micro_usd >= 0),
    PRIMARY KEY (platform, month)
);

create table refresh_runs (
    id INTEGER PRIMARY KEY,
    trigger TEXT NOT NULL,
    day BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    saved BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0
);
