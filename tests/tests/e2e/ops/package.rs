//! The package, installed, upgraded, removed and purged on a machine of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use jointforce_tests::{machine::Machine, programs, pty::Terminal, servers::free_port, wait::until};
use tokio::net::TcpStream;

use super::packaging::{packaging, said};
use crate::main_job::LIMIT;

/// Where an installed package keeps its settings.
const SETTINGS: &str = "/etc/jointforce/jointforce.toml";

/// The package with the programs of this build.
fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        let _ = fs::remove_dir_all(&folder);
        let binaries = programs::worker().get_program().to_owned();
        let mut build = Command::new(packaging().join("build-deb"));
        // What it is packed with matters to nobody here but to whoever waits.
        build.arg(&folder).env("JF_BINARIES", Path::new(&binaries).parent().unwrap()).env("JF_COMPRESSION", "none");
        said(&mut build);
        fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path()
    })
}

/// A machine on which the package is installed. None where we can't have one: as root, or with sudo, everybody has.
fn installed() -> Option<Machine> {
    let Some(machine) = Machine::start() else {
        eprintln!("nothing was installed: that takes root, or sudo without a password");
        return None;
    };
    machine.put(package(), "/tmp/jointforce.deb");
    machine.does("dpkg --install /tmp/jointforce.deb");
    Some(machine)
}

