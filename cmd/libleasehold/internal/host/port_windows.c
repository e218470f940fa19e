//go:build cgo && windows

#include "port.h"

// The library is never unloaded: its threads would go on without their code. On ELF
// the flag NODELETE says so.
__attribute__((constructor)) static void stay(void) {
	HMODULE self;
	GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, (const wchar_t *)(const void *)&stay, &self);
}

void lh_lock(lh_mutex *m) { AcquireSRWLockExclusive(m); }
void lh_unlock(lh_mutex *m) { ReleaseSRWLockExclusive(m); }
void lh_cond_init(lh_cond *c) { InitializeConditionVariable(c); }
void lh_cond_destroy(lh_cond *c) { (void)c; }
void lh_signal(lh_cond *c) { WakeConditionVariable(c); }
void lh_broadcast(lh_cond *c) { WakeAllConditionVariable(c); }
void lh_wait(lh_cond *c, lh_mutex *m) { SleepConditionVariableSRW(c, m, INFINITE, 0); }

int lh_wait_until(lh_cond *c, lh_mutex *m, int64_t monotonic_ns) {
	int64_t left = monotonic_ns - lh_monotonic_ns();
	if (left <= 0) return 0;
	DWORD ms = left / 1000000 >= INFINITE - 1 ? INFINITE - 1 : (DWORD)(left / 1000000 + 1);
	return SleepConditionVariableSRW(c, m, ms, 0) || lh_monotonic_ns() < monotonic_ns;
}

void lh_yield(void) { SwitchToThread(); }

int64_t lh_monotonic_ns(void) {
	static _Atomic int64_t frequency;
	int64_t f = atomic_load_explicit(&frequency, memory_order_relaxed);
	LARGE_INTEGER n;
	if (f == 0) {
		QueryPerformanceFrequency(&n);
		f = n.QuadPart;
		atomic_store_explicit(&frequency, f, memory_order_relaxed);
	}
	QueryPerformanceCounter(&n);
	return n.QuadPart / f * 1000000000 + n.QuadPart % f * 1000000000 / f;
}

int64_t lh_wall_ns(void) {
	FILETIME t;
	GetSystemTimeAsFileTime(&t);
	return (((int64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) - 116444736000000000LL) * 100; // since 1970
}
