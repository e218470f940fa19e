"""The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.

    python headless.py CONFIG [KEY]
"""

import sys

import leasehold
from leasehold import EventType, State


def show(decision):
    if decision.state is State.ACTIVE:
        print("everything works", flush=True)
    elif decision.state is State.GRACE:
        print(f"everything works until {decision.until:%c}: {decision.remedy}", flush=True)
    else:
        print(f"{decision.state.name.lower()} ({decision.cause}): {decision.remedy}", flush=True)


def main():
    with leasehold.Agent.open(config_file=sys.argv[1]) as agent:
        if agent.status().license is None and len(sys.argv) > 2:
            agent.activate(sys.argv[2])
        show(agent.status())
        for event in agent.events():
            if event.type is EventType.STATE_CHANGED:
                show(event.to)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except leasehold.LeaseholdError as e:
        sys.exit(f"error: {e}\nhint: {e.hint}")
