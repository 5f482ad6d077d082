//! Which versions were measured, from the lock file of this package.

use crate::case::Peer;

const LOCK: &str = include_str!("../Cargo.lock");

/// `package version, …` of all that the peers take, in their order.
pub fn named(peers: &[Peer]) -> String {
    let lock: toml::Table = LOCK.parse().expect("a lock file");
    let packages = lock["package"].as_array().expect("its packages");
    let version = |name: &str| {
        let package = packages.iter().find(|package| package["name"].as_str() == Some(name));
        package.and_then(|package| package["version"].as_str()).expect("a package that is there")
    };
    let mut names: Vec<&str> = peers.iter().flat_map(|peer| peer.packages).copied().collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names.iter().map(|name| format!("{name} {}", version(name))).collect::<Vec<_>>().join(", ")
}
