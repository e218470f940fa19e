//go:build cgo

// Hot reads. Go publishes what an agent allows in C memory, immutable and good
// until the next instant at which it would be something else; readers look it up
// with the clock, and ask Go only when that instant has passed or the clocks
// disagree.
//
// Readers take no lock. An old snapshot is released when nobody can be reading it:
// readers count themselves in one of two epochs, and the publisher moves the epoch
// on and waits for the other to be empty, twice, so that one who read the epoch
// and was then held up is waited for as well.
#define LEASEHOLD_BUILD
#include "agents.h"
#include "../../leasehold.h"
#include <stdlib.h>
#include <string.h>

// By how much the wall clock may move against the monotonic clock before Go is
// asked, which knows what that means. The coarse wall clock lags by up to 16 ms.
#define DRIFT_NS 40000000LL

typedef struct {
	uint64_t hash;
	char *name;
	int32_t allowed;
	int32_t is_id;
} gate;

struct lh_snapshot {
	int32_t state;
	int32_t unusual;       // an ID has letters that no UUID has
	int64_t monotonic0;    // when it was begun
	int64_t wall0;         // likewise
	int64_t until;         // on the monotonic clock
	unsigned count, room;  // of gates
	gate *gates;           // an open hash table of room places, a power of two
	lh_snapshot *retired;  // the next that could not be released yet
};

static lh_mutex publishing = LH_MUTEX_INIT;
static lh_snapshot *retired; // guarded by publishing

static uint64_t hash_of(const char *s) {
	uint64_t h = 1469598103934665603ULL;
	for (; *s; s++) h = (h ^ (unsigned char)*s) * 1099511628211ULL;
	return h;
}

lh_snapshot *lh_snapshot_begin(int64_t monotonic_ns, int64_t wall_ns) {
	lh_snapshot *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->room = 16;
	s->gates = calloc(s->room, sizeof *s->gates);
	if (!s->gates) {
		free(s);
		return NULL;
	}
	s->monotonic0 = monotonic_ns;
	s->wall0 = wall_ns;
	return s;
}

void lh_snapshot_drop(lh_snapshot *s) {
	if (!s) return;
	for (unsigned i = 0; i < s->room; i++) free(s->gates[i].name);
	free(s->gates);
	free(s);
}

static void place(lh_snapshot *s, gate g) {
	unsigned at = (unsigned)g.hash & (s->room - 1);
	while (s->gates[at].name) at = (at + 1) & (s->room - 1);
	s->gates[at] = g;
}

static gate *find(const lh_snapshot *s, const char *name) {
	uint64_t h = hash_of(name);
	for (unsigned at = (unsigned)h & (s->room - 1); s->gates[at].name; at = (at + 1) & (s->room - 1)) {
		gate *g = &s->gates[at];
		if (g->hash == h && !strcmp(g->name, name)) return g;
	}
	return NULL;
}

int lh_snapshot_add(lh_snapshot *s, const char *name, int32_t allowed, int32_t is_id) {
	gate *there = find(s, name);
	if (there) { // Go says the same of both
		there->is_id |= is_id;
		return 1;
	}
	if (2 * (s->count + 1) > s->room) {
		gate *old = s->gates;
		unsigned room = s->room;
		gate *more = calloc(2 * room, sizeof *more);
		if (!more) return 0;
		s->gates = more;
		s->room = 2 * room;
		for (unsigned i = 0; i < room; i++)
			if (old[i].name) place(s, old[i]);
		free(old);
	}
	size_t n = strlen(name);
	gate g = {hash_of(name), malloc(n + 1), allowed, is_id};
	if (!g.name) return 0;
	memcpy(g.name, name, n + 1);
	if (is_id && strspn(name, "0123456789abcdefABCDEF-") != n) s->unusual = 1;
	place(s, g);
	s->count++;
	return 1;
}

// drained waits until nobody reads in an epoch. A thread that was ended in the
// middle of a read would be waited for in vain: after a second it returns 0.
static int drained(lh_slot *slot, unsigned epoch) {
	int64_t until = lh_monotonic_ns() + 1000000000;
	for (;;) {
		uint32_t n = 0;
		for (int i = 0; i < LH_SHARDS; i++) n += atomic_load(&slot->readers[epoch][i].n);
		if (n == 0) return 1;
		if (lh_monotonic_ns() > until) return 0;
		lh_yield();
	}
}

// replace puts a snapshot in the place of the old one and releases that. The
// caller holds the lock.
static void replace(lh_slot *slot, lh_snapshot *s) {
	lh_snapshot *old = atomic_exchange(&slot->snapshot, s);
	if (!old) return;
	int gone = 1;
	for (int i = 0; i < 2 && gone; i++) {
		unsigned was = atomic_fetch_xor(&slot->epoch, 1);
		gone = drained(slot, was & 1);
	}
	if (gone) {
		lh_snapshot_drop(old);
		return;
	}
	old->retired = retired; // kept: who knows who reads it
	retired = old;
}

