//! `demo`: everything by an example. The platforms are simulated on loopback, the clients are the real ones, and all
//! data lies in a temporary folder that goes when the demo ends. What the operator configured is not touched.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use simulator::{Creator, InstagramLogin, Options, Simulator};

use super::stop::{Exit, Stop};
use super::{Session, api_token, demo_kits, demo_links, demo_past, fetch, log, print, say, serve};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::domain::text::Lang;
use crate::refresh::{Refresher, Trigger};

/// How often the demo refreshes; X's budget of a dollar lasts for a hundred of these.
const EVERY: Duration = Duration::from_mins(1);
/// Private numbers she shows to everybody.
const PUBLISHED: [&str; 9] = [
    "instagram.reach_28d",
    "instagram.views_28d",
    "instagram.reach_daily",
    "instagram.audience_country",
    "instagram.audience_age",
    "instagram.audience_gender",
    "youtube.audience_country",
    "youtube.audience_age",
    "youtube.audience_gender",
];
/// Of the operator's environment only how logs are written counts.
const KEPT_VARIABLES: [&str; 2] = ["MEDIAKIT_LOG", "MEDIAKIT_LOG_FORMAT"];

pub(super) async fn run(session: &Session, who: &str, days: u32) -> Result<Exit, Stop> {
    let folder = tempfile::Builder::new().prefix("mediakit-demo-").tempdir().map_err(Stop::Output)?;
    let simulator = Simulator::start(Options::default()).await.map_err(Stop::Output)?;
    demo_past::travel(&simulator, demo_past::refreshed_at(Clock::System.now(), days));
    let config = configure(session, folder.path(), &simulator, who)?;
    log::start(&config, if days > 0 { "error" } else { "warn" });
    let listener = serve::listen(config.listen, session.lang).await?;
    let lived = async {
        live_through(&config, &simulator, who, days, session.lang).await?;
        let app = App::build(config, Clock::System, Vec::new()).await?;
        let secrets = prepare(&app, who, session.lang).await?;
        Ok::<_, Stop>((app, secrets))
    };
    // One ear for all of it: what comes between two would be heard by nobody.
    let mut stop = Box::pin(serve::signal());
    let (app, (token, password)) = tokio::select! {
        lived = lived => lived?,
        // The folder goes also when the demo is stopped before it began.
        () = &mut stop => return Ok(Exit::All),
    };
    let address = app.config.public_url(listener.local_addr().map_err(Stop::Output)?);
    say(match session.lang {
        Lang::De => "Alles hier ist nachgestellt und verschwindet mit dem Ende. Strg-C beendet die Demo.",
        Lang::En => "All of this is simulated and goes when it ends. Ctrl-C ends the demo.",
    });
    print(&format!(
        "Media kit  {address}/mediakit\nLink page  {address}/\nAdmin      {address}/admin\nSign in    {who} {}\nAPI docs   {address}/api/docs\n\
         API token  {}\nSimulator  {}\n",
        password.expose_secret(),
        token.expose_secret(),
        simulator.control_origin(),
    ))?;
    let living = tokio::spawn(live(app.refresher.clone(), app.store.creator().await?.id));
    app.serve(listener, serve::told_to_stop(stop)).await?;
    living.abort();
    Ok(Exit::All)
}

/// Enters the profile and lets the days before today pass, each with a refresh.
async fn live_through(config: &Config, simulator: &Simulator, who: &str, days: u32, lang: Lang) -> Result<(), Stop> {
    let clock = Clock::fixed(simulator.now());
    let app = App::build(config.clone(), clock.clone(), Vec::new()).await?;
    app.store.need_not_last().await?;
    let creator = simulator.creators().into_iter().find(|creator| creator.key == who);
    enter_profile(&app, creator.as_ref()).await?;
    if days > 0 {
        demo_past::live(&app, &clock, simulator, days, lang).await?;
    }
    demo_past::travel(simulator, Clock::System.now());
    Ok(())
}

