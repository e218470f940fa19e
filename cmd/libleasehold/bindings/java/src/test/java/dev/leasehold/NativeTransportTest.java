package dev.leasehold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** In this process. */
class NativeTransportTest extends TransportTests {
    @Override
    Transport transport() {
        return NativeTransport.load(Given.library());
    }

    /** The virtual machine uses SIGSEGV for itself; the library leaves it that. */
    @Test
    void signalsOfTheVirtualMachine() {
        try (Agent agent = open()) {
            agent.activate(NAMED);
            int nulls = 0;
            for (int i = 0; i < 200_000; i++) { // compiled code finds a null reference by its fault
                try {
                    nulls += length(i % 2_000 == 0 ? null : "text") == 4 ? 0 : 1;
                } catch (NullPointerException e) {
                    nulls++;
                }
            }
            assertEquals(100, nulls);
            for (int i = 0; i < 20; i++) {
                assertThrows(StackOverflowError.class, () -> endless(0));
                System.gc(); // stops the threads by a page that faults
                assertTrue(agent.allows("pdf-export"));
            }
        }
    }

    private static int length(String text) {
        return text.length();
    }

    private static int endless(int n) {
        return endless(n + 1) + 1;
    }

    @Test
    void whatIsNotTheLibrary() {
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> NativeTransport.load(Path.of("libleasehold.so.1"))).kind());
        assertEquals(Kind.USAGE, assertThrows(LeaseholdException.class, () -> NativeTransport.load(Path.of("/does/not/exist.so"))).kind());
    }
}
