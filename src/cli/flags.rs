//! A flag for every setting that has one, drawn from the table of settings.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::SETTINGS;

/// The flags that were given, by their setting's name.
#[derive(Debug, Default)]
pub(super) struct SettingFlags(pub(super) Vec<(&'static str, String)>);

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &'static str| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Self(SETTINGS.iter().filter(|setting| setting.has_flag).filter_map(|s| given(s.name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        let arguments = SETTINGS.iter().filter_map(|setting| {
            let flag = setting.flag()?;
            Some(Arg::new(setting.name).long(flag).value_name(setting.kind.metavar).global(true).hide_short_help(true))
        });
        command.args(arguments)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
