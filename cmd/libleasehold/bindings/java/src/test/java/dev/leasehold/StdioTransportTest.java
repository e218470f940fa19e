package dev.leasehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Over a child process. */
class StdioTransportTest extends TransportTests {
    @Override
    Transport transport() {
        return new StdioTransport(Given.tool());
    }

    @Test
    void aChildThatEnds() {
        try (StdioTransport child = new StdioTransport(Given.tool())) {
            child.call(0, "version", new JsonObject(), Duration.ZERO);
            ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly();
            assertEquals(Kind.CANCELED, assertThrows(LeaseholdException.class, () -> child.call(0, "version", new JsonObject(), Duration.ZERO)).kind());
        }
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> new StdioTransport(Path.of("/does/not/exist"))).kind());
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> new StdioTransport(Path.of("leasehold"))).kind());
    }

    @Test
    void aThreadThatIsInterrupted() throws InterruptedException {
        try (Agent agent = open()) {
            Thread.currentThread().interrupt();
            assertEquals(Kind.CANCELED, assertThrows(LeaseholdException.class, agent::heartbeat).kind());
            assertTrue(Thread.interrupted());
            assertEquals(State.LOCKED, agent.state());
        }
    }
}
