/*
 * Leasehold: licences for desktop applications, for every language that can
 * call C.
 *
 *   uint64_t agent;
 *   char *text;
 *   if (leasehold_new("{\"config_file\":\"vendor.json\"}", 0, &agent, &text) != LEASEHOLD_OK) { ... text says why ... }
 *   leasehold_free(text);
 *   if (leasehold_allows(agent, "pdf-export") == 1) { ... }
 *   leasehold_close(agent, 3000);
 *
 * What can be asked with leasehold_call, and what is answered, is described in
 * agent/protocol/REFERENCE.md; schema.json beside it says the same for programs.
 *
 * TEXT is UTF-8 and ends with a zero byte, on Windows too. Paths in it are
 * UTF-8 as well. What is given has at most 8 MiB.
 *
 * OWNERSHIP. What the library is given it copies; it keeps no pointer of yours
 * after a function has returned. What it gives to you (*result, *event) is yours:
 * release it with leasehold_free, and with nothing else. Where there is nothing to
 * give, it is NULL. NULL where a pointer is wanted is a failure
 * (LEASEHOLD_USAGE), except for leasehold_free.
 *
 * THREADS. All functions may be called from any thread at any time, also several
 * for one agent. The threads that call never run Go code: they hand a request
 * to threads of the library and wait, and leasehold_allows and leasehold_state do
 * not even that. There are no callbacks: no code of yours is called.
 *
 * FAILURES. A function that fails returns one of the negative numbers below, and,
 * where it has a result, a JSON object with kind, code, message, hint, remedy_id
 * and retry_after_s in it. A failure belongs to its call; there is no last error.
 *
 * DEADLINES. Every call ends: timeout_ms is in milliseconds, at most 600000; 0
 * means the default of 30000. A call may take 5 seconds longer, where the server
 * may already have done what was asked and its answer is waited for.
 * leasehold_next_event waits as long as it is told to.
 *
 * FORK. After fork without exec the library cannot be used in the child: its
 * threads are not there. Functions fail with LEASEHOLD_FORKED, but
 * leasehold_allows and leasehold_state, which go on answering until the next
 * instant at which something would change, and leasehold_free. The parent
 * is not affected. A program that forks workers opens agents after forking, each
 * worker having loaded the library itself, or uses leasehold serve --stdio.
 *
 * SIGNALS (Linux and macOS). Loading the library leaves the signals of the host
 * as they are: handlers, their flags, and the mask of the thread that loads. The
 * library's own threads block all signals but SIGSEGV, SIGBUS, SIGFPE, SIGILL,
 * SIGTRAP, SIGSTKFLT, SIGCHLD, SIGPROF and 32 to 34, so that no handler of yours
 * runs on their small stacks. What that leaves to you:
 *   - the Go runtime handles SIGSEGV, SIGBUS and SIGFPE, and passes what is not its own
 *     to the handler that was there when the library was loaded;
 *   - handlers of SIGCHLD and SIGPROF, and of SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP and
 *     SIGSTKFLT where you install them after loading, need the flag SA_ONSTACK;
 *   - signal 34 (SIGRTMIN of glibc), with which .NET stops its threads, may be
 *     sent to threads of your own; sent to the whole process while a handler
 *     for it is installed, it is not supported.
 * No function is safe to call from a signal handler, except leasehold_allows and
 * leasehold_state while nothing changes; better set a flag.
 *
 * UNLOADING. The library stays in the process: dlclose and FreeLibrary have no
 * effect. Close agents with leasehold_close; that ends their work.
 *
 * OTHER GO CODE. Two Go runtimes in one process are not supported (golang/go
 * issue 65050): a host that is written in Go imports the Go package; one that loads
 * another library that is written in Go uses leasehold serve --stdio. musl
 * cannot dlopen the shared library (golang/go issue 54805): link the archive, built
 * for musl (CC=musl-gcc build.sh --archive), or use leasehold serve --stdio.
 *
 * COMPATIBILITY. What is here stays as it is for a major version: functions and
 * numbers may be added, none changes or goes. The shared library's name has the
 * major version in it (libleasehold.so.1).
 */
#ifndef LEASEHOLD_H
#define LEASEHOLD_H

#include <stdint.h>

#if defined(_WIN32)
#  if defined(LEASEHOLD_BUILD)
#    define LEASEHOLD_API __declspec(dllexport)
#  elif defined(LEASEHOLD_STATIC)
#    define LEASEHOLD_API
#  else
#    define LEASEHOLD_API __declspec(dllimport)
#  endif
#else
#  define LEASEHOLD_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. It rises when something is added; leasehold_abi_version returns that of the library. */
#define LEASEHOLD_ABI_VERSION 1

/* What an application may do, in the order of severity; returned by leasehold_state. */
#define LEASEHOLD_ACTIVE    0 /* everything */
#define LEASEHOLD_GRACE     1 /* everything, until a deadline */
#define LEASEHOLD_READ_ONLY 2 /* open, view, print, export; no edit or save */
#define LEASEHOLD_LOCKED    3 /* nothing but the licence screen */

