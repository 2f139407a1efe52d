//! Where a brand's webhook may not lead: hundreds of ways to write an address inside, and not one connection.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{
    commands::catalogue,
    domain::{
        effect::{BrandNews, Effect, PAYLOAD_VERSION},
        ids::EffectId,
        time::Time,
    },
    store::effects::carry::Claimed,
};
use jointforce_tests::{
    servers::sqlite_database,
    world::{World, brand},
};
use jointforce_worker::outside::{Fault, MailRoute, Outside, OutsideConfig, PagerConfig};
use tokio::net::TcpListener;

use super::SECRET;

/// IPv4 addresses that are nobody's on the public internet, those of clouds' metadata among them.
const INSIDE_V4: [Ipv4Addr; 17] = [
    Ipv4Addr::new(127, 0, 0, 1),
    Ipv4Addr::new(127, 1, 2, 3),
    Ipv4Addr::new(0, 0, 0, 0),
    Ipv4Addr::new(10, 0, 0, 1),
    Ipv4Addr::new(10, 255, 255, 254),
    Ipv4Addr::new(100, 64, 0, 1),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(172, 16, 0, 1),
    Ipv4Addr::new(172, 31, 255, 254),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(192, 168, 0, 1),
    Ipv4Addr::new(192, 168, 255, 1),
    Ipv4Addr::new(198, 18, 0, 1),
    Ipv4Addr::new(224, 0, 0, 1),
    Ipv4Addr::new(255, 255, 255, 255),
];

/// Every way to write one of them that some program understands.
fn written(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let whole = address.to_bits();
    let (ab, cd) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let wide = |text: String| {
        text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).filter(|_| c.is_ascii_digit()).unwrap_or(c)).collect()
    };
    vec![
        address.to_string(),
        format!("{address}."),
        format!("{whole}"),
        format!("{whole:#x}"),
        format!("{whole:#o}").replace("0o", "0"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{}", whole & 0xff_ffff),
        format!("{a}.{b}.{cd}"),
        format!("{a:#x}.{b}.0{c:o}.{d}"),
        format!("00000{a:o}.{b}.{c}.{d}"),
        wide(address.to_string()),
        address.to_string().replace('.', "。"),
        address.to_string().replace('.', "%2e"),
        format!("user:public.example@{address}"),
        format!("public.example%40@{address}"),
        format!("[::ffff:{address}]"),
        format!("[::ffff:{ab:x}:{cd:x}]"),
        format!("[0:0:0:0:0:ffff:{ab:04X}:{cd:04X}]"),
        format!("[::{address}]"),
        format!("[64:ff9b::{address}]"),
        format!("[2002:{ab:x}:{cd:x}::1]"),
    ]
}

const OTHERS: [&str; 36] = [
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/",
    "http://[::1%25lo]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fe80::1%25eth0]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[fd00:ec2::254]:PORT/latest/meta-data/",
    "http://[fec0::1]:PORT/",
    "http://[ff02::1]:PORT/",
    "http://[100::1]:PORT/",
    "http://[2001::1]:PORT/",
    "http://[2001:db8::1]:PORT/",
    "http://[3fff::1]:PORT/",
    "http://[64:ff9b:1::1]:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://ｌｏｃａｌｈｏｓｔ:PORT/",
    "http://loc\tal\nhost:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:///127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://127.0.0.1:PORT#@public.example/",
    "http://public.example#@127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/x",
    "ldap://127.0.0.1:PORT/x",
    "unix:///run/docker.sock",
    "jar:http://127.0.0.1:PORT/!/",
    "data:text/plain,x",
    "javascript:fetch('http://127.0.0.1:PORT')",
    "//127.0.0.1:PORT/",
];

async fn outcome(world: &World, outside: &Outside, url: &str) -> Result<(), Fault> {
    let mut acme = brand("acme");
    (acme.webhook_url, acme.webhook_secret) = (Some(url.to_owned()), Some(SECRET.to_owned()));
    catalogue::load_brands(&world.house, &World::import(), &[acme]).await.unwrap();
    let news = BrandNews::Warned { why: "a test".into(), until: Time(0) };
    let effect = Effect::HookBrand { brand: "acme".parse().unwrap(), notice: None, news };
    let id = world.house.clock.id(EffectId::from_ulid);
    let claimed = Claimed {
        id,
        kind: effect.kind().to_string(),
        version: PAYLOAD_VERSION,
        payload: String::new(),
        decision: None,
        trace: effect.trace(id),
        attempt: 1,
    };
    outside.carry(&world.house.db, &claimed, &effect, world.house.clock.now()).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_way_to_write_an_address_inside_is_connected_to() {
    // On every address of this machine, and of both families.
    let listener = TcpListener::bind("[::]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reached = Arc::new(AtomicUsize::new(0));
    let count = reached.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    let outside = Outside::new(OutsideConfig {
        mail: MailRoute::Folder(std::env::temp_dir()),
        mail_from: "takedowns@market.example".into(),
        marketplace: None,
        pager: PagerConfig::default(),
        timeout: Duration::from_secs(2),
        webhook_allow: vec![],
    });
    let outside = outside.unwrap();
    let addresses = INSIDE_V4.into_iter().flat_map(written).map(|host| format!("http://{host}:{port}/hook"));
    let urls: Vec<String> = addresses.chain(OTHERS.map(|url| url.replace("PORT", &port.to_string()))).collect();
    assert!(urls.len() >= 400, "{}", urls.len());
    for url in &urls {
        let refused = outcome(&world, &outside, url).await.expect_err(url);
        // Which of the guard's rules it was is not the point: that the words say what to do is.
        let words = refused.to_string();
        let said = ["not on the public internet", "can't be called", "can't be reached", "secret"];
        assert!(said.iter().any(|part| words.contains(part)), "{url}: {words}");
        assert_eq!(reached.load(Ordering::SeqCst), 0, "{url} was connected to");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_operator_allows_is_connected_to() {
    let hooks = jointforce_tests::hooks::Hooks::start().await;
    let database = sqlite_database();
    let hands = super::Hands::new(&database.url, None).await;
    let port = hooks.address().port();
    for (n, host) in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"].iter().enumerate() {
        hands.hook(format!("http://{host}:{port}/")).await;
        hands.carry(&hands.events(1).await).await;
        assert_eq!(hooks.received().len(), n + 1, "{host}");
    }
}
