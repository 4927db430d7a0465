//! What can be asked for on the command line. Help texts are in `words.rs`, in both languages.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::flags::SettingFlags;

#[derive(Debug, Parser)]
#[command(name = "mediakit", version, disable_help_flag = true, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Looked for before anything else is read, see `words::language`.
    #[arg(long, global = true, value_name = "de|en", value_parser = ["de", "en"])]
    pub(super) lang: Option<String>,
    #[command(flatten)]
    pub(super) flags: SettingFlags,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Serve,
    Demo {
        /// One of the simulator's creators.
        #[arg(long, value_name = "mara|wren", default_value = "mara", value_parser = ["mara", "wren"])]
        creator: String,
        /// How many days it lives through first.
        #[arg(long, value_name = "N", default_value_t = super::demo_past::DAYS, value_parser = clap::value_parser!(u32).range(..=1000))]
        days: u32,
    },
    Fetch(Fetch),
    Handle {
        #[command(subcommand)]
        what: Handle,
    },
    Token {
        #[command(subcommand)]
        what: Token,
    },
    Doctor(Doctor),
    Alert {
        #[command(subcommand)]
        what: Alert,
    },
    ApiToken {
        #[command(subcommand)]
        what: ApiToken,
    },
    Owner {
        #[command(subcommand)]
        what: Owner,
    },
    Backup {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Restore {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Export(Export),
    Verify,
    Config {
        #[command(subcommand)]
        what: Config,
    },
    Healthcheck,
}

#[derive(Args, Debug)]
pub(super) struct Fetch {
    #[arg(value_name = "PLATFORM")]
    pub(super) platforms: Vec<String>,
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Export {
    #[arg(long = "static", value_name = "DIR")]
    pub(super) folder: PathBuf,
    #[arg(long, value_name = "URL")]
    pub(super) address: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Handle {
    Set {
        #[arg(value_name = "PLATFORM")]
        platform: String,
        #[arg(value_name = "HANDLE")]
        handle: String,
    },
    List,
    Remove {
        #[arg(value_name = "PLATFORM")]
        platform: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    Status {
        #[arg(long)]
        json: bool,
    },
    Renew {
        #[arg(value_name = "PLATFORM")]
        platform: Option<String>,
    },
    Reveal {
        #[arg(value_name = "PLATFORM")]
        platform: String,
    },
    Rekey,
}

#[derive(Args, Debug)]
pub(super) struct Doctor {
    #[arg(long)]
    pub(super) json: bool,
    #[arg(long)]
    pub(super) offline: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Alert {
    Test,
}

#[derive(Debug, Subcommand)]
pub(super) enum ApiToken {
    Create {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "SCOPES", value_delimiter = ',', default_values = ["refresh", "read"],
              value_parser = super::api_token::SCOPES)]
        scope: Vec<String>,
    },
    List,
    Revoke {
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Owner {
    Create {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long)]
        password_stdin: bool,
    },
    ResetPassword {
        #[arg(value_name = "NAME")]
        name: Option<String>,
        #[arg(long)]
        password_stdin: bool,
        #[arg(long)]
        without_second_factor: bool,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Config {
    Default,
    Show,
    Check,
}
