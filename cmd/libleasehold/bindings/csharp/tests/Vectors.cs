using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using Leasehold;
using Members = System.Collections.Generic.IReadOnlyDictionary<string, object>;

// Plays the conformance vectors (agent/protocol/vectors) over both transports, and what else must hold.
//
//   Vectors ROOT     ROOT is the checkout; CAPI_LIBRARY the C library, CAPI_TOOL the program leasehold, which is also the emulator
//
// It needs no test framework, so that it runs under Mono and .NET alike.
internal static class Vectors
{
    private const string Named = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978";
    private static string root, library, tool;
    private static int passed, failed;

    private static int Main(string[] args)
    {
        root = Path.GetFullPath(args[0]);
        library = Environment.GetEnvironmentVariable("CAPI_LIBRARY");
        tool = Environment.GetEnvironmentVariable("CAPI_TOOL");
        if (string.IsNullOrEmpty(library) || string.IsNullOrEmpty(tool))
        {
            Console.Error.WriteLine("CAPI_LIBRARY and CAPI_TOOL are not set");
            return 1;
        }
        TypesAreTheSchemas();
        JsonIsRead();
        using (var emulator = new Emulator(tool))
        {
            foreach (var native in new[] { true, false })
                using (var transport = native ? NativeTransport.Load(library, true) : (Transport)new StdioTransport(tool))
                    On(emulator, transport, native ? "in this process: " : "over a child process: ");
        }
        Test("what is not the library", () =>
        {
            Same(Kind.Usage, Fails(() => NativeTransport.Load("libleasehold.so.1")).Kind);
            Same(Kind.Usage, Fails(() => NativeTransport.Load("/does/not/exist.so", true)).Kind);
            if (Path.DirectorySeparatorChar == '/' && Type.GetType("Mono.Runtime") == null) Same(Kind.Usage, Fails(() => NativeTransport.Load(library)).Kind);
            Same(Kind.Usage, Fails(() => new StdioTransport("/does/not/exist")).Kind);
        });
        Test("a child that ends", () =>
        {
            using (var child = new StdioTransport(tool))
            {
                child.Call(0, "version", new Dictionary<string, object>(), TimeSpan.Zero);
                Process.GetProcessById(child.ProcessId).Kill();
                Same(Kind.Canceled, Fails(() => child.Call(0, "version", new Dictionary<string, object>(), TimeSpan.Zero)).Kind);
            }
        });
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return failed == 0 ? 0 : 1;
    }

    private static void Test(string name, Action what)
    {
        try
        {
            what();
            passed++;
        }
        catch (Exception e)
        {
            failed++;
            Console.WriteLine("FAILED " + name + ": " + e);
        }
    }

    internal static void True(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }

    internal static void Same(object want, object got) => True(Equals(want, got), "got " + got + ", want " + want);

    private static LeaseholdException Fails(Action what)
    {
        try
        {
            what();
        }
        catch (LeaseholdException e)
        {
            return e;
        }
        throw new InvalidOperationException("it did not fail");
    }

