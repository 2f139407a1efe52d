use std::{sync::Arc, time::Duration};

use jointforce_shared::{
    commands::{Actor, catalogue},
    domain::{
        effect::{BrandNews, Effect, MarketplaceEvent},
        seller::Level,
        time::Time,
    },
};
use jointforce_tests::{
    hooks::{Answer, Hooks},
    wait::{self, SOON},
};
use jointforce_worker::outside::{Fault, MailRoute, Marketplace, Outside, OutsideConfig, PagerConfig, PagerDuty, Sent};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Mutex,
};

use super::{Desk, NOW, SECRET, acme, assert_never, assert_retry, listing};

const OLD_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn outside(timeout: Duration) -> Outside {
    super::outside(MailRoute::Folder(std::env::temp_dir()), timeout)
}

/// A desk whose brand has its webhook at a receiver.
async fn desk_with_hook() -> (Desk, Hooks, Outside) {
    let (desk, hooks) = (Desk::open().await, Hooks::start().await);
    desk.point_hook_to(Some(hooks.url("/brand?key=k")), Some(SECRET)).await;
    (desk, hooks, outside(OutsideConfig::TIMEOUT))
}

/// Standard Webhooks' own verifier asks the machine for the time.
fn machine_now() -> Time {
    jointforce_shared::clock::Clock::System.now()
}

#[tokio::test]
async fn a_repeat_is_the_same_event_to_the_byte_whatever_changed_since() {
    let (desk, hooks, outside) = desk_with_hook().await;
    let decision = desk.remove().await;
    for news in [BrandNews::Received, desk.decided(decision), BrandNews::Undone { case: desk.cases[0], decision }] {
        let (id, effect, before) = (desk.new_id(), desk.hook(news), hooks.received().len());
        assert_eq!(desk.carry(&outside, id, &effect, machine_now()).await, Ok(Sent::Sent));
        let mut other = listing("item-1", "Quite another title");
        other.content.url = "https://market.example/moved".into();
        catalogue::load_listings(&desk.house, &Actor::program("import"), &[other]).await.unwrap();
        let renamed = acme("Acme renamed", Some(hooks.url("/brand")));
        catalogue::load_brands(&desk.house, &Actor::program("import"), &[renamed]).await.unwrap();
        desk.carry(&outside, id, &effect, machine_now() + Duration::from_secs(90)).await.unwrap();

        let requests = &hooks.received()[before..];
        for request in requests {
            request.verify(SECRET).unwrap();
            assert_eq!(request.header("webhook-id"), id.to_string());
            assert_eq!((request.method.as_str(), request.header("content-type")), ("POST", "application/json"));
        }
        assert_eq!(requests[0].body, requests[1].body);
        assert_ne!(requests[0].header("webhook-timestamp"), requests[1].header("webhook-timestamp"));
    }
}

#[tokio::test]
async fn an_event_says_what_happened_and_to_what() {
    let (desk, hooks, outside) = desk_with_hook().await;
    let decision = desk.keep(jointforce_shared::domain::decision::KeepReason::RightMismatch).await;
    for news in [BrandNews::Received, desk.decided(decision)] {
        desk.carry(&outside, desk.new_id(), &desk.hook(news), machine_now()).await.unwrap();
    }
    let received = hooks.received();
    let (notice, case) = (desk.notice.to_string(), desk.cases[0].to_string());
    assert_eq!(
        received[0].json(),
        json!({
            "type": "notice.received",
            "timestamp": "2026-06-01T09:00:00Z",
            "data": {
                "brand": "acme", "notice": notice, "reference": "AC-7", "reason": "counterfeit", "right": "acme-tm",
                "filed_at": "2026-06-01T09:00:00Z", "listings": ["item-1", "item-2"],
            },
        })
    );
    assert_eq!(
        received[1].json(),
        json!({
            "type": "case.decided",
            "timestamp": "2026-06-01T09:00:00Z",
            "data": {
                "brand": "acme", "notice": notice, "reference": "AC-7", "reason": "counterfeit", "right": "acme-tm",
                "case": case, "listing": "item-1", "decided_at": "2026-06-01T09:00:00Z", "automated": false,
                "decision": {
                    "id": decision.to_string(), "outcome": "kept", "reason": "right_mismatch",
                    "title": "right does not cover this listing",
                },
                "lesson": {
                    "failed_check": "The right claimed does not cover these goods or this territory.",
                    "field": "right",
                    "fix": "File again under a right registered for these goods where the listing is offered.",
                },
            },
        })
    );
}

