package desktop

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// This file is for systems that keep such entries in files.

// writeEntry writes an entry unless it is there as it should be.
func writeEntry(path string, text []byte) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return writeWhole(path, text, 0o644)
}

// entryText returns the text of an entry; nil when there is none.
func entryText(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func removeEntry(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// desktopEntry is the file of Linux desktops; see
// https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
// for the quoting. A desktop passes over the entry when the program was removed.
func desktopEntry(a Autostart) []byte {
	words := make([]string, 0, len(a.Args)+1)
	for _, word := range append([]string{a.Program}, a.Args...) {
		words = append(words, execWord(word))
	}
	return []byte("[Desktop Entry]\nType=Application\nName=" + desktopString(a.Name) + "\nIcon=" + autostartID +
		"\nTryExec=" + desktopString(a.Program) + "\nExec=" + desktopString(strings.Join(words, " ")) +
		"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n")
}

// execWord quotes one word of a command.
func execWord(word string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ReplaceAll(word, "%", "%%") {
		if strings.ContainsRune("\"`$\\", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// desktopString escapes a value of a desktop entry.
func desktopString(s string) string { return strings.ReplaceAll(s, `\`, `\\`) }

// hidden reports an entry that its user switched off without removing it, as the
// settings of some desktops do.
func hidden(entry []byte) bool {
	for line := range strings.SplitSeq(string(entry), "\n") {
		switch strings.ReplaceAll(strings.TrimSpace(line), " ", "") {
		case "Hidden=true", "X-GNOME-Autostart-enabled=false":
			return true
		}
	}
	return false
}

// launchAgent is the file of macOS; see launchd.plist(5).
func launchAgent(a Autostart) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + autostartID + `</string>
	<key>ProgramArguments</key>
	<array>
`)
	for _, word := range append([]string{a.Program}, a.Args...) {
		b.WriteString("\t\t<string>")
		xml.EscapeText(&b, []byte(word)) // a buffer takes everything
		b.WriteString("</string>\n")
	}
	b.WriteString("\t</array>\n\t<key>RunAtLoad</key>\n\t<true/>\n\t<key>ProcessType</key>\n\t<string>Interactive</string>\n</dict>\n</plist>\n")
	return b.Bytes()
}

// runCommand is a command of the Windows registry, quoted as
// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments says.
func runCommand(a Autostart) string {
	words := make([]string, 0, len(a.Args)+1)
	for _, word := range append([]string{a.Program}, a.Args...) {
		words = append(words, windowsWord(word))
	}
	return strings.Join(words, " ")
}

func windowsWord(word string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range word {
		switch r {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes) + `"`)
	return b.String()
}
