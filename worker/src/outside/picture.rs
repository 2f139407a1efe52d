//! Fetching the pictures of listings. Their addresses are strangers' words, so they are called as brands' webhooks are: on
//! the public internet only, without redirects, each for so long and so many bytes.

use std::time::Duration;

use reqwest::{Client, Url, redirect::Policy};

use super::{
    guard::{Guard, Range},
    webhook::chain,
};

/// Whoever fetches pictures.
#[derive(Debug, Clone)]
pub(crate) struct Gallery {
    client: Client,
    guard: Guard,
}

impl Gallery {
    /// A client that is let through to the public internet and to these ranges.
    ///
    /// # Errors
    /// When there can be no client at all.
    pub(crate) fn new(allowed: &[Range]) -> reqwest::Result<Self> {
        // Fails when there is one already, which is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(allowed);
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .connect_timeout(Duration::from_secs(5))
                .pool_max_idle_per_host(0)
                .user_agent(concat!("JointForce/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(guard.clone())
                // A proxy would resolve names itself, behind the guard's back.
                .no_proxy()
        };
        // A machine without CA certificates: https then says that the issuer is unknown.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(Self { client, guard })
    }

    /// The bytes at an address.
    ///
    /// # Errors
    /// Why there are none, for a person.
    pub(crate) async fn fetch(&self, url: &str, bytes_max: usize, timeout: Duration) -> Result<Vec<u8>, String> {
        let url = Url::parse(url).map_err(|error| format!("its address is none: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("its address is not http or https".to_owned());
        }
        self.guard.check(&url).map_err(|why| why.to_string())?;
        let all = async {
            let mut answer = self.client.get(url).send().await.map_err(|error| chain(&error))?;
            if !answer.status().is_success() {
                return Err(format!("its host answered {}", answer.status().as_u16()));
            }
            let mut bytes = vec![];
            while let Some(part) = answer.chunk().await.map_err(|error| chain(&error))? {
                if bytes.len() + part.len() > bytes_max {
                    return Err(format!("it has more than {bytes_max} bytes"));
                }
                bytes.extend_from_slice(&part);
            }
            Ok(bytes)
        };
        tokio::time::timeout(timeout, all).await.unwrap_or_else(|_| Err("its host took too long".to_owned()))
    }
}
