package dev.leasehold;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The same calls over a child process, {@code leasehold serve --stdio}. It serves all agents opened with it, and ends with this process. */
public final class StdioTransport implements Transport {
    private static final Duration DEFAULT = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofSeconds(600);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(590);

    private final Process child;
    private final OutputStream input;
    private final Thread reader;
    private final Map<Long, CompletableFuture<JsonObject>> waiting = new HashMap<>();
    private final Map<Long, Backlog> events = new HashMap<>();
    private long number;
    private boolean gone;

    private static final class Backlog {
        long seen;
        final ArrayDeque<JsonObject> events = new ArrayDeque<>();
    }

    /**
     * Starts {@code program serve --stdio}. Name the program by its absolute path.
     *
     * @throws LeaseholdException ({@link Kind#USAGE}) where it cannot be started
     */
    public StdioTransport(Path program) {
        if (!program.isAbsolute()) {
            throw wrong("the program's path is not absolute: " + program);
        }
        try {
            child = new ProcessBuilder(List.of(program.toString(), "serve", "--stdio")).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw wrong("the program cannot be started: " + e.getMessage());
        }
        input = child.getOutputStream();
        reader = new Thread(this::read, "leasehold");
        reader.setDaemon(true);
        reader.start();
    }

    private static LeaseholdException wrong(String message) {
        return LeaseholdException.of("start", Kind.USAGE, message, "Name the program leasehold by its absolute path.");
    }

    private static LeaseholdException gone() {
        return LeaseholdException.of("", Kind.CANCELED, "the child process has ended", "Start it anew, and open agents again.");
    }