#[tokio::test]
async fn two_secrets_sign_while_one_replaces_the_other() {
    let (desk, hooks, outside) = desk_with_hook().await;
    desk.point_hook_to(Some(hooks.url("/")), Some(&format!("{SECRET} {OLD_SECRET}"))).await;
    desk.carry(&outside, desk.new_id(), &desk.hook(BrandNews::Received), machine_now()).await.unwrap();
    let request = &hooks.received()[0];
    request.verify(SECRET).unwrap();
    request.verify(OLD_SECRET).unwrap();
    assert!(request.verify("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").is_err());
}

#[tokio::test]
async fn the_marketplace_is_told_by_the_names_of_its_events() {
    let (desk, hooks) = (Desk::open().await, Hooks::start().await);
    let config = OutsideConfig {
        mail: MailRoute::Folder(std::env::temp_dir()),
        mail_from: "takedowns@market.example".into(),
        marketplace: Some(Marketplace { url: hooks.url("/events"), secret: SECRET.into(), outcome: None }),
        pager: PagerConfig::default(),
        timeout: OutsideConfig::TIMEOUT,
        webhook_allow: vec![],
    };
    let outside = Outside::new(config).unwrap();
    assert!(outside.has_marketplace());
    let (listing, case) = (listing("item-1", "").id, desk.cases[0]);
    let events = [
        MarketplaceEvent::ListingRemoved { listing: listing.clone(), case },
        MarketplaceEvent::ListingRestored { listing, case },
        MarketplaceEvent::SellerLevel {
            seller: "shop".parse().unwrap(),
            level: Level::Restricted,
            until: Some(NOW + Duration::from_secs(7 * 86_400)),
        },
    ];
    for event in events {
        let effect = Effect::HookMarketplace { event };
        assert_eq!(desk.carry(&outside, desk.new_id(), &effect, machine_now()).await, Ok(Sent::Sent));
    }
    let received = hooks.received();
    received.iter().for_each(|request| request.verify(SECRET).unwrap());
    let said: Vec<_> = received.iter().map(|request| request.json()).collect();
    assert_eq!((&said[0]["type"], &said[1]["type"]), (&json!("listing.removed"), &json!("listing.restored")));
    assert_eq!(said[0]["data"], json!({ "listing": "item-1", "case": case.to_string() }));
    assert_eq!(said[2]["type"], "seller.restricted");
    assert_eq!(said[2]["data"], json!({ "seller": "shop", "level": "restricted", "until": "2026-06-08T09:00:00Z" }));
}

