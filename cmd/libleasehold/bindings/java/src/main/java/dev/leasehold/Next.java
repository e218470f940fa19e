package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * The state that follows when time passes.
 *
 * @param state the state
 * @param at when it begins
 * @param raw all members, as the protocol has them
 */
public record Next(
        State state, Instant at, JsonObject raw) {
    static Next of(JsonObject object) {
        return new Next(
                State.of(Texts.text(object, "state")), Texts.instant(object, "at"), object);
    }
}
