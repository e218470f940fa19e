//go:build cgo

// Calls. A thread of the host queues a request and waits in C; a goroutine that
// waits in C takes it, answers it in Go, and puts the answer back.
#define LEASEHOLD_BUILD
#include "host.h"
#include "../../leasehold.h"
#include <stdlib.h>
#include <string.h>
#if !defined(_WIN32)
#include <pthread.h>
#include <stdatomic.h>
#endif

// The phases of a request.
enum { QUEUED, TAKEN, ANSWERED, ABANDONED };

// Go answers by the deadline, or 3 s later where the server may have done what was
// asked. Only if it does not, the wait is given up.
#define PATIENCE_NS 5000000000LL
#define LONGEST_MS 600000
#define DEFAULT_MS 30000

static lh_mutex mailbox = LH_MUTEX_INIT;
static lh_cond arrived;
static lh_request *first, *last;

static atomic_int forked;
int lh_forked(void) { return atomic_load_explicit(&forked, memory_order_relaxed); }

#if !defined(_WIN32)
static void in_child(void) { atomic_store(&forked, 1); }
#endif

// Before the Go runtime starts, see signals.c.
__attribute__((constructor(102))) static void set_up(void) {
	lh_cond_init(&arrived);
#if !defined(_WIN32)
	pthread_atfork(NULL, NULL, in_child);
#endif
}

#if defined(__APPLE__)
// A linker takes of an archive what is referred to. This refers to the Go runtime and
// to signals.c; elsewhere build.sh makes the archive one object.
extern void crosscall2(void);
__attribute__((used)) static void (*const along[])(void) = {crosscall2, lh_keep_signals};
#endif

static char *copy(const char *s, size_t longest) {
	size_t n = strnlen(s, longest + 1);
	if (n > longest) return NULL;
	char *c = malloc(n + 1);
	if (c) {
		memcpy(c, s, n);
		c[n] = 0;
	}
	return c;
}

// lh_refuse makes a failure that Go is not asked for. The message is ours and
// needs no escaping; op is the name of a function.
int32_t lh_refuse(int32_t rc, const char *op, const char *kind, const char *message, char **out) {
	if (!out) return rc;
	static const char *const part[] = {"{\"op\":\"", "\",\"kind\":\"", "\",\"code\":0,\"message\":\"", "\",\"hint\":\"\",\"remedy_id\":\"\",\"retry_after_s\":0}"};
	size_t n = strlen(part[0]) + strlen(op) + strlen(part[1]) + strlen(kind) + strlen(part[2]) + strlen(message) + strlen(part[3]);
	char *s = malloc(n + 1);
	if (s) {
		s[0] = 0;
		const char *all[] = {part[0], op, part[1], kind, part[2], message, part[3]};
		for (size_t i = 0; i < sizeof all / sizeof *all; i++) strcat(s, all[i]);
	}
	*out = s;
	return rc;
}

static void release(lh_request *r) {
	free(r->method);
	free(r->params);
	free(r->out);
	lh_cond_destroy(&r->done);
	free(r);
}

lh_request *lh_request_new(int32_t kind, uint64_t agent, const char *method, const char *params, int32_t timeout_ms) {
	lh_request *r = calloc(1, sizeof *r);
	if (!r) return NULL;
	lh_cond_init(&r->done);
	r->kind = kind;
	r->agent = agent;
	r->timeout_ms = timeout_ms ? timeout_ms : DEFAULT_MS;
	r->method = copy(method, LH_LONGEST);
	r->params = copy(params, LH_LONGEST);
	if (!r->method || !r->params) {
		release(r);
		return NULL;
	}
	return r;
}

static void unqueue(lh_request *r) {
	lh_request **at = &first, *before = NULL;
	while (*at && *at != r) {
		before = *at;
		at = &before->next;
	}
	if (!*at) return;
	*at = r->next;
	if (last == r) last = before;
}

