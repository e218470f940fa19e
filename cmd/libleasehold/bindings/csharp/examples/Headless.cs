using System;
using Leasehold;

// The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.
//
//   Headless LIBRARY CONFIG [KEY]      in this process
//   Headless --stdio PROGRAM CONFIG [KEY]      over a child process, as .NET on Linux and macOS
internal static class Headless
{
    private static int Main(string[] args)
    {
        try
        {
            var stdio = args[0] == "--stdio";
            var rest = new ArraySegment<string>(args, stdio ? 1 : 0, args.Length - (stdio ? 1 : 0));
            using (var transport = stdio ? new StdioTransport(rest.Array[1]) : (Transport)NativeTransport.Load(args[0]))
            using (var agent = Agent.Open(transport, rest.Array[rest.Offset + 1]))
            {
                Console.CancelKeyPress += (_, e) =>
                {
                    e.Cancel = true;
                    agent.Dispose(); // which ends the loop
                };
                if (agent.Status().License == null && rest.Count > 2) agent.Activate(rest.Array[rest.Offset + 2]);
                Show(agent.Status());
                foreach (var happened in agent.Events())
                    if (happened.Type == EventType.StateChanged) Show(happened.To);
            }
            return 0;
        }
        catch (LeaseholdException e)
        {
            Console.Error.WriteLine("error: " + e.Message + "\nhint: " + e.Hint);
            return 1;
        }
    }

    private static void Show(Decision decision)
    {
        if (decision.State == State.Active) Console.WriteLine("everything works");
        else if (decision.State == State.Grace) Console.WriteLine("everything works until " + decision.Until?.LocalDateTime + ": " + decision.Remedy);
        else Console.WriteLine(Texts.Of(decision.State) + " (" + Texts.Of(decision.Cause) + "): " + decision.Remedy);
    }
}
