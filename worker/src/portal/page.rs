//! The pages. Askama escapes what is put into them; strangers' text is clean before.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use jointforce_shared::{
    domain::{
        authenticity::{Answer, Follow, State},
        ids::{ListingId, RequestId},
        safe_text::SafeText,
        time::Time,
    },
    store::authenticity::Request,
};
use tracing::error;

const STYLE: &str = include_str!("../../templates/portal/style.css");

/// The one stylesheet.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// A page.
#[derive(Debug)]
pub(super) enum Page {
    /// The question, with a form.
    Question(Box<Question>),
    /// Thanks for the answer.
    Done { answer: Answer, follow: Follow, request: RequestId },
    /// The request takes no answer any more, or not by this link.
    Closed { why: &'static str, fix: &'static str, request: RequestId },
    /// The link's time is over.
    Expired,
    /// No link of ours. The same for whatever nobody may know about.
    Unknown,
    /// The database doesn't answer.
    Away,
}

/// A question as its page shows it.
#[derive(Debug)]
pub(super) struct Question {
    pub request: Request,
    pub brand: SafeText,
    pub title: SafeText,
    pub description: Vec<SafeText>,
    pub price: SafeText,
    pub category: SafeText,
    pub territory: SafeText,
    pub seller: SafeText,
    pub listing: ListingId,
    pub url: SafeText,
    pub late: bool,
    pub problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "portal/question.html")]
struct QuestionPage<'a> {
    title: &'static str,
    question: &'a Question,
    answers: &'static [Answer],
    until: String,
}

#[derive(Template)]
#[template(path = "portal/message.html")]
struct MessagePage {
    title: &'static str,
    text: &'static str,
    more: &'static str,
    answer: Option<Answer>,
    request: Option<RequestId>,
}

impl Page {
    /// Why this request takes no answer (by this link) any more.
    pub(super) fn closed(request: &Request) -> Self {
        let (why, fix) = match request.state {
            State::Answered(_) => (
                "This question was answered already. Each link works once.",
                "If the answer was wrong, reply to our message, name the question below, and say what is right.",
            ),
            State::Silent(_) => (
                "The deadline passed without an answer, and the claims on this listing were refused.",
                "If you know that it infringes, file a new notice.",
            ),
            State::Open | State::Withdrawn => (
                "This question is closed: the case was decided, or a newer question replaced it.",
                "If you got a newer message about this listing, use the link in that one.",
            ),
        };
        Self::Closed { why, fix, request: request.id }
    }

    fn message(&self) -> (StatusCode, MessagePage) {
        let page = |title, text, more, request| MessagePage { title, text, more, answer: None, request };
        match self {
            Self::Done { answer, follow, request } => {
                let more = "You may close this page. The link does not work a second time.";
                let page = page("Thank you, your answer is recorded", followed(*follow), more, Some(*request));
                (StatusCode::OK, MessagePage { answer: Some(*answer), ..page })
            }
            Self::Closed { why, fix, request } => {
                (StatusCode::GONE, page("This link can no longer be used", why, fix, Some(*request)))
            }
            Self::Expired => (
                StatusCode::GONE,
                page(
                    "This link has expired",
                    "Its time is over, so it can't be used any more.",
                    "If you still want to tell us something about the listing, reply to our message or file a notice.",
                    None,
                ),
            ),
            Self::Unknown | Self::Question(_) => (
                StatusCode::NOT_FOUND,
                page(
                    "This link does not work",
                    "It is not a link that we made, or a part of it was lost on the way.",
                    "Copy the whole link from our message into the address bar. It may be broken over two lines there.",
                    None,
                ),
            ),
            Self::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                page(
                    "Please try again in a few minutes",
                    "We can't reach our records just now. Nothing was recorded.",
                    "The link stays valid.",
                    None,
                ),
            ),
        }
    }
}

fn followed(follow: Follow) -> &'static str {
    match follow {
        Follow::RemoveAtOnce => "The listing is being taken down now. You get a message when it is.",
        Follow::Clear => "The listing stays. You need not do anything more.",
        Follow::ToModerator(_) => {
            "A reviewer decides next, with your answer before them. You get a message about the decision."
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let (status, html) = if let Self::Question(question) = &self {
            let until = long(question.request.until);
            let title = "A question about a listing";
            let page = QuestionPage { title, question, answers: Answer::ALL, until };
            let status = if question.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            (status, page.render())
        } else {
            let (status, page) = self.message();
            (status, page.render())
        };
        match html {
            Ok(html) => (status, Html(html)).into_response(),
            Err(fault) => {
                error!("a page's template failed: {fault}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A moment as people write it: `3 June 2026, 14:05 UTC`.
fn long(at: Time) -> String {
    at.timestamp().strftime("%-d %B %Y, %H:%M UTC").to_string()
}
