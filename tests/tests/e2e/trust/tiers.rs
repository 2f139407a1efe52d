//! In and out of good faith and Joint-Force.

use jointforce_shared::{
    commands::trust::{invite, manager, set_base, show, suspend, warn},
    domain::{brand::Tier, priority, time::Time, trust::Base},
    store::{dossier, effects},
};

use super::*;
use crate::store::on_both;

on_both! {
    async fn a_record_earns_good_faith_and_a_lost_one_is_locked_out_for_three_months(url: &str) {
        let world = with_newco(url, Tier::Standard).await;
        let cases = report(&world, "n1", 0, 20).await;
        act(&world, "ann", &cases[..19], &REMOVE).await;
        assert_eq!((sweep(&world).await, tier(&world).await), (0, Tier::Standard));
        let lacks = show(&world.house, &newco()).await.unwrap().explanation.next;
        assert_eq!(lacks[0], "1 more decided claim is needed to be judged");
        act(&world, "ann", &cases[19..], &REMOVE).await;
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::GoodFaith));
        assert_eq!(sweep(&world).await, 0, "nothing is due any more");

        // Three of them fall, as an undo and a refusal.
        act(&world, "sue", &cases[..3], &Act::Undo).await;
        act(&world, "bob", &cases[..3], &KEEP).await;
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::Standard));
        let trusted = show(&world.house, &newco()).await.unwrap();
        assert_eq!(trusted.standing.locked_until, Some(Time(world.house.clock.now().0 + 90 * Time::DAY)));

        world.pass(89 * Time::DAY);
        let cases = report(&world, "n2", 20, 45).await;
        act(&world, "ann", &cases, &REMOVE).await;
        sweep(&world).await;
        assert_eq!(tier(&world).await, Tier::Standard, "locked out, however good it is now");
        world.pass(Time::DAY - 1);
        assert_eq!((sweep(&world).await, tier(&world).await), (0, Tier::Standard));
        world.pass(2);
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::GoodFaith), "nobody had to do anything");
        assert_eq!(times(&world, "brand.tier_changed").await, 3);
    }

    async fn a_change_is_told_once_however_many_sweep(url: &str) {
        let world = with_newco(url, Tier::Standard).await;
        let cases = report(&world, "n1", 0, 20).await;
        act(&world, "ann", &cases, &REMOVE).await;
        let sweeps: Vec<_> = (0..8)
            .map(|_| {
                let world = world.clone();
                tokio::spawn(async move { sweep(&world).await })
            })
            .collect();
        let mut changed = 0;
        for sweep in sweeps {
            changed += sweep.await.unwrap();
        }
        assert_eq!(changed, 1);
        assert_eq!(times(&world, "brand.tier_changed").await, 1);
        let mut conn = world.house.db.read().await.unwrap();
        let told = effects::list(&mut conn, None, None, 1000).await.unwrap();
        let about = |kind: &str| told.iter().filter(|e| e.kind == kind && e.payload.contains("tier_changed")).count();
        assert_eq!((about("mail_brand"), about("hook_brand")), (1, 1));
    }

    async fn joint_force_is_entered_by_invitation_with_an_account_manager(url: &str) {
        let world = with_newco(url, Tier::GoodFaith).await;
        let (house, adam) = (&world.house, who("adam"));
        assert!(refusal(invite(house, &who("sue"), &newco(), true, "r").await).contains("may not manage brands"));
        assert!(refusal(manager(house, &adam, &newco(), Some(&"nobody".parse().unwrap())).await).contains("does not work"));
        invite(house, &adam, &newco(), true, "a good partner").await.unwrap();
        assert_eq!(tier(&world).await, Tier::GoodFaith);
        assert!(refusal(invite(house, &adam, &newco(), true, "again").await).contains("invited already"));
        manager(house, &adam, &newco(), Some(&"bob".parse().unwrap())).await.unwrap();
        assert_eq!(tier(&world).await, Tier::JointForce, "at once, without waiting for the sweep");
        manager(house, &adam, &newco(), None).await.unwrap();
        assert_eq!(tier(&world).await, Tier::JointForce, "it keeps its tier while its manager is replaced");
        invite(house, &adam, &newco(), false, "left the programme").await.unwrap();
        assert_eq!(tier(&world).await, Tier::GoodFaith);

        set_base(house, &adam, &newco(), Base::Unverified, "the papers were forged").await.unwrap();
        assert_eq!(tier(&world).await, Tier::Unverified);
        assert!(refusal(invite(house, &adam, &newco(), true, "r").await).contains("it is Unverified"));
        set_base(house, &adam, &newco(), Base::TrustedFlagger, "appointed").await.unwrap();
        assert_eq!(tier(&world).await, Tier::TrustedFlagger);
    }

    async fn a_file_of_brands_overwrites_no_tier_that_was_earned(url: &str) {
        let world = with_newco(url, Tier::Unverified).await;
        let cases = report(&world, "n1", 0, 10).await;
        act(&world, "ann", &cases, &REMOVE).await;
        let cases = report(&world, "n2", 10, 20).await;
        act(&world, "ann", &cases, &REMOVE).await;
        sweep(&world).await;
        assert_eq!(tier(&world).await, Tier::Unverified, "nobody checked who it is");
        load(&world, Tier::Standard).await;
        sweep(&world).await;
        assert_eq!(tier(&world).await, Tier::GoodFaith, "checked, and its record counts");
        load(&world, Tier::Standard).await;
        load(&world, Tier::JointForce).await;
        assert_eq!((sweep(&world).await, tier(&world).await), (0, Tier::GoodFaith));
    }

    async fn a_change_of_tier_moves_what_waits_and_no_deadline_away(url: &str) {
        let world = with_newco(url, Tier::GoodFaith).await;
        let (house, adam) = (&world.house, who("adam"));
        let cases = report(&world, "n1", 0, 2).await;
        act(&world, "ann", &cases[1..], &REMOVE).await;
        let placed = async || {
            let case = dossier::of_case(&mut house.db.read().await.unwrap(), cases[0]).await.unwrap().unwrap();
            assert_eq!(case.case.rank, priority::rank(&case.factors), "its place is what it is made of");
            (case.case.due, case.case.version)
        };
        let (due, version) = placed().await;
        world.pass(Time::HOUR);
        invite(house, &adam, &newco(), true, "a partner").await.unwrap();
        manager(house, &adam, &newco(), Some(&"bob".parse().unwrap())).await.unwrap();
        assert_eq!(tier(&world).await, Tier::JointForce);
        let now = house.clock.now();
        let promised = house.policy.calendar.due(house.policy.sla(Tier::JointForce), now);
        assert!(promised < due);
        assert_eq!(placed().await, (promised, version), "as if it came now, and nobody's screen is out of date");
        warn(house, &adam, &newco(), "abuse").await.unwrap();
        suspend(house, &adam, &newco(), None, "abuse").await.unwrap();
        assert_eq!(tier(&world).await, Tier::Suspended);
        assert_eq!(placed().await, (promised, version), "back in the queue, and due when it was promised");
    }
}
