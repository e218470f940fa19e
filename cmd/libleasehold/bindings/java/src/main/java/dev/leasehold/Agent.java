package dev.leasehold;

import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Enforces the licence of one application. Make it with {@link #open(Transport, Path)}, and close it. It may be used from any thread.
 *
 * <p>Calls that fail throw a {@link LeaseholdException}. Those that ask the server take as long as the server takes, at most 30 seconds where no
 * timeout is named: make them in a worker thread, never in the one that draws.
 */
public final class Agent implements AutoCloseable {
    private final Transport transport;
    private final long handle;

    private Agent(Transport transport, long handle) {
        this.transport = transport;
        this.handle = handle;
    }

    /** Opens an agent with the configuration in a file: reads what is kept and decides from that, without waiting for the network. */
    public static Agent open(Transport transport, Path configFile) {
        return open(transport, object("config_file", configFile.toAbsolutePath().toString()));
    }

    /** Opens an agent; the parameters are those of the method {@code open}, such as {@code config}, {@code state_dir} and {@code store}. */
    public static Agent open(Transport transport, JsonObject params) {
        return new Agent(transport, transport.open(params, Duration.ZERO).get("agent").getAsLong());
    }

    private static JsonObject object(String... members) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < members.length; i += 2) {
            object.addProperty(members[i], members[i + 1]);
        }
        return object;
    }

    /** Calls any method of the protocol, and returns its result as it is. */
    public JsonObject call(String method, JsonObject params, Duration timeout) {
        return transport.call(handle, method, params, timeout);
    }

    private JsonObject ask(String method, String... members) {
        return call(method, object(members), Duration.ZERO);
    }

    /** Gives a floating seat back, unless it is checked out, and ends the background work. An agent that is closed already stays so. */
    @Override
    public void close() {
        close(Duration.ofSeconds(5));
    }

    /** As {@link #close()}; the timeout bounds the wait for the server. One that is out of range is taken for the nearest that is not. */
    public void close(Duration timeout) {
        Duration most = Duration.ofSeconds(600);
        try {
            transport.close(handle, timeout.isNegative() ? Duration.ZERO : timeout.compareTo(most) > 0 ? most : timeout);
        } catch (LeaseholdException e) {
            if (e.kind() != Kind.NO_AGENT) {
                throw e;
            }
        }
    }

    /** Tells whether the user may use a feature now, by its name or ID. It reads memory, but over a child process, and is false after a close. */
    public boolean allows(String feature) {
        return transport.allows(handle, feature);
    }

    /** Returns what the application may do now. It reads memory, but over a child process. */
    public State state() {
        return transport.state(handle);
    }

    /** Returns what the user may do now, and why. */
    public Status status() {
        return Status.of(ask("status"));
    }

    /** Returns what the user might do at another instant, if nothing more were learned. */
    public Status statusAt(Instant at) {
        return Status.of(ask("status", "at", at.toString()));
    }

    /** Tells whether a feature may be used now, and if not why. */
    public Access feature(String name) {
        return Access.of(ask("feature", "name", name));
    }

    /** Returns all features of the licence. */
    public List<Access> features() {
        return Texts.list(ask("features"), "features", e -> Access.of(e.getAsJsonObject()));
    }

    /** Returns all amounts that the licence grants. */
    public List<Limit> limits() {
        return Texts.list(ask("limits"), "limits", e -> Limit.of(e.getAsJsonObject()));
    }

    /** Returns the report for a help desk. It holds no key and no token. */
    public JsonObject diagnosis() {
        return ask("diagnosis");
    }

    /** Tries, step by step, what the licence needs of this computer and its network; returns the report for a help desk, with {@code checks}. */
    public JsonObject check(Duration timeout) {
        return call("check", new JsonObject(), timeout);
    }

    /** Takes a seat of the licence with this key. */
    public Status activate(String key) {
        return Status.of(ask("activate", "key", key));
    }

    /** Asks the server how the licence is. Heartbeats come by themselves as well. */
    public Status heartbeat() {
        return Status.of(ask("heartbeat"));
    }

    /** Gives the seat back and forgets the licence. */
    public Status deactivate() {
        return Status.of(ask("deactivate"));
    }

    /** Takes over a licence file, or the activation file that completes it. */
    public Status importLicense(String data) {
        return Status.of(ask("license.import", "data", data).getAsJsonObject("status"));
    }

    /** Takes a floating seat, with {@code manual_sessions}, and holds it without renewal; zero is the licence's session period. */
    public Status openSession(Duration checkout) {
        JsonObject params = new JsonObject();
        params.addProperty("checkout_s", checkout.toSeconds());
        return Status.of(call("session.open", params, Duration.ZERO));
    }

    /** Gives the floating seat back. */
    public Status closeSession() {
        return Status.of(ask("session.close"));
    }

    /** Counts a use of a feature for the vendor's statistics; it is delivered later. */
    public void use(String feature) {
        use(feature, BigDecimal.ONE);
    }

    /** Counts several uses of a feature. */
    public void use(String feature, BigDecimal amount) {
        ask("usage", "feature", feature, "amount", amount.toPlainString());
    }

    /** Takes an amount of a limitation. */
    public Consumed consume(String limitation, BigDecimal amount) {
        return Consumed.of(ask("consume", "limitation", limitation, "amount", amount.toPlainString()));
    }

    /** Asks the server what is left of a limitation, without taking anything. */
    public Account consumption(String limitation) {
        return Account.of(ask("consumption", "limitation", limitation));
    }

    /** Gives back what was consumed. */
    public void rollback(Consumed consumed) {
        ask("rollback", "limitation_id", consumed.limitationId(), "transaction_id", consumed.transactionId());
    }

    /** Takes the next event, and waits for one; empty when none came in time. Zero does not wait. */
    public Optional<Event> nextEvent(Duration timeout) {
        return Optional.ofNullable(transport.nextEvent(handle, timeout)).map(Event::of);
    }

    /** Returns the events until the agent is closed, for a loop in a thread of its own. */
    public Iterable<Event> events() {
        return Events::new;
    }

    private final class Events implements Iterator<Event> {
        private Event next;

        @Override
        public boolean hasNext() {
            while (next == null) {
                try {
                    next = nextEvent(Duration.ofSeconds(60)).orElse(null);
                } catch (LeaseholdException e) {
                    if (e.kind() == Kind.NO_AGENT || e.kind() == Kind.CANCELED) {
                        return false;
                    }
                    throw e;
                }
            }
            return true;
        }

        @Override
        public Event next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Event event = next;
            next = null;
            return event;
        }
    }
}
