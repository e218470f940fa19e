package dev.leasehold;

import java.util.Locale;

/** What the application may do, in the order of severity. */
public enum State {
    /** Everything. */
    ACTIVE,
    /** Everything, until a deadline. */
    GRACE,
    /** Open, view, print, export; no edit or save. */
    READ_ONLY,
    /** Nothing but the licence screen. */
    LOCKED;

    /** Returns the text of the protocol. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the state with this text; what is not known allows nothing. */
    static State of(String text) {
        for (State state : values()) {
            if (state.text().equals(text)) {
                return state;
            }
        }
        return LOCKED;
    }
}
