//! What each command does.

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::access::{Keys, secrets};
use crate::app::{App, Clock, Ids, Limits};
use crate::exports::{self, Exported};
use crate::http::format::{Dialect, Whole};
use crate::http::source::BadNetwork;
use crate::http::stream::Long;
use crate::rate::Rates;
use crate::server::{self, Serving};
use crate::settings::{Cli, Command, Common, ExportFormat, File, Import, Serve, Territories};
use crate::territories::load;
use crate::{chores, demo, document, imports};
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::records::ResourceType;
use jiff::Timestamp;
use persistence::page::After;
use persistence::{Database, Fault, Location, Origin, Settings, Tx, callers};
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::{manage, upkeep};

pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Runs one command.
pub(crate) fn run(cli: Cli) -> Outcome {
    let file = File::read(&cli.common)?;
    if let Command::Openapi { as_json } = cli.command {
        return print_document(as_json || cli.common.json);
    }
    let location = location(&cli.common, &file)?;
    let json = cli.common.json;
    match cli.command {
        Command::Serve(serve) => {
            actix_web::rt::System::new().block_on(serve_api(&location, (*serve).or(file.serve)))
        }
        Command::Migrate => migrate(&location, json),
        Command::Demo { if_empty } => {
            actix_web::rt::System::new().block_on(fill(&location, if_empty, json))
        }
        Command::Export {
            what,
            format,
            output,
        } => actix_web::rt::System::new().block_on(export(&location, what, format, output)),
        Command::Import(Import::Organisations(asked)) => {
            import(&location, ResourceType::Organisation, &asked, json)
        }
        Command::Import(Import::Networks(asked)) => {
            import(&location, ResourceType::Network, &asked, json)
        }
        Command::Import(Import::Memberships(asked)) => {
            import(&location, ResourceType::Membership, &asked, json)
        }
        Command::Client(client) => {
            let work = manage::client(open_for_work(&location)?, client, json);
            actix_web::rt::System::new().block_on(work)
        }
        Command::Account(account) => {
            let work = manage::account(open_for_work(&location)?, account, json);
            actix_web::rt::System::new().block_on(work)
        }
        Command::Import(Import::Territories(asked)) => {
            let origin = Origin {
                dry_run: asked.dry_run,
                ..by_operator()?
            };
            let database = open(&location, &Settings::for_location(&location, processors()))?;
            let work = import_territories(&database, origin, &asked, json);
            actix_web::rt::System::new().block_on(work)
        }
        Command::Check { erasures } => upkeep::check(&location, erasures, json),
        Command::Backup { to } => upkeep::back_up(&location, &to, json),
        Command::Maintain { feed_days, vacuum } => {
            let serve = Serve {
                feed_days,
                ..Serve::default()
            }
            .or(file.serve);
            let work = upkeep::maintain(
                open_for_work(&location)?,
                serve.feed_kept_for(),
                vacuum,
                json,
            );
            actix_web::rt::System::new().block_on(work)
        }
        Command::Openapi { .. } => Ok(()),
    }
}

fn location(common: &Common, file: &File) -> Result<Location, Box<dyn std::error::Error>> {
    let given = common.database_url.as_ref().or(file.database_url.as_ref());
    match given {
        Some(url) => Ok(url.reveal().parse()?),
        None => {
            Err("no base: give --database-url, DATABASE_URL or database_url in the file".into())
        }
    }
}

