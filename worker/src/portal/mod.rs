//! The web pages for rights holders, over HTTP: today the one page on which a question is answered by link.
//!
//! A link is enough to answer, so pages are made for links that leak: nothing changes on a GET (mail scanners open every
//! link), each link works once, nothing may cache or frame a page or learn its address, and whoever holds no link of
//! ours learns nothing, not even whether a question exists. TLS is the business of the proxy in front.

mod answer;
mod connections;
mod links;
mod page;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use jointforce_shared::{commands::House, domain::refused::Refused};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tracing::{info, warn};

use self::page::Page;
pub(crate) use connections::Bounded;
pub use links::{KeyFile, Links};

use crate::carry_out::Carrier;

/// Bytes of a form: a note of 2,000 characters at four bytes, each written as three characters.
const BODY_BYTES_MAX: usize = 32 * 1024;
/// The longest that one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// How long those who are being answered are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where the pages are served, and how links are made.
#[derive(Debug, Clone)]
pub struct PortalConfig {
    /// Where to listen.
    pub listen: Listen,
    /// The address under which the world reaches it, `https://portal.example`; without one, the address it listens at.
    pub url: Option<String>,
    /// The key that signs links.
    pub key: KeyFile,
}

/// Where to listen.
#[derive(Debug, Clone)]
pub enum Listen {
    /// At this address, or not at all.
    At(SocketAddr),
    /// On this machine alone, at the port written in this file so that yesterday's links still work; else, or where
    /// another has it by now, at any free one, which is then written there.
    Remembered(PathBuf),
    /// Nowhere: another worker serves the pages, this one only writes letters with links to them.
    Nowhere,
}

/// The pages, ready to be served.
#[derive(Debug)]
pub struct Portal {
    listener: Option<TcpListener>,
    links: Links,
}

impl Portal {
    /// Reads the key and listens.
    ///
    /// # Errors
    /// A key or an address that can't be used.
    pub async fn open(config: PortalConfig) -> anyhow::Result<Self> {
        let key = config.key.read()?;
        let listener = match &config.listen {
            Listen::At(address) => Some(
                TcpListener::bind(address).await.with_context(|| format!("the portal can't listen at {address}"))?,
            ),
            Listen::Remembered(file) => Some(listen_again(file).await?),
            Listen::Nowhere => None,
        };
        let here = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let url = match (config.url, here) {
            (Some(url), _) => url,
            (None, Some(here)) => format!("http://{here}"),
            (None, None) => {
                let fix = "Set JOINTFORCE_PORTAL_URL, for example https://portal.example.";
                return Err(Refused::one("portal", "the address of its pages is not known", fix).into());
            }
        };
        Ok(Self { listener, links: Links::new(&url, key)? })
    }

    /// What letters need to make links.
    #[must_use]
    pub fn links(&self) -> Links {
        self.links.clone()
    }

    /// Serves until `stop` turns true.
    pub async fn serve(self, carrier: watch::Receiver<Carrier>, mut stop: watch::Receiver<bool>) {
        let Some(listener) = self.listener else { return };
        if let Ok(here) = listener.local_addr() {
            info!(address = %here, "the portal listens");
        }
        let desk = Desk { carrier, links: self.links };
        let mut stopped = stop.clone();
        let leave = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let serving = axum::serve(Bounded::new(listener), router(desk)).with_graceful_shutdown(leave);
        let serving = async { serving.await.map_err(|error| warn!("the portal ended: {error}")) };
        let farewell = async {
            let _ = stop.wait_for(|stop| *stop).await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! { _ = serving => {} () = farewell => {} }
    }
}

/// What the pages work with.
#[derive(Clone)]
struct Desk {
    /// Its house has the newest policy.
    carrier: watch::Receiver<Carrier>,
    links: Links,
}

impl Desk {
    fn house(&self) -> House {
        self.carrier.borrow().house.clone()
    }
}

fn router(desk: Desk) -> Router {
    Router::new()
        .route("/answer/{token}", get(answer::ask).post(answer::take))
        .route("/style.css", get(page::style))
        .fallback(async || Page::Unknown.into_response())
        .method_not_allowed_fallback(async || Page::Unknown.into_response())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn(guarded))
        .with_state(desk)
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(REQUEST_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// What every answer says to browsers. The address is the secret, so no page tells it on, and nothing keeps a page.
const GUARDS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("x-robots-tag", "noindex, nofollow"),
    ("cache-control", "no-store"),
];

async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in GUARDS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

async fn listen_again(file: &PathBuf) -> anyhow::Result<TcpListener> {
    let remembered = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<u16>().ok());
    if let Some(port) = remembered
        && let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await
    {
        return Ok(listener);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("the portal can't listen on this machine")?;
    let port = listener.local_addr()?.port();
    std::fs::write(file, format!("{port}\n")).with_context(|| format!("{} can't be written", file.display()))?;
    Ok(listener)
}
