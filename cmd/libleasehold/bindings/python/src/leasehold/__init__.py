"""Licences for desktop applications, from a SLASCONE server.

    with leasehold.Agent.open(config_file="vendor.json") as agent:
        if agent.state is State.LOCKED:
            agent.activate(key_the_user_typed)
        if agent.allows("pdf-export"):
            ...
"""

from ._agent import Agent
from ._native import Native
from ._stdio import Stdio
from ._types import (
    Access, Account, Cause, Consumed, Decision, Event, EventType, Feature, Kind, LeaseholdError, License, Limit, Next, Session, State, Status,
)

__version__ = "0.1.0"

__all__ = [
    "Access", "Account", "Agent", "Cause", "Consumed", "Decision", "Event", "EventType", "Feature", "Kind", "LeaseholdError", "License", "Limit", "Native",
    "Next", "Session", "State", "Status", "Stdio",
]
