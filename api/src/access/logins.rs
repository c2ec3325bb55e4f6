//! How people log in, stay logged in and set passwords.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use domain::access::{Account, AccountId, SessionId, TokenScope};
use domain::values::{CodeList, Email, Instant};
use persistence::lanes::{self, Try};
use persistence::sessions::{self, Opening, Refreshed};
use persistence::{Db, Tx, accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::secrets::{self, Hidden};
use super::tokens::{self, Given, TokenAnswer, TokenRequest};
use super::{Unproven, passwords};
use crate::app::{self, App};
use crate::http::asked::Caller;
use crate::http::body::Body;
use crate::http::query::{Nothing, Query};
use crate::http::{guard, source};
use crate::problem::Problem;

/// A one-time code, and the password that is set with it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "d.exemple@example.org",
    "code": "7KQ2-M9TX-4FPA-0WZB-RC3H-J6YD-EN8V",
    "password": "trois mésanges sur le Gardon",
}))]
pub struct Activation {
    /// The person's e-mail address.
    #[schema(value_type = Email)]
    email: Hidden,
    /// The one-time code, as an administrator gave it. Case, spaces and hyphens do not matter.
    code: Hidden,
    /// The password to log in with from now on: 12 to 200 characters, and not one that could be
    /// guessed.
    password: Hidden,
    /// What an earlier log-in from this device gave.
    #[serde(default)]
    device_token: Option<Hidden>,
}

/// Another password.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "current": "trois mésanges sur le Gardon",
    "new": "quatre loutres sous le pont vieux",
}))]
pub struct ChangeOfPassword {
    /// The present one.
    current: Hidden,
    /// The one to log in with from now on: 12 to 200 characters, and not one that could be guessed.
    new: Hidden,
}

/// A new session, with what opens it in clear: told once, kept as digests.
struct LogIn {
    session: SessionId,
    scopes: Vec<TokenScope>,
    refresh_token: String,
    device_token: String,
}

impl LogIn {
    fn new(
        app: &App,
        scopes: Option<Vec<TokenScope>>,
        device_token: Option<String>,
    ) -> Result<Self, Problem> {
        let device_token = match device_token {
            Some(known) => known,
            None => secrets::new_secret().map_err(persistence::Fault::from)?,
        };
        Ok(Self {
            session: SessionId::new(app.new_id()),
            scopes: scopes.unwrap_or_else(|| TokenScope::ALL.to_vec()),
            refresh_token: secrets::new_secret().map_err(persistence::Fault::from)?,
            device_token,
        })
    }

    /// Opens the session of an account.
    fn opening(&self) -> impl Fn(&mut Tx, AccountId) -> Result<(), Problem> + Send + 'static {
        let (id, scopes) = (self.session, self.scopes.clone());
        let refresh = secrets::digest(&self.refresh_token);
        let device = secrets::digest(&self.device_token);
        move |tx, account| {
            let opening = Opening {
                id,
                caller: domain::access::CallerId::new(account.uuid()),
                scopes: &scopes,
                refresh: &refresh,
            };
            sessions::open(tx, &opening)?;
            Ok(sessions::keep_device(tx, account, &device)?)
        }
    }

    fn answer(self, app: &App, account: AccountId) -> Result<HttpResponse, Problem> {
        let given = Given {
            caller: domain::access::CallerId::new(account.uuid()),
            session: Some(self.session),
            scopes: &self.scopes,
            refresh_token: Some(self.refresh_token),
            device_token: Some(self.device_token),
        };
        tokens::answer(app, given)
    }
}

/// An address as two of them are compared. One that cannot be an address is no one's.
fn address_key(text: &str) -> String {
    Email::parse(text).map_or_else(|_| format!(" {text}"), |email| email.folded())
}

/// What of tries from a place is counted where; of a device, once it is known to be the person's.
struct Lanes {
    subject: String,
    place: String,
    device: Option<String>,
}

impl Lanes {
    fn of(app: &App, key: &str, place: &str, device: Option<&str>) -> Result<Self, Problem> {
        let keys = app.keys();
        Ok(Self {
            subject: keys.digest(&["subject", key])?,
            place: keys.digest(&["place", key, place])?,
            device: match device {
                Some(device) => Some(keys.digest(&["device", key, device])?),
                None => None,
            },
        })
    }

    fn one(&self, from_known_device: bool) -> Try {
        let device = self.device.as_ref().filter(|_| from_known_device);
        Try {
            subject: self.subject.clone(),
            lane: device.unwrap_or(&self.place).clone(),
            is_known: device.is_some(),
        }
    }
}

