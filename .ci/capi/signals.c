// Signal storms. As .NET does, handlers are installed before the library is loaded and without SA_ONSTACK.
//
//   signals threads  SIGRTMIN to each of the host's threads, which have a guarded alternate stack of 16 KB, while they call;
//                    the handler needs 64 KB
//   signals process  every other asynchronous signal to the process, whose own threads block it: if a thread of the library
//                    took one, its handler, which needs 64 KB, would run there
//
// COUNT is how many signals have to be survived.
#include "common.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#define SA_RESTORER 0x04000000 // the C library's own
#define THREADS 4
#define NEED (64 * 1024)

static volatile sig_atomic_t stop;
static _Atomic long handled, elsewhere, calls, ready;
static pthread_t main_thread;
static __thread int mine; // 1 on the host's threads

static void handler(int sig, siginfo_t *info, void *context) {
	(void)sig, (void)info, (void)context;
	volatile char stack[NEED];
	for (int i = NEED - 1; i > 0; i -= 512) stack[i] = 1;
	(void)stack[0];
	handled++;
	if (!mine) elsewhere++;
}

static uint64_t agent;

// guarded gives the thread an alternate stack with a page before it that must not be touched.
static void guarded_stack(void) {
	const size_t size = 16384, page = 4096;
	char *m = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(m != MAP_FAILED && mprotect(m, page, PROT_NONE) == 0);
	stack_t alt = {.ss_sp = m + page, .ss_size = size};
	CHECK(sigaltstack(&alt, NULL) == 0);
}

static void *caller(void *arg) {
	mine = 1;
	guarded_stack();
	ready++;
	for (long i = 0; !stop; i++) {
		int32_t allowed = lh.allows(agent, "pdf-export");
		if (allowed != 1) fail("allows: %d", allowed);
		if (i % 64 == (long)(intptr_t)arg) must_call(agent, "feature", "{\"name\":\"pdf-export\"}");
		calls++;
	}
	return NULL;
}

static int asynchronous(int sig) {
	switch (sig) {
	case SIGKILL: case SIGSTOP: case SIGILL: case SIGTRAP: case SIGABRT: case SIGBUS: case SIGFPE: case SIGSEGV: case SIGSTKFLT:
	case SIGCHLD: case SIGPROF: // the header: their handlers need SA_ONSTACK
	case 32: case 33: case 34:  // glibc's, and .NET's own
		return 0;
	}
	return 1;
}

int main(int argc, char **argv) {
	if (argc != 6) fail("signals LIBRARY CONFIG STATE-DIR threads|process COUNT");
	int to_threads = !strcmp(argv[4], "threads");
	long count = atol(argv[5]);
	mine = 1;
	main_thread = pthread_self();
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART}, before[65], after;
	sigset_t blocked, was, is;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	for (int sig = 1; sig < 65; sig++)
		if (to_threads ? sig == SIGRTMIN : asynchronous(sig)) CHECK(sigaction(sig, &sa, NULL) == 0);
	for (int sig = 1; sig < 65; sig++) sigaction(sig, NULL, &before[sig]);
	pthread_sigmask(SIG_SETMASK, NULL, &was);

	load(argv[1]);

	// Nothing of the host's signals has changed.
	pthread_sigmask(SIG_SETMASK, NULL, &is);
	for (int sig = 1; sig < 65; sig++) {
		if (sigismember(&was, sig) != sigismember(&is, sig)) fail("signal %d: the mask of the loading thread has changed", sig);
		if ((!asynchronous(sig) && sig != SIGABRT && sig != SIGRTMIN) || sigaction(sig, NULL, &after) != 0) continue;
		if (after.sa_sigaction != before[sig].sa_sigaction || (after.sa_flags ^ before[sig].sa_flags) & ~SA_RESTORER)
			fail("signal %d: the handler was %p with flags %x, and is %p with %x", sig, (void *)before[sig].sa_sigaction, before[sig].sa_flags, (void *)after.sa_sigaction, after.sa_flags);
	}

	agent = activated(argv[2], argv[3]);
	if (!to_threads) { // the host's threads take none: whoever else can, would
		sigfillset(&blocked);
		pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	}
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, caller, (void *)(intptr_t)i) == 0);
	while (ready < THREADS) usleep(1000);
	long sent = 0;
	struct timespec t = {0, 20000};
	double begun = now_s();
	while (to_threads ? handled < count : sent < count) {
		if (to_threads) {
			for (int i = 0; i < THREADS; i++) {
				int rc = pthread_kill(threads[i], SIGRTMIN);
				CHECK(rc == 0 || rc == EAGAIN);
			}
			sent += THREADS;
			if (handled < sent - 64) nanosleep(&t, NULL);
		} else {
			for (int sig = 1; sig < 65; sig++) {
				if (!asynchronous(sig)) continue;
				// Real-time signals queue up to a limit; a full queue is no fault.
				if (kill(getpid(), sig) != 0 && errno != EAGAIN) fail("kill %d: %d", sig, errno);
				sent++;
			}
			if (sent % 1024 < 64) {
				// The main thread takes what has come.
				sigset_t none;
				sigemptyset(&none);
				pthread_sigmask(SIG_SETMASK, &none, NULL);
				pthread_sigmask(SIG_SETMASK, &blocked, NULL);
			}
		}
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
	must_call(agent, "heartbeat", "{}");
	CHECK(lh.close(agent, 3000) == 0);
	if (elsewhere) fail("%ld handlers ran on threads that are not the host's", elsewhere);
	printf("%s: %ld signals sent, %ld handled in %.1f s, %ld calls meanwhile\n", argv[4], sent, handled, now_s() - begun, calls);
	return 0;
}
