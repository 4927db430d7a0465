-- Who may sign in and from where, and what the creator makes of their pages.

create table owners (
    id INTEGER PRIMARY KEY,
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    name TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    lang TEXT,
    totp BLOB,
    totp_step BIGINT,
    created_at BIGINT NOT NULL
);

create table recovery_codes (
    owner_id BIGINT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (owner_id, hash)
);

create table passkeys (
    id BLOB PRIMARY KEY,
    owner_id BIGINT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    uses BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Only the hash of a session's id is kept. `stage` is `password` until the second factor was given, then `full`.
create table sessions (
    hash BLOB PRIMARY KEY,
    owner_id BIGINT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);

-- What was chosen in the panel; a secret among it is sealed.
create table settings (
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    name TEXT NOT NULL,
    value TEXT,
    sealed BLOB,
    PRIMARY KEY (creator_id, name)
);

alter table creators add column lang TEXT;
alter table creators add column accent TEXT;
alter table creators add column font TEXT NOT NULL DEFAULT 'system';
alter table creators add column layout TEXT NOT NULL DEFAULT 'wide';
alter table creators add column version BIGINT NOT NULL DEFAULT 0;

-- An entry of the link page: a link, a heading or a text. `place` orders them; the instants say when it is shown.
-- An id is never given twice: it is part of an address that people keep.
create table link_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    icon TEXT,
    place BIGINT NOT NULL,
    hidden BOOLEAN NOT NULL DEFAULT FALSE,
    starts_at BIGINT,
    ends_at BIGINT,
    version BIGINT NOT NULL DEFAULT 0
);

create index link_entries_in_order on link_entries (creator_id, place, id);

create table link_clicks (
    link_id BIGINT NOT NULL REFERENCES link_entries (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    clicks BIGINT NOT NULL,
    PRIMARY KEY (link_id, day)
);

-- How often pages were seen (`page`), which sites led there (`from`) and from which countries (`country`).
create table visits (
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    visits BIGINT NOT NULL,
    PRIMARY KEY (creator_id, day, kind, name)
);

-- A block of the media kit; `body` is the JSON of its kind.
create table blocks (
    id INTEGER PRIMARY KEY,
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    kind TEXT NOT NULL,
    place BIGINT NOT NULL,
    hidden BOOLEAN NOT NULL DEFAULT FALSE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0
);

create index blocks_in_order on blocks (creator_id, place);

-- What every kit begins with; a block without a body shows what the platforms say.
insert into blocks (creator_id, kind, place, body) select id, 'hero', 1, '{}' from creators;
insert into blocks (creator_id, kind, place, body) select id, 'stats', 2, '{}' from creators;
insert into blocks (creator_id, kind, place, body) select id, 'platforms', 3, '{}' from creators;
insert into blocks (creator_id, kind, place, body) select id, 'audience', 4, '{}' from creators;
insert into blocks (creator_id, kind, place, body) select id, 'partners', 5, '{}' from creators;
insert into blocks (creator_id, kind, place, body) select id, 'rates', 6, '{}' from creators;

-- Which platforms the kit shows, and in which order.
alter table creators add column least_share BIGINT NOT NULL DEFAULT 0;
alter table creators add column hides_small BOOLEAN NOT NULL DEFAULT FALSE;
alter table creators add column platform_order TEXT NOT NULL DEFAULT '';

-- Why the first failed fetch of a day failed: a gap in history says it.
create table failed_days (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (account_id, day)
);