/// A token for a person, by e-mail address and password.
///
/// Whether there is such a person changes neither what is counted, nor how long it takes, nor what
/// is answered.
pub(super) async fn by_password(
    app: &Data<App>,
    request: &HttpRequest,
    form: TokenRequest,
    scopes: Option<Vec<TokenScope>>,
) -> Result<HttpResponse, Problem> {
    let (Some(username), Some(password)) = (form.username, form.password) else {
        return Err(tokens::refused("invalid_request"));
    };
    let place = source::place(request, app.proxies());
    app.limits_of_rate().check_secrets(None, &place)?;
    let key = address_key(&username);
    let lanes_of = Lanes::of(app, &key, &place, form.device_token.as_deref())?;
    let device = form.device_token.as_deref().map(secrets::digest);
    let counted = app
        .act(guard::request_id(request), move |tx| {
            let account = accounts::with_address(tx, &key)?;
            let known = match (&account, &device) {
                (Some((account, _)), Some(device)) => {
                    sessions::is_known_device(tx, *account, device)?
                }
                _ => false,
            };
            let one = lanes::count(tx, lanes_of.one(known))?;
            Ok(one.map(|one| (one, account, known)))
        })
        .await?;
    let (one, account, known) = counted.map_err(Unproven::from)?;
    let hash = account.as_ref().and_then(|(_, hash)| hash.clone());
    let proved = app.prove(password.clone(), hash).await?;
    let (true, Some((account, Some(hash)))) = (proved, account) else {
        return Err(Unproven::BadPassword.into());
    };
    let renewed = if secrets::is_outdated(&hash) {
        Some(app.hash(password).await?)
    } else {
        None
    };
    let log_in = LogIn::new(app, scopes, form.device_token.filter(|_| known))?;
    let open = log_in.opening();
    let opened = app
        .act(guard::request_id(request), move |tx| {
            // Another password may have been set, or the account revoked, meanwhile.
            if accounts::password_of(tx, account)?.as_ref() != Some(&hash) {
                return Ok(false);
            }
            lanes::succeeded(tx, &one)?;
            if let Some(renewed) = &renewed {
                accounts::set_password(tx, account, renewed)?;
            }
            open(tx, account)?;
            Ok(true)
        })
        .await?;
    if !opened {
        return Err(Unproven::BadPassword.into());
    }
    log_in.answer(app, account)
}

/// The next token of a session.
pub(super) async fn by_refresh_token(
    app: &Data<App>,
    request: &HttpRequest,
    form: TokenRequest,
    asked: Option<Vec<TokenScope>>,
) -> Result<HttpResponse, Problem> {
    let Some(old) = form.refresh_token else {
        return Err(tokens::refused("invalid_request"));
    };
    let next = secrets::new_secret().map_err(persistence::Fault::from)?;
    let (old, new) = (secrets::digest(&old), secrets::digest(&next));
    let refreshed = app
        .act(guard::request_id(request), move |tx| {
            Ok(sessions::refresh(tx, &old, &new, asked.as_deref())?)
        })
        .await?;
    match refreshed {
        Refreshed::Yes {
            caller,
            session,
            scopes,
        } => {
            let given = Given {
                caller,
                session: Some(session),
                scopes: &scopes,
                refresh_token: Some(next),
                device_token: None,
            };
            tokens::answer(app, given)
        }
        Refreshed::No => Err(Unproven::BadRefresh.into()),
        Refreshed::Wider => Err(tokens::refused("invalid_scope")),
    }
}

/// Set a password with a one-time code, and log in.
///
/// For a new account, and for a person who forgot the password: an administrator gives the code. It
/// serves once, and every earlier session ends. An unknown address and a wrong code answer alike.
#[utoipa::path(tag = "access", request_body = Activation, security(()),
    responses((status = 200, description = "A token.", body = TokenAnswer)))]