#[tokio::test]
async fn each_answer_is_classed_by_what_can_be_done_about_it() {
    let (desk, hooks, outside) = desk_with_hook().await;
    let effect = desk.hook(BrandNews::Received);
    let retry_after = |status, value: &str| Answer::WithHeader(status, "retry-after", value.to_owned());
    for (answer, after, words) in [
        (Answer::Status(500), None, "answered 500"),
        (Answer::Status(404), None, "answered 404"),
        (Answer::Status(400), None, "answered 400"),
        (Answer::Status(429), Some(60), "answered 429"),
        (Answer::Status(502), Some(60), "answered 502"),
        (retry_after(429, "5"), Some(60), "answered 429"),
        (retry_after(503, "300"), Some(300), "answered 503"),
        (retry_after(503, "Mon, 01 Jun 2026 09:10:00 GMT"), Some(600), "answered 503"),
        (retry_after(429, "99999999999"), Some(24 * 3600), "answered 429"),
        (retry_after(429, "soon"), Some(60), "answered 429"),
        (Answer::HangUp, None, "can't be reached"),
    ] {
        hooks.answer_next(1, answer);
        assert_retry(&desk.carry(&outside, desk.new_id(), &effect, NOW).await, after, words);
    }
    hooks.answer_next(1, Answer::Status(410));
    let gone = desk.carry(&outside, desk.new_id(), &effect, NOW).await;
    assert!(matches!(&gone, Err(Fault::Gone { url, .. }) if *url == hooks.url("/brand?key=k")), "{gone:?}");
    assert!(!gone.unwrap_err().to_string().contains("key=k"), "what follows the host may be a secret");
    drop(hooks);
    assert_retry(&desk.carry(&outside, desk.new_id(), &effect, NOW).await, None, "can't be reached");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (desk, hooks, outside) = desk_with_hook().await;
    let elsewhere = Hooks::start().await;
    for status in [301, 302, 303, 307, 308] {
        hooks.answer_next(1, Answer::WithHeader(status, "location", elsewhere.url("/inside")));
        let outcome = desk.carry(&outside, desk.new_id(), &desk.hook(BrandNews::Received), NOW).await;
        assert_retry(&outcome, None, "redirects are not followed");
    }
    assert_eq!((hooks.received().len(), elsewhere.received().len()), (5, 0));
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_in_time() {
    let (desk, hooks, _) = desk_with_hook().await;
    hooks.answer_always(Answer::Hang);
    let outcome =
        desk.carry(&outside(Duration::from_millis(200)), desk.new_id(), &desk.hook(BrandNews::Received), NOW).await;
    assert_retry(&outcome, Some(60), "whether it took the event is unknown");
}

/// A receiver that answers with a status and a body of 64 MB, more than the buffers of any kernel hold, and counts how
/// much of it could be sent.
async fn flood(status: u16) -> (String, Arc<Mutex<Option<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let sent = Arc::new(Mutex::new(None));
    let count = sent.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 67108864\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut bytes, piece) = (0, vec![b'\x1b'; 1 << 16]);
        while bytes < 64 << 20 && stream.write_all(&piece).await.is_ok() {
            bytes += piece.len();
        }
        *count.lock().await = Some(bytes);
    });
    (url, sent)
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    for status in [200, 500] {
        let (desk, (url, sent)) = (Desk::open().await, flood(status).await);
        desk.point_hook_to(Some(url), Some(SECRET)).await;
        let outside = outside(OutsideConfig::TIMEOUT);
        let outcome = desk.carry(&outside, desk.new_id(), &desk.hook(BrandNews::Received), NOW).await;
        if status == 200 {
            assert_eq!(outcome, Ok(Sent::Sent));
        } else {
            assert_retry(&outcome, None, "answered 500: ‹U+001B›‹U+001B›");
            assert!(outcome.unwrap_err().to_string().len() < 1000);
        }
        let sent = wait::until_some(SOON, "the receiver's end", async || *sent.lock().await).await;
        assert!(sent < 64 << 20, "all of it was taken");
    }
}

#[tokio::test]
async fn a_webhook_that_cannot_be_called_is_named_with_its_fix() {
    let (desk, hooks, outside) = desk_with_hook().await;
    let effect = desk.hook(BrandNews::Received);
    let carry = async || desk.carry(&outside, desk.new_id(), &effect, NOW).await;
    desk.point_hook_to(Some(hooks.url("/")), None).await;
    assert_never(&carry().await, "the webhook secret of brand acme: it is missing. Give whsec_");
    desk.point_hook_to(Some("ftp://brand.example".into()), Some(SECRET)).await;
    assert_never(&carry().await, "the webhook url of brand acme");
    desk.point_hook_to(None, None).await;
    assert_eq!(carry().await, Ok(Sent::NothingToSend("the brand has no webhook any more")));
    let event = MarketplaceEvent::ListingRemoved { listing: "item-1".parse().unwrap(), case: desk.cases[0] };
    let outcome = desk.carry(&outside, desk.new_id(), &Effect::HookMarketplace { event }, NOW).await;
    assert_eq!(outcome, Ok(Sent::NothingToSend("no endpoint of the marketplace is configured")));
    assert!(hooks.received().is_empty());
}

#[test]
fn every_wrong_setting_of_the_outside_is_said_at_once_and_no_secret_with_it() {
    let config = OutsideConfig {
        mail: MailRoute::Smtp("http://user:hunter2@mail.example".into()),
        mail_from: "nobody".into(),
        marketplace: Some(Marketplace {
            url: "https://u:hunter2@market.example/".into(),
            secret: "hunter2".into(),
            outcome: None,
        }),
        pager: PagerConfig {
            pager_duty: Some(PagerDuty { url: "ftp://u:hunter2@pager.example/".into(), routing_key: "hunter2".into() }),
            alertmanager: None,
        },
        timeout: OutsideConfig::TIMEOUT,
        webhook_allow: vec![],
    };
    let shown = format!("{config:?}");
    let refused = Outside::new(config).unwrap_err();
    let fields: Vec<_> = refused.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["mail_from", "mail", "marketplace.secret", "pagerduty"]);
    assert!(!format!("{shown} {refused} {refused:?}").contains("hunter2"));
}
