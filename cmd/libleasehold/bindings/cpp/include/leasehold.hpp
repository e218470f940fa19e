// Leasehold for C++17: licences for desktop applications.
//
//   auto opened = leasehold::Agent::open(R"({"config_file":"vendor.json"})");
//   if (!opened) { show(opened.error().message, opened.error().hint); return; }
//   leasehold::Agent agent = std::move(*opened);
//   if (agent.allows("pdf-export")) ...
//
// Header only, over the C library: leasehold.h says what holds of threads, fork, signals and unloading. Text is UTF-8.
// Calls return a Result, which has a value or a Failure; value() throws the Failure, for those who prefer exceptions.
#ifndef LEASEHOLD_HPP
#define LEASEHOLD_HPP

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <limits>
#include <locale>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "leasehold.h"

namespace leasehold {

using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// Json is a JSON value. A member that is not there reads as null, and so does one of anything but an object; a value
// of another type reads as its type's zero. So can what a newer library adds or leaves out be read without a check at
// each step.
class Json {
public:
	using List = std::vector<Json>;
	using Object = std::map<std::string, Json, std::less<>>;

	Json() = default;
	Json(std::nullptr_t) {}
	Json(bool b) : value(b) {}
	Json(int n) : value(static_cast<double>(n)) {}
	Json(double n) : value(n) {}
	Json(std::string s) : value(std::move(s)) {}
	Json(const char *s) : value(std::string(s)) {}
	Json(List l) : value(std::move(l)) {}
	Json(Object o) : value(std::move(o)) {}

	bool is_null() const { return std::holds_alternative<std::monostate>(value); }
	bool is_bool() const { return std::holds_alternative<bool>(value); }
	bool is_number() const { return std::holds_alternative<double>(value); }
	bool is_text() const { return std::holds_alternative<std::string>(value); }
	bool is_list() const { return std::holds_alternative<List>(value); }
	bool is_object() const { return std::holds_alternative<Object>(value); }

	bool truth() const { return get<bool>(); }
	double number() const { return get<double>(); }
	std::int64_t integer() const {
		double n = number();
		return n > -9e15 && n < 9e15 ? static_cast<std::int64_t>(n) : 0;
	}
	const std::string &text() const { return get<std::string>(); }
	const List &list() const { return get<List>(); }
	const Object &object() const { return get<Object>(); }

	const Json &operator[](std::string_view name) const {
		static const Json null;
		const Object &members = object();
		auto at = members.find(name);
		return at == members.end() ? null : at->second;
	}

	bool operator==(const Json &other) const { return value == other.value; }
	bool operator!=(const Json &other) const { return !(*this == other); }

	// dump writes the value as JSON.
	std::string dump() const {
		std::string out;
		write(out);
		return out;
	}

	// parse reads a JSON text; nullopt where it is none.
	static std::optional<Json> parse(std::string_view text);

private:
	std::variant<std::monostate, bool, double, std::string, List, Object> value;

	template <class T> const T &get() const {
		static const T zero{};
		const T *v = std::get_if<T>(&value);
		return v ? *v : zero;
	}

	static void quote(std::string &out, const std::string &s) {
		static const char digits[] = "0123456789abcdef";
		out += '"';
		for (char c : s) {
			auto u = static_cast<unsigned char>(c);
			if (c == '"' || c == '\\') (out += '\\') += c;
			else if (u < 0x20) ((out += "\\u00") += digits[u >> 4]) += digits[u & 15];
			else out += c;
		}
		out += '"';
	}

