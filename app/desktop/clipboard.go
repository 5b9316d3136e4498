package desktop

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// ErrNoClipboard means that no program for the clipboard is installed.
var ErrNoClipboard = errors.New("no program for the clipboard is installed")

// copyTime is how long such a program may take.
const copyTime = time.Second

// Copy puts text on the clipboard. The libraries for it need cgo or are no longer
// kept, so this goes through the programs that systems have for it; the text reaches
// them on standard input, where no other user can see it. The error is ErrNoClipboard
// when there is none.
func Copy(text string) error {
	for _, args := range clipboardPrograms(runtime.GOOS, os.Getenv("WAYLAND_DISPLAY") != "", os.Getenv("DISPLAY") != "") {
		path, err := exec.LookPath(args[0])
		if err != nil {
			continue
		}
		cmd := exec.Command(path, args[1:]...)
		quiet(cmd)
		cmd.Stdin = bytes.NewReader(clipboardText(runtime.GOOS, text))
		// Those of X11 and Wayland stay behind to hand the text out.
		cmd.WaitDelay = copyTime
		timer := time.AfterFunc(copyTime, func() { cmd.Process.Kill() })
		err = cmd.Run()
		timer.Stop()
		if err != nil {
			return fmt.Errorf("copy to the clipboard with %s: %w", args[0], err)
		}
		return nil
	}
	return ErrNoClipboard
}

// clipboardPrograms lists what to try.
func clipboardPrograms(system string, wayland, x11 bool) (all [][]string) {
	switch system {
	case "windows":
		return [][]string{{"clip.exe"}}
	case "darwin":
		return [][]string{{"pbcopy"}}
	}
	if wayland {
		all = append(all, []string{"wl-copy"})
	}
	if x11 {
		all = append(all, []string{"xclip", "-selection", "clipboard"}, []string{"xsel", "--clipboard", "--input"})
	}
	return all
}

// clipboardText encodes text as the program wants it: clip.exe takes what is not ASCII
// as UTF-16 with a byte order mark.
func clipboardText(system, text string) []byte {
	ascii := !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
	if system != "windows" || ascii {
		return []byte(text)
	}
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}
