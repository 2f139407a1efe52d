//! `audit prove`, `prove-growth`, `check-proof` and `checkpoint`.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use jointforce_shared::{
    commands::{House, seal::prove},
    config::{Places, exit},
    domain::{checkpoint::PublicKey, ids::AuditId, proof::Proof, refused::Refused, time::span_words},
    store::seals,
};
use serde_json::json;

use super::{
    super::output::{line, safe},
    args::{SealArgs, no_key},
};

/// Which proof, and by which keys.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The proof's file; - for standard input.
    file: PathBuf,
    /// The log's public key, as `audit key` prints it; may be given more than once. Default: this machine's own.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<PublicKey>,
    #[command(flatten)]
    seal: SealArgs,
}

/// Prints that an event is in the record.
pub async fn inclusion(house: &House, event: AuditId) -> anyhow::Result<u8> {
    print(&prove::inclusion(house, event).await?)
}

/// Prints that the record begins with the one of this size.
pub async fn growth(house: &House, size: u64) -> anyhow::Result<u8> {
    print(&prove::growth(house, size).await?)
}

fn print(proof: &Proof) -> anyhow::Result<u8> {
    line(&serde_json::to_string_pretty(proof)?)?;
    Ok(exit::OK)
}

/// Checks a proof, without any database.
pub fn check(args: CheckArgs, places: &Places) -> anyhow::Result<u8> {
    let keys = args.seal.trusted(places, args.keys)?;
    if keys.is_empty() {
        return Err(no_key().into());
    }
    let text = read(&args.file)?;
    let proof: Proof = serde_json::from_str(&text).map_err(|error| {
        Refused::one("proof", error.to_string(), "Give the JSON that `audit prove` printed, unchanged.")
    })?;
    let shown = proof.check(&keys)?;
    line(&format!("holds: {}", safe(&shown, 400)))?;
    if let Proof::Inclusion { content, .. } = &proof {
        line(&safe(content, 4000))?;
    }
    Ok(exit::OK)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(file).with_context(|| file.display().to_string())
}

/// Shows the newest checkpoint. Exit 75 if there is none yet.
pub async fn checkpoint(house: &House, as_json: bool) -> anyhow::Result<u8> {
    let status = seals::status(&mut house.db.read().await?).await?;
    let Some(newest) = &status.newest else {
        line(&if as_json {
            json!({ "size": 0, "uncovered": status.uncovered }).to_string()
        } else {
            "nothing was signed yet: is a worker running that has the audit key?".to_owned()
        })?;
        return Ok(exit::TEMPORARY);
    };
    if as_json {
        line(
            &json!({
                "size": newest.size, "root": newest.root, "made": newest.made.to_string(), "age_us": newest.age,
                "uncovered": status.uncovered, "note": newest.note,
            })
            .to_string(),
        )?;
    } else {
        // As it is, so that it can be kept and compared; its own lines hold nothing but a name, digits and base64.
        newest.note.lines().try_for_each(|text| line(&safe(text, 400)))?;
        eprintln!("made {} ago; {} sealed events came since", span_words(newest.age.max(0)), status.uncovered);
    }
    Ok(exit::OK)
}
