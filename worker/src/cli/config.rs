//! `config`: what the settings are, and where each came from.

use std::env;

use clap::{Arg, ArgMatches, Subcommand, parser::ValueSource};
use jointforce_shared::{config::exit, settings::File, store::db::without_password};
use serde_json::json;

use super::{
    output::line,
    settings::{self, Read},
};

/// Looking at the configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Show every setting with its value, secrets masked. Flags go before the environment, the environment before the
    /// file (--config, JOINTFORCE_CONFIG, else /etc/jointforce/jointforce.toml), the file before defaults.
    Show {
        /// Say of each where it came from.
        #[arg(long)]
        origin: bool,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
}

/// Secrets that are given by the environment alone, where no file holds them.
const BY_ENVIRONMENT: [&str; 2] = ["MARKETPLACE_SECRET", "JOINTFORCE_REGISTER_TOKEN"];

/// Prints it.
///
/// # Errors
/// When it can't be printed.
pub fn run(read: &Read, command: &Config) -> anyhow::Result<u8> {
    let Config::Show { origin, json } = command;
    let (matches, _) = settings::as_run(read)?;
    let of_run = matches.subcommand_matches("run").unwrap_or(&matches);
    for arg in &settings::settings() {
        let (value, from) = (value(arg, of_run), source(arg, of_run, &read.file));
        let name = name(arg);
        if *json {
            line(&json!({ "name": name, "value": value, "origin": from }).to_string())?;
            continue;
        }
        let shown = match &value {
            Some(value) => format!("{name} = {}", toml::Value::String(value.clone())),
            None => format!("# {name} is not set"),
        };
        line(&if *origin { format!("{shown:<70} # {from}") } else { shown })?;
    }
    for variable in BY_ENVIRONMENT {
        let set = env::var_os(variable).is_some();
        if *json {
            let from = if set { "environment" } else { "none" };
            line(&json!({ "name": variable, "value": set.then_some("***"), "origin": from }).to_string())?;
        } else if set {
            line(&format!("# {variable} is set by the environment"))?;
        }
    }
    Ok(exit::OK)
}

fn name(arg: &Arg) -> &str {
    arg.get_long().unwrap_or_default()
}

fn source(arg: &Arg, matches: &ArgMatches, file: &File) -> String {
    match matches.value_source(arg.get_id().as_str()) {
        Some(ValueSource::CommandLine) => "flag".to_owned(),
        Some(ValueSource::EnvVariable) => {
            format!("environment {}", arg.get_env().unwrap_or_default().to_string_lossy())
        }
        Some(_) if file.values(name(arg)).is_some() => {
            format!("file {}", file.path().unwrap_or("".as_ref()).display())
        }
        Some(_) => "default".to_owned(),
        None => "not set".to_owned(),
    }
}

/// The value for people: without what makes it a secret.
fn value(arg: &Arg, matches: &ArgMatches) -> Option<String> {
    let raw = matches.get_raw(arg.get_id().as_str())?;
    let text = raw.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
    Some(if arg.is_hide_env_values_set() { masked(&text) } else { text })
}

/// An address without its password and query; of a web address the path is left out too: some are the secret.
fn masked(url: &str) -> String {
    let shown = without_password(url);
    match shown.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
        }
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_an_address_a_secret_is_left_out() {
        for (url, shown) in [
            ("https://hooks.example/services/T0/B0/s3cret?x=y", "https://hooks.example"),
            ("postgres://jf:s3cret@db/x", "postgres://jf@db/x"),
            ("smtps://u:s3cret@mail/ehlo", "smtps://u@mail/ehlo"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
