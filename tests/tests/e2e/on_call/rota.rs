use jointforce_shared::{
    commands::{operator, rota},
    domain::{page::PageKind, time::Time},
    store::{audit, rotas},
};
use jointforce_tests::world::{World, who};

use super::{ODA_THEN_SUE, all_pages, on_call, open_pages, read, refusal, sweep};
use crate::store::on_both;

on_both! {
    async fn a_rota_with_a_hole_is_refused_and_the_one_before_stays(url: &str) {
        let world = World::new(url).await;
        on_call(&world).await;
        let hole = read(&ODA_THEN_SUE.replacen(r#""sat", "#, "", 1));
        let said = refusal(rota::load(&world.house, &who("adam"), &hole).await);
        assert!(said.contains("nobody is on call at level 1 from Sat 2020-01-04 00:00 (UTC)"), "{said}");
        let stranger = read(&ODA_THEN_SUE.replace("sue", "nobody-here"));
        let said = refusal(rota::load(&world.house, &who("adam"), &stranger).await);
        assert!(said.contains("people.nobody-here: nobody with this account works here"), "{said}");
        let said = refusal(rota::load(&world.house, &who("ann"), &read(ODA_THEN_SUE)).await);
        assert!(said.contains("a moderator may not manage staff"), "{said}");
        let mut conn = world.house.db.read().await.unwrap();
        let loaded = rotas::current(&mut conn).await.unwrap().unwrap();
        assert_eq!((loaded.rota, loaded.by.as_str()), (read(ODA_THEN_SUE), "adam"));
        let events = audit::newest(&mut conn, None, 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "rota.loaded").count(), 1);
    }

    async fn a_hole_within_a_day_is_paged_once_and_ends_with_another_rota(url: &str) {
        let world = World::with_set_clock(url).await;
        let ends = world.house.clock.now() + std::time::Duration::from_secs(3 * 24 * 3600);
        let ending = ODA_THEN_SUE.replacen('{', &format!(r#"{{"ends": "{}","#, ends.timestamp().strftime("%Y-%m-%d")), 1);
        rota::load(&world.house, &who("adam"), &read(&ending)).await.unwrap();
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await, []);
        world.pass(2 * Time::DAY);
        for _ in 0..3 {
            sweep(&world.house).await;
        }
        let pages = open_pages(&world).await;
        assert_eq!(pages.iter().map(|page| page.kind).collect::<Vec<_>>(), [PageKind::RotaHole]);
        assert!(pages[0].summary.contains("nobody is on call at level 1"), "{}", pages[0].summary);
        on_call(&world).await;
        sweep(&world.house).await;
        assert_eq!((open_pages(&world).await.len(), all_pages(&world).await.len()), (0, 1));
    }

    async fn somebody_who_works_here_no_more_is_a_hole(url: &str) {
        let world = World::with_set_clock(url).await;
        on_call(&world).await;
        operator::disable(&world.house, &who("adam"), &"sue".parse().unwrap()).await.unwrap();
        sweep(&world.house).await;
        let summary = open_pages(&world).await.pop().unwrap().summary;
        assert!(summary.contains("only sue is on call at level 2, who works here no more"), "{summary}");
    }
}
