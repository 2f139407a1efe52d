//! A slow link between two programs: a TCP proxy in this process that carries so many bytes a second, so late.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};

/// What one packet carries at most.
const PACKET: usize = 1400;
/// What IPv4 and TCP with a time stamp add to each.
const HEADERS: usize = 52;

/// What a link is like, the same in both directions.
#[derive(Debug, Clone, Copy)]
pub struct Quality {
    /// Bits a second, the packets' headers included.
    pub bits: u32,
    /// How long a packet travels after its last bit was sent: half of a round trip.
    pub delay: Duration,
}

impl Quality {
    /// 256 kbit/s with a round trip of 150 ms: a telephone abroad.
    pub const POOR: Self = Self { bits: 256_000, delay: Duration::from_millis(75) };

    /// How long so many bytes take to be sent.
    pub fn sending(self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 * 8.0 / f64::from(self.bits))
    }
}

/// The link. Dropped, it closes its port and every connection.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    /// Bytes that came back from the server, headers not counted.
    carried: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

impl Link {
    /// A link of this quality to the server at `port` of this machine.
    pub async fn to(port: u16, quality: Quality) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let carried = Arc::new(AtomicU64::new(0));
        let listening = tokio::spawn(listen(listener, port, quality, carried.clone()));
        Self { address, carried, listening }
    }

    /// Where its clients connect, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Bytes that the server has sent so far.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: u16, quality: Quality, carried: Arc<AtomicU64>) {
    let mut ways = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
        if client.set_nodelay(true).and(server.set_nodelay(true)).is_err() {
            continue;
        }
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        for (from, to, count) in [(from_client, to_server, None), (from_server, to_client, Some(carried.clone()))] {
            // What travels needs no bound: it is never more than the link carries in its delay.
            let (enters, leaves) = unbounded_channel();
            ways.spawn(send(from, enters, quality, count));
            ways.spawn(arrive(leaves, to));
        }
        while ways.try_join_next().is_some() {}
    }
}

/// Takes packets as fast as the link sends them; the rest waits with the sender, as before a real link.
async fn send(
    mut from: OwnedReadHalf,
    enters: UnboundedSender<(Instant, Vec<u8>)>,
    quality: Quality,
    count: Option<Arc<AtomicU64>>,
) {
    let mut packet = vec![0; PACKET];
    let mut free = Instant::now();
    while let Ok(read @ 1..) = from.read(&mut packet).await {
        if let Some(count) = &count {
            count.fetch_add(read as u64, Ordering::Relaxed);
        }
        // From when the link was free, and not from now: timers are late, and that must not make it slower.
        free = free.max(Instant::now()) + quality.sending(read + HEADERS);
        if enters.send((free + quality.delay, packet[..read].to_vec())).is_err() {
            return;
        }
        sleep_until(free).await;
    }
}

async fn arrive(mut leaves: UnboundedReceiver<(Instant, Vec<u8>)>, mut to: OwnedWriteHalf) {
    while let Some((at, packet)) = leaves.recv().await {
        sleep_until(at).await;
        if to.write_all(&packet).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `bytes` through a link to something that echoes them; how long until all are back.
    async fn there_and_back(quality: Quality, bytes: usize) -> (Duration, u64) {
        let echo = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let link = Link::to(echo.local_addr().unwrap().port(), quality).await;
        tokio::spawn(async move {
            let (mut stream, _) = echo.accept().await.unwrap();
            let (mut from, mut to) = stream.split();
            tokio::io::copy(&mut from, &mut to).await.unwrap();
        });
        let mut stream = TcpStream::connect(("127.0.0.1", link.port())).await.unwrap();
        let began = Instant::now();
        let (mut from, mut to) = stream.split();
        let (sent, mut back) = (vec![7; bytes], vec![0; bytes]);
        let (wrote, read) = tokio::join!(to.write_all(&sent), from.read_exact(&mut back));
        wrote.unwrap();
        read.unwrap();
        assert_eq!(sent, back);
        (began.elapsed(), link.carried())
    }

    #[tokio::test]
    async fn a_byte_takes_a_round_trip_and_many_take_as_long_as_the_rate_says() {
        let quality = Quality { bits: 800_000, delay: Duration::from_millis(50) };
        let (time, carried) = there_and_back(quality, 1).await;
        assert!(time >= Duration::from_millis(100) && carried == 1, "{time:?}, {carried}");
        let (time, carried) = there_and_back(quality, 50_000).await;
        assert!(time >= Duration::from_millis(600) && carried == 50_000, "{time:?}, {carried}");
    }
}
