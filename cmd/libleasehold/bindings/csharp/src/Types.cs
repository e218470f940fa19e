using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Leasehold
{
    /// <summary>What the application may do, in the order of severity.</summary>
    public enum State
    {
        /// <summary>Everything.</summary>
        Active,
        /// <summary>Everything, until a deadline.</summary>
        Grace,
        /// <summary>Open, view, print, export; no edit or save.</summary>
        ReadOnly,
        /// <summary>Nothing but the licence screen.</summary>
        Locked,
    }

    /// <summary>Why the licence is not simply fine. The texts of the protocol are these names in lower case with underscores.</summary>
    public enum Cause
    {
        /// <summary>It is fine.</summary>
        None,
        /// <summary>The vendor has suspended it.</summary>
        Suspended,
        /// <summary>The vendor has switched it off.</summary>
        Inactive,
        /// <summary>It has ended.</summary>
        Expired,
        /// <summary>It has not begun.</summary>
        NotYetValid,
        /// <summary>It does not cover this release of the application.</summary>
        VersionNotCovered,
        /// <summary>The named user is switched off.</summary>
        UserInactive,
        /// <summary>Too many users.</summary>
        UserLimit,
        /// <summary>No licence is held on this device.</summary>
        NotActivated,
        /// <summary>The licence was activated for another device.</summary>
        DeviceMismatch,
        /// <summary>No floating seat is free.</summary>
        ConnectionLimit,
        /// <summary>Too many sessions.</summary>
        SessionLimit,
        /// <summary>No floating seat is held.</summary>
        SessionMissing,
        /// <summary>The computer's clock was turned back.</summary>
        ClockRolledBack,
        /// <summary>An answer was not signed as it must be.</summary>
        SignatureInvalid,
        /// <summary>The server does not accept the application's key.</summary>
        Unauthorized,
        /// <summary>The server has been silent for too long.</summary>
        Unreachable,
        /// <summary>One that a newer library sends; Raw has its text.</summary>
        Unknown,
    }

    /// <summary>What sort of failure. The numbers are those of leasehold.h.</summary>
    public enum Kind
    {
        /// <summary>The call or the configuration makes no sense as it is.</summary>
        Usage = -1,
        /// <summary>The licence server refused; the code says why.</summary>
        Conflict = -2,
        /// <summary>No answer came; nothing changed, and trying again may help.</summary>
        Silence = -3,
        /// <summary>Something answered that could not prove to be the server's fresh answer for this client.</summary>
        Integrity = -4,
        /// <summary>There is no such agent: it was closed, or never opened.</summary>
        NoAgent = -5,
        /// <summary>The deadline passed before the call was done.</summary>
        Timeout = -6,
        /// <summary>The agent was closed meanwhile, or the child process has ended.</summary>
        Canceled = -7,
        /// <summary>The process is a fork of the one that loaded the library.</summary>
        Forked = -8,
        /// <summary>There is no such method.</summary>
        NoMethod = -9,
        /// <summary>A fault of Leasehold.</summary>
        Internal = -10,
    }

    /// <summary>What happened.</summary>
    public enum EventType
    {
        /// <summary>The decision changed in state or cause.</summary>
        StateChanged,
        /// <summary>A deadline draws near.</summary>
        GraceWarning,
        /// <summary>The licence grants something else, or another is held, or none.</summary>
        LicenseChanged,
        /// <summary>A call to the server got no answer.</summary>
        HeartbeatFailed,
        /// <summary>The server answers again.</summary>
        HeartbeatRecovered,
        /// <summary>Where the licence is kept was decided, or has changed.</summary>
        StoreChosen,
        /// <summary>What was learned could not be kept, or what was kept could not be read.</summary>
        StoreFailed,
        /// <summary>The computer's clock was turned back.</summary>
        ClockSuspect,
        /// <summary>A signed answer settled the time after ClockSuspect.</summary>
        ClockTrusted,
        /// <summary>This device's ID is no longer the one the licence was activated for.</summary>
        DeviceChanged,
        /// <summary>A floating seat is held, for the first time or again.</summary>
        SeatGained,
        /// <summary>The floating seat is no longer held.</summary>
        SeatLost,
        /// <summary>The server refused a call for a floating seat for a reason that is not the seat.</summary>
        SeatRefused,
        /// <summary>The vendor has published a newer release.</summary>
        UpdateAvailable,
        /// <summary>The server refused something that was to be reported, and it was dropped.</summary>
        ReportRejected,
        /// <summary>A call that the method begin began has ended; Raw has its number, and its result or why it failed.</summary>
        CallEnded,
        /// <summary>One that a newer library sends; Raw has its text.</summary>
        Unknown,
    }

    /// <summary>Turns enumerations into texts of the protocol and back.</summary>
    public static class Texts
    {
        /// <summary>Returns the text of the protocol, such as read_only; Cause.None is empty.</summary>
        public static string Of(Enum value)
        {
            if (value is Cause cause && cause == Cause.None) return "";
            return string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
        }

        internal static T Parse<T>(string text, T other) where T : struct
        {
            foreach (T value in Enum.GetValues(typeof(T)))
                if (Of((Enum)(object)value) == text) return value;
            return other;
        }
    }

    /// <summary>An object of the protocol. Members that are not named in the type are in Raw.</summary>
    public abstract class Answer
    {
        /// <summary>All members.</summary>
        public IReadOnlyDictionary<string, object> Raw { get; }

        internal Answer(IReadOnlyDictionary<string, object> raw) => Raw = raw;

        internal object Member(string name) => Raw.TryGetValue(name, out var value) ? value : null;
        internal string Text(string name) => Member(name) as string ?? "";
        internal long Number(string name) => Member(name) is long n ? n : 0;
        internal bool Truth(string name) => Member(name) is bool b && b;
        internal decimal? Amount(string name) => Member(name) is string s ? decimal.Parse(s, NumberStyles.Float, CultureInfo.InvariantCulture) : (decimal?)null;
        internal DateTimeOffset? Instant(string name) => Member(name) is string s ? DateTimeOffset.Parse(s, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : (DateTimeOffset?)null;
        internal T Inner<T>(string name, Func<IReadOnlyDictionary<string, object>, T> of) where T : class => Member(name) is IReadOnlyDictionary<string, object> inner ? of(inner) : null;
        internal IReadOnlyList<T> List<T>(string name, Func<object, T> of) => (Member(name) as List<object> ?? new List<object>()).Select(of).ToList();
        internal State StateMember(string name = "state") => Texts.Parse(Text(name), State.Locked); // what is not known allows nothing
        internal static Cause CauseOf(object text) => Texts.Parse(text as string ?? "", Cause.Unknown);
        internal static IReadOnlyDictionary<string, object> Object(object value) => (IReadOnlyDictionary<string, object>)value;
    }

    /// <summary>A feature of a licence.</summary>
    public sealed class Feature : Answer
    {
        internal Feature(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Its ID.</summary>
        public string Id => Text("id");
        /// <summary>Its name.</summary>
        public string Name => Text("name");
        /// <summary>Whether the licence grants it.</summary>
        public bool Active => Truth("active");
        /// <summary>Null: as long as the licence.</summary>
        public DateTimeOffset? Expires => Instant("expires");
    }

    /// <summary>A licence; its key is masked.</summary>
    public sealed class License : Answer
    {
        internal License(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Its name.</summary>
        public string Name => Text("name");
        /// <summary>Masked.</summary>
        public string Key => Text("key");
        /// <summary>The product's name.</summary>
        public string Product => Text("product");
        /// <summary>The edition.</summary>
        public string Edition => Text("edition");
        /// <summary>Whose it is.</summary>
        public string Customer => Text("customer");
        /// <summary>named or floating.</summary>
        public string ProvisioningMode => Text("provisioning_mode");
        /// <summary>Null: never.</summary>
        public DateTimeOffset? Expires => Instant("expires");
        /// <summary>What it grants.</summary>
        public IReadOnlyList<Feature> Features => List("features", x => new Feature(Object(x)));
    }

    /// <summary>The state that follows when time passes.</summary>
    public sealed class Next : Answer
    {
        internal Next(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>The state.</summary>
        public State State => StateMember();
        /// <summary>When it begins.</summary>
        public DateTimeOffset? At => Instant("at");
    }

    /// <summary>The floating seat as it is known here.</summary>
    public sealed class Session : Answer
    {
        internal Session(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Its ID.</summary>
        public string Id => Text("id");
        /// <summary>The licence is floating; any other needs no session.</summary>
        public bool Needed => Truth("needed");
        /// <summary>Whether a seat is held.</summary>
        public bool Held => Truth("held");
        /// <summary>When it lapses without renewal.</summary>
        public DateTimeOffset? ValidUntil => Instant("valid_until");
    }

    /// <summary>What counts at one moment, in short.</summary>
    public class Decision : Answer
    {
        internal Decision(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>What the application may do.</summary>
        public State State => StateMember();
        /// <summary>Why.</summary>
        public Cause Cause => CauseOf(Member("cause"));
        /// <summary>The conflict's ID, 0 when none.</summary>
        public int Code => (int)Number("code");
        /// <summary>What to do, a sentence.</summary>
        public string Remedy => Text("remedy");
        /// <summary>Null when nothing will change by itself.</summary>
        public DateTimeOffset? Until => Instant("until");
    }

    /// <summary>What the user may do, and why.</summary>
    public sealed class Status : Decision
    {
        internal Status(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>All causes.</summary>
        public IReadOnlyList<Cause> Causes => List("causes", CauseOf);
        /// <summary>The remedy's token, such as go_online.</summary>
        public string RemedyId => Text("remedy_id");
        /// <summary>Since when the state counts.</summary>
        public DateTimeOffset? Since => Instant("since");
        /// <summary>What follows, or null.</summary>
        public Next Next => Inner("next", x => new Next(x));
        /// <summary>Who this device is to the server.</summary>
        public string DeviceId => Text("device_id");
        /// <summary>keyring, file or memory.</summary>
        public string Store => Text("store");
        /// <summary>The licence that is held, or null.</summary>
        public License License => Inner("license", x => new License(x));
        /// <summary>The floating seat, after a call about it; else null.</summary>
        public Session Session => Inner("session", x => new Session(x));
    }

    /// <summary>Whether a feature may be used, and if not why.</summary>
    public sealed class Access : Answer
    {
        internal Access(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Its name.</summary>
        public string Feature => Text("feature");
        /// <summary>Its ID.</summary>
        public string Id => Text("id");
        /// <summary>Whether it may be used.</summary>
        public bool Allowed => Truth("allowed");
        /// <summary>Whether the licence has it.</summary>
        public bool Known => Truth("known");
        /// <summary>Why not; empty when allowed.</summary>
        public string Reason => Text("reason");
        /// <summary>Null: as long as the licence.</summary>
        public DateTimeOffset? Expires => Instant("expires");
    }

    /// <summary>An amount that the licence grants.</summary>
    public sealed class Limit : Answer
    {
        internal Limit(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Its ID.</summary>
        public string Id => Text("id");
        /// <summary>Its name.</summary>
        public string Name => Text("name");
        /// <summary>Null: unlimited.</summary>
        public decimal? Value => Amount("value");
        /// <summary>Null: not told.</summary>
        public decimal? Remaining => Amount("remaining");
        /// <summary>When consumption starts anew; null when never, or not known.</summary>
        public DateTimeOffset? NextReset => Instant("next_reset");
    }

    /// <summary>What the server says is left of a limitation.</summary>
    public class Account : Answer
    {
        internal Account(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>Of the limitation.</summary>
        public string LimitationId => Text("limitation_id");
        /// <summary>Null: not told, as for a limitation without limit.</summary>
        public decimal? Remaining => Amount("remaining");
        /// <summary>Null: not told.</summary>
        public DateTimeOffset? NextReset => Instant("next_reset");
    }

    /// <summary>An amount that was taken.</summary>
    public sealed class Consumed : Account
    {
        internal Consumed(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>How much.</summary>
        public decimal? Taken => Amount("amount");
        /// <summary>For a rollback; empty when booked.</summary>
        public string TransactionId => Text("transaction_id");
        /// <summary>The server could not be asked, and will be told later.</summary>
        public bool Booked => Truth("booked");
    }

    /// <summary>Something that happened to the licence. Which members are set depends on the type.</summary>
    public sealed class Event : Answer
    {
        internal Event(IReadOnlyDictionary<string, object> raw) : base(raw) { }
        /// <summary>1 is an agent's first; a gap means that older ones were dropped.</summary>
        public long Seq => Number("seq");
        /// <summary>What happened.</summary>
        public EventType Type => Texts.Parse(Text("type"), EventType.Unknown);
        /// <summary>When.</summary>
        public DateTimeOffset? At => Instant("at");
        /// <summary>StateChanged: what counted before.</summary>
        public Decision From => Inner("from", x => new Decision(x));
        /// <summary>StateChanged: what counts now; GraceWarning: whose deadline draws near.</summary>
        public Decision To => Inner("to", x => new Decision(x));
        /// <summary>LicenseChanged: null when none is held any more.</summary>
        public License License => Inner("license", x => new License(x));
        /// <summary>HeartbeatFailed and others: why.</summary>
        public LeaseholdException Error => Inner("error", x => new LeaseholdException(x));
    }
}
