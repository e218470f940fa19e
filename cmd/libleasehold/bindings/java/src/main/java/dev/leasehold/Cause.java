package dev.leasehold;

import java.util.Locale;

/** Why the licence is not simply fine. */
public enum Cause {
    /** It is. */
    NONE,
    /** The vendor has suspended it. */
    SUSPENDED,
    /** The vendor has switched it off. */
    INACTIVE,
    /** It has ended. */
    EXPIRED,
    /** It has not begun. */
    NOT_YET_VALID,
    /** It does not cover this release of the application. */
    VERSION_NOT_COVERED,
    /** The named user is switched off. */
    USER_INACTIVE,
    /** Too many users. */
    USER_LIMIT,
    /** No licence is held on this device. */
    NOT_ACTIVATED,
    /** The licence was activated for another device. */
    DEVICE_MISMATCH,
    /** No floating seat is free. */
    CONNECTION_LIMIT,
    /** Too many sessions. */
    SESSION_LIMIT,
    /** No floating seat is held. */
    SESSION_MISSING,
    /** The computer's clock was turned back. */
    CLOCK_ROLLED_BACK,
    /** An answer was not signed as it must be. */
    SIGNATURE_INVALID,
    /** The server does not accept the application's key. */
    UNAUTHORIZED,
    /** The server has been silent for too long. */
    UNREACHABLE,
    /** One that a newer library sends; {@code raw} has its text. */
    UNKNOWN;

    static Cause of(String text) {
        return text.isEmpty() ? NONE : Texts.of(values(), text, UNKNOWN);
    }

    /** Returns the text of the protocol. */
    public String text() {
        return this == NONE ? "" : name().toLowerCase(Locale.ROOT);
    }
}
