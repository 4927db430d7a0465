//! How SQLite runs the queries behind every page and API call: by index, never through a whole table.

use std::fmt::Write as _;

use super::sql::read;
use super::{
    Store, accounts, api_tokens, blocks, demographics, history, links, passkeys, sessions, shares, snapshots, visits,
};

#[tokio::test]
async fn hot_queries_use_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Store::url_of(&folder.path().join("mediakit.db"))).await.unwrap();
    let mut plans = String::new();
    for (name, text) in [
        ("accounts", accounts::IN_USE),
        ("account", accounts::ON_PLATFORM),
        ("blocks", blocks::IN_ORDER),
        ("snapshot", snapshots::BY_KEY),
        ("history", history::SERIES),
        ("failed days", history::FAILED),
        ("demographics", demographics::OF_CREATOR),
        ("api token", api_tokens::BY_HASH),
        ("session", sessions::BY_HASH),
        ("links", links::LISTED),
        ("clicks", links::CLICKS),
        ("visits", visits::SEEN),
        ("passkey", passkeys::BY_ID),
        ("shares", shares::LISTED),
    ] {
        for row in read(format!("explain query plan {text}")).all(&store.pool).await.unwrap() {
            let detail: String = row.get("detail").unwrap();
            assert!(!detail.contains("SCAN"), "{name}: {detail}");
            writeln!(plans, "{name}: {detail}").unwrap();
        }
    }
    insta::assert_snapshot!(plans, @r"
    accounts: SEARCH accounts USING INDEX accounts_in_use (creator_id=?)
    accounts: USE TEMP B-TREE FOR ORDER BY
    account: SEARCH accounts USING INDEX accounts_in_use (creator_id=? AND platform=?)
    blocks: SEARCH blocks USING INDEX blocks_in_order (creator_id=?)
    snapshot: SEARCH social_stats_cache USING INDEX sqlite_autoindex_social_stats_cache_1 (platform=? AND username=?)
    history: SEARCH m USING COVERING INDEX sqlite_autoindex_metrics_1 (key=?)
    history: SEARCH h USING PRIMARY KEY (account_id=? AND metric_id=? AND day>? AND day<?)
    history: SEARCH o USING INTEGER PRIMARY KEY (rowid=?)
    history: USE TEMP B-TREE FOR GROUP BY
    failed days: SEARCH failed_days USING INDEX sqlite_autoindex_failed_days_1 (account_id=?)
    demographics: SEARCH a USING INDEX accounts_in_use (creator_id=?)
    demographics: SEARCH d USING INDEX sqlite_autoindex_demographics_1 (account_id=?)
    api token: SEARCH api_tokens USING INDEX sqlite_autoindex_api_tokens_2 (hash=?)
    session: SEARCH s USING INDEX sqlite_autoindex_sessions_1 (hash=?)
    session: SEARCH o USING INTEGER PRIMARY KEY (rowid=?)
    links: SEARCH link_entries USING INDEX link_entries_in_order (creator_id=?)
    clicks: SEARCH l USING COVERING INDEX link_entries_in_order (creator_id=?)
    clicks: SEARCH c USING INDEX sqlite_autoindex_link_clicks_1 (link_id=?)
    clicks: USE TEMP B-TREE FOR GROUP BY
    visits: SEARCH visits USING INDEX sqlite_autoindex_visits_1 (creator_id=? AND day>?)
    visits: USE TEMP B-TREE FOR GROUP BY
    visits: USE TEMP B-TREE FOR ORDER BY
    passkey: SEARCH p USING INDEX sqlite_autoindex_passkeys_1 (id=?)
    passkey: SEARCH o USING INTEGER PRIMARY KEY (rowid=?)
    shares: SEARCH shares USING INDEX shares_of_creator (creator_id=?)
    ");
}
