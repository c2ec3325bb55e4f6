//! Settings: by flag, by environment, by file, in that order.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::territories::TerritoryCode;
use domain::values::{Date, ValueError};
use serde::Deserialize;

use crate::access::issuer::IssuerSettings;
use crate::exports::Exported;

/// The open back-end of French health coordination.
#[derive(Debug, Parser)]
#[command(name = "maillage", version)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The base: `sqlite://PATH` or `postgres://…`
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<Secret>,
    /// A file of settings, in TOML.
    #[arg(long, env = "MAILLAGE_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Answer in JSON, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API.
    Serve(Box<Serve>),
    /// Make the base or bring it up to date.
    Migrate,
    /// Fill a base with the Alès basin as public sources describe it.
    Demo {
        /// Do nothing when the base already holds something.
        #[arg(long)]
        if_empty: bool,
    },
    /// Manage the clients of the API.
    #[command(subcommand)]
    Client(Client),
    /// Take records from files.
    #[command(subcommand)]
    Import(Import),
    /// Write every record of a type, to be copied or to be opened in a spreadsheet.
    Export {
        /// The type.
        what: Exported,
        /// How: `ndjson` has the records as they are stored, one on each line.
        #[arg(long, value_enum, default_value = "ndjson")]
        format: ExportFormat,
        /// The file to write, once it is whole; standard output when left out.
        #[arg(long)]
        output: Option<PathBuf>,
    },
    /// Manage the accounts of people.
    #[command(subcommand)]
    Account(Account),
    /// See whether the base agrees with itself: each record with its versions, the audit, the feed and
    /// what finds it. Tells each fault as table, row and what is wrong; exits with 1 if there is one.
    Check {
        /// Look too for what should have been erased: people whom no `maintain` has swept, and the words on stdin, one
        /// a line, anywhere in the base. Tells where, and never the word.
        #[arg(long)]
        erasures: bool,
    },
    /// Copy a live SQLite base, whole, to a file that is not there yet.
    Backup {
        /// The file to make.
        to: PathBuf,
    },
    /// Forget what is kept no longer, and let the engine tidy up. A server may go on meanwhile.
    Maintain {
        /// Days that changes stay in the feed. [default: 400]
        #[arg(long, env = "MAILLAGE_FEED_DAYS")]
        feed_days: Option<u32>,
        /// Give the space that is free in an SQLite file back to the disk. Writers wait meanwhile.
        #[arg(long)]
        vacuum: bool,
    },
    /// Print the OpenAPI document.
    Openapi {
        /// In JSON rather than YAML: `--json` says the same.
        #[arg(long, hide = true)]
        as_json: bool,
    },
}

/// How an export is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object on each line.
    Ndjson,
    /// CSV for programs.
    Csv,
    /// CSV for a French spreadsheet.
    CsvFr,
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Give a script its access, and print its id and secret once.
    Create {
        /// Its name, for those who read the audit.
        #[arg(long)]
        name: String,
        /// Its role: administrator, coordinator, federation, reader…
        #[arg(long)]
        role: String,
        /// What the role is over: `everything`, or `organisation:` and an id.
        #[arg(long, default_value = "everything")]
        scope: String,
    },
    /// Give a client another secret and print it once. The present one is good no longer.
    Rotate {
        /// Its id.
        id: uuid::Uuid,
    },
    /// Withdraw a client's access, from the next request on.
    Revoke {
        /// Its id.
        id: uuid::Uuid,
    },
}

/// What to import.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Organisations, from a CSV file with our columns or with a mapping to them.
    Organisations(crate::imports::command::Asked),
    /// Networks, in the same way.
    Networks(crate::imports::command::Asked),
    /// Memberships, in the same way: of records named by our ids, or by the keys of the same source.
    Memberships(crate::imports::command::Asked),
    /// Load reference lists of one year: communes.json, epci.json, departements.json and
    /// regions.json of npm @etalab/decoupage-administratif, or a CSV of priority districts.
    Territories(Territories),
}

/// Which reference lists to load, and what is known of their changes.
#[derive(Clone, Debug, Args)]
pub struct Territories {
    /// The files, in any order; what each holds is seen from itself.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The year of the lists: they say what was true on its 1 January.
    #[arg(long)]
    pub vintage: i16,
    /// What the files hold, to be refused when it is something else.
    #[arg(long, value_parser = ["qpv"])]
    pub kind: Option<String>,
    /// The day on which what changed since the vintage before changed, `2025-01-01`; or only what
    /// happened to one commune and to those it took in, `30329=2025-01-01`. May be given several
    /// times. Without it the day is said to lie between the two vintages.
    #[arg(long, value_name = "[CODE=]DAY")]
    pub changed_on: Vec<ChangedOn>,
    /// Where the lists come from, in words. [default: their usual publisher]
    #[arg(long)]
    pub source: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// The day of every change, or of what happened to one commune.
#[derive(Clone, Debug)]
pub struct ChangedOn {
    /// The commune.
    pub code: Option<TerritoryCode>,
    /// The day.
    pub day: Date,
}

impl std::str::FromStr for ChangedOn {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (code, day) = match text.split_once('=') {
            Some((code, day)) => (Some(TerritoryCode::parse(code)?), day),
            None => (None, text),
        };
        let day = day.parse()?;
        Ok(Self { code, day })
    }
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Give a person an account, and print its id and a one-time code once.
    Create {
        /// The person's name.
        #[arg(long)]
        name: String,
        /// The person's e-mail address. Nothing is sent to it.
        #[arg(long)]
        email: String,
        /// The person's role: administrator, coordinator, reader…
        #[arg(long)]
        role: String,
        /// What the role is over: `everything`, or `organisation:` and an id.
        #[arg(long, default_value = "everything")]
        scope: String,
    },
    /// Give a person another one-time code, to set another password with.
    Code {
        /// The account's id.
        id: uuid::Uuid,
    },
}

