//! Log lines on standard error. The libraries below us are quiet unless the filter names them.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat, Source};

/// What other crates say matters only when something is wrong.
const NOISE: &str = "sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,h2=warn,tower=warn";

/// Starts writing log lines. `usual` is the least that a command writes unless the operator chose a filter.
pub(super) fn start(config: &Config, usual: &str) {
    let chosen = config.shown().iter().any(|value| value.name == "log" && value.source != Source::Default);
    let ours = if chosen { config.log.0.as_str() } else { usual };
    let filter = EnvFilter::new(format!("{NOISE},{ours}"));
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    // A second start in one process keeps the first.
    let _ = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
    };
}
