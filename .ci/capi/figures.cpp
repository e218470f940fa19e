// What things cost from C++. [first] CONFIG STATE-DIR; see figures.c. As the library is linked, the empty program is compiled with EMPTY.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

static void tell() { std::cout << std::ifstream("/proc/self/status").rdbuf() << std::flush; }

#ifdef EMPTY
int main() { tell(); }
#else
#include <leasehold.hpp>

static leasehold::Agent opened(char **argv) {
	using leasehold::Json;
	return std::move(leasehold::Agent::open(Json(Json::Object{{"config_file", argv[1]}, {"state_dir", argv[2]}, {"store", "file"}})).value());
}

template <class F> static double each(int n, F what) {
	std::array<double, 15> rounds;
	for (double &round : rounds) {
		auto begun = std::chrono::steady_clock::now();
		for (int i = 0; i < n; i++) what();
		round = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count() / n;
	}
	std::sort(rounds.begin(), rounds.end());
	return rounds[rounds.size() / 2];
}

int main(int argc, char **argv) {
	if (argc == 4 && argv[1] == std::string("first")) {
		leasehold::Agent agent = opened(argv + 1);
		if (!agent.allows("pdf-export")) return 1;
		tell();
		std::_Exit(0);
	}
	if (argc != 3) return 2;
	leasehold::Agent agent = opened(argv);
	agent.activate("0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978").value();
	if (!agent.allows("pdf-export")) return 1;
	volatile long long sink = 0;
	double clock = each(200000, [&] { sink = std::chrono::steady_clock::now().time_since_epoch().count(); });
	double allows = each(200000, [&] { if (!agent.allows("pdf-export")) std::abort(); });
	double state = each(200000, [&] { if (agent.state() != leasehold::State::active) std::abort(); });
	double call = each(300, [&] { agent.call("version").value(); });
	agent.close();
	double fresh = each(1, [&] { opened(argv); });
	std::printf("C++ %.0f %.0f %.0f %.0f %.0f\n", clock, allows, state, call, fresh);
	return 0;
}
#endif
