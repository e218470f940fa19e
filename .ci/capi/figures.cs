using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Leasehold;

// What things cost from C#. [first] LIBRARY CONFIG STATE-DIR, or empty; see figures.c
internal static class Figures
{
    private static Agent Opened(string[] args) =>
        Agent.Open(NativeTransport.Load(args[0]), new Dictionary<string, object> { ["config_file"] = args[1], ["state_dir"] = args[2], ["store"] = "file" });

    private static long Each(int n, Action what)
    {
        var rounds = new double[15];
        for (var r = 0; r < rounds.Length; r++)
        {
            var begun = Stopwatch.StartNew();
            for (var i = 0; i < n; i++) what();
            rounds[r] = begun.Elapsed.TotalMilliseconds * 1e6 / n;
        }
        Array.Sort(rounds);
        return (long)rounds[rounds.Length / 2];
    }

    private static int Main(string[] args)
    {
        if (args[0] == "first") return First(args.Skip(1).ToArray());
        if (args[0] != "empty") return Costs(args);
        Tell();
        return 0;
    }

    private static void Tell() => Console.WriteLine(File.ReadAllText("/proc/self/status"));

    private static int First(string[] args)
    {
        var agent = Opened(args);
        if (!agent.Allows("pdf-export")) return 1;
        Tell();
        Environment.Exit(0);
        return 0;
    }

    private static int Costs(string[] args)
    {
        var agent = Opened(args);
        agent.Activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978");
        if (!agent.Allows("pdf-export")) return 1;
        var clock = Each(100000, () => Stopwatch.GetTimestamp());
        var allows = Each(100000, () => agent.Allows("pdf-export"));
        var state = Each(100000, () => agent.State.GetHashCode());
        var call = Each(300, () => agent.Call("version", new Dictionary<string, object>()));
        agent.Dispose();
        var fresh = Each(1, () => Opened(args).Dispose());
        Console.WriteLine("C# " + clock + " " + allows + " " + state + " " + call + " " + fresh);
        return 0;
    }
}
