//! From where a request comes: the address of the peer, or what a proxy that we trust says of it.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// A part of the network: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// A text that names no part of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an address, nor an address and the length of a prefix")]
pub struct BadNetwork(String);

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (address, prefix) = match text.trim().split_once('/') {
            None => (text.trim(), None),
            Some((address, prefix)) => (address, Some(prefix)),
        };
        let address = canonical(address.parse().or(Err(bad()))?);
        let longest = length(address);
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix.parse().or(Err(bad()))?,
        };
        if prefix > longest {
            return Err(bad());
        }
        Ok(Self { address, prefix })
    }
}

impl Network {
    /// Whether an address lies within it.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        let address = canonical(address);
        length(address) == length(self.address)
            && bits(address, self.prefix) == bits(self.address, self.prefix)
    }
}

/// The place that a request comes from, as tries are counted by it: one IPv4 address, or the 64 bits
/// of IPv6 that one subscriber has.
#[must_use]
pub fn place(request: &HttpRequest, trusted: &[Network]) -> String {
    let Some(peer) = request.peer_addr() else {
        return "unknown".to_owned();
    };
    let given = request.headers().get_all(FORWARDED_FOR);
    let hops: Vec<&str> = given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    match canonical(caller(peer.ip(), &hops, trusted)) {
        IpAddr::V4(address) => address.to_string(),
        v6 @ IpAddr::V6(_) => format!("{:x}::/64", bits(v6, 64)),
    }
}

/// The last hop that is not one of our proxies: everything before it could be invented.
fn caller(peer: IpAddr, hops: &[&str], trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut last = peer;
    for hop in hops.iter().rev() {
        if !is_trusted(last) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => last = address,
            Err(_) => break,
        }
    }
    last
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn length(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The first bits of an address.
fn bits(address: IpAddr, prefix: u32) -> u128 {
    let (whole, length) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    whole
        .checked_shr(u32::saturating_sub(length, prefix))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_own_addresses_only() {
        let network: Network = "10.1.0.0/16".parse().unwrap();

        assert!(network.holds(ip("10.1.255.3")) && network.holds(ip("::ffff:10.1.0.1")));
        assert!(!network.holds(ip("10.2.0.1")) && !network.holds(ip("2001:db8::1")));
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .holds(ip("192.0.2.1"))
        );
        for text in ["", "10.0.0.0/33", "::/129", "ten", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_who_called_it() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let of = |peer: &str, hops: &[&str]| caller(ip(peer), hops, &trusted);

        assert_eq!(of("192.0.2.7", &["203.0.113.9"]), ip("192.0.2.7"));
        assert_eq!(of("10.0.0.1", &["203.0.113.9"]), ip("203.0.113.9"));
        assert_eq!(
            of("10.0.0.1", &["1.1.1.1", " 203.0.113.9", "10.0.0.2"]),
            ip("203.0.113.9")
        );
        assert_eq!(of("10.0.0.1", &["203.0.113.9", "nonsense"]), ip("10.0.0.1"));
        assert_eq!(of("10.0.0.1", &[]), ip("10.0.0.1"));
    }
}
