// Plays the conformance vectors (agent/protocol/vectors) and tests the header.
//
//   vectors CONTROL-URL CONFIG STATE-DIR VECTOR...
//
// CONTROL-URL and CONFIG are a running emulator's.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clocale>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "leasehold.hpp"

using leasehold::Agent;
using leasehold::Failure;
using leasehold::Json;

static int failed = 0;

template <class... T> static void fail(const T &...what) {
	failed++;
	((std::cerr << "FAIL: ") << ... << what) << std::endl;
}

#define CHECK(what) \
	do { \
		if (!(what)) fail(__FILE__, ":", __LINE__, ": ", #what); \
	} while (0)

static std::string read(const std::string &path) {
	std::ifstream in(path, std::ios::binary);
	std::stringstream all;
	all << in.rdbuf();
	return all.str();
}

// http sends a request to the emulator on this machine and returns the body.
static std::string http(const std::string &control, const std::string &method, const std::string &path, const std::string &body) {
	std::size_t colon = control.rfind(':'), slash = control.find('/', colon);
	int port = std::stoi(control.substr(colon + 1));
	std::string base = control.substr(slash);
	while (!base.empty() && base.back() == '/') base.pop_back();
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(static_cast<std::uint16_t>(port));
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	if (connect(fd, reinterpret_cast<sockaddr *>(&to), sizeof to) != 0) return fail("the emulator is not there"), "";
	std::string request = method + " " + base + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, answer;
	for (std::size_t sent = 0; sent < request.size();) {
		ssize_t n = write(fd, request.data() + sent, request.size() - sent);
		if (n <= 0) break;
		sent += static_cast<std::size_t>(n);
	}
	char part[4096];
	for (ssize_t n; (n = ::read(fd, part, sizeof part)) > 0;) answer.append(part, static_cast<std::size_t>(n));
	close(fd);
	if (answer.compare(9, 1, "2") != 0) fail(method, " ", path, ": ", answer);
	std::size_t head = answer.find("\r\n\r\n");
	return head == std::string::npos ? "" : answer.substr(head + 4);
}

static bool holds(const Json *got, const Json &want) {
	if (!got) return false;
	if (want.is_text() && want.text() == "$any") return !got->is_null();
	if (want.is_object()) {
		if (!got->is_object()) return false;
		for (const auto &m : want.object()) {
			auto at = got->object().find(m.first);
			if (at == got->object().end() || !holds(&at->second, m.second)) return false;
		}
		return true;
	}
	if (want.is_list()) {
		if (!got->is_list() || got->list().size() != want.list().size()) return false;
		for (std::size_t i = 0; i < want.list().size(); i++)
			if (!holds(&got->list()[i], want.list()[i])) return false;
		return true;
	}
	return *got == want;
}

static Json merged(Json::Object a, const Json &b) {
	for (const auto &m : b.object()) a.insert_or_assign(m.first, m.second);
	return a;
}

// Story is a vector that is being played.
struct Story {
	std::string control, dir, name;
	Json config;
	std::map<std::string, std::uint64_t> agents{{"none", 0}, {"never", 4711}};
	Json::Object kept;

	Json fill(const Json &v) const {
		if (v.is_text() && v.text().size() > 1 && v.text()[0] == '$' && v.text() != "$any") return kept.at(v.text().substr(1));
		if (v.is_object()) {
			Json::Object o;
			for (const auto &m : v.object()) o.emplace(m.first, fill(m.second));
			return o;
		}
		if (v.is_list()) {
			Json::List l;
			for (const Json &x : v.list()) l.push_back(fill(x));
			return l;
		}
		return v;
	}

	leasehold::Result<Json> open(const Json &step, std::uint64_t &agent) const {
		Json c = merged(merged(Json::Object{{"device_id", name}}, config).object(), step["config"]);
		Json params = merged(Json::Object{{"config", c}, {"state_dir", dir + "/" + c["device_id"].text()}, {"store", "file"}}, step["open"]);
		char *text = nullptr;
		std::int32_t rc = leasehold_new(params.dump().c_str(), 0, &agent, &text);
		Json v = Json::parse(text ? text : "null").value_or(Json());
		leasehold_free(text);
		if (rc != LEASEHOLD_OK) return Failure(rc, "open", v);
		return v;
	}

	void event(const Json &step, std::uint64_t agent, const std::string &where) const {
		for (int i = 0; i < 100; i++) {
			char *text = nullptr;
			if (leasehold_next_event(agent, 10000, &text) != LEASEHOLD_OK || !text) break;
			Json e = Json::parse(text).value_or(Json());
			leasehold_free(text);
			if (e["type"] != step["event"]) continue;
			if (!step["with"].is_null() && !holds(&e, fill(step["with"]))) fail(where, ": ", e.dump());
			return;
		}
		fail(where, ": there was no ", step["event"].text());
	}

	void play(const Json &step, const std::string &where) {
		std::string who = step["agent"].is_text() ? step["agent"].text() : "a";
		std::uint64_t agent = agents[who];
		if (step["allows"].is_text()) {
			if ((leasehold_allows(agent, fill(step["allows"]).text().c_str()) == 1) != step["is"].truth()) fail(where, ": allows ", step["allows"].text());
			return;
		}
		if (step["state"].is_text()) {
			std::int32_t n = leasehold_state(agent);
			if (n < 0 || name_of(n) != step["state"].text()) fail(where, ": the state is ", n);
			return;
		}
		if (step["event"].is_text()) return event(step, agent, where);
		leasehold::Result<Json> got = Json();
		if (step["server"].is_text()) {
			std::string line = step["server"].text(), body = step["body"].is_null() ? "" : fill(step["body"]).dump();
			std::size_t blank = line.find(' ');
			got = Json(Json::Object{{"$body", http(control, line.substr(0, blank), line.substr(blank + 1), body)}});
		} else if (step["open"].is_object()) {
			got = open(step, agent);
			if (got) agents[who] = agent;
		} else if (step["close"].truth()) {
			got = Agent::call(agent, "close");
			agents["closed"] = agent;
		} else {
			Json params = step["params"].is_null() ? Json(Json::Object{}) : fill(step["params"]);
			got = Agent::call(agent, step["call"].text(), params, std::chrono::milliseconds(step["timeout_ms"].integer()));
		}
		if (!step["failure"].is_null()) {
			if (got) fail(where, ": it did not fail: ", got->dump());
			else if (!holds(&got.error().raw, fill(step["failure"]))) fail(where, ": it failed with ", got.error().raw.dump());
			return;
		}
		if (!got) return fail(where, ": ", got.error().raw.dump());
		if (!step["result"].is_null() && !holds(&*got, fill(step["result"]))) fail(where, ": the result is ", got->dump());
		for (const auto &m : step["keep"].object()) kept.insert_or_assign(m.first, (*got)[m.second.text()]);
	}

	static std::string name_of(std::int32_t n) { return leasehold::name(static_cast<leasehold::State>(n)); }

	void end() const {
		for (const auto &a : agents)
			if (a.first != "none" && a.first != "never") leasehold_close(a.second, 3000);
	}
};

static void test_json() {
	for (const char *text : {"", "{", "[1,", "{\"a\"}", "{\"a\":}", "nul", "\"\\x\"", "\"", "1 2", "{1:2}", "[}", "\"\\u12\"", "-"}) CHECK(!Json::parse(text));
	CHECK(!Json::parse(std::string(100000, '[')));
	Json v = Json::parse(R"( {"a":[1,-2.5,true,null,"\u00e4\ud83d\ude00\n\"\\"],"b":{}} )").value();
	CHECK(v["a"].list().size() == 5 && v["a"].list()[1].number() == -2.5 && v["a"].list()[4].text() == "\xc3\xa4\xf0\x9f\x98\x80\n\"\\");
	CHECK(v["b"].is_object() && v["c"]["d"].is_null() && v["a"].list()[4].list().empty());
	CHECK(Json::parse(v.dump()).value() == v);
	CHECK(Json(1.0 / 0.0).dump() == "null" && Json::parse("1e999") && !Json::parse("1.2.3") && !Json::parse("--1") && !Json::parse("1e"));
}

