//! The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.
//!
//!     headless LIBRARY CONFIG [KEY]
use leasehold::{Agent, Cause, Error, EventType, Native, State};
use serde_json::json;

fn show(state: State, cause: &Cause, remedy: &str, until: Option<&str>) {
    match state {
        State::Active => println!("everything works"),
        State::Grace => println!("everything works until {}: {remedy}", until.unwrap_or("further notice")),
        _ => println!("{state} ({cause}): {remedy}"),
    }
}

fn run(arguments: &[String]) -> Result<(), Error> {
    let word = |i: usize| arguments.get(i).map_or("", String::as_str);
    let agent = Agent::open(Native::load(word(1))?, json!({"config_file": word(2)}))?;
    if agent.status()?.license.is_none() && !word(3).is_empty() {
        agent.activate(word(3))?;
    }
    let now = agent.status()?;
    show(now.state, &now.cause, &now.remedy, now.until.as_deref());
    for event in agent.events() {
        let event = event?;
        if let (EventType::StateChanged, Some(to)) = (event.r#type, event.to) {
            show(to.state, &to.cause, &to.remedy, to.until.as_deref());
        }
    }
    Ok(())
}

fn main() {
    if let Err(e) = run(&std::env::args().collect::<Vec<_>>()) {
        eprintln!("error: {e}\nhint: {}", e.hint);
        std::process::exit(1);
    }
}
