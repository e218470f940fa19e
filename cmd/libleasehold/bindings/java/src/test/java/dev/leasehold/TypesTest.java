package dev.leasehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The types are the protocol's. */
class TypesTest {
    private static List<String> texts(Iterable<JsonElement> list, String member) {
        List<String> texts = new ArrayList<>();
        list.forEach(x -> texts.add(member == null ? x.getAsString() : x.getAsJsonObject().get(member).getAsString()));
        return texts;
    }

    @Test
    void theyAreTheSchemas() {
        JsonObject schema = Given.json(Given.PROTOCOL.resolve("schema.json"));
        for (State state : State.values()) {
            assertEquals(state.ordinal(), schema.getAsJsonObject("states").get(state.text()).getAsInt());
        }
        assertEquals(State.values().length, schema.getAsJsonObject("states").size());
        List<String> causes = texts(schema.getAsJsonObject("types").getAsJsonObject("Cause").getAsJsonArray("enum"), null);
        assertEquals(causes, Arrays.stream(Cause.values()).filter(c -> c != Cause.UNKNOWN).map(Cause::text).toList());
        assertEquals(texts(schema.getAsJsonArray("failures"), "kind"), Arrays.stream(Kind.values()).map(Kind::text).toList());
        schema.getAsJsonArray("failures").forEach(f -> assertEquals(f.getAsJsonObject().get("kind").getAsString(), Kind.numbered(f.getAsJsonObject().get("number").getAsInt()).text()));
        assertEquals(texts(schema.getAsJsonArray("events"), "type"), Arrays.stream(EventType.values()).filter(e -> e != EventType.UNKNOWN).map(EventType::text).toList());
    }

    @Test
    void whatIsNotKnown() {
        assertEquals(State.LOCKED, State.of("something_new"));
        assertEquals(Cause.UNKNOWN, Cause.of("something_new"));
        assertEquals(EventType.UNKNOWN, EventType.of("something_new"));
        assertEquals(Kind.INTERNAL, Kind.numbered(-4711));
        assertEquals(Kind.INTERNAL, Kind.numbered(Integer.MIN_VALUE));
    }

    @Test
    void deadlinesAreRoundedUp() {
        assertEquals(1, Transport.millis(Duration.ofNanos(1)));
        assertEquals(0, Transport.millis(Duration.ZERO));
        assertEquals(Integer.MAX_VALUE, Transport.millis(Duration.ofDays(10_000)));
        assertEquals(-1, Transport.millis(Duration.ofNanos(-1)));
    }

    @Test
    void theVersionIsTheLibrarys() {
        assertTrue(Given.text(Given.ROOT.resolve("cmd/libleasehold/version.go")).contains("\"" + System.getProperty("leasehold.version") + "\""));
    }
}
