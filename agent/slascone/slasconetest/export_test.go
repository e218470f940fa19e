package slasconetest

// ControlRoutes lists the control for the test of its documentation.
func ControlRoutes() []string {
	var list []string
	for _, route := range controlTable() {
		list = append(list, route.method+" "+route.path)
	}
	return list
}

// Endpoints lists the licensing API for the test of its contract.
func Endpoints() []Endpoint {
	var list []Endpoint
	for _, e := range endpoints() {
		list = append(list, e.name)
	}
	return list
}