/// Lets time pass: the simulated audiences grow by the minute.
async fn live(refresher: Refresher, creator_id: i64) {
    let mut tick = tokio::time::interval(EVERY);
    // The first refresh was the one that filled the page.
    tick.tick().await;
    loop {
        tick.tick().await;
        // A failure is shown on the page, as everywhere.
        let _ = refresher.start(creator_id, &[], Trigger::Hand).await;
    }
}

/// Fills the pages, makes a token and an owner, and fetches today's numbers.
async fn prepare(app: &App, who: &str, lang: Lang) -> Result<(SecretString, SecretString), Stop> {
    demo_kits::enter(app, who).await?;
    demo_links::enter(app, who).await?;
    let (token, hash) = api_token::new_token()?;
    app.store.insert_api_token("demo", &hash, &api_token::SCOPES, app.clock.now()).await?;
    // As long and as random as a token, and nobody else's: the demo listens on loopback only, but who knows to whom.
    let (password, _) = api_token::new_token()?;
    let made = app.sign_in.create_first(who, password.clone()).await;
    made.map_err(|error| Stop::Said(Exit::Nothing, error.to_string()))?;
    fetch::refresh(app, app.store.creator().await?.id, &[], lang).await?;
    Ok((token, password))
}

/// A configuration of its own: flags count, the data lies in `folder`, the platforms are the simulated ones.
fn configure(session: &Session, folder: &Path, simulator: &Simulator, who: &str) -> Result<Config, Stop> {
    let names = &session.sources.upstreams;
    let origins = simulator.origins().iter().filter(|(name, _)| names.contains(name));
    let lines: Vec<String> = origins.map(|(name, origin)| format!("{name} = \"{origin}\"\n")).collect();
    let file = folder.join("mediakit.toml");
    std::fs::write(&file, format!("[upstream]\n{}", lines.concat())).map_err(Stop::Output)?;
    let env_social = folder.join(".env.social");
    let credentials = simulator.env_social_with(who, InstagramLogin::Instagram) + &simulator.grant(who, "youtube");
    write_private(&env_social, &credentials).map_err(Stop::Output)?;

    let kept = |name: &OsString| KEPT_VARIABLES.iter().any(|kept| name == kept);
    let environment = session.sources.environment.iter().filter(|(name, _)| kept(name)).cloned().collect();
    let data_dir = folder.join("data");
    let database = format!("sqlite://{}", data_dir.join("mediakit.db").display());
    let mut flags = session.sources.flags.clone();
    flags.extend([
        ("data_dir", data_dir.display().to_string()),
        ("database_url", database),
        ("env_social", env_social.display().to_string()),
    ]);
    Ok(Config::load(&Sources { file: Some(file), environment, flags, upstreams: names.clone() })?)
}

fn write_private(path: &Path, content: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content.as_bytes())
}

/// Fills the profile in as the creator would, with every handle on a platform we know.
async fn enter_profile(app: &App, simulated: Option<&Creator>) -> Result<(), Stop> {
    let Some(simulated) = simulated else { return Ok(()) };
    let mut creator = app.store.creator().await?;
    creator.name.clone_from(&simulated.name);
    creator.bio = Some(simulated.bio.clone()).filter(|bio| !bio.is_empty());
    creator.location = Some(simulated.location.clone()).filter(|place| !place.is_empty());
    creator.contact = Some(simulated.website.clone()).filter(|website| !website.is_empty());
    creator.published = PUBLISHED.map(str::to_owned).to_vec();
    app.store.update_creator(&creator).await?;
    for platform in &app.platforms {
        let about = platform.about();
        let handle = simulated.handles.get(about.id).and_then(|handle| (about.normalise)(handle).ok());
        if let Some(handle) = handle {
            app.store.set_handle(creator.id, about.id, &handle).await?;
        }
    }
    Ok(())
}
