//! The way in: every route in one table with who may use it, and the gate that each request passes. A route that is not in
//! the table does not exist; a test walks the table.

use super::answer::Refused;
use super::rights::Right;
use super::room::Shared;
use super::{
    assets, birthdays, case, day, directory, export, figures, handbook, live, muster, shift, sign_in, surveys,
};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde_json::json;

/// Longest body of a request in bytes: the longest text is 500 characters, a release pass has a list.
pub const MAX_BODY: usize = 64 * 1024;

/// Everything the page loads is our own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ";

/// The content security policy: nobody may frame the page but who is named.
pub fn policy(framed_by: &[String]) -> HeaderValue {
    let framed_by = if framed_by.is_empty() { "'none'".to_owned() } else { framed_by.join(" ") };
    // The configuration has checked the origins; what slipped through frames nothing.
    HeaderValue::try_from(format!("{POLICY}{framed_by}"))
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Before signing in: the empty shell, and signing in itself.
    Anybody,
    /// Signed in, with this right.
    Signed(Right),
}

pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    handler: fn() -> MethodRouter<Shared>,
}

const fn read(path: &'static str, access: Access, handler: fn() -> MethodRouter<Shared>) -> Route {
    Route { method: Method::GET, path, access, handler }
}

const fn write(path: &'static str, access: Access, handler: fn() -> MethodRouter<Shared>) -> Route {
    Route { method: Method::POST, path, access, handler }
}

/// Every route there is.
pub const ROUTES: &[Route] = &[
    read("/", Access::Anybody, || get(assets::shell)),
    read("/a/:file", Access::Anybody, || get(assets::asset)),
    read("/api/hello", Access::Anybody, || get(sign_in::hello)),
    write("/api/login", Access::Anybody, || post(sign_in::sign_in)),
    write("/api/logout", Access::Signed(Right::Self_), || post(sign_in::sign_out)),
    read("/api/me", Access::Signed(Right::Self_), || get(sign_in::me)),
    write("/api/post", Access::Signed(Right::Self_), || post(sign_in::change_post)),
    write("/api/secret", Access::Signed(Right::Self_), || post(sign_in::change_secret)),
    write("/api/here", Access::Signed(Right::Self_), || post(sign_in::here)),
    read("/api/live", Access::Signed(Right::Look), || get(live::live)),
    read("/api/case/:number", Access::Signed(Right::Look), || get(case::record)),
    write("/api/case/:number/step", Access::Signed(Right::Work), || post(case::step)),
    write("/api/open", Access::Signed(Right::Work), || post(case::open)),
    write("/api/lint", Access::Signed(Right::Work), || post(case::lint)),
    read("/api/log", Access::Signed(Right::Visitors), || get(day::log)),
    write("/api/log", Access::Signed(Right::Work), || post(day::note)),
    read("/api/visitors", Access::Signed(Right::Visitors), || get(day::visitors)),
    read("/api/muster", Access::Signed(Right::Visitors), || get(muster::list)),
    write("/api/muster", Access::Signed(Right::Muster), || post(muster::take)),
    read("/api/handbook", Access::Signed(Right::Look), || get(handbook::list)),
    read("/api/handbook/:id", Access::Signed(Right::Look), || get(handbook::entry)),
    write("/api/directory", Access::Signed(Right::Directory), || post(directory::search)),
    read("/api/pass/:code", Access::Signed(Right::Visitors), || get(shift::pass)),
    write("/api/support", Access::Signed(Right::Work), || post(shift::support)),
    read("/api/shift", Access::Signed(Right::Shift), || get(shift::last)),
    write("/api/shift", Access::Signed(Right::Shift), || post(shift::hand_over)),
    read("/api/report", Access::Signed(Right::Figures), || get(figures::report)),
    read("/api/report.csv", Access::Signed(Right::Figures), || get(figures::csv)),
    read("/api/surveys", Access::Signed(Right::Figures), || get(surveys::list)),
    read("/api/surveys.csv", Access::Signed(Right::Figures), || get(surveys::csv)),
    read("/api/birthdays", Access::Signed(Right::Birthdays), || get(birthdays::list)),
    read("/api/birthdays.csv", Access::Signed(Right::Birthdays), || get(birthdays::csv)),
    read("/api/sample", Access::Signed(Right::Export), || get(export::sample)),
    read("/api/export", Access::Signed(Right::Export), || get(export::export)),
];

