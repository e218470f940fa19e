package dev.leasehold;

import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * An amount that was taken.
 *
 * @param limitationId of the limitation
 * @param amount how much
 * @param transactionId for a rollback; empty when booked
 * @param booked the server could not be asked, and will be told later
 * @param remaining null: not told
 * @param nextReset null: not told
 * @param raw all members, as the protocol has them
 */
public record Consumed(
        String limitationId, BigDecimal amount, String transactionId, boolean booked, BigDecimal remaining, Instant nextReset,
        JsonObject raw) {
    static Consumed of(JsonObject object) {
        return new Consumed(
                Texts.text(object, "limitation_id"), Texts.amount(object, "amount"), Texts.text(object, "transaction_id"),
                Texts.truth(object, "booked"), Texts.amount(object, "remaining"), Texts.instant(object, "next_reset"), object);
    }
}