    /** Returns the process ID of the child. */
    public long pid() {
        return child.pid();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject answer = JsonParser.parseString(line).getAsJsonObject();
                JsonElement id = answer.get("id");
                CompletableFuture<JsonObject> to = null;
                if (id != null && id.isJsonPrimitive()) {
                    synchronized (waiting) {
                        to = waiting.remove(id.getAsLong());
                    }
                }
                if (to != null) {
                    to.complete(answer);
                }
            }
        } catch (IOException | RuntimeException e) {
            child.destroyForcibly(); // what cannot be read, or is no answer, ends it
        } finally {
            List<CompletableFuture<JsonObject>> left;
            synchronized (waiting) {
                gone = true;
                left = List.copyOf(waiting.values());
                waiting.clear();
            }
            left.forEach(w -> w.completeExceptionally(gone()));
        }
    }

    private JsonObject ask(String method, JsonObject params, Duration timeout) {
        if (!timeout.isZero()) {
            params.addProperty("timeout_ms", Transport.millis(timeout));
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        long id;
        synchronized (waiting) {
            if (gone) {
                throw gone();
            }
            id = ++number;
            waiting.put(id, answer);
        }
        try {
            JsonObject request = new JsonObject();
            request.addProperty("jsonrpc", "2.0");
            request.addProperty("id", id);
            request.addProperty("method", method);
            request.add("params", params);
            byte[] line = (Texts.json(method, request) + "\n").getBytes(StandardCharsets.UTF_8);
            synchronized (input) {
                input.write(line);
                input.flush();
            }
            long patience = timeout.isZero() ? DEFAULT.toMillis() : Math.max(0, Math.min(Transport.millis(timeout), LONGEST.toMillis()));
            return result(method, answer.get(patience + PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (IOException e) {
            throw gone();
        } catch (ExecutionException e) {
            throw gone();
        } catch (TimeoutException e) {
            throw LeaseholdException.of(method, Kind.TIMEOUT, "the child process does not answer", "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel(id);
            throw LeaseholdException.of(method, Kind.CANCELED, "the thread was interrupted", "");
        } finally {
            synchronized (waiting) {
                waiting.remove(id);
            }
        }
    }

    /** Tells the child that nobody waits for an answer any more. */
    private void cancel(long id) {
        JsonObject params = new JsonObject();
        params.addProperty("id", id);
        JsonObject request = new JsonObject();
        request.addProperty("jsonrpc", "2.0");
        request.addProperty("method", "cancel");
        request.add("params", params);
        try {
            synchronized (input) {
                input.write((request + "\n").getBytes(StandardCharsets.UTF_8));
                input.flush();
            }
        } catch (IOException e) {
            // A child that has ended has nothing to cancel.
            return;
        }
    }

    private static JsonObject result(String method, JsonObject answer) {
        if (!answer.has("error")) {
            return answer.getAsJsonObject("result");
        }
        JsonObject error = answer.getAsJsonObject("error");
        if (error.has("data") && error.get("data").isJsonObject()) {
            throw LeaseholdException.of(error.getAsJsonObject("data"));
        }
        throw LeaseholdException.of(method, Kind.USAGE, error.get("message").getAsString(), "");
    }

    @Override
    public JsonObject open(JsonObject params, Duration timeout) {
        return ask("open", params.deepCopy(), timeout);
    }

    @Override
    public JsonObject call(long agent, String method, JsonObject params, Duration timeout) {
        JsonObject full = params.deepCopy();
        if (agent != 0) {
            full.addProperty("agent", agent);
        }
        return ask(method, full, timeout);
    }

    @Override
    public JsonObject nextEvent(long agent, Duration timeout) {
        long begun = System.nanoTime();
        for (;;) {
            Duration left = timeout.minusNanos(timeout.isNegative() ? 0 : System.nanoTime() - begun);
            if (left.isNegative() && !timeout.isNegative()) {
                left = Duration.ZERO;
            }
            JsonObject event = fetched(agent, left);
            if (event != null || left.isZero()) {
                return event;
            }
        }
    }

    /** Takes an event that was fetched, and fetches once where there is none. Another caller may take what was waited for. */
    private JsonObject fetched(long agent, Duration timeout) {
        long after = 0;
        synchronized (events) {
            Backlog backlog = events.get(agent);
            if (backlog != null && !backlog.events.isEmpty()) {
                return backlog.events.poll();
            }
            if (backlog != null) {
                after = backlog.seen;
            }
        }
        Duration wait = timeout.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : timeout;
        JsonObject params = new JsonObject();
        params.addProperty("agent", agent);
        params.addProperty("after", after);
        params.addProperty("wait_ms", Transport.millis(wait));
        JsonObject found = ask("events", params, wait.plusSeconds(5));
        synchronized (events) {
            Backlog backlog = events.computeIfAbsent(agent, a -> new Backlog());
            for (JsonElement event : found.getAsJsonArray("events")) {
                // Who else has asked meanwhile got the same ones.
                if (Texts.number(event.getAsJsonObject(), "seq") > backlog.seen) {
                    backlog.events.add(event.getAsJsonObject());
                }
            }
            backlog.seen = Math.max(backlog.seen, Texts.number(found, "last"));
            return backlog.events.poll();
        }
    }

    @Override
    public boolean allows(long agent, String feature) {
        if (feature.isEmpty()) {
            return false;
        }
        JsonObject params = new JsonObject();
        params.addProperty("name", feature);
        try {
            return Texts.truth(call(agent, "feature", params, Duration.ZERO), "allowed");
        } catch (LeaseholdException e) {
            return false; // as in this process: what cannot be told is not allowed
        }
    }

    @Override
    public State state(long agent) {
        return State.of(Texts.text(call(agent, "status", new JsonObject(), Duration.ZERO), "state"));
    }

    @Override
    public void close(long agent, Duration timeout) {
        synchronized (events) {
            events.remove(agent);
        }
        call(agent, "close", new JsonObject(), timeout);
    }

    /** Ends the child process; seats are given back. */
    @Override
    public void close() {
        boolean interrupted = false;
        try {
            input.close();
        } catch (IOException e) {
            child.destroy(); // it has ended, or does so now
        }
        try {
            if (!child.waitFor(15, TimeUnit.SECONDS)) {
                child.destroyForcibly();
            }
            reader.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            child.destroyForcibly();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
