using System;
using System.Collections.Generic;

namespace Leasehold
{
    /// <summary>
    /// How an agent is reached: NativeTransport or StdioTransport. All methods may be called from any thread. A timeout of zero is the
    /// library's default of 30 seconds; at most 600 seconds are allowed.
    /// </summary>
    public abstract class Transport : IDisposable
    {
        internal Transport() { }

        /// <summary>Opens an agent; the result has its handle as agent.</summary>
        public abstract IReadOnlyDictionary<string, object> Open(IReadOnlyDictionary<string, object> parameters, TimeSpan timeout);
        /// <summary>Calls a method of the protocol; agent 0 is for those that need none.</summary>
        public abstract IReadOnlyDictionary<string, object> Call(ulong agent, string method, IReadOnlyDictionary<string, object> parameters, TimeSpan timeout);
        /// <summary>Takes the next event, and waits for one; null when none came in time. Zero does not wait.</summary>
        public abstract IReadOnlyDictionary<string, object> NextEvent(ulong agent, TimeSpan timeout);
        /// <summary>Tells whether a feature may be used now; false where that cannot be told.</summary>
        public abstract bool Allows(ulong agent, string feature);
        /// <summary>Tells what the application may do now.</summary>
        public abstract State State(ulong agent);
        /// <summary>Closes an agent.</summary>
        public abstract void Close(ulong agent, TimeSpan timeout);
        /// <summary>Ends what the transport holds.</summary>
        public abstract void Dispose();

        // Closes an agent that its owner has forgotten, without waiting for the server.
        internal abstract void Forget(ulong agent);

        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(600);

        // The nearest deadline that a call may have.
        internal static TimeSpan InRange(TimeSpan timeout) => timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout > Longest ? Longest : timeout;

        internal static int Milliseconds(TimeSpan timeout)
        {
            // Rounded up: a deadline that is set never becomes the default.
            var ms = Math.Ceiling(timeout.TotalMilliseconds);
            return ms >= int.MaxValue ? int.MaxValue : ms < 0 ? -1 : (int)ms;
        }
    }
}
