//! The link in the letter, over real HTTP: it works once, for its brand, until it ends, and opening it changes nothing.

use std::os::unix::fs::PermissionsExt as _;

use jointforce_shared::{
    commands::{
        authenticity::{Ask, ask},
        catalogue,
    },
    domain::{
        authenticity::{Answer, State},
        brand::Tier,
        ids::RequestId,
        link::Link,
        listing::ListingState,
    },
    store::listings,
};
use jointforce_tests::{
    http::{Page, get, head, post},
    mail::{Mail, Mailbox},
    wait::{SOON, until, until_some},
    world::{self, World, brand, listing_id, who},
};
use jointforce_worker::portal::KeyFile;

use super::{DAY, Worker, asked, case_of, question, reported_by, request_of, times};
use crate::store::on_both;

/// The letter's text, its transfer encoding undone as far as a link needs it.
fn text(mail: &Mail) -> String {
    mail.body().replace("=\r\n", "").replace("=3D", "=")
}

fn link_in(mail: &Mail) -> Option<String> {
    let text = text(mail);
    let from = text.find("http://127.0.0.1:")?;
    text[from..].split_whitespace().next().map(str::to_owned)
}

/// The link of the newest letter to this brand about this request.
async fn link_to(mail: &Mailbox, brand: &str, request: RequestId) -> String {
    let to = [format!("ip@{brand}.example")];
    until_some(SOON, "a letter with the link", async || {
        let letters = mail.taken();
        let ours = |letter: &&Mail| letter.to == to && text(letter).contains(&request.to_string());
        letters.iter().rev().find(ours).and_then(link_in)
    })
    .await
}

async fn unchanged(world: &World, request: RequestId, version: i64) {
    let request = request_of(&world.house, request).await;
    assert_eq!(request.state, State::Open);
    assert_eq!(case_of(&world.house, request.case).await.version, version);
}

fn assert_guarded(page: &Page) {
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{page:?}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
}

