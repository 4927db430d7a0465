-- Who an account's audience is made of: the last good breakdown of each kind. `body` is its JSON.
create table demographics (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    dimension TEXT NOT NULL,
    body TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, dimension)
);