    internal static string Folder() => Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "leasehold mit Lücke " + Guid.NewGuid())).FullName;

    private static Agent Open(Emulator emulator, Transport transport, string folder)
    {
        var config = emulator.Config.ToDictionary(m => m.Key, m => m.Value);
        config["device_id"] = "device-1";
        return Agent.Open(transport, new Dictionary<string, object> { ["config"] = config, ["state_dir"] = folder, ["store"] = "file" });
    }

    private static void With(Emulator emulator, Transport transport, Action<Agent> what)
    {
        emulator.Ask("POST /reset", null);
        var folder = Folder();
        try
        {
            using (var agent = Open(emulator, transport, folder)) what(agent);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static void On(Emulator emulator, Transport transport, string where)
    {
        var files = Directory.GetFiles(Path.Combine(root, "agent", "protocol", "vectors"), "*.json").OrderBy(f => f, StringComparer.Ordinal).ToList();
        Test("there are vectors", () => True(files.Count > 8, files.Count + " vectors"));
        foreach (var file in files)
            Test(where + Path.GetFileName(file), () =>
            {
                emulator.Ask("POST /reset", null);
                var folder = Folder();
                try
                {
                    new Story(emulator, transport, folder, Path.GetFileNameWithoutExtension(file)).Play(Json.ReadObject(File.ReadAllText(file)));
                }
                finally
                {
                    Directory.Delete(folder, true);
                }
            });
        Test(where + "an agent", () => With(emulator, transport, AnAgent));
        Test(where + "out of range", () => With(emulator, transport, agent => OutOfRange(emulator, transport, agent)));
        Test(where + "amounts", () => With(emulator, transport, agent => Amounts(emulator, agent)));
        Test(where + "events end with the agent", () => With(emulator, transport, EventsEnd));
        Test(where + "events in the background", () => With(emulator, transport, EventsInTheBackground));
        Test(where + "many threads, and collections beside them", () => With(emulator, transport, ManyThreads));
    }

    private static void AnAgent(Agent agent)
    {
        Same(State.Locked, agent.State);
        True(!agent.Allows("pdf-export"), "allowed while locked");
        var status = agent.Activate(Named);
        Same(State.Active, status.State);
        Same(Cause.None, status.Cause);
        True(status.License.Expires > DateTimeOffset.UtcNow, "it has expired");
        True(agent.Allows("pdf-export"), "not allowed");
        foreach (var wrong in new[] { "", "pdf-export\0", "pdf-export\0x", null }) True(!agent.Allows(wrong), "allowed: " + wrong);
        Same("pdf-export", agent.Features().First(f => f.Allowed).Feature);
        Same(State.ReadOnly, agent.Status(DateTimeOffset.UtcNow.AddDays(8)).State);
        agent.Use("Größe ändern");
        var e = Fails(() => agent.Activate("00000000-7b1f-4a52-8f6e-2d3c4b5a6978"));
        Same(Kind.Conflict, e.Kind);
        Same(1000, e.Code);
        Same(State.Active, e.Status.State);
        True(e.Hint != "", "there is no hint");
        agent.Dispose();
        Same(Kind.NoAgent, Fails(() => agent.Status()).Kind);
        True(!agent.Allows("pdf-export"), "allowed after the close");
    }

    private static void OutOfRange(Emulator emulator, Transport transport, Agent agent)
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        foreach (var timeout in new[] { TimeSpan.FromMilliseconds(-1), TimeSpan.FromSeconds(-60), TimeSpan.FromMilliseconds(600001), TimeSpan.FromMilliseconds(1L << 32), TimeSpan.MaxValue, TimeSpan.MinValue })
        {
            var e = Fails(() => agent.Call("status", new Dictionary<string, object>(), timeout));
            Same(Kind.Usage, e.Kind);
            Same("status", e.Op);
            True(e.Message.Contains("600000"), e.Message);
            if (timeout < TimeSpan.Zero) Same(Kind.Usage, Fails(() => agent.NextEvent(timeout)).Kind);
        }
        foreach (var wrong in new object[] { new string('x', 9 << 20), "\ud800", double.NaN, float.PositiveInfinity })
            Same(Kind.Usage, Fails(() => agent.Call("feature", new Dictionary<string, object> { ["name"] = wrong })).Kind);
        True(begun.Elapsed < TimeSpan.FromSeconds(10), "it takes " + begun.Elapsed);
        True(agent.NextEvent(TimeSpan.MaxValue) != null, "there is no event");
        foreach (var timeout in new[] { TimeSpan.MinValue, TimeSpan.MaxValue })
        {
            var folder = Folder();
            try
            {
                var other = Open(emulator, transport, folder);
                other.Close(timeout);
                Same(Kind.NoAgent, Fails(() => other.Status()).Kind);
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }
    }

    private static void Amounts(Emulator emulator, Agent agent)
    {
        const string key = "22222222-7b1f-4a52-8f6e-2d3c4b5a6978";
        emulator.Ask("POST /licences", Json.ReadObject("{\"license_key\":\"" + key + "\",\"license_name\":\"Metered\",\"limitations\":[{\"name\":\"exports\",\"value\":\"10\",\"consumption_reset_mode\":1}]}"));
        agent.Activate(key);
        var consumed = agent.Consume("exports", 2.5m);
        Same(7.5m, consumed.Remaining);
        agent.Rollback(consumed);
        Same(10m, agent.Consumption("exports").Remaining);
        Same(10m, agent.Limits()[0].Value);
        var wrong = ((List<object>)agent.Check()["checks"]).Cast<Members>().Where(c => (string)c["result"] == "failed" && (string)c["check"] != "keyring").Select(c => (string)c["check"]);
        Same("", string.Join(", ", wrong));
    }

    private static void EventsEnd(Agent agent)
    {
        var seen = new List<Event>();
        var reader = new Thread(() =>
        {
            foreach (var e in agent.Events())
                lock (seen) seen.Add(e);
        });
        reader.Start();
        agent.Activate(Named);
        for (var i = 0; i < 200; i++)
        {
            lock (seen)
                if (seen.Any(x => x.Type == EventType.StateChanged)) break;
            Thread.Sleep(50);
        }
        agent.Dispose();
        True(reader.Join(10000), "the reader does not end");
        var change = seen.First(x => x.Type == EventType.StateChanged);
        Same(State.Locked, change.From.State);
        Same(State.Active, change.To.State);
    }

    private static void EventsInTheBackground(Agent agent)
    {
        var events = agent.EventsAsync().GetAsyncEnumerator(CancellationToken.None);
        agent.Activate(Named);
        do True(events.MoveNextAsync().AsTask().Result, "there was no change");
        while (events.Current.Type != EventType.StateChanged);
        agent.Dispose();
        while (events.MoveNextAsync().AsTask().Result)
        {
            // What was waiting is given out, and then it ends.
        }
    }

    private static void ManyThreads(Agent agent)
    {
        agent.Activate(Named);
        var wrong = 0;
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 50; i++)
                if (!agent.Allows("pdf-export") || !agent.Feature("batch").Allowed) Interlocked.Increment(ref wrong);
        })).ToList();
        threads.ForEach(t => t.Start());
        while (threads.Any(t => t.IsAlive))
        {
            GC.Collect(); // stops all threads by signals
            Thread.Sleep(1);
        }
        Same(0, wrong);
    }

    private static void TypesAreTheSchemas() => Test("the types are the schema's", () =>
    {
        var schema = Json.ReadObject(File.ReadAllText(Path.Combine(root, "agent", "protocol", "schema.json")));
        Func<object, string, List<string>> texts = (list, member) => ((List<object>)list).Select(x => (string)((Members)x)[member]).ToList();
        Func<IEnumerable<string>, string> all = list => string.Join(" ", list);
        foreach (var state in (Members)schema["states"]) Same((long)(int)Enum.GetValues(typeof(State)).Cast<State>().Single(s => Texts.Of(s) == state.Key), state.Value);
        var causes = (List<object>)((Members)((Members)schema["types"])["Cause"])["enum"];
        Same(all(causes.Cast<string>()), all(Enum.GetValues(typeof(Cause)).Cast<Cause>().Where(c => c != Cause.Unknown).Select(c => Texts.Of(c))));
        foreach (Members f in (List<object>)schema["failures"]) Same(f["kind"], Texts.Of((Kind)(int)(long)f["number"]));
        Same(all(texts(schema["events"], "type")), all(Enum.GetValues(typeof(EventType)).Cast<EventType>().Where(e => e != EventType.Unknown).Select(e => Texts.Of(e))));
        var version = File.ReadAllText(Path.Combine(root, "cmd", "libleasehold", "version.go")).Split('"')[1];
        True(File.ReadAllText(Path.Combine(root, "cmd", "libleasehold", "bindings", "csharp", "src", "Leasehold.csproj")).Contains("<Version>" + version + "</Version>"), "the version is not " + version);
    });

    private static void JsonIsRead() => Test("JSON", () =>
    {
        foreach (var text in new[] { "{}", "{\"a\":[1,-2,0.5,true,false,null,\"\\\"\\\\ä😀\\u0000\"],\"b\":{\"c\":{}}}" }) Same(text, Json.Write(Json.ReadObject(text)));
        Same("{\"a\":\"\\ud83d\"}", Json.Write(new Dictionary<string, object> { ["a"] = "\ud83d" }));
        Same("\b\f/\n\r\té", Json.ReadObject(" { \"a\" : \"\\b\\f\\/\\n\\r\\t\\u00e9\" } ")["a"]);
        foreach (var wrong in new[] { "", "[]", "{", "{\"a\"}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":[1 2]}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"", "{\"a\":-}", "{\"a\":" + new string('[', 200) })
            try
            {
                Json.ReadObject(wrong);
                throw new InvalidOperationException("read: " + wrong);
            }
            catch (FormatException)
            {
                // as it must be
            }
    });
}

