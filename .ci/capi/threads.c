// Eight threads call for a while: the process does not grow, in memory, threads or descriptors.
//
//   threads LIBRARY CONFIG STATE-DIR SECONDS
#include "common.h"
#include <dirent.h>
#include <pthread.h>

static uint64_t agent;
static volatile int stop;
static _Atomic long calls;
static const char *config, *dir;

static void *work(void *arg) {
	long me = (intptr_t)arg;
	for (long i = 0; !stop; i++) {
		CHECK(lh.allows(agent, "pdf-export") == 1 && lh.state(agent) == LEASEHOLD_ACTIVE);
		must_call(agent, i % 2 ? "status" : "features", "{}");
		if (me == 0 && i % 50 == 0) must_call(agent, "heartbeat", "{}");
		if (me == 1 && i % 50 == 0) { // agents come and go
			char own[1024];
			snprintf(own, sizeof own, "%s/own", dir);
			uint64_t other = open_agent(config, own);
			CHECK(lh.event_fd(other) >= 0);
			CHECK(lh.close(other, 3000) == 0);
		}
		char *event = NULL;
		CHECK(lh.next_event(agent, 0, &event) == 0);
		lh.free(event);
		calls++;
	}
	return NULL;
}

static long of_status(const char *name) {
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long n = -1;
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name))) n = atol(line + strlen(name));
	fclose(f);
	return n;
}

static long descriptors(void) {
	DIR *d = opendir("/proc/self/fd");
	long n = 0;
	while (readdir(d)) n++;
	closedir(d);
	return n;
}

int main(int argc, char **argv) {
	if (argc != 5) fail("threads LIBRARY CONFIG STATE-DIR SECONDS");
	load(argv[1]);
	config = argv[2], dir = argv[3];
	int seconds = atoi(argv[4]);
	agent = activated(config, dir);
	pthread_t t[8];
	for (int i = 0; i < 8; i++) CHECK(pthread_create(&t[i], NULL, work, (void *)(intptr_t)i) == 0);
	// What a third of the time has used is used; the rest may add a tenth and 8 MB.
	double end = now_s() + seconds;
	while (now_s() < end - seconds * 2.0 / 3) usleep(100000);
	long memory = of_status("VmRSS:"), threads = of_status("Threads:"), files = descriptors(), most = 0;
	while (now_s() < end) {
		usleep(100000);
		long n = of_status("VmRSS:");
		if (n > most) most = n;
	}
	long threads_after = of_status("Threads:"), files_after = descriptors();
	stop = 1;
	for (int i = 0; i < 8; i++) pthread_join(t[i], NULL);
	printf("%ld rounds; memory %ld kB after a third, at most %ld kB later; threads %ld, then %ld; descriptors %ld, then %ld\n", calls, memory, most, threads, threads_after, files, files_after);
	if (most > memory + memory / 10 + 8192) fail("memory grows");
	if (threads_after > threads + 8) fail("threads grow");
	if (files_after > files + 8) fail("descriptors grow");
	CHECK(lh.close(agent, 3000) == 0);
	return 0;
}
