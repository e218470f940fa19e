"""What things cost from Python: medians of 15 rounds in one run. LIBRARY CONFIG STATE-DIR"""
import statistics
import sys
import time

from leasehold import Agent, Native

native = Native(sys.argv[1])
agent = Agent.open(config_file=sys.argv[2], state_dir=sys.argv[3], store="file", transport=native)
agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978")


def each(n, what):
    rounds = []
    for _ in range(15):
        begun = time.perf_counter()
        for _ in range(n):
            what()
        rounds.append((time.perf_counter() - begun) / n)
    return statistics.median(rounds) * 1e9


print(
    f"clock {each(20000, time.time):.0f} ns, allows {each(20000, lambda: agent.allows('pdf-export')):.0f} ns, "
    f"state {each(20000, lambda: agent.state):.0f} ns, call {each(300, lambda: agent.call('version')) / 1e3:.0f} us"
)
agent.close()
