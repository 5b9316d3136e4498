package desktop

import "golang.org/x/sys/windows"

// languages are those of the user interface of Windows.
func languages() []string {
	tags, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return nil
	}
	return tags
}
