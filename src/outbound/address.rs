//! Which addresses a call may reach: public ones only, checked on what the name resolved to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why a name led nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// The resolver gave no address.
    #[error("the name did not resolve")]
    Unknown,
    /// It gave only addresses we do not call.
    #[error("the name resolves to an address that is not public")]
    NotPublic,
}

/// Resolves once and hands only checked addresses to the connection.
pub(super) struct Resolver {
    /// Whether private addresses are refused.
    pub guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.guarded;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| ResolveError::Unknown)?;
            let all: Vec<SocketAddr> = found.collect();
            if all.is_empty() {
                return Err(ResolveError::Unknown.into());
            }
            let allowed: Vec<SocketAddr> =
                all.into_iter().filter(|address| !guarded || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(ResolveError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether a real host may be called at all: https, and no literal address that is not public.
pub(super) fn host_is_allowed(url: &Url) -> bool {
    url.scheme() == "https"
        && match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            None => false,
        }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// IANA's special-purpose registry for IPv4, <https://www.iana.org/assignments/iana-ipv4-special-registry>.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Global unicast only; addresses that carry an IPv4 address are judged by it.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = embedded_v4(ip) {
        return is_public_v4(v4);
    }
    let first = ip.segments()[0];
    (first & 0xe000) == 0x2000
        && !(first == 0x2001 && ip.segments()[1] < 0x0200)
        && !(first == 0x2001 && ip.segments()[1] == 0x0db8)
}

fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let v4 = |hi: u16, lo: u16| Ipv4Addr::from((u32::from(hi) << 16) | u32::from(lo));
    match s {
        [0x0064, 0xff9b, 0, 0, 0, 0, hi, lo] | [0x2002, hi, lo, ..] => Some(v4(hi, lo)),
        _ => ip.to_ipv4_mapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_may_be_called() {
        let refused = [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ];
        for address in refused {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "157.240.0.35", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_real_host_is_called_over_https_only() {
        let allowed = |text: &str| host_is_allowed(&Url::parse(text).unwrap());
        assert!(allowed("https://api.twitch.tv/helix"));
        for text in
            ["http://api.twitch.tv", "https://127.0.0.1", "https://[::1]/", "https://0x7f.1/", "https://2130706433/"]
        {
            assert!(!allowed(text), "{text}");
        }
    }
}
