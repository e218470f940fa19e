using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Leasehold
{
    /// <summary>The C library in this process. It stays loaded, and serves all agents of the process.</summary>
    public sealed class NativeTransport : Transport
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate uint AbiVersion();
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int New(byte[] parameters, int timeout, out ulong agent, out IntPtr result);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int CallFunction(ulong agent, byte[] method, byte[] parameters, int timeout, out IntPtr result);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int NextEventFunction(ulong agent, int timeout, out IntPtr text);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int AllowsFunction(ulong agent, byte[] feature);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int StateFunction(ulong agent);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int CloseFunction(ulong agent, int timeout);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate void Free(IntPtr text);

        private readonly New open;
        private readonly CallFunction call;
        private readonly NextEventFunction nextEvent;
        private readonly AllowsFunction allows;
        private readonly StateFunction state;
        private readonly CloseFunction close;
        private readonly Free free;

        private NativeTransport(string path)
        {
            var library = Loader.Load(path);
            if (Function<AbiVersion>(library, "abi_version")() < 1) throw Wrong("the library is older than this package");
            open = Function<New>(library, "new");
            call = Function<CallFunction>(library, "call");
            nextEvent = Function<NextEventFunction>(library, "next_event");
            allows = Function<AllowsFunction>(library, "allows");
            state = Function<StateFunction>(library, "state");
            close = Function<CloseFunction>(library, "close");
            free = Function<Free>(library, "free");
        }

        private static T Function<T>(IntPtr library, string name) => Marshal.GetDelegateForFunctionPointer<T>(Loader.Find(library, "leasehold_" + name));

        /// <summary>
        /// Loads the library from its absolute path, so that no other one can be found in its place. It must be the one that the application was
        /// shipped with: what is loaded runs as part of this process.
        /// </summary>
        /// <param name="path">Its absolute path.</param>
        /// <param name="unproven">
        /// On Linux and macOS .NET stops its threads with a signal; the library is made for that, and was run there under Mono and .NET Core 3.1. Until a run
        /// proves it of later ones, .NET uses StdioTransport there, and this must be true to load the library all the same.
        /// </param>
        /// <exception cref="LeaseholdException">The library cannot be loaded (Usage).</exception>
        public static NativeTransport Load(string path, bool unproven = false)
        {
            if (!IsAbsolute(path)) throw Wrong("the library's path is not absolute: " + path);
            var windows = Path.DirectorySeparatorChar == '\\';
            if (!windows && !unproven && Type.GetType("Mono.Runtime") == null)
                throw new LeaseholdException("load", Kind.Usage, "in-process use under .NET on this system is not proven", "Use StdioTransport.");
            return new NativeTransport(path);
        }

        // IsAbsolute tells whether a path names a file whatever the current folder and drive.
        internal static bool IsAbsolute(string path) =>
            Path.IsPathRooted(path) && (Path.DirectorySeparatorChar == '/' || path.StartsWith(@"\\", StringComparison.Ordinal) || path.Length > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));

        internal static LeaseholdException Wrong(string message) => new LeaseholdException("load", Kind.Usage, message, "Name the library of this version by its absolute path.");

        private static byte[] Text(string s) => Encoding.UTF8.GetBytes(s + "\0");

        private IReadOnlyDictionary<string, object> Take(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            try
            {
                var length = 0;
                while (Marshal.ReadByte(text, length) != 0) length++;
                var bytes = new byte[length];
                Marshal.Copy(text, bytes, 0, length);
                return Json.ReadObject(Encoding.UTF8.GetString(bytes));
            }
            finally
            {
                free(text);
            }
        }

        private static IReadOnlyDictionary<string, object> Result(int rc, string op, IReadOnlyDictionary<string, object> value)
        {
            if (rc != 0) throw value == null ? LeaseholdException.Numbered(rc, op) : new LeaseholdException(value);
            return value;
        }

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> Open(IReadOnlyDictionary<string, object> parameters, TimeSpan timeout)
        {
            var rc = open(Text(Json.Write(parameters)), Milliseconds(timeout), out _, out var text);
            return Result(rc, "open", Take(text));
        }

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> Call(ulong agent, string method, IReadOnlyDictionary<string, object> parameters, TimeSpan timeout)
        {
            if (method.IndexOf('\0') >= 0) throw LeaseholdException.Numbered((int)Kind.NoMethod, method);
            var rc = call(agent, Text(method), Text(Json.Write(parameters)), Milliseconds(timeout), out var text);
            return Result(rc, method, Take(text));
        }

        /// <inheritdoc/>
        public override IReadOnlyDictionary<string, object> NextEvent(ulong agent, TimeSpan timeout)
        {
            var rc = nextEvent(agent, Milliseconds(timeout), out var text);
            return Result(rc, "next_event", Take(text));
        }

        /// <inheritdoc/>
        public override bool Allows(ulong agent, string feature) => feature != null && feature.IndexOf('\0') < 0 && allows(agent, Text(feature)) == 1;

        /// <inheritdoc/>
        public override State State(ulong agent)
        {
            var n = state(agent);
            if (n < 0) throw LeaseholdException.Numbered(n, "state");
            return n < (int)Leasehold.State.Locked ? (State)n : Leasehold.State.Locked;
        }

        /// <inheritdoc/>
        public override void Close(ulong agent, TimeSpan timeout) => Result(close(agent, Milliseconds(timeout)), "close", null);

        internal override void Forget(ulong agent) => close(agent, 1);

        /// <summary>Does nothing: the library stays.</summary>
        public override void Dispose() { }
    }

    /// <summary>Loads a library by its absolute path; .NET Standard 2.0 has nothing for that.</summary>
    internal static class Loader
    {
        private const int Now = 2; // RTLD_NOW
        private const uint AlteredSearchPath = 8;

        [DllImport("kernel32", EntryPoint = "LoadLibraryExW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr LoadLibraryEx(string path, IntPtr reserved, uint flags);
        [DllImport("kernel32", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        private static extern IntPtr GetProcAddress(IntPtr library, string name);

        [DllImport("libdl.so.2", EntryPoint = "dlopen")] private static extern IntPtr LinuxOpen(byte[] path, int flags);
        [DllImport("libdl.so.2", EntryPoint = "dlsym")] private static extern IntPtr LinuxFind(IntPtr library, byte[] name);
        [DllImport("libSystem.dylib", EntryPoint = "dlopen")] private static extern IntPtr MacOpen(byte[] path, int flags);
        [DllImport("libSystem.dylib", EntryPoint = "dlsym")] private static extern IntPtr MacFind(IntPtr library, byte[] name);

        private static readonly bool Windows = Path.DirectorySeparatorChar == '\\';
        private static readonly bool Mac = !Windows && Directory.Exists("/System/Library/CoreServices");

        internal static IntPtr Load(string path)
        {
            var utf8 = Encoding.UTF8.GetBytes(path + "\0");
            var library = Windows ? LoadLibraryEx(path, IntPtr.Zero, AlteredSearchPath) : Mac ? MacOpen(utf8, Now) : LinuxOpen(utf8, Now);
            if (library == IntPtr.Zero)
                throw NativeTransport.Wrong("the library cannot be loaded: " + path + (Windows ? " (error " + Marshal.GetLastWin32Error() + ")" : ""));
            return library;
        }

        internal static IntPtr Find(IntPtr library, string name)
        {
            var utf8 = Encoding.UTF8.GetBytes(name + "\0");
            var found = Windows ? GetProcAddress(library, name) : Mac ? MacFind(library, utf8) : LinuxFind(library, utf8);
            if (found == IntPtr.Zero) throw NativeTransport.Wrong("the library has no " + name);
            return found;
        }
    }
}
