"""What things cost from Python. [first] LIBRARY CONFIG STATE-DIR, or empty; see figures.c"""
import os
import sys


def tell():
    with open("/proc/self/status") as f:
        print(f.read(), flush=True)


first = sys.argv[1] == "first"
if first:
    del sys.argv[1]
elif sys.argv[1] == "empty":
    tell()
    sys.exit()

import statistics
import time

from leasehold import Agent, Native

native = Native(sys.argv[1])


def opened():
    return Agent.open(config_file=sys.argv[2], state_dir=sys.argv[3], store="file", transport=native)


def each(n, what):
    rounds = []
    for _ in range(15):
        begun = time.perf_counter()
        for _ in range(n):
            what()
        rounds.append((time.perf_counter() - begun) / n)
    return statistics.median(rounds) * 1e9


agent = opened()
if first:
    assert agent.allows("pdf-export")
    tell()
    os._exit(0)
agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978")
assert agent.allows("pdf-export")
costs = [each(20000, time.time), each(20000, lambda: agent.allows("pdf-export")), each(20000, lambda: agent.state), each(300, lambda: agent.call("version"))]
agent.close()
costs.append(each(1, lambda: opened().close()))
print("Python", *(round(c) for c in costs))
