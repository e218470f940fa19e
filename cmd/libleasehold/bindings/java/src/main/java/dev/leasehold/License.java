package dev.leasehold;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * A licence.
 *
 * @param name its name
 * @param key masked
 * @param product the product's name
 * @param edition the edition
 * @param customer whose it is
 * @param provisioningMode named or floating
 * @param expires null: never
 * @param features what it grants
 * @param raw all members, as the protocol has them
 */
public record License(
        String name, String key, String product, String edition, String customer, String provisioningMode, Instant expires,
        List<Feature> features, JsonObject raw) {
    static License of(JsonObject object) {
        return new License(
                Texts.text(object, "name"), Texts.text(object, "key"), Texts.text(object, "product"), Texts.text(object, "edition"),
                Texts.text(object, "customer"), Texts.text(object, "provisioning_mode"), Texts.instant(object, "expires"),
                Texts.list(object, "features", e -> Feature.of(e.getAsJsonObject())), object);
    }
}
