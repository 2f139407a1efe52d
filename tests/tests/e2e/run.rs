//! What `tests/run` promises: an honest exit code, and nothing left behind, whatever ends it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use jointforce_tests::wait::{SOON, until_blocking};

fn with_servers(script: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_with-servers"));
    command.args(["sh", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_run_ends_with_its_commands_code_and_ends_what_that_left_behind() {
    let mut run = with_servers("sleep 1000 & exit 7");
    let (mut output, mut error) = (String::new(), String::new());
    run.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    run.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(7));
    assert!(error.contains("left behind: sleep 1000"), "{error}");
}

#[test]
fn a_killed_run_leaves_no_server() {
    let mut run = with_servers("echo $JF_TEST_POSTGRES_URL; echo $JF_TEST_REDIS_URL; read -r _");
    let lines = BufReader::new(run.stdout.take().unwrap()).lines().take(2);
    let addresses: Vec<String> = lines.map(|url| address(&url.unwrap())).collect();
    assert!(addresses.iter().all(|address| TcpStream::connect(address).is_ok()));
    run.kill().unwrap();
    run.wait().unwrap();
    until_blocking(SOON, "both servers to go", || addresses.iter().all(|address| TcpStream::connect(address).is_err()));
}

fn address(url: &str) -> String {
    url.split(['@', '/']).nth(3).unwrap().to_owned()
}
