//! Calling the register.

use std::{fmt, fs, path::PathBuf, time::Duration};

use jointforce_shared::{
    domain::{refused::Refused, time::Time},
    store::statements::Kept,
};
use reqwest::{Url, redirect::Policy};
use serde_json::json;

use super::answer::{Answer, read};
use crate::outside::{error_chain, retry_after};

/// As much of an answer as is read: a hundred statements are told back whole.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Where the register is, and who we are to it.
#[derive(Clone)]
pub struct RegisterConfig {
    /// Its address up to `/api`: `https://transparency.dsa.ec.europa.eu`.
    pub url: String,
    /// What it knows us by.
    pub token: Token,
}

impl fmt::Debug for RegisterConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterConfig").field("token", &self.token).finish_non_exhaustive()
    }
}

/// A bearer token. Never shown.
#[derive(Clone)]
pub enum Token {
    /// In a file, read again for each call: a new token needs no restart.
    File(PathBuf),
    /// Itself.
    Text(String),
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Text(_) => f.write_str("Text"),
        }
    }
}

impl Token {
    /// The token, or what is wrong with it.
    fn read(&self) -> Result<String, String> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::File(path) => fs::read_to_string(path)
                .map_err(|error| format!("the register's token file {} can't be read: {error}", path.display()))?,
        };
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(
                "the register's token is empty or has blanks in it: put the token and nothing else there".into()
            );
        }
        Ok(token.to_owned())
    }
}

/// A register that can be called.
#[derive(Clone)]
pub struct Register {
    client: reqwest::Client,
    endpoint: Url,
    token: Token,
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register").field("host", &self.endpoint.host_str()).finish_non_exhaustive()
    }
}

impl Register {
    /// Checks the settings; calls nobody.
    ///
    /// # Errors
    /// The setting that is wrong, with its fix.
    pub fn new(config: RegisterConfig) -> Result<Self, Refused> {
        // reqwest is built without a TLS provider of its own; an error means that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let refuse = |problem: String, fix: &str| Refused::one("register", problem, fix);
        let fix =
            "Set JOINTFORCE_REGISTER_URL to the address before /api, such as https://transparency.dsa.ec.europa.eu.";
        let endpoint = format!("{}/api/v1/statements", config.url.trim().trim_end_matches('/'));
        let endpoint = Url::parse(&endpoint).map_err(|error| refuse(format!("its URL can't be read: {error}"), fix))?;
        let host = endpoint.host_str().unwrap_or_default();
        let here = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        // The token would travel in the clear.
        if endpoint.scheme() != "https" && !(endpoint.scheme() == "http" && here) {
            return Err(refuse("its URL is not https".into(), fix));
        }
        config.token.read().map_err(|why| {
            refuse(why, "Set JOINTFORCE_REGISTER_TOKEN_FILE to a file with the token from your profile there.")
        })?;
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .user_agent(concat!("JointForce/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| refuse(error_chain(&error), "Install the package ca-certificates."))?;
        Ok(Self { client, endpoint, token: config.token })
    }

    /// Sends a batch once under this `traceparent`, and says what was answered.
    pub(super) async fn send(&self, batch: &[Kept], parent: &str, timeout: Duration, now: Time) -> Answer {
        let token = match self.token.read() {
            Ok(token) => token,
            Err(why) => return Answer::Later { why, after: None },
        };
        let contents: Vec<_> = batch.iter().map(|kept| &kept.content).collect();
        let request = self
            .client
            .post(self.endpoint.clone())
            .timeout(timeout)
            .bearer_auth(token)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("traceparent", parent)
            .body(json!({ "statements": contents }).to_string());
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return unanswered(error),
        };
        let status = answer.status().as_u16();
        let after = retry_after(answer.headers(), now);
        let mut body = vec![];
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
                Ok(None) => break,
                // It may have taken them; the next call tells.
                Ok(Some(_)) => return Answer::Later { why: "the register's answer never ends".into(), after: None },
                Err(error) => return unanswered(error),
            }
        }
        read(status, after, &body, batch)
    }
}

fn unanswered(error: reqwest::Error) -> Answer {
    let why = if error.is_timeout() {
        "the register did not answer in time; what it took is seen when it is called again".to_owned()
    } else {
        format!("the register can't be reached: {}", error_chain(&error.without_url()))
    };
    Answer::Later { why, after: None }
}