// In a program that writes numbers with a comma, JSON has a point all the same.
static void test_locale() {
	CHECK(std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr && std::localeconv()->decimal_point[0] == ',');
	test_json();
	CHECK(Json(0.5).dump() == "0.5" && Json::parse("0.1").value().number() == 0.1);
	for (double n : {0.1, -2.0 / 3, 1e300, 5e-324, 1e16, 9007199254740993.0}) CHECK(Json::parse(Json(n).dump()).value().number() == n);
}

static void test_agent(const std::string &control, const std::string &dir, const Json &config) {
	http(control, "POST", "/reset", "");
	Json params = Json::Object{{"config", config}, {"state_dir", dir + "/agent"}, {"store", "file"}};
	CHECK(!Agent::open(std::string("{")));
	auto opened = Agent::open(params);
	if (!opened) return fail(opened.error().message, " ", opened.error().hint);
	Agent agent = std::move(*opened);
	CHECK(agent.state() == leasehold::State::locked && !agent.allows("pdf-export"));
	auto wrong = agent.activate("00000000-7b1f-4a52-8f6e-2d3c4b5a6978");
	CHECK(!wrong && wrong.error().kind == leasehold::Kind::conflict && wrong.error().code == 1000 && wrong.error().status && !wrong.error().hint.empty());
	try {
		(void)wrong.value();
		fail("value() does not throw");
	} catch (const Failure &f) {
		CHECK(f.code == 1000);
	}
	auto status = agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978");
	if (!status) return fail(status.error().message);
	CHECK(status->state == leasehold::State::active && status->license && status->license->expires > std::chrono::system_clock::now());
	CHECK(status->since && std::chrono::abs(*status->since - std::chrono::system_clock::now()) < std::chrono::hours(1));
	CHECK(agent.allows("pdf-export") && agent.feature("beta").value().reason != "");
	CHECK(!agent.allows(std::string("pdf-export\0x", 12)) && !agent.call(std::string("deactivate\0", 11)) && agent.state() == leasehold::State::active);
	for (const char *key : {"00000000-7b1f-4a52-8f6e-2d3c4b5a6978", "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"}) {
		std::uint64_t number = agent.begin("activate", Json::Object{{"key", key}}, std::chrono::seconds(20)).value();
		std::optional<leasehold::Event> ended;
		do ended = agent.next_event(std::chrono::seconds(10)).value();
		while (ended && ended->type != "call_ended");
		CHECK(ended && ended->call == number && ended->answer && ended->answer->has_value() == (key[0] == '0' && key[1] == 'e'));
		if (ended && ended->answer && *ended->answer) CHECK((**ended->answer)["state"].text() == "active");
		else if (ended && ended->answer) CHECK(ended->answer->error().kind == leasehold::Kind::conflict && ended->answer->error().code == 1000);
	}
	for (auto timeout : {std::chrono::milliseconds(-1), std::chrono::milliseconds(600001), std::chrono::milliseconds(1LL << 32), std::chrono::milliseconds::max(), std::chrono::milliseconds::min()}) {
		auto refused = agent.call("status", Json::Object{}, timeout);
		CHECK(!refused && refused.error().kind == leasehold::Kind::usage && refused.error().op == "status" && refused.error().message.find("600000") != std::string::npos);
		Agent another = Agent::open(params).value();
		std::uint64_t handle = another.handle();
		another.close(timeout);
		CHECK(leasehold_state(handle) == LEASEHOLD_NO_AGENT);
	}
	CHECK(agent.feature(std::string(9 << 20, 'x')).error().kind == leasehold::Kind::usage && agent.feature("\xff").error().kind == leasehold::Kind::usage);
	CHECK(agent.begin("close").error().kind == leasehold::Kind::usage);
	std::vector<std::thread> threads;
	for (int i = 0; i < 8; i++)
		threads.emplace_back([&] {
			for (int k = 0; k < 50; k++) CHECK(agent.allows("pdf-export") && agent.status());
		});
	for (auto &t : threads) t.join();
	std::thread waiting([handle = agent.handle()] {
		char *text = nullptr;
		while (leasehold_next_event(handle, 60000, &text) == LEASEHOLD_OK) leasehold_free(text);
	});
	Agent other = std::move(agent);
	CHECK(agent.handle() == 0 && !agent.allows("pdf-export") && other.allows("pdf-export"));
	other.close();
	waiting.join();
	CHECK(!other.status() && other.state() == leasehold::State::locked);
}

int main(int argc, char **argv) {
	if (argc < 5) return fail("vectors CONTROL-URL CONFIG STATE-DIR VECTOR..."), 2;
	std::string control = argv[1];
	Json config = Json::parse(read(argv[2])).value();
	test_json();
	test_agent(control, argv[3], config);
	test_locale();
	for (int i = 4; i < argc; i++) {
		std::string file = argv[i], name = file.substr(file.rfind('/') + 1);
		Json vector = Json::parse(read(file)).value_or(Json());
		if (vector["steps"].list().empty()) fail(file, " is no vector");
		http(control, "POST", "/reset", "");
		Story story;
		story.control = control;
		story.dir = std::string(argv[3]) + "/" + name;
		story.name = name;
		story.config = config;
		int number = 0, before = failed;
		for (const Json &step : vector["steps"].list()) {
			story.play(step, name + " step " + std::to_string(++number));
			if (failed > before) break;
		}
		story.end();
	}
	if (failed == 0) std::cout << argc - 4 << " vectors pass" << std::endl;
	return failed != 0;
}
