package protocol

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reference is REFERENCE.md.
func reference(d description) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# The protocol\n\n")
	p("Written by `go test ./agent/protocol -run Current -update` from the code; `schema.json` says the same for programs.\n\n")
	p("Applications that are not written in Go use Leasehold by calls: a method, parameters and a result, all JSON. The C library takes them as\n" +
		"`leasehold_call(agent, method, params, timeout_ms, &result)`; `leasehold serve --stdio` as JSON-RPC 2.0, a line each, with the handle in the\n" +
		"parameter `agent` and the deadline in `timeout_ms`:\n\n")
	p("```\n→ {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"feature\",\"params\":{\"agent\":1,\"name\":\"pdf-export\",\"timeout_ms\":1000}}\n" +
		"← {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"feature\":\"pdf-export\",\"allowed\":true,…}}\n```\n\n")
	p("A line has at most %d bytes, %d calls may be under way and %d agents open at a time. A deadline is at most %d ms, by default %d ms; 0 means the default.\n"+
		"Over stdio the request `cancel` with the parameter `id` ends another call, and what was opened is closed, seats given back, when stdin ends.\n"+
		"A request's `id` is a text or a whole number; without one there is no answer. Batches and parameters by position are refused. All is UTF-8.\n"+
		"Answers wait for who does not read them, %d bytes at most: then the program ends as if stdin had ended.\n\n",
		d.Limits["line_bytes"], d.Limits["calls"], d.Limits["agents"], d.Limits["max_timeout_ms"], d.Limits["default_timeout_ms"], d.Limits["unread_bytes"])
	p("Unknown parameters are refused. Members, events and methods may be added within a major version: ignore those that you do not know.\n\n")
	p("## Failures\n\nA failure belongs to its call. Over stdio it is `data` of the error, whose own code is JSON-RPC's.\n\n")
	members(&b, d.Types.values["Failure"].(*object))
	p("\n| kind | number in C | |\n|---|---|---|\n")
	for _, k := range d.Failures {
		p("| `%s` | %d | %s |\n", k.Kind, k.Number, k.About)
	}
	p("\n## States\n\n| state | number in C |\n|---|---|\n")
	names := slices.SortedFunc(maps.Keys(d.States), func(a, b string) int { return d.States[a] - d.States[b] })
	for _, name := range names {
		p("| `%s` | %d |\n", name, d.States[name])
	}
	p("\n## Methods\n")
	for _, m := range d.Methods {
		p("\n### `%s`\n\n%s", m.Name, m.About)
		switch m.Agent {
		case "none":
			p(" It needs no agent.")
		case "optional":
			p(" The agent may be left out.")
		}
		if m.Asks {
			p(" The server is asked.")
		}
		p("\n\n")
		if len(m.Params.Properties.names) > 0 {
			members(&b, m.Params)
			p("\n")
		}
		p("Result: %s.\n", typeText(m.Result))
	}
	p("\n## Events\n\n`events` returns them, and in C `leasehold_next_event`. The last %d of an agent are kept.\n\n| type | |\n|---|---|\n", d.Limits["backlog"])
	for _, e := range d.Events {
		p("| `%s` | %s |\n", e.Type, e.About)
	}
	p("\n## Types\n")
	for _, name := range slices.Sorted(slices.Values(d.Types.names)) {
		p("\n### %s\n\n", name)
		switch v := d.Types.values[name].(type) {
		case *object:
			if v.About != "" {
				p("%s\n\n", v.About)
			}
			members(&b, v)
		case map[string]any:
			var values []string
			for _, text := range v["enum"].([]string) {
				if text == "" {
					text = `""`
				}
				values = append(values, "`"+text+"`")
			}
			p("One of %s.\n", strings.Join(values, ", "))
		}
	}
	return b.String()
}

func members(b *strings.Builder, o *object) {
	b.WriteString("| member | type | |\n|---|---|---|\n")
	for _, name := range o.Properties.names {
		v := o.Properties.values[name].(map[string]any)
		about, _ := v["description"].(string)
		if o.Required != nil && !slices.Contains(o.Required, name) {
			about = strings.TrimSpace("May be absent. " + about)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, typeText(v), strings.ReplaceAll(about, "|", `\|`))
	}
}

// typeText words a schema.
func typeText(v any) string {
	m := v.(map[string]any)
	if r, ok := m["$ref"].(string); ok {
		name := strings.TrimPrefix(r, "#/types/")
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	if list, ok := m["anyOf"].([]any); ok {
		return typeText(list[0]) + " or null"
	}
	switch typ := m["type"].(type) {
	case []string:
		if m["format"] == "date-time" {
			return "instant or null"
		}
		return strings.Join(typ, " or ")
	case string:
		if typ == "array" {
			return "list of " + typeText(m["items"])
		}
		if typ == "object" {
			return "an object"
		}
		return typ
	}
	return ""
}
