// Handles, NULL and texts at random, from several threads, while agents are opened and closed: nothing crashes, every
// failure is one of the header's, and every text is JSON-like and released.
//
//   fuzz LIBRARY CONFIG STATE-DIR ROUNDS [SEED]
#include "common.h"
#include <pthread.h>

#define THREADS 4

static const char *config, *dir;
static long rounds;
static uint64_t seed;
static _Atomic uint64_t known[8]; // handles, some of them closed
static _Atomic long calls, failures;

static uint64_t next(uint64_t *r) { // xorshift
	*r ^= *r << 13, *r ^= *r >> 7, *r ^= *r << 17;
	return *r;
}

static uint64_t handle(uint64_t *r) {
	switch (next(r) % 6) {
	case 0: return 0;
	case 1: return next(r);
	case 2: return next(r) % 200;
	case 3: return UINT64_MAX;
	}
	return known[next(r) % 8];
}

static char *noise(uint64_t *r, size_t longest) {
	size_t n = next(r) % (longest + 1);
	char *s = malloc(n + 1);
	for (size_t i = 0; i < n; i++) s[i] = (char)(1 + next(r) % 255);
	s[n] = 0;
	return s;
}

// text is a parameter of some kind; NULL among them. The caller frees it.
static char *text(uint64_t *r, const char *const *usual, size_t n) {
	switch (next(r) % 8) {
	case 0: return NULL;
	case 1: return noise(r, 300);
	case 2: return strdup("");
	case 3: { // a usual one with a byte changed
		char *s = strdup(usual[next(r) % n]);
		if (*s) s[next(r) % strlen(s)] = (char)(1 + next(r) % 255);
		return s;
	}
	}
	return strdup(usual[next(r) % n]);
}

// check is not to have a call among its arguments: their order is not that of the text.
static void check(int32_t rc, char *answer, int expected) {
	calls++;
	if (rc > 0 || rc < LEASEHOLD_INTERNAL) fail("returned %d", (int)rc);
	if (rc == LEASEHOLD_INTERNAL) fail("internal: %s", answer ? answer : "(nothing)");
	if (rc != 0) failures++;
	if (answer) {
		size_t n = strlen(answer);
		if (n < 2 || answer[0] != '{' || answer[n - 1] != '}') fail("answered %s", answer);
		lh.free(answer);
	} else if (expected)
		fail("returned %d and no text", (int)rc);
}

static void *work(void *arg) {
	uint64_t r = seed + 977 * (uint64_t)(intptr_t)arg + 1;
	static const char *const methods[] = {"status", "feature", "features", "limits", "events", "activate", "deactivate", "version", "diagnosis", "explain", "codes", "forecast",
		"session.open", "session.close", "usage", "consume", "license.import", "license.verify", "license.request", "close", "device", "variables", "flush"};
	static const char *const params[] = {"{}", "{\"name\":\"pdf-export\"}", "{\"key\":\"" NAMED_KEY "\"}", "{\"code\":1001}", "{\"data\":\"<License/>\"}", "{\"after\":0,\"wait_ms\":1}",
		"{\"feature\":\"x\",\"amount\":\"1\"}", "[]", "{\"key\":5}", "{\"a\":{\"b\":[1,2,{}]}}", "null", "{\"name\":\"\\ud800\"}"};
	static const char *const features[] = {"pdf-export", "batch", "beta", "nothing"};
	char open_params[2048];
	for (long i = 0; i < rounds; i++) {
		char *out = NULL, *a, *b;
		uint64_t h = handle(&r), opened = 7;
		int32_t rc;
		int32_t timeouts[] = {0, 1, 2000, -1, INT32_MIN, INT32_MAX, 600001};
		int32_t timeout = next(&r) % 3 ? 2000 : timeouts[next(&r) % 7];
		switch (next(&r) % 16) {
		case 0:
			snprintf(open_params, sizeof open_params, "{\"config_file\":\"%s\",\"state_dir\":\"%s/%d\",\"store\":\"file\"}", config, dir, (int)(next(&r) % 4));
			a = next(&r) % 4 ? strdup(open_params) : text(&r, params, sizeof params / sizeof *params);
			rc = lh.open(a, timeout, next(&r) % 8 ? &opened : NULL, &out);
			check(rc, out, 1);
			if (opened != 7 && opened != 0) {
				uint64_t old = known[i % 8];
				known[i % 8] = opened;
				if (old) lh.close(old, 2000);
			}
			free(a);
			break;
		case 1:
			a = text(&r, params, sizeof params / sizeof *params);
			check(lh.open(a, timeout, NULL, NULL), NULL, 0);
			free(a);
			break;
		case 2:
			rc = lh.next_event(h, timeout == 0 || timeout == 1 ? timeout : 3, next(&r) % 4 ? &out : NULL);
			check(rc, out, 0);
			break;
		case 3:
			rc = lh.event_fd(h);
			if (rc < LEASEHOLD_INTERNAL) fail("event_fd: %d", (int)rc);
			break;
		case 4:
			if (next(&r) % 4 == 0) check(lh.close(h, timeout), NULL, 0);
			break;
		case 5:
			rc = lh.state(h);
			if (rc > LEASEHOLD_LOCKED || rc < LEASEHOLD_INTERNAL) fail("state: %d", (int)rc);
			lh.free(NULL);
			break;
		case 6: case 7: case 8:
			a = text(&r, features, sizeof features / sizeof *features);
			rc = lh.allows(h, a);
			if (rc > 1 || rc < LEASEHOLD_INTERNAL || (!a && rc != LEASEHOLD_USAGE)) fail("allows: %d", (int)rc);
			free(a);
			break;
		default:
			a = text(&r, methods, sizeof methods / sizeof *methods);
			b = text(&r, params, sizeof params / sizeof *params);
			rc = lh.call(h, a, b, timeout, next(&r) % 8 ? &out : NULL);
			check(rc, out, 0);
			free(a), free(b);
		}
	}
	return NULL;
}

int main(int argc, char **argv) {
	if (argc < 5) fail("fuzz LIBRARY CONFIG STATE-DIR ROUNDS [SEED]");
	load(argv[1]);
	config = argv[2], dir = argv[3], rounds = atol(argv[4]);
	seed = argc > 5 ? strtoull(argv[5], NULL, 10) : 1;
	for (int i = 0; i < 4; i++) {
		char one[1024];
		snprintf(one, sizeof one, "%s/%d", dir, i);
		known[i] = open_agent(config, one);
	}
	pthread_t t[THREADS];
	for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&t[i], NULL, work, (void *)(intptr_t)i) == 0);
	for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
	for (int i = 0; i < 8; i++)
		if (known[i]) lh.close(known[i], 2000);
	// 8 MiB and a byte are refused, 64 agents are the limit.
	char *long_text = malloc((8 << 20) + 2), *out = NULL;
	memset(long_text, ' ', (8 << 20) + 1);
	long_text[(8 << 20) + 1] = 0;
	CHECK(lh.call(0, "version", long_text, 0, &out) == LEASEHOLD_USAGE);
	lh.free(out);
	long_text[8 << 20] = 0;
	CHECK(lh.call(0, "version", long_text, 0, &out) == LEASEHOLD_OK); // blanks are no parameters
	lh.free(out);
	free(long_text);
	printf("%ld calls, %ld failures\n", calls, failures);
	return 0;
}
