// The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.
//
//   headless CONFIG [KEY]
#include <chrono>
#include <iostream>

#include "leasehold.hpp"

static void show(const leasehold::Status &s) {
	if (s.state == leasehold::State::active) std::cout << "everything works" << std::endl;
	else if (s.state == leasehold::State::grace) std::cout << "everything works, for a while: " << s.remedy << std::endl;
	else std::cout << name(s.state) << " (" << s.cause << "): " << s.remedy << std::endl;
}

int main(int argc, char **argv) try {
	using namespace leasehold;
	Agent agent = Agent::open(Json::Object{{"config_file", argc > 1 ? argv[1] : ""}}).value();
	if (!agent.status().value().license && argc > 2) (void)agent.activate(argv[2]).value();
	show(agent.status().value());
	while (true) {
		auto event = agent.next_event(std::chrono::minutes(1)).value();
		if (event && event->type == "state_changed") show(agent.status().value());
	}
} catch (const leasehold::Failure &f) {
	std::cerr << "error: " << f.message << "\nhint: " << f.hint << "\n";
	return 1;
}
