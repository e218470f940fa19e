package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * The floating seat as it is known here.
 *
 * @param id its ID
 * @param needed the licence is floating; any other needs no session
 * @param held whether a seat is held
 * @param validUntil when it lapses without renewal
 * @param raw all members, as the protocol has them
 */
public record Session(
        String id, boolean needed, boolean held, Instant validUntil, JsonObject raw) {
    static Session of(JsonObject object) {
        return new Session(
                Texts.text(object, "id"), Texts.truth(object, "needed"), Texts.truth(object, "held"),
                Texts.instant(object, "valid_until"), object);
    }
}
