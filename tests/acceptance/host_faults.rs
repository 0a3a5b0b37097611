//! Faults of the host that pass by themselves: the start waits for them, and ends with 69 when they last.

use std::{fs, io::Write, net::TcpListener, process::Stdio, thread};

use kalends_tests::{
    Daemon, Installation, config,
    wait::{PATIENCE, wait_until},
};

fn listening_on(address: &str) -> String {
    let configuration =
        config::files().replace("path: /webhooks/rokt", "path: /webhooks/rokt, allow_anonymous: true");
    let listen = format!("listen: {{ address: {address} }}");
    configuration.replacen("listen: { address: 127.0.0.1:0 }", &listen, 1)
}

#[test]
fn address_that_is_taken_or_not_there_ends_the_start_with_69() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().to_string();
    // This range is for documentation: no machine has it.
    for (address, reason) in
        [(port.as_str(), "another process has this port"), ("192.0.2.1:8080", "no interface")]
    {
        let installation = Installation::new(&listening_on(address)).unwrap();
        let output = installation.run(["run", "-c", "kalends.yaml"]).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(69), "{said}");
        assert!(said.contains("trying again for 5 s") && said.contains(reason), "{said}");
    }
}

#[test]
fn address_that_becomes_free_during_the_start_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let installation = Installation::new(&listening_on(&address.to_string())).unwrap();
    let log = installation.path("log.jsonl");
    let waiting = {
        let log = log.clone();
        thread::spawn(move || {
            wait_until("the start to wait for its address", PATIENCE, || {
                let said = fs::read_to_string(&log).unwrap_or_default();
                Ok(said.contains("the address can't be taken yet").then_some(()))
            })
            .unwrap();
            drop(taken);
        })
    };
    let mut command = installation.command(["run", "-c", "kalends.yaml"]).unwrap();
    let daemon = Daemon::spawn(&mut command, log).unwrap();
    waiting.join().unwrap();
    assert_eq!(daemon.public(), address);
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

#[test]
fn signal_that_comes_while_the_configuration_is_read_stops_the_daemon_in_order() {
    let installation = Installation::new(&config::files()).unwrap();
    let pipe = installation.path("slow.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = installation.command(["run", "-c", "slow.yaml"]).unwrap();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    // Opened for writing when the daemon has opened it for reading.
    let mut file = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    file.write_all(config::files().as_bytes()).unwrap();
    drop(file);
    let output = child.wait().map(|status| status.code());
    assert_eq!(output.unwrap(), Some(0));
}
