package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * Something that happened to the licence. Which members are set depends on the type; raw has all.
 *
 * @param seq 1 is an agent's first; a gap means that older ones were dropped
 * @param type what happened
 * @param at when
 * @param from STATE_CHANGED: what counted before
 * @param to STATE_CHANGED: what counts now; GRACE_WARNING: whose deadline draws near
 * @param license LICENSE_CHANGED: null when none is held any more
 * @param error HEARTBEAT_FAILED and others: why
 * @param raw all members, as the protocol has them
 */
public record Event(
        long seq, EventType type, Instant at, Decision from, Decision to, License license, LeaseholdException error,
        JsonObject raw) {
    static Event of(JsonObject object) {
        return new Event(
                Texts.number(object, "seq"), EventType.of(Texts.text(object, "type")), Texts.instant(object, "at"),
                Texts.inner(object, "from", Decision::of), Texts.inner(object, "to", Decision::of),
                Texts.inner(object, "license", License::of), Texts.inner(object, "error", LeaseholdException::of), object);
    }
}
