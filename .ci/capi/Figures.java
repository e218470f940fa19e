import com.google.gson.JsonObject;
import dev.leasehold.Agent;
import dev.leasehold.NativeTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** What things cost from Java. [first] LIBRARY CONFIG STATE-DIR, or empty; see figures.c */
public class Figures {
    private static volatile Object sink;

    private static Agent opened(String[] args) {
        JsonObject params = new JsonObject();
        params.addProperty("config_file", args[1]);
        params.addProperty("state_dir", args[2]);
        params.addProperty("store", "file");
        return Agent.open(NativeTransport.load(Path.of(args[0])), params);
    }

    private static long each(int n, Runnable what) {
        long[] rounds = new long[15];
        for (int r = 0; r < rounds.length; r++) {
            long begun = System.nanoTime();
            for (int i = 0; i < n; i++) {
                what.run();
            }
            rounds[r] = (System.nanoTime() - begun) / n;
        }
        Arrays.sort(rounds);
        return rounds[rounds.length / 2];
    }

    private static void tell() throws IOException {
        System.out.println(Files.readString(Path.of("/proc/self/status")));
    }

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "empty" -> tell();
            case "first" -> first(Arrays.copyOfRange(args, 1, 4));
            default -> costs(args);
        }
    }

    private static void first(String[] args) throws IOException {
        if (!opened(args).allows("pdf-export")) {
            throw new AssertionError("not allowed");
        }
        tell();
        Runtime.getRuntime().halt(0);
    }

    private static void costs(String[] args) {
        Agent agent = opened(args);
        agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978");
        if (!agent.allows("pdf-export")) {
            throw new AssertionError("not allowed");
        }
        long clock = each(100_000, () -> sink = System.nanoTime());
        long allows = each(100_000, () -> sink = agent.allows("pdf-export"));
        long state = each(100_000, () -> sink = agent.state());
        long call = each(300, () -> agent.call("version", new JsonObject(), Duration.ZERO));
        agent.close();
        long fresh = each(1, () -> opened(args).close());
        System.out.println("Java " + clock + " " + allows + " " + state + " " + call + " " + fresh);
    }
}
