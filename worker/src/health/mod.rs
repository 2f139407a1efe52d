//! What machines ask of a worker: `/livez` (does it get on?), `/readyz` (can it work?), `/metrics` (how does it do?).
//! Meant for this machine or the fleet's own network: it tells no names and no ids, and takes no orders.

mod fleet;

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jointforce_shared::{
    commands::House,
    domain::refused::Refused,
    store::db::{self, known},
};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use tokio::{net::TcpListener, time::timeout};
use tracing::{info, warn};

pub(crate) use self::fleet::Fleet;
use crate::{
    bell::{Bell, Health},
    metrics,
    orders::Orders,
    portal::Bounded,
    progress::{Progress, STUCK},
};

/// How long the database may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);

/// The place where machines ask.
#[derive(Debug)]
pub(crate) struct HealthDesk {
    listener: TcpListener,
    fleet: Fleet,
}

#[derive(Clone)]
struct Desk {
    house: House,
    bell: Bell,
    progress: Progress,
    orders: Orders,
    fleet: Fleet,
}

impl HealthDesk {
    /// Listens.
    ///
    /// # Errors
    /// Refused where that address can't be listened at.
    pub async fn open(address: SocketAddr) -> Result<Self, Refused> {
        let refused = |error: std::io::Error| {
            let fix = "Give --health-addr another address: 127.0.0.1:9180 is usual, port 0 takes a free one.";
            Refused::one("health", format!("{address} can't be listened at: {error}"), fix)
        };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        info!(address = %listener.local_addr().map_err(refused)?, "health and metrics are served");
        Ok(Self { listener, fleet: Fleet::default() })
    }

    /// The fleet's numbers, which are empty until somebody reads them.
    pub fn fleet(&self) -> Fleet {
        self.fleet.clone()
    }

    /// Answers for as long as it is waited for: also while the worker leaves.
    pub async fn serve(self, house: House, bell: Bell, progress: Progress, orders: Orders) {
        let desk = Desk { house, bell, progress, orders, fleet: self.fleet };
        let router = Router::new()
            .route("/livez", get(live))
            .route("/readyz", get(ready))
            .route("/metrics", get(numbers))
            .with_state(desk);
        if let Err(error) = axum::serve(Bounded::new(self.listener), router).await {
            warn!("health is no longer served: {error}");
        }
    }
}

async fn live(State(desk): State<Desk>) -> Response {
    match desk.progress.stuck(STUCK) {
        None => (StatusCode::OK, "alive\n").into_response(),
        Some(stuck) => (StatusCode::SERVICE_UNAVAILABLE, format!("{stuck}\n")).into_response(),
    }
}

async fn ready(State(desk): State<Desk>) -> Response {
    let mut wrong = vec![];
    if desk.orders.is_leaving() {
        wrong.push("worker: leaving".to_owned());
    } else if desk.orders.is_at_rest() {
        wrong.push("worker: quiet until SIGCONT".to_owned());
    }
    let mut said = vec![];
    let store = &desk.house.db;
    let asked = async { Ok::<_, db::Error>((store.takes_writes().await?, store.check_schema().await?)) };
    match timeout(ANSWER, asked).await {
        Ok(Ok((false, _))) => wrong.push("database: there, but it can only be read: a standby?".to_owned()),
        Ok(Ok((true, found))) if found == known() => {
            said.push("database: there, with this program's schema".to_owned())
        }
        // Old and new run side by side while a fleet is upgraded.
        Ok(Ok((true, found))) => said.push(format!(
            "database: there, with schema {found}, which serves this program's {} too; install the newer program",
            known()
        )),
        Ok(Err(error)) => wrong.push(format!("database: {error}")),
        Err(_) => wrong.push(format!("database: no answer within {} s", ANSWER.as_secs())),
    }
    match desk.bell.health() {
        Health::Reachable => said.push("queue: there".to_owned()),
        Health::Away { away, lasting } => wrong.push(format!("queue: away for {} s: {away}", lasting.as_secs())),
    }
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    wrong.append(&mut said);
    (status, wrong.join("\n") + "\n").into_response()
}

async fn numbers(State(desk): State<Desk>) -> Response {
    let mut text = String::new();
    // Writing into a String doesn't fail.
    let _ = encode_registry(&mut text, metrics::registry());
    text += &desk.fleet.text().unwrap_or_default();
    let _ = encode_eof(&mut text);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
