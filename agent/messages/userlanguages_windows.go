package messages

import "golang.org/x/sys/windows"

// systemLanguages is what the user chose in the settings.
func systemLanguages() []string {
	list, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return nil // then it is English, or what the environment says
	}
	return list
}
