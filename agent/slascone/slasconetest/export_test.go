package slasconetest

// ControlRoutes lists the control for the test of its documentation.
func ControlRoutes() []string {
	var list []string
	for _, route := range controlTable() {
		list = append(list, route.method+" "+route.path)
	}
	return list
}