/// A script as the worker's account runs it, with what its unit puts into the environment.
fn as_service(machine: &Machine, script: &str) -> String {
    let unit = machine.does("cat /usr/lib/systemd/system/jointforce-worker.service");
    let of_unit = |key: &str| {
        unit.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert!(!of_unit("Environment=").contains('%'), "{unit}");
    format!(
        "umask {}; exec setpriv --reuid={} --regid={} --init-groups --no-new-privs env HOME=/var/lib/jointforce {} sh -c \"{script}\"",
        of_unit("UMask="),
        of_unit("User="),
        of_unit("Group="),
        of_unit("Environment=")
    )
}

/// Makes the machine believe that systemd runs it, by one that writes down what it is told.
fn with_systemd(machine: &Machine) {
    machine.does(
        "mkdir -p /run/systemd/system
         printf '#!/bin/sh\\necho \"$@\" >> /tmp/systemctl\\n' > /usr/local/bin/systemctl
         chmod +x /usr/local/bin/systemctl",
    );
}

#[test]
fn the_package_holds_what_a_machine_needs() {
    let content = said(Command::new("dpkg-deb").arg("--contents").arg(package()));
    let mut files = vec![
        ("-rw-r--r--", "./usr/lib/systemd/system/jointforce-worker.service".to_owned()),
        ("-rw-r--r--", "./usr/lib/sysusers.d/jointforce.conf".to_owned()),
        ("-rw-r--r--", "./usr/lib/tmpfiles.d/jointforce.conf".to_owned()),
        ("-rw-r-----", format!(".{SETTINGS}")),
        ("-rw-r--r--", "./usr/share/doc/jointforce/runbooks.md".to_owned()),
        ("-rw-r--r--", "./usr/share/doc/jointforce/copyright".to_owned()),
        ("-rw-r--r--", "./usr/share/doc/jointforce/changelog.gz".to_owned()),
    ];
    for program in ["jointforce-worker", "jointforce-console"] {
        files.push(("-rwxr-xr-x", format!("./usr/bin/{program}")));
        files.push(("-rw-r--r--", format!("./usr/share/man/man1/{program}.1.gz")));
        files.push(("-rw-r--r--", format!("./usr/share/bash-completion/completions/{program}")));
        files.push(("-rw-r--r--", format!("./usr/share/zsh/vendor-completions/_{program}")));
        files.push(("-rw-r--r--", format!("./usr/share/fish/vendor_completions.d/{program}.fish")));
    }
    for (mode, file) in files {
        let line = content.lines().find(|line| line.ends_with(&file));
        let line = line.unwrap_or_else(|| panic!("{file} is missing:\n{content}"));
        assert!(line.starts_with(mode), "{line}");
    }
    assert!(content.lines().all(|line| line.contains(" root/root ")), "{content}");
    let said = said(Command::new("dpkg-deb").arg("--info").arg(package()));
    assert!(said.contains("Package: jointforce") && said.contains("libc6 (>= 2."), "{said}");
}

#[test]
fn an_installed_worker_runs_as_its_own_account_with_the_packaged_settings() {
    let Some(machine) = installed() else { return };
    let of = |path: &str| machine.does(&format!("stat -c '%U:%G %a' {path}"));
    assert_eq!(of("/var/lib/jointforce"), "jointforce:jointforce 750");
    assert_eq!(of("/etc/jointforce"), "root:jointforce 750");
    assert_eq!(of(SETTINGS), "root:jointforce 640");
    assert_eq!(of("/etc/jointforce/secrets"), "root:root 700");
    assert_eq!(machine.does("getent passwd jointforce | cut -d: -f6,7"), "/var/lib/jointforce:/bin/sh");
    assert!(machine.does("getent shadow jointforce").starts_with("jointforce:!"), "it has no password");
    assert_eq!(machine.does("dpkg --verify jointforce"), "", "what is installed is what was packed");

    let service = |words: &str| machine.run(&as_service(&machine, &format!("jointforce-worker {words}")));
    assert_eq!(service("--version").said.trim(), format!("jointforce-worker {}", env!("CARGO_PKG_VERSION")));
    let shown = service("config show --origin").said;
    let data_dir = shown.lines().find(|line| line.starts_with("data-dir = ")).unwrap_or_default();
    assert!(
        data_dir.contains("\"/var/lib/jointforce\"") && data_dir.ends_with(&format!("# file {SETTINGS}")),
        "{shown}"
    );
    let migrated = service("migrate up");
    assert_eq!(migrated.code, 0, "{}", migrated.said);
    assert_eq!(of("/var/lib/jointforce/jointforce.db"), "jointforce:jointforce 600");
    let doctor = service("doctor");
    assert!(doctor.code < 2 && !doctor.said.contains("FAIL"), "{}", doctor.said);

    // The unit's own command line; there is no journal here.
    let unit = machine.does("cat /usr/lib/systemd/system/jointforce-worker.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap().replace("--log journald", "");
    let start = start.replace("127.0.0.1:9180", "127.0.0.1:0");
    let left = machine.does(&format!(
        "({}) >/tmp/log 2>&1 & worker=$!; tries=0
         until grep -qs 'leading the relay' /tmp/log || [ $tries = 600 ]; do sleep 0.1; tries=$((tries + 1)); done
         kill -TERM $worker; wait $worker; echo left with $?; cat /tmp/log",
        as_service(&machine, &format!("exec {start}"))
    ));
    assert!(left.starts_with("left with 0") && left.contains("leading the relay"), "{left}");

    let nobody = machine.run(&format!("setpriv --reuid=nobody --clear-groups cat {SETTINGS}"));
    assert!(nobody.code != 0 && nobody.said.contains("Permission denied"), "{}", nobody.said);
}

#[test]
fn manuals_and_completions_are_where_a_shell_looks() {
    let Some(machine) = installed() else { return };
    for program in ["jointforce-worker", "jointforce-console"] {
        let manual = machine.does(&format!("zcat /usr/share/man/man1/{program}.1.gz"));
        assert!(manual.contains(&format!(".TH {program} 1")), "{manual}");
        machine.does(&format!("if command -v man >/dev/null; then man -w {program}; fi"));
        machine.does(&format!("bash -n /usr/share/bash-completion/completions/{program}"));
        machine.does(&format!("grep -q '#compdef {program}' /usr/share/zsh/vendor-completions/_{program}"));
    }
}

#[test]
fn an_upgrade_keeps_the_settings_and_starts_a_worker_that_runs_anew() {
    let Some(machine) = installed() else { return };
    let edited = "echo 'mail-from = \"Takedowns <t@market.example>\"'";
    machine.does(&format!("{edited} >> {SETTINGS}; sha256sum {SETTINGS} > /tmp/sum"));
    let untouched = || {
        machine.does("sha256sum --check /tmp/sum");
        assert_eq!(machine.does(&format!("stat -c '%U:%G %a' {SETTINGS}")), "root:jointforce 640");
    };
    machine.does("dpkg --install /tmp/jointforce.deb");
    untouched();

    // A newer version, whose settings file has another text.
    with_systemd(&machine);
    machine.does(
        "cd /tmp && dpkg-deb --raw-extract jointforce.deb new && sed -i 's/^Version: .*/&+new/' new/DEBIAN/control
         echo '# more' >> new/etc/jointforce/jointforce.toml && dpkg-deb -Znone --build new new.deb
         dpkg --force-confold --install new.deb",
    );
    untouched();
    assert!(machine.does("dpkg-query --show jointforce").ends_with("+new"));
    machine.does(&format!("grep -q '# more' {SETTINGS}.dpkg-dist"));
    let told = machine.does("cat /tmp/systemctl");
    assert!(told.contains("daemon-reload") && told.contains("try-restart jointforce-worker.service"), "{told}");
    assert!(!told.contains("stop") && !told.contains("disable"), "{told}");
}

#[test]
fn what_is_removed_leaves_its_settings_and_what_is_purged_its_data() {
    let Some(machine) = installed() else { return };
    machine.does(&as_service(&machine, "jointforce-worker migrate up"));
    machine.does("echo key > /etc/jointforce/secrets/audit.key");
    with_systemd(&machine);
    machine.does("dpkg --remove jointforce");
    let told = machine.does("cat /tmp/systemctl");
    let at = |word: &str| told.find(word).unwrap_or_else(|| panic!("{word}: {told}"));
    assert!(at("stop jointforce-worker") < at("disable jointforce-worker") && at("disable") < at("daemon-reload"));
    machine.does("! command -v jointforce-worker && ! command -v jointforce-console");
    machine.does(&format!("test -s {SETTINGS}"));

    let purged = machine.does("dpkg --purge jointforce");
    assert!(purged.contains("/var/lib/jointforce is left"), "{purged}");
    machine.does(&format!("! test -e {SETTINGS}"));
    let left =
        machine.does("stat -c '%U:%G %a' /var/lib/jointforce/jointforce.db && cat /etc/jointforce/secrets/audit.key");
    assert_eq!(left, "jointforce:jointforce 600\nkey");
    assert_eq!(machine.run("dpkg-query --show jointforce").code, 1, "nothing is left on dpkg's books");
    machine.does("systemd-sysusers --cat-config >/dev/null; ! test -e /usr/lib/sysusers.d/jointforce.conf");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderators_come_in_by_ssh_with_what_the_package_and_two_lines_set_up() {
    let Some(machine) = installed() else { return };
    let early = machine.run("jointforce-console operators list");
    assert!(early.code == 78 && early.said.contains("systemctl start jointforce-worker"), "{}", early.said);
    machine.does(&as_service(&machine, "jointforce-worker migrate up"));
    let port = free_port();
    machine.does(&format!(
        "set -e
         mkdir -p /run/sshd && ssh-keygen -A
         ssh-keygen -q -t ed25519 -N '' -f /tmp/ann
         jointforce-console operators add root --name Root --role admin
         jointforce-console operators add ann --name 'Ann Lee' --role moderator
         jointforce-console sshd-config > /etc/ssh/sshd_config.d/jointforce.conf
         jointforce-console operators gate open jointforce
         jointforce-console operators keys add ann /tmp/ann.pub
         grep -q -- '--config {SETTINGS} authorized-keys' /etc/ssh/sshd_config.d/jointforce.conf
         /usr/sbin/sshd -p {port} -o ListenAddress=127.0.0.1 -E /tmp/sshd.log"
    ));
    // It leaves the terminal before it listens.
    until(LIMIT, "sshd listens", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
    let ssh =
        format!("ssh -tt -p {port} -i /tmp/ann -o StrictHostKeyChecking=no -o BatchMode=yes jointforce@127.0.0.1");
    let mut terminal = Terminal::start(&machine.command(&ssh), 120, 30);
    terminal.wait_for_text("ann, moderator", LIMIT).await;
    assert_eq!(machine.does("stat -c %U /var/lib/jointforce/jointforce.db-wal"), "jointforce");
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());

    // An account that has no business with the settings is told so, and can still ask for help and look at the demo.
    let stranger = |words: &str| {
        machine.run(&format!("setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/tmp jointforce-{words}"))
    };
    for words in ["console operators list", "worker status"] {
        let refused = stranger(words);
        assert!(refused.code == 78 && refused.said.contains("run this with sudo"), "{words}: {}", refused.said);
    }
    for words in ["console --help", "worker --help", "worker completions bash", "console man"] {
        assert_eq!(stranger(words).code, 0, "{words}");
    }
    let elsewhere = machine.run(
        "setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/tmp DATABASE_URL=sqlite:/tmp/own.db jointforce-console operators list",
    );
    assert_eq!(elsewhere.code, 0, "{}", elsewhere.said);
}