	void write(std::string &out) const {
		if (is_null()) out += "null";
		else if (is_bool()) out += truth() ? "true" : "false";
		else if (is_number()) {
			double n = number();
			if (n == static_cast<double>(integer())) out += std::to_string(integer());
			else if (!std::isfinite(n)) out += "null"; // which JSON has no number for
			else {
				std::ostringstream s;
				s.imbue(std::locale::classic()); // the program's may have a comma
				s << std::setprecision(std::numeric_limits<double>::max_digits10) << n;
				out += s.str();
			}
		} else if (is_text()) quote(out, text());
		else if (is_list()) {
			const char *before = "[";
			for (const Json &v : list()) {
				out += before;
				v.write(out);
				before = ",";
			}
			out += list().empty() ? "[]" : "]";
		} else {
			const char *before = "{";
			for (const auto &m : object()) {
				out += before;
				quote(out, m.first);
				out += ':';
				m.second.write(out);
				before = ",";
			}
			out += object().empty() ? "{}" : "}";
		}
	}

	struct Parser;
};

struct Json::Parser {
	std::string_view in;
	std::size_t at = 0;
	int depth = 0;

	void blanks() {
		while (at < in.size() && (in[at] == ' ' || in[at] == '\n' || in[at] == '\t' || in[at] == '\r')) at++;
	}
	bool take(char c) {
		blanks();
		if (at >= in.size() || in[at] != c) return false;
		at++;
		return true;
	}
	bool word(std::string_view w) {
		if (in.substr(at, w.size()) != w) return false;
		at += w.size();
		return true;
	}

	bool value(Json &out) {
		blanks();
		if (at >= in.size()) return false;
		switch (in[at]) {
		case 'n': return word("null");
		case 't': out = true; return word("true");
		case 'f': out = false; return word("false");
		case '"': {
			std::string s;
			if (!text(s)) return false;
			out = std::move(s);
			return true;
		}
		case '[':
		case '{': {
			if (++depth > 200) return false;
			bool ok = in[at] == '[' ? list(out) : object(out);
			depth--;
			return ok;
		}
		}
		return number(out);
	}

	bool number(Json &out) {
		std::size_t begin = at;
		while (at < in.size() && (std::string_view("+-.eE").find(in[at]) != std::string_view::npos || (in[at] >= '0' && in[at] <= '9'))) at++;
		std::istringstream digits(std::string(in.substr(begin, at - begin)));
		digits.imbue(std::locale::classic()); // the program's may have a comma
		double n = 0;
		digits >> n; // beyond what there is, to the largest
		if ((digits.fail() && n == 0) || digits.peek() != std::istringstream::traits_type::eof()) return false;
		out = n;
		return true;
	}

	bool list(Json &out) {
		List l;
		at++;
		if (!take(']')) {
			do {
				Json v;
				if (!value(v)) return false;
				l.push_back(std::move(v));
			} while (take(','));
			if (!take(']')) return false;
		}
		out = std::move(l);
		return true;
	}

	bool object(Json &out) {
		Object o;
		at++;
		if (!take('}')) {
			do {
				std::string name;
				Json v;
				blanks();
				if (at >= in.size() || in[at] != '"' || !text(name) || !take(':') || !value(v)) return false;
				o.insert_or_assign(std::move(name), std::move(v));
			} while (take(','));
			if (!take('}')) return false;
		}
		out = std::move(o);
		return true;
	}

	bool hex(unsigned &out) {
		if (in.size() - at < 4) return false;
		out = 0;
		for (int i = 0; i < 4; i++) {
			char c = in[at++];
			unsigned d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 16;
			if (d == 16) return false;
			out = out << 4 | d;
		}
		return true;
	}

	static void utf8(std::string &out, unsigned c) {
		if (c < 0x80) out += static_cast<char>(c);
		else if (c < 0x800) (out += static_cast<char>(0xc0 | c >> 6)) += static_cast<char>(0x80 | (c & 0x3f));
		else if (c < 0x10000) ((out += static_cast<char>(0xe0 | c >> 12)) += static_cast<char>(0x80 | (c >> 6 & 0x3f))) += static_cast<char>(0x80 | (c & 0x3f));
		else (((out += static_cast<char>(0xf0 | c >> 18)) += static_cast<char>(0x80 | (c >> 12 & 0x3f))) += static_cast<char>(0x80 | (c >> 6 & 0x3f))) += static_cast<char>(0x80 | (c & 0x3f));
	}

