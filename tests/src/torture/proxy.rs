//! A link between two programs that fails as it is told: a TCP proxy in this process.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// How much is carried at once; a longer message may be cut in its middle.
const CHUNK: usize = 16 * 1024;

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// What is asked never arrives.
    BeforeSend,
    /// It arrives and is done, and the answer is lost.
    AfterSend,
    /// Half of the answer arrives.
    MidReply,
}

/// The link. Dropped, it closes its port and every connection.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    server: SocketAddr,
    /// Each happens to one of those who send next.
    cuts: Mutex<VecDeque<Cut>>,
    hole: watch::Sender<bool>,
    delay_micros: AtomicU64,
}

impl Proxy {
    /// A link to the server at this address, which need not be there yet.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (cuts, delay_micros) = (Mutex::default(), AtomicU64::new(0));
        let state = Arc::new(State { server, cuts, hole: watch::Sender::new(false), delay_micros });
        let listening = tokio::spawn(listen(listener, state.clone()));
        Self { address, state, listening }
    }

    /// Where its clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the next so many connections on which something is asked.
    pub fn cut_next(&self, connections: usize, cut: Cut) {
        self.state.cuts().extend(std::iter::repeat_n(cut, connections));
    }

    /// Lets nothing through in either direction, for so long; connections stay open and wait.
    pub async fn swallow(&self, span: Duration) {
        self.state.hole.send_replace(true);
        sleep(span).await;
        self.state.hole.send_replace(false);
    }

    /// Holds every chunk back for `by`, for so long.
    pub async fn slow_down(&self, by: Duration, span: Duration) {
        self.state.delay_micros.store(u64::try_from(by.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        sleep(span).await;
        self.state.delay_micros.store(0, Ordering::Relaxed);
    }

    /// Forgets every cut that has not happened.
    pub fn heal(&self) {
        self.state.cuts().clear();
        self.state.hole.send_replace(false);
        self.state.delay_micros.store(0, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl State {
    fn cuts(&self) -> std::sync::MutexGuard<'_, VecDeque<Cut>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while nothing comes through.
    async fn through(&self) {
        sleep(Duration::from_micros(self.delay_micros.load(Ordering::Relaxed))).await;
        let _ = self.hole.subscribe().wait_for(|hole| !hole).await;
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(carry(client, state.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, until either side ends it or it is cut: dropping both ends is the cut.
async fn carry(mut client: TcpStream, state: Arc<State>) -> io::Result<()> {
    state.through().await;
    let mut server = TcpStream::connect(state.server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut doom = None;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let asked = &asked[..read?];
                state.through().await;
                if asked.is_empty() {
                    return Ok(());
                }
                doom = doom.or_else(|| state.cuts().pop_front());
                if doom == Some(Cut::BeforeSend) {
                    return Ok(());
                }
                server.write_all(asked).await?;
            }
            read = server.read(&mut answered) => {
                let answered = &answered[..read?];
                state.through().await;
                match doom {
                    _ if answered.is_empty() => return Ok(()),
                    None | Some(Cut::BeforeSend) => client.write_all(answered).await?,
                    Some(Cut::AfterSend) => return Ok(()),
                    Some(Cut::MidReply) => return client.write_all(&answered[..answered.len() / 2]).await,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jointforce_tests::{hooks::Hooks, wait::SOON};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_link_is_cut_where_it_is_told_and_then_whole_again() {
        let hooks = Hooks::start().await;
        let proxy = Proxy::to(hooks.address()).await;
        for (cut, arrives) in [(Cut::BeforeSend, false), (Cut::AfterSend, true), (Cut::MidReply, true)] {
            let before = hooks.received().len();
            proxy.cut_next(1, cut);
            let answer = ask(&proxy).await;
            assert!(!answer.contains("\r\n\r\n"), "{cut:?}: {answer:?}");
            assert_eq!(answer.is_empty(), cut != Cut::MidReply, "{cut:?}: {answer:?}");
            assert_eq!(hooks.received().len() - before, usize::from(arrives), "{cut:?}");
        }
        assert!(ask(&proxy).await.starts_with("HTTP/1.1 204"));
    }

    #[tokio::test]
    async fn a_link_that_swallows_goes_on_when_it_heals() {
        let hooks = Hooks::start().await;
        let proxy = Proxy::to(hooks.address()).await;
        let (call, ()) = tokio::join!(ask(&proxy), async {
            proxy.state.hole.send_replace(true);
            tokio::task::yield_now().await;
            proxy.heal();
        });
        assert!(call.starts_with("HTTP/1.1 204"));
    }

    /// Calls the receiver once and gives what comes back before the end.
    async fn ask(proxy: &Proxy) -> String {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let _ = stream.write_all(b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\nx").await;
        let mut answer = vec![];
        let mut part = [0; 1024];
        while let Ok(Ok(read @ 1..)) = timeout(SOON, stream.read(&mut part)).await {
            answer.extend_from_slice(&part[..read]);
            if answer.ends_with(b"\r\n\r\n") {
                break;
            }
        }
        String::from_utf8(answer).unwrap()
    }
}