void lh_snapshot_publish(uint64_t agent, lh_snapshot *s, int32_t state, int64_t trusted_ns, int64_t next_ns) {
	s->state = state;
	s->until = INT64_MAX;
	if (next_ns != INT64_MAX && next_ns - trusted_ns < INT64_MAX - s->monotonic0) s->until = s->monotonic0 + (next_ns - trusted_ns);
	lh_lock(&publishing);
	lh_slot *slot = lh_slot_of(agent);
	if (slot) replace(slot, s);
	else lh_snapshot_drop(s);
	lh_unlock(&publishing);
}

void lh_snapshot_forget(lh_slot *slot) {
	lh_lock(&publishing);
	replace(slot, NULL);
	lh_unlock(&publishing);
}

// reading is between enter and leave.
typedef struct {
	lh_counter *counter;
	const lh_snapshot *snapshot; // NULL: no such agent
} reading;

static inline reading enter(uint64_t agent) {
	reading r = {NULL, NULL};
	lh_slot *slot = lh_slot_of(agent);
	if (!slot) return r;
	// Threads have stacks of their own, some pages apart.
	unsigned shard = (unsigned)(((uintptr_t)__builtin_frame_address(0) >> 12) * 2654435761u >> 16) % LH_SHARDS;
	r.counter = &slot->readers[atomic_load(&slot->epoch) & 1][shard];
	atomic_fetch_add(&r.counter->n, 1);
	if (atomic_load(&slot->agent) == agent) r.snapshot = atomic_load(&slot->snapshot);
	return r;
}

static inline void leave(reading r) {
	if (r.counter) atomic_fetch_sub_explicit(&r.counter->n, 1, memory_order_release);
}

// current reports whether a snapshot is good at an instant: its next instant has
// not come, and the wall clock went with the monotonic one.
static inline int current(const lh_snapshot *s, int64_t monotonic_ns, int64_t wall_ns) {
	int64_t drift = (int64_t)((uint64_t)wall_ns - (uint64_t)s->wall0 - ((uint64_t)monotonic_ns - (uint64_t)s->monotonic0));
	return monotonic_ns < s->until && drift < DRIFT_NS && drift > -DRIFT_NS;
}

_Atomic int64_t lh_asked;

static int32_t ask(int32_t kind, uint64_t agent, const char *feature) {
	atomic_fetch_add_explicit(&lh_asked, 1, memory_order_relaxed);
	if (lh_forked()) return LEASEHOLD_FORKED;
	if (strnlen(feature, LH_LONGEST + 1) > LH_LONGEST) return LEASEHOLD_USAGE;
	lh_request *r = lh_request_new(kind, agent, feature, "", 5000);
	return r ? lh_ask(r, NULL, NULL) : LEASEHOLD_INTERNAL;
}

// folded looks for an ID in other letters, as Go does; -1: Go is to be asked.
static int32_t folded(const lh_snapshot *s, const char *feature) {
	if (s->unusual) return -1;
	for (unsigned i = 0; i < s->room; i++) {
		const gate *g = &s->gates[i];
		if (!g->name || !g->is_id) continue;
		const char *a = g->name, *b = feature;
		while (*a && *b && (*a | ((*a >= 'A' && *a <= 'Z') << 5)) == (*b | ((*b >= 'A' && *b <= 'Z') << 5))) a++, b++;
		if (!*a && !*b) return g->allowed;
	}
	return 0;
}

int32_t lh_allows_at(uint64_t agent, const char *feature, int64_t monotonic_ns, int64_t wall_ns) {
	if (!feature) return LEASEHOLD_USAGE;
	reading r = enter(agent);
	if (!r.snapshot) {
		leave(r);
		return LEASEHOLD_NO_AGENT;
	}
	int32_t answer = -1;
	if (current(r.snapshot, monotonic_ns, wall_ns)) {
		const gate *g = find(r.snapshot, feature);
		answer = g ? g->allowed : folded(r.snapshot, feature);
	}
	leave(r);
	return answer >= 0 ? answer : ask(LH_ALLOWS, agent, feature);
}

int32_t lh_state_at(uint64_t agent, int64_t monotonic_ns, int64_t wall_ns) {
	reading r = enter(agent);
	if (!r.snapshot) {
		leave(r);
		return LEASEHOLD_NO_AGENT;
	}
	int32_t state = current(r.snapshot, monotonic_ns, wall_ns) ? r.snapshot->state : -1;
	leave(r);
	return state >= 0 ? state : ask(LH_STATE, agent, "");
}

int32_t leasehold_allows(uint64_t agent, const char *feature) { return lh_allows_at(agent, feature, lh_monotonic_ns(), lh_wall_ns()); }

int32_t leasehold_state(uint64_t agent) { return lh_state_at(agent, lh_monotonic_ns(), lh_wall_ns()); }
