//! From a letter to a message on its way: over SMTP, or as a file in a folder.
//!
//! Neither can undo a repeat (RFC 1047): a worker killed between the server's answer and the ledger sends again. Every
//! attempt therefore has the same Message-ID, and in a folder the same name.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jointforce_shared::domain::{ids::EffectId, refused::Refused, safe_text::SafeText, time::Time};
use lettre::{
    Message,
    address::{Address, Envelope},
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};

use super::{
    Fault, MailRoute,
    letters::{Letter, Party},
    quoted,
    smtp::Smtp,
};

/// Sends letters.
#[derive(Debug)]
pub(super) struct Post {
    from: Mailbox,
    route: Route,
}

#[derive(Debug)]
enum Route {
    Smtp(Box<Smtp>),
    Folder(PathBuf),
}

impl Post {
    pub(super) fn new(route: &MailRoute, from: &str, timeout: Duration) -> Result<Self, Refused> {
        let from = from.trim().parse().map_err(|error| {
            Refused::one(
                "mail_from",
                format!("{} is no sender: {error}", quoted(from)),
                "Give name@host or Name <name@host>.",
            )
        });
        let route = match route {
            MailRoute::Smtp(url) => Smtp::parse(url, timeout).map(|smtp| Route::Smtp(Box::new(smtp))),
            MailRoute::Folder(path) => match std::fs::create_dir_all(path) {
                Ok(()) => Ok(Route::Folder(path.clone())),
                Err(error) => Err(Refused::one(
                    "mail",
                    format!("the folder {} can't be made: {error}", path.display()),
                    "Give a folder that this account may write to.",
                )),
            },
        };
        match (from, route) {
            (Ok(from), Ok(route)) => Ok(Self { from, route }),
            (from, route) => {
                let faults = [from.err(), route.err()].into_iter().flatten().flat_map(|refused| refused.faults);
                Err(Refused { faults: faults.collect() })
            }
        }
    }

    /// Sends a letter under the effect's id.
    pub(super) async fn send(&self, id: EffectId, letter: &Letter, now: Time) -> Result<(), Fault> {
        let to = mailbox(&letter.to)?;
        // Who gets the copy is no reason to fail whom the law wants told.
        let copy = letter.copy.as_ref().and_then(|party| mailbox(party).ok()).filter(|copy| copy.email != to.email);
        let message = self.compose(id, letter, &to, copy.as_ref(), now)?;
        match &self.route {
            Route::Folder(folder) => save(folder, id, &message).await,
            Route::Smtp(smtp) => {
                let envelope = |to: Vec<Address>| {
                    Envelope::new(Some(self.from.email.clone()), to).map_err(|error| Fault::never(error.to_string()))
                };
                let both =
                    [Some(to.email.clone()), copy.map(|copy| copy.email)].into_iter().flatten().collect::<Vec<_>>();
                let alone = both.len() == 1;
                match smtp.send(&envelope(both)?, &message).await {
                    // A server that refuses one recipient takes the message for none.
                    Err(Fault::Never { why }) if !alone => {
                        tracing::warn!(effect = %id, why, "a mail is sent without its copy");
                        smtp.send(&envelope(vec![to.email])?, &message).await
                    }
                    outcome => outcome,
                }
            }
        }
    }

    fn compose(
        &self,
        id: EffectId,
        letter: &Letter,
        to: &Mailbox,
        copy: Option<&Mailbox>,
        now: Time,
    ) -> Result<Vec<u8>, Fault> {
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let mut message = Message::builder()
            .message_id(Some(format!("<{id}@jointforce>")))
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(now.unix_ms()))
            .from(self.from.clone())
            .to(to.clone())
            .subject(SafeText::line(&letter.subject, 160).into_string())
            // RFC 3834: no out-of-office answer, please.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN);
        if let Some(copy) = copy {
            message = message.cc(copy.clone());
        }
        let message = message.body(letter.body.clone()).map_err(|error| Fault::never(error.to_string()))?;
        Ok(message.formatted())
    }
}

fn mailbox(party: &Party) -> Result<Mailbox, Fault> {
    let address = party.email.trim();
    let parsed = address.parse::<Address>().map_err(|error| {
        Fault::never(format!("{} is no e-mail address ({error}). Correct it, then retry.", quoted(address)))
    })?;
    let name = Some(party.name.to_string()).filter(|name| !name.trim().is_empty());
    Ok(Mailbox::new(name, parsed))
}

