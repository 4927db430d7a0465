//! `serve`: the web server with its schedule, until it is told to stop.

use std::io;
use std::net::SocketAddr;

use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use super::stop::{Exit, Stop};
use super::{Session, print};
use crate::app::App;
use crate::domain::owner;
use crate::domain::text::Lang;
use crate::sign_in::SignInError;
use crate::store::StoreError;

/// The name of an owner whose password was configured.
const OWNER: &str = "owner";

pub(super) async fn run(session: &Session) -> Result<Exit, Stop> {
    let config = session.logging_config("info")?;
    let listener = listen(config.listen, session.lang).await?;
    let app = session.app(config).await?;
    let address = app.config.public_url(listener.local_addr().map_err(Stop::Output)?);
    print(&format!("Media kit  {address}/mediakit\n"))?;
    welcome(&app, &address, session.lang).await?;
    app.serve(listener, told_to_stop(signal())).await?;
    Ok(Exit::All)
}

/// Makes the first owner, or prints the way to do it in the browser. The code stands behind a #, which browsers send
/// to nobody.
async fn welcome(app: &App, address: &str, lang: Lang) -> Result<(), Stop> {
    if app.store.has_owner().await? {
        return Ok(());
    }
    if let Some(password) = &app.config.owner_password {
        owner::password(password.expose_secret())
            .map_err(|why| Stop::usage(format!("MEDIAKIT_OWNER_PASSWORD: {}", why.get(lang))))?;
        return match app.sign_in.create_first(OWNER, password.clone()).await {
            Ok(_) => print(&format!("Admin      {address}/admin\n")),
            // Another server on the same database was faster.
            Err(SignInError::Store(StoreError::Conflict)) => Ok(()),
            Err(SignInError::Store(error)) => Err(Stop::Store(error)),
            Err(error) => Err(Stop::Said(Exit::Nothing, error.to_string())),
        };
    }
    match app.sign_in.setup().open() {
        Some(code) => print(&format!("Set up     {address}/admin/setup#{}\n", code.expose_secret())),
        None => Err(Stop::Said(Exit::Nothing, SignInError::Machine.to_string())),
    }
}

/// Takes the address before anything else is opened: a second server on it must change nothing.
pub(super) async fn listen(address: SocketAddr, lang: Lang) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| Stop::Said(Exit::Nothing, refused(address, &error, lang)))
}

fn refused(address: SocketAddr, error: &io::Error, lang: Lang) -> String {
    match (error.kind(), lang) {
        (io::ErrorKind::AddrInUse, Lang::De) => format!(
            "An {address} lauscht schon jemand. Beende das andere Programm oder wähle mit --listen eine andere Adresse."
        ),
        (io::ErrorKind::AddrInUse, Lang::En) => {
            format!("Somebody listens on {address} already. End that program or choose another address with --listen.")
        }
        (_, Lang::De) => {
            format!("An {address} kann mediakit nicht lauschen ({error}). Wähle mit --listen eine andere Adresse.")
        }
        (_, Lang::En) => format!("mediakit can't listen on {address} ({error}). Choose another address with --listen."),
    }
}

/// Ends with the first Ctrl-C or termination signal; another one ends the process at once.
pub(super) async fn told_to_stop(first: impl Future<Output = ()>) {
    first.await;
    tracing::info!("stopping; running answers may finish");
    tokio::spawn(async {
        signal().await;
        std::process::exit(i32::from(Exit::Nothing as u8));
    });
}

/// Ends at Ctrl-C or a termination signal that comes after it is first polled.
#[cfg(unix)]
pub(super) async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminate.recv() => {}
    }
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn signal() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