on_both! {
    async fn the_letters_link_shows_the_question_and_takes_one_answer(url: &str) {
        let world = World::with_set_clock(url).await;
        let mail = Mailbox::start().await;
        let worker = Worker::start(&world, &mail.url());
        let mut hostile = world::listing("item-1", "shop");
        hostile.content.title = "<script>alert('ACME')</script> trainers".into();
        catalogue::load_listings(&world.house, &World::import(), &[hostile]).await.unwrap();
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(&world.house, case).await;
        let link = link_to(&mail, "acme", open.request).await;
        let version = case_of(&world.house, case).await.version;

        // Scanners open links, some of them more than once; nothing is answered by that.
        let asked_for_it = get(&format!("{link}?answer=counterfeit")).await;
        for page in [get(&link).await, get(&link).await, head(&link).await, asked_for_it] {
            assert_eq!(page.status, 200, "{page:?}");
            assert_guarded(&page);
        }
        let page = get(&link).await;
        assert!(!page.body.contains("<script") && page.body.contains("&#60;script&#62;alert"), "{}", page.body);
        for answer in Answer::ALL {
            assert!(page.body.contains(&format!("name=\"answer\" value=\"{answer}\"")), "{}", page.body);
        }
        assert!(page.body.contains("<label for=\"note\"") && page.body.contains("lang=\"en\""));
        unchanged(&world, open.request, version).await;

        // What is no answer is said on the page, and the link still works.
        for form in ["", "answer=", "answer=maybe&note=x", &format!("answer=genuine&note={}", "x".repeat(2001))] {
            let page = post(&link, form).await;
            assert_eq!(page.status, 400, "{form}");
            assert!(page.body.contains("role=\"alert\""), "{}", page.body);
        }
        let page = post(&link, &"x".repeat(1_000_000)).await;
        assert!(page.status == 400 || page.status == 413, "{page:?}");
        unchanged(&world, open.request, version).await;

        let page = post(&link, "answer=grey_market&note=made+for+Brazil%0D%0Anot+here").await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("Grey market"), "{}", page.body);
        assert_guarded(&page);
        let request = request_of(&world.house, open.request).await;
        assert_eq!(request.state, State::Answered(Answer::GreyMarket));
        assert_eq!(request.note, "made for Brazil\nnot here");
        assert_eq!(request.ended.unwrap().0.as_str(), "brand:acme");

        // Replayed, by whatever method, it is used up.
        for page in [post(&link, "answer=counterfeit").await, get(&link).await] {
            assert_eq!(page.status, 410, "{page:?}");
            assert!(page.body.contains("can no longer be used"), "{}", page.body);
        }
        assert_eq!(times(&world.house, case, "authenticity.answered").await, 1);
        drop(worker);
    }

    async fn an_altered_expired_replaced_or_foreign_link_answers_nothing(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        catalogue::load_brands(house, &World::import(), &[brand("zeta")]).await.unwrap();
        let mail = Mailbox::start().await;
        let worker = Worker::start(&world, &mail.url());
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(house, case).await;
        let link = link_to(&mail, "acme", open.request).await;
        let version = case_of(house, case).await.version;
        let (base, token) = link.rsplit_once('/').unwrap();

        let key_file = worker.folder.join("link.key");
        assert_eq!(std::fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
        let key = KeyFile::Given(key_file).read().unwrap();
        let request = request_of(house, open.request).await;
        let (brand, until) = (request.brand.clone(), request.link_until);
        let ours = Link { request: request.id, brand, until, nonce: request.nonce };
        assert_eq!(ours.token(&key), token, "the key of the letters");
        let foreign = Link { brand: "zeta".parse().unwrap(), ..ours.clone() }.token(&key);
        let nowhere = Link { request: "01KEKSE0000000000000000001".parse().unwrap(), ..ours.clone() }.token(&key);
        let first = if token.starts_with('A') { 'B' } else { 'A' };
        let flipped = format!("{first}{}", &token[1..]);
        let mut bodies = vec![];
        for bad in [foreign.as_str(), &nowhere, &flipped, &token[1..], "x", &"A".repeat(5000)] {
            let address = format!("{base}/{bad}");
            for page in [get(&address).await, post(&address, "answer=counterfeit").await] {
                assert_eq!(page.status, 404, "{bad}: {page:?}");
                assert_guarded(&page);
                bodies.push(page.body);
            }
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "whoever holds no link learns nothing");
        let root = base.rsplit_once('/').unwrap().0;
        for address in [format!("{root}/"), format!("{root}/answer"), format!("{base}/../x"), format!("{base}/%00%ff")] {
            let status = get(&address).await.status;
            assert!(matches!(status, 400 | 404), "{address}: {status}");
        }
        unchanged(&world, open.request, version).await;

        // A newer question closes the link of the first.
        let newer = ask(house, &who("ann"), &Ask { again: true, ..question(case) }).await.unwrap();
        assert_eq!(post(&link, "answer=counterfeit").await.status, 410);
        let link = link_to(&mail, "acme", newer.request).await;
        let version = case_of(house, case).await.version;
        let nonce = request_of(house, newer.request).await.nonce;
        let stale = Link { until: house.clock.now(), nonce, request: newer.request, ..ours }.token(&key);
        let address = format!("{base}/{stale}");
        for page in [get(&address).await, post(&address, "answer=genuine").await] {
            assert_eq!(page.status, 410, "{page:?}");
            assert!(page.body.contains("expired"), "{}", page.body);
        }
        unchanged(&world, newer.request, version).await;
        assert_eq!(get(&link).await.status, 200);
        world.pass(60 * DAY);
        assert_eq!(post(&link, "answer=genuine").await.status, 410);
        assert_eq!(times(house, case, "authenticity.answered").await, 0);
        drop(worker);
    }

    async fn the_reminder_carries_the_same_link_and_counterfeit_takes_the_listing_down(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let mail = Mailbox::start().await;
        let worker = Worker::start(&world, &mail.url());
        let case = reported_by(&world, "trusted", Tier::JointForce, &["item-1"]).await[0];
        let open = asked(house, case).await;
        let link = link_to(&mail, "trusted", open.request).await;
        let half = request_of(house, open.request).await.remind;
        world.pass(half.since(house.clock.now()));
        let reminder = until_some(SOON, "the reminder", async || {
            let is_one = |letter: &Mail| letter.header("Subject").is_some_and(|subject| subject.contains("Reminder"));
            mail.taken().into_iter().find(is_one)
        })
        .await;
        assert_eq!(link_in(&reminder), Some(link.clone()));
        let page = post(&link, "answer=counterfeit").await;
        assert!(page.status == 200 && page.body.contains("being taken down now"), "{page:?}");
        let down = async || {
            let mut conn = house.db.read().await.unwrap();
            let listing = listings::at_version(&mut conn, &listing_id("item-1"), 1).await.unwrap();
            listing.unwrap().state == ListingState::Removed
        };
        until(SOON, "the listing is down", down).await;
        drop(worker);
    }
}
