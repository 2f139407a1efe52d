//! What an operator's console is like, on both databases.

use jointforce_shared::{
    commands::operator::preferences::set,
    domain::operator::preferences::{KEYS_MAX, Preferences, ThemeName},
    store::{audit, operators::preferences},
};
use jointforce_tests::{
    sql::execute,
    world::{World, who},
};

use super::on_both;

on_both! {
    async fn what_somebody_chose_is_given_back_and_is_on_the_record(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let kept = async |account: &str| {
            preferences::get(&mut house.db.read().await.unwrap(), who(account).id()).await.unwrap()
        };
        assert_eq!(kept("ann").await, Preferences::default());
        let ann = who("ann");
        let chosen = Preferences { theme: Some(ThemeName::Light), ascii: true, keys: "remove = \"é\"\n".into() };
        let given = set(house, &ann, ann.id(), |_| Ok(chosen.clone())).await.unwrap();
        assert_eq!((given, kept("ann").await), (chosen.clone(), chosen.clone()));
        assert_eq!(kept("bob").await, Preferences::default());
        set(house, &who("adam"), ann.id(), |kept| Ok(Preferences { theme: None, ..kept.clone() })).await.unwrap();
        assert_eq!(kept("ann").await, Preferences { theme: None, ..chosen.clone() });
        set(house, &ann, ann.id(), |kept| Ok(kept.clone())).await.unwrap();

        let events = audit::newest(&mut house.db.read().await.unwrap(), None, 100).await.unwrap();
        let set = events.iter().filter(|event| event.action == "operator.preferences_set");
        let mut record: Vec<_> = set.map(|event| format!("{} {} {}", event.actor, event.subject, event.body)).collect();
        record.reverse();
        assert_eq!(record, [
            r#"ann operator:ann {"ascii":true,"keys":"remove = \"é\"\n","theme":"light"}"#,
            r#"adam operator:ann {"ascii":true,"keys":"remove = \"é\"\n","theme":null}"#,
        ], "what changes nothing is no event");
    }

    async fn consoles_that_change_different_things_at_once_lose_neither(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let ann = who("ann");
        for round in 0..20 {
            let (theme, ascii) = ([ThemeName::Light, ThemeName::Mono][round % 2], round % 2 == 0);
            let keys = format!("# {round}");
            let of_keys = |kept: &Preferences| Ok(Preferences { keys: keys.clone(), ..kept.clone() });
            let done = tokio::join!(
                set(house, &ann, ann.id(), |kept| Ok(Preferences { theme: Some(theme), ..kept.clone() })),
                set(house, &ann, ann.id(), of_keys),
                set(house, &ann, ann.id(), |kept| Ok(Preferences { ascii, ..kept.clone() })),
            );
            assert!(done.0.is_ok() && done.1.is_ok() && done.2.is_ok(), "{done:?}");
            let kept = preferences::get(&mut house.db.read().await.unwrap(), ann.id()).await.unwrap();
            assert_eq!(kept, Preferences { theme: Some(theme), ascii, keys });
        }
    }

    async fn what_can_not_be_kept_is_refused_and_changes_nothing(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let keys = |text: String| move |kept: &Preferences| Ok(Preferences { keys: text, ..kept.clone() });
        let (ann, bob) = (who("ann"), who("bob"));
        for (actor, account, text, words) in [
            (&ann, ann.id(), "x".repeat(KEYS_MAX + 1), "keys: the key map has 4001 characters"),
            (&ann, ann.id(), "\u{1b}[2J".into(), "keys: the key map has control characters"),
            (&bob, ann.id(), String::from("# hers"), "role: a moderator may not manage staff"),
            (&who("sue"), ann.id(), String::from("# hers"), "role: a senior may not manage staff"),
            (&who("adam"), who("ghost").id(), String::from("# nobody's"), "operator: ghost is no operator"),
            (&who("ghost"), who("ghost").id(), String::from("# nobody's"), "account: ghost is no operator"),
        ] {
            let refused = set(house, actor, account, keys(text)).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        let mut conn = house.db.read().await.unwrap();
        assert_eq!(preferences::get(&mut conn, ann.id()).await.unwrap(), Preferences::default());
        let events = audit::newest(&mut conn, None, 100).await.unwrap();
        assert!(events.iter().all(|event| event.action != "operator.preferences_set"));
    }

    async fn a_theme_that_this_program_does_not_know_keeps_nobody_from_their_seat(url: &str) {
        let world = World::new(url).await;
        let ann = who("ann");
        let dark = Preferences { theme: Some(ThemeName::Dark), keys: "# mine".into(), ascii: false };
        set(&world.house, &ann, ann.id(), |_| Ok(dark.clone())).await.unwrap();
        execute(&world.house.db, "UPDATE preferences SET theme = 'sepia'").await;
        let kept = preferences::get(&mut world.house.db.read().await.unwrap(), ann.id()).await.unwrap();
        assert_eq!(kept, Preferences { theme: None, ..dark });
    }
}