// The licence server for tests, and the configuration of an application for it.
internal sealed class Emulator : IDisposable
{
    private readonly Process process;
    private readonly string control, folder = Vectors.Folder();
    internal readonly Members Config;

    internal Emulator(string tool)
    {
        var file = Path.Combine(folder, "config.json");
        process = Process.Start(new ProcessStartInfo(tool, "--json emulator --addr 127.0.0.1:0 --write-config \"" + file + "\"") { UseShellExecute = false, RedirectStandardOutput = true });
        control = ((string)Json.ReadObject(process.StandardOutput.ReadLine())["control_url"]).TrimEnd('/');
        Config = Json.ReadObject(File.ReadAllText(file));
    }

    // Ask sends a request to the control, such as PUT /outage; it must succeed. It is written by hand, because Mono's own client
    // loses an answer now and then.
    internal Dictionary<string, object> Ask(string line, object body)
    {
        var parts = line.Split(new[] { ' ' }, 2);
        var to = new Uri(control + parts[1]);
        var content = body == null ? "" : Json.Write(body);
        var request = parts[0] + " " + to.PathAndQuery + " HTTP/1.0\r\nHost: " + to.Authority + "\r\nContent-Length: " + Encoding.UTF8.GetByteCount(content) + "\r\n\r\n" + content;
        using (var connection = new TcpClient(to.Host, to.Port))
        using (var stream = connection.GetStream())
        {
            var bytes = Encoding.UTF8.GetBytes(request);
            stream.Write(bytes, 0, bytes.Length);
            var answer = new StreamReader(stream).ReadToEnd();
            var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            Vectors.True(end > 0 && answer.Split(' ')[1].StartsWith("2", StringComparison.Ordinal), line + ": " + answer);
            return new Dictionary<string, object> { ["$body"] = answer.Substring(end + 4) };
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        Directory.Delete(folder, true);
    }
}

// A conformance vector that is being played: agent/protocol/vectors/README.md.
internal sealed class Story
{
    private readonly Emulator emulator;
    private readonly Transport transport;
    private readonly string folder, name;
    private readonly Dictionary<string, ulong> agents = new Dictionary<string, ulong> { ["none"] = 0, ["never"] = 4711 };
    private readonly Dictionary<string, object> kept = new Dictionary<string, object>();
    private static readonly Dictionary<string, object> Nothing = new Dictionary<string, object>();

