//! The least that a gateway can do which answers for nothing that is not on the disk: a message comes, four pages are written and
//! synced, the message goes out as it came, and is acknowledged. One thread, no rules, no database, nothing that could be asked
//! later. What it takes is what any such gateway takes on this machine; what lobbyd takes longer is lobbyd's own.

use bytes::BytesMut;
use rumqttc::v5::mqttbytes::v5::{Connect, ConnectProperties, Filter, Packet, PubAck, Subscribe};
use rumqttc::v5::mqttbytes::{Error, QoS};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;

/// What one event of lobbyd writes when it comes alone is 14 KB: three to four pages of the journal.
const SYNCED: usize = 4 * 4096;
/// The file is written from its start again beyond so many events, as a WAL is: 4 MiB that stand on the disk already.
const EVENTS: u64 = 256;

/// Relays from one broker to the other until the first goes.
pub fn start(building: u16, office: u16, folder: &Path) {
    let (mut building, mut office) = (Line::open(building, "bare-in"), Line::open(office, "bare-out"));
    let disk = File::create(folder.join("bare")).unwrap();
    disk.write_all_at(&vec![0; SYNCED * EVENTS as usize], 0).unwrap();
    disk.sync_all().unwrap();
    let filters = vec![Filter::new("/rfid/#", QoS::AtLeastOnce)];
    building.put(&Packet::Subscribe(Subscribe { pkid: 1, filters, properties: None }));
    building.flush();
    let mut answers = office.socket.try_clone().unwrap();
    thread::spawn(move || while answers.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {});
    thread::spawn(move || {
        let page = vec![7; SYNCED];
        for event in 0.. {
            let Some(publish) = building.publish() else { return };
            disk.write_all_at(&page, event % EVENTS * SYNCED as u64).unwrap();
            disk.sync_data().unwrap();
            let acknowledgement = Packet::PubAck(PubAck::new(publish.pkid, None));
            office.put(&Packet::Publish(publish));
            office.flush();
            building.put(&acknowledgement);
            building.flush();
        }
    });
}

/// A connection to a broker.
struct Line {
    socket: TcpStream,
    read: BytesMut,
    unsent: BytesMut,
}

impl Line {
    fn open(port: u16, id: &str) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut line = Line { socket, read: BytesMut::new(), unsent: BytesMut::new() };
        let properties = Some(ConnectProperties { receive_maximum: Some(250), ..ConnectProperties::new() });
        let connect = Connect { keep_alive: 600, client_id: id.into(), clean_start: true, properties };
        line.put(&Packet::Connect(connect, None, None));
        line.flush();
        assert!(matches!(line.packet(), Some(Packet::ConnAck(_))));
        line
    }

    fn put(&mut self, packet: &Packet) {
        packet.write(&mut self.unsent, None).unwrap();
    }

    fn flush(&mut self) {
        self.socket.write_all(&self.unsent.split()).unwrap();
    }

    fn publish(&mut self) -> Option<rumqttc::v5::mqttbytes::v5::Publish> {
        loop {
            if let Packet::Publish(publish) = self.packet()? {
                return Some(publish);
            }
        }
    }

    /// `None` when the broker has gone.
    fn packet(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.read, None) {
                Ok(packet) => return Some(packet),
                Err(Error::InsufficientBytes(_)) => {}
                Err(error) => panic!("{error}"),
            }
            let mut some = [0; 4096];
            let length = self.socket.read(&mut some).ok().filter(|length| *length > 0)?;
            self.read.extend_from_slice(&some[..length]);
        }
    }
}