/* What functions return: LEASEHOLD_OK, or why they failed. */
#define LEASEHOLD_OK          0
#define LEASEHOLD_USAGE      -1 /* the call or the configuration makes no sense as it is; a NULL pointer */
#define LEASEHOLD_CONFLICT   -2 /* the licence server refused; code says why */
#define LEASEHOLD_SILENCE    -3 /* no answer came; nothing changed, and trying again may help */
#define LEASEHOLD_INTEGRITY  -4 /* something answered that could not prove to be the server's fresh answer for this client */
#define LEASEHOLD_NO_AGENT   -5 /* there is no such agent: it was closed, or never opened */
#define LEASEHOLD_TIMEOUT    -6 /* the deadline passed before the call was done */
#define LEASEHOLD_CANCELED   -7 /* the agent was closed meanwhile */
#define LEASEHOLD_FORKED     -8 /* the process is a fork of the one that loaded the library */
#define LEASEHOLD_NO_METHOD  -9 /* there is no such method */
#define LEASEHOLD_INTERNAL  -10 /* a fault of Leasehold, or no memory is left */

/* Returns the library's LEASEHOLD_ABI_VERSION. A program that needs what was added in version N checks that it is at least N. */
LEASEHOLD_API uint32_t leasehold_abi_version(void);

/*
 * Opens an agent: reads what is kept on this machine, decides from that, and
 * begins heartbeats in the background. The network is not waited for.
 *
 *   params      a JSON object with the parameters of the method open, such as
 *               {"config":{...},"state_dir":"/home/jo/.config/sketch"}.
 *   timeout_ms  see DEADLINES.
 *   agent       receives the handle, which is never 0 and never used again; 0
 *               on failure.
 *   result      receives {"agent":...,"status":{...}}, or the failure.
 *
 * An agent is to be closed with leasehold_close. At most 64 can be open.
 */
LEASEHOLD_API int32_t leasehold_new(const char *params, int32_t timeout_ms, uint64_t *agent, char **result);

/*
 * Calls a method of the protocol, such as "activate" with {"key":"..."}, and
 * waits for its result.
 *
 *   agent       a handle, or 0 for methods that need none. A handle that is not
 *               an open agent's is a failure (LEASEHOLD_NO_AGENT), never a crash.
 *   method      its name.
 *   params      a JSON object, "{}" for none; an empty text means the same.
 *   timeout_ms  see DEADLINES.
 *   result      receives the result, a JSON object, or the failure.
 *
 * The method begin begins another call and returns at once; the answer comes as
 * the event call_ended, for programs that have a main loop and no thread to spare.
 */
LEASEHOLD_API int32_t leasehold_call(uint64_t agent, const char *method, const char *params, int32_t timeout_ms, char **result);

/*
 * Takes the next event of an agent, and waits for one when there is none.
 *
 *   timeout_ms  how long to wait; 0 does not wait, below 0 is a failure
 *               (LEASEHOLD_USAGE). Any other function may be called meanwhile;
 *               leasehold_close ends the wait.
 *   event       receives the event, a JSON object with seq, at and type; NULL
 *               when none came in time, which is no failure.
 *
 * The last 256 events are kept for a caller who is behind; a gap in seq says that
 * older ones were dropped, and that the status is to be asked for. Each event is
 * given to one caller. The method events of leasehold_call is another view of the
 * same events, for a caller who keeps count.
 */
LEASEHOLD_API int32_t leasehold_next_event(uint64_t agent, int32_t timeout_ms, char **event);

/*
 * Returns a file descriptor that is readable while an event waits to be taken
 * with leasehold_next_event, for poll, select, QSocketNotifier or a GLib source.
 * It belongs to the library: do not read, write or close it, and stop watching
 * it before leasehold_close. It is the same one each time. On Windows there is
 * none, and the function fails with LEASEHOLD_USAGE: wait in a thread.
 */
LEASEHOLD_API int32_t leasehold_event_fd(uint64_t agent);

/*
 * Tells whether the user may use a feature now: 1 yes, 0 no, negative a failure,
 * which is to be taken for no.
 *
 *   feature     the feature's name or ID, as the licence spells it.
 *
 * It reads memory and the clock, takes no lock and does not wait, but for the
 * first reader after an instant at which something changed, or after the clock was
 * set, who asks the library's threads (about 0.2 ms).
 */
LEASEHOLD_API int32_t leasehold_allows(uint64_t agent, const char *feature);

/* Tells what the application may do now: LEASEHOLD_ACTIVE to LEASEHOLD_LOCKED, negative a failure. It reads as leasehold_allows does. */
LEASEHOLD_API int32_t leasehold_state(uint64_t agent);

/*
 * Closes an agent: cancels its calls under way, gives a floating seat back
 * unless it is checked out, and keeps what was observed. timeout_ms bounds how
 * long the server is waited for; one that is out of range is a failure
 * (LEASEHOLD_USAGE), and the default counts. The handle is of no use afterwards, also
 * when the function fails, but in a fork.
 */
LEASEHOLD_API int32_t leasehold_close(uint64_t agent, int32_t timeout_ms);

/* Releases a text that the library gave. NULL is nothing to release. */
LEASEHOLD_API void leasehold_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
