package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRealHeartbeatIsKnown reads an answer of the real service: every member
// must have a field, and every member's value must come through.
func TestRealHeartbeatIsKnown(t *testing.T) {
	dir := os.Getenv("LEASEHOLD_VECTORS")
	if dir == "" {
		dir = "../../../../../shared/vectors"
	}
	body, err := os.ReadFile(filepath.Join(dir, "heartbeat-2023.json"))
	if err != nil {
		t.Skip("the answers of the real service are not here; LEASEHOLD_VECTORS names their folder")
	}
	var info LicenseInfo
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&info); err != nil {
		t.Fatal(err)
	}

	written, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours any
	if err := json.Unmarshal(body, &theirs); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &ours); err != nil {
		t.Fatal(err)
	}
	if path := lost(theirs, ours, "body"); path != "" {
		t.Errorf("%s did not come through:\n%s\n%s", path, body, written)
	}
}

// lost names the first value of theirs that ours lacks or has otherwise. Ours
// may hold more: members that newer servers write.
func lost(theirs, ours any, path string) string {
	switch theirs := theirs.(type) {
	case map[string]any:
		object, _ := ours.(map[string]any)
		for name, value := range theirs {
			if p := lost(value, object[name], path+"."+name); p != "" {
				return p
			}
		}
		return ""
	case []any:
		list, _ := ours.([]any)
		if len(list) != len(theirs) {
			return path
		}
		for i := range theirs {
			if p := lost(theirs[i], list[i], path+"[]"); p != "" {
				return p
			}
		}
		return ""
	}
	if !reflect.DeepEqual(theirs, ours) {
		return path
	}
	return ""
}

// TestFieldsAreWrittenAlways holds that nulls are explicit, as the service
// writes them.
func TestFieldsAreWrittenAlways(t *testing.T) {
	text, err := json.Marshal(LicenseInfo{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range reflect.TypeFor[LicenseInfo]().NumField() {
		name := reflect.TypeFor[LicenseInfo]().Field(i).Tag.Get("json")
		if !strings.Contains(string(text), `"`+name+`":`) {
			t.Errorf("%s is left out", name)
		}
	}
}

func FuzzLicenseInfo(f *testing.F) {
	f.Add([]byte(`{"license_key":"x","limitations":[{"value":1.5}],"created_date_utc":"2023-01-12T15:21:55Z","provisioning_mode":"Floating"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var info LicenseInfo
		_ = json.Unmarshal(data, &info) // whatever comes must not panic
	})
}
