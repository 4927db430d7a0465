//! The command line: one file a command, each thin. Results go to standard output, everything said about them to
//! standard error. What can go wrong and how it is said is in `stop.rs`.

mod alert;
mod api_token;
mod args;
mod backup;
mod config;
mod demo;
mod demo_kits;
mod demo_links;
mod demo_past;
mod doctor;
mod env_file;
mod export;
mod fetch;
mod flags;
mod handle;
mod healthcheck;
mod log;
mod owner;
mod progress;
mod serve;
mod stop;
mod table;
mod times;
mod token;
mod verify;
mod words;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::app::{App, known_upstreams, open_store};
use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::domain::text::Lang;
use crate::store::Store;
use args::{Cli, Command};
use stop::{Exit, Stop};

/// What every command works with.
struct Session {
    lang: Lang,
    sources: Sources,
}

impl Session {
    fn config(&self) -> Result<Config, Stop> {
        Ok(Config::load(&self.sources)?)
    }

    /// The configuration, with logs written as it says.
    fn logging_config(&self, usual: &str) -> Result<Config, Stop> {
        let config = self.config()?;
        log::start(&config, usual);
        Ok(config)
    }

    async fn store(&self) -> Result<Store, Stop> {
        Ok(open_store(&self.logging_config("warn")?).await?)
    }

    async fn app(&self, config: Config) -> Result<App, Stop> {
        let texts =
            |(name, value): &(OsString, OsString)| Some((name.to_str()?.to_owned(), value.to_str()?.to_owned()));
        let environment: Vec<(String, String)> = self.sources.environment.iter().filter_map(texts).collect();
        Ok(App::build(config, Clock::System, environment).await?)
    }
}

/// Runs the command that `arguments` name, in an environment.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let (arguments, environment): (Vec<_>, Vec<_>) =
        (arguments.into_iter().collect(), environment.into_iter().collect());
    let lang = words::language(&arguments, &environment);
    let cli = match words::command(lang).try_get_matches_from(arguments).and_then(|found| Cli::from_arg_matches(&found))
    {
        Ok(cli) => cli,
        Err(error) => return words::refuse(&error, lang).into(),
    };
    let sources = Sources { file: cli.config, environment, flags: cli.flags.0, upstreams: known_upstreams() };
    let session = Session { lang, sources };
    let exit = execute(&session, cli.command.unwrap_or(Command::Serve)).unwrap_or_else(|stop| {
        if let Some(text) = stop.text(lang) {
            say(&text);
        }
        stop.exit()
    });
    exit.into()
}

fn execute(session: &Session, command: Command) -> Result<Exit, Stop> {
    let runtime = tokio::runtime::Runtime::new().map_err(Stop::Output)?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve => serve::run(session).await,
            Command::Demo { creator, days } => demo::run(session, &creator, days).await,
            Command::Config { what } => config::run(session, what),
            Command::Fetch(args) => fetch::run(session, &args).await,
            Command::Handle { what } => handle::run(session, &what).await,
            Command::Token { what } => token::run(session, &what).await,
            Command::Doctor(args) => doctor::run(session, &args).await,
            Command::Alert { what } => alert::run(session, what).await,
            Command::ApiToken { what } => api_token::run(session, &what).await,
            Command::Owner { what } => owner::run(session, &what).await,
            Command::Backup { file } => backup::backup(session, &file).await,
            Command::Restore { file } => backup::restore(session, &file).await,
            Command::Export(args) => export::run(session, &args).await,
            Command::Verify => verify::run(session).await,
            Command::Healthcheck => healthcheck::run(session).await,
        }
    });
    // What still computes in the background (better compression) is nobody's concern any more.
    runtime.shutdown_background();
    outcome
}

/// Writes a result to standard output.
fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Stop::Output)
}

/// Says something to the person at the terminal. Nobody listening is fine.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
