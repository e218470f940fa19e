package dev.leasehold;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the tests are given: CAPI_LIBRARY, the C library, and CAPI_TOOL, the program leasehold. What is not set is skipped. */
final class Given {
    private Given() {}

    static final Path ROOT = Path.of("../../../..").toAbsolutePath().normalize();
    static final Path PROTOCOL = ROOT.resolve("agent/protocol");

    private static Path path(String name) {
        String value = System.getenv(name);
        assumeTrue(value != null && !value.isEmpty(), name + " is not set");
        return Path.of(value).toAbsolutePath();
    }

    static Path library() {
        return path("CAPI_LIBRARY");
    }

    static Path tool() {
        return path("CAPI_TOOL");
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonObject json(Path file) {
        return JsonParser.parseString(text(file)).getAsJsonObject();
    }
}
