//! Signing in and out, and what a person may change about himself. Wrong id and wrong secret read the same and take the
//! same time. A secret stands in no log, event or answer.

use super::answer::Refused;
use super::body::Body;
use super::room::Shared;
use super::roster;
use super::secret;
use super::session::{End, Guard};
use super::throttle::Gate;
use crate::config::staff::{self, Member, Roster};
use crate::event::{Data, Kind, Slug, data};
use crate::http::{Caller, Peer};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a turn to compare a secret: two sign-ins a second are more than a house has.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest id in characters; ids are slugs.
const MAX_ID: usize = 64;

/// With the prefix a browser takes it from this host and over TLS only.
const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-lobbyd" } else { "lobbyd" }
}

/// The cookie's value.
pub fn cookie(headers: &HeaderMap, secure: bool) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(secure)).map(|(_, value)| value.to_owned())
}

fn set_cookie(secure: bool, value: &str) -> HeaderValue {
    let safe = if secure { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{safe}{age}", cookie_name(secure));
    HeaderValue::try_from(text).expect("hexadecimal digits are plain ASCII")
}

/// `GET /api/hello`: what the page must know before anybody has signed in.
pub async fn hello(State(room): State<Shared>, headers: HeaderMap) -> Json<Value> {
    let signed_in = cookie(&headers, room.secure).is_some_and(|token| room.look(&token, false).is_ok());
    Json(json!({
        "site": room.site,
        "site_en": room.site_en,
        "time": room.now().utc,
        "time_zone": room.house.zone.name(),
        "posts": posts(&room),
        "doors": room.doors,
        "signed_in": signed_in,
    }))
}

fn posts(room: &Shared) -> Value {
    room.house
        .posts
        .iter()
        .map(|post| json!({ "id": post.id, "name": post.name.as_deref().unwrap_or(post.id.as_str()) }))
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    id: String,
    secret: String,
    #[serde(default)]
    post: Option<Slug>,
}

/// `POST /api/login`.
pub async fn sign_in(
    State(room): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    Body(asked): Body<SignIn>,
) -> Result<Response, Refused> {
    let id = asked.id.trim().to_lowercase();
    if id.chars().count() > MAX_ID || asked.secret.len() > secret::MAX_SECRET {
        return Err(Refused::UNREADABLE);
    }
    knock(&room, &id, address)?;
    let member = room.roster.borrow().member(&id).cloned();
    let usable = member.filter(|member| !member.disabled);
    if !fits(&room, asked.secret, usable.as_ref().map(|member| member.hash.clone())).await? {
        return Err(failed(&room, &id));
    }
    let Some(member) = usable else { return Err(failed(&room, &id)) };
    let post = choose_post(&room, &member, asked.post)?;
    room.throttle().forget(&id);
    let facts = data([("staff", json!(member.id)), ("role", json!(member.role)), ("post", json!(post))]);
    room.record(Kind::StaffSignedIn, member.id.clone(), facts, Data::new()).await?;
    let (token, csrf) = room.sessions().begin(&member.id, post, room.now().utc);
    room.keep_sessions().await;
    let guard = room.look(&token, true).map_err(|_| Refused::BUSY)?;
    let answer = Json(json!({ "csrf": csrf, "me": about(&room, &guard) }));
    Ok(([(header::SET_COOKIE, set_cookie(room.secure, &token))], answer).into_response())
}

fn knock(room: &Shared, id: &str, address: IpAddr) -> Result<(), Refused> {
    match room.throttle().knock(id, Caller::now(address), room.now().utc) {
        Gate::Open => Ok(()),
        Gate::Slow => Err(Refused::new(StatusCode::TOO_MANY_REQUESTS, "slow")),
        Gate::Locked(until) => Err(locked(until)),
    }
}

fn locked(until: chrono::DateTime<chrono::Utc>) -> Refused {
    Refused::new(StatusCode::TOO_MANY_REQUESTS, "locked").with(json!({ "until": until }))
}

/// Compares on a thread of its own, a few at a time.
async fn fits(room: &Shared, secret: String, hash: Option<String>) -> Result<bool, Refused> {
    let turn = tokio::time::timeout(PATIENCE, room.hashing.acquire()).await;
    let _turn = turn.ok().and_then(Result::ok).ok_or(Refused::BUSY)?;
    let compared = tokio::task::spawn_blocking(move || secret::verify(&secret, hash.as_deref()));
    compared.await.map_err(|_| Refused::BUSY)
}

/// Counts and journals a wrong secret. An id that nobody has is not journaled: it may be a PIN in the wrong field. Nobody
/// waits for the journal: the time of an answer would tell which ids there are.
fn failed(room: &Shared, id: &str) -> Refused {
    let until = room.throttle().failed(id, room.now().utc);
    let known = room.roster.borrow().member(id).map(|member| member.id.clone());
    if let Some(known) = known {
        let kind = if until.is_some() { Kind::StaffLockedOut } else { Kind::StaffRefused };
        let facts = data([("staff", json!(known)), ("until", json!(until))]);
        let room = room.clone();
        tokio::spawn(async move {
            if let Err(refused) = room.record(kind, known, facts, Data::new()).await {
                tracing::warn!(code = refused.code, "a wrong secret was refused, but not recorded");
            }
        });
    }
    match until {
        Some(until) => locked(until),
        None => Refused::new(StatusCode::UNAUTHORIZED, "wrong"),
    }
}

/// The post asked for, or the only one there is to choose.
fn choose_post(room: &Shared, member: &Member, asked: Option<Slug>) -> Result<Option<Slug>, Refused> {
    let may = |post: &Slug| room.house.post(post).is_some() && member.may_stand_at(post);
    match asked {
        Some(post) if may(&post) => Ok(Some(post)),
        Some(_) => Err(Refused::new(StatusCode::FORBIDDEN, "post")),
        None => {
            let mut open = room.house.posts.iter().map(|post| &post.id).filter(|post| member.may_stand_at(post));
            let only = open.next().cloned();
            Ok(if open.next().is_none() { only } else { None })
        }
    }
}

fn about(room: &Shared, guard: &Guard) -> Value {
    let member = room.member(&guard.id);
    let open = room.house.posts.iter().map(|post| &post.id);
    let open = open.filter(|post| member.as_ref().is_some_and(|member| member.may_stand_at(post)));
    json!({
        "id": guard.id,
        "name": guard.name,
        "badge": guard.badge,
        "role": guard.role,
        "post": guard.post,
        "posts": open.collect::<Vec<_>>(),
        "leads": guard.role.leads(),
        "must_change": guard.must_change,
    })
}

/// `GET /api/me`.
pub async fn me(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Json<Value> {
    let mut me = about(&room, &guard);
    me["csrf"] = json!(guard.csrf);
    Json(me)
}

/// `POST /api/logout`.
pub async fn sign_out(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Response {
    room.sessions().end(&guard.session, End::SignedOut);
    room.keep_sessions().await;
    room.tell_signed_out(&guard.id, End::SignedOut).await;
    ([(header::SET_COOKIE, set_cookie(room.secure, ""))], Json(json!({}))).into_response()
}

/// `POST /api/here`: somebody touches the page; the gate has noted it.
pub async fn here() -> Json<Value> {
    Json(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePost {
    post: Slug,
}

/// `POST /api/post`.
pub async fn change_post(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<ChangePost>,
) -> Result<Json<Value>, Refused> {
    let member = room.member(&guard.id).ok_or(Refused::RIGHT)?;
    let post = choose_post(&room, &member, Some(asked.post))?;
    room.sessions().move_to(&guard.session, post.clone());
    room.keep_sessions().await;
    Ok(Json(json!({ "me": about(&room, &Guard { post, ..guard }) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSecret {
    old: String,
    new: String,
}

/// `POST /api/secret`: a secret that nobody else has seen.
pub async fn change_secret(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Extension(Peer(address)): Extension<Peer>,
    Body(asked): Body<ChangeSecret>,
) -> Result<Json<Value>, Refused> {
    let member = room.member(&guard.id).ok_or(Refused::RIGHT)?;
    if asked.old == asked.new || secret::check(&asked.new, guard.id.as_str()).is_err() {
        return Err(Refused::new(StatusCode::CONFLICT, "weak"));
    }
    knock(&room, guard.id.as_str(), address)?;
    if !fits(&room, asked.old, Some(member.hash)).await? {
        return Err(failed(&room, guard.id.as_str()));
    }
    room.throttle().forget(guard.id.as_str());
    let (folder, id) = (room.data_dir.clone(), guard.id.clone());
    let written = tokio::task::spawn_blocking(move || {
        let hash = secret::hash(&asked.new);
        staff::edit(&folder, |roster: &mut Roster| {
            let member = roster.member_mut(&id).ok_or("he is no longer on the list")?;
            (member.hash, member.must_change) = (hash, false);
            Ok(roster.clone())
        })
    });
    let roster = written.await.map_err(|_| Refused::BUSY)?.map_err(|error| {
        tracing::error!(%error, "a new secret was not stored");
        Refused::STORAGE
    })?;
    room.roster.send_replace(Arc::new(roster));
    // Before anything else: whoever follows the list would take it for a reset by somebody else.
    let told = roster::tell(&room, Some(guard.actor())).await;
    room.sessions().end_of(std::slice::from_ref(&guard.id), Some(&guard.session));
    room.keep_sessions().await;
    told?;
    Ok(Json(json!({ "me": about(&room, &Guard { must_change: false, ..guard }) })))
}
