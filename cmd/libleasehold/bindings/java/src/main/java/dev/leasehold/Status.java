package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * What the user may do, and why.
 *
 * @param state what the application may do
 * @param cause why
 * @param causes all causes
 * @param code the conflict's ID, 0 when none
 * @param remedy what to do, a sentence
 * @param remedyId its token, such as go_online
 * @param since since when the state counts
 * @param until until when; null when nothing will change by itself
 * @param next what follows, or null
 * @param deviceId who this device is to the server
 * @param store keyring, file or memory
 * @param license the licence that is held, or null
 * @param session the floating seat, after a call about it; else null
 * @param raw all members, as the protocol has them
 */
public record Status(
        State state, Cause cause, List<Cause> causes, int code, String remedy, String remedyId, Instant since, Instant until,
        Next next, String deviceId, String store, License license, Session session, JsonObject raw) {
    static Status of(JsonObject object) {
        return new Status(
                State.of(Texts.text(object, "state")), Cause.of(Texts.text(object, "cause")),
                Texts.list(object, "causes", e -> Cause.of(e.getAsString())), (int) Texts.number(object, "code"),
                Texts.text(object, "remedy"), Texts.text(object, "remedy_id"), Texts.instant(object, "since"),
                Texts.instant(object, "until"), Texts.inner(object, "next", Next::of), Texts.text(object, "device_id"),
                Texts.text(object, "store"), Texts.inner(object, "license", License::of), Texts.inner(object, "session", Session::of),
                object);
    }
}
