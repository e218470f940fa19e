// What things cost, beside reading the clock: medians of 15 rounds in one run.
//
//   figures LIBRARY CONFIG STATE-DIR
#include "common.h"

#define ROUNDS 15

static int less(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

static double median(double *v) {
	qsort(v, ROUNDS, sizeof *v, less);
	return v[ROUNDS / 2];
}

static long of_status(const char *name) {
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long n = 0;
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name))) n = atol(line + strlen(name));
	if (f) fclose(f);
	return n;
}

// EACH measures the nanoseconds of one of N repetitions of what.
#define EACH(into, n, what) \
	for (int round = 0; round < ROUNDS; round++) { \
		double begun = now_s(); \
		for (long i = 0; i < (n); i++) { what; } \
		into[round] = (now_s() - begun) / (n) * 1e9; \
	}

int main(int argc, char **argv) {
	if (argc != 4) fail("figures LIBRARY CONFIG STATE-DIR");
	long before = of_status("VmRSS:");
	double t0 = now_s();
	load(argv[1]);
	double t1 = now_s();
	uint64_t agent = activated(argv[2], argv[3]);
	lh.close(agent, 1000);
	double opened[ROUNDS], clock[ROUNDS], allows[ROUNDS], unknown[ROUNDS], state[ROUNDS], call[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		double begun = now_s();
		agent = open_agent(argv[2], argv[3]);
		opened[i] = (now_s() - begun) * 1e3;
		if (i < ROUNDS - 1) lh.close(agent, 1000);
	}
	volatile double sink;
	EACH(clock, 200000, sink = now_s());
	(void)sink;
	EACH(allows, 200000, if (lh.allows(agent, "pdf-export") != 1) fail("allows"));
	EACH(unknown, 200000, if (lh.allows(agent, "no-such-feature") != 0) fail("unknown"));
	EACH(state, 200000, if (lh.state(agent) != LEASEHOLD_ACTIVE) fail("state"));
	EACH(call, 500, must_call(agent, "version", "{}"));
	printf("C %.0f %.0f %.0f %.0f %.0f\n", median(clock), median(allows), median(state), median(call), median(opened) * 1e6);
	printf("the library: load %.1f ms, %+.1f MB resident with one agent, %ld threads of its own, allows of an unknown feature %.0f ns\n",
		(t1 - t0) * 1e3, (of_status("VmRSS:") - before) / 1024.0, of_status("Threads:") - 1, median(unknown));
	CHECK(lh.close(agent, 3000) == 0);
	return 0;
}
