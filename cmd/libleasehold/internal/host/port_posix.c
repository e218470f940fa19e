//go:build cgo && !windows

#define _GNU_SOURCE
#include "port.h"
#include <sched.h>
#include <time.h>
#if defined(__APPLE__)
#include <dlfcn.h>

// The library is never unloaded: its threads would go on without their code. On ELF
// the flag NODELETE says so.
__attribute__((constructor)) static void stay(void) {
	Dl_info self;
	if (dladdr((const void *)&stay, &self)) dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}
#endif

void lh_lock(lh_mutex *m) { pthread_mutex_lock(m); }
void lh_unlock(lh_mutex *m) { pthread_mutex_unlock(m); }

void lh_cond_init(lh_cond *c) {
#if defined(__APPLE__)
	pthread_cond_init(c, NULL); // its waits are relative, see lh_wait_until
#else
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
#endif
}

void lh_cond_destroy(lh_cond *c) { pthread_cond_destroy(c); }
void lh_signal(lh_cond *c) { pthread_cond_signal(c); }
void lh_broadcast(lh_cond *c) { pthread_cond_broadcast(c); }
void lh_wait(lh_cond *c, lh_mutex *m) { pthread_cond_wait(c, m); }

int lh_wait_until(lh_cond *c, lh_mutex *m, int64_t monotonic_ns) {
#if defined(__APPLE__)
	int64_t left = monotonic_ns - lh_monotonic_ns();
	if (left <= 0) return 0;
	struct timespec t = {left / 1000000000, left % 1000000000};
	return pthread_cond_timedwait_relative_np(c, m, &t) == 0 || lh_monotonic_ns() < monotonic_ns;
#else
	struct timespec t = {monotonic_ns / 1000000000, monotonic_ns % 1000000000};
	return pthread_cond_timedwait(c, m, &t) == 0 || lh_monotonic_ns() < monotonic_ns;
#endif
}

void lh_yield(void) { sched_yield(); }

static int64_t clock_ns(clockid_t id) {
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t lh_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t lh_wall_ns(void) {
#if defined(CLOCK_REALTIME_COARSE)
	return clock_ns(CLOCK_REALTIME_COARSE);
#else
	return clock_ns(CLOCK_REALTIME);
#endif
}
