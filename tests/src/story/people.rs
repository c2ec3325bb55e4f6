//! People with accounts: invited, logging in, logged in.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::access::Role;
use domain::values::CodeList;
use serde_json::{Value, json};

use super::{Answer, App, Client, Given};

/// A password that nobody guesses.
pub const PASSWORD: &str = "trois mésanges sur le Gardon";

/// A person who was given an account.
pub struct Invited {
    /// The account, with its tag.
    pub account: Given,
    /// The address by which the person logs in.
    pub email: String,
    /// The one-time code.
    pub code: String,
}

/// A person who logged in.
pub struct LoggedIn {
    /// With the token.
    pub client: Client,
    /// What gets the next token.
    pub refresh_token: String,
    /// What a device keeps.
    pub device_token: String,
}

impl LoggedIn {
    /// What an answer that logs in gives.
    #[track_caller]
    pub fn of(app: &App, answer: &Answer) -> Self {
        let told = answer.is(200).json();
        let text = |member: &str| told[member].as_str().unwrap_or_default().to_owned();
        Self {
            client: app.bearing(&text("access_token")),
            refresh_token: text("refresh_token"),
            device_token: text("device_token"),
        }
    }
}

/// The account that an answer tells of, with its tag.
#[track_caller]
pub fn account_of(answer: &Answer) -> Given {
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    Given {
        path: format!("/v1/accounts/{id}"),
        id,
        etag: answer.etag(),
    }
}

/// The client that an answer tells of, with its tag.
#[track_caller]
pub fn client_of(answer: &Answer) -> Given {
    let account = account_of(answer);
    Given {
        path: format!("/v1/clients/{}", account.id),
        ..account
    }
}

/// An address that no other person has.
pub fn new_address() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("p{}@example.org", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What is said of a person who is given a role on everything.
pub fn person(name: &str, email: &str, role: Role) -> Value {
    let grant = json!({ "role": role.code(), "scope": { "kind": "everything" } });
    json!({ "name": name, "email": email, "grants": [grant] })
}

impl App {
    /// Gives a person an account with a role on everything.
    #[track_caller]
    pub fn invited(&self, name: &str, role: Role) -> Invited {
        let email = new_address();
        let answer = self
            .administrator()
            .post("/v1/accounts", &person(name, &email, role));
        Invited {
            code: answer.is(201).json()["code"].as_str().unwrap().to_owned(),
            account: account_of(&answer),
            email,
        }
    }

    /// A person with an account and a password.
    #[track_caller]
    pub fn active(&self, role: Role) -> (Invited, LoggedIn) {
        let invited = self.invited("Dominique Exemple", role);
        let logged_in = LoggedIn::of(self, &self.activate(&invited, PASSWORD));
        (invited, logged_in)
    }

    /// Sets a password with a one-time code.
    pub fn activate(&self, invited: &Invited, password: &str) -> Answer {
        let given = json!({ "email": invited.email, "code": invited.code, "password": password });
        self.nobody().post("/v1/auth/activate", &given)
    }

    /// Tries to log in.
    pub fn log_in(&self, email: &str, password: &str) -> Answer {
        self.log_in_from(email, password, None, None)
    }

    /// Tries to log in, from a device or through a proxy that tells this address.
    pub fn log_in_from(
        &self,
        email: &str,
        password: &str,
        device_token: Option<&str>,
        address: Option<&str>,
    ) -> Answer {
        let mut form = format!(
            "grant_type=password&username={}&password={}",
            escaped(email),
            escaped(password)
        );
        if let Some(device) = device_token {
            form = format!("{form}&device_token={device}");
        }
        let nobody = self.nobody();
        let asking = nobody.ask("POST", "/v1/auth/token").form(&form);
        match address {
            Some(address) => asking.header("x-forwarded-for", address).send(),
            None => asking.send(),
        }
    }

    /// Asks for the next token of a session.
    pub fn refresh(&self, refresh_token: &str, scope: Option<&str>) -> Answer {
        let scope = scope.map(|scope| format!("&scope={}", escaped(scope)));
        let form = format!(
            "grant_type=refresh_token&refresh_token={refresh_token}{}",
            scope.unwrap_or_default()
        );
        self.nobody()
            .ask("POST", "/v1/auth/token")
            .form(&form)
            .send()
    }

    /// How many secrets were compared with a hash so far.
    pub fn secrets_compared(&self) -> u64 {
        let measures = self.administrator().get("/metrics");
        let line = measures.text().lines().find_map(|line| {
            line.strip_prefix("maillage_secrets_compared_total ")
                .map(str::to_owned)
        });
        line.unwrap().parse().unwrap()
    }
}

/// A hash at a lower cost than ours.
pub fn cheap_hash(password: &str) -> String {
    use argon2::password_hash::PasswordHasher;
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    argon2
        .hash_password(password.as_bytes())
        .unwrap()
        .to_string()
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| {
        if byte.is_ascii_alphanumeric() {
            all + &char::from(byte).to_string()
        } else {
            all + &format!("%{byte:02X}")
        }
    })
}
