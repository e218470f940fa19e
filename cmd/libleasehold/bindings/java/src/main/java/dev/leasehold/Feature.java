package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * A feature of a licence.
 *
 * @param id its ID
 * @param name its name
 * @param active whether the licence grants it
 * @param expires null: as long as the licence
 * @param raw all members, as the protocol has them
 */
public record Feature(
        String id, String name, boolean active, Instant expires, JsonObject raw) {
    static Feature of(JsonObject object) {
        return new Feature(
                Texts.text(object, "id"), Texts.text(object, "name"), Texts.truth(object, "active"), Texts.instant(object, "expires"),
                object);
    }
}
