-- Credentials, their copies elsewhere, and the audit log.

-- One row, there once a key was used: nothing but that key opens the probe. It changes with the key.
create table vault (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    probe BLOB NOT NULL
);

-- What may be searched for stands in columns; every value of a credential is in `sealed` only.
create table credentials (
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    platform TEXT NOT NULL,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_holder TEXT,
    lease_until BIGINT,
    generation BIGINT NOT NULL,
    phase TEXT NOT NULL,
    sealed BLOB NOT NULL,
    life_since BIGINT,
    life_expires_at BIGINT,
    life_endless BOOLEAN NOT NULL,
    life_renewable_until BIGINT,
    life_data_access_until BIGINT,
    due_at BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    failure_kind TEXT,
    failure_detail TEXT,
    failure_at BIGINT,
    failure_next_at BIGINT,
    checked_at BIGINT,
    tried TEXT,
    PRIMARY KEY (creator_id, platform)
);

-- Where else the credentials are kept; `wanted` and `done` tell generations apart and hold no secret.
create table mirrors (
    creator_id BIGINT NOT NULL REFERENCES creators (id),
    name TEXT NOT NULL,
    wanted TEXT NOT NULL,
    done TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    since BIGINT,
    next_at BIGINT,
    done_at BIGINT,
    failure TEXT,
    PRIMARY KEY (creator_id, name)
);

create table audit (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
);

create trigger audit_is_never_rewritten before update on audit
begin
    select raise(abort, 'an entry of the audit log is never rewritten');
end;
