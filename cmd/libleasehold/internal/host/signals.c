//go:build cgo && !windows

// The host's signals stay as they are. Loading a Go library starts threads and
// changes handlers: the runtime installs some of its own and adds SA_ONSTACK to
// those of the host, which then run on whatever alternate stack a thread has.
// .NET's is 16 KB, and its handler for signal 34 needs more.
//
// So the asynchronous signals are blocked while the runtime starts, which its
// threads inherit and keep, and afterwards each of them gets the handler and flags
// that it had. On the runtime's threads then runs no handler of the host, but for
// the signals that the runtime unblocks there; of those 34 alone is put back as
// well, because .NET sends it to threads of its own only.
//
// SIGURG is one of them because the library is built with asyncpreemptoff=1 (see
// build.sh): the runtime would stop its threads with it and unblock it there.
//
// The runtime starts in a constructor without priority, which runs after those
// with one; the constructors of this file surround it.
#define _GNU_SOURCE
#include "host.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>

#if defined(NSIG)
#define SIGNALS NSIG
#else
#define SIGNALS 65
#endif

static struct sigaction before[SIGNALS];
static char saved[SIGNALS];
static sigset_t mask;

// ours reports whether a signal is put back as it was: all but those that the
// runtime must handle, and those that it unblocks on its threads.
static int ours(int sig) {
	switch (sig) {
	case SIGKILL:
	case SIGSTOP:
	case SIGILL:
	case SIGTRAP:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGCHLD:
	case SIGPROF:
#if defined(SIGSTKFLT)
	case SIGSTKFLT:
#endif
#if defined(__linux__)
	case 32: // glibc's own
	case 33:
#endif
		return 0;
	}
	return 1;
}

// 101 is the first that is not reserved.
__attribute__((constructor(101))) static void before_go(void) {
	sigset_t block;
	sigemptyset(&block);
	for (int sig = 1; sig < SIGNALS; sig++) {
		if (!ours(sig)) continue;
		sigaddset(&block, sig);
		saved[sig] = sigaction(sig, NULL, &before[sig]) == 0;
	}
	pthread_sigmask(SIG_BLOCK, &block, &mask);
}

__attribute__((constructor)) void lh_keep_signals(void) {
	for (int sig = 1; sig < SIGNALS; sig++) {
		struct sigaction now;
		if (!saved[sig] || sigaction(sig, NULL, &now) != 0) continue;
		if (now.sa_sigaction != before[sig].sa_sigaction || now.sa_flags != before[sig].sa_flags) sigaction(sig, &before[sig], NULL);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
