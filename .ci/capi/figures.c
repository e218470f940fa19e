// What things cost, beside reading the clock: medians of 15 rounds in one run.
//
//   figures LIBRARY CONFIG STATE-DIR
//   figures first LIBRARY CONFIG STATE-DIR    opens an agent, asks once, and tells what the process holds
//   figures empty                             tells what it holds without
//
// Those in the other languages do the same.
#include "common.h"

#define ROUNDS 15

static int less(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

static double median(double *v) {
	qsort(v, ROUNDS, sizeof *v, less);
	return v[ROUNDS / 2];
}

// What the process holds, as Linux tells it.
static void tell(void) {
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	while (f && fgets(line, sizeof line, f)) fputs(line, stdout);
	if (f) fclose(f);
}

// EACH measures the nanoseconds of one of N repetitions of what.
#define EACH(into, n, what) \
	for (int round = 0; round < ROUNDS; round++) { \
		double begun = now_s(); \
		for (long i = 0; i < (n); i++) { what; } \
		into[round] = (now_s() - begun) / (n) * 1e9; \
	}

int main(int argc, char **argv) {
	if (argc == 2) return tell(), 0;
	if (argc == 5) {
		load(argv[2]);
		uint64_t agent = open_agent(argv[3], argv[4]);
		CHECK(lh.allows(agent, "pdf-export") == 1);
		tell();
		fflush(stdout);
		_exit(0);
	}
	if (argc != 4) fail("figures LIBRARY CONFIG STATE-DIR");
	load(argv[1]);
	uint64_t agent = activated(argv[2], argv[3]);
	lh.close(agent, 1000);
	double opened[ROUNDS], clock[ROUNDS], allows[ROUNDS], state[ROUNDS], call[ROUNDS];
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
	EACH(state, 200000, if (lh.state(agent) != LEASEHOLD_ACTIVE) fail("state"));
	EACH(call, 500, must_call(agent, "version", "{}"));
	printf("C %.0f %.0f %.0f %.0f %.0f\n", median(clock), median(allows), median(state), median(call), median(opened) * 1e6);
	CHECK(lh.close(agent, 3000) == 0);
	return 0;
}