/// How to serve. What is left out is taken from the file, then from the defaults.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// Where to listen; port 0 picks one and prints it. [default: 127.0.0.1:8080]
    #[arg(long, env = "MAILLAGE_LISTEN")]
    pub listen: Option<String>,
    /// Threads that speak HTTP. [default: one for each processor]
    #[arg(long, env = "MAILLAGE_WORKERS")]
    pub workers: Option<usize>,
    /// Threads that read the base. [default: as fits the engine]
    #[arg(long, env = "MAILLAGE_READERS")]
    pub readers: Option<u32>,
    /// Threads that write to PostgreSQL; SQLite has one. [default: 8]
    #[arg(long, env = "MAILLAGE_WRITERS")]
    pub writers: Option<u32>,
    /// Requests a minute for each client; 0 for no limit. [default: 6000]
    #[arg(long, env = "MAILLAGE_REQUESTS_PER_MINUTE")]
    pub requests_per_minute: Option<u32>,
    /// The largest body, in bytes. [default: 1048576]
    #[arg(long, env = "MAILLAGE_BODY_BYTES")]
    pub body_bytes: Option<usize>,
    /// The largest file to import, in bytes. [default: 67108864]
    #[arg(long, env = "MAILLAGE_IMPORT_BYTES")]
    pub import_bytes: Option<usize>,
    /// For how many seconds a token is good. [default: 900]
    #[arg(long, env = "MAILLAGE_TOKEN_SECONDS")]
    pub token_seconds: Option<u32>,
    /// An origin whose pages may call us from a browser; may be given several times.
    #[arg(long = "origin", env = "MAILLAGE_ORIGINS", value_delimiter = ',')]
    #[serde(default)]
    pub origins: Vec<String>,
    /// Let anybody read the public directory without a token.
    #[arg(long, env = "MAILLAGE_PUBLIC_DIRECTORY")]
    #[serde(default)]
    pub public_directory: bool,
    /// A proxy whose `X-Forwarded-For` is believed, by address or `10.0.0.0/8`; may be given several
    /// times. [default: none]
    #[arg(
        long = "trusted-proxy",
        env = "MAILLAGE_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// The key that tokens are signed with, 32 bytes or more in base64url. [default: made on first start]
    #[arg(long, env = "MAILLAGE_SIGNING_KEY", hide_env_values = true)]
    pub signing_key: Option<Secret>,
    /// Days that changes stay in the feed. [default: 400]
    #[arg(long, env = "MAILLAGE_FEED_DAYS")]
    pub feed_days: Option<u32>,
    /// Write nothing: reads are answered, writes are 503.
    #[arg(long, env = "MAILLAGE_READ_ONLY")]
    #[serde(default)]
    pub read_only: bool,
    /// Log level: error, warn, info, debug. [default: info]
    #[arg(long, env = "MAILLAGE_LOG")]
    pub log: Option<String>,
    /// Whose tokens are believed beside our own.
    #[command(flatten)]
    #[serde(skip)]
    pub issuer: IssuerSettings,
}

/// A text that is never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The settings of a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The base.
    pub database_url: Option<Secret>,
    /// How to serve.
    #[serde(default)]
    pub serve: Serve,
    /// Whose tokens are believed beside our own.
    #[serde(default)]
    pub issuer: IssuerSettings,
}

/// A file of settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    /// It cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is not what we expect.
    #[error("{0}: {1}")]
    Unfit(PathBuf, toml::de::Error),
}

impl File {
    /// The file named on the command line or in the environment, or nothing.
    pub fn read(common: &Common) -> Result<Self, BadFile> {
        let Some(path) = &common.config else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| BadFile::Unreadable(path.clone(), error))?;
        let mut file: Self =
            toml::from_str(&text).map_err(|error| BadFile::Unfit(path.clone(), error))?;
        file.serve.issuer = std::mem::take(&mut file.issuer);
        Ok(file)
    }
}

impl Serve {
    /// These settings, and those of a file where these say nothing.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            listen: self.listen.or(file.listen),
            workers: self.workers.or(file.workers),
            readers: self.readers.or(file.readers),
            writers: self.writers.or(file.writers),
            requests_per_minute: self.requests_per_minute.or(file.requests_per_minute),
            body_bytes: self.body_bytes.or(file.body_bytes),
            import_bytes: self.import_bytes.or(file.import_bytes),
            token_seconds: self.token_seconds.or(file.token_seconds),
            origins: if self.origins.is_empty() {
                file.origins
            } else {
                self.origins
            },
            public_directory: self.public_directory || file.public_directory,
            trusted_proxies: if self.trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                self.trusted_proxies
            },
            signing_key: self.signing_key.or(file.signing_key),
            feed_days: self.feed_days.or(file.feed_days),
            read_only: self.read_only || file.read_only,
            log: self.log.or(file.log),
            issuer: self.issuer.or(file.issuer),
        }
    }

    /// How long changes stay in the feed.
    #[must_use]
    pub fn feed_kept_for(&self) -> Duration {
        Duration::from_secs(u64::from(self.feed_days.unwrap_or(400)) * 24 * 3600)
    }
}
