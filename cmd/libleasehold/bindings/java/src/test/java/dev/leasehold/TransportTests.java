package dev.leasehold;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What holds on both transports. */
abstract class TransportTests {
    static final String NAMED = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978";

    @TempDir Path folder;
    Emulator emulator;
    Transport transport;

    abstract Transport transport();

    @BeforeEach
    void begin() throws IOException {
        transport = transport();
        emulator = new Emulator(folder);
    }

    @AfterEach
    void end() {
        if (emulator != null) {
            emulator.close();
        }
        if (transport != null) {
            transport.close();
        }
    }

    Agent open() {
        JsonObject config = emulator.config.deepCopy();
        config.addProperty("device_id", "device-1");
        JsonObject params = new JsonObject();
        params.add("config", config);
        params.addProperty("state_dir", folder.resolve("mit Lücke").toString());
        params.addProperty("store", "file");
        return Agent.open(transport, params);
    }

    @TestFactory
    List<DynamicTest> vectors() throws IOException {
        try (Stream<Path> files = Files.list(Given.PROTOCOL.resolve("vectors"))) {
            List<DynamicTest> tests = files.filter(f -> f.toString().endsWith(".json")).sorted().map(file -> {
                String name = file.getFileName().toString().replace(".json", "");
                return DynamicTest.dynamicTest(name, () -> {
                    emulator.ask("POST /reset", null);
                    new Story(emulator, transport, Files.createDirectory(folder.resolve("story " + name)), name).play(Given.json(file));
                });
            }).toList();
            assertTrue(tests.size() > 8);
            return tests;
        }
    }

    @Test
    void anAgent() {
        try (Agent agent = open()) {
            assertEquals(State.LOCKED, agent.state());
            assertFalse(agent.allows("pdf-export"));
            Status status = agent.activate(NAMED);
            assertEquals(State.ACTIVE, status.state());
            assertEquals(Cause.NONE, status.cause());
            assertTrue(status.license().expires().isAfter(Instant.now()));
            assertTrue(agent.allows("pdf-export"));
            for (String wrong : List.of("", "pdf-export\0", "pdf-export\0x")) {
                assertFalse(agent.allows(wrong));
            }
            assertEquals("pdf-export", agent.features().stream().filter(Access::allowed).findFirst().orElseThrow().feature());
            assertEquals(State.READ_ONLY, agent.statusAt(Instant.now().plus(Duration.ofDays(8))).state());
            agent.use("Größe ändern");
            LeaseholdException e = assertThrows(LeaseholdException.class, () -> agent.activate("00000000-7b1f-4a52-8f6e-2d3c4b5a6978"));
            assertEquals(Kind.CONFLICT, e.kind());
            assertEquals(1000, e.code());
            assertEquals(State.ACTIVE, e.status().state());
            assertFalse(e.hint().isEmpty());
            agent.close();
            assertEquals(Kind.NO_AGENT, assertThrows(LeaseholdException.class, agent::status).kind());
            assertFalse(agent.allows("pdf-export"));
        } // and closing once more is no failure
    }

    @Test
    void outOfRange() {
        Agent agent = open();
        long begun = System.nanoTime();
        for (Duration timeout : List.of(Duration.ofMillis(-1), Duration.ofSeconds(-60), Duration.ofMillis(600_001), Duration.ofMillis(1L << 32), Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE))) {
            LeaseholdException e = assertThrows(LeaseholdException.class, () -> agent.call("status", new JsonObject(), timeout), timeout::toString);
            assertEquals(Kind.USAGE, e.kind());
            assertEquals("status", e.op());
            assertTrue(e.getMessage().contains("600000"), e.getMessage());
            if (timeout.isNegative()) {
                assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> agent.nextEvent(timeout)).kind());
            }
        }
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> agent.feature("x".repeat(9 << 20))).kind());
        JsonObject number = new JsonObject();
        number.addProperty("name", Double.NaN);
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> agent.call("feature", number, Duration.ZERO)).kind());
        assertTrue(System.nanoTime() - begun < 10_000_000_000L);
        assertTrue(agent.nextEvent(Duration.ofSeconds(Long.MAX_VALUE)).isPresent());
        for (Duration timeout : List.of(Duration.ofSeconds(Long.MIN_VALUE), Duration.ofSeconds(Long.MAX_VALUE))) {
            Agent other = open();
            other.close(timeout);
            assertEquals(Kind.NO_AGENT, assertThrows(LeaseholdException.class, other::status).kind());
        }
        agent.close();
    }

    @Test
    void amounts() {
        String key = "22222222-7b1f-4a52-8f6e-2d3c4b5a6978";
        emulator.ask("POST /licences", JsonParser.parseString("{\"license_key\":\"" + key + "\",\"license_name\":\"Metered\",\"limitations\":[{\"name\":\"exports\",\"value\":\"10\",\"consumption_reset_mode\":1}]}"));
        try (Agent agent = open()) {
            agent.activate(key);
            Consumed consumed = agent.consume("exports", new BigDecimal("2.5"));
            assertEquals(new BigDecimal("7.5"), consumed.remaining());
            agent.rollback(consumed);
            assertEquals(BigDecimal.TEN, agent.consumption("exports").remaining());
            assertEquals(BigDecimal.TEN, agent.limits().get(0).value());
            List<String> failed = Texts.list(agent.check(Duration.ofSeconds(20)), "checks", c -> c.getAsJsonObject()).stream()
                    .filter(c -> Texts.text(c, "result").equals("failed")).map(c -> Texts.text(c, "check")).filter(c -> !c.equals("keyring")).toList();
            assertEquals(List.of(), failed);
        }
    }

    @Test
    void eventsEndWithTheAgent() throws InterruptedException {
        Agent agent = open();
        List<Event> seen = Collections.synchronizedList(new ArrayList<>());
        Thread reader = new Thread(() -> agent.events().forEach(seen::add));
        reader.start();
        agent.activate(NAMED);
        for (int i = 0; i < 200 && seen.stream().noneMatch(e -> e.type() == EventType.STATE_CHANGED); i++) {
            Thread.sleep(50);
        }
        agent.close();
        reader.join(10_000);
        assertFalse(reader.isAlive());
        Event change = seen.stream().filter(e -> e.type() == EventType.STATE_CHANGED).findFirst().orElseThrow();
        assertEquals(State.LOCKED, change.from().state());
        assertEquals(State.ACTIVE, change.to().state());
        assertNotNull(change.at());
    }

    @Test
    void manyThreads() {
        try (Agent agent = open()) {
            agent.activate(NAMED);
            assertDoesNotThrow(() -> IntStream.range(0, 8).mapToObj(i -> {
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < 50; n++) {
                        assertTrue(agent.allows("pdf-export") && agent.feature("batch").allowed());
                    }
                });
                List<Throwable> thrown = new ArrayList<>();
                thread.setUncaughtExceptionHandler((t, e) -> thrown.add(e));
                thread.start();
                return (Runnable) () -> {
                    try {
                        thread.join();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    assertEquals(List.of(), thrown);
                };
            }).toList().forEach(Runnable::run));
        }
    }
}
