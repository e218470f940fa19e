package settings

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{ // an empty want: accepted
		{"nothing set", `{}`, ""},
		{"null", `{"app": null, "signature": null, "policy": null}`, ""},
		{"byte order mark", "\xef\xbb\xbf{\"user_id\": \"jo\"}\n", ""},
		{"policy is not looked into", `{"policy": {"Base": 1, "Base": 2}}`, ""},

		{"pairs and escapes", `{"user_id": "\ud83d\ude00 \\ud800 \n"}`, ""},

		{"Latin-1", "{\"app\": {\"name\": \"B\xfcro\"}}", "it is not UTF-8: byte 20 is 0xfc"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "it is not UTF-8: byte 1 is 0xff"},
		{"half of a character", `{"user_id": "\ud83d"}`, `\ud83d is half of a character`},
		{"half and another", `{"user_id": "\ud83dx\ude00"}`, `\ud83d is half of a character`},
		{"second half first", `{"user_id": "\ude00\ud83d"}`, `\ude00 is half of a character`},
		{"half in a name", `{"\uDC00": 1}`, `\uDC00 is half of a character`},
		{"half at the end", `{"\ud83d`, `\ud83d is half of a character`},

		{"empty", " \n", "it is empty"},
		{"cut off", `{"server_url":`, "it is cut off: the JSON object has no end"},
		{"syntax", "{\n \"server_url\" \"x\"}", "line 2: invalid character '\"' after object key"},
		{"trailing", `{} {}`, "there is something after the object"},
		{"array", `[]`, "it is not a JSON object"},
		{"null alone", `null`, "it is not a JSON object"},

		{"unknown", `{"server_uri": "x"}`, `unknown field "server_uri"`},
		{"unknown in signature", `{"signature": {"key": "x"}}`, `unknown field "signature.key"`},
		{"unknown in app", `{"app": {"": "x"}}`, `unknown field "app."`},
		{"case", `{"Server_URL": "x"}`, `unknown field "Server_URL"; the names are in lower case`},
		{"case inside", `{"app": {"VERSION": "x"}}`, `unknown field "app.VERSION"; the names are in lower case`},
		{"folded", `{"u\u017fer_id": "x"}`, `unknown field "uſer_id"`},

		{"twice", `{"server_url": "a", "isv_id": "b", "server_url": "a"}`, `"server_url" is there twice; remove one`},
		{"twice in two cases", `{"server_url": "a", "SERVER_URL": "b"}`, `unknown field "SERVER_URL"; the names are in lower case`},
		{"twice with an escape", `{"app": {"name": "a"}, "\u0061pp": {"name": "b"}}`, `"app" is there twice; remove one`},
		{"twice inside", `{"signature": {"mode": "rsa", "mode": "none"}}`, `"signature.mode" is there twice; remove one`},

		{"number for a string", `{"server_url": 5}`, `"server_url" must be a string, is a number`},
		{"object for a string", `{"device_id": {}}`, `"device_id" must be a string, is an object`},
		{"bool for a string", `{"signature": {"mode": true}}`, `"signature.mode" must be a string, is true or false`},
		{"number for a list", `{"tags": 1}`, `"tags" must be a list, is a number`},
		{"string for an object", `{"signature": "rsa"}`, `"signature" must be an object, is a string`},
		{"array for an object", `{"app": []}`, `"app" must be an object, is an array`},
		{"string for a bool", `{"signature": {"require_nonce": "no"}}`, `"signature.require_nonce" must be true or false, is a string`},
		{"number inside", `{"app": {"version": 1.4}}`, `"app.version" must be a string, is a number`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.text), "")
			if got := errorText(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"signature": {"mode": "rsa"}, "policy": {"base": "strict"}}`))
	f.Add([]byte(`{"app": {"name": 5}}`))
	f.Add([]byte(`[{}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Decode(data, ""); err != nil {
			for _, name := range []string{"Go ", "settings."} {
				if strings.Contains(err.Error(), name) && !strings.Contains(string(data), name) {
					t.Errorf("%q tells of the program's inside: %v", data, err)
				}
			}
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