    internal Story(Emulator emulator, Transport transport, string folder, string name)
    {
        this.emulator = emulator;
        this.transport = transport;
        this.folder = folder;
        this.name = name;
    }

    internal void Play(Members vector)
    {
        try
        {
            foreach (Members step in (List<object>)vector["steps"]) Step(step);
        }
        finally
        {
            foreach (var agent in agents)
                if (agent.Key != "none" && agent.Key != "never" && agent.Key != "closed")
                    try
                    {
                        transport.Close(agent.Value, TimeSpan.FromSeconds(5));
                    }
                    catch (LeaseholdException e)
                    {
                        Vectors.Same(Kind.NoAgent, e.Kind);
                    }
        }
    }

    private static object Of(Members step, string member) => step.TryGetValue(member, out var value) ? value : null;

    private void Step(Members step)
    {
        var agentName = Of(step, "agent") as string ?? "a";
        agents.TryGetValue(agentName, out var agent);
        var text = Json.Write(step);
        if (step.ContainsKey("allows"))
        {
            Vectors.True(transport.Allows(agent, (string)Fill(step["allows"])) == (bool)step["is"], text);
            return;
        }
        if (step.ContainsKey("state"))
        {
            Vectors.Same(step["state"], Texts.Of(transport.State(agent)));
            return;
        }
        if (step.ContainsKey("event"))
        {
            Wait(step, agent, text);
            return;
        }
        Members result = null;
        LeaseholdException failure = null;
        try
        {
            result = Act(step, agentName, agent);
        }
        catch (LeaseholdException e)
        {
            failure = e;
        }
        if (step.ContainsKey("failure"))
        {
            Vectors.True(failure != null, text + " did not fail");
            Vectors.True(Holds(Shown(failure), Fill(step["failure"])), text + " failed with " + Json.Write(failure.Raw));
        }
        else
        {
            Vectors.True(failure == null, text + " failed: " + failure?.Message);
            Vectors.True(Holds(result, Fill(Of(step, "result") ?? Nothing)), text + " has " + Json.Write(result));
        }
        foreach (var keep in Of(step, "keep") as Members ?? Nothing) kept[keep.Key] = result[(string)keep.Value];
    }