/// What may be done before a secret that somebody else has seen is changed.
const BEFORE_CHANGE: [&str; 3] = ["/api/me", "/api/secret", "/api/logout"];

pub fn router(room: Shared) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, (route.handler)());
    }
    router
        .fallback(|| async { Refused::UNKNOWN })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .route_layer(from_fn_with_state(room.clone(), gate))
        .layer(from_fn_with_state(room.clone(), guarded))
        .with_state(room)
}

/// Nothing passes that the table does not let pass.
async fn gate(State(room): State<Shared>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let Some(route) = ROUTES.iter().find(|route| route.path == path && route.method == *method) else {
        return Refused::new(StatusCode::METHOD_NOT_ALLOWED, "unknown").into_response();
    };
    if route.method == Method::POST
        && let Err(refused) = from_our_page(&room, request.headers())
    {
        return refused.into_response();
    }
    let Access::Signed(right) = route.access else { return next.run(request).await };
    match signed_in(&room, route, right, request.headers()) {
        Ok(guard) => {
            if route.path != "/api/live" {
                room.seen_at(guard.post.as_ref());
            }
            request.extensions_mut().insert(guard);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

fn signed_in(
    room: &Shared,
    route: &Route,
    right: Right,
    headers: &HeaderMap,
) -> Result<super::session::Guard, Refused> {
    let signed_out = |why: &str| Refused::new(StatusCode::UNAUTHORIZED, "signed-out").with(json!({ "reason": why }));
    let token = sign_in::cookie(headers, room.secure).ok_or_else(|| signed_out("signed-out"))?;
    // A live stream is no touch: a phone in the park would stay signed in for ever.
    let guard = room.look(&token, route.path != "/api/live").map_err(|end| signed_out(end.name()))?;
    if route.method == Method::POST && !same(headers.get("x-csrf"), &guard.csrf) {
        return Err(Refused::new(StatusCode::FORBIDDEN, "csrf"));
    }
    if guard.must_change && !BEFORE_CHANGE.contains(&route.path) {
        return Err(Refused::new(StatusCode::FORBIDDEN, "must-change"));
    }
    if right.is_of(guard.role) { Ok(guard) } else { Err(Refused::RIGHT) }
}

/// Compared to the end, however early they differ.
fn same(given: Option<&HeaderValue>, wanted: &str) -> bool {
    let given = given.map(HeaderValue::as_bytes).unwrap_or_default();
    let differ = given.iter().zip(wanted.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    given.len() == wanted.len() && differ == 0
}

/// A form of another site can post to us, but not as JSON and not from our origin.
fn from_our_page(room: &Shared, headers: &HeaderMap) -> Result<(), Refused> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let scheme = if room.secure { "https://" } else { "http://" };
    if text(header::HOST).is_empty() || text(header::ORIGIN).strip_prefix(scheme) != Some(text(header::HOST)) {
        return Err(Refused::new(StatusCode::FORBIDDEN, "origin"));
    }
    let kind = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unreadable"));
    }
    Ok(())
}

async fn guarded(State(room): State<Shared>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response: Response<Body> = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set("x-content-type-options", "nosniff");
    if !room.framed {
        // It knows no list; a browser that knows the policy needs no such header.
        set("x-frame-options", "DENY");
    }
    set("referrer-policy", "no-referrer");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(self), microphone=(), geolocation=()");
    if room.secure {
        set("strict-transport-security", "max-age=31536000");
    }
    if is_api {
        set("cache-control", "no-store");
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, room.policy.clone());
    response
}