	bool text(std::string &out) {
		for (at++; at < in.size() && in[at] != '"';) {
			char c = in[at++];
			if (c != '\\') {
				out += c;
				continue;
			}
			if (at >= in.size()) return false;
			switch (c = in[at++]) {
			case 'b': out += '\b'; break;
			case 'f': out += '\f'; break;
			case 'n': out += '\n'; break;
			case 'r': out += '\r'; break;
			case 't': out += '\t'; break;
			case '"': case '\\': case '/': out += c; break;
			case 'u': {
				unsigned u, low;
				if (!hex(u)) return false;
				if (u >= 0xd800 && u < 0xdc00 && in.substr(at, 2) == "\\u") {
					at += 2;
					if (!hex(low)) return false;
					u = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
				} else if (u >= 0xd800 && u < 0xe000) u = 0xfffd;
				utf8(out, u);
				break;
			}
			default: return false;
			}
		}
		if (at >= in.size()) return false;
		at++;
		return true;
	}
};

inline std::optional<Json> Json::parse(std::string_view text) {
	Parser p{text};
	Json v;
	if (!p.value(v)) return std::nullopt;
	p.blanks();
	if (p.at != text.size()) return std::nullopt;
	return v;
}

// What the application may do; ordered by severity.
enum class State {
	active = LEASEHOLD_ACTIVE,       // everything
	grace = LEASEHOLD_GRACE,         // everything, until a deadline
	read_only = LEASEHOLD_READ_ONLY, // open, view, print, export; no edit or save
	locked = LEASEHOLD_LOCKED,       // nothing but the licence screen
};

inline const char *name(State s) {
	static const char *const names[] = {"active", "grace", "read_only", "locked"};
	return names[static_cast<int>(s)];
}

// What sort of failure.
enum class Kind {
	usage = LEASEHOLD_USAGE,
	conflict = LEASEHOLD_CONFLICT,
	silence = LEASEHOLD_SILENCE,
	integrity = LEASEHOLD_INTEGRITY,
	no_agent = LEASEHOLD_NO_AGENT,
	timeout = LEASEHOLD_TIMEOUT,
	canceled = LEASEHOLD_CANCELED,
	forked = LEASEHOLD_FORKED,
	no_method = LEASEHOLD_NO_METHOD,
	internal = LEASEHOLD_INTERNAL,
};

namespace detail {

inline State state_of(const Json &v) {
	for (int i = LEASEHOLD_ACTIVE; i <= LEASEHOLD_LOCKED; i++)
		if (v.text() == name(static_cast<State>(i))) return static_cast<State>(i);
	return State::locked; // what is not known allows nothing
}

// instant reads RFC 3339 in UTC.
inline std::optional<TimePoint> instant(const Json &v) {
	const std::string &s = v.text();
	int n[6] = {};
	static const struct { std::size_t at, digits; } parts[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
	for (int i = 0; i < 6; i++)
		for (std::size_t k = 0; k < parts[i].digits; k++) {
			std::size_t at = parts[i].at + k;
			if (at >= s.size() || s[at] < '0' || s[at] > '9') return std::nullopt;
			n[i] = n[i] * 10 + (s[at] - '0');
		}
	std::int64_t nanos = 0, unit = 100000000;
	for (std::size_t at = 20; at < s.size() && s[19] == '.' && s[at] >= '0' && s[at] <= '9'; at++, unit /= 10) nanos += (s[at] - '0') * unit;
	// Days since 1970, by counting years that begin in March.
	std::int64_t y = n[1] <= 2 ? n[0] - 1 : n[0], era = y / 400, yoe = y - era * 400;
	std::int64_t doy = (153 * (n[1] + (n[1] > 2 ? -3 : 9)) + 2) / 5 + n[2] - 1, doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	std::int64_t seconds = ((era * 146097 + doe - 719468) * 24 + n[3]) * 3600 + n[4] * 60 + n[5];
	if (seconds > std::numeric_limits<std::int64_t>::max() / 1000000000 - 1) return TimePoint::max();
	return TimePoint(std::chrono::nanoseconds(seconds * 1000000000 + nanos));
}

} // namespace detail

struct Next {
	State state = State::locked;
	std::optional<TimePoint> at;
};

struct License {
	std::string name, key, product, edition, customer; // the key is masked
	std::optional<TimePoint> expires;                  // nullopt: never
	Json raw;