fn print_document(as_json: bool) -> Outcome {
    let text = if as_json {
        document().to_pretty_json()?
    } else {
        document().to_yaml()?
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

pub(crate) fn processors() -> u32 {
    std::thread::available_parallelism()
        .ok()
        .and_then(|n| u32::try_from(n.get()).ok())
        .unwrap_or(2)
}

fn migrate(location: &Location, as_json: bool) -> Outcome {
    let ran = persistence::create(location, &Settings::for_location(location, processors()))?;
    if as_json {
        println!("{}", json!({ "migrations": ran }));
    } else if ran.is_empty() {
        println!("{location} is up to date");
    } else {
        for name in &ran {
            println!("{name}");
        }
    }
    Ok(())
}

/// Opens a base that is up to date; otherwise says how to make it so.
fn open(location: &Location, settings: &Settings) -> Result<Database, Box<dyn std::error::Error>> {
    let pending = persistence::pending(location, settings)?;
    if pending.is_empty() {
        return Ok(Database::open(location, settings)?);
    }
    Err(format!(
        "{location} lacks {}: run `maillage migrate`",
        pending.join(", ")
    )
    .into())
}

async fn fill(location: &Location, if_empty: bool, as_json: bool) -> Outcome {
    let settings = Settings::for_location(location, processors());
    persistence::create(location, &settings)?;
    let database = open(location, &settings)?;
    let told = demo::fill(
        &database,
        if_empty,
        demo::today()?,
        std::io::stderr().is_terminal(),
    )
    .await?;
    match told {
        None if !as_json => println!("{location} already holds something; nothing was done"),
        None => println!("{}", json!(demo::Filled::default())),
        Some(filled) if as_json => println!("{}", json!(filled)),
        Some(filled) => println!(
            "{location}: {} territories, {} organisations, {} networks, {} relations, {} mergers",
            filled.territories,
            filled.organisations,
            filled.networks,
            filled.relations,
            filled.lineage
        ),
    }
    Ok(())
}

fn import(
    location: &Location,
    of: ResourceType,
    asked: &imports::command::Asked,
    as_json: bool,
) -> Outcome {
    let database = open(location, &Settings::for_location(location, processors()))?;
    let work = imports::command::records(&database, of, asked, as_json);
    actix_web::rt::System::new().block_on(work)
}

async fn import_territories(
    database: &Database,
    origin: Origin,
    asked: &Territories,
    as_json: bool,
) -> Outcome {
    let shown = std::io::stderr().is_terminal();
    let report = load::from_files(database, origin, asked, shown).await?;
    if as_json {
        println!("{}", json!({ "dry_run": asked.dry_run, "report": report }));
    } else {
        if asked.dry_run {
            println!("dry run: nothing was kept");
        }
        println!("{report}");
    }
    Ok(())
}

async fn export(
    location: &Location,
    what: Exported,
    format: ExportFormat,
    output: Option<PathBuf>,
) -> Outcome {
    let database = open(location, &Settings::for_location(location, processors()))?;
    let form = match format {
        ExportFormat::Ndjson => Whole::Stored,
        ExportFormat::Csv => Whole::Table(Dialect::Standard),
        ExportFormat::CsvFr => Whole::Table(Dialect::Fr),
    };
    let mut long = exports::by_operator(database, what, form, demo::today()?);
    let Some(output) = output else {
        return copy(&mut long, &mut std::io::stdout().lock()).await;
    };
    // Under another name until it is whole, so that no part is taken for all.
    let mut draft = output.clone().into_os_string();
    draft.push(".part");
    let mut file = std::fs::File::create(&draft)?;
    copy(&mut long, &mut file).await?;
    file.sync_all()?;
    std::fs::rename(&draft, &output)?;
    Ok(())
}

async fn copy(long: &mut Long<After>, to: &mut impl Write) -> Outcome {
    loop {
        let piece = long.piece().await.map_err(|problem| {
            let cause = problem.cause().map(ToString::to_string);
            cause.unwrap_or_else(|| problem.to_string())
        })?;
        match piece {
            Some(bytes) => to.write_all(&bytes)?,
            None => return Ok(to.flush()?),
        }
    }
}

/// Opens a base for one command.
fn open_for_work(location: &Location) -> Result<Database, Box<dyn std::error::Error>> {
    open(location, &Settings::for_location(location, processors()))
}

/// Where the program's own writes come from.
pub(crate) fn by_operator() -> Result<Origin, Box<dyn std::error::Error>> {
    Ok(Origin::by_operator(
        persistence::Clock::new(Timestamp::now),
        demo::today()?,
    ))
}

async fn serve_api(location: &Location, serve: Serve) -> Outcome {
    // A request that is no HTTP is no error of ours; a long answer that is cut off is told by us.
    let log = serve.log.as_deref().unwrap_or("info");
    let log = EnvFilter::try_new(format!("actix_http=off,{log}"))?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(log)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
    let settings = Settings {
        readers: serve
            .readers
            .unwrap_or(Settings::for_location(location, processors()).readers),
        writers: serve
            .writers
            .unwrap_or(Settings::for_location(location, processors()).writers),
        ..Settings::for_location(location, processors())
    };
    let issuer = serve.issuer.issuer()?;
    if let Some(issuer) = &issuer {
        issuer.prepare(Timestamp::now()).await?;
    }
    let database = open(location, &settings)?.reading_only(serve.read_only);
    let key = signing_key(location, &serve, &database).await?;
    let keys = Keys::new(&key, serve.token_seconds.unwrap_or(900))?;
    let limits = Limits {
        body_bytes: serve.body_bytes.unwrap_or(Limits::default().body_bytes),
        import_bytes: serve.import_bytes.unwrap_or(Limits::default().import_bytes),
        ..Limits::default()
    };
    let rates = Rates::new(serve.requests_per_minute.unwrap_or(6000));
    let app = App::new(database, Clock::System, Ids::Random, keys, limits, rates);
    let proxies = serve.trusted_proxies.iter().map(|proxy| proxy.parse());
    let app = Data::new(
        app.open_to_the_public(serve.public_directory)
            .behind(proxies.collect::<Result<_, BadNetwork>>()?)
            .believing(issuer),
    );
    app.database()
        .turn_day(app.today(), || {
            Origin::by_operator(app.clock(), app.today())
        })
        .await?;
    let listener = TcpListener::bind(serve.listen.as_deref().unwrap_or("127.0.0.1:8080"))?;
    let serving = Serving {
        workers: serve
            .workers
            .unwrap_or_else(|| processors().try_into().unwrap_or(2)),
        origins: serve.origins.clone(),
        farewell: Duration::from_secs(30),
        heed_signals: true,
    };
    let (server, address) = server::start(app.clone(), &serving, listener)?;
    tracing::info!(database = %location, listen = %address, settings = ?serve, "serving");
    println!("http://{address}");
    let chores = actix_web::rt::spawn(chores(app, serve.feed_kept_for()));
    server.await?;
    chores.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Every hour what must be done from time to time; not where nothing may be written.
async fn chores(app: Data<App>, feed_kept_for: Duration) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        hourly.tick().await;
        app.limits_of_rate().tidy();
        let origin = Origin::by_operator(app.clock(), app.today());
        // So that those who only read a copy of an idle base know what its new day brings.
        let turn = app.database().turn_day(app.today(), || origin.clone());
        if let Err(fault) = turn.await {
            tracing::warn!(%fault, "turn of the day");
        }
        match chores::once(app.database(), origin, feed_kept_for).await {
            Ok(done) => tracing::info!(?done, "chores"),
            Err(Fault::ReadOnly) => tracing::debug!("chores are left to a process that writes"),
            Err(fault) => tracing::warn!(%fault, "chores"),
        }
    }
}

/// The key given, else the one kept beside an SQLite file or in a PostgreSQL base, else a new one.
async fn signing_key(
    location: &Location,
    serve: &Serve,
    database: &Database,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    if let Some(given) = &serve.signing_key {
        return Ok(URL_SAFE_NO_PAD
            .decode(given.reveal().trim_end_matches('='))
            .or(Err("the signing key is not base64url"))?);
    }
    let fresh = secrets::random::<32>()?;
    let beside = location.beside("key");
    if let Some(path) = beside.filter(|path| path.exists() || !serve.read_only) {
        return Ok(key_in_file(&path, &fresh)?);
    }
    if let Some(kept) = database.read(callers::signing_key).await? {
        return Ok(kept);
    }
    let keep = move |tx: &mut Tx| callers::keep_signing_key(tx, &fresh);
    match database.transact(by_operator()?, keep).await {
        Err(Fault::ReadOnly) => Err(
            "there is no signing key yet, and nothing may be written here: \
             give the key of the processes that write, by --signing-key"
                .into(),
        ),
        kept => Ok(kept?),
    }
}

/// The key in a file that only we may read; made when there is none.
fn key_in_file(path: &Path, fresh: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    if !path.exists() {
        // Written whole under another name first, so that a crash leaves no half of a key; of two
        // processes that start at once, the first to link wins.
        let draft = path.with_extension(format!("key.{}", std::process::id()));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(URL_SAFE_NO_PAD.encode(fresh).as_bytes())?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        linked.or_else(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })?;
    }
    let permissions = std::fs::metadata(path)?.permissions().mode();
    if permissions & 0o077 != 0 {
        let told = format!("{} may be read by others: chmod 600 it", path.display());
        return Err(std::io::Error::other(told));
    }
    let text = std::fs::read_to_string(path)?;
    URL_SAFE_NO_PAD
        .decode(text.trim())
        .map_err(std::io::Error::other)
}
