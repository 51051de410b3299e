//! Ten thousand connections that say nothing: those above the limit are refused, the guards who are connected notice
//! nothing, and afterwards everybody finds a place again. One address alone cannot take all the places.

use crate::common::blocking_until;
use crate::common::lobby::{How, Lobby, enlist};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::{FromRawFd, OwnedFd};

const CROWD: usize = 10_000;
const PLACES: usize = 64;
/// The address of a phone that is not this machine: all of 127.0.0.0/8 is here.
const PHONE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// Lets this process open so many files. False where the machine does not allow it.
fn may_open(files: u64) -> bool {
    // SAFETY: the pointers are to a struct of ours that lives through both calls.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_cur.max(files);
        // Only root may have more than the hard limit says.
        limit.rlim_max = limit.rlim_max.max(files);
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0
    }
}

#[test]
fn ten_thousand_idle_connections_harm_nobody_who_is_signed_in() {
    // The other ends are files only for as long as it takes to refuse them.
    assert!(may_open(CROWD as u64 + 1_000), "raise the limit of open files: ulimit -Hn 11000");
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let lobby = Lobby::with(dir.path(), How { max_connections: Some(PLACES), ..Default::default() });
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut live = guard.live(None);
    live.until("board");
    let crowd: Vec<TcpStream> = (0..CROWD).map(|_| TcpStream::connect(lobby.address).unwrap()).collect();
    // The line that was there before goes on.
    let number = lobby.help();
    live.until_told(&number);
    // Whoever says nothing loses his place after ten seconds, although he stays connected.
    blocking_until("there is room again", || guard.try_get("/api/me") == Some(200));
    drop(crowd);
    assert_eq!(guard.get("/api/me").status, 200);
    lobby.close();
}

#[test]
fn whoever_finds_no_place_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let lobby = Lobby::with(dir.path(), How { max_connections: Some(8), ..Default::default() });
    let idle: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(lobby.address).unwrap()).collect();
    blocking_until("all places are taken", || lobby.browser().try_get("/") == Some(503));
    drop(idle);
    blocking_until("they are free again", || lobby.browser().try_get("/") == Some(200));
    lobby.close();
}

/// A connection from another of this machine's addresses.
fn connect_from(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let address = |at: Ipv4Addr, port: u16| libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(at).to_be() },
        sin_zero: [0; 8],
    };
    let SocketAddr::V4(to) = to else { panic!("the lobby listens on IPv4") };
    let (from, to) = (address(from, 0), address(*to.ip(), to.port()));
    let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the descriptor is fresh and owned from here on; both addresses live through the calls.
    unsafe {
        let socket = OwnedFd::from_raw_fd(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0));
        let fd = std::os::fd::AsRawFd::as_raw_fd(&socket);
        assert_eq!(libc::bind(fd, (&raw const from).cast(), size), 0);
        assert_eq!(libc::connect(fd, (&raw const to).cast(), size), 0);
        TcpStream::from(socket)
    }
}

#[test]
fn one_phone_with_many_connections_leaves_places_for_the_others() {
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let how = How { max_connections: Some(40), max_connections_per_address: Some(8), ..Default::default() };
    let lobby = Lobby::with(dir.path(), how);
    let crowd: Vec<TcpStream> = (0..100).map(|_| connect_from(PHONE, lobby.address)).collect();
    // The one who comes from elsewhere stands behind them in the queue and finds a place.
    assert_eq!(lobby.signed_in("guard-a", "gate-a").get("/api/me").status, 200);
    // This machine has a share too, and no more.
    let idle: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(lobby.address).unwrap()).collect();
    blocking_until("its own places are taken", || lobby.browser().try_get("/") == Some(503));
    drop((crowd, idle));
    blocking_until("they are free again", || lobby.browser().try_get("/") == Some(200));
    lobby.close();
}
