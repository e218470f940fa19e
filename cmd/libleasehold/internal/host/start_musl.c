//go:build cgo && linux

// The Go runtime starts in a constructor, which takes the program's arguments,
// environment and auxiliary vector from what a constructor is called with. glibc
// calls it with them, musl with nothing, and the runtime crashes (golang/go issue
// 13492). For a libc that is not glibc build.sh puts the archive's constructors
// into a section of another name, and this one calls them, in the same order and
// with what they need. A shared library has no such section.
#include <stdint.h>
#include <unistd.h>

#if !defined(__GLIBC__)

extern char **environ;

typedef void constructor(int, char **, char **);
extern constructor *const __start_leasehold_start[] __attribute__((weak));
extern constructor *const __stop_leasehold_start[] __attribute__((weak));

// After those with lower numbers in signals.c, mailbox.c and agents.c.
__attribute__((constructor(103))) static void start(void) {
	// The system lays down the number of arguments, then the arguments, a zero, the
	// environment, a zero and the auxiliary vector; no address is as low as the number.
	char **arguments = environ - 1;
	intptr_t n = 0;
	for (; (intptr_t)arguments[-1] != n; n++) arguments--;
	for (constructor *const *c = __start_leasehold_start; c < __stop_leasehold_start; c++) (*c)((int)n, arguments, environ);
}

#endif
