package messages

import (
	"os"
	"strings"
)

// UserLanguages returns the languages that the user wants, the most wanted
// first, for [Options.Languages]: those of the settings on Windows, else those
// of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG). On macOS programs
// that were not started from a terminal have none of these; an application there
// passes what its toolkit knows.
func UserLanguages() []string { return userLanguages(os.Getenv, systemLanguages()) }

func userLanguages(getenv func(string) string, system []string) (list []string) {
	for _, locale := range []string{getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")} {
		if locale == "" {
			continue
		}
		if name := bcp47(locale); name != "C" && name != "POSIX" {
			for more := range strings.SplitSeq(getenv("LANGUAGE"), ":") { // counts only where a locale is set
				if more != "" {
					list = append(list, bcp47(more))
				}
			}
			list = append(list, name)
		}
		break // the first that is set is the user's word
	}
	return append(list, system...)
}
