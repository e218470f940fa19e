using System;
using System.Collections.Generic;

namespace Leasehold
{
    /// <summary>A call failed. Kind and Code are for programs, Message and Hint for people.</summary>
    public sealed class LeaseholdException : Exception
    {
        private sealed class Failure : Answer
        {
            internal Failure(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        }

        private readonly Failure failure;

        internal LeaseholdException(IReadOnlyDictionary<string, object> raw) : base(new Failure(raw).Text("message")) => failure = new Failure(raw);

        internal LeaseholdException(string op, Kind kind, string message, string hint = "")
            : this(new Dictionary<string, object> { ["op"] = op, ["kind"] = Texts.Of(kind), ["message"] = message, ["hint"] = hint }) { }

        internal static LeaseholdException Numbered(int rc, string op)
        {
            var kind = Enum.IsDefined(typeof(Kind), rc) ? (Kind)rc : Kind.Internal;
            return new LeaseholdException(op, kind, Texts.Of(kind).Replace('_', ' '));
        }

        /// <summary>The call.</summary>
        public string Op => failure.Text("op");
        /// <summary>What sort of failure.</summary>
        public Kind Kind => Texts.Parse(failure.Text("kind"), Kind.Internal);
        /// <summary>The conflict's ID; 0 unless Kind is Conflict.</summary>
        public int Code => (int)failure.Number("code");
        /// <summary>What to do, a sentence; it may be empty.</summary>
        public string Hint => failure.Text("hint");
        /// <summary>What would help, as a token; it may be empty.</summary>
        public string RemedyId => failure.Text("remedy_id");
        /// <summary>How many seconds the server asked to be left alone; 0 when it did not.</summary>
        public long RetryAfterSeconds => failure.Number("retry_after_s");
        /// <summary>How the licence is after a call that asked the server about it; else null.</summary>
        public Status Status => failure.Inner("status", x => new Status(x));
        /// <summary>All members, as the protocol has them.</summary>
        public IReadOnlyDictionary<string, object> Raw => failure.Raw;
    }
}