    private Members Act(Members step, string agentName, ulong agent)
    {
        if (step.ContainsKey("server")) return emulator.Ask((string)step["server"], Fill(Of(step, "body")));
        if (step.ContainsKey("open"))
        {
            var opened = Open(step);
            agents[agentName] = (ulong)(long)opened["agent"];
            return opened;
        }
        if (step.ContainsKey("call"))
            return transport.Call(agent, (string)step["call"], (Members)Fill(Of(step, "params") ?? Nothing), TimeSpan.FromMilliseconds(Of(step, "timeout_ms") as long? ?? 0));
        Vectors.True(step.ContainsKey("close"), "what is " + Json.Write(step));
        agents["closed"] = agent;
        return transport.Call(agent, "close", Nothing, TimeSpan.Zero);
    }

    private Members Open(Members step)
    {
        var config = new Dictionary<string, object> { ["device_id"] = name };
        foreach (var m in emulator.Config.Concat(Of(step, "config") as Members ?? Nothing)) config[m.Key] = m.Value;
        var parameters = new Dictionary<string, object> { ["config"] = config, ["state_dir"] = Path.Combine(folder, (string)config["device_id"]), ["store"] = "file" };
        foreach (var m in (Members)step["open"]) parameters[m.Key] = m.Value;
        return transport.Open(parameters, TimeSpan.Zero);
    }

    private void Wait(Members step, ulong agent, string text)
    {
        for (var i = 0; i < 100; i++)
        {
            var e = transport.NextEvent(agent, TimeSpan.FromSeconds(10));
            Vectors.True(e != null, text + ": there was none");
            if (!Equals(e["type"], step["event"])) continue;
            Vectors.True(Holds(e, Fill(Of(step, "with") ?? Nothing)), text + " is " + Json.Write(e));
            return;
        }
        Vectors.True(false, text + ": there was none");
    }

    // Shown is a failure as its typed members show it.
    private static Members Shown(LeaseholdException e) => new Dictionary<string, object>
    {
        ["op"] = e.Op, ["kind"] = Texts.Of(e.Kind), ["code"] = (long)e.Code, ["message"] = e.Message, ["hint"] = e.Hint, ["remedy_id"] = e.RemedyId,
        ["retry_after_s"] = e.RetryAfterSeconds, ["status"] = e.Status?.Raw,
    };

    private object Fill(object v)
    {
        if (v is string s && s.StartsWith("$", StringComparison.Ordinal) && s != "$any") return kept[s.Substring(1)];
        if (v is Members members) return members.ToDictionary(m => m.Key, m => Fill(m.Value));
        if (v is List<object> list) return list.Select(Fill).ToList();
        return v;
    }

    private static bool Holds(object got, object want)
    {
        if (want is string s && s == "$any") return got != null;
        if (want is Members members) return got is Members has && members.All(m => has.TryGetValue(m.Key, out var value) && Holds(value, m.Value));
        if (want is List<object> list) return got is List<object> all && all.Count == list.Count && all.Zip(list, Holds).All(x => x);
        return Equals(got, want);
    }
}
