package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Duration;

/**
 * How an agent is reached. All methods may be called from any thread. A timeout of zero is the library's default of 30 seconds; at most 600
 * seconds are allowed.
 */
public interface Transport extends AutoCloseable {
    /** Opens an agent; the result has its handle as {@code agent}. */
    JsonObject open(JsonObject params, Duration timeout);

    /** Calls a method of the protocol; agent 0 is for those that need none. */
    JsonObject call(long agent, String method, JsonObject params, Duration timeout);

    /** Takes the next event, and waits for one; null when none came in time. Zero does not wait. */
    JsonObject nextEvent(long agent, Duration timeout);

    /** Tells whether a feature may be used now; false where that cannot be told. */
    boolean allows(long agent, String feature);

    /** Tells what the application may do now. */
    State state(long agent);

    /** Closes an agent. */
    void close(long agent, Duration timeout);

    /** Ends what the transport holds. */
    @Override
    void close();

    /** Returns whole milliseconds, rounded up, so that a deadline that is set never becomes the default. */
    static int millis(Duration timeout) {
        if (timeout.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) >= 0) {
            return Integer.MAX_VALUE;
        }
        if (timeout.isNegative()) {
            return -1;
        }
        return (int) timeout.plusNanos(999_999).toMillis();
    }
}
