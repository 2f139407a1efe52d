//! Served over SSH: what sshd asks us about keys and certificates, and the lines for its configuration.
//!
//! sshd lets people in and says who they are, one Unix account for all; it forces the console on every key. The console
//! believes a seat only when the account that started it is a gate, so nobody with an account of their own can take
//! another's.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jointforce_shared::{
    commands::{House, operator::keys},
    domain::{
        ids::OperatorId,
        operator::key::{Fingerprint, Seat},
    },
    store,
};

/// How what sshd starts finds the database again.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
}

/// The line for the key with this fingerprint, as sshd reads it from an `AuthorizedKeysCommand`. Nothing for a key that
/// lets nobody in.
///
/// # Errors
/// What the store says.
pub async fn authorized_keys(
    house: &House,
    whereabouts: &Whereabouts,
    gate: &OperatorId,
    fingerprint: &Fingerprint,
) -> anyhow::Result<Option<String>> {
    let mut conn = house.db.read().await?;
    let seat = Seat::Key(fingerprint.clone());
    keys::sits(&mut conn, gate, &seat).await?;
    let kept = store::operators::keys::get(&mut conn, fingerprint).await?;
    let line = |kept: store::operators::keys::KeptKey| -> anyhow::Result<String> {
        Ok(format!("{} {}", options(whereabouts, &seat)?, kept.key.public_key))
    };
    kept.map(line).transpose()
}

/// The line for a certificate with this key id, as sshd reads it from an `AuthorizedPrincipalsCommand`: the certificate
/// has to be made out to the gate's account.
///
/// # Errors
/// What the store says; refused for a key id that is no operator's.
pub async fn authorized_principals(
    house: &House,
    whereabouts: &Whereabouts,
    gate: &OperatorId,
    key_id: &OperatorId,
) -> anyhow::Result<String> {
    let seat = Seat::Certificate(key_id.clone());
    keys::sits(&mut house.db.read().await?, gate, &seat).await?;
    Ok(format!("{} {gate}", options(whereabouts, &seat)?))
}

/// What a key may: a terminal with the console on it, and nothing else.
fn options(whereabouts: &Whereabouts, seat: &Seat) -> anyhow::Result<String> {
    Ok(format!("restrict,pty,command=\"{} seat {seat}\"", program(whereabouts)?.replace('"', "\\\"")))
}

/// This program with what it needs to find its database, as a shell reads it.
fn program(whereabouts: &Whereabouts) -> anyhow::Result<String> {
    let mut words = vec![quoted(&env::current_exe().context("where this program is")?)?];
    for (flag, path) in [("--config", &whereabouts.config), ("--data-dir", &whereabouts.data_dir)] {
        if let Some(path) = path {
            words.extend([flag.to_owned(), quoted(path)?]);
        }
    }
    Ok(words.join(" "))
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().filter(|text| !text.chars().any(|c| c.is_control() || c == '\'' || c == '\\'));
    let text =
        text.with_context(|| format!("{} has letters that can't stand in sshd's configuration", path.display()))?;
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@:".contains(c));
    Ok(if plain { text.to_owned() } else { format!("'{text}'") })
}

/// The block for sshd's configuration that makes `gate` the consoles' account.
///
/// # Errors
/// When this program's own path, or one that it was given, can't stand there.
pub fn sshd_config(whereabouts: &Whereabouts, gate: &OperatorId, ca: Option<&Path>) -> anyhow::Result<String> {
    let program = program(whereabouts)?;
    // Up to OpenSSH 9.3 a command for principals that comes after one for keys is silently dropped, and a certificate
    // would open a shell: so it comes first, and a file that names nobody makes sshd refuse should it be dropped after all.
    let certificates = match ca {
        None => String::new(),
        Some(ca) => format!(
            "    # Certificates: the key id is the operator, the principal is {gate}. Before the command for keys: older sshds
    # lose it otherwise.
    TrustedUserCAKeys {}
    AuthorizedPrincipalsFile /dev/null
    AuthorizedPrincipalsCommand {program} authorized-principals %u %i
    AuthorizedPrincipalsCommandUser {gate}
",
            quoted(ca)?
        ),
    };
    Ok(format!(
        "# Joint Force: everybody comes in as {gate}, and their key says who they are.
# The program must belong to root, and so must every folder above it.
Match User {gate}
    AuthenticationMethods publickey
{certificates}    AuthorizedKeysFile none
    AuthorizedKeysCommand {program} authorized-keys %u %f
    AuthorizedKeysCommandUser {gate}
    DisableForwarding yes
    PermitUserRC no
    PermitTTY yes
    ClientAliveInterval 15
    ClientAliveCountMax 4
Match all
"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_for_sshd_and_its_shell() {
        assert_eq!(quoted(Path::new("/etc/jointforce/jointforce.toml")).unwrap(), "/etc/jointforce/jointforce.toml");
        assert_eq!(quoted(Path::new("/srv/joint force/x")).unwrap(), "'/srv/joint force/x'");
        for wrong in ["/x'; sh", "/x\n", "/x\\"] {
            assert!(quoted(Path::new(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_block_for_sshd_names_the_gate_and_the_commands() {
        let whereabouts = Whereabouts { config: Some("/etc/jointforce/jointforce.toml".into()), data_dir: None };
        let gate = "jointforce".parse().unwrap();
        let block = sshd_config(&whereabouts, &gate, None).unwrap();
        assert!(block.contains("Match User jointforce\n"), "{block}");
        assert!(block.contains("--config /etc/jointforce/jointforce.toml authorized-keys %u %f\n"), "{block}");
        assert!(!block.contains("TrustedUserCAKeys"), "{block}");
        let block = sshd_config(&whereabouts, &gate, Some(Path::new("/etc/ssh/jointforce_ca.pub"))).unwrap();
        assert!(block.contains("TrustedUserCAKeys /etc/ssh/jointforce_ca.pub\n"), "{block}");
        assert!(block.contains("authorized-principals %u %i\n"), "{block}");
        let at = |word| block.find(word).unwrap();
        assert!(at("AuthorizedPrincipalsCommand ") < at("AuthorizedKeysCommand "), "{block}");
    }
}
