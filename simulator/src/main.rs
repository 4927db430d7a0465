//! `simulator [--seed N] [--base-port P] [--now RFC3339]`: runs the platforms until Ctrl-C and
//! prints where they are, as environment variables.

use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

use simulator::{Options, Simulator};

const USAGE: &str = "usage: simulator [--seed N] [--base-port P] [--now RFC3339]";

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => return failed(2, &format!("{why}\n{USAGE}")),
    };
    let simulator = match Simulator::start(options).await {
        Ok(simulator) => simulator,
        Err(why) => return failed(1, &format!("the listeners can't be opened: {why}")),
    };
    for (name, origin) in simulator.origins() {
        println!("MEDIAKIT_UPSTREAM_{name}={origin}");
    }
    println!("# control API: {}", simulator.control_origin());
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(1, &format!("Ctrl-C can't be waited for: {why}")),
    }
}

fn failed(code: u8, why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(code)
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seed" => options.seed = parsed(&name, &value)?,
            "--base-port" => options.base_port = Some(parsed(&name, &value)?),
            "--now" => options.now = Some(parsed(&name, &value)?),
            _ => return Err(format!("there is no option {name}")),
        }
    }
    Ok(options)
}

fn parsed<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|why| format!("{name} {value}: {why}"))
}
