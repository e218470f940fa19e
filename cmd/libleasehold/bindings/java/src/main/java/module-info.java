/** Licences for desktop applications, from a SLASCONE server. */
module dev.leasehold {
    requires transitive com.google.gson;
    requires com.sun.jna;

    exports dev.leasehold;
}
