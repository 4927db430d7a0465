//! Who is asking: the address behind the proxies we trust.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::HeaderMap;

use crate::config::Networks;

/// The address a connection came from, before any header is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The client's address: from the right, the first forwarded one that is not a trusted proxy's.
pub fn client(trusted: &Networks, peer: Peer, headers: &HeaderMap) -> IpAddr {
    let mut client = peer.0.to_canonical();
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        let Some(ip) = trusted.contain(client).then(|| hop.parse::<IpAddr>().ok()).flatten() else { break };
        client = ip.to_canonical();
    }
    client
}

/// What counts as one visitor for limits: an IPv4 address, or the /64 of an IPv6 address.
pub fn limit_key(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Who is asking, as limits count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor(pub IpAddr);

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
    use crate::config::Kind as _;

    fn forwarded(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value.parse().unwrap())])
    }

    fn seen(trusted: &str, peer: &str, header: &'static str) -> String {
        client(&Networks::parse(trusted).unwrap(), Peer(peer.parse().unwrap()), &forwarded(header)).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("none", "127.0.0.1", "9.9.9.9"), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", "127.0.0.1", "9.9.9.9"), "9.9.9.9");
        assert_eq!(seen("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6, 9.9.9.9, 10.1.2.3"), "9.9.9.9");
        assert_eq!(seen("10.0.0.0/8", "11.0.0.1", "9.9.9.9"), "11.0.0.1");
        assert_eq!(seen("127.0.0.1", "127.0.0.1", "nonsense"), "127.0.0.1");
        assert_eq!(seen("0.0.0.0/0", "127.0.0.1", "9.9.9.9"), "9.9.9.9");
    }

    #[test]
    fn ipv6_visitors_are_counted_by_their_network() {
        assert_eq!(limit_key("2001:db8::1".parse().unwrap()), limit_key("2001:db8::ffff".parse().unwrap()));
        assert_ne!(limit_key("2001:db8:0:1::1".parse().unwrap()), limit_key("2001:db8::1".parse().unwrap()));
        assert_eq!(limit_key("::ffff:9.9.9.9".parse().unwrap()), "9.9.9.9".parse::<IpAddr>().unwrap());
    }
}
