// A host that has no file descriptors left lives on, whether it had some when it loaded the library or not: calls are
// errors meanwhile, and work as soon as there are some again.
//
//   descriptors LIBRARY CONFIG STATE-DIR before|after
//
// before: none are left (but the one that loading needs) when the library is loaded; after: at the first call.
#include "common.h"
#include <sys/resource.h>

static int taken[256], count;

static void take(int leave) {
	int fd;
	while ((fd = dup(0)) >= 0) {
		CHECK(count < 256);
		taken[count++] = fd;
	}
	while (leave-- > 0) close(taken[--count]);
}

static void give(void) {
	while (count > 0) close(taken[--count]);
}

int main(int argc, char **argv) {
	CHECK(argc == 5);
	int before = strcmp(argv[4], "before") == 0;
	struct rlimit few = {100, 100};
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	if (before) take(1);
	load(argv[1]);
	take(0);

	char params[4096], *text = NULL;
	uint64_t agent = 0;
	snprintf(params, sizeof params, "{\"config_file\":\"%s\",\"state_dir\":\"%s\",\"store\":\"file\"}", argv[2], argv[3]);
	for (int i = 0; i < 3; i++) {
		CHECK(lh.open(params, 2000, &agent, &text) < 0 && agent == 0);
		CHECK(text != NULL);
		// The library may still be starting when loading it is over.
		if (!strstr(text, "no file descriptors left") && (before || !strstr(text, "too many open files"))) fail("%s", text);
		lh.free(text);
		text = NULL;
	}
	give();
	agent = activated(argv[2], argv[3]);

	take(0); // an agent that is open goes on as well
	CHECK(lh.call(agent, "heartbeat", "{}", 5000, &text) < 0 && text);
	lh.free(text);
	CHECK(lh.state(agent) == LEASEHOLD_ACTIVE && lh.allows(agent, "pdf-export") == 1);
	give();
	must_call(agent, "heartbeat", "{}");
	CHECK(lh.close(agent, 5000) == 0);
	puts("a host without file descriptors lived on");
	return 0;
}
