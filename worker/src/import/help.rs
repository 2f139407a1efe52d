//! What `import KIND --help` says: the documentation of the formats, each kind's its own. Prose is one line a paragraph and
//! wrapped where it is shown; an example stands on a line of its own, to be copied whole.

/// The order, and what is the same for every kind.
pub const OVERVIEW: &str = "`jointforce-worker import notices --help` has the fields of notices, with an example; so has each kind.

Load in this order: brands, rights, sellers, listings, authorised, notices. What is there already is left as it is, so an import that was stopped, or whose file was corrected, is simply run again. An id that comes again replaces what was there; a notice that comes again under its reference is the same notice.

Exit codes: 0 everything is in; 65 some rows were refused, the rest is in; 64 wrong usage; 69 the database is away; 74 a file can't be read or written, or the disk is full; 75 stopped by a signal: run it again; 77 not allowed.";

const REFUSED: &str = "Refused rows go to a file, one JSON object a line: the number of the line, every fault with its field and fix, and the row as it came. To try again: correct `input` there, then `jq -r .input FILE.refused.jsonl | jointforce-worker import ... -` (for CSV, put the header row first).

`jointforce-worker import --help` has the order in which to load, and the exit codes.";

const CSV: &str = "CSV: the first row names the fields, lists have | between their entries.";

/// One kind's: its fields, an example, and what is to be said of some.
fn of(fields: &str, example: &str, more: &[&str]) -> String {
    let more: String = more.iter().map(|text| format!("{text}\n")).collect();
    let text = format!(
        "Fields (those with a ? may be left out): {fields}.\n\nAn example, a line of JSON:\n\n{example}\n\n{more}{CSV}\n\n{REFUSED}"
    );
    jointforce_shared::help::unbroken(&text)
}

pub fn brands() -> String {
    of(
        "id, name, tier?, email, webhook_url?, webhook_secret?",
        r#"{"id":"acme","name":"Acme","tier":"good_faith","email":"ip@acme.example"}"#,
        &[
            "tier: unverified (when left out), standard, good_faith, joint_force, trusted_flagger, suspended. It counts the first time only.",
            "webhook_secret: whsec_ and 24 to 64 bytes in base64; needed with webhook_url.",
        ],
    )
}

pub fn rights() -> String {
    of(
        "id, brand, kind, number, title, jurisdiction, classes?, valid_from, valid_until?",
        r#"{"id":"tm-1","brand":"acme","kind":"trademark","number":"018123456","title":"ACME","jurisdiction":"EU","classes":[18,25],"valid_from":"2020-01-31"}"#,
        &[
            "kind: trademark, copyright, design, patent.",
            "jurisdiction: a country, EU or WORLD.",
            "classes: of Nice for a trademark, of Locarno for a design; none means every class.",
            "valid_until: the first day it no longer holds.",
        ],
    )
}

pub fn sellers() -> String {
    of(
        "id, name, email, country, payout_account?",
        r#"{"id":"s-7","name":"Best Shop","email":"shop@s7.example","country":"CN","payout_account":"p-991"}"#,
        &[],
    )
}

pub fn listings() -> String {
    of(
        "id, seller, title, description?, price, currency, category, nice_class?, territory, url, images?, sold?, state?",
        r#"{"id":"l-4711","seller":"s-7","title":"Acme bag","price":"19.99","currency":"EUR","category":"Bags > Totes","nice_class":18,"territory":"DE","url":"https://market.example/i/4711","sold":12}"#,
        &[
            "territory: the country where it is offered.",
            "sold: units in 30 days.",
            "state: live (when left out) or ended.",
        ],
    )
}

pub fn authorised() -> String {
    of(
        "brand, seller, valid_from?, valid_until?, remark?",
        r#"{"brand":"acme","seller":"s-7","valid_from":"2026-01-01","valid_until":"2027-01-01","remark":"bags, not shoes"}"#,
        &["Whom a brand authorised to sell. A notice against one is taken, and says so at the top of its case."],
    )
}

pub fn notices() -> String {
    of(
        "reference?, brand, reason, right, listings, notifier_name, notifier_email, notifier_role, explanation, good_faith, accuracy, attest?, signature, evidence?, received_at?, resubmits?",
        r#"{"reference":"N-1","brand":"acme","reason":"counterfeit","right":"tm-1","listings":["l-4711"],"notifier_name":"Ann Lee","notifier_email":"ann@acme.example","notifier_role":"principal","explanation":"Not made by us: the seam is glued.","good_faith":true,"accuracy":true,"signature":"Ann Lee"}"#,
        &[
            "reason: counterfeit, trademark_in_listing, unlicensed_software, copyright_item, copyright_text, copyright_image, copyright_image_and_text, design, patent, unlawful_import; or eBay's VeRO code.",
            "right: its id or number.",
            "listings: ids or URLs.",
            "notifier_role: principal, agent, attorney.",
            "attest: true if the brand stands behind it; in Joint-Force its listings are then removed at once.",
            "resubmits: reference or id of a notice that was refused in review and that this one corrects; it keeps its place.",
            "Google's bulk text: # lines describe a work, then its original's URL, then the URLs that infringe it; blank line; the next work. Each work becomes a notice; who reports, and under which right, is said by options.",
        ],
    )
}

pub fn counter_notices() -> String {
    of(
        "reference?, seller, listing, case?, decision?, reason, explanation, material, good_faith, perjury, name, address, phone, email?, consent, signature, evidence?",
        r#"{"reference":"C-1","seller":"s-7","listing":"l-4711","reason":"authorized","explanation":"Bought from Acme.","material":"Acme bag","good_faith":true,"perjury":true,"name":"Bo Li","address":"1 Main St, Springfield","phone":"+1 555 0100","consent":true,"signature":"Bo Li"}"#,
        &[
            "reason: owner, authorized, no_right, fair_use, removed, not_used, other.",
            "case: where several keep the listing down.",
            "What the law of the place does not ask for may be left out; what it asks for is named when it is missing.",
        ],
    )
}

pub fn appeals() -> String {
    of(
        "reference?, seller or brand, case, decision?, grounds",
        r#"{"reference":"A-1","seller":"s-7","case":"01JD0000000000000000000000","grounds":"The invoice is from Acme."}"#,
        &[],
    )
}

pub fn withdrawals() -> String {
    of(
        "brand, notice, listings?, why?",
        r#"{"brand":"acme","notice":"N-1","listings":["l-4711"],"why":"Our own outlet."}"#,
        &["notice: the brand's reference, or its id.", "listings: none for all."],
    )
}

pub fn suits() -> String {
    of(
        "brand, counter or listing, court, number, proof",
        r#"{"brand":"acme","counter":"01JD0000000000000000000000","court":"S.D.N.Y.","number":"1:26-cv-01234","proof":"https://acme.example/complaint.pdf"}"#,
        &[],
    )
}
