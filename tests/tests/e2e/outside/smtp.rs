use std::time::Duration;

use jointforce_shared::domain::effect::BrandNews;
use jointforce_tests::mail::{Answer, Mailbox};
use jointforce_worker::outside::{MailRoute, Outside, OutsideConfig, Sent};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{Desk, NOW, assert_never, assert_retry};

fn through(url: String) -> Outside {
    super::outside(MailRoute::Smtp(url), OutsideConfig::TIMEOUT)
}

#[tokio::test]
async fn an_outcome_goes_to_the_notifier_and_to_the_brand_under_one_message_id_each_time() {
    let (desk, mailbox) = (Desk::open().await, Mailbox::start().await);
    let outside = through(mailbox.url());
    let decision = desk.remove().await;
    let (id, effect) = (desk.new_id(), desk.to_brand(desk.decided(decision)));
    for _ in 0..2 {
        assert_eq!(desk.carry(&outside, id, &effect, NOW).await, Ok(Sent::Sent));
    }
    let taken = mailbox.taken();
    assert_eq!(taken.len(), 2);
    for mail in &taken {
        assert_eq!(mail.from, "takedowns@market.example");
        assert_eq!(mail.to, ["nora@agency.example", "ip@acme.example"]);
        assert_eq!(mail.header("message-id").unwrap(), format!("<{id}@jointforce>"));
        assert_eq!(mail.header("auto-submitted").unwrap(), "auto-generated");
    }
    desk.carry(&outside, desk.new_id(), &desk.to_brand(BrandNews::Received), NOW).await.unwrap();
    assert_eq!(mailbox.taken()[2].to, ["nora@agency.example"], "a receipt goes to whoever filed");
}

#[tokio::test]
async fn what_the_server_says_decides_whether_it_is_tried_again() {
    let (desk, mailbox) = (Desk::open().await, Mailbox::start().await);
    let outside = through(mailbox.url());
    let effect = desk.to_brand(BrandNews::Received);
    let carry = async || desk.carry(&outside, desk.new_id(), &effect, NOW).await;
    mailbox.answer_next(1, Answer::Greylist);
    assert_retry(&carry().await, None, "greylisted, try again later");
    mailbox.answer_next(1, Answer::Refuse);
    assert_never(&carry().await, "no such mailbox");
    mailbox.answer_next(1, Answer::AcceptAndHangUp);
    assert_retry(&carry().await, None, "the mail server 127.0.0.1");
    assert_eq!(carry().await, Ok(Sent::Sent));
    drop(mailbox);
    assert_retry(&carry().await, None, "the mail server 127.0.0.1");
}

#[tokio::test]
async fn a_copy_that_is_refused_does_not_keep_the_notifier_from_being_told() {
    let (desk, mailbox) = (Desk::open().await, Mailbox::start().await);
    let decision = desk.remove().await;
    let (outside, effect) = (through(mailbox.url()), desk.to_brand(desk.decided(decision)));
    mailbox.answer_next(1, Answer::Accept);
    mailbox.answer_next(1, Answer::Refuse);
    assert_eq!(desk.carry(&outside, desk.new_id(), &effect, NOW).await, Ok(Sent::Sent));
    assert_eq!(mailbox.taken()[0].to, ["nora@agency.example"]);
    mailbox.answer_next(2, Answer::Refuse);
    assert_never(&desk.carry(&outside, desk.new_id(), &effect, NOW).await, "no such mailbox");
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_to_a_server_that_must_speak_tls() {
    let (desk, mailbox) = (Desk::open().await, Mailbox::start().await);
    let outside = through(format!("smtp://user:password@{}?tls=required", mailbox.address()));
    let outcome = desk.carry(&outside, desk.new_id(), &desk.to_brand(BrandNews::Received), NOW).await;
    assert_retry(&outcome, None, "STARTTLS is not supported");
    assert!(mailbox.taken().is_empty());
}

/// Speaks SMTP; after the message's last line it answers only if `answers`.
async fn converse(stream: TcpStream, answers: bool) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut in_message) = (String::new(), false);
    stream.write_all(b"220 ready\r\n").await?;
    while stream.read_line(&mut line).await? > 0 {
        let reply = match (in_message, line.trim_end()) {
            (true, ".") if !answers => std::future::pending().await,
            (true, ".") => {
                in_message = false;
                "250 taken\r\n"
            }
            (true, _) => "",
            (false, "DATA") => {
                in_message = true;
                "354 go on\r\n"
            }
            (false, _) => "250 fine\r\n",
        };
        stream.write_all(reply.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_falls_silent_spoils_no_later_message() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answers in [false, true] {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(converse(stream, answers));
        }
    });
    let outside = super::outside(MailRoute::Smtp(url), Duration::from_secs(1));
    let (id, effect) = (desk.new_id(), desk.to_brand(BrandNews::Received));
    let outcome = desk.carry(&outside, id, &effect, NOW).await;
    assert_retry(&outcome, Some(60), "whether it took the message is unknown");
    // The second connection serves both: it went back whole.
    for _ in 0..2 {
        assert_eq!(desk.carry(&outside, id, &effect, NOW).await, Ok(Sent::Sent));
    }
}
