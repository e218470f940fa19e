package dev.leasehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A conformance vector that is being played: agent/protocol/vectors/README.md. */
final class Story {
    private final Emulator emulator;
    private final Transport transport;
    private final Path folder;
    private final String name;
    private final Map<String, Long> agents = new HashMap<>(Map.of("none", 0L, "never", 4711L));
    private final Map<String, JsonElement> kept = new HashMap<>();

    Story(Emulator emulator, Transport transport, Path folder, String name) {
        this.emulator = emulator;
        this.transport = transport;
        this.folder = folder;
        this.name = name;
    }

    void play(JsonObject vector) {
        try {
            vector.getAsJsonArray("steps").forEach(step -> step(step.getAsJsonObject()));
        } finally {
            agents.forEach((agent, handle) -> {
                if (!Set.of("none", "never", "closed").contains(agent)) {
                    try {
                        transport.close(handle, Duration.ofSeconds(5));
                    } catch (LeaseholdException e) {
                        assertEquals(Kind.NO_AGENT, e.kind());
                    }
                }
            });
        }
    }

    private void step(JsonObject step) {
        String agentName = step.has("agent") ? step.get("agent").getAsString() : "a";
        long agent = agents.getOrDefault(agentName, 0L);
        if (step.has("allows")) {
            assertEquals(step.get("is").getAsBoolean(), transport.allows(agent, fill(step.get("allows")).getAsString()), step.toString());
            return;
        }
        if (step.has("state")) {
            assertEquals(step.get("state").getAsString(), transport.state(agent).text(), step.toString());
            return;
        }
        if (step.has("event")) {
            event(step, agent);
            return;
        }
        JsonObject result = null;
        LeaseholdException failure = null;
        try {
            result = act(step, agentName, agent);
        } catch (LeaseholdException e) {
            failure = e;
        }
        if (step.has("failure")) {
            assertNotNull(failure, step.toString());
            JsonElement want = fill(step.get("failure"));
            assertTrue(holds(shown(failure), want), () -> step + " failed with " + want);
        } else {
            assertNull(failure, step.toString());
            assertTrue(holds(result, fill(step.has("result") ? step.get("result") : new JsonObject())), step + " has " + result);
        }
        if (step.has("keep")) {
            for (String key : step.getAsJsonObject("keep").keySet()) {
                kept.put(key, result.get(step.getAsJsonObject("keep").get(key).getAsString()));
            }
        }
    }

    private JsonObject act(JsonObject step, String agentName, long agent) {
        if (step.has("server")) {
            return emulator.ask(step.get("server").getAsString(), step.has("body") ? fill(step.get("body")) : null);
        }
        if (step.has("open")) {
            JsonObject opened = open(step);
            agents.put(agentName, opened.get("agent").getAsLong());
            return opened;
        }
        if (step.has("call")) {
            JsonObject params = step.has("params") ? fill(step.get("params")).getAsJsonObject() : new JsonObject();
            Duration timeout = Duration.ofMillis(step.has("timeout_ms") ? step.get("timeout_ms").getAsLong() : 0);
            return transport.call(agent, step.get("call").getAsString(), params, timeout);
        }
        assertTrue(step.has("close"), step.toString());
        agents.put("closed", agent);
        return transport.call(agent, "close", new JsonObject(), Duration.ZERO);
    }

    private JsonObject open(JsonObject step) {
        JsonObject config = new JsonObject();
        config.addProperty("device_id", name);
        emulator.config.entrySet().forEach(e -> config.add(e.getKey(), e.getValue()));
        if (step.has("config")) {
            step.getAsJsonObject("config").entrySet().forEach(e -> config.add(e.getKey(), e.getValue()));
        }
        JsonObject params = new JsonObject();
        params.add("config", config);
        params.addProperty("state_dir", folder.resolve(config.get("device_id").getAsString()).toString());
        params.addProperty("store", "file");
        step.getAsJsonObject("open").entrySet().forEach(e -> params.add(e.getKey(), e.getValue()));
        return transport.open(params, Duration.ZERO);
    }

    private void event(JsonObject step, long agent) {
        String type = step.get("event").getAsString();
        for (int i = 0; i < 100; i++) {
            JsonObject event = transport.nextEvent(agent, Duration.ofSeconds(10));
            assertNotNull(event, "there was no " + type);
            if (event.get("type").getAsString().equals(type)) {
                assertTrue(holds(event, fill(step.has("with") ? step.get("with") : new JsonObject())), step + " is " + event);
                return;
            }
        }
        throw new AssertionError("there was no " + type);
    }

    /** Returns a failure as its typed members show it. */
    private static JsonObject shown(LeaseholdException e) {
        JsonObject shown = new JsonObject();
        shown.addProperty("op", e.op());
        shown.addProperty("kind", e.kind().text());
        shown.addProperty("code", e.code());
        shown.addProperty("message", e.getMessage());
        shown.addProperty("hint", e.hint());
        shown.addProperty("remedy_id", e.remedyId());
        shown.addProperty("retry_after_s", e.retryAfterSeconds());
        shown.add("status", e.status() == null ? JsonNull.INSTANCE : e.status().raw());
        return shown;
    }

    private JsonElement fill(JsonElement v) {
        if (v instanceof JsonPrimitive p && p.isString() && p.getAsString().startsWith("$") && !p.getAsString().equals("$any")) {
            JsonElement value = kept.get(p.getAsString().substring(1));
            assertNotNull(value, "nothing was kept as " + p);
            return value;
        }
        if (v instanceof JsonObject object) {
            JsonObject filled = new JsonObject();
            object.entrySet().forEach(e -> filled.add(e.getKey(), fill(e.getValue())));
            return filled;
        }
        if (v instanceof JsonArray array) {
            JsonArray filled = new JsonArray();
            array.forEach(x -> filled.add(fill(x)));
            return filled;
        }
        return v;
    }

    static boolean holds(JsonElement got, JsonElement want) {
        if (want instanceof JsonPrimitive p && p.isString() && p.getAsString().equals("$any")) {
            return got != null && !got.isJsonNull();
        }
        if (want instanceof JsonObject object) {
            return got instanceof JsonObject has && object.entrySet().stream().allMatch(e -> has.has(e.getKey()) && holds(has.get(e.getKey()), e.getValue()));
        }
        if (want instanceof JsonArray list) {
            if (!(got instanceof JsonArray has) || has.size() != list.size()) {
                return false;
            }
            for (int i = 0; i < list.size(); i++) {
                if (!holds(has.get(i), list.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return want.equals(got);
    }
}
