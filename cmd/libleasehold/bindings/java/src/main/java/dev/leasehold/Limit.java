package dev.leasehold;

import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * An amount that the licence grants.
 *
 * @param id its ID
 * @param name its name
 * @param value null: unlimited
 * @param remaining null: not told
 * @param nextReset when consumption starts anew; null when never, or not known
 * @param raw all members, as the protocol has them
 */
public record Limit(
        String id, String name, BigDecimal value, BigDecimal remaining, Instant nextReset, JsonObject raw) {
    static Limit of(JsonObject object) {
        return new Limit(
                Texts.text(object, "id"), Texts.text(object, "name"), Texts.amount(object, "value"), Texts.amount(object, "remaining"),
                Texts.instant(object, "next_reset"), object);
    }
}
