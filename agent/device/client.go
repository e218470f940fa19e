package device

import (
	"fmt"
	"strings"
)

// ClientID returns the client ID of a user on a device, "device/user", for
// licences that are counted by user; the user's e-mail address is the usual
// user ID. Outer blanks are trimmed.
//
// Each part has at most [MaxIDLength] printable characters. The device ID may
// hold no slash, so that two different pairs never give the same client; only
// an ID of the application's own can have one. Errors match [ErrConfig].
func ClientID(deviceID, userID string) (string, error) {
	device, err := cleanID("device ID", deviceID)
	if err != nil {
		return "", fmt.Errorf("device: %w: %w", ErrConfig, err)
	}
	user, err := cleanID("user ID", userID)
	if err != nil {
		return "", fmt.Errorf("device: %w: %w", ErrConfig, err)
	}
	if strings.Contains(device, "/") {
		return "", fmt.Errorf("device: %w: the device ID %q has a slash, which parts device and user: give one without", ErrConfig, device)
	}
	return device + "/" + user, nil
}
