package dev.leasehold;

import java.util.Locale;

/** What sort of failure. */
public enum Kind {
    /** The call or the configuration makes no sense as it is. */
    USAGE,
    /** The licence server refused; the code says why. */
    CONFLICT,
    /** No answer came; nothing changed, and trying again may help. */
    SILENCE,
    /** Something answered that could not prove to be the server's fresh answer for this client. */
    INTEGRITY,
    /** There is no such agent: it was closed, or never opened. */
    NO_AGENT,
    /** The deadline passed before the call was done. */
    TIMEOUT,
    /** The agent was closed meanwhile, or the child process has ended. */
    CANCELED,
    /** The process is a fork of the one that loaded the library. */
    FORKED,
    /** There is no such method. */
    NO_METHOD,
    /** A fault of Leasehold. */
    INTERNAL;

    static Kind of(String text) {
        return Texts.of(values(), text, INTERNAL);
    }

    /** Returns the kind that a number of the C library stands for. */
    static Kind numbered(int rc) {
        return rc < 0 && rc >= -values().length ? values()[-rc - 1] : INTERNAL;
    }

    /** Returns the text of the protocol. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
