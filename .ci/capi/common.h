// What the tests of the C library share. Each is a program: LIBRARY CONFIG STATE-DIR [...]; it opens an agent of the
// emulator that CONFIG names, activates, and does its own.
#ifndef COMMON_H
#define COMMON_H
#if !defined(_WIN32)
#define _GNU_SOURCE
#endif
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(_WIN32)
#define LEASEHOLD_STATIC
#include <windows.h>
#else
#include <dlfcn.h>
#include <unistd.h>
#endif
#include "leasehold.h"

#define NAMED_KEY "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"

static struct {
	uint32_t (*abi_version)(void);
	int32_t (*open)(const char *, int32_t, uint64_t *, char **);
	int32_t (*call)(uint64_t, const char *, const char *, int32_t, char **);
	int32_t (*next_event)(uint64_t, int32_t, char **);
	int32_t (*event_fd)(uint64_t);
	int32_t (*allows)(uint64_t, const char *);
	int32_t (*state)(uint64_t);
	int32_t (*close)(uint64_t, int32_t);
	void (*free)(char *);
} lh;

static void fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	fprintf(stderr, "FAIL: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	fflush(NULL);
	exit(1);
}

#define CHECK(what) do { if (!(what)) fail("%s:%d: %s", __FILE__, __LINE__, #what); } while (0)

__attribute__((unused)) static double now_s(void) {
#if defined(_WIN32)
	LARGE_INTEGER n, f;
	QueryPerformanceCounter(&n);
	QueryPerformanceFrequency(&f);
	return (double)n.QuadPart / (double)f.QuadPart;
#else
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
#endif
}

// load loads the library; a program that is linked with the archive (LEASEHOLD_LINKED) has it.
__attribute__((unused)) static void *loaded;
static void load(const char *path) {
#if defined(LEASEHOLD_LINKED)
	(void)path;
#define SYMBOL(to, name) lh.to = leasehold_##name
#elif defined(_WIN32)
	wchar_t wide[1024];
	MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 1024);
	HMODULE l = LoadLibraryW(wide);
	if (!l) fail("LoadLibrary %s: %lu", path, GetLastError());
	loaded = (void *)l;
#define SYMBOL(to, name) *(void **)&lh.to = (void *)GetProcAddress(l, "leasehold_" #name)
#else
	void *l = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!l) fail("dlopen: %s", dlerror());
	loaded = l;
#define SYMBOL(to, name) *(void **)&lh.to = dlsym(l, "leasehold_" #name)
#endif
	SYMBOL(abi_version, abi_version);
	SYMBOL(open, new);
	SYMBOL(call, call);
	SYMBOL(next_event, next_event);
	SYMBOL(event_fd, event_fd);
	SYMBOL(allows, allows);
	SYMBOL(state, state);
	SYMBOL(close, close);
	SYMBOL(free, free);
	CHECK(lh.abi_version && lh.open && lh.call && lh.next_event && lh.event_fd && lh.allows && lh.state && lh.close && lh.free);
	CHECK(lh.abi_version() == LEASEHOLD_ABI_VERSION);
}

// call calls a method that must succeed.
__attribute__((unused)) static void must_call(uint64_t agent, const char *method, const char *params) {
	char *text = NULL;
	int32_t rc = lh.call(agent, method, params, 0, &text);
	if (rc != 0) fail("%s: %d %s", method, (int)rc, text ? text : "(nothing)");
	CHECK(text != NULL);
	lh.free(text);
}

__attribute__((unused)) static uint64_t open_agent(const char *config, const char *dir) {
	char params[4096], *text = NULL;
	uint64_t agent = 0;
	snprintf(params, sizeof params, "{\"config_file\":\"%s\",\"state_dir\":\"%s\",\"store\":\"file\"}", config, dir);
	int32_t rc = lh.open(params, 0, &agent, &text);
	if (rc != 0) fail("open: %d %s", (int)rc, text ? text : "(nothing)");
	lh.free(text);
	CHECK(agent != 0);
	return agent;
}

__attribute__((unused)) static uint64_t activated(const char *config, const char *dir) {
	uint64_t agent = open_agent(config, dir);
	must_call(agent, "activate", "{\"key\":\"" NAMED_KEY "\"}");
	CHECK(lh.state(agent) == LEASEHOLD_ACTIVE);
	CHECK(lh.allows(agent, "pdf-export") == 1);
	return agent;
}

#endif
