/**
 * Licences for desktop applications, from a SLASCONE server: {@link dev.leasehold.Agent}, reached through the C library in this process
 * ({@link dev.leasehold.NativeTransport}) or a child process ({@link dev.leasehold.StdioTransport}).
 */
package dev.leasehold;
