package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * Whether a feature may be used, and if not why.
 *
 * @param feature its name
 * @param id its ID
 * @param allowed whether it may be used
 * @param known whether the licence has it
 * @param reason why not; empty when allowed
 * @param expires null: as long as the licence
 * @param raw all members, as the protocol has them
 */
public record Access(
        String feature, String id, boolean allowed, boolean known, String reason, Instant expires, JsonObject raw) {
    static Access of(JsonObject object) {
        return new Access(
                Texts.text(object, "feature"), Texts.text(object, "id"), Texts.truth(object, "allowed"), Texts.truth(object, "known"),
                Texts.text(object, "reason"), Texts.instant(object, "expires"), object);
    }
}
