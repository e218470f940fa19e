"""Plays the conformance vectors (agent/protocol/vectors) over both transports.

CAPI_LIBRARY is the C library and CAPI_TOOL the program leasehold, which is also the emulator; what is not set is skipped.
"""

import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import leasehold
from leasehold import Agent, Cause, EventType, Kind, LeaseholdError, Native, State, Stdio

ROOT = pathlib.Path(__file__).resolve().parents[5]
PROTOCOL = ROOT / "agent" / "protocol"
LIBRARY, TOOL = os.environ.get("CAPI_LIBRARY"), os.environ.get("CAPI_TOOL")
NAMED = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"


class Emulator:
    """The licence server for tests, and the configuration of an application for it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "c.json")
        self.process = subprocess.Popen([TOOL, "--json", "emulator", "--addr", "127.0.0.1:0", "--write-config", path], stdout=subprocess.PIPE)
        self.control = json.loads(self.process.stdout.readline())["control_url"].rstrip("/")
        with open(path, encoding="utf-8") as f:
            self.config = json.load(f)

    def ask(self, line, body=None):
        method, path = line.split(" ", 1)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data=data, method=method)
        with urllib.request.urlopen(request) as response:
            return {"$body": response.read().decode()}

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def holds(got, want):
    if want == "$any":
        return got is not None
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and holds(got[k], v) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(holds, got, want))
    return got == want and isinstance(got, bool) == isinstance(want, bool)


class Story:
    """A vector that is being played."""

    def __init__(self, test, emulator, transport, folder, name):
        self.test, self.emulator, self.transport, self.folder, self.name = test, emulator, transport, folder, name
        self.agents = {"none": 0, "never": 4711}
        self.kept = {}

    def fill(self, v):
        if isinstance(v, str) and v.startswith("$") and v != "$any":
            return self.kept[v[1:]]
        if isinstance(v, dict):
            return {k: self.fill(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.fill(x) for x in v]
        return v

    def open(self, step):
        config = {"device_id": self.name, **self.emulator.config, **step.get("config", {})}
        params = {"config": config, "state_dir": os.path.join(self.folder, config["device_id"]), "store": "file", **step["open"]}
        return self.transport.open(params, 0)

    def step(self, step):
        name = step.get("agent", "a")
        agent = self.agents.get(name)
        if "allows" in step:
            got = self.transport.allows(agent, self.fill(step["allows"]).encode())
            self.test.assertEqual(got, step["is"], step)
            return
        if "state" in step:
            self.test.assertEqual(State(self.transport.state(agent)).name.lower(), step["state"], step)
            return
        if "event" in step:
            self.event(step, agent)
            return
        result, failure = None, None
        try:
            if "server" in step:
                result = self.emulator.ask(step["server"], self.fill(step.get("body")))
            elif "open" in step:
                result = self.open(step)
                self.agents[name] = result["agent"]
            elif "call" in step:
                result = self.transport.call(agent, step["call"], self.fill(step.get("params", {})), step.get("timeout_ms", 0))
            elif "close" in step:
                result = self.transport.call(agent, "close", {}, 0)
                self.agents["closed"] = agent
            else:
                self.test.fail(f"what is {step}?")
        except LeaseholdError as e:
            failure = e
        if "failure" in step:
            self.test.assertIsNotNone(failure, step)
            got = {
                "op": failure.op, "kind": str(failure.kind), "code": failure.code, "message": str(failure), "hint": failure.hint,
                "remedy_id": failure.remedy_id, "retry_after_s": failure.retry_after_s, "status": failure.status.raw if failure.status else None,
            }
            self.test.assertTrue(holds(got, self.fill(step["failure"])), (step, got))
        else:
            self.test.assertIsNone(failure, (step, failure and (failure.kind, failure.hint)))
            self.test.assertTrue(holds(result, self.fill(step.get("result", {}))), (step, result))
        for key, member in step.get("keep", {}).items():
            self.kept[key] = result[member]

    def event(self, step, agent):
        for _ in range(100):
            event = self.transport.next_event(agent, 10000)
            self.test.assertIsNotNone(event, f"there was no {step['event']}")
            if event["type"] == step["event"]:
                self.test.assertTrue(holds(event, self.fill(step.get("with", {}))), (step, event))
                return
        self.test.fail(f"there was no {step['event']}")

    def end(self):
        for name, agent in self.agents.items():
            if name not in ("none", "never", "closed"):
                try:
                    self.transport.close(agent, 5000)
                except LeaseholdError as e:
                    self.test.assertEqual(e.kind, Kind.NO_AGENT)


class Base(unittest.TestCase):
    transport = None

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.ask("POST /reset")
        folder = tempfile.TemporaryDirectory(prefix="mit Lücke ")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def open(self, **more):
        return Agent.open(config={"device_id": "device-1", **self.emulator.config}, state_dir=self.folder, store="file", transport=self.transport, **more)


class Tests:
    """What holds on both transports."""

    def test_vectors(self):
        files = sorted((PROTOCOL / "vectors").glob("*.json"))
        self.assertGreater(len(files), 8)
        for file in files:
            with self.subTest(file.stem), tempfile.TemporaryDirectory() as folder:
                self.emulator.ask("POST /reset")
                story = Story(self, self.emulator, self.transport, folder, file.stem)
                try:
                    for step in json.loads(file.read_text(encoding="utf-8"))["steps"]:
                        story.step(step)
                finally:
                    story.end()

    def test_agent(self):
        with self.open() as agent:
            self.assertIs(agent.state, State.LOCKED)
            self.assertFalse(agent.allows("pdf-export"))
            status = agent.activate(NAMED)
            self.assertEqual((status.state, status.cause), (State.ACTIVE, Cause.NONE))
            self.assertTrue(status.license.expires.tzinfo)
            self.assertTrue(agent.allows("pdf-export"))
            self.assertEqual([f.feature for f in agent.features() if f.allowed][:1], ["pdf-export"])
            agent.use("Größe ändern")
            with self.assertRaises(LeaseholdError) as caught:
                agent.activate("00000000-7b1f-4a52-8f6e-2d3c4b5a6978")
            self.assertEqual((caught.exception.kind, caught.exception.code, caught.exception.status.state), (Kind.CONFLICT, 1000, State.ACTIVE))
            self.assertTrue(caught.exception.hint)
        with self.assertRaises(LeaseholdError) as caught:
            agent.status()
        self.assertEqual(caught.exception.kind, Kind.NO_AGENT)

    def test_amounts(self):
        key = "22222222-7b1f-4a52-8f6e-2d3c4b5a6978"
        self.emulator.ask("POST /licences", {"license_key": key, "license_name": "Metered", "limitations": [{"name": "exports", "value": "10", "consumption_reset_mode": 1}]})
        with self.open() as agent:
            agent.activate(key)
            consumed = agent.consume("exports", "2.5")
            self.assertEqual((consumed.booked, consumed.remaining), (False, "7.5"))
            agent.rollback(consumed)
            self.assertEqual(agent.consumption("exports").remaining, "10")
            self.assertEqual([(x.name, x.value) for x in agent.limits()], [("exports", "10")])
            self.assertEqual([c["check"] for c in agent.check()["checks"] if c["result"] == "failed" and c["check"] != "keyring"], [])

    def test_names_are_whole(self):
        with self.open() as agent:
            agent.activate(NAMED)
            self.assertTrue(agent.allows("pdf-export"))
            for name in ("pdf-export\0", "pdf-export\0x", "", "\ud800"):
                self.assertFalse(agent.allows(name), repr(name))
            with self.assertRaises(LeaseholdError) as caught:
                agent.call("deactivate\0")
            self.assertEqual(caught.exception.kind, Kind.NO_METHOD)
            self.assertIs(agent.state, State.ACTIVE)

    def begin(self, agent, n):
        """Makes n events, and returns the number of the last."""
        last = 0
        for _ in range(n):
            last = agent.begin("session.status")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = agent.call("events", {"after": 0})["events"]
            if {last - i for i in range(n)} <= {e.get("call") for e in found}:
                return found[-1]["seq"]
        self.fail("the calls that were begun have not ended")

    def test_out_of_range(self):
        agent = self.open(start=False)
        begun = time.monotonic()
        for ms in (-1, -60000, -2**31, 600001, 2**31, 2**32, 2**32 + 5, 10**15, 10**30):
            with self.assertRaises(LeaseholdError) as caught:
                agent.call("status", {}, ms)
            self.assertEqual((caught.exception.kind, caught.exception.op), (Kind.USAGE, "status"), ms)
            self.assertIn("600000", str(caught.exception))
            if ms < 0:
                with self.assertRaises(LeaseholdError) as caught:
                    agent.next_event(ms)
                self.assertEqual(caught.exception.kind, Kind.USAGE, ms)
        for params in ({"name": "x" * (9 << 20)}, {"name": "\ud800"}, {"name": float("nan")}, {"name": object()}):
            with self.assertRaises(LeaseholdError) as caught:
                agent.call("feature", params)
            self.assertEqual(caught.exception.kind, Kind.USAGE, str(params)[:50])
        self.assertFalse(agent.allows("\ud800") or agent.allows("x" * (9 << 20)))
        with self.assertRaises(LeaseholdError) as caught:
            agent.call("\ud800")
        self.assertIn(caught.exception.kind, (Kind.NO_METHOD, Kind.USAGE))
        self.assertLess(time.monotonic() - begun, 10)
        while agent.next_event(2**40 if agent.begin("session.status") else 0).type is not EventType.CALL_ENDED:
            pass
        agent.close(-1)
        other = self.open(start=False)
        other.close(10**15)
        for closed in (agent, other):
            with self.assertRaises(LeaseholdError) as caught:
                closed.status()
            self.assertEqual(caught.exception.kind, Kind.NO_AGENT)

    def test_each_event_has_one_taker(self):
        with self.open(start=False) as agent:
            taken, done = [], threading.Event()

            def take():
                while not done.is_set():
                    event = agent.next_event(100)
                    if event:
                        taken.append(event.seq)
            takers = [threading.Thread(target=take) for _ in range(4)]
            for t in takers:
                t.start()
            last = self.begin(agent, 100)
            end = time.monotonic() + 20
            while len(taken) < last and time.monotonic() < end:
                time.sleep(0.01)
            done.set()
            for t in takers:
                t.join()
            self.assertEqual(sorted(taken), list(range(1, last + 1)))

    def test_who_goes_without_has_waited(self):
        with self.open(start=False) as agent:
            while agent.next_event(200):
                pass
            got = []

            def take():
                begun = time.monotonic()
                got.append((agent.next_event(1500) is not None, time.monotonic() - begun))
            takers = [threading.Thread(target=take) for _ in range(3)]
            for t in takers:
                t.start()
            time.sleep(0.2)
            agent.begin("session.status")
            for t in takers:
                t.join()
            self.assertEqual(sorted(found for found, _ in got), [False, False, True], got)
            self.assertGreater(min(waited for found, waited in got if not found), 1.3, got)

    def test_events_that_nobody_took_in_time(self):
        with self.open(start=False) as agent:
            last = self.begin(agent, 200)
            last = self.begin(agent, 200)
            taken = []
            for event in iter(lambda: agent.next_event(0), None):
                taken.append(event.seq)
            self.assertEqual(taken, list(range(last - 255, last + 1)))

    def test_calls_while_another_waits_for_events(self):
        with self.open(start=False) as agent:
            types = []
            reader = threading.Thread(target=lambda: types.extend(e.type for e in agent.events()))
            reader.start()
            for _ in range(5):
                self.assertIs(agent.activate(NAMED).state, State.ACTIVE)
                self.assertIs(agent.deactivate().state, State.LOCKED)
            end = time.monotonic() + 10
            while types.count(EventType.STATE_CHANGED) < 10 and time.monotonic() < end:
                time.sleep(0.01)
            agent.close()
            reader.join(10)
            self.assertFalse(reader.is_alive())
            self.assertEqual(types.count(EventType.STATE_CHANGED), 10)

    def test_close_ends_a_wait(self):
        agent = self.open(start=False)
        while agent.next_event(200):
            pass
        got = []

        def wait():
            try:
                got.append(agent.next_event(30000))
            except LeaseholdError as e:
                got.append(e.kind)
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.2)
        begun = time.monotonic()
        agent.close()
        waiting.join(10)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertIn(got, ([Kind.NO_AGENT], [Kind.CANCELED]))
        with self.assertRaises(LeaseholdError) as caught:
            agent.next_event(0)
        self.assertEqual(caught.exception.kind, Kind.NO_AGENT)

    def test_event_loop_that_is_left_loses_nothing(self):
        with self.open(start=False) as agent:
            while agent.next_event(200):
                pass

            async def leave():
                async def first():
                    async for event in agent.events_async():
                        return event
                waiting = asyncio.ensure_future(first())
                await asyncio.sleep(0.1)
                waiting.cancel()
                await asyncio.wait([waiting])
                self.assertTrue(waiting.cancelled())
                agent.begin("session.status")
            asyncio.run(leave())
            event = agent.next_event(5000)
            self.assertEqual(event and event.type, EventType.CALL_ENDED)

    def test_two_event_loops_consumers(self):
        async def main(agent):
            taken = []

            async def take():
                async for event in agent.events_async():
                    taken.append(event.seq)
            tasks = [asyncio.ensure_future(take()) for _ in range(2)]
            await asyncio.sleep(0.1)
            last = await asyncio.to_thread(self.begin, agent, 20)
            end = time.monotonic() + 10
            while len(taken) < last and time.monotonic() < end:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(agent.close)
            await asyncio.wait_for(asyncio.gather(*tasks), 10)
            self.assertEqual(sorted(taken), list(range(1, last + 1)))
        with self.open(start=False) as agent:
            asyncio.run(main(agent))

    def test_events_end_with_the_agent(self):
        agent = self.open()
        reader = threading.Thread(target=lambda: list(agent.events()))
        reader.start()
        agent.activate(NAMED)
        agent.close()
        reader.join(10)
        self.assertFalse(reader.is_alive())

    def test_events_in_an_event_loop(self):
        async def main():
            with self.open() as agent:
                asyncio.get_running_loop().call_later(0.1, agent.activate, NAMED)
                async for event in agent.events_async():
                    if event.type is EventType.STATE_CHANGED:
                        return event
        event = asyncio.run(asyncio.wait_for(main(), 20))
        self.assertEqual((event.previous.state, event.to.state), (State.LOCKED, State.ACTIVE))

    def test_many_threads(self):
        with self.open() as agent:
            agent.activate(NAMED)
            wrong = []

            def work():
                for _ in range(50):
                    if not (agent.allows("pdf-export") and agent.feature("batch").allowed):
                        wrong.append(1)
            threads = [threading.Thread(target=work) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertFalse(wrong)


@unittest.skipUnless(LIBRARY and TOOL, "CAPI_LIBRARY and CAPI_TOOL are not set")
class NativeTest(Tests, Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transport = Native(LIBRARY)

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_fork(self):
        with self.open() as agent:
            agent.activate(NAMED)
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    try:
                        agent.status()
                    except LeaseholdError as e:
                        code = 0 if e.kind is Kind.FORKED and agent.allows("pdf-export") else 2
                finally:
                    os._exit(code)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def test_descriptor(self):
        import select
        with self.open() as agent:
            if sys.platform == "win32":
                self.assertIsNone(agent.event_fd)
                return
            while agent.next_event(200):
                pass
            self.assertEqual(select.select([agent.event_fd], [], [], 0)[0], [])
            agent.activate(NAMED)
            self.assertEqual(select.select([agent.event_fd], [], [], 5)[0], [agent.event_fd])


@unittest.skipUnless(TOOL, "CAPI_TOOL is not set")
class StdioTest(Tests, Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transport = Stdio([TOOL, "serve", "--stdio"])
        cls.addClassCleanup(cls.transport.shutdown)

    def test_child_that_ends(self):
        with Stdio([TOOL, "serve", "--stdio"]) as transport:
            agent = Agent.open(config={"device_id": "device-1", **self.emulator.config}, state_dir=self.folder, store="file", transport=transport, start=False)
            while agent.next_event(200):
                pass
            threading.Timer(0.3, transport._child.kill).start()
            begun = time.monotonic()
            for ask in (lambda: agent.next_event(30000), agent.status, lambda: agent.next_event(0), lambda: agent.state, agent.close):
                with self.assertRaises(LeaseholdError) as caught:
                    ask()
                self.assertEqual(caught.exception.kind, Kind.CANCELED)
            self.assertLess(time.monotonic() - begun, 10)
            self.assertFalse(agent.allows("pdf-export"))
            self.assertEqual(list(agent.events()), [])
            with agent:
                pass  # as after an error: leaving it fails no more
        with self.assertRaises(LeaseholdError) as caught:
            transport.call(0, "version", {}, 0)
        self.assertEqual(caught.exception.kind, Kind.CANCELED)

    def child(self, program):
        """A child process that is another program."""
        return Stdio([sys.executable, "-c", program])

    def test_child_that_is_none(self):
        for line in ("hello", "[]", "5", "{"):
            with self.subTest(line), self.child(f"import sys; sys.stdin.readline(); print({line!r}, flush=True); sys.stdin.read()") as transport:
                with self.assertRaises(LeaseholdError) as caught:
                    transport.call(0, "version", {}, 0)
                self.assertEqual(caught.exception.kind, Kind.CANCELED)

    @unittest.skipUnless(hasattr(signal, "setitimer"), "there is no such timer here")
    def test_call_that_is_interrupted(self):
        def interrupt(*_):
            raise KeyboardInterrupt
        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        heard = os.path.join(self.folder, "heard")
        with self.child(f"import sys; open({heard!r}, 'w').write(sys.stdin.read())") as transport:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with self.assertRaises(KeyboardInterrupt):
                transport.call(1, "activate", {"key": NAMED}, 0)
            self.assertEqual(transport._waiting, {})
        with open(heard, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        self.assertEqual([x["method"] for x in lines], ["activate", "cancel"])
        self.assertEqual(lines[1]["params"]["id"], lines[0]["id"])


class TypesTest(unittest.TestCase):
    def test_they_are_the_schemas(self):
        schema = json.loads((PROTOCOL / "schema.json").read_text(encoding="utf-8"))
        self.assertEqual({s.name.lower(): int(s) for s in State}, schema["states"])
        self.assertEqual({str(c) for c in Cause}, set(schema["types"]["Cause"]["enum"]) | {""})
        self.assertEqual([str(k) for k in Kind], [f["kind"] for f in schema["failures"]])
        self.assertEqual([str(e) for e in EventType], [e["type"] for e in schema["events"]])

    def test_unknown_values_are_kept(self):
        self.assertEqual(str(Cause("something_new")), "something_new")

    def test_version(self):
        text = (ROOT / "cmd" / "libleasehold" / "version.go").read_text()
        self.assertIn(f'"{leasehold.__version__}"', text)


if __name__ == "__main__":
    unittest.main()