	static std::optional<License> of(const Json &v) {
		if (!v.is_object()) return std::nullopt;
		return License{v["name"].text(), v["key"].text(), v["product"].text(), v["edition"].text(), v["customer"].text(), detail::instant(v["expires"]), v};
	}
};

// What the user may do, and why. raw has all members.
struct Status {
	State state = State::locked;
	std::string cause; // empty when none
	std::vector<std::string> causes;
	int code = 0; // the conflict's ID, 0 when none
	std::string remedy, remedy_id;
	std::optional<TimePoint> since, until;
	std::optional<Next> next;
	std::string device_id, store;
	std::optional<License> license;
	Json raw;

	static Status of(const Json &v) {
		Status s;
		s.state = detail::state_of(v["state"]);
		s.cause = v["cause"].text();
		for (const Json &c : v["causes"].list()) s.causes.push_back(c.text());
		s.code = static_cast<int>(v["code"].integer());
		s.remedy = v["remedy"].text();
		s.remedy_id = v["remedy_id"].text();
		s.since = detail::instant(v["since"]);
		s.until = detail::instant(v["until"]);
		if (v["next"].is_object()) s.next = Next{detail::state_of(v["next"]["state"]), detail::instant(v["next"]["at"])};
		s.device_id = v["device_id"].text();
		s.store = v["store"].text();
		s.license = License::of(v["license"]);
		s.raw = v;
		return s;
	}
};

// Why a call failed. kind and code are for programs, message and hint for people.
struct Failure : std::exception {
	std::string op;
	Kind kind = Kind::internal;
	int code = 0; // the conflict's ID; 0 unless kind is conflict
	std::string message, hint, remedy_id;
	std::chrono::seconds retry_after{0};
	std::optional<Status> status; // how the licence is after a call that asked the server about it
	Json raw;

	Failure() = default;
	Failure(std::int32_t rc, std::string operation, const Json &v) : op(std::move(operation)), kind(static_cast<Kind>(rc)), raw(v) {
		if (rc > LEASEHOLD_USAGE || rc < LEASEHOLD_INTERNAL) kind = Kind::internal;
		if (v["op"].text().size()) op = v["op"].text();
		code = static_cast<int>(v["code"].integer());
		message = v["message"].text();
		hint = v["hint"].text();
		remedy_id = v["remedy_id"].text();
		retry_after = std::chrono::seconds(v["retry_after_s"].integer());
		if (v["status"].is_object()) status = Status::of(v["status"]);
		if (message.empty()) message = op + " failed: " + std::to_string(rc);
	}
	const char *what() const noexcept override { return message.c_str(); }
};

// Result is what a call returned: a value, or a Failure.
template <class T> class [[nodiscard]] Result {
public:
	Result(T v) : v(std::move(v)) {}
	Result(Failure f) : v(std::move(f)) {}

	bool has_value() const { return std::holds_alternative<T>(v); }
	explicit operator bool() const { return has_value(); }
	// value returns the value, and throws the Failure where there is none.
	T &value() & { return check(), std::get<T>(v); }
	const T &value() const & { return check(), std::get<T>(v); }
	T &&value() && { return check(), std::get<T>(std::move(v)); }
	T &operator*() & { return std::get<T>(v); }
	const T &operator*() const & { return std::get<T>(v); }
	T *operator->() { return &std::get<T>(v); }
	const T *operator->() const { return &std::get<T>(v); }
	const Failure &error() const { return std::get<Failure>(v); }

private:
	std::variant<T, Failure> v;
	void check() const {
		if (!has_value()) throw error();
	}
};

namespace detail {

// failure_of reads a failure that is not the result of a function, so that its kind is a word.
inline Failure failure_of(const std::string &op, const Json &v) {
	static const char *const kinds[] = {"usage", "conflict", "silence", "integrity", "no_agent", "timeout", "canceled", "forked", "no_method", "internal"};
	std::int32_t rc = LEASEHOLD_INTERNAL;
	for (int i = 0; i < 10; i++)
		if (v["kind"].text() == kinds[i]) rc = -1 - i;
	return Failure(rc, op, v);
}

} // namespace detail

// Something that happened to the licence; raw has the members of its type.
struct Event {
	std::uint64_t seq = 0;
	std::string type; // such as state_changed; ignore one that you do not know
	std::optional<TimePoint> at;
	std::optional<State> state; // of state_changed: what counts now
	std::uint64_t call = 0;     // of call_ended: the number that begin returned
	std::optional<Result<Json>> answer; // of call_ended: what the call would have returned
	Json raw;

