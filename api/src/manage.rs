//! Clients and accounts, at the hand of the one who runs the program.

use crate::access::secrets;
use crate::settings::{Account as OfAccounts, Client as OfClients};
use domain::access::{
    Account, AccountId, Action, Actor, Client, ClientFields, ClientId, Grant, GrantFields, GrantId,
    Permit, PersonFields, PersonId, RotationOfSecret, Target, TokenScope,
};
use domain::values::{CodeList, Email, Instant, Label, ValueError};
use jiff::SignedDuration;
use persistence::{Database, Fault, accounts, clients, grants};
use serde_json::json;
use uuid::Uuid;

use crate::commands::{Outcome, by_operator};

/// Does what is asked with the clients of a base.
pub(crate) async fn client(database: Database, asked: OfClients, as_json: bool) -> Outcome {
    match asked {
        OfClients::Create { name, role, scope } => {
            let fields = grant(&role, &scope)?;
            create_client(&database, &name, fields, as_json).await
        }
        OfClients::Rotate { id } => rotate_client(&database, ClientId::new(id), as_json).await,
        OfClients::Revoke { id } => revoke_client(&database, ClientId::new(id), as_json).await,
    }
}

/// Does what is asked with the accounts of a base.
pub(crate) async fn account(database: Database, asked: OfAccounts, as_json: bool) -> Outcome {
    match asked {
        OfAccounts::Create {
            name,
            email,
            role,
            scope,
        } => {
            let person = PersonFields {
                name: named(&name)?,
                email: Email::parse(&email).map_err(|error| format!("--email: {error}"))?,
            };
            create_account(&database, person, grant(&role, &scope)?, as_json).await
        }
        OfAccounts::Code { id } => give_code(&database, AccountId::new(id), as_json).await,
    }
}

fn grant(role: &str, scope: &str) -> Result<GrantFields, ValueError> {
    Ok(GrantFields {
        role: role.parse()?,
        scope: scope.parse()?,
        starts_on: None,
        ends_before: None,
    })
}

fn named(name: &str) -> Result<Label, String> {
    Label::parse(name).map_err(|error| format!("--name: {error}"))
}

fn permit(action: Action) -> Result<Permit, domain::access::Denied> {
    Actor::operator().authorise(action, Target::Everything)
}

async fn create_client(
    database: &Database,
    name: &str,
    fields: GrantFields,
    as_json: bool,
) -> Outcome {
    let id = ClientId::new(Uuid::now_v7());
    let (origin, permit) = (by_operator()?, permit(Action::CreateClient)?);
    let secret = secrets::new_secret()?;
    let kept = secrets::kept(&secret)?;
    let of = ClientFields {
        name: named(name)?,
        token_scopes: TokenScope::ALL.to_vec(),
        expires_at: None,
    };
    let client = Client::create(id, of, Instant::try_from(origin.at)?);
    let grant = Grant::give(GrantId::new(Uuid::now_v7()), client.caller(), fields)?;
    database
        .transact(origin, move |tx| {
            clients::insert(tx, &permit, &client, &kept)?;
            grants::insert(tx, &permit, &grant).map(drop)
        })
        .await?;
    show_secret(id, &secret, as_json);
    Ok(())
}

fn show_secret(id: ClientId, secret: &str, as_json: bool) {
    if as_json {
        println!("{}", json!({ "client_id": id, "client_secret": secret }));
    } else {
        println!("client_id      {id}\nclient_secret  {secret}\n\nThe secret is shown this once.");
    }
}

async fn rotate_client(database: &Database, id: ClientId, as_json: bool) -> Outcome {
    let (origin, permit) = (by_operator()?, permit(Action::ChangeClient)?);
    let now = Instant::try_from(origin.at)?;
    let secret = secrets::new_secret()?;
    let kept = secrets::kept(&secret)?;
    let rotated = database
        .transact(origin, move |tx| {
            let Some(present) = clients::for_change(tx, id)? else {
                return Ok(false);
            };
            let Ok(client) = present.rotate(&RotationOfSecret::default(), now) else {
                return Ok(false);
            };
            clients::rotate(tx, &permit, &client, &kept)?;
            Ok::<_, Fault>(true)
        })
        .await?;
    if !rotated {
        return Err("no such client, or its access was withdrawn".into());
    }
    show_secret(id, &secret, as_json);
    Ok(())
}

async fn revoke_client(database: &Database, id: ClientId, as_json: bool) -> Outcome {
    let (origin, permit) = (by_operator()?, permit(Action::RevokeClient)?);
    let now = Instant::try_from(origin.at)?;
    let revoked = database
        .transact(origin, move |tx| {
            let Some(present) = clients::for_change(tx, id)? else {
                return Ok(false);
            };
            let Ok(client) = present.revoke(now) else {
                return Ok(false);
            };
            clients::revoke(tx, &permit, &client)?;
            Ok::<_, Fault>(true)
        })
        .await?;
    if !revoked {
        return Err("no such client, or its access was already withdrawn".into());
    }
    if as_json {
        println!("{}", json!({ "client_id": id, "revoked": true }));
    }
    Ok(())
}

async fn create_account(
    database: &Database,
    person: PersonFields,
    fields: GrantFields,
    as_json: bool,
) -> Outcome {
    let id = AccountId::new(Uuid::now_v7());
    let (origin, permit) = (by_operator()?, permit(Action::CreateAccount)?);
    let code = secrets::new_code()?;
    let digest = secrets::digest_of_code(&code);
    let until = code_until(origin.at)?;
    let account = Account::invite(id, PersonId::new(Uuid::now_v7()), until);
    let grant = Grant::give(GrantId::new(Uuid::now_v7()), account.caller(), fields)?;
    let done = database
        .transact(origin, move |tx| {
            if let Err(refused) = accounts::insert(tx, &permit, &account, &person, &digest)? {
                return Ok::<_, Fault>(Err(refused));
            }
            grants::insert(tx, &permit, &grant)?;
            Ok(Ok(()))
        })
        .await?;
    done?;
    show_code(id, &code, until, as_json);
    Ok(())
}

async fn give_code(database: &Database, id: AccountId, as_json: bool) -> Outcome {
    let (origin, permit) = (by_operator()?, permit(Action::ChangeAccount)?);
    let code = secrets::new_code()?;
    let digest = secrets::digest_of_code(&code);
    let until = code_until(origin.at)?;
    let given = database
        .transact(origin, move |tx| {
            let Some(present) = accounts::for_change(tx, id)? else {
                return Ok(false);
            };
            let Ok(account) = present.give_code(until) else {
                return Ok(false);
            };
            accounts::give_code(tx, &permit, &account, &digest)?;
            Ok::<_, Fault>(true)
        })
        .await?;
    if !given {
        return Err("no such account, or its access was withdrawn".into());
    }
    show_code(id, &code, until, as_json);
    Ok(())
}

fn code_until(at: jiff::Timestamp) -> Result<Instant, ValueError> {
    Instant::try_from(at + SignedDuration::from_hours(24 * Account::CODE_DAYS))
}

fn show_code(id: AccountId, code: &str, until: Instant, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({ "account_id": id, "code": code, "code_expires_at": until })
        );
    } else {
        println!(
            "account_id  {id}\ncode        {code}\n\nThe code is shown this once. It serves once, until {until}."
        );
    }
}
