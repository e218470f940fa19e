using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Leasehold
{
    /// <summary>
    /// Enforces the licence of one application. Dispose it when the application ends. It may be used from any thread. Calls that fail throw a
    /// LeaseholdException; those that ask the server take as long as the server takes, so make them with Task.Run from a thread that draws.
    /// </summary>
    public sealed class Agent : IDisposable
    {
        // Closes an agent that was not disposed of.
        private sealed class Handle : SafeHandle
        {
            private readonly Transport transport;
            internal readonly ulong Value;

            internal Handle(Transport transport, ulong value) : base(IntPtr.Zero, true)
            {
                this.transport = transport;
                Value = value;
                SetHandle(new IntPtr(1));
            }

            public override bool IsInvalid => handle == IntPtr.Zero;

            protected override bool ReleaseHandle()
            {
                transport.Forget(Value);
                return true;
            }
        }

        private readonly Transport transport;
        private readonly Handle handle;

        private Agent(Transport transport, ulong value)
        {
            this.transport = transport;
            handle = new Handle(transport, value);
        }

        /// <summary>Opens an agent with the configuration in a file: reads what is kept and decides from that, without waiting for the network.</summary>
        public static Agent Open(Transport transport, string configFile) => Open(transport, Members("config_file", Path.GetFullPath(configFile)));

        /// <summary>Opens an agent; the parameters are those of the method open, such as config, state_dir and store.</summary>
        public static Agent Open(Transport transport, IReadOnlyDictionary<string, object> parameters) =>
            new Agent(transport, (ulong)(long)transport.Open(parameters, TimeSpan.Zero)["agent"]);

        private static Dictionary<string, object> Members(params object[] members)
        {
            var all = new Dictionary<string, object>();
            for (var i = 0; i < members.Length; i += 2) all[(string)members[i]] = members[i + 1];
            return all;
        }

        /// <summary>Calls any method of the protocol, and returns its result as it is.</summary>
        public IReadOnlyDictionary<string, object> Call(string method, IReadOnlyDictionary<string, object> parameters, TimeSpan timeout = default(TimeSpan)) =>
            transport.Call(handle.Value, method, parameters, timeout);

        private IReadOnlyDictionary<string, object> Ask(string method, params object[] members) => Call(method, Members(members));

        private sealed class Whole : Answer
        {
            internal Whole(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        }

        /// <summary>Gives a floating seat back, unless it is checked out, and ends the background work; waits up to 5 seconds for the server.</summary>
        public void Dispose() => Close(TimeSpan.FromSeconds(5));

        /// <summary>As Dispose; the timeout bounds the wait for the server, and is 600 seconds at most. An agent that is closed already stays so.</summary>
        public void Close(TimeSpan timeout)
        {
            handle.SetHandleAsInvalid();
            GC.SuppressFinalize(handle);
            try
            {
                transport.Close(handle.Value, Transport.InRange(timeout));
            }
            catch (LeaseholdException e) when (e.Kind == Kind.NoAgent)
            {
                // It is closed.
            }
        }

        /// <summary>Tells whether the user may use a feature now, by its name or ID. It reads memory, but over a child process; false after a close.</summary>
        public bool Allows(string feature) => transport.Allows(handle.Value, feature);

        /// <summary>What the application may do now. It reads memory, but over a child process.</summary>
        public State State => transport.State(handle.Value);

        /// <summary>What the user may do now, or would at another instant, and why.</summary>
        public Status Status(DateTimeOffset? at = null) =>
            new Status(at == null ? Ask("status") : Ask("status", "at", at.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture)));

        /// <summary>Whether a feature may be used now, and if not why.</summary>
        public Access Feature(string name) => new Access(Ask("feature", "name", name));

        /// <summary>All features of the licence.</summary>
        public IReadOnlyList<Access> Features() => new Whole(Ask("features")).List("features", x => new Access(Answer.Object(x)));

        /// <summary>All amounts that the licence grants.</summary>
        public IReadOnlyList<Limit> Limits() => new Whole(Ask("limits")).List("limits", x => new Limit(Answer.Object(x)));

        /// <summary>The report for a help desk. It holds no key and no token.</summary>
        public IReadOnlyDictionary<string, object> Diagnosis() => Ask("diagnosis");

        /// <summary>Tries, step by step, what the licence needs of this computer and its network; the report for a help desk, with checks.</summary>
        public IReadOnlyDictionary<string, object> Check(TimeSpan timeout = default(TimeSpan)) => Call("check", Members(), timeout);

        /// <summary>Takes a seat of the licence with this key.</summary>
        public Status Activate(string key) => new Status(Ask("activate", "key", key));

        /// <summary>Asks the server how the licence is. Heartbeats come by themselves as well.</summary>
        public Status Heartbeat() => new Status(Ask("heartbeat"));

        /// <summary>Gives the seat back and forgets the licence.</summary>
        public Status Deactivate() => new Status(Ask("deactivate"));

        /// <summary>Takes over a licence file, or the activation file that completes it.</summary>
        public Status ImportLicense(string data) => new Status(Answer.Object(Ask("license.import", "data", data)["status"]));

        /// <summary>Takes a floating seat, with manual_sessions, and holds it without renewal; zero is the licence's session period.</summary>
        public Status OpenSession(TimeSpan checkout = default(TimeSpan)) => new Status(Ask("session.open", "checkout_s", (long)checkout.TotalSeconds));

        /// <summary>Gives the floating seat back.</summary>
        public Status CloseSession() => new Status(Ask("session.close"));

        /// <summary>Counts uses of a feature for the vendor's statistics; they are delivered later.</summary>
        public void Use(string feature, decimal amount = 1) => Ask("usage", "feature", feature, "amount", amount.ToString(CultureInfo.InvariantCulture));

        /// <summary>Takes an amount of a limitation.</summary>
        public Consumed Consume(string limitation, decimal amount) => new Consumed(Ask("consume", "limitation", limitation, "amount", amount.ToString(CultureInfo.InvariantCulture)));

        /// <summary>Asks the server what is left of a limitation, without taking anything.</summary>
        public Account Consumption(string limitation) => new Account(Ask("consumption", "limitation", limitation));

        /// <summary>Gives back what was consumed.</summary>
        public void Rollback(Consumed consumed) => Ask("rollback", "limitation_id", consumed.LimitationId, "transaction_id", consumed.TransactionId);

        /// <summary>Takes the next event, and waits for one; null when none came in time. Zero does not wait.</summary>
        public Event NextEvent(TimeSpan timeout = default(TimeSpan))
        {
            var raw = transport.NextEvent(handle.Value, timeout);
            return raw == null ? null : new Event(raw);
        }

        /// <summary>Waits for events until the agent is closed, for a thread of its own.</summary>
        public IEnumerable<Event> Events()
        {
            while (true)
            {
                Event next;
                try
                {
                    next = NextEvent(TimeSpan.FromSeconds(60));
                }
                catch (LeaseholdException e) when (e.Kind == Kind.NoAgent || e.Kind == Kind.Canceled)
                {
                    yield break;
                }
                if (next != null) yield return next;
            }
        }

#if !NET472
        /// <summary>Yields events until the agent is closed, for await foreach. One thread of the pool waits meanwhile, for a second at a time.</summary>
        public IAsyncEnumerable<Event> EventsAsync() => new AsyncEvents(this);

        // Written by hand: compilers before C# 8 have no async iterators.
        private sealed class AsyncEvents : IAsyncEnumerable<Event>, IAsyncEnumerator<Event>
        {
            private readonly Agent agent;
            private CancellationToken cancel;

            internal AsyncEvents(Agent agent) => this.agent = agent;

            public Event Current { get; private set; }

            public IAsyncEnumerator<Event> GetAsyncEnumerator(CancellationToken cancellationToken) => new AsyncEvents(agent) { cancel = cancellationToken };

            public ValueTask<bool> MoveNextAsync() => new ValueTask<bool>(Task.Run(() =>
            {
                while (true)
                {
                    cancel.ThrowIfCancellationRequested();
                    try
                    {
                        Current = agent.NextEvent(TimeSpan.FromSeconds(1));
                    }
                    catch (LeaseholdException e) when (e.Kind == Kind.NoAgent || e.Kind == Kind.Canceled)
                    {
                        return false;
                    }
                    if (Current != null) return true;
                }
            }));

            public ValueTask DisposeAsync() => default(ValueTask);
        }
#endif
    }
}
