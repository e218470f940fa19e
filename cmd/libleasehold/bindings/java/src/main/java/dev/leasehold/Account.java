package dev.leasehold;

import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * What the server says is left of a limitation.
 *
 * @param limitationId of the limitation
 * @param remaining null: not told, as for a limitation without limit
 * @param nextReset null: not told
 * @param raw all members, as the protocol has them
 */
public record Account(
        String limitationId, BigDecimal remaining, Instant nextReset, JsonObject raw) {
    static Account of(JsonObject object) {
        return new Account(
                Texts.text(object, "limitation_id"), Texts.amount(object, "remaining"), Texts.instant(object, "next_reset"), object);
    }
}
