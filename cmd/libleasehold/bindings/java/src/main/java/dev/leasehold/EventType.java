package dev.leasehold;

import java.util.Locale;

/** What happened. */
public enum EventType {
    /** The decision changed in state or cause. */
    STATE_CHANGED,
    /** A deadline draws near. */
    GRACE_WARNING,
    /** The licence grants something else, or another is held, or none. */
    LICENSE_CHANGED,
    /** A call to the server got no answer. */
    HEARTBEAT_FAILED,
    /** The server answers again. */
    HEARTBEAT_RECOVERED,
    /** Where the licence is kept was decided, or has changed. */
    STORE_CHOSEN,
    /** What was learned could not be kept, or what was kept could not be read. */
    STORE_FAILED,
    /** The computer's clock was turned back. */
    CLOCK_SUSPECT,
    /** A signed answer settled the time after {@link #CLOCK_SUSPECT}. */
    CLOCK_TRUSTED,
    /** This device's ID is no longer the one the licence was activated for. */
    DEVICE_CHANGED,
    /** A floating seat is held, for the first time or again. */
    SEAT_GAINED,
    /** The floating seat is no longer held. */
    SEAT_LOST,
    /** The server refused a call for a floating seat for a reason that is not the seat. */
    SEAT_REFUSED,
    /** The vendor has published a newer release. */
    UPDATE_AVAILABLE,
    /** The server refused something that was to be reported, and it was dropped. */
    REPORT_REJECTED,
    /** A call that the method {@code begin} began has ended; {@code raw} has its number, and its result or why it failed. */
    CALL_ENDED,
    /** One that a newer library sends; {@code raw} has its text. */
    UNKNOWN;

    static EventType of(String text) {
        return Texts.of(values(), text, UNKNOWN);
    }

    /** Returns the text of the protocol. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