#[post("/auth/activate")]
pub(crate) async fn activate_account(
    app: Data<App>,
    request: HttpRequest,
    _: Query<Nothing>,
    given: Body<Activation>,
) -> Result<HttpResponse, Problem> {
    let given = given.value;
    let place = source::place(&request, app.proxies());
    app.limits_of_rate().check_secrets(None, &place)?;
    let key = address_key(given.email.reveal());
    let code = secrets::digest_of_code(given.code.reveal());
    let (sought, tried, now) = (key.clone(), code.clone(), app.now());
    let invited = app
        .read_with_rights(move |db| {
            let Some((account, _)) = accounts::with_address(db, &sought)? else {
                return Ok(None);
            };
            if !accounts::has_code(db, account, &tried, now)? {
                return Ok(None);
            }
            let person = accounts::person_of(db, account)?;
            Ok(person.map(|person| (account, person)))
        })
        .await?;
    let Some((account, person)) = invited else {
        return Err(Unproven::BadCode.into());
    };
    let password = given.password.reveal().to_owned();
    let hash = checked_and_hashed(&app, password, person).await?;
    let device = given.device_token.as_ref().map(Hidden::reveal);
    // This try was not counted: a code cannot be guessed, and is always a way in.
    let one = Try {
        is_known: true,
        ..Lanes::of(&app, &key, &place, device)?.one(false)
    };
    let log_in = LogIn::new(&app, None, None)?;
    let open = log_in.opening();
    let now = instant(&app)?;
    let activated = app
        .act(guard::request_id(&request), move |tx| {
            let Some(present) = accounts::for_change(tx, account)? else {
                return Ok(false);
            };
            if !accounts::has_code(tx, account, &code, now.jiff())? {
                return Ok(false);
            }
            let active = present.activate(now)?;
            accounts::activate(tx, &active, &hash)?;
            lanes::succeeded(tx, &one)?;
            open(tx, account)?;
            Ok(true)
        })
        .await?;
    if !activated {
        return Err(Unproven::BadCode.into());
    }
    log_in.answer(&app, account)
}

/// Set another password for oneself.
///
/// Every other session of the person ends.
#[utoipa::path(tag = "access", request_body = ChangeOfPassword, security(("bearer" = [])),
    responses((status = 204, description = "It is set.")))]
#[post("/me/password")]
pub(crate) async fn change_my_password(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    _: Query<Nothing>,
    given: Body<ChangeOfPassword>,
) -> Result<HttpResponse, Problem> {
    let given = given.value;
    let account = AccountId::new(caller.id.uuid());
    let key = account.to_string();
    let place = source::place(&request, app.proxies());
    let lanes_of = Lanes::of(&app, &key, &place, Some("session"))?;
    let asking = caller.clone();
    let counted = app
        .act(guard::request_id(&request), move |tx| {
            session_of(tx, &asking)?;
            let one = lanes::count(tx, lanes_of.one(true))?;
            let (hash, person) = (
                accounts::password_of(tx, account)?,
                accounts::person_of(tx, account)?,
            );
            Ok(one.map(|one| (one, hash, person)))
        })
        .await?;
    let (one, hash, person) = counted.map_err(Unproven::from)?;
    let proved = app
        .prove(given.current.reveal().to_owned(), hash.clone())
        .await?;
    let (true, Some(person)) = (proved, person) else {
        return Err(Unproven::BadPassword.into());
    };
    let new = checked_and_hashed(&app, given.new.reveal().to_owned(), person).await?;
    app.act(guard::request_id(&request), move |tx| {
        let session = session_of(tx, &caller)?;
        if accounts::password_of(tx, account)? != hash {
            return Err(Unproven::BadPassword.into());
        }
        lanes::succeeded(tx, &one)?;
        Ok(accounts::change_password(tx, account, &new, session)?)
    })
    .await?;
    Ok(done())
}

/// The session of one who is logged in, and may call still.
pub(super) fn session_of(db: &mut Db, caller: &Caller) -> Result<SessionId, Problem> {
    app::actor(db, caller)?;
    Ok(caller.session.ok_or(Unproven::NoSession)?)
}

/// The hash of a password that is good enough for a person.
async fn checked_and_hashed(
    app: &App,
    password: String,
    person: domain::access::PersonFields,
) -> Result<String, Problem> {
    let sought = password.clone();
    let verdict = app
        .in_turn(move || passwords::check(&sought, &person))
        .await?;
    verdict?;
    app.hash(password).await
}

/// The present instant, as records hold it.
pub fn instant(app: &App) -> Result<Instant, Problem> {
    let now = Instant::try_from(app.now());
    Ok(now.map_err(|error| persistence::Fault::Schema(format!("the clock: {error}")))?)
}

/// Until when a one-time code made now is good.
pub fn code_until(app: &App) -> Result<Instant, Problem> {
    let until = app.now() + jiff::SignedDuration::from_hours(24 * Account::CODE_DAYS);
    let until = Instant::try_from(until);
    Ok(until.map_err(|error| persistence::Fault::Schema(format!("the clock: {error}")))?)
}

pub(super) fn done() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
