// The life of an agent, on every platform; the library and the state lie in folders with blanks and umlauts.
//
//   basic LIBRARY CONFIG STATE-DIR
#include "common.h"
#if defined(_WIN32)
#include <shellapi.h>
#else
#include <poll.h>
#endif

static void took_event(uint64_t agent, const char *type) {
	char wanted[64];
	snprintf(wanted, sizeof wanted, "\"type\":\"%s\"", type);
	for (int i = 0; i < 50; i++) {
		char *event = NULL;
		CHECK(lh.next_event(agent, 5000, &event) == 0);
		if (!event) break;
		int found = strstr(event, wanted) != NULL;
		lh.free(event);
		if (found) return;
	}
	fail("there was no event %s", type);
}

// unload unloads the library as often as it can be: it stays all the same.
static void unload(void) {
	for (int i = 0; loaded && i < 3; i++) {
#if defined(_WIN32)
		FreeLibrary((HMODULE)loaded);
#else
		dlclose(loaded);
#endif
	}
}

static int test(const char *library, const char *config, const char *dir) {
	double begun = now_s();
	load(library);
	double loaded = now_s();
	uint64_t agent = open_agent(config, dir), other = 1;
	double opened = now_s();
	char *out = NULL;
	CHECK(lh.state(agent) == LEASEHOLD_LOCKED && lh.allows(agent, "pdf-export") == 0);
	must_call(agent, "activate", "{\"key\":\"" NAMED_KEY "\"}");
	CHECK(lh.state(agent) == LEASEHOLD_ACTIVE && lh.allows(agent, "pdf-export") == 1 && lh.allows(agent, "beta") == 0 && lh.allows(agent, "nothing") == 0);
	took_event(agent, "state_changed");
	CHECK(lh.call(agent, "activate", "{\"key\":\"00000000-7b1f-4a52-8f6e-2d3c4b5a6978\"}", 0, &out) == LEASEHOLD_CONFLICT);
	CHECK(out && strstr(out, "\"code\":1000") && strstr(out, "\"hint\":\""));
	lh.free(out);
	must_call(agent, "usage", "{\"feature\":\"Gr\xc3\xb6\xc3\x9f" "e \xc3\xa4ndern\"}");
	must_call(agent, "flush", "{}");
	CHECK(lh.call(agent, "nothing", "{}", 0, &out) == LEASEHOLD_NO_METHOD && out);
	lh.free(out);
	CHECK(lh.open("{}", 0, &other, &out) == LEASEHOLD_USAGE && other == 0 && out);
	lh.free(out);
	CHECK(lh.call(agent, NULL, "{}", 0, &out) == LEASEHOLD_USAGE && out);
	lh.free(out);
	CHECK(lh.call(agent, "status", NULL, 0, &out) == LEASEHOLD_USAGE && lh.call(agent, "status", "{}", 0, NULL) == LEASEHOLD_USAGE);
	lh.free(out);
	CHECK(lh.allows(agent, NULL) == LEASEHOLD_USAGE && lh.next_event(agent, 0, NULL) == LEASEHOLD_USAGE);
	CHECK(lh.open(NULL, 0, &other, &out) == LEASEHOLD_USAGE);
	lh.free(out);
#if defined(_WIN32)
	CHECK(lh.event_fd(agent) == LEASEHOLD_USAGE);
#else
	do {
		CHECK(lh.next_event(agent, 0, &out) == 0);
		lh.free(out);
	} while (out);
	struct pollfd p = {.fd = lh.event_fd(agent), .events = POLLIN};
	CHECK(p.fd >= 0 && poll(&p, 1, 0) == 0);
#endif
	must_call(agent, "deactivate", "{}");
#if !defined(_WIN32)
	CHECK(poll(&p, 1, 5000) == 1);
#endif
	took_event(agent, "state_changed");
	// Deadlines that are out of range.
	const int32_t wrong[] = {-1, INT32_MIN, 600001, INT32_MAX};
	for (int i = 0; i < 4; i++) {
		CHECK(lh.call(agent, "status", "{}", wrong[i], &out) == LEASEHOLD_USAGE && strstr(out, "\"op\":\"status\"") && strstr(out, "600000"));
		lh.free(out);
		CHECK(wrong[i] > 0 || lh.next_event(agent, wrong[i], &out) == LEASEHOLD_USAGE);
		uint64_t another = open_agent(config, dir);
		CHECK(lh.close(another, wrong[i]) == LEASEHOLD_USAGE && lh.state(another) == LEASEHOLD_NO_AGENT && lh.close(another, wrong[i]) == LEASEHOLD_NO_AGENT);
	}
	CHECK(lh.call(agent, "\"quoted\"", "{}", -1, &out) == LEASEHOLD_USAGE && strstr(out, "\"op\":\"call\""));
	lh.free(out);
	// Texts that are too long.
	enum { LONG = 9 << 20 };
	char *text = malloc(LONG + 1);
	CHECK(text);
	memset(text, 'x', LONG);
	text[LONG] = 0;
	CHECK(lh.call(agent, text, "{}", 0, &out) == LEASEHOLD_USAGE && out);
	lh.free(out);
	CHECK(lh.call(agent, "status", text, 0, &out) == LEASEHOLD_USAGE && out);
	lh.free(out);
	CHECK(lh.open(text, 0, &other, &out) == LEASEHOLD_USAGE && out);
	lh.free(out);
	CHECK(lh.allows(agent, text) == 0);
	free(text);
	// What is not UTF-8.
	CHECK(lh.call(agent, "feature", "{\"name\":\"\xff\"}", 0, &out) == LEASEHOLD_USAGE && strstr(out, "UTF-8"));
	lh.free(out);
	CHECK(lh.call(agent, "\xff", "{}", 0, &out) == LEASEHOLD_NO_METHOD && lh.allows(agent, "\xff") == 0);
	lh.free(out);
	CHECK(lh.close(agent, 3000) == 0 && lh.close(agent, 3000) == LEASEHOLD_NO_AGENT);
	CHECK(lh.state(agent) == LEASEHOLD_NO_AGENT && lh.allows(agent, "x") == LEASEHOLD_NO_AGENT && lh.next_event(agent, 0, &out) == LEASEHOLD_NO_AGENT);
	CHECK(lh.event_fd(agent) == LEASEHOLD_NO_AGENT || lh.event_fd(agent) == LEASEHOLD_USAGE);
	unload();
	CHECK(lh.state(agent) == LEASEHOLD_NO_AGENT);
	lh.close(open_agent(config, dir), 3000);
	printf("loaded in %.1f ms, opened in %.1f ms\n", (loaded - begun) * 1e3, (opened - loaded) * 1e3);
	return 0;
}

#if defined(_WIN32)
// main's arguments are in the system's code page; these are not.
int main(void) {
	int n;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &n);
	static char args[4][2048];
	CHECK(n == 4);
	for (int i = 0; i < 4; i++) WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, args[i], sizeof args[i], NULL, NULL);
	for (int i = 2; i < 4; i++) // in JSON a backslash stands before another
		for (char *c = args[i]; *c; c++)
			if (*c == '\\') *c = '/';
	return test(args[1], args[2], args[3]);
}
#else
int main(int argc, char **argv) {
	if (argc != 4) fail("basic LIBRARY CONFIG STATE-DIR");
	return test(argv[1], argv[2], argv[3]);
}
#endif