	static Event of(const Json &v) {
		Event e;
		e.seq = static_cast<std::uint64_t>(v["seq"].integer());
		e.type = v["type"].text();
		e.at = detail::instant(v["at"]);
		e.call = static_cast<std::uint64_t>(v["call"].integer());
		if (e.type == "call_ended" && v["error"].is_object()) e.answer = Result<Json>(detail::failure_of(v["method"].text(), v["error"]));
		else if (e.type == "call_ended") e.answer = Result<Json>(v["result"]);
		e.raw = v;
		if (v["to"].is_object()) e.state = detail::state_of(v["to"]["state"]);
		return e;
	}
};

// Whether a feature may be used, and if not why.
struct Access {
	std::string feature, id;
	bool allowed = false, known = false;
	std::string reason;
	std::optional<TimePoint> expires;
};

// Agent enforces the licence of one application, and is closed with its last owner. It may be used from any thread;
// moving it is not to run beside its use.
class Agent {
public:
	using Timeout = std::chrono::milliseconds;

	// open opens an agent. params are the parameters of the method open, as JSON; timeout 0 is the default of 30 s.
	static Result<Agent> open(const std::string &params, Timeout timeout = Timeout(0)) {
		std::uint64_t handle = 0;
		char *text = nullptr;
		std::int32_t rc = leasehold_new(params.c_str(), milliseconds(timeout), &handle, &text);
		Json v = take(text);
		if (rc != LEASEHOLD_OK) return Failure(rc, "open", v);
		return Agent(handle);
	}
	static Result<Agent> open(const Json &params, Timeout timeout = Timeout(0)) { return open(params.dump(), timeout); }

	Agent(Agent &&other) noexcept : agent(std::exchange(other.agent, 0)) {}
	Agent &operator=(Agent &&other) noexcept {
		if (this != &other) {
			close();
			agent = std::exchange(other.agent, 0);
		}
		return *this;
	}
	Agent(const Agent &) = delete;
	Agent &operator=(const Agent &) = delete;
	~Agent() { close(); }

	// close gives a floating seat back, unless it is checked out, and ends the background work. A timeout out of range is the default.
	void close(Timeout timeout = std::chrono::seconds(5)) noexcept {
		if (agent != 0) leasehold_close(std::exchange(agent, 0), milliseconds(timeout));
	}

	// allows and state read memory and the clock; they do not wait. What failed is not allowed, and locked.
	bool allows(const char *feature) const noexcept { return leasehold_allows(agent, feature) == 1; }
	// C would read a name no further than a zero character, and so take another.
	bool allows(const std::string &feature) const noexcept { return feature.find('\0') == std::string::npos && allows(feature.c_str()); }
	State state() const noexcept {
		std::int32_t n = leasehold_state(agent);
		return n < 0 ? State::locked : static_cast<State>(n);
	}

