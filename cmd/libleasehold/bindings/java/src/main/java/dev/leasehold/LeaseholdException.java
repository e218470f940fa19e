package dev.leasehold;

import com.google.gson.JsonObject;

/** A call failed. Kind and code are for programs, the message and the hint for people. */
public final class LeaseholdException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient JsonObject raw;

    private LeaseholdException(JsonObject raw) {
        super(Texts.text(raw, "message"));
        this.raw = raw;
    }

    static LeaseholdException of(JsonObject failure) {
        return new LeaseholdException(failure);
    }

    static LeaseholdException of(String op, Kind kind, String message, String hint) {
        JsonObject failure = new JsonObject();
        failure.addProperty("op", op);
        failure.addProperty("kind", kind.text());
        failure.addProperty("message", message);
        failure.addProperty("hint", hint);
        return new LeaseholdException(failure);
    }

    /** Returns the failure that a number of the C library stands for. */
    static LeaseholdException numbered(int rc, String op) {
        Kind kind = Kind.numbered(rc);
        return of(op, kind, kind.text().replace('_', ' '), "");
    }

    /** Returns the call. */
    public String op() {
        return Texts.text(raw(), "op");
    }

    /** Returns what sort of failure it is. */
    public Kind kind() {
        return Kind.of(Texts.text(raw(), "kind"));
    }

    /** Returns the conflict's ID; 0 unless the kind is {@link Kind#CONFLICT}. */
    public int code() {
        return (int) Texts.number(raw(), "code");
    }

    /** Returns what to do, a sentence; it may be empty. */
    public String hint() {
        return Texts.text(raw(), "hint");
    }

    /** Returns what would help, as a token; it may be empty. */
    public String remedyId() {
        return Texts.text(raw(), "remedy_id");
    }

    /** Returns how many seconds the server asked to be left alone; 0 when it did not. */
    public long retryAfterSeconds() {
        return Texts.number(raw(), "retry_after_s");
    }

    /** Returns how the licence is after a call that asked the server about it; else null. */
    public Status status() {
        return Texts.inner(raw(), "status", Status::of);
    }

    /** Returns all members, as the protocol has them; none after serialization. */
    public JsonObject raw() {
        return raw == null ? new JsonObject() : raw;
    }
}
