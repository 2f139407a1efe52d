use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        decision::{KeepReason, RemoveReason},
        ids::CaseId,
        note::{Recipient, Visibility},
    },
    store::{audit, notes},
};
use jointforce_tests::world::{World, brand, who};

use super::{on_call, outside::Doors, refusal};
use crate::{main_job::SECRET, store::on_both};

const INTERNAL: &str = "XINTERNALX ask Lea before you call them";

async fn act(world: &World, case: CaseId, act: Act, note: &str) {
    case::act(&world.house, &who("ann"), &Request { case, version: None, act, note: note.into() }).await.unwrap();
}

on_both! {
    async fn a_public_note_reaches_whom_it_is_for_and_an_internal_one_nobody(url: &str) {
        let world = World::with_set_clock(url).await;
        let doors = Doors::open().await;
        on_call(&world).await;
        let mut acme = brand("acme");
        (acme.webhook_url, acme.webhook_secret) = (Some(doors.hooks.url("/acme")), Some(SECRET.to_owned()));
        catalogue::load_brands(&world.house, &World::import(), &[acme]).await.unwrap();
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        act(&world, cases[0], Act::Note, INTERNAL).await;
        act(&world, cases[0], Act::Tell { to: Recipient::Brand }, "Please send the test purchase.").await;
        act(&world, cases[0], Act::Tell { to: Recipient::Seller }, "Please show\nthe invoice\u{202e}.").await;
        act(&world, cases[0], Act::Tell { to: Recipient::Both }, "We wait until Friday.").await;
        // Everything that leaves the house on the way of two cases, with internal words wherever they can stand.
        act(&world, cases[0], Act::Skip(jointforce_shared::domain::skip::SkipReason::Other), INTERNAL).await;
        let hold = Act::Hold { span: std::time::Duration::from_secs(60), reason: INTERNAL.into() };
        act(&world, cases[0], hold, INTERNAL).await;
        act(&world, cases[0], Act::Remove(RemoveReason::CounterfeitListing), INTERNAL).await;
        act(&world, cases[1], Act::Keep(KeepReason::Genuine), INTERNAL).await;
        world.pass(20_000_000);
        doors.carry(&world).await;
        act(&world, cases[0], Act::Undo, INTERNAL).await;
        act(&world, cases[1], Act::Undo, INTERNAL).await;
        doors.carry(&world).await;

        let mails = doors.mail.taken();
        let about = |to: &str, words: &str| {
            mails.iter().filter(|mail| mail.to == [to] && mail.message.contains(words)).count()
        };
        assert_eq!(about("ip@acme.example", "test purchase"), 1);
        assert_eq!(about("shop@sellers.example", "test purchase"), 0);
        assert_eq!(about("shop@sellers.example", "Please show"), 1);
        assert_eq!(about("ip@acme.example", "Please show"), 0);
        assert_eq!((about("ip@acme.example", "until Friday"), about("shop@sellers.example", "until Friday")), (1, 1));
        let said = doors.everything();
        assert!(said.len() > 12, "{}", said.len());
        for text in &said {
            assert!(!text.contains("XINTERNALX") && !text.contains("ask Lea"), "{text}");
        }
        assert!(said.iter().any(|text| text.contains("case.noted")), "the brand's webhook heard of the public one");
    }

    async fn each_side_reads_its_own_notes_and_colleagues_all(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, case, Act::Note, INTERNAL).await;
        act(&world, case, Act::Tell { to: Recipient::Brand }, "to the brand").await;
        act(&world, case, Act::Tell { to: Recipient::Both }, "to both").await;
        let mut conn = world.house.db.read().await.unwrap();
        let texts = |notes: Vec<jointforce_shared::domain::note::Note>| notes.into_iter().map(|note| note.text).collect::<Vec<_>>();
        let all = notes::of_case(&mut conn, case).await.unwrap();
        assert_eq!(all[0].visibility, Visibility::Internal);
        assert_eq!(all[1].visibility, Visibility::Public(Recipient::Brand));
        assert_eq!(notes::public(&mut conn, all[0].id).await.unwrap(), None);
        assert_eq!(texts(all), [INTERNAL, "to the brand", "to both"]);
        assert_eq!(texts(notes::told(&mut conn, case, Recipient::Brand).await.unwrap()), ["to the brand", "to both"]);
        assert_eq!(texts(notes::told(&mut conn, case, Recipient::Seller).await.unwrap()), ["to both"]);
        let timeline = audit::of_case(&mut conn, case).await.unwrap();
        let actions: Vec<_> = timeline.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions[1..], ["case.noted", "case.told", "case.told"]);
        let empty = Request { case, version: None, act: Act::Tell { to: Recipient::Both }, note: " ".into() };
        assert!(refusal(case::act(&world.house, &who("ann"), &empty).await).contains("it is empty"));
    }
}
