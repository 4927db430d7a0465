//! The binary: hands over to the command line.

fn main() -> std::process::ExitCode {
    mediakit::cli::run(std::env::args_os(), std::env::vars_os())
}
