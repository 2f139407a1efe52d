//! Pictures on request: asked for once, made once, kept for a while.

use std::time::Duration;

use jointforce_shared::{
    commands::{Error, picture},
    domain::{picture::Picture, time::Time},
    store::pictures::{self, Standing},
};
use jointforce_tests::world::{World, who};

use super::on_both;

const URL: &str = "https://img.example/1.jpg";

async fn asked(world: &World) -> Vec<String> {
    pictures::asked(&mut world.house.db.read().await.unwrap(), 10).await.unwrap()
}

async fn ask(world: &World) -> Standing {
    picture::ask(&world.house, &who("ann"), URL).await.unwrap()
}

on_both! {
    async fn a_picture_is_asked_for_once_made_once_and_anew_after_a_while(url: &str) {
        let world = World::with_set_clock(url).await;
        assert_eq!((ask(&world).await, ask(&world).await), (Standing::Asked, Standing::Asked));
        assert_eq!(asked(&world).await, [URL]);
        let made = Picture::new(2, 1, vec![[0, 1, 2], [253, 254, 255]]).unwrap();
        picture::settle(&world.house, URL, &Ok(made.clone())).await.unwrap();
        picture::settle(&world.house, URL, &Err("too late".into())).await.unwrap();
        assert_eq!(ask(&world).await, Standing::Made(made.clone()), "what was made stays made");
        assert!(asked(&world).await.is_empty());
        world.pass(i64::try_from(world.house.policy.console.pictures.keep.as_micros()).unwrap());
        assert_eq!(ask(&world).await, Standing::Made(made));
        world.pass(1);
        assert_eq!(ask(&world).await, Standing::Asked, "what is at an address changes");
    }

    async fn what_failed_is_told_and_tried_again_after_a_minute(url: &str) {
        let world = World::with_set_clock(url).await;
        ask(&world).await;
        picture::settle(&world.house, URL, &Err("its host answered 404".into())).await.unwrap();
        world.pass(Time::MINUTE);
        assert_eq!(ask(&world).await, Standing::Failed("its host answered 404".into()));
        world.pass(1);
        assert_eq!(ask(&world).await, Standing::Asked);
        assert_eq!(asked(&world).await, [URL]);
    }

    async fn what_was_made_long_ago_is_forgotten_and_a_stranger_asks_for_nothing(url: &str) {
        let world = World::with_set_clock(url).await;
        ask(&world).await;
        picture::settle(&world.house, URL, &Err("no".into())).await.unwrap();
        world.pass(i64::try_from((world.house.policy.console.pictures.keep + Duration::from_secs(1)).as_micros()).unwrap());
        picture::settle(&world.house, "https://another", &Err("no".into())).await.unwrap();
        let left = pictures::get(&mut world.house.db.read().await.unwrap(), URL).await.unwrap();
        assert_eq!(left, None);
        let refused = picture::ask(&world.house, &who("nobody"), URL).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        assert!(asked(&world).await.is_empty());
    }
}
