//! Who is asking: the address behind the proxies we trust.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// The address a connection came from, before any header is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Networks whose `X-Forwarded-For` counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    bits: u8,
}

/// Not an address or network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no address or network such as 127.0.0.1 or 10.0.0.0/8")]
pub struct NotANetwork(String);

impl FromStr for TrustedProxies {
    type Err = NotANetwork;

    /// Reads addresses and networks, separated by commas or spaces; `none` and the empty text are none.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let entries = text.split([',', ' ']).filter(|entry| !entry.is_empty() && *entry != "none");
        entries.map(Network::from_str).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most { Err(wrong()) } else { Ok(Self { base, bits }) }
    }
}

impl Network {
    fn contains(self, ip: IpAddr) -> bool {
        match (self.base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.bits);
                (base.to_bits() ^ ip.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.bits);
                (base.to_bits() ^ ip.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl TrustedProxies {
    /// The client's address: from the right, the first forwarded one that is not a trusted proxy's.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.0.to_canonical();
        let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        for hop in hops.iter().rev() {
            let trusted = self.0.iter().any(|network| network.contains(client));
            let Some(ip) = trusted.then(|| hop.parse::<IpAddr>().ok()).flatten() else { break };
            client = ip.to_canonical();
        }
        client
    }
}

/// What counts as one visitor for limits: an IPv4 address, or the /64 of an IPv6 address.
pub fn limit_key(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Whether a request was made on this machine itself: a loopback peer and no sign of a proxy in between.
pub fn is_local(peer: Peer, headers: &HeaderMap) -> bool {
    const BY_PROXIES: [&str; 5] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via"];
    peer.0.to_canonical().is_loopback() && !BY_PROXIES.iter().any(|name| headers.contains_key(*name))
}

impl Default for Peer {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value.parse().unwrap())])
    }

    fn client(trusted: &str, peer: &str, header: &'static str) -> String {
        let peer = Peer(peer.parse().unwrap());
        trusted.parse::<TrustedProxies>().unwrap().client(peer, &forwarded(header)).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("", "127.0.0.1", "9.9.9.9"), "127.0.0.1");
        assert_eq!(client("127.0.0.1", "127.0.0.1", "9.9.9.9"), "9.9.9.9");
        assert_eq!(client("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6, 9.9.9.9, 10.1.2.3"), "9.9.9.9");
        assert_eq!(client("10.0.0.0/8", "11.0.0.1", "9.9.9.9"), "11.0.0.1");
        assert_eq!(client("127.0.0.1", "127.0.0.1", "nonsense"), "127.0.0.1");
        assert_eq!(client("0.0.0.0/0", "127.0.0.1", "9.9.9.9"), "9.9.9.9");
    }

    #[test]
    fn networks_that_are_none_are_refused() {
        for text in ["localhost", "10.0.0.0/33", "::/129", "10/8"] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
        assert_eq!("none".parse::<TrustedProxies>().unwrap(), TrustedProxies::default());
    }

    #[test]
    fn ipv6_visitors_are_counted_by_their_network() {
        assert_eq!(limit_key("2001:db8::1".parse().unwrap()), limit_key("2001:db8::ffff".parse().unwrap()));
        assert_ne!(limit_key("2001:db8:0:1::1".parse().unwrap()), limit_key("2001:db8::1".parse().unwrap()));
        assert_eq!(limit_key("::ffff:9.9.9.9".parse().unwrap()), "9.9.9.9".parse::<IpAddr>().unwrap());
    }
}
