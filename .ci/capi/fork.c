// After a fork the child's calls fail and say so, its reads go on, and the parent is not affected; also when threads call
// at the moment of the fork.
//
//   fork LIBRARY CONFIG STATE-DIR FORKS
#include "common.h"
#include <pthread.h>
#include <sys/wait.h>

static uint64_t agent;
static volatile int stop;

static void *busy(void *arg) {
	(void)arg;
	while (!stop) {
		must_call(agent, "feature", "{\"name\":\"batch\"}");
		if (lh.allows(agent, "batch") != 1) fail("allows");
	}
	return NULL;
}

static int child(void) {
	alarm(10);
	char *out = NULL;
	uint64_t opened = 1;
	if (lh.call(agent, "status", "{}", 1000, &out) != LEASEHOLD_FORKED || !out || !strstr(out, "\"kind\":\"forked\"")) return 2;
	lh.free(out);
	if (lh.open("{}", 1000, &opened, &out) != LEASEHOLD_FORKED || opened != 0) return 3;
	lh.free(out);
	if (lh.next_event(agent, 1000, &out) != LEASEHOLD_FORKED || out) return 4;
	if (lh.event_fd(agent) != LEASEHOLD_FORKED) return 5;
	if (lh.close(agent, 1000) != LEASEHOLD_FORKED) return 6;
	if (lh.allows(agent, "pdf-export") != 1 || lh.allows(agent, "beta") != 0 || lh.state(agent) != LEASEHOLD_ACTIVE) return 7;
	if (lh.abi_version() != LEASEHOLD_ABI_VERSION) return 8;
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 5) fail("fork LIBRARY CONFIG STATE-DIR FORKS");
	load(argv[1]);
	agent = activated(argv[2], argv[3]);
	pthread_t t[4];
	for (int i = 0; i < 4; i++) CHECK(pthread_create(&t[i], NULL, busy, NULL) == 0);
	int forks = atoi(argv[4]);
	for (int i = 0; i < forks; i++) {
		pid_t pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) _exit(child());
		int status;
		CHECK(waitpid(pid, &status, 0) == pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status)) fail("the child of fork %d: signal %d, exit %d", i, WIFSIGNALED(status) ? WTERMSIG(status) : 0, WEXITSTATUS(status));
	}
	stop = 1;
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	must_call(agent, "heartbeat", "{}");
	CHECK(lh.close(agent, 3000) == 0);
	printf("%d forks\n", forks);
	return 0;
}
