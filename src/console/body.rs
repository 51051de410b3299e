//! The body of a request as a checked type. What is wrong with it is told without repeating it.

use super::answer::Refused;
use super::room::Shared;
use axum::async_trait;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// For a body to arrive: whoever sends it byte by byte must not keep a place.
pub const BODY_WITHIN: Duration = Duration::from_secs(10);

/// JSON of this type; the gate has looked at the content type.
pub struct Body<T>(pub T);

#[async_trait]
impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, room: &Shared) -> Result<Self, Refused> {
        let read = tokio::time::timeout(room.body_within, Bytes::from_request(request, room)).await;
        let read = read.map_err(|_| Refused::new(StatusCode::REQUEST_TIMEOUT, "unreadable"))?;
        let bytes = read.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large")
            } else {
                Refused::UNREADABLE
            }
        })?;
        serde_json::from_slice(&bytes).map(Body).map_err(|_| Refused::UNREADABLE)
    }
}
