package namedfile

// nonblocking is not needed: opening a pipe without a server fails at once.
const nonblocking = 0