	// call calls any method of the protocol.
	Result<Json> call(const std::string &method, const Json &params = Json::Object{}, Timeout timeout = Timeout(0)) const {
		return call(agent, method, params, timeout);
	}
	// call of a method that needs no agent has 0 for it.
	static Result<Json> call(std::uint64_t agent, const std::string &method, const Json &params = Json::Object{}, Timeout timeout = Timeout(0)) {
		if (method.find('\0') != std::string::npos) return Failure(LEASEHOLD_NO_METHOD, "call", Json());
		char *text = nullptr;
		std::int32_t rc = leasehold_call(agent, method.c_str(), params.dump().c_str(), milliseconds(timeout), &text);
		Json v = take(text);
		if (rc != LEASEHOLD_OK) return Failure(rc, method, v);
		return v;
	}

	// begin begins a call and returns its number at once; its answer is the event call_ended. For main loops, together with event_fd.
	Result<std::uint64_t> begin(const std::string &method, const Json &params = Json::Object{}, Timeout timeout = Timeout(0)) const {
		Result<Json> got = call("begin", Json::Object{{"method", method}, {"params", params}, {"timeout_ms", static_cast<double>(timeout.count())}});
		if (!got) return got.error();
		return static_cast<std::uint64_t>((*got)["call"].integer());
	}

	Result<Status> status() const { return status_of(call("status")); }
	Result<Status> activate(const std::string &key, Timeout timeout = Timeout(0)) const { return status_of(call("activate", Json::Object{{"key", key}}, timeout)); }
	Result<Status> heartbeat(Timeout timeout = Timeout(0)) const { return status_of(call("heartbeat", Json::Object{}, timeout)); }
	Result<Status> deactivate(Timeout timeout = Timeout(0)) const { return status_of(call("deactivate", Json::Object{}, timeout)); }
	Result<Status> open_session(std::chrono::seconds checkout = std::chrono::seconds(0)) const {
		return status_of(call("session.open", Json::Object{{"checkout_s", static_cast<double>(checkout.count())}}));
	}
	Result<Status> close_session() const { return status_of(call("session.close")); }
	Result<Access> feature(const std::string &feature_name) const {
		Result<Json> got = call("feature", Json::Object{{"name", feature_name}});
		if (!got) return got.error();
		const Json &v = *got;
		return Access{v["feature"].text(), v["id"].text(), v["allowed"].truth(), v["known"].truth(), v["reason"].text(), detail::instant(v["expires"])};
	}

	// next_event takes the next event, and waits for one; nullopt when none came in time. It ends with the agent.
	Result<std::optional<Event>> next_event(Timeout timeout) const {
		char *text = nullptr;
		std::int32_t rc = leasehold_next_event(agent, milliseconds(timeout), &text);
		if (rc != LEASEHOLD_OK) return Failure(rc, "next_event", Json());
		if (!text) return std::optional<Event>();
		return std::optional<Event>(Event::of(take(text)));
	}
	// event_fd is readable while an event waits; negative where there is no descriptor.
	int event_fd() const noexcept { return leasehold_event_fd(agent); }

	std::uint64_t handle() const noexcept { return agent; }

private:
	std::uint64_t agent = 0;
	explicit Agent(std::uint64_t handle) : agent(handle) {}

	static std::int32_t milliseconds(Timeout t) {
		constexpr auto most = std::numeric_limits<std::int32_t>::max();
		return t.count() > most ? most : t.count() < 0 ? -1 : static_cast<std::int32_t>(t.count());
	}
	// take reads a text of the library's and releases it.
	static Json take(char *text) {
		if (!text) return Json();
		struct Owner {
			char *text;
			~Owner() { leasehold_free(text); }
		} owner{text};
		return Json::parse(text).value_or(Json());
	}
	static Result<Status> status_of(const Result<Json> &got) {
		if (!got) return got.error();
		return Status::of(*got);
	}
};

} // namespace leasehold

#endif