int32_t lh_ask(lh_request *r, char **out, uint64_t *opened) {
	int64_t until = lh_monotonic_ns() + (int64_t)r->timeout_ms * 1000000 + PATIENCE_NS;
	lh_lock(&mailbox);
	r->next = NULL;
	if (last) last->next = r;
	else first = r;
	last = r;
	lh_signal(&arrived);
	int waiting = 1;
	while (r->phase != ANSWERED && waiting) waiting = lh_wait_until(&r->done, &mailbox, until);
	if (r->phase != ANSWERED) {
		int32_t phase = r->phase;
		if (phase == QUEUED) unqueue(r);
		else r->phase = ABANDONED; // whoever answers releases it
		lh_unlock(&mailbox);
		if (phase == QUEUED) release(r);
		return lh_refuse(LEASEHOLD_TIMEOUT, "", "timeout", "the deadline passed, and the library's threads have not answered", out);
	}
	lh_unlock(&mailbox);
	int32_t rc = r->rc;
	if (opened) *opened = r->opened;
	if (out) {
		*out = r->out;
		r->out = NULL;
	}
	release(r);
	return rc;
}

lh_request *lh_take(void) {
	lh_lock(&mailbox);
	while (!first) lh_wait(&arrived, &mailbox);
	lh_request *r = first;
	first = r->next;
	if (!first) last = NULL;
	r->phase = TAKEN;
	lh_unlock(&mailbox);
	return r;
}

int lh_answer(lh_request *r, int32_t rc, uint64_t opened, char *out) {
	lh_lock(&mailbox);
	int wanted = r->phase == TAKEN;
	r->rc = rc;
	r->opened = opened;
	r->out = out;
	if (wanted) {
		r->phase = ANSWERED;
		lh_signal(&r->done);
	}
	lh_unlock(&mailbox);
	if (!wanted) release(r);
	return wanted;
}

static const char in_fork[] = "the process is a fork of the one that loaded the library: open agents after forking, in a process that has loaded it itself";

#define OUT_OF_RANGE(ms) ((ms) < 0 || (ms) > LONGEST_MS)

// ask checks what every call has, and asks.
static int32_t ask(int32_t kind, const char *op, uint64_t agent, const char *method, const char *params, int32_t timeout_ms, char **out, uint64_t *opened) {
	if (lh_forked()) return lh_refuse(LEASEHOLD_FORKED, op, "forked", in_fork, out);
	if (OUT_OF_RANGE(timeout_ms))
		return lh_refuse(LEASEHOLD_USAGE, op, "usage", "timeout_ms is a whole number from 0, for the default of 30000, to 600000", out);
	if (strnlen(method, LH_LONGEST + 1) > LH_LONGEST || strnlen(params, LH_LONGEST + 1) > LH_LONGEST)
		return lh_refuse(LEASEHOLD_USAGE, op, "usage", "the text is longer than 8 MiB", out);
	lh_request *r = lh_request_new(kind, agent, method, params, timeout_ms);
	if (!r) return lh_refuse(LEASEHOLD_INTERNAL, op, "internal", "no memory is left", out);
	return lh_ask(r, out, opened);
}

uint32_t leasehold_abi_version(void) { return LEASEHOLD_ABI_VERSION; }

int32_t leasehold_new(const char *params, int32_t timeout_ms, uint64_t *agent, char **result) {
	if (agent) *agent = 0;
	if (result) *result = NULL;
	if (!params || !agent || !result) return lh_refuse(LEASEHOLD_USAGE, "open", "usage", "a pointer is NULL", result);
	uint64_t opened = 0;
	int32_t rc = ask(LH_NEW, "open", 0, "open", params, timeout_ms, result, &opened);
	if (rc == LEASEHOLD_OK) *agent = opened;
	return rc;
}

int32_t leasehold_call(uint64_t agent, const char *method, const char *params, int32_t timeout_ms, char **result) {
	if (result) *result = NULL;
	if (!method || !params || !result) return lh_refuse(LEASEHOLD_USAGE, "call", "usage", "a pointer is NULL", result);
	// A method's name needs no escaping.
	int named = strnlen(method, 41) < 41 && method[strspn(method, "abcdefghijklmnopqrstuvwxyz._")] == 0;
	return ask(LH_CALL, named ? method : "call", agent, method, params, timeout_ms, result, NULL);
}

int32_t leasehold_close(uint64_t agent, int32_t timeout_ms) {
	// Who closes often looks at no result: the agent is closed all the same.
	int wrong = OUT_OF_RANGE(timeout_ms);
	int32_t rc = ask(LH_CLOSE, "close", agent, "close", "", wrong ? 0 : timeout_ms, NULL, NULL);
	return wrong && rc == LEASEHOLD_OK ? LEASEHOLD_USAGE : rc;
}

void leasehold_free(char *text) { free(text); }
