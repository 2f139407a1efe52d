//! Where brands' webhooks may lead. Their URLs are strangers' words, and a name's owner says what it resolves to: so each
//! address is judged at the moment at which it is connected to, whether it stands in the URL or came from DNS.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// A range of addresses: `10.1.0.0/16`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    net: IpAddr,
    bits: u8,
}

impl Range {
    /// 127.0.0.0/8: this machine.
    pub const LOOPBACK: Self = Self { net: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), bits: 8 };

    const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Self {
        Self { net: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), bits }
    }

    const fn v6(a: u16, b: u16, bits: u8) -> Self {
        Self { net: IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), bits }
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, net, address, width) = match (self.net, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                (self.bits, u128::from(net.to_bits()), u128::from(address.to_bits()), 32)
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => (self.bits, net.to_bits(), address.to_bits(), 128),
            _ => return false,
        };
        // All bits shifted out are equal.
        (net ^ address).checked_shr(width - u32::from(bits)).unwrap_or(0) == 0
    }
}

impl From<IpAddr> for Range {
    /// One address.
    fn from(net: IpAddr) -> Self {
        Self { net, bits: if net.is_ipv4() { 32 } else { 128 } }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.net, self.bits)
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            let text: String = text.chars().take(60).collect();
            format!("{text:?} is no range of addresses: write 10.1.0.0/16, fd00::/8 or one address")
        };
        let (net, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let net: IpAddr = net.parse().map_err(|_| bad())?;
        let width = if net.is_ipv4() { 32 } else { 128 };
        let bits = if text.contains('/') { bits.parse().map_err(|_| bad())? } else { width };
        if bits <= width { Ok(Self { net, bits }) } else { Err(bad()) }
    }
}

/// IPv4 that is not the public internet, by IANA's registry of special-purpose addresses.
const SPECIAL_V4: [Range; 17] = [
    Range::v4(0, 0, 0, 8),
    Range::v4(10, 0, 0, 8),
    Range::v4(100, 64, 0, 10),
    Range::v4(127, 0, 0, 8),
    Range::v4(169, 254, 0, 16), // link-local, and the clouds' metadata
    Range::v4(172, 16, 0, 12),
    Range::v4(192, 0, 0, 24),
    Range::v4(192, 0, 2, 24),
    Range::v4(192, 31, 196, 24),
    Range::v4(192, 52, 193, 24),
    Range::v4(192, 88, 99, 24),
    Range::v4(192, 168, 0, 16),
    Range::v4(198, 18, 0, 15),
    Range::v4(198, 51, 100, 24),
    Range::v4(203, 0, 113, 24),
    Range::v4(224, 0, 0, 4),
    Range::v4(240, 0, 0, 4),
];

/// IPv6 that is the public internet …
const GLOBAL_V6: Range = Range::v6(0x2000, 0, 3);
/// … but for Teredo and its like, examples, 6to4 (which may hold a private IPv4 address), and documentation.
const SPECIAL_V6: [Range; 4] =
    [Range::v6(0x2001, 0, 23), Range::v6(0x2001, 0xdb8, 32), Range::v6(0x2002, 0, 16), Range::v6(0x3fff, 0, 20)];

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !SPECIAL_V4.iter().any(|range| range.contains(address)),
        IpAddr::V6(_) => GLOBAL_V6.contains(address) && !SPECIAL_V6.iter().any(|range| range.contains(address)),
    }
}

/// Lets calls through to the public internet, and to what the operator allows.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    allowed: Arc<[Range]>,
}

impl Guard {
    pub(super) fn new(allowed: &[Range]) -> Self {
        Self { allowed: allowed.into() }
    }

    fn permits(&self, address: IpAddr) -> bool {
        // An IPv4 address in IPv6's clothes is connected to as what it is.
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|range| range.contains(address))
    }

    /// Judges an address that stands in a URL. The URL's parser has brought it to its one form before: `0x7f.1`,
    /// `2130706433` and `①②⑦.0.0.1` are 127.0.0.1 here. Names are judged when they are resolved.
    ///
    /// # Errors
    /// Says where it leads.
    pub(super) fn check(&self, url: &Url) -> Result<(), NotPublic> {
        let Some(host) = url.host_str() else { return Err(NotPublic { host: String::new() }) };
        // A name that looks like an address is none to the URL's parser, but may be one to the system's resolver.
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !self.permits(address) => Err(NotPublic { host: host.to_owned() }),
            _ => Ok(()),
        }
    }
}

/// An address that brands' webhooks may not lead to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is not on the public internet")]
pub(super) struct NotPublic {
    host: String,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let permitted: Vec<SocketAddr> = found.into_iter().filter(|found| guard.permits(found.ip())).collect();
            if permitted.is_empty() {
                return Err(Box::new(NotPublic { host }) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_its_bits_say() {
        for (range, inside, outside) in [
            ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::/0", "2001:db8::1", "1.2.3.4"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
        ] {
            let range: Range = range.parse().unwrap();
            assert!(range.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!range.contains(outside.parse().unwrap()), "{range} {outside}");
        }
        for bad in ["", "10.0.0.0/33", "::/129", "10/8", "10.0.0.0/", "localhost", "10.0.0.0/-1", "1.2.3.4/8/8"] {
            assert!(bad.parse::<Range>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_public_internet_is_let_through_and_nothing_else() {
        let guard = Guard::default();
        for public in ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(guard.permits(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!guard.permits(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_let_through() {
        let guard = Guard::new(&["10.1.0.0/16".parse().unwrap(), Range::LOOPBACK]);
        for (address, permitted) in
            [("10.1.2.3", true), ("10.2.0.1", false), ("127.0.0.1", true), ("::ffff:127.0.0.1", true), ("::1", false)]
        {
            assert_eq!(guard.permits(address.parse().unwrap()), permitted, "{address}");
        }
    }
}
