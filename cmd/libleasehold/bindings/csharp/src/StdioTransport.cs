using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Leasehold
{
    /// <summary>The same calls over a child process, leasehold serve --stdio. It serves all agents opened with it, and ends with this process.</summary>
    public sealed class StdioTransport : Transport
    {
        private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
        private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(590);

        private sealed class Backlog
        {
            internal long Seen;
            internal readonly Queue<IReadOnlyDictionary<string, object>> Events = new Queue<IReadOnlyDictionary<string, object>>();
        }

        private readonly Process child;
        private readonly Stream input;
        private readonly Thread reader;
        private readonly Dictionary<long, TaskCompletionSource<IReadOnlyDictionary<string, object>>> waiting = new Dictionary<long, TaskCompletionSource<IReadOnlyDictionary<string, object>>>();
        private readonly Dictionary<ulong, Backlog> events = new Dictionary<ulong, Backlog>();
        private long number;
        private bool gone;

        /// <summary>Starts program serve --stdio.</summary>
        /// <param name="program">The absolute path of the program leasehold.</param>
        /// <exception cref="LeaseholdException">It cannot be started (Usage).</exception>
        public StdioTransport(string program)
        {
            if (!NativeTransport.IsAbsolute(program)) throw Wrong("the program's path is not absolute: " + program);
            var start = new ProcessStartInfo(program, "serve --stdio") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, CreateNoWindow = true };
            try
            {
                child = Process.Start(start);
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception || e is IOException)
            {
                throw Wrong("the program cannot be started: " + e.Message);
            }
            input = child.StandardInput.BaseStream;
            reader = new Thread(Read) { IsBackground = true, Name = "leasehold" };
            reader.Start();
        }

        private static LeaseholdException Wrong(string message) => new LeaseholdException("start", Kind.Usage, message, "Name the program leasehold by its absolute path.");
        private static LeaseholdException Gone() => new LeaseholdException("", Kind.Canceled, "the child process has ended", "Start it anew, and open agents again.");

        /// <summary>The process ID of the child.</summary>
        public int ProcessId => child.Id;

        private void Read()
        {
            try
            {
                using (var lines = new StreamReader(child.StandardOutput.BaseStream, new UTF8Encoding(false)))
                    for (var line = lines.ReadLine(); line != null; line = lines.ReadLine())
                    {
                        var answer = Json.ReadObject(line);
                        TaskCompletionSource<IReadOnlyDictionary<string, object>> to = null;
                        lock (waiting)
                            if (answer.TryGetValue("id", out var id) && id is long n && waiting.TryGetValue(n, out to)) waiting.Remove(n);
                        to?.TrySetResult(answer);
                    }
            }
            catch (Exception e) when (e is IOException || e is FormatException || e is ObjectDisposedException)
            {
                Kill(); // what cannot be read, or is no answer, ends it
            }
            List<TaskCompletionSource<IReadOnlyDictionary<string, object>>> left;
            lock (waiting)
            {
                gone = true;
                left = waiting.Values.ToList();
                waiting.Clear();
            }
            foreach (var w in left) w.TrySetException(Gone());
        }

        private void Kill()
        {
            try
            {
                child.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
        }

        private IReadOnlyDictionary<string, object> Ask(string method, IEnumerable<KeyValuePair<string, object>> parameters, TimeSpan timeout)
        {
            var full = parameters.ToDictionary(p => p.Key, p => p.Value);
            if (timeout != TimeSpan.Zero) full["timeout_ms"] = Milliseconds(timeout);
            // Who waits goes on in a thread of his own, never in the one that reads.
            var answer = new TaskCompletionSource<IReadOnlyDictionary<string, object>>(TaskCreationOptions.RunContinuationsAsynchronously);
            long id;
            lock (waiting)
            {
                if (gone) throw Gone();
                id = ++number;
                waiting[id] = answer;
            }
            try
            {
                var line = Encoding.UTF8.GetBytes(Json.Write(new Dictionary<string, object> { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = full }) + "\n");
                lock (input)
                {
                    input.Write(line, 0, line.Length);
                    input.Flush();
                }
                if (!answer.Task.Wait((timeout == TimeSpan.Zero ? Default : InRange(timeout)) + Patience))
                    throw new LeaseholdException(method, Kind.Timeout, "the child process does not answer");
                return Result(method, answer.Task.Result);
            }
            catch (Exception e) when (e is IOException || e is ObjectDisposedException || e is AggregateException)
            {
                throw Gone();
            }
            finally
            {
                lock (waiting) waiting.Remove(id);
            }
        }

        private static IReadOnlyDictionary<string, object> Result(string method, IReadOnlyDictionary<string, object> answer)
        {
            if (!answer.TryGetValue("error", out var e)) return Answer.Object(answer["result"]);
            var error = Answer.Object(e);
            if (error.TryGetValue("data", out var data) && data is IReadOnlyDictionary<string, object> failure) throw new LeaseholdException(failure);
            throw new LeaseholdException(method, Kind.Usage, error["message"] as string);
        }

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> Open(IReadOnlyDictionary<string, object> parameters, TimeSpan timeout) => Ask("open", parameters, timeout);

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> Call(ulong agent, string method, IReadOnlyDictionary<string, object> parameters, TimeSpan timeout)
        {
            var full = parameters.ToDictionary(p => p.Key, p => p.Value);
            if (agent != 0) full["agent"] = agent;
            return Ask(method, full, timeout);
        }

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> NextEvent(ulong agent, TimeSpan timeout)
        {
            var begun = Stopwatch.StartNew();
            while (true)
            {
                var left = timeout > TimeSpan.Zero ? timeout - begun.Elapsed : timeout;
                if (timeout > TimeSpan.Zero && left < TimeSpan.Zero) left = TimeSpan.Zero;
                var e = Fetched(agent, left);
                if (e != null || left <= TimeSpan.Zero) return e;
            }
        }

        // Takes an event that was fetched, and fetches once where there is none. Another caller may take what was waited for.
        private IReadOnlyDictionary<string, object> Fetched(ulong agent, TimeSpan timeout)
        {
            Backlog backlog;
            long after = 0;
            lock (events)
                if (events.TryGetValue(agent, out backlog))
                {
                    if (backlog.Events.Count > 0) return backlog.Events.Dequeue();
                    after = backlog.Seen;
                }
            var wait = timeout > LongestWait ? LongestWait : timeout;
            var found = Ask("events", new Dictionary<string, object> { ["agent"] = agent, ["after"] = after, ["wait_ms"] = Milliseconds(wait) }, wait + TimeSpan.FromSeconds(5));
            lock (events)
            {
                if (!events.TryGetValue(agent, out backlog)) events[agent] = backlog = new Backlog();
                foreach (var e in (List<object>)found["events"])
                    if ((long)Answer.Object(e)["seq"] > backlog.Seen) backlog.Events.Enqueue(Answer.Object(e)); // who else has asked meanwhile got the same ones
                backlog.Seen = Math.Max(backlog.Seen, (long)found["last"]);
                return backlog.Events.Count > 0 ? backlog.Events.Dequeue() : null;
            }
        }

        /// <inheritdoc/>
        public override bool Allows(ulong agent, string feature)
        {
            if (string.IsNullOrEmpty(feature)) return false;
            try
            {
                return Call(agent, "feature", new Dictionary<string, object> { ["name"] = feature }, TimeSpan.Zero)["allowed"] is bool allowed && allowed;
            }
            catch (LeaseholdException)
            {
                return false; // as in this process: what cannot be told is not allowed
            }
        }

        /// <inheritdoc/>
        public override State State(ulong agent) => new Status(Call(agent, "status", new Dictionary<string, object>(), TimeSpan.Zero)).State;

        /// <inheritdoc/>
        public override void Close(ulong agent, TimeSpan timeout)
        {
            lock (events) events.Remove(agent);
            Call(agent, "close", new Dictionary<string, object>(), timeout);
        }

        // The child ends with its host, and the finalizer's thread must not wait for a pipe.
        internal override void Forget(ulong agent) { }

        /// <summary>Ends the child process; seats are given back.</summary>
        public override void Dispose()
        {
            try
            {
                lock (input) input.Dispose();
            }
            catch (IOException)
            {
                // It has ended.
            }
            if (!child.WaitForExit(15000)) Kill();
            reader.Join(5000);
            child.Dispose();
        }
    }
}
