package dev.leasehold;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The C library in this process. It stays loaded, and serves all agents of the process; so there is one. */
public final class NativeTransport implements Transport {
    private static Path loaded;
    private static final NativeTransport INSTANCE = new NativeTransport();

    private NativeTransport() {}

    /**
     * Loads the library from its absolute path, so that no other one can be found in its place. It must be the one that the application was
     * shipped with: what is loaded runs as part of this process.
     *
     * @throws LeaseholdException ({@link Kind#USAGE}) where it cannot be loaded, or another one is loaded already
     */
    public static synchronized NativeTransport load(Path library) {
        if (!library.isAbsolute()) {
            throw wrong("the library's path is not absolute: " + library);
        }
        if (loaded == null) {
            try {
                Native.register(Functions.class, NativeLibrary.getInstance(library.toString(), Map.of()));
            } catch (UnsatisfiedLinkError e) {
                throw wrong("the library cannot be loaded: " + e.getMessage());
            }
            if (Functions.leasehold_abi_version() < 1) {
                throw wrong("the library is older than this package");
            }
            loaded = library.normalize();
        } else if (!loaded.equals(library.normalize())) {
            throw wrong("another library is loaded already: " + loaded);
        }
        return INSTANCE;
    }

    private static LeaseholdException wrong(String message) {
        return LeaseholdException.of("load", Kind.USAGE, message, "Name the library of this version by its absolute path.");
    }

    /** The functions of leasehold.h. Texts are UTF-8 and end with a zero byte. */
    private static final class Functions {
        static native int leasehold_abi_version();

        static native int leasehold_new(byte[] params, int timeout, LongByReference agent, PointerByReference result);

        static native int leasehold_call(long agent, byte[] method, byte[] params, int timeout, PointerByReference result);

        static native int leasehold_next_event(long agent, int timeout, PointerByReference event);

        static native int leasehold_allows(long agent, byte[] feature);

        static native int leasehold_state(long agent);

        static native int leasehold_close(long agent, int timeout);

        static native void leasehold_free(Pointer text);
    }

    private static byte[] text(String s) {
        byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
        return java.util.Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static JsonObject take(PointerByReference result) {
        Pointer pointer = result.getValue();
        if (pointer == null) {
            return null;
        }
        try {
            return JsonParser.parseString(pointer.getString(0, "UTF-8")).getAsJsonObject();
        } finally {
            Functions.leasehold_free(pointer);
        }
    }

    private static JsonObject result(int rc, String op, JsonObject value) {
        if (rc != 0) {
            throw value == null ? LeaseholdException.numbered(rc, op) : LeaseholdException.of(value);
        }
        return value;
    }

    @Override
    public JsonObject open(JsonObject params, Duration timeout) {
        PointerByReference result = new PointerByReference();
        int rc = Functions.leasehold_new(text(Texts.json("open", params)), Transport.millis(timeout), new LongByReference(), result);
        return result(rc, "open", take(result));
    }

    @Override
    public JsonObject call(long agent, String method, JsonObject params, Duration timeout) {
        if (method.indexOf('\0') >= 0) {
            throw LeaseholdException.of(method, Kind.NO_METHOD, "there is no such method", "");
        }
        PointerByReference result = new PointerByReference();
        int rc = Functions.leasehold_call(agent, text(method), text(Texts.json(method, params)), Transport.millis(timeout), result);
        return result(rc, method, take(result));
    }

    @Override
    public JsonObject nextEvent(long agent, Duration timeout) {
        PointerByReference event = new PointerByReference();
        int rc = Functions.leasehold_next_event(agent, Transport.millis(timeout), event);
        return result(rc, "next_event", take(event));
    }

    @Override
    public boolean allows(long agent, String feature) {
        return feature.indexOf('\0') < 0 && Functions.leasehold_allows(agent, text(feature)) == 1;
    }

    @Override
    public State state(long agent) {
        int n = Functions.leasehold_state(agent);
        if (n < 0) {
            throw LeaseholdException.numbered(n, "state");
        }
        return n < State.values().length ? State.values()[n] : State.LOCKED;
    }

    @Override
    public void close(long agent, Duration timeout) {
        result(Functions.leasehold_close(agent, Transport.millis(timeout)), "close", null);
    }

    /** Does nothing: the library stays. */
    @Override
    public void close() {}
}
