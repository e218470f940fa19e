// The C side of the library: what the host's threads run. None of them enters
// Go: see mailbox.c for calls and snapshot.c for hot reads.
#ifndef LH_HOST_H
#define LH_HOST_H

#include <stdint.h>
#include "port.h"

// What a request asks for.
enum { LH_CALL, LH_NEW, LH_CLOSE, LH_ALLOWS, LH_STATE };

// lh_request is one call that a thread of the host waits for.
typedef struct lh_request {
	int32_t kind;
	int32_t timeout_ms;
	uint64_t agent;
	char *method; // of LH_ALLOWS: the feature
	char *params;

	// Below: guarded by the mailbox's lock.
	int32_t phase;
	int32_t rc;
	uint64_t opened; // of LH_NEW
	char *out;
	struct lh_request *next;
	lh_cond done;
} lh_request;

// The mailbox, for Go.
lh_request *lh_take(void);                                                      // waits for the next request
int lh_answer(lh_request *r, int32_t rc, uint64_t opened, char *out); // takes out; 0: nobody waits for it any more

// The snapshot of what an agent allows, for Go. A publication is begun before
// what it tells is asked for, so that it is never thought newer than it is.
typedef struct lh_snapshot lh_snapshot;
lh_snapshot *lh_snapshot_begin(int64_t monotonic_ns, int64_t wall_ns);
int lh_snapshot_add(lh_snapshot *s, const char *name, int32_t allowed, int32_t is_id); // 0: no memory
void lh_snapshot_publish(uint64_t agent, lh_snapshot *s, int32_t state, int64_t trusted_ns, int64_t next_ns);
void lh_snapshot_drop(lh_snapshot *s);

// The agents that the host knows, and their events.
int lh_agent_add(uint64_t agent); // 0: there is no room
void lh_agent_remove(uint64_t agent);
void lh_event_push(uint64_t agent, char *event); // takes event

// Reads at given instants, for tests of the rules.
int32_t lh_allows_at(uint64_t agent, const char *feature, int64_t monotonic_ns, int64_t wall_ns);
int32_t lh_state_at(uint64_t agent, int64_t monotonic_ns, int64_t wall_ns);
extern _Atomic int64_t lh_asked; // how often a reader had to ask Go

// Between the files.
int lh_forked(void);
void lh_keep_signals(void); // not on Windows
int32_t lh_ask(lh_request *r, char **out, uint64_t *opened); // takes r
lh_request *lh_request_new(int32_t kind, uint64_t agent, const char *method, const char *params, int32_t timeout_ms);
int32_t lh_refuse(int32_t rc, const char *op, const char *kind, const char *message, char **out);

#define LH_AGENTS 64   // as protocol.MaxAgents
#define LH_BACKLOG 256 // as protocol.Backlog
#define LH_LONGEST (8 << 20)

#endif
