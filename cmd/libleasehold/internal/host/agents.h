// A place for each open agent: its snapshot and its events.
#ifndef LH_AGENTS_H
#define LH_AGENTS_H

#include "host.h"

// Readers count themselves in one of a few places, so that threads rarely share
// a cache line.
#define LH_SHARDS 8
typedef struct {
	_Alignas(64) _Atomic uint32_t n;
} lh_counter;

typedef struct {
	_Alignas(64) _Atomic uint64_t agent; // 0: free
	_Atomic(lh_snapshot *) snapshot;
	_Atomic uint32_t epoch;
	lh_counter readers[2][LH_SHARDS]; // by epoch

	// Below: guarded by the table's lock.
	char *events[LH_BACKLOG];
	unsigned head, count;
	int waiting; // threads in leasehold_next_event
	int watched; // there is a descriptor
	int fd[2];   // read, write; the same on Linux
} lh_slot;

extern lh_slot lh_slots[LH_AGENTS];

// lh_slot_of returns the place of an agent, NULL when it is not open. Without the
// table's lock it may be another's a moment later.
lh_slot *lh_slot_of(uint64_t agent);

void lh_snapshot_forget(lh_slot *s);

#endif
