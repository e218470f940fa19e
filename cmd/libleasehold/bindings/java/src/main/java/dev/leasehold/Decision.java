package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * What counts at one moment, in short.
 *
 * @param state what the application may do
 * @param cause why
 * @param code the conflict's ID, 0 when none
 * @param remedy what to do, a sentence
 * @param until null when nothing will change by itself
 * @param raw all members, as the protocol has them
 */
public record Decision(
        State state, Cause cause, int code, String remedy, Instant until, JsonObject raw) {
    static Decision of(JsonObject object) {
        return new Decision(
                State.of(Texts.text(object, "state")), Cause.of(Texts.text(object, "cause")), (int) Texts.number(object, "code"),
                Texts.text(object, "remedy"), Texts.instant(object, "until"), object);
    }
}
