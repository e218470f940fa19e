//! What things cost from Rust. [first] LIBRARY CONFIG STATE-DIR, or empty; see figures.c
use leasehold::{Agent, Native, State};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn each(n: u32, mut what: impl FnMut()) -> u128 {
    let mut rounds: Vec<u128> = (0..15)
        .map(|_| {
            let begun = Instant::now();
            (0..n).for_each(|_| what());
            begun.elapsed().as_nanos() / u128::from(n)
        })
        .collect();
    rounds.sort_unstable();
    rounds[7]
}

fn main() {
    let mut args: Vec<String> = std::env::args().collect();
    let tell = || println!("{}", std::fs::read_to_string("/proc/self/status").unwrap());
    if args[1] == "empty" {
        return tell();
    }
    let first = args[1] == "first";
    if first {
        args.remove(1);
    }
    let library = Native::load(&args[1]).unwrap();
    let opened = || Agent::open(library.clone(), json!({"config_file": args[2], "state_dir": args[3], "store": "file"})).unwrap();
    let agent = opened();
    if first {
        assert!(agent.allows("pdf-export"));
        tell();
        std::process::exit(0);
    }
    agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978").unwrap();
    let clock = each(200_000, || {
        black_box(Instant::now());
    });
    let allows = each(200_000, || assert!(agent.allows("pdf-export")));
    let state = each(200_000, || assert_eq!(agent.state().unwrap(), State::Active));
    let call = each(300, || {
        agent.call("version", json!({}), Duration::ZERO).unwrap();
    });
    agent.close(Duration::from_secs(1)).unwrap();
    let fresh = each(1, || opened().close(Duration::from_secs(1)).unwrap());
    println!("Rust {clock} {allows} {state} {call} {fresh}");
}