/// Writes the message beside its place and moves it there, so that a reader never sees half of one.
async fn save(folder: &Path, id: EffectId, message: &[u8]) -> Result<(), Fault> {
    let (place, draft) = (folder.join(format!("{id}.eml")), folder.join(format!(".{id}.draft")));
    let write = async {
        tokio::fs::write(&draft, message).await?;
        tokio::fs::rename(&draft, &place).await
    };
    write.await.map_err(|error| Fault::retry(format!("{} can't be written: {error}", place.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str, email: &str) -> Party {
        Party { name: SafeText::line(name, 80), email: email.to_owned() }
    }

    async fn sent(letter: &Letter) -> String {
        let folder = tempfile::tempdir().unwrap();
        let id = "01JZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let post = Post::new(&MailRoute::Folder(folder.path().join("mail")), "Desk <desk@shop.example>", Duration::MAX);
        let post = post.unwrap();
        post.send(id, letter, Time(0)).await.unwrap();
        post.send(id, letter, Time(0)).await.unwrap();
        let names: Vec<_> = std::fs::read_dir(folder.path().join("mail")).unwrap().collect();
        assert_eq!(names.len(), 1, "a repeat replaces the first, and no draft stays");
        std::fs::read_to_string(folder.path().join(format!("mail/{id}.eml"))).unwrap()
    }

    #[tokio::test]
    async fn no_name_or_title_adds_a_header() {
        let letter = Letter {
            to: party("Eve\r\nBcc: all@x.example\r\n\r\nowned", "eve@x.example"),
            copy: Some(party("Brand\n <b@c>,", "brand@x.example")),
            subject: "Hi\r\nX-Evil: 1\r\n\r\nbody".to_owned(),
            body: "Hello,\n.\nBcc: nobody\n".to_owned(),
        };
        let message = sent(&letter).await;
        let (headers, _) = message.split_once("\r\n\r\n").unwrap();
        let mut names: Vec<_> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Auto-Submitted",
                "Cc",
                "Content-Transfer-Encoding",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To"
            ]
        );
        assert!(headers.contains("Message-ID: <01JZZZZZZZZZZZZZZZZZZZZZZZ@jointforce>"), "{headers}");
        assert!(headers.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000"), "{headers}");
    }

    #[tokio::test]
    async fn a_subject_in_chinese_is_encoded_and_comes_back_whole() {
        let subject = "Removed: 全新正品 耐克 运动鞋 男款 透气 跑步鞋 官方旗舰店 包邮 限时特价 七天无理由退换货";
        let letter = Letter {
            to: party("李雷", "li@x.example"),
            copy: None,
            subject: subject.to_owned(),
            body: "正文\n".to_owned(),
        };
        let message = sent(&letter).await;
        assert!(message.is_ascii(), "{message}");
        assert!(message.split("\r\n").all(|line| line.len() <= 78), "{message}");
        let headers = message.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let header = headers.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap();
        assert_eq!(decoded(header), subject);
    }

    /// RFC 2047: base64 words of UTF-8; the space between two encoded words is not text.
    fn decoded(header: &str) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let (mut text, mut after_word) = (String::new(), false);
        for word in header.split(' ') {
            let encoded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
            if !(text.is_empty() || after_word && encoded.is_some()) {
                text.push(' ');
            }
            match encoded {
                Some(encoded) => text.push_str(&String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()),
                None => text.push_str(word),
            }
            after_word = encoded.is_some();
        }
        text
    }

    #[tokio::test]
    async fn a_bad_recipient_is_for_a_person_and_a_bad_copy_is_left_out() {
        let mut letter = Letter {
            to: party("x", "not an address\r\nRCPT TO:<all@x>"),
            copy: None,
            subject: "s".to_owned(),
            body: "b".to_owned(),
        };
        let folder = tempfile::tempdir().unwrap();
        let post = Post::new(&MailRoute::Folder(folder.path().to_owned()), "desk@shop.example", Duration::MAX).unwrap();
        let id = "01JZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let fault = post.send(id, &letter, Time(0)).await.unwrap_err();
        assert!(matches!(&fault, Fault::Never { why } if why.contains("is no e-mail address")), "{fault:?}");
        letter.copy = Some(std::mem::replace(&mut letter.to, party("x", "x@y.example")));
        assert!(!sent(&letter).await.contains("Cc:"));
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = Post::new(&MailRoute::Folder(file.path().join("in")), "nobody", Duration::MAX).unwrap_err();
        let fields: Vec<_> = refused.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["mail_from", "mail"]);
    }
}
