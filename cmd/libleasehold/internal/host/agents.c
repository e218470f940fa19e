//go:build cgo

// The agents that the host knows, and their events. Go pushes events into C
// memory, so that who waits for one waits in C.
#define LEASEHOLD_BUILD
#include "agents.h"
#include "../../leasehold.h"
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/eventfd.h>
#endif
#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

lh_slot lh_slots[LH_AGENTS];

static lh_mutex table = LH_MUTEX_INIT; // guards which slots are taken, and all events
static lh_cond happened;               // an event came, or an agent has gone

// Before the Go runtime starts, see signals.c.
__attribute__((constructor(102))) static void set_up(void) { lh_cond_init(&happened); }

lh_slot *lh_slot_of(uint64_t agent) {
	if (agent == 0) return NULL;
	for (unsigned i = 0; i < LH_AGENTS; i++) {
		lh_slot *s = &lh_slots[(agent + i) % LH_AGENTS];
		if (atomic_load_explicit(&s->agent, memory_order_acquire) == agent) return s;
	}
	return NULL;
}

int lh_agent_add(uint64_t agent) {
	lh_lock(&table);
	lh_slot *free_slot = NULL;
	for (unsigned i = 0; i < LH_AGENTS && !free_slot; i++) {
		lh_slot *s = &lh_slots[(agent + i) % LH_AGENTS];
		if (atomic_load(&s->agent) == 0 && s->waiting == 0) free_slot = s;
	}
	if (free_slot) {
		free_slot->watched = 0;
		atomic_store_explicit(&free_slot->agent, agent, memory_order_release);
	}
	lh_unlock(&table);
	return free_slot != NULL;
}

#if !defined(_WIN32)
// The descriptor is readable while an event waits, and once the agent has gone.
static void raise_fd(lh_slot *s) {
	if (!s->watched) return;
	uint64_t one = 1;
#if defined(__linux__)
	ssize_t n = write(s->fd[1], &one, sizeof one);
#else
	ssize_t n = write(s->fd[1], &one, 1);
#endif
	(void)n; // it is readable already
}

static void lower_fd(lh_slot *s) {
	if (!s->watched) return;
	uint64_t all[8];
#if defined(__linux__)
	ssize_t n = read(s->fd[0], all, sizeof *all);
	(void)n; // it was not readable
#else
	while (read(s->fd[0], all, sizeof all) > 0) continue;
#endif
}

static int open_fd(lh_slot *s) {
#if defined(__linux__)
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd < 0) return 0;
	s->fd[0] = s->fd[1] = fd;
#else
	if (pipe(s->fd) != 0) return 0;
	for (int i = 0; i < 2; i++) {
		fcntl(s->fd[i], F_SETFL, O_NONBLOCK);
		fcntl(s->fd[i], F_SETFD, FD_CLOEXEC);
	}
#endif
	s->watched = 1;
	return 1;
}

static void close_fd(lh_slot *s) {
	if (!s->watched) return;
	close(s->fd[0]);
	if (s->fd[1] != s->fd[0]) close(s->fd[1]);
	s->watched = 0;
}
#else
static void raise_fd(lh_slot *s) { (void)s; }
static void lower_fd(lh_slot *s) { (void)s; }
static void close_fd(lh_slot *s) { (void)s; }
#endif

void lh_agent_remove(uint64_t agent) {
	lh_slot *s = lh_slot_of(agent);
	if (!s) return;
	lh_snapshot_forget(s);
	lh_lock(&table);
	atomic_store_explicit(&s->agent, 0, memory_order_release);
	for (; s->count > 0; s->count--) {
		free(s->events[s->head]);
		s->head = (s->head + 1) % LH_BACKLOG;
	}
	raise_fd(s); // a duplicate of it outlives it
	close_fd(s);
	lh_broadcast(&happened);
	lh_unlock(&table);
}

void lh_event_push(uint64_t agent, char *event) {
	lh_lock(&table);
	lh_slot *s = lh_slot_of(agent);
	if (!s) {
		lh_unlock(&table);
		free(event);
		return;
	}
	char *dropped = NULL;
	if (s->count == LH_BACKLOG) {
		dropped = s->events[s->head];
		s->head = (s->head + 1) % LH_BACKLOG;
		s->count--;
	}
	s->events[(s->head + s->count) % LH_BACKLOG] = event;
	s->count++;
	raise_fd(s);
	lh_broadcast(&happened);
	lh_unlock(&table);
	free(dropped);
}

int32_t leasehold_next_event(uint64_t agent, int32_t timeout_ms, char **event) {
	if (event) *event = NULL;
	if (!event || timeout_ms < 0) return LEASEHOLD_USAGE;
	if (lh_forked()) return LEASEHOLD_FORKED;
	int64_t until = lh_monotonic_ns() + (int64_t)timeout_ms * 1000000;
	lh_lock(&table);
	lh_slot *s = lh_slot_of(agent);
	if (!s) {
		lh_unlock(&table);
		return LEASEHOLD_NO_AGENT;
	}
	s->waiting++; // the slot is not given to another agent meanwhile
	int waiting = timeout_ms > 0;
	while (atomic_load(&s->agent) == agent && s->count == 0 && waiting) waiting = lh_wait_until(&happened, &table, until);
	int32_t rc = LEASEHOLD_NO_AGENT;
	if (atomic_load(&s->agent) == agent) {
		rc = LEASEHOLD_OK;
		if (s->count > 0) {
			*event = s->events[s->head];
			s->head = (s->head + 1) % LH_BACKLOG;
			if (--s->count == 0) lower_fd(s);
		}
	}
	s->waiting--;
	lh_unlock(&table);
	return rc;
}

int32_t leasehold_event_fd(uint64_t agent) {
	if (lh_forked()) return LEASEHOLD_FORKED;
#if defined(_WIN32)
	(void)agent;
	return LEASEHOLD_USAGE;
#else
	lh_lock(&table);
	lh_slot *s = lh_slot_of(agent);
	int32_t fd = LEASEHOLD_NO_AGENT;
	if (s) {
		fd = LEASEHOLD_INTERNAL;
		int made = s->watched || open_fd(s);
		if (made) {
			fd = s->fd[0];
			if (s->count > 0) raise_fd(s);
		}
	}
	lh_unlock(&table);
	return fd;
#endif
}
