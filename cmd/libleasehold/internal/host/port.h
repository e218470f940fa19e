// Locks, clocks and waiting, as each system has them.
#ifndef LH_PORT_H
#define LH_PORT_H

#include <stdatomic.h>
#include <stdint.h>

#if defined(_WIN32)

#include <windows.h>
typedef SRWLOCK lh_mutex;
typedef CONDITION_VARIABLE lh_cond;
#define LH_MUTEX_INIT SRWLOCK_INIT
#define LH_COND_INIT CONDITION_VARIABLE_INIT

#else

#include <pthread.h>
typedef pthread_mutex_t lh_mutex;
typedef pthread_cond_t lh_cond;
#define LH_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER

#endif

void lh_lock(lh_mutex *m);
void lh_unlock(lh_mutex *m);
void lh_cond_init(lh_cond *c); // on the monotonic clock where there is a choice
void lh_cond_destroy(lh_cond *c);
void lh_signal(lh_cond *c);
void lh_broadcast(lh_cond *c);
void lh_wait(lh_cond *c, lh_mutex *m);
// lh_wait_until waits until the monotonic instant and returns 0 when it has passed.
int lh_wait_until(lh_cond *c, lh_mutex *m, int64_t monotonic_ns);
void lh_yield(void);

int64_t lh_monotonic_ns(void);
int64_t lh_wall_ns(void); // to within 20 ms, and cheap

#endif
