package dev.leasehold;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonIOException;
import com.google.gson.JsonObject;
import com.google.gson.TypeAdapter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Reads members of the protocol's objects. One that is absent or null is empty. */
final class Texts {
    private Texts() {}

    // Unlike Gson itself, its adapter refuses what JSON has no number for.
    private static final TypeAdapter<JsonElement> JSON = new Gson().getAdapter(JsonElement.class);

    /** Returns an object as JSON. What that cannot hold, such as NaN, is a mistake of the caller's. */
    static String json(String op, JsonObject object) {
        try {
            return JSON.toJson(object);
        } catch (IllegalArgumentException | JsonIOException e) {
            throw LeaseholdException.of(op, Kind.USAGE, "the parameters are no JSON: " + e.getMessage(), "");
        }
    }

    static <E extends Enum<E>> E of(E[] values, String text, E other) {
        for (E value : values) {
            if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
                return value;
            }
        }
        return other;
    }

    private static boolean has(JsonObject object, String name) {
        return object.has(name) && !object.get(name).isJsonNull();
    }

    static String text(JsonObject object, String name) {
        return has(object, name) ? object.get(name).getAsString() : "";
    }

    static long number(JsonObject object, String name) {
        return has(object, name) ? object.get(name).getAsLong() : 0;
    }

    static boolean truth(JsonObject object, String name) {
        return has(object, name) && object.get(name).getAsBoolean();
    }

    static BigDecimal amount(JsonObject object, String name) {
        return has(object, name) ? new BigDecimal(object.get(name).getAsString()) : null;
    }

    static Instant instant(JsonObject object, String name) {
        return has(object, name) ? Instant.parse(object.get(name).getAsString()) : null;
    }

    static <T> T inner(JsonObject object, String name, Function<JsonObject, T> of) {
        return has(object, name) ? of.apply(object.getAsJsonObject(name)) : null;
    }

    static <T> List<T> list(JsonObject object, String name, Function<JsonElement, T> of) {
        List<T> list = new ArrayList<>();
        for (JsonElement element : has(object, name) ? object.getAsJsonArray(name) : new JsonArray()) {
            list.add(of.apply(element));
        }
        return List.copyOf(list);
    }
}
